"""The perceptron is what one writes out by hand."""

import numpy as np
import pytest

import nn
from nn.models import MLP


def test_it_is_linear_layers_with_a_bend_between(rng):
    model = MLP(3, [5, 4, 2], activation_layer=nn.Tanh)
    x = rng.normal(size=(6, 3)).astype(np.float32)
    h = x
    for number in (0, 3, 6):
        layer = model[number]
        h = h @ layer.weight.detach().numpy().T + layer.bias.detach().numpy()
        h = h if number == 6 else np.tanh(h)
    np.testing.assert_allclose(model(nn.tensor(x)).detach().numpy(), h, rtol=1e-5, atol=1e-6)


def test_norms_and_dropout_stand_where_they_are_asked_for():
    model = MLP(3, [5, 2], norm_layer=nn.BatchNorm1d, dropout=0.5, bias=False)
    assert [type(layer).__name__ for layer in model] == [
        "Linear",
        "BatchNorm1d",
        "ReLU",
        "Dropout",
        "Linear",
        "Dropout",
    ]
    assert model[0].bias is None
    assert model[3].p == 0.5
    assert [type(layer).__name__ for layer in MLP(3, [2])] == ["Linear", "Dropout"]


def test_a_slice_is_a_sequence_of_layers():
    part = MLP(3, [5, 2])[:2]
    assert type(part) is nn.Sequential
    assert part(nn.zeros(1, 3)).shape == (1, 5)


def test_a_perceptron_without_layers_is_refused():
    with pytest.raises(
        ValueError, match=r"^MLP: hidden_channels must hold .* the output, got none; e\.g\. \[64, 10\]$"
    ):
        MLP(3, [])
