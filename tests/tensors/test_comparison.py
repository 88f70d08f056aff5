"""Comparisons beside NumPy's and by their laws, and the messages."""

import math

import numpy as np
import pytest

import nn

PAIRS = {"eq": "equal", "ne": "not_equal", "lt": "less", "le": "less_equal", "gt": "greater", "ge": "greater_equal"}
ODD = [0.0, -0.0, 1.0, -1.0, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("name", PAIRS)
def test_each_comparison_is_numpy_s_under_both_names(name):
    a, b = np.meshgrid(ODD, ODD)
    expected = getattr(np, PAIRS[name])(a, b).tolist()
    for spelling in {name, PAIRS[name]} - {"equal"}:  # which asks about the tensors as a whole
        assert getattr(nn, spelling)(nn.tensor(a), nn.tensor(b)).tolist() == expected
        assert getattr(nn.tensor(a), spelling)(nn.tensor(b)).tolist() == expected


@pytest.mark.parametrize("name", ["isnan", "isinf", "isfinite", "isposinf", "isneginf", "signbit"])
def test_each_question_is_numpy_s(name):
    assert getattr(nn, name)(nn.tensor(ODD)).tolist() == getattr(np, name)(np.array(ODD)).tolist()


def test_integers_are_finite_and_everything_is_real():
    x = nn.tensor([1, -2])
    assert nn.isfinite(x).all()
    assert not nn.isnan(x).any()
    assert nn.isreal(nn.tensor(ODD)).all()
    assert nn.signbit(x).tolist() == [False, True]


@pytest.mark.parametrize("name", ["logical_and", "logical_or", "logical_xor"])
def test_logic_counts_what_is_not_0_as_true(name):
    a, b = np.meshgrid([0.0, 2.0, -1.0], [0.0, 3.0])
    expected = getattr(np, name)(a, b)
    result = getattr(nn, name)(nn.tensor(a), nn.tensor(b))
    assert (result.tolist(), result.dtype) == (expected.tolist(), nn.bool)
    assert nn.logical_not(nn.tensor(a)).tolist() == np.logical_not(a).tolist()


def test_close_is_within_atol_plus_rtol_times_the_second(rng):
    b = rng.normal(size=20)
    a = b + rng.normal(size=20) * 0.1
    expected = np.abs(a - b) <= 0.05 + 0.1 * np.abs(b)
    close = nn.isclose(nn.tensor(a), nn.tensor(b), rtol=0.1, atol=0.05)
    assert close.tolist() == expected.tolist()
    assert not nn.allclose(nn.tensor(a), nn.tensor(b), rtol=0.1, atol=0.05)
    assert nn.allclose(nn.tensor(a)[close], nn.tensor(b)[close], rtol=0.1, atol=0.05)


def test_nan_is_close_to_nan_only_if_asked_for_and_infinity_to_itself_alone():
    x = nn.tensor([math.nan, math.inf, -math.inf])
    assert nn.isclose(x, x).tolist() == [False, True, True]
    assert nn.isclose(x, x, equal_nan=True).tolist() == [True, True, True]
    assert nn.isclose(x, -x).tolist() == [False, False, False]


def test_equal_asks_for_the_same_shape_and_the_same_elements():
    x = nn.tensor([1.0, 2.0])
    assert nn.equal(x, x.clone())
    assert not nn.equal(x, x[None])
    assert not nn.equal(x, nn.tensor([1.0, 3.0]))
    assert not nn.equal(nn.tensor([math.nan]), nn.tensor([math.nan]))


def test_messages():
    with pytest.raises(nn.DtypeError, match="lt: expected a tensor or a number, got str"):
        nn.lt(nn.ones(2), "one")
    with pytest.raises(TypeError, match="close: "):
        nn.allclose([1.0], nn.ones(1))
