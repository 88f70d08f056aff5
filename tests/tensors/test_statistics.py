"""Spread, medians, modes and quantiles beside NumPy's and by what they promise; and the messages."""

import math

import numpy as np
import pytest

import nn


@pytest.fixture
def x(rng):
    return rng.normal(size=(3, 7))


@pytest.mark.parametrize("dim", [None, 0, 1, (0, 1)])
@pytest.mark.parametrize("correction", [0, 1])
def test_the_spread_is_numpy_s(dim, correction, x):
    for name in ("var", "std"):
        expected = getattr(np, name)(x, dim, ddof=correction)
        ours = getattr(nn, name)(nn.tensor(x), dim, correction=correction)
        np.testing.assert_allclose(ours.numpy(), expected)
        both = getattr(nn, f"{name}_mean")(nn.tensor(x), dim, correction=correction)
        np.testing.assert_allclose(both[0].numpy(), expected)
        np.testing.assert_allclose(both[1].numpy(), x.mean(dim))


def test_the_spread_does_not_see_an_offset_and_of_one_number_there_is_none(x):
    shifted = nn.var(nn.tensor(x + 1e6), 1)
    np.testing.assert_allclose(shifted.numpy(), nn.var(nn.tensor(x), 1).numpy(), rtol=1e-6)
    assert math.isnan(nn.var(nn.ones(1)).item())
    assert nn.var(nn.ones(1), unbiased=False).item() == 0


def test_the_median_is_the_lower_middle_and_its_index_says_where_it_stands(x):
    values, indices = nn.median(nn.tensor(x), 1)
    assert values.tolist() == np.median(x, 1).tolist()
    assert np.take_along_axis(x, indices.numpy()[:, None], 1)[:, 0].tolist() == values.tolist()
    assert nn.median(nn.tensor([4.0, 1.0, 3.0, 2.0])).item() == 2


def test_nan_is_the_median_unless_it_is_left_out():
    x = nn.tensor([[1.0, math.nan, 3.0, 2.0]])
    assert math.isnan(nn.median(x).item())
    assert nn.nanmedian(x).item() == 2
    assert nn.nanmedian(x, 1).indices.item() == 3


def test_the_mode_is_the_most_frequent_the_smallest_of_several(rng):
    x = rng.integers(0, 3, (5, 9))
    values, indices = nn.mode(nn.tensor(x), 1)
    expected = [min(set(row), key=lambda v, row=row: (-row.count(v), v)) for row in x.tolist()]
    assert values.tolist() == expected
    assert np.take_along_axis(x, indices.numpy()[:, None], 1)[:, 0].tolist() == expected


@pytest.mark.parametrize("how", ["linear", "lower", "higher", "midpoint", "nearest"])
def test_quantiles_are_numpy_s(how, x):
    q = np.array([0.0, 0.1, 0.5, 0.83, 1.0])
    ours = nn.quantile(nn.tensor(x), nn.tensor(q), 1, interpolation=how)
    np.testing.assert_allclose(ours.numpy(), np.quantile(x, q, 1, method=how))
    assert nn.quantile(nn.tensor(x), 0.3, interpolation=how).item() == pytest.approx(np.quantile(x, 0.3, method=how))


def test_nan_is_every_quantile_unless_it_is_left_out(x):
    x[0, 2] = math.nan
    t = nn.tensor(x)
    assert math.isnan(nn.quantile(t, 0.5, 1)[0].item())
    np.testing.assert_allclose(
        nn.nanquantile(t, 0.5, 1, keepdim=True).numpy(), np.nanquantile(x, 0.5, 1, keepdims=True)
    )


def test_the_gradients_go_to_what_was_chosen_and_agree_with_differences(x):
    t = nn.tensor([3.0, 1.0, 2.0], requires_grad=True)
    (nn.median(t, 0).values + nn.quantile(t, 0.25)).backward()
    assert t.grad.tolist() == [0, 0.5, 1.5]
    given = nn.tensor(x, requires_grad=True)
    for function in (nn.var, nn.std, lambda t: nn.quantile(t, 0.3, 1)):
        assert nn.testing.gradcheck(function, (given,))


X = nn.ones(3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.quantile(X, 1.5), nn.RangeError, r"quantile: q must be a number in \[0, 1\], or a vector of them"),
        (lambda: nn.quantile(X[:0], 0.5), nn.RangeError, "quantile: input has no elements"),
        (lambda: nn.quantile(X, 0.5, interpolation="cubic"), nn.RangeError, "quantile: interpolation must be one of"),
        (lambda: nn.median(X > 0), nn.DtypeError, "median: there is no median of booleans"),
        (lambda: nn.median(nn.ones(0, 2), 0), IndexError, "median: axis 0 has no elements to choose from"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("n", [1, 2, 7, 100])
def test_the_median_of_all_is_the_lower_one_in_order(n, rng):
    x = rng.normal(size=n)
    assert nn.median(nn.tensor(x)).item() == np.sort(x)[(n - 1) // 2]
    x[n // 2] = np.nan
    assert np.isnan(nn.median(nn.tensor(x)).item())
    rest = np.sort(x[~np.isnan(x)])
    middle = nn.nanmedian(nn.tensor(x)).item()
    assert np.isnan(middle) if n == 1 else middle == rest[(n - 2) // 2]
    whole = rng.integers(-5, 5, n)
    assert nn.median(nn.tensor(whole)).item() == np.sort(whole)[(n - 1) // 2]


@pytest.mark.parametrize("dtype", [nn.float16, nn.float32, nn.float64], ids=lambda d: np.dtype(d).name)
@pytest.mark.parametrize("value", [0.1, 1 / 3, 100_000.1, -7.3e-9])
@pytest.mark.parametrize("rows", [3, 7, 1000, 70_001])
def test_numbers_that_are_equal_have_no_variance_however_their_mean_is_rounded(rows, value, dtype):
    value = value if dtype != nn.float16 else min(value, 1000.1)
    equal = nn.full((rows, 3), value, dtype=dtype)
    for x in (equal, equal.t().contiguous().t(), equal[:, :1].expand(rows, 3)):
        for dim in (None, 0, (0, 1), -2):
            assert (nn.var(x, dim).numpy() == 0).all()
            assert (nn.std(x, dim, correction=0).numpy() == 0).all()
    steps = nn.arange(rows, dtype=nn.float64).unsqueeze(1)
    found = nn.var(nn.cat([equal.double(), steps], 1), 0)
    np.testing.assert_allclose(found.numpy()[3], steps.numpy().var(ddof=1), rtol=1e-9)
    assert found.tolist()[:3] == [0, 0, 0]


def test_the_spread_of_large_numbers_is_finite_where_its_square_is_not():
    x = nn.tensor([1e20, 2e20, 3e20], requires_grad=True)
    y = nn.std(x)
    y.backward()
    assert (y.dtype, x.grad.dtype) == (nn.float32, nn.float32)
    assert y.item() == pytest.approx(1e20)
    np.testing.assert_allclose(x.grad.numpy(), [-0.5, 0, 0.5], atol=1e-7)
    assert nn.var(x).item() == math.inf
    many = nn.tensor(np.tile([-1e18, 1e18], 500), dtype=nn.float32)  # the squares add up to 1e39, their mean is 1e36
    assert nn.var(many, correction=0).item() == pytest.approx(1e36)
    assert math.isnan(nn.std(nn.tensor([1.0, math.nan])).item())
