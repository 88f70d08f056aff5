"""The older names of linear algebra are the newer ones; what they add, by its properties."""

import math

import numpy as np
import pytest

import nn


@pytest.fixture
def a(rng):
    return nn.tensor(rng.normal(size=(2, 3, 3)) + 3 * np.eye(3))


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=1e-12)


def test_functions_and_methods_are_those_of_linalg(a):
    for older, newer in {"det": "det", "inverse": "inv", "pinverse": "pinv", "matrix_exp": "matrix_exp"}.items():
        expected = getattr(nn.linalg, newer)(a)
        close(getattr(nn, older)(a), expected)
        close(getattr(a, older)(), expected)
    close(a.matrix_power(3), nn.linalg.matrix_power(a, 3))
    close(a.slogdet().logabsdet, nn.linalg.slogdet(a).logabsdet)
    close(nn.chain_matmul(a[0], a[1], a[0]), a[0] @ a[1] @ a[0])


def test_the_older_svd_gives_v_and_not_its_transpose(rng):
    x = nn.tensor(rng.normal(size=(4, 3)))
    u, s, v = x.svd()
    close(u * s @ v.mT, x)
    assert [t.shape for t in nn.svd(x, some=False)] == [(4, 4), (3,), (3, 3)]
    without = nn.svd(x, compute_uv=False)
    close(without.S, s)
    assert not without.U.any()
    assert not without[2].any()


def test_the_older_qr_is_reduced_or_complete(rng):
    x = nn.tensor(rng.normal(size=(4, 3)))
    for some, mode in ((True, "reduced"), (False, "complete")):
        close(x.qr(some).Q, nn.linalg.qr(x, mode).Q)


def test_from_the_cholesky_factor_come_the_solution_and_the_inverse(a, rng):
    square = a @ a.mT
    b = nn.tensor(rng.normal(size=(2, 3, 2)))
    for upper in (False, True):
        factor = square.cholesky(upper)
        close(square @ b.cholesky_solve(factor, upper), b)
        close(square @ factor.cholesky_inverse(upper), np.broadcast_to(np.eye(3), (2, 3, 3)))


def test_the_logarithm_of_a_determinant_is_minus_infinity_for_0_and_nan_for_less():
    assert nn.logdet(nn.eye(3) * 2).item() == pytest.approx(3 * math.log(2))
    assert nn.logdet(nn.zeros(2, 2)).item() == -math.inf
    assert math.isnan(nn.logdet(nn.diag(nn.tensor([1.0, -1.0]))).item())


def test_the_vector_product_is_orthogonal_to_both_and_takes_the_first_axis_of_length_3(rng):
    x, y = nn.tensor(rng.normal(size=(3, 4))), nn.tensor(rng.normal(size=(3, 4)))
    z = nn.cross(x, y)
    close((x * z).sum(0), np.zeros(4))
    close((y * z).sum(0), np.zeros(4))
    close(z, np.cross(x.numpy(), y.numpy(), axis=0))
    close(x.T.cross(y.T, -1), z.T)
