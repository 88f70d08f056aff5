"""Sums over the first axis: right to the last digits however they are cut, infinities and nan as they are."""

import numpy as np
import pytest

from nn.kernels import summation


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("width", [1, 3, summation.WIDE, 100])
@pytest.mark.parametrize("n", [1, 256, 257, 700, 1023, 70_000])
def test_rows_are_added_with_all_their_digits(n, width, dtype):
    x = np.random.default_rng(n).random((n, width)).astype(dtype)
    total = summation.total(x, 0)
    assert total.dtype == dtype
    eps = np.finfo(dtype).eps
    np.testing.assert_allclose(total, x.astype(np.longdouble).sum(0), rtol=4 * eps if n > 257 else 60 * eps)


@pytest.mark.parametrize("width", [2, 64])
def test_infinities_and_nan_stay_in_their_column(width):
    x = np.ones((1000, width), np.float32)
    x[3, 0], x[900, 1] = np.inf, np.nan
    total = summation.total(x, 0)
    assert np.isposinf(total[0])
    assert np.isnan(total[1])
    assert (total[2:] == 1000).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n", [2, 7, 100, 128, 129, 1000, 1009])
def test_neighbours_are_added_with_all_their_digits(n, dtype):
    x = np.random.default_rng(n).random((1 + 9000 // n, n)).astype(dtype)
    exact, eps = x.astype(np.longdouble), np.finfo(dtype).eps
    np.testing.assert_allclose(summation.total(x, -1), exact.sum(-1), rtol=20 * eps)
    assert summation.total(x, 1, True).shape == (len(x), 1)
    assert summation.total(x, None, True).shape == (1, 1)
    for layout in (x, x.T):
        np.testing.assert_allclose(summation.total(layout, None), exact.sum(), rtol=20 * eps)
    x[1, 1] = np.inf
    assert np.isposinf(summation.total(x, -1)).tolist() == [i == 1 for i in range(len(x))]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("last", [0, 1, 2])
@pytest.mark.parametrize("n", [16, 40, 101])
def test_sums_over_axes_that_are_neighbours_in_memory_know_the_order_of_the_others(n, last, dtype):
    rng = np.random.default_rng(n)
    x, other = (np.moveaxis(rng.random((3, 5, 40, n)).astype(dtype), -1, last) for _ in range(2))
    dim = tuple(i for i in range(4) if x.shape[i] > 5 or i == last)
    sums, eps = x.astype(np.longdouble).sum(dim), np.finfo(dtype).eps
    for axes in (dim, dim[::-1]):
        np.testing.assert_allclose(summation.total(x, axes), sums, rtol=20 * eps)
        assert summation.total(x, axes, True).shape == x.sum(dim, keepdims=True).shape
    assert (summation.total(x, ()) == x).all()
    for there in (other, np.ascontiguousarray(other)):
        products = (x.astype(np.longdouble) * there).sum(dim, keepdims=True)
        np.testing.assert_allclose(summation.total_product(x, there, dim), products, rtol=40 * eps)
