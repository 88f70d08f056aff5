"""Powers and logarithms beside NumPy's and by their laws, also at their ends."""

import math

import numpy as np
import pytest

import nn


@pytest.mark.parametrize("name", ["exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sqrt", "square"])
def test_each_is_numpy_s_as_function_and_method(name, rng):
    x = rng.uniform(0.1, 3, 20)
    expected = getattr(np, name)(x)
    np.testing.assert_allclose(getattr(nn, name)(nn.tensor(x)).numpy(), expected)
    np.testing.assert_allclose(getattr(nn.tensor(x), name)().numpy(), expected)


def test_each_logarithm_undoes_its_power(rng):
    x = nn.tensor(rng.normal(0, 3, 20))
    for power, logarithm in ((nn.exp, nn.log), (nn.exp2, nn.log2), (nn.expm1, nn.log1p)):
        np.testing.assert_allclose(logarithm(power(x)).numpy(), x.numpy(), rtol=1e-9)
    np.testing.assert_allclose(nn.log10(10**x).numpy(), x.numpy())
    np.testing.assert_allclose((nn.rsqrt(x**2) * x.abs()).numpy(), 1)


def test_small_numbers_keep_their_digits():
    x = nn.tensor([1e-12], dtype=nn.float64)
    assert nn.expm1(x).item() == pytest.approx(1e-12, rel=1e-9)
    assert nn.log1p(x).item() == pytest.approx(1e-12, rel=1e-9)


def test_the_logarithm_of_a_sum_of_powers_neither_overflows_nor_vanishes(rng):
    x, y = rng.normal(size=10), rng.normal(size=10)
    np.testing.assert_allclose(nn.logaddexp(nn.tensor(x), nn.tensor(y)).numpy(), np.log(np.exp(x) + np.exp(y)))
    np.testing.assert_allclose(nn.logaddexp2(nn.tensor(x), nn.tensor(y)).numpy(), np.log2(2**x + 2**y))
    far = nn.tensor([1e4, -1e4, -math.inf])
    np.testing.assert_allclose(nn.logaddexp(far, far).numpy(), [1e4 + math.log(2), -1e4 + math.log(2), -math.inf])


def test_mantissa_and_exponent_make_the_number_again(rng):
    x = nn.tensor(rng.normal(0, 100, 20))
    mantissa, exponent = nn.frexp(x)
    assert nn.ldexp(mantissa, exponent).tolist() == x.tolist()
    assert ((mantissa.abs() >= 0.5) & (mantissa.abs() < 1)).all()


def test_powers_of_integers_stay_integers_and_float_power_is_double():
    x = nn.tensor([2, 3])
    assert (nn.pow(x, 3).tolist(), nn.pow(x, 3).dtype) == ([8, 27], nn.int64)
    assert (nn.float_power(x, -1).tolist(), nn.float_power(x, 2).dtype) == ([0.5, 1 / 3], nn.float64)
    assert nn.pow(2, nn.tensor([1.0, 3.0])).tolist() == [2, 8]


def test_at_their_ends():
    x = nn.tensor([0.0, -1.0, math.inf])
    np.testing.assert_array_equal(nn.log(x).numpy(), [-math.inf, math.nan, math.inf])
    np.testing.assert_array_equal(nn.sqrt(x).numpy(), [0, math.nan, math.inf])
    np.testing.assert_array_equal(nn.rsqrt(x).numpy(), [math.inf, math.nan, 0])
    assert nn.exp(nn.tensor([1e4, -1e4])).tolist() == [math.inf, 0]


@pytest.mark.parametrize("name", ["exp", "exp2", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square"])
def test_the_gradient_agrees_with_differences(name, rng):
    assert nn.testing.gradcheck(getattr(nn, name), (nn.tensor(rng.uniform(0.5, 2, 5), requires_grad=True),))


def test_messages():
    for name in ("exp", "log", "sqrt"):
        with pytest.raises(TypeError, match=f"{name}: input must be a tensor, got list"):
            getattr(nn, name)([1.0])
