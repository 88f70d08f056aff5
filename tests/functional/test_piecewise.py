"""Activations made of straight lines, by their formulas and at their bends, and their messages."""

import numpy as np
import pytest

import nn
import nn.functional as F

FORMULAS = {
    "hardtanh": lambda x: np.clip(x, -1, 1),
    "relu6": lambda x: np.clip(x, 0, 6),
    "hardsigmoid": lambda x: np.clip(x + 3, 0, 6) / 6,
    "hardswish": lambda x: x * np.clip(x + 3, 0, 6) / 6,
    "softshrink": lambda x: np.sign(x) * np.maximum(np.abs(x) - 0.5, 0),
}
BENDS = {"hardtanh": (-1, 1), "relu6": (0, 6), "hardsigmoid": (-3, 3), "hardswish": (-3, 3), "softshrink": (-0.5, 0.5)}


@pytest.mark.parametrize("name", FORMULAS)
def test_each_is_its_formula(name, rng):
    x = np.append(rng.normal(0, 4, 50), BENDS[name])
    np.testing.assert_allclose(getattr(F, name)(nn.tensor(x)).numpy(), FORMULAS[name](x), atol=1e-15)


@pytest.mark.parametrize("name", FORMULAS)
def test_between_its_bends_the_derivative_is_the_slope(name, rng):
    x = rng.uniform(-8, 8, 40)
    x = nn.tensor(x[(np.abs(x[:, None] - np.array(BENDS[name])) > 1e-3).all(1)], requires_grad=True)
    getattr(F, name)(x).sum().backward()
    slope = (FORMULAS[name](x.detach().numpy() + 1e-5) - FORMULAS[name](x.detach().numpy() - 1e-5)) / 2e-5
    np.testing.assert_allclose(x.grad.numpy(), slope, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("hardtanh", [0, 0]), ("relu6", [0, 0]), ("hardsigmoid", [0, 0]), ("hardswish", [0, 1]), ("softshrink", [0, 0])],
)
def test_the_derivative_at_a_bend(name, expected):
    x = nn.tensor([float(bend) for bend in BENDS[name]], requires_grad=True)
    getattr(F, name)(x).sum().backward()
    assert x.grad.tolist() == expected


def test_a_threshold_keeps_what_is_above_it_and_replaces_the_rest():
    x = nn.tensor([0.1, 0.2, 0.5], requires_grad=True)
    y = F.threshold(x, 0.2, -1.0)
    y.sum().backward()
    np.testing.assert_allclose(y.detach().numpy(), [-1, -1, 0.5])
    assert x.grad.tolist() == [0, 0, 1]


def test_integers_are_held_within_bounds_and_stay_integers():
    x = nn.tensor([-7, 3, 9], dtype=nn.int8)
    assert F.relu6(x).tolist() == [0, 3, 6]
    assert F.hardtanh(x, -1.0, 4.0).tolist() == [-1, 3, 4]
    assert F.hardtanh(x).dtype == F.relu6(x).dtype == nn.int8
    assert F.relu6(x, inplace=True) is x


@pytest.mark.parametrize("name", ["hardtanh", "relu6", "hardsigmoid", "hardswish"])
def test_in_place_the_values_are_the_same_and_the_tensor_holds_them(name, rng):
    x = nn.tensor(rng.normal(0, 4, 10))
    expected = getattr(F, name)(x).tolist()
    assert getattr(F, name)(x, inplace=True) is x
    assert x.tolist() == expected


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.hardtanh(nn.zeros(1), 1.0, -1.0), nn.RangeError, "hardtanh: min_val must not be above max_val, got"),
        (lambda: F.softshrink(nn.zeros(1), -1.0), nn.RangeError, "softshrink: lambd must be 0 or more, got -1.0"),
        (lambda: F.hardswish(nn.zeros(1).long()), nn.DtypeError, "hardswish: input must be floating-point"),
        (lambda: F.relu6([1.0]), TypeError, "relu6: input must be a tensor, got list"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
