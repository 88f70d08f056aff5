"""Special functions beside the standard library's and by their equations, and the messages."""

import math

import numpy as np
import pytest

import nn


def close(a, b, rtol=1e-9):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=rtol, atol=1e-12)


@pytest.fixture
def x(rng):
    return nn.tensor(rng.uniform(0.2, 6, 20))


@pytest.mark.parametrize("name", ["erf", "erfc", "lgamma"])
def test_each_is_that_of_the_standard_library(name, x):
    close(getattr(nn, name)(x), [getattr(math, name)(v) for v in x.tolist()])


def test_erfinv_undoes_erf_and_what_is_missing_to_1_is_erfc(x):
    close(nn.erfinv(nn.erf(x / 4)), x / 4)
    close(nn.erf(x) + nn.erfc(x), np.ones(20))
    assert nn.erfinv(nn.tensor([1.0, -1.0, 0.0])).tolist() == [math.inf, -math.inf, 0]


def test_the_steps_of_the_gamma_function_and_of_its_derivatives(x):
    close(nn.lgamma(x + 1), nn.lgamma(x) + x.log())
    close(nn.digamma(x + 1), nn.digamma(x) + 1 / x)
    for n in (1, 2, 3):
        close(nn.polygamma(n, x + 1), nn.polygamma(n, x) - (-1) ** (n + 1) * math.factorial(n) / x ** (n + 1))
    close(nn.polygamma(0, x), nn.digamma(x))
    assert nn.digamma(nn.tensor(1.0).double()).item() == pytest.approx(-0.5772156649015329)


def test_the_gamma_function_of_two_dimensions_is_made_of_two_of_one(x):
    y = x + 1
    close(nn.mvlgamma(y, 1), nn.lgamma(y))
    close(nn.mvlgamma(y, 2), math.log(math.pi) / 2 + nn.lgamma(y) + nn.lgamma(y - 0.5))


def test_the_two_incomplete_gamma_functions_add_up_to_1_and_for_a_1_are_powers_of_e(x):
    a = x.flip(0)
    close(nn.igamma(a, x) + nn.igammac(a, x), np.ones(20))
    close(nn.igammac(nn.ones_like(x), x), (-x).exp())
    close(nn.igamma(nn.full_like(x, 0.5), x), nn.erf(x.sqrt()))


def test_bessel_s_function_satisfies_its_integral():
    angles = (np.arange(2000) + 0.5) * math.pi / 2000
    for v in (0.0, 0.5, 3.0, 9.0):
        assert nn.i0(nn.tensor(v).double()).item() == pytest.approx(np.exp(v * np.cos(angles)).mean(), rel=1e-7)


def test_logit_undoes_the_sigmoid_and_is_held_within_eps(x):
    close(nn.logit(nn.sigmoid(x)), x)
    assert nn.logit(nn.tensor([0.0, 0.5, 1.0])).tolist() == [-math.inf, 0, math.inf]
    close(nn.logit(nn.tensor([0.0, 1.0]).double(), eps=0.1), [math.log(1 / 9), math.log(9)])


def test_sinc_is_1_at_0_and_0_at_every_other_whole_number(x):
    close(nn.sinc(x), np.sinc(x.numpy()))
    close(nn.sinc(nn.arange(-3.0, 4.0).double()), [0, 0, 0, 1, 0, 0, 0])
    whole = nn.sinc(nn.tensor([-128, 0, 127], dtype=nn.int8))
    np.testing.assert_allclose(whole.numpy(), [0, 1, 0], atol=1e-7)  # -128 has no absolute value in int8


def test_nothing_times_a_logarithm_is_nothing():
    assert nn.xlogy(nn.tensor([0.0, 0.0, 2.0]), nn.tensor([0.0, -1.0, 1.0])).tolist() == [0, 0, 0]
    assert nn.xlogy(2, nn.tensor([math.e])).item() == pytest.approx(2)
    assert math.isnan(nn.xlogy(nn.tensor(0.0), nn.tensor(math.nan)).item())


@pytest.mark.parametrize("name", ["erf", "erfc", "lgamma", "digamma", "i0", "sinc"])
def test_the_gradient_agrees_with_differences(name, x):
    assert nn.testing.gradcheck(getattr(nn, name), (x[:5].detach().requires_grad_(),))


def test_messages():
    with pytest.raises(nn.RangeError, match="polygamma: n must be 0 or more, got -1"):
        nn.polygamma(-1, nn.ones(1))
    with pytest.raises(nn.RangeError, match="mvlgamma: p must be 1 or more, got 0"):
        nn.mvlgamma(nn.ones(1), 0)
    with pytest.raises(nn.RangeError, match=r"mvlgamma: all elements must be above \(p - 1\) / 2 = 0.5"):
        nn.mvlgamma(nn.full((1,), 0.5), 2)


def of_both_types(function, values):
    """In float32 what float64 gives, within a unit or two in the last place; blocks do not show."""
    x = np.asarray(values, np.float32)
    wide = function(nn.tensor(x.astype(np.float64))).numpy()
    got = function(nn.tensor(x)).numpy()
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, wide.astype(np.float32), rtol=3e-7)
    np.testing.assert_array_equal(function(nn.tensor(x[::-1].copy())).numpy()[::-1], got)


def test_many_values_in_float32_are_those_of_float64(rng):
    positive = np.concatenate([rng.uniform(0.01, 30, 20_000), 10.0 ** rng.uniform(-20, 20, 500), [1, 2, 1.0000001]])
    some = np.concatenate([positive, -rng.uniform(0.1, 0.9, 100) - rng.integers(0, 9, 100)])
    inside = np.concatenate([rng.uniform(-1, 1, 20_000), 1 - 10.0 ** rng.uniform(-7, -1, 500), [0, 1, -1, 1e-30]])
    of_both_types(nn.lgamma, some)
    of_both_types(nn.erfinv, inside)
    of_both_types(nn.special.ndtri, np.concatenate([inside[inside > 0], 10.0 ** -rng.uniform(0, 37, 500), [0, 1]]))
    of_both_types(nn.special.i0e, some)
    of_both_types(nn.special.i1e, some)
    for n in (1, 2, 3):
        of_both_types(lambda x, n=n: nn.polygamma(n, x), rng.uniform(0.01, 30, 20_000))
    away_from_its_zeros = positive[np.abs(positive - 1.4616) > 0.1]
    of_both_types(nn.digamma, away_from_its_zeros)


@pytest.mark.parametrize("dtype", [nn.float32, nn.float64], ids=str)
def test_the_slope_of_sinc_near_0_is_that_of_its_series(dtype):
    """The derivative of the quotient is the difference of two numbers of the size 1 / x."""
    x = nn.tensor([0.0, 1e-30, 1e-10, 1e-5, -1e-4, 1e-3, 1e-2, 0.09], dtype=dtype, requires_grad=True)
    (slope,) = nn.grad(nn.sinc(x).sum(), x, create_graph=True)
    t = (np.pi * x.detach().double().numpy()) ** 2
    exact = -(np.pi**2) * x.detach().double().numpy() / 3 * (1 - t / 10 * (1 - t / 28 * (1 - t / 54)))
    np.testing.assert_allclose(slope.detach().numpy(), exact, rtol=1e-6)
    (bend,) = nn.grad(slope.sum(), x)
    np.testing.assert_allclose(bend.numpy()[:4], [-(np.pi**2) / 3] * 4, rtol=1e-6)
    values = nn.sinc(nn.linspace(-0.11, 0.11, 45, dtype=dtype))
    np.testing.assert_allclose(values.numpy(), np.sinc(np.linspace(-0.11, 0.11, 45)), rtol=2e-6)


@pytest.mark.parametrize(("name", "least"), [("xlogy", 0), ("xlog1py", -1)])
def test_no_logarithm_spoils_the_gradient_where_none_arrives(name, least):
    x = nn.tensor([1.0, 0.0, 2.0], requires_grad=True)
    y = nn.tensor([0.0, -1.0, 2.0]) + least
    nn.where(y > least, getattr(nn.special, name)(x, y), 0.0).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [0, 0, math.log(2)], rtol=1e-6)
