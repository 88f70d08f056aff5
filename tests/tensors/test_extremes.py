"""The larger, the smaller and what lies between, beside NumPy's, with nan and at ties; and the messages."""

import math

import numpy as np
import pytest

import nn

ODD = [0.0, 1.0, -1.0, math.inf, -math.inf, math.nan]


@pytest.mark.parametrize("name", ["maximum", "minimum", "fmax", "fmin"])
def test_each_is_numpy_s_with_nan_too(name):
    a, b = np.meshgrid(ODD, ODD)
    np.testing.assert_array_equal(getattr(nn, name)(nn.tensor(a), nn.tensor(b)).numpy(), getattr(np, name)(a, b))


def test_the_larger_and_the_smaller_add_up_to_both(rng):
    a, b = nn.tensor(rng.normal(size=20)), nn.tensor(rng.normal(size=20))
    assert (nn.maximum(a, b) + nn.minimum(a, b)).tolist() == (a + b).tolist()
    assert nn.minimum(a, b).tolist() == (-nn.maximum(-a, -b)).tolist()


def test_clamping_is_numpy_s_by_numbers_and_by_tensors(rng):
    x, low, high = rng.normal(size=20), rng.normal(-1, 0.1, 20), rng.normal(1, 0.1, 20)
    t = nn.tensor(x)
    assert nn.clamp(t, -0.5, 0.5).tolist() == nn.clip(t, -0.5, 0.5).tolist() == np.clip(x, -0.5, 0.5).tolist()
    assert nn.clamp(t, nn.tensor(low), nn.tensor(high)).tolist() == np.clip(x, low, high).tolist()
    assert nn.clamp_min(t, 0.2).tolist() == np.maximum(x, 0.2).tolist()
    assert nn.clamp_max(t, 0.2).tolist() == np.minimum(x, 0.2).tolist()
    assert nn.clamp(nn.tensor([0.5]), 1, 0).tolist() == [0]  # where they cross, the maximum wins


@pytest.mark.parametrize("number", [np.float64, np.float32, np.int64, np.int8])
def test_a_bound_that_is_a_number_of_numpy_s_does_not_widen(number):
    x = nn.tensor([-2.0, 0.5, 2.0])
    for y in (nn.clamp(x, number(-1), number(1)), nn.functional.hardtanh(x, number(-1), number(1))):
        assert y.dtype == np.float32
        assert y.tolist() == [-1, 0.5, 1]
    assert nn.clamp(nn.tensor([1, 3]), max=np.int8(2)).dtype == np.int64
    assert nn.clamp(nn.tensor([1, 3]), max=np.float64(1.5)).dtype == np.float32


def test_nan_in_a_bound_or_in_the_middle_is_the_result_and_nobody_gets_a_gradient():
    for place in range(3):
        x, low, high = [nn.tensor([v], requires_grad=True) for v in [0.5, 0.0, 1.0][:place] + [math.nan] * (3 - place)]
        y = nn.clamp(x, low, high)
        y.backward()
        assert math.isnan(y.item())
        assert [t.grad.item() for t in (x, low, high)] == [0, 0, 0]


def test_bounds_that_cross_give_the_upper_one_all_of_the_gradient():
    for value in (-5.0, 0.5, 5.0):
        x, low, high = [nn.tensor([v], requires_grad=True) for v in (value, 1.0, 0.0)]
        y = nn.clamp(x, low, high)
        y.backward()
        assert [y.item()] + [t.grad.item() for t in (x, low, high)] == [0, 0, 0, 1]


def test_at_a_bound_the_derivative_is_1_and_a_tie_is_shared():
    x = nn.tensor([-1.0, 0.0, 1.0, 2.0], requires_grad=True)
    nn.clamp(x, 0, 1).sum().backward()
    assert x.grad.tolist() == [0, 1, 1, 0]
    a, b = nn.ones(1, requires_grad=True), nn.ones(1, requires_grad=True)
    nn.maximum(a, b).backward()
    assert (a.grad.item(), b.grad.item()) == (0.5, 0.5)


def test_what_is_no_number_is_replaced():
    x = nn.tensor([math.nan, math.inf, -math.inf, 1.0])
    assert nn.nan_to_num(x, 7.0, 8.0, 9.0).tolist() == [7, 8, 9, 1]
    plain = nn.nan_to_num(x).numpy()
    assert plain.tolist() == [0, np.finfo(np.float32).max, np.finfo(np.float32).min, 1]


def test_a_step_is_0_below_1_above_and_the_value_at_0():
    assert nn.heaviside(nn.tensor([-2.0, 0.0, 3.0]), nn.tensor(0.5)).tolist() == [0, 0.5, 1]


def test_messages():
    with pytest.raises(nn.RangeError, match="clamp: expected at least one of min and max, got none"):
        nn.clamp(nn.ones(1))
