"""Products of many factors are right however they are halved, and extremes of rows however they are found."""

import numpy as np
import pytest

from nn.kernels import reduction


@pytest.mark.parametrize("n", [0, 1, 16, 17, 100, 1023])
def test_products_of_many_factors(n, rng):
    x = rng.uniform(0.9, 1.1, (3, n))
    np.testing.assert_allclose(reduction.prod(x, dim=1), [np.prod(row) for row in x], rtol=1e-12)
    np.testing.assert_allclose(reduction.prod(x), np.prod(x), rtol=1e-11)
    np.testing.assert_allclose(reduction.prod(x, dim=-1, keepdim=True), np.prod(x, axis=1, keepdims=True), rtol=1e-12)
    before = x.copy()
    reduction.prod(x, dim=1)
    np.testing.assert_array_equal(x, before)


ROWS = {
    "one after another": lambda x: x,
    "of three axes": lambda x: x.reshape(100, -1, x.shape[-1]),
    "columns": lambda x: x.T.copy().T,
    "every other one": lambda x: np.repeat(x, 2, 0)[::2],
}


@pytest.mark.parametrize("n", [1, 2, 10, 65, reduction.SHORT, reduction.SHORT + 1])
@pytest.mark.parametrize("rows", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int64, bool])
def test_the_extremes_of_many_rows(n, rows, dtype, rng):
    x = rng.integers(-3, 4, (5000 if n < 50 else 200, n)).astype(dtype)
    if x.dtype.kind == "f":
        for value in (np.nan, np.inf, -np.inf):
            x[rng.integers(len(x), size=20), rng.integers(n, size=20)] = value
    x = rows(x)
    before = x.copy()
    for kernel, expected in ((reduction.amax, np.max), (reduction.amin, np.min)):
        for dim, keepdim in ((-1, False), (x.ndim - 1, True), (0, False)):
            wanted = expected(x, axis=dim, keepdims=keepdim)
            got = kernel(x, dim=dim, keepdim=keepdim)
            assert got.dtype == dtype
            np.testing.assert_array_equal(got, wanted)
            out = np.zeros_like(wanted)
            assert kernel(x, dim=dim, keepdim=keepdim, out=out) is out
            np.testing.assert_array_equal(out, wanted)
    np.testing.assert_array_equal(x, before)
