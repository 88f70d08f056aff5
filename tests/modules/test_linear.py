"""Linear, Flatten, Identity."""

import math

import numpy as np
import pytest

import nn


def test_parameters_and_their_bounds():
    layer = nn.Linear(100, 30)
    assert [(n, p.shape) for n, p in layer.named_parameters()] == [("weight", (30, 100)), ("bias", (30,))]
    assert all(abs(p.detach().numpy()).max() <= 0.1 for p in layer.parameters())
    assert all(p.dtype == np.float32 for p in layer.parameters())


def test_the_seed_decides_the_initial_values():
    nn.manual_seed(1)
    first = nn.Linear(3, 3)
    nn.manual_seed(1)
    assert nn.Linear(3, 3).weight.tolist() == first.weight.tolist()
    before = first.weight.tolist()
    first.reset_parameters()
    assert first.weight.tolist() != before


def test_without_bias():
    layer = nn.Linear(3, 2, bias=False)
    assert layer.bias is None
    assert list(layer.state_dict()) == ["weight"]
    assert layer(nn.zeros(5, 3)).tolist() == [[0, 0]] * 5


def test_no_features():
    assert nn.Linear(0, 2)(nn.zeros(3, 0)).shape == (3, 2)
    assert nn.Linear(2, 0)(nn.zeros(3, 2)).shape == (3, 0)


def test_flatten_and_identity():
    x = nn.arange(24.0).reshape(2, 3, 4)
    assert nn.Flatten()(x).shape == (2, 12)
    assert nn.Flatten(0)(x).shape == (24,)
    assert nn.Identity()(x) is x
    assert math.prod(nn.Flatten(1, 1)(x).shape) == 24


def test_the_wrong_features_are_named():
    with pytest.raises(nn.ShapeError, match=r"linear: x has 4 features in its last axis, weight \(2, 3\) expects 3"):
        nn.Linear(3, 2)(nn.zeros(5, 4))
    with pytest.raises(nn.DtypeError, match="linear: x is float64 and weight is float32"):
        nn.Linear(3, 2)(nn.zeros(5, 3, dtype=nn.float64))
    with pytest.raises(TypeError, match=r"linear: input must be a tensor, got ndarray; use nn.tensor"):
        nn.Linear(3, 2)(np.zeros((5, 3)))
