"""Activations that torch has among the functions of tensors, by their formulas, and their messages."""

import numpy as np
import pytest

import nn


def test_each_is_its_formula_and_its_method(rng):
    x = np.append(rng.normal(0, 3, 20), [0.0, 0.5, -0.5])
    formulas = {
        "relu": np.maximum(x, 0),
        "sigmoid": 1 / (1 + np.exp(-x)),
        "tanh": np.tanh(x),
        "hardshrink": np.where(np.abs(x) > 0.5, x, 0),
    }
    for name, expected in formulas.items():
        np.testing.assert_allclose(getattr(nn, name)(nn.tensor(x)).numpy(), expected)
        np.testing.assert_allclose(getattr(nn.tensor(x), name)().numpy(), expected)


def test_far_out_the_sigmoid_is_0_or_1_and_points_mirror_each_other():
    x = nn.tensor([-1e4, -3.0, 0.0, 3.0, 1e4])
    assert nn.sigmoid(x)[[0, 2, 4]].tolist() == [0, 0.5, 1]
    np.testing.assert_allclose((nn.sigmoid(x) + nn.sigmoid(-x)).numpy(), 1)


def test_prelu_has_one_slope_or_one_a_channel(rng):
    x, w = rng.normal(size=(2, 3, 4)), np.array([0.1, 0.2, 0.3])
    expected = np.where(x > 0, x, x * w[:, None])
    np.testing.assert_allclose(nn.prelu(nn.tensor(x), nn.tensor(w)).numpy(), expected)
    np.testing.assert_allclose(nn.prelu(nn.tensor(x), nn.tensor(w[:1])).numpy(), np.where(x > 0, x, x * 0.1))


def test_at_their_bend_the_derivative_is_0():
    x = nn.zeros(1, requires_grad=True)
    (nn.relu(x) + nn.hardshrink(x)).backward()
    assert x.grad.item() == 0


def test_relu_in_place_changes_the_tensor_itself():
    x = nn.tensor([-1.0, 2.0])
    assert nn.relu_(x) is x
    assert x.tolist() == [0, 2]


def test_messages():
    with pytest.raises(nn.ShapeError, match=r"prelu: weight must have 1 or 3 elements for input \(2, 3\), got \(2,\)"):
        nn.prelu(nn.ones(2, 3), nn.ones(2))
    with pytest.raises(TypeError, match="relu: input must be a tensor, got list"):
        nn.relu([1.0])
