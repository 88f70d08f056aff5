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
