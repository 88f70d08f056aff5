"""The pseudoinverse of a regular matrix is found by elimination; of any other by its singular values."""

import numpy as np
import pytest

from nn.kernels import linalg


@pytest.mark.parametrize("shape", [(4, 4), (6, 3), (3, 6), (2, 5, 3), (2, 3, 3)])
@pytest.mark.parametrize(("dtype", "tol"), [(np.float64, 1e-12), (np.float32, 1e-4)])
def test_both_ways_agree(shape, dtype, tol, rng, monkeypatch):
    x = rng.normal(size=shape).astype(dtype)
    fast = linalg.pinv(x)
    monkeypatch.setattr(linalg, "_by_elimination", lambda *arguments: None)
    by_values = linalg.pinv(x)
    assert fast.dtype == by_values.dtype == dtype
    np.testing.assert_allclose(fast, by_values, rtol=tol, atol=tol)


@pytest.mark.parametrize("attributes", [dict(rtol=0.3), dict(atol=0.5), dict(rtol=np.array(0.3), atol=np.array(0.1))])
def test_values_that_count_as_zero_are_left_out(attributes, rng):
    u, v = (np.linalg.qr(rng.normal(size=(3, 3)))[0] for _ in range(2))
    x = u * [2.0, 1.0, 0.2] @ v.T
    np.testing.assert_allclose(linalg.pinv(x, **attributes), v * [0.5, 1.0, 0.0] @ u.T, atol=1e-12)


@pytest.mark.parametrize(
    "x", [np.zeros((3, 3)), np.ones((2, 4, 2)), np.zeros((0, 3)), np.full((2, 2), 1e-200)], ids=str
)
def test_singular_and_empty_matrices(x):
    y = linalg.pinv(x)
    np.testing.assert_allclose(x @ y @ x, x, atol=1e-12)
