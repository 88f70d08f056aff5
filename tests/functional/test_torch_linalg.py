"""Linear algebra against PyTorch; vectors by what does not depend on their signs."""

import numpy as np
import pytest
from oracle import compare, compare_both, normal, torch

import nn


def regular(rng, *shape):
    x = rng.normal(size=shape)
    return x + 3 * np.eye(*shape[-2:])


def positive(rng, *shape):
    x = rng.normal(size=shape)
    return x @ np.swapaxes(x, -1, -2) + np.eye(shape[-1])


def linalg(name, *args, **kwargs):
    return lambda lib, *t: getattr(lib.top.linalg, name)(*t, *args, **kwargs)


@pytest.mark.parametrize("shape", [(3, 3), (2, 2, 2), (1, 1)])
@pytest.mark.parametrize("name", ["inv", "det", "matrix_exp", "pinv", "cond", "tensorinv"])
def test_of_square_matrices(name, shape, rng):
    x = regular(rng, *shape)
    if name == "tensorinv":
        compare(linalg(name, ind=2), x.reshape(1, *shape[:1], -1) if len(shape) == 2 and shape[0] == 1 else
                regular(rng, 4, 4).reshape(2, 2, 4))  # fmt: skip
    else:
        compare_both(linalg(name), x) if name != "cond" else compare(linalg(name), x)


@pytest.mark.parametrize("shape", [(3, 3), (2, 2, 2)])
def test_slogdet(shape, rng):
    compare_both(lambda lib, x: lib.top.linalg.slogdet(x)[1], regular(rng, *shape))
    compare(linalg("slogdet"), -regular(rng, *shape), orders=0)
    compare(linalg("slogdet"), np.zeros((2, 2)), orders=0)


@pytest.mark.parametrize("x", [[[1.0, 2.0], [2.0, 4.0]], [[0.0, 0.0], [0.0, 3.0]],
                               [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 9.0]]])  # fmt: skip
def test_the_gradient_of_a_determinant_that_is_zero_is_the_cofactors(x):
    """PyTorch gives 0 here; differences and the minors say otherwise."""
    x = nn.tensor(np.array(x), requires_grad=True)
    nn.linalg.det(x).backward()
    n = len(x)
    minors = [[np.linalg.det(np.delete(np.delete(x.detach().numpy(), i, 0), j, 1)) for j in range(n)] for i in range(n)]
    signs = (-1.0) ** np.add.outer(range(n), range(n))
    np.testing.assert_allclose(x.grad.numpy(), signs * minors, atol=1e-8)
    assert nn.testing.gradcheck(nn.linalg.det, x)


@pytest.mark.parametrize("n", [-3, -1, 0, 1, 2, 5])
def test_matrix_power(n, rng):
    compare(linalg("matrix_power", n), regular(rng, 3, 3), orders=2 if n else 0)
    compare(linalg("matrix_power", n), regular(rng, 2, 2, 2), orders=2 if n else 0)


def test_matrix_exp_of_large_and_of_zero_matrices(rng):
    compare(linalg("matrix_exp"), rng.normal(size=(4, 4)) * 8, orders=1, rtol=1e-8)
    compare(linalg("matrix_exp"), np.zeros((3, 3)))


@pytest.mark.parametrize(("a", "b"), [((3, 3), (3, 2)), ((3, 3), (3,)), ((2, 3, 3), (2, 3, 1)), ((3, 3), (2, 3, 2)),
                                      ((2, 3, 3), (2, 3))])  # fmt: skip
def test_solve(a, b, rng):
    compare_both(linalg("solve"), regular(rng, *a), rng.normal(size=b))


def test_solve_from_the_right(rng):
    compare(linalg("solve", left=False), regular(rng, 3, 3), rng.normal(size=(2, 3)))


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("unitriangular", [False, True])
@pytest.mark.parametrize("left", [False, True])
def test_solve_triangular(upper, unitriangular, left, rng):
    solve = linalg("solve_triangular", upper=upper, left=left, unitriangular=unitriangular)
    a = regular(rng, 3, 3)  # torch's gradient of what it does not read is 0 too
    compare(solve, a, rng.normal(size=(3, 3)))


@pytest.mark.parametrize("upper", [False, True])
@pytest.mark.parametrize("shape", [(3, 3), (2, 2, 2)])
def test_cholesky(upper, shape, rng):
    def symmetric(lib, x):
        return lib.top.linalg.cholesky((x + x.mT) / 2, upper=upper)

    x = positive(rng, *shape)
    compare_both(symmetric, x)
    b = rng.normal(size=(*shape[:-1], 2))
    compare(lambda lib, x, b: lib.top.cholesky_solve(b, symmetric(lib, x), upper=upper), x, b)
    compare(lambda lib, x: lib.top.cholesky_inverse(symmetric(lib, x), upper=upper), x)


@pytest.mark.parametrize("shape", [(3, 3), (2, 2, 2)])
@pytest.mark.parametrize("uplo", ["L", "U"])
def test_eigh(shape, uplo, rng):
    def invariant(lib, x):
        values, vectors = lib.top.linalg.eigh((x + x.mT) / 2, uplo)
        return values, vectors**2, vectors[..., :1, :] * vectors[..., 1:, :]

    compare(invariant, rng.normal(size=shape), rtol=1e-7, atol=1e-8)
    compare(lambda lib, x: lib.top.linalg.eigvalsh(x + x.mT, uplo), rng.normal(size=shape), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("uplo", ["L", "U"])
def test_of_an_unsymmetric_matrix_one_triangle_is_read(uplo, rng):
    x = rng.normal(size=(3, 3))
    compare(lambda lib, x: lib.top.linalg.eigvalsh(x, uplo), x, orders=0)
    p = positive(rng, 3, 3)
    spoilt = p + (np.triu(np.ones((3, 3)), 1) if uplo == "L" else np.tril(np.ones((3, 3)), -1))
    compare(lambda lib, p: lib.top.linalg.cholesky(p, upper=uplo == "U"), spoilt, orders=0)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2)])
def test_svd(shape, rng):
    def invariant(lib, x):
        u, s, vh = lib.top.linalg.svd(x, full_matrices=False)
        return s, u @ vh, (u**2).sum(-2) * s, (vh**2) * 1.0, (u**2) * 1.0

    compare(invariant, rng.normal(size=shape), rtol=1e-6, atol=1e-7)
    compare(linalg("svdvals"), rng.normal(size=shape), rtol=1e-7)


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2)])
def test_qr(shape, rng):
    compare(linalg("qr"), rng.normal(size=shape), rtol=1e-7, atol=1e-8)
    compare(lambda lib, x: lib.top.linalg.qr(x, "r")[1], rng.normal(size=shape), orders=0)
    compare(linalg("qr", "complete"), rng.normal(size=(2, 3)), rtol=1e-7, atol=1e-8)
    compare(lambda lib, x: lib.top.linalg.qr(x.detach(), "complete"), rng.normal(size=(3, 2)))


@pytest.mark.parametrize("shape", [(3, 3), (4, 2), (2, 4), (2, 3, 2)])
def test_pinv_and_lstsq(shape, rng):
    compare(linalg("pinv"), rng.normal(size=shape), rtol=1e-7, atol=1e-8)
    b = rng.normal(size=(*shape[:-1], 2))
    compare(lambda lib, a, b: lib.top.linalg.lstsq(a, b)[0], rng.normal(size=shape), b, rtol=1e-7, atol=1e-8)
    compare(lambda lib, a, b: lib.top.linalg.lstsq(a, b, **({"driver": "gelsd"} if lib.top is torch else {})),
            rng.normal(size=(5, 2)), rng.normal(size=(5, 2)), orders=0)  # fmt: skip


@pytest.mark.parametrize("ord", [2, 1, 3, 0.5, 0, -1, np.inf, -np.inf])
@pytest.mark.parametrize(("shape", "dim"), [((4,), None), ((2, 3), None), ((2, 3), 0), ((2, 3, 2), (0, 2))])
def test_vector_norm(ord, shape, dim, rng):
    for keepdim in (False, True):
        call, x = linalg("vector_norm", ord, dim, keepdim), rng.normal(size=shape)
        compare_both(call, x) if ord else compare(call, x, orders=0)


@pytest.mark.parametrize("ord", [2, 1, 3, np.inf])
def test_the_gradient_of_a_norm_at_zero_is_finite(ord):
    x = nn.zeros(3, requires_grad=True)
    nn.linalg.vector_norm(x, ord).backward()
    assert np.isfinite(x.grad.numpy()).all()
    if ord == 2:
        compare(linalg("vector_norm"), np.zeros(3), orders=1, forward=False)


@pytest.mark.parametrize("ord", ["fro", "nuc", 2, -2, 1, -1, np.inf, -np.inf])
@pytest.mark.parametrize("shape", [(3, 3), (2, 3), (2, 3, 2)])
def test_matrix_norm(ord, shape, rng):
    for keepdim in (False, True):
        compare(linalg("matrix_norm", ord, keepdim=keepdim), rng.normal(size=shape), rtol=1e-7, atol=1e-8)
    compare(linalg("norm", ord, dim=(-1, -2)), rng.normal(size=shape), rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize(("shape", "ord", "dim"), [((3,), None, None), ((2, 3), None, None), ((2, 3), None, 1),
                                                   ((3,), 3, None), ((2, 3), 1, None), ((2, 3), 1, 0)])  # fmt: skip
def test_norm(shape, ord, dim, rng):
    compare_both(linalg("norm", ord, dim), rng.normal(size=shape))


@pytest.mark.parametrize("p", [None, 2, -2, 1, "fro", np.inf])
def test_cond(p, rng):
    compare(linalg("cond", p), regular(rng, 3, 3), rtol=1e-7, atol=1e-8, orders=2 if p in (None, 2, -2) else 0)
    assert nn.testing.gradcheck(lambda x: nn.linalg.cond(x, p), nn.tensor(regular(rng, 3, 3), requires_grad=True))


@pytest.mark.filterwarnings("ignore:torch.qr is deprecated")
def test_products(rng):
    compare_both(linalg("vecdot"), *normal(rng, (2, 3), (3,)))
    compare_both(linalg("cross"), *normal(rng, (2, 3), (2, 3)))
    compare_both(linalg("cross", dim=0), *normal(rng, (3, 2), (3, 2)))
    compare_both(lambda lib, *t: lib.top.linalg.multi_dot(t), *normal(rng, (2, 5), (5, 1), (1, 4), (4, 3)))
    compare_both(lambda lib, *t: lib.top.linalg.multi_dot(t), *normal(rng, (5,), (5, 2), (2,)))
    compare(linalg("tensorsolve"), regular(rng, 4, 4).reshape(2, 2, 4), rng.normal(size=(2, 2)))
    compare_both(lambda lib, x: lib.top.logdet(x), positive(rng, 3, 3))
    compare(lambda lib, x: lib.top.svd(x)[1], rng.normal(size=(3, 2)))
    compare(lambda lib, x: lib.top.qr(x), rng.normal(size=(3, 2)), rtol=1e-7)


def test_matrix_rank(rng):
    for x in (np.ones((3, 3)), np.eye(3), np.zeros((2, 3)), rng.normal(size=(2, 3, 4))):
        compare(linalg("matrix_rank"), x, orders=0)
    compare(linalg("matrix_rank", hermitian=True), np.diag([1.0, -1.0, 0.0]), orders=0)
    compare(linalg("matrix_rank", atol=0.5), np.diag([1.0, 0.4, 0.0]), orders=0)


SINGULAR = [[1.0, 2.0], [2.0, 4.0]]


@pytest.mark.parametrize(("call", "message"), [
    (lambda l, t: l.linalg.inv(t(SINGULAR)), r"inv: a matrix of shape \(2, 2\) is singular; use pinv or lstsq"),
    (lambda l, t: l.linalg.solve(t(SINGULAR), t([1.0, 2.0])), "solve: a matrix of shape .* is singular"),
    (lambda l, t: l.linalg.cholesky(t([[-1.0, 0.0], [0.0, 1.0]])), "cholesky: .* is not positive definite"),
    (lambda l, t: l.linalg.inv(t([[1.0, 2.0]])), r"inv: A must be square matrices .* its shape is \(1, 2\)"),
    (lambda l, t: l.linalg.det(t([1.0])), r"det: A must be square matrices"),
    (lambda l, t: l.linalg.solve(t(SINGULAR), t([[1.0]])), r"B must have 2 rows for A of shape \(2, 2\), got \(1, 1\)"),
    (lambda l, t: l.linalg.eigh(t(SINGULAR), "X"), "eigh: UPLO must be one of L, U"),
    (lambda l, t: l.linalg.matrix_norm(t(SINGULAR), 7), "matrix_norm: ord must be"),
    (lambda l, t: l.linalg.inv(t([[1, 2], [3, 4]])), "inv: A must be floating-point"),
])  # fmt: skip
def test_what_torch_refuses_is_refused_with_a_sentence(call, message):
    with pytest.raises((RuntimeError, ValueError)):
        call(torch, torch.tensor)
    with pytest.raises((RuntimeError, ValueError), match=message):
        call(nn, nn.tensor)


def test_vectors_without_a_gradient_are_refused_not_given_a_wrong_one():
    x = nn.ones(3, 2, requires_grad=True)
    with pytest.raises(nn.GradError, match=r"svd: of A .* have no gradient; use full_matrices=False"):
        nn.linalg.svd(x)
    with pytest.raises(nn.GradError, match=r"qr: of A .* have no gradient; use mode='reduced'"):
        nn.linalg.qr(x, "complete")
    assert nn.linalg.svd(x.detach()).U.shape == (3, 3)


@pytest.mark.parametrize("options", [{}, {"offset": 1}, {"offset": -1, "dim1": 0, "dim2": 2}])
def test_the_diagonal_of_the_last_two_axes(options, rng):
    compare(linalg("diagonal", **options), rng.normal(size=(4, 2, 3)))
