"""Elimination against PyTorch: P L U, what is solved with it, and factors that say whether there are any."""

from math import inf, nan

import numpy as np
import pytest
from oracle import compare, torch

import nn

SHAPES = [(3, 3), (2, 4, 4), (5, 3), (3, 5), (2, 3, 2), (1, 1)]
SINGULAR = np.stack([np.eye(2), np.zeros((2, 2)), np.ones((2, 2))])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_lu(shape, rng):
    x = rng.normal(size=shape)
    compare(lambda lib, x: tuple(lib.top.linalg.lu(x)), x, forward=False, rtol=1e-7, atol=1e-8)
    for name in ("lu_factor", "lu_factor_ex"):
        compare(lambda lib, x, f=name: tuple(getattr(lib.top.linalg, f)(x)), x, orders=1, forward=False, rtol=1e-7)
    compare(
        lambda lib, x: tuple(lib.top.lu_unpack(*lib.top.linalg.lu_factor(x))), x, orders=1, forward=False, rtol=1e-7
    )
    t = nn.tensor(x)
    P, L, U = nn.linalg.lu(t)
    np.testing.assert_allclose((P @ L @ U).numpy(), x, rtol=1e-9, atol=1e-12)
    assert (L.abs() <= 1).all()
    if shape == (3, 3):
        empty, L, U = nn.linalg.lu(t + 9 * nn.eye(3).double(), pivot=False)
        assert empty.shape == (0,)
        np.testing.assert_allclose((L @ U).numpy(), x + 9 * np.eye(3))


@pytest.mark.parametrize("left", [True, False])
@pytest.mark.parametrize("adjoint", [True, False])
@pytest.mark.parametrize("batch", [(), (2,)], ids=str)
def test_lu_solve(left, adjoint, batch, rng):
    x, b = rng.normal(size=(*batch, 4, 4)), rng.normal(size=(*batch, *((4, 2) if left else (2, 4))))
    compare(
        lambda lib, x, b: lib.top.linalg.lu_solve(*lib.top.linalg.lu_factor(x), b, left=left, adjoint=adjoint),
        x,
        b,
        orders=1,
        forward=False,
        rtol=1e-6,
        atol=1e-7,
    )
    if left and not adjoint:
        t, y = nn.tensor(x), nn.tensor(b)
        np.testing.assert_allclose((t @ y.lu_solve(*nn.linalg.lu_factor(t))).numpy(), b, rtol=1e-7, atol=1e-9)


def test_factors_that_say_whether_there_are_any(rng):
    x, b = rng.normal(size=(2, 3, 3)), rng.normal(size=(2, 3, 2))
    compare(lambda lib, x: tuple(lib.top.linalg.inv_ex(x)), x, orders=1, forward=False)
    compare(lambda lib, x, b: tuple(lib.top.linalg.solve_ex(x, b)), x, b, orders=1, forward=False)
    compare(lambda lib, x: tuple(lib.top.linalg.cholesky_ex(x @ x.mT)), x, orders=1, forward=False)
    compare(lambda lib, x: lib.top.linalg.inv_ex(x)[1], SINGULAR, orders=0)
    compare(lambda lib, x: lib.top.linalg.lu_factor_ex(x)[2], SINGULAR, orders=0)
    compare(
        lambda lib, x: lib.top.linalg.cholesky_ex(x)[1],
        np.stack([np.eye(3), -np.eye(3), np.diag([1, 1, -1.0])]),
        orders=0,
    )
    compare(lambda lib, x, b: tuple(lib.top.linalg.solve_ex(x, b)), x, b[..., 0], orders=1, forward=False)
    inverse = nn.linalg.inv_ex(nn.tensor(SINGULAR)).inverse.numpy()
    assert np.isfinite(inverse[0]).all()
    assert np.isnan(inverse[1:]).all()
    for name in ("inv_ex", "lu_factor_ex", "cholesky_ex"):
        with pytest.raises(nn.LinAlgError, match=f"{name}: the matrix .* at place 1; leave out check_errors"):
            getattr(nn.linalg, name)(nn.zeros(2, 2), check_errors=True)
    with pytest.raises(nn.LinAlgError, match="solve_ex: the matrix is singular"):
        nn.linalg.solve_ex(nn.zeros(2, 2), nn.ones(2, 1), check_errors=True)


@pytest.mark.parametrize(("shape", "k"), [((3, 3), 3), ((5, 3), 2), ((2, 4, 3), 3), ((2, 1), 1)], ids=str)
def test_householder_product(shape, k, rng):
    a, tau = rng.normal(size=shape), rng.normal(size=(*shape[:-2], k))
    compare(lambda lib, a, t: lib.top.linalg.householder_product(a, t), a, tau, orders=1, forward=False)
    compare(lambda lib, a, t: lib.top.orgqr(a, t), a, tau, orders=0)
    with pytest.raises(ValueError, match=r"householder_product: expected A \(..., m, n\) and tau"):
        nn.linalg.householder_product(nn.zeros(2, 3), nn.zeros(2))


@pytest.mark.parametrize("upper", [True, False])
@pytest.mark.parametrize("left", [True, False])
def test_triangles_that_are_singular_or_hold_nan(upper, left):
    x = np.array([[[0.0, 0], [0, 0]], [[1, 2], [0, 0]], [[0, 2], [0, 1]], [[nan, 1], [1, 2]], [[1, nan], [nan, 2]],
                  [[inf, 1], [1, 2]], [[1, 2], [2, nan]]])  # fmt: skip
    for triangle in x:  # one by one: PyTorch's batches are solved by another library
        b = np.array([[1.0, 2.0], [3.0, 4.0]])
        compare(lambda lib, x, b: lib.top.linalg.solve_triangular(x, b, upper=upper, left=left), triangle, b, orders=0)
        if left and np.isfinite(triangle).all():
            compare(lambda lib, x, b: lib.top.cholesky_solve(b, x, upper=upper), triangle, b, orders=0)


@pytest.mark.parametrize("x", [[[nan, 1.0], [1.0, 2.0]], [[1.0, 2.0], [2.0, nan]], [[1.0, nan], [nan, 2.0]]], ids=str)
def test_matrices_that_hold_nan(x):
    for name in ("inv", "det"):
        compare(lambda lib, x, f=name: getattr(lib.top.linalg, f)(x), np.array(x), orders=0)
    compare(lambda lib, x: lib.top.linalg.solve(x, x), np.array(x), orders=0)
    for lib in (nn, torch):
        with pytest.raises(RuntimeError, match=r"positive.definite"):
            lib.linalg.cholesky(lib.tensor(x))


@pytest.mark.parametrize("x", [np.zeros((2, 2)), np.ones((2, 3)), np.stack([np.eye(2), np.ones((2, 2))])])
def test_factors_to_divide_by_0_with_are_refused(x):
    for lib in (nn, torch):
        with pytest.raises(RuntimeError, match="lu_factor"):
            lib.linalg.lu_factor(lib.tensor(x))
    compare(lambda lib, x: lib.top.linalg.lu_factor_ex(x), x, orders=0)


def test_vander():
    compare(lambda lib, x: lib.top.linalg.vander(x), np.array([1.0, 2.0, 0.0]))
    compare(lambda lib, x: lib.top.linalg.vander(x, N=5), np.array([[1.0, 2.0, -3.0]]))
    compare(lambda lib, x: lib.top.vander(x, 4), np.array([1.0, 2.0, -3.0]), orders=0)
    compare(lambda lib, x: lib.top.vander(x, increasing=True), np.array([0.0, 2.0, -3.0]), orders=0)
    with pytest.raises(ValueError, match="vander: N must be 1 or more, got 0"):
        nn.linalg.vander(nn.ones(2), N=0)


def test_what_lu_solve_cannot_solve():
    with pytest.raises(ValueError, match="lu_solve: expected B with 2 rows"):
        nn.linalg.lu_solve(*nn.linalg.lu_factor(nn.eye(2)), nn.ones(3, 1))
