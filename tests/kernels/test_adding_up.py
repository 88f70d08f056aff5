"""Elements added where indices say, products of many factors, medians: the fast ways give what the plain ones give."""

import numpy as np
import pytest

import nn
from nn.kernels import indexing, reduction


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [5, 40, 10_000])
def test_rows_that_come_several_times_are_all_added(dtype, rows, rng):
    g, index = rng.normal(size=(300, 6)).astype(dtype), rng.integers(-5, 5, 300)
    expected = np.zeros((rows, 6))
    for row, place in zip(g, index, strict=True):
        expected[place] += row
    got = indexing.getitem_backward(g, index=index, shape=(rows, 6))
    assert got.dtype == dtype
    np.testing.assert_allclose(got, expected, rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-5)
    out = np.ones((rows, 6), dtype)
    assert indexing.getitem_backward(g, index=index, shape=(rows, 6), out=out) is out
    np.testing.assert_array_equal(out, got)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_many_are_scattered_as_few_are(dim, rng, monkeypatch):
    g, index = rng.normal(size=(30, 40)), rng.integers(0, 30, (30, 40))
    g[3, 4] = np.inf
    many = indexing.scatter_add(g, index, dim=dim, shape=(30, 40))
    monkeypatch.setattr(indexing, "MANY", 10**9)
    np.testing.assert_allclose(many, indexing.scatter_add(g, index, dim=dim, shape=(30, 40)), rtol=1e-12)


@pytest.mark.parametrize("n", [0, 1, 16, 17, 100, 1023])
def test_products_of_many_factors(n, rng):
    x = rng.uniform(0.9, 1.1, (3, n))
    np.testing.assert_allclose(reduction.prod(x, dim=1), [np.prod(row) for row in x], rtol=1e-12)
    np.testing.assert_allclose(reduction.prod(x), np.prod(x), rtol=1e-11)
    np.testing.assert_allclose(reduction.prod(x, dim=-1, keepdim=True), np.prod(x, axis=1, keepdims=True), rtol=1e-12)
    before = x.copy()
    reduction.prod(x, dim=1)
    np.testing.assert_array_equal(x, before)


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
