"""Decompositions by what they promise: factors of their kind, whose product is the matrix; and the messages."""

import numpy as np
import pytest

import nn


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=1e-12)


def definite(rng, *shape):
    a = rng.normal(size=shape)
    return nn.tensor(a @ a.swapaxes(-1, -2) + np.eye(shape[-1]))


def one(*shape):
    return np.broadcast_to(np.eye(shape[-1]), shape)


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 4, 3)])
@pytest.mark.parametrize("mode", ["reduced", "complete"])
def test_qr_is_orthogonal_times_triangular(shape, mode, rng):
    a = nn.tensor(rng.normal(size=shape))
    q, r = nn.linalg.qr(a, mode)
    close(q @ r, a)
    close(q.mT @ q, one(*q.mT.shape[:-1], q.shape[-1]))
    close(r, np.triu(r.numpy()))
    alone = nn.linalg.qr(a, "r")
    assert alone.Q.shape == (0,)
    close(alone.R, nn.linalg.qr(a).R)


@pytest.mark.parametrize("shape", [(4, 4), (5, 3), (3, 5), (2, 4, 3)])
@pytest.mark.parametrize("full", [False, True])
def test_svd_is_orthogonal_times_descending_times_orthogonal(shape, full, rng):
    a = nn.tensor(rng.normal(size=shape))
    u, s, vh = nn.linalg.svd(a, full_matrices=full)
    k = min(shape[-2:])
    close(u[..., :k] * s[..., None, :] @ vh[..., :k, :], a)
    close(u.mT @ u, one(*u.mT.shape[:-1], u.shape[-1]))
    close(vh @ vh.mT, one(*vh.shape[:-1], vh.shape[-2]))
    assert (np.diff(s.numpy()) <= 0).all()
    assert (s >= 0).all()
    close(nn.linalg.svdvals(a), s)


def test_eigenvectors_are_stretched_by_their_eigenvalues_and_orthonormal(rng):
    a = definite(rng, 3, 4, 4)
    w, v = nn.linalg.eigh(a)
    close(a @ v, v * w[..., None, :])
    close(v.mT @ v, one(3, 4, 4))
    assert (np.diff(w.numpy()) >= 0).all()
    close(w.sum(-1), a.diagonal(0, -2, -1).sum(-1))  # the trace
    close(nn.linalg.eigvalsh(a), w)


def test_one_triangle_alone_is_read(rng):
    a = definite(rng, 4, 4)
    for word, triangle in (("L", np.tril), ("U", np.triu)):
        close(nn.linalg.eigvalsh(nn.tensor(triangle(a.numpy())), word), nn.linalg.eigvalsh(a))


def test_cholesky_is_a_triangle_times_its_transpose(rng):
    a = definite(rng, 2, 4, 4)
    lower, upper = nn.linalg.cholesky(a), nn.linalg.cholesky(a, upper=True)
    close(lower @ lower.mT, a)
    close(lower, np.tril(lower.numpy()))
    close(upper, lower.mT)


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("cholesky", lambda a: nn.linalg.cholesky(a @ a.mT + 2 * nn.eye(3).double())),
        ("eigh", lambda a: nn.linalg.eigh(a + a.mT).eigenvalues),
        ("svd", lambda a: nn.linalg.svd(a).S),
        ("qr", lambda a: nn.linalg.qr(a).R.abs()),
    ],
)
def test_the_gradient_agrees_with_differences(name, function, rng):
    assert nn.testing.gradcheck(function, (nn.tensor(rng.normal(size=(3, 3)), requires_grad=True),))


A = nn.zeros(3, 2)


@pytest.mark.parametrize("values", [[1.0, 1.0], [2.0, 2.0, 1.0]])
def test_singular_vectors_of_equal_values_have_nan_for_a_gradient_and_never_a_wrong_one(values):
    """A sum of all elements by way of the decomposition has the gradient 1, which the vectors cannot tell."""
    x = nn.diag(nn.tensor(values)).requires_grad_()
    u, s, v = nn.linalg.svd(x)
    ((u * s) @ v).sum().backward()
    assert x.grad.isnan().any()
    (slope,) = nn.grad(nn.linalg.svd(x)[1].sum(), x)
    assert slope.tolist() == np.eye(len(values)).tolist()
    apart = nn.diag(nn.arange(1.0, 4.0)).requires_grad_()
    u, s, v = nn.linalg.svd(apart)
    ((u * s) @ v).sum().backward()
    np.testing.assert_allclose(apart.grad.numpy(), np.ones((3, 3)), atol=1e-6)


ALIKE = [np.zeros((2, 2)), np.zeros((3, 2)), np.zeros((2, 3)), np.eye(3), np.diag([1.0, 1.0, 2.0]), np.ones((3, 3))]


@pytest.mark.parametrize("x", ALIKE)
def test_vectors_of_one_value_have_nan_for_a_gradient_though_a_factor_of_0_hides_them(x):
    """U diag(s) V^T of zeros is x itself, with the gradient 1; what arrives at U and V there is 0."""
    x = nn.tensor(x, requires_grad=True)
    u, s, v = nn.linalg.svd(x, full_matrices=False)
    for loss in (((u * s) @ v).sum(), u[0, 0], v.square().sum()):
        assert nn.grad(loss, x, retain_graph=True)[0].isnan().any()
    assert nn.grad((s * nn.tensor([2.0, 1.0, 1.0][: len(s)])).sum(), x)[0].isfinite().all()


def test_eigenvectors_of_one_value_have_nan_for_a_gradient_though_a_logarithm_of_1_hides_them():
    """The logarithm of a matrix at the identity has the gradient g, which the values alone do not tell."""
    x = nn.stack([nn.eye(2), nn.diag(nn.tensor([1.0, 3.0]))]).requires_grad_()
    w, v = nn.linalg.eigh(x)
    (v @ nn.diag_embed(w.log()) @ v.mT).sum().backward()
    assert x.grad[0].isnan().all()
    assert x.grad[1].isfinite().all()  # the other matrix of the batch keeps its gradient
    (slope,) = nn.grad(nn.linalg.eigh(x).eigenvalues.sum(), x)
    np.testing.assert_allclose(slope.numpy(), [np.eye(2)] * 2, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.linalg.cholesky(A), nn.ShapeError, r"cholesky: A must be square matrices .* its shape is \(3, 2\)"),
        (
            lambda: nn.linalg.cholesky(-nn.eye(2)),
            nn.LinAlgError,
            r"cholesky: a matrix of shape \(2, 2\) is not positive definite",
        ),
        (lambda: nn.linalg.eigh(A), nn.ShapeError, "eigh: A must be square matrices"),
        (lambda: nn.linalg.eigh(nn.eye(2), "X"), nn.RangeError, "eigh: UPLO must be one of L, U; got 'X'"),
        (lambda: nn.linalg.qr(A, "thin"), nn.RangeError, "qr: mode must be one of reduced, complete, r"),
        (lambda: nn.linalg.qr(nn.ones(3, 2, requires_grad=True), "complete"), nn.GradError, "beyond the first 2 have"),
        (lambda: nn.linalg.svd(nn.ones(3, 2, requires_grad=True)), nn.GradError, "svd: .* use full_matrices=False"),
        (lambda: nn.linalg.svd(A[0]), nn.ShapeError, "svd: A must be matrices in its last two axes"),
        (lambda: nn.linalg.svd(A.long()), nn.DtypeError, "svd: A must be floating-point"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("decompose", [
    nn.linalg.svd, nn.linalg.svdvals, nn.linalg.eigh, nn.linalg.eigvalsh, nn.linalg.eig, nn.linalg.pinv,
    nn.linalg.matrix_rank, nn.linalg.cond, lambda a: nn.linalg.norm(a, 2), lambda a: nn.linalg.norm(a, "nuc"),
    lambda a: nn.linalg.matrix_rank(a, hermitian=True), lambda a: nn.linalg.svd(a, full_matrices=False),
])  # fmt: skip
def test_a_matrix_with_nan_has_no_decomposition(decompose):
    with pytest.raises(nn.LinAlgError, match=r"a matrix of shape \(3, 3\) did not converge; look for nan and inf"):
        decompose(nn.full((3, 3), float("nan")))


def test_the_gradient_of_a_determinant_that_is_nan():
    a = nn.eye(2).repeat(2, 1, 1)
    a[0, 0, 0] = float("nan")
    a.requires_grad_()
    nn.linalg.det(a).sum().backward()
    assert a.grad[0].isnan().all()
    np.testing.assert_allclose(a.grad[1].numpy(), np.eye(2), atol=1e-6)
