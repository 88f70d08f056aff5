"""Elimination by what it promises: triangles whose product is the matrix, solutions of its equations; and messages."""

import numpy as np
import pytest

import nn


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=1e-11)


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 3, 3)])
@pytest.mark.parametrize("pivot", [True, False])
def test_a_permutation_times_a_lower_times_an_upper_triangle_is_the_matrix(shape, pivot, rng):
    a = nn.tensor(rng.normal(size=shape))
    p, low, high = nn.linalg.lu(a, pivot=pivot)
    product = low @ high
    close(p @ product if pivot else product, a)
    close(low, np.tril(low.numpy()))
    close(high, np.triu(high.numpy()))
    close(low.diagonal(0, -2, -1), np.ones((*shape[:-2], min(shape[-2:]))))
    if pivot:
        assert (np.abs(low.numpy()) <= 1).all()
        close(p @ p.mT, np.broadcast_to(np.eye(shape[-2]), p.shape))
    else:
        assert p.shape == (0,)


def test_from_the_factor_come_solutions_on_either_side_and_of_the_transpose(rng):
    a, b = nn.tensor(rng.normal(size=(2, 4, 4))), nn.tensor(rng.normal(size=(2, 4, 4)))
    factor = nn.linalg.lu_factor(a)
    close(a @ nn.linalg.lu_solve(*factor, b), b)
    close(a.mT @ nn.linalg.lu_solve(*factor, b, adjoint=True), b)
    close(nn.linalg.lu_solve(*factor, b, left=False) @ a, b)
    close(nn.linalg.lu_solve(*factor, b, left=False, adjoint=True) @ a.mT, b)


def test_what_is_singular_in_a_batch_is_nan_and_named_and_the_rest_is_right(rng):
    a = rng.normal(size=(2, 3, 3)) + 3 * np.eye(3)
    a[1, 2] = a[1, 0]  # two equal rows
    inverse, info = nn.linalg.inv_ex(nn.tensor(a))
    close(a[0] @ inverse[0].numpy(), np.eye(3))
    assert np.isnan(inverse[1].numpy()).all()
    assert info.tolist() == [0, 3]
    result, where = nn.linalg.solve_ex(nn.tensor(a), nn.ones(2, 3, 1).double())
    close(a[0] @ result[0].numpy(), np.ones((3, 1)))
    assert (np.isnan(result[1].numpy()).all(), where.tolist()) == (True, [0, 3])
    assert nn.linalg.lu_factor_ex(nn.tensor(a)).info.tolist() == [0, 3]


def test_the_first_corner_that_is_not_positive_definite_is_named():
    a = nn.stack([nn.eye(3), nn.diag(nn.tensor([2.0, -1.0, 1.0]))])
    lower, info = nn.linalg.cholesky_ex(a)
    assert info.tolist() == [0, 2]
    close(lower[0], np.eye(3))
    assert np.isnan(lower[1].numpy()).any()


def test_a_product_of_reflections_is_orthogonal_and_qr_s_own(rng):
    a = rng.normal(size=(4, 3))
    vectors, tau = np.linalg.qr(a, mode="raw")
    q = nn.linalg.householder_product(nn.tensor(vectors.T.copy()), nn.tensor(tau))
    close(q.mT @ q, np.eye(3))
    close(q, np.linalg.qr(a).Q)


def test_the_rows_of_a_vandermonde_matrix_are_powers(rng):
    x = rng.normal(size=(2, 3))
    close(nn.linalg.vander(nn.tensor(x), 5), x[..., None] ** np.arange(5))
    assert nn.linalg.vander(nn.tensor(x)).shape == (2, 3, 3)


def test_the_gradients_agree_with_differences(rng):
    a = nn.tensor(rng.normal(size=(3, 3)) + 3 * np.eye(3), requires_grad=True)
    assert nn.testing.gradcheck(lambda a: nn.linalg.lu(a)[1:], (a,))
    assert nn.testing.gradcheck(lambda a: nn.linalg.inv_ex(a).inverse, (a,))
    for vander in (nn.linalg.vander, nn.vander):
        assert nn.testing.gradcheck(vander, (nn.tensor(rng.normal(size=3), requires_grad=True),))


@pytest.mark.parametrize(
    "function",
    [
        lambda a: nn.linalg.inv_ex(a).inverse,
        lambda a: nn.linalg.cholesky_ex(a).L,
        lambda a: nn.linalg.solve_ex(a, nn.ones(3, 2)).result,
        lambda a: nn.linalg.solve_ex(a, nn.ones(3, 2, 1)).result,
        lambda a: nn.linalg.solve_ex(a, nn.ones(3, 2, 2), left=False).result,
        lambda a: nn.linalg.cond(a, 1),
    ],
)
def test_where_there_is_no_result_there_is_no_gradient_either(function):
    a = nn.tensor([[[1.0, 1.0], [1.0, 1.0]], [[2.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]], requires_grad=True)
    y = function(a)
    y.sum().backward()
    assert not y[[0, 2]].isfinite().any()
    assert y[1].isfinite().all()
    assert a.grad[[0, 2]].isnan().all()
    assert a.grad[1].isfinite().all()


def test_the_right_sides_of_a_singular_matrix_get_no_gradient_and_keep_their_shape():
    a, b = nn.tensor([[[1.0, 1.0], [1.0, 1.0]], [[2.0, 0.0], [0.0, 1.0]]]), nn.ones(2, 2, requires_grad=True)
    y = nn.linalg.solve_ex(a, b).result
    y.sum().backward()
    assert y.isnan().tolist() == [[True, True], [False, False]]
    assert b.grad.isnan().tolist() == [[True, True], [False, False]]
    assert nn.linalg.solve_ex(nn.zeros(2, 2), nn.ones(2)).result.shape == (2,)


@pytest.mark.parametrize("shape", [(0, 0), (3, 0, 0), (0, 2, 2)])
def test_nothing_is_regular(shape):
    a, b = nn.zeros(shape), nn.zeros(*shape[:-1], 1)
    assert nn.linalg.inv_ex(a).inverse.shape == shape
    assert nn.linalg.solve_ex(a, b).result.shape == b.shape
    assert not nn.linalg.lu_factor_ex(a).info.any()
    for p in (None, 1, "fro"):
        assert nn.linalg.cond(a, p).tolist() == nn.zeros(shape[:-2]).tolist()


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: nn.linalg.lu_factor(nn.ones(2, 2)),
            nn.LinAlgError,
            r"lu_factor: .* \(2, 2\) has a 0 on .*lu_factor_ex",
        ),
        (lambda: nn.linalg.lu(nn.ones(2)), nn.ShapeError, "lu: A must be matrices"),
        (lambda: nn.linalg.inv_ex(nn.ones(2, 2), check_errors=True), nn.LinAlgError, "inv_ex: .* singular, at place 2"),
        (
            lambda: nn.linalg.cholesky_ex(-nn.eye(2), check_errors=True),
            nn.LinAlgError,
            "not positive definite, at .* 1",
        ),
        (lambda: nn.linalg.lu_solve(*nn.linalg.lu_factor(nn.eye(2)), nn.ones(3, 1)), nn.ShapeError, "B with 2 rows"),
        (lambda: nn.linalg.vander(nn.tensor(1.0)), nn.ShapeError, r"vander: .* x has none; use unsqueeze\(0\)"),
        (lambda: nn.linalg.vander(nn.ones(2), 10**15), MemoryError, "PiB"),
        (lambda: nn.vander(nn.ones(2), 10**15), MemoryError, "PiB"),
        (lambda: nn.cholesky_inverse(nn.ones(3, 2)), nn.ShapeError, "cholesky_inverse: A must be square"),
        (lambda: nn.linalg.vander(nn.ones(2), 0), nn.ShapeError, "vander: N must be 1 or more, got 0"),
        (lambda: nn.linalg.householder_product(nn.ones(2, 3), nn.ones(2)), nn.ShapeError, "with k <= n <= m"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("x", [np.zeros((3, 2)), np.array([[1.0, 2.0], [2.0, 4.0], [-1.0, 5.0]]), np.ones((4, 2))])
def test_a_tall_matrix_of_dependent_columns_has_factors_too(x):
    P, L, U = nn.linalg.lu(nn.tensor(x))
    np.testing.assert_allclose((P @ L @ U).numpy(), x, atol=1e-15)


@pytest.mark.parametrize("shape", [(2, 2), (3, 2), (2, 3)])
@pytest.mark.parametrize("name", ["lu", "qr"])
def test_factors_of_a_singular_matrix_have_no_gradient_and_the_message_says_so(name, shape):
    x = nn.zeros(*shape, requires_grad=True)
    loss = sum(part.sum() for part in getattr(nn.linalg, name)(x))
    expected = rf"{name}: a matrix of shape \(2, 2\) is singular, and its factors have no gradient there; use "
    with pytest.raises(nn.LinAlgError, match=expected):
        loss.backward()


def test_a_matrix_with_nan_has_no_factor():
    a = np.array([[[4.0, 2.0], [2.0, 3.0]], [[4.0, np.nan], [np.nan, 3.0]]])
    factor, info = nn.linalg.cholesky_ex(nn.tensor(a))
    assert info.tolist() == [0, 2]
    np.testing.assert_allclose(factor.numpy()[0], np.linalg.cholesky(a[0]))
    with pytest.raises(nn.LinAlgError, match="cholesky_ex: the matrix is not positive definite, at place 2"):
        nn.linalg.cholesky_ex(nn.tensor(a), check_errors=True)
