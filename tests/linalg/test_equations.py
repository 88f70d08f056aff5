"""Equations by their solutions put in, determinants and inverses by their laws; and the messages."""

import math

import numpy as np
import pytest

import nn


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-9, atol=1e-11)


@pytest.fixture
def a(rng):
    return nn.tensor(rng.normal(size=(2, 4, 4)) + 3 * np.eye(4))


@pytest.fixture
def b(rng):
    return nn.tensor(rng.normal(size=(2, 4, 4)) + 3 * np.eye(4))


def test_a_solution_put_into_its_equation_gives_the_right_side(a, b):
    close(a @ nn.linalg.solve(a, b), b)
    close(nn.linalg.solve(a, b, left=False) @ a, b)
    close((a @ nn.linalg.solve(a, b[..., 0])[..., None])[..., 0], b[..., 0])  # a vector for each matrix


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("unit", [False, True])
def test_a_triangular_system_reads_one_triangle(upper, unit, a, b):
    triangle = (np.triu if upper else np.tril)(a.numpy())
    if unit:
        np.einsum("nii->ni", triangle)[:] = 1
    close(triangle @ nn.linalg.solve_triangular(a, b, upper=upper, unitriangular=unit).numpy(), b)
    x = nn.linalg.solve_triangular(a, b, upper=upper, left=False, unitriangular=unit)
    close(x.numpy() @ triangle, b)


def test_one_right_side_is_solved_for_each_matrix_of_a_batch():
    x = nn.tensor(np.stack([np.diag([1.0, 2.0, 4.0]), np.eye(3) * 2, np.eye(3) * 4]))
    y = nn.tensor(np.arange(9.0).reshape(3, 3) + np.eye(3))
    for found in (nn.linalg.solve_triangular(x, y, upper=True), nn.linalg.inv(x) @ y):
        close(x @ found, np.broadcast_to(y, (3, 3, 3)))


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("left", [False, True])
def test_a_triangle_with_a_0_on_its_diagonal_gives_what_dividing_by_0_gives(upper, left):
    x = nn.tensor([[[0.0, 3.0], [3.0, 2.0]], [[1.0, 1.0], [1.0, 4.0]]], requires_grad=True)
    y = nn.tensor([[6.0, 8.0], [6.0, 8.0]], requires_grad=True)
    solution = nn.linalg.solve_triangular(x, y, upper=upper, left=left)
    assert not np.isfinite(solution.detach().numpy()[0]).all()
    close(solution[1].detach(), nn.linalg.solve((nn.triu if upper else nn.tril)(x[1]), y, left=left).detach())
    solution.sum().backward()
    assert not np.isfinite(x.grad.numpy()[0]).all()
    assert np.isfinite(x.grad.numpy()[1]).all()
    assert x.grad.numpy()[0][(1, 0) if upper else (0, 1)] == 0


def test_the_solutions_of_a_matrix_with_nan_are_nan_and_others_are_not():
    x = np.stack([[[math.nan, 1.0], [1.0, 2.0]], [[1.0, 1.0], [1.0, 2.0]], [[1.0, 1.0], [1.0, math.nan]]])
    t = nn.tensor(x)
    for y in (
        nn.linalg.inv(t),
        nn.linalg.solve(t, nn.eye(2).double()[None]),
        t.inverse(),
        nn.linalg.matrix_power(t, -1),
    ):
        assert np.isnan(y.numpy()[[0, 2]]).all()
        close(y[1], np.linalg.inv(x[1]))
    assert nn.linalg.slogdet(t).logabsdet.isnan().tolist() == [True, False, True]


def test_the_determinant_of_a_product_is_the_product_and_that_of_the_inverse_one_over_it(a, b):
    det = nn.linalg.det
    close(det(a @ b), det(a) * det(b))
    close(det(nn.linalg.inv(a)), 1 / det(a))
    close(det(a.mT), det(a))
    close(det(2 * a), 16 * det(a))
    close(det(a.flip(-2)), det(a))  # reversing four rows is two swaps
    close(det(nn.tril(a)), a.diagonal(0, -2, -1).prod(-1))


def test_slogdet_is_the_sign_and_the_logarithm_of_the_determinant(a):
    sign, log = nn.linalg.slogdet(a)
    close(sign * log.exp(), nn.linalg.det(a))
    assert nn.linalg.slogdet(nn.zeros(2, 2)) == (0, -math.inf)
    assert nn.linalg.slogdet(nn.eye(200).double() * 1e-3).logabsdet.item() == pytest.approx(200 * math.log(1e-3))


@pytest.mark.parametrize("x", [np.zeros((2, 2)), np.zeros((3, 3)), np.diag([0.0, 0, 2]), np.ones((3, 3)), np.eye(3)])
def test_the_second_derivative_of_the_determinant_of_any_matrix_is_that_of_its_terms(x):
    """d^2 det / dx_ij dx_kl is the signed determinant without these rows and columns, regular or not."""
    n = len(x)
    expected = np.zeros((n, n, n, n))
    for i, j, k, m in np.ndindex(n, n, n, n):
        if i != k and j != m:
            rest = np.delete(np.delete(x, [i, k], 0), [j, m], 1)
            sign = (-1) ** (i + j + k + m) * (1 if (i < k) == (j < m) else -1)
            expected[i, j, k, m] = sign * np.linalg.det(rest)
    found = nn.func.hessian(nn.linalg.det)(nn.tensor(x))
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-12)


def test_a_matrix_times_its_inverse_is_1(a):
    close(a @ nn.linalg.inv(a), np.broadcast_to(np.eye(4), (2, 4, 4)))
    close(nn.linalg.inv(nn.linalg.inv(a)), a)


@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (2, 3, 3)])
@pytest.mark.parametrize("rank", [1, 3])
def test_a_pseudoinverse_satisfies_the_four_equations_of_penrose(shape, rank, rng):
    a = nn.tensor(rng.normal(size=(*shape[:-1], rank)) @ rng.normal(size=(*shape[:-2], rank, shape[-1])))
    p = nn.linalg.pinv(a)
    close(a @ p @ a, a)
    close(p @ a @ p, p)
    close((a @ p).mT, a @ p)
    close((p @ a).mT, p @ a)


def test_a_pseudoinverse_leaves_singular_values_up_to_the_bound_out():
    a = nn.diag(nn.tensor([4.0, 0.5]))
    assert nn.linalg.pinv(a, atol=1.0).tolist() == nn.linalg.pinv(a, rtol=0.2).tolist() == [[0.25, 0], [0, 0]]
    assert nn.linalg.pinv(a, hermitian=True).tolist() == [[0.25, 0], [0, 2]]


def test_inverse_and_solution_of_tensors_undo_tensordot(rng):
    a = nn.tensor(rng.normal(size=(2, 3, 6)))
    b = nn.tensor(rng.normal(size=(2, 3)))
    close(nn.tensordot(nn.linalg.tensorinv(a), b, 2), nn.linalg.tensorsolve(a, b))
    close(nn.tensordot(a, nn.linalg.tensorsolve(a, b), 1), b)
    close(nn.linalg.tensorsolve(a.permute(2, 0, 1), b, dims=(0,)), nn.linalg.tensorsolve(a, b))


def test_the_gradients_agree_with_differences(rng):
    a = nn.tensor(rng.normal(size=(3, 3)) + 3 * np.eye(3), requires_grad=True)
    b = nn.tensor(rng.normal(size=(3, 2)), requires_grad=True)
    assert nn.testing.gradcheck(nn.linalg.solve, (a, b))
    for function in (nn.linalg.inv, nn.linalg.det, lambda a: nn.linalg.slogdet(a).logabsdet, nn.linalg.pinv):
        assert nn.testing.gradcheck(function, (a,))


A = nn.eye(3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.linalg.inv(nn.zeros(2, 3)), nn.ShapeError, "inv: A must be square matrices"),
        (
            lambda: nn.linalg.inv(nn.zeros(2, 2)),
            nn.LinAlgError,
            r"inv: a matrix of shape \(2, 2\) is singular; use pinv",
        ),
        (
            lambda: nn.linalg.solve(A, nn.zeros(2, 1)),
            nn.ShapeError,
            r"solve: B must have 3 rows for A of shape \(3, 3\)",
        ),
        (lambda: nn.linalg.solve(A, nn.zeros(2, 2), left=False), nn.ShapeError, "solve: B must have 3 columns for A"),
        (lambda: nn.linalg.solve(A, nn.zeros(3), left=False), nn.ShapeError, "left=False needs matrices for B"),
        (lambda: nn.linalg.tensorinv(nn.zeros(2, 3, 5)), nn.ShapeError, "tensorinv: the first 2 axes .* as many"),
        (lambda: nn.linalg.tensorsolve(A, nn.zeros(2)), nn.ShapeError, "tensorsolve: A .* does not map to as many"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
