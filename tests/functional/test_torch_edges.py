"""Where a formula has 0 / 0: equal eigenvalues, zeros, ties, infinities and nan. Values and gradients are PyTorch's."""

import functools
import math

import numpy as np
import pytest
from oracle import compare

import nn

inf, nan = math.inf, math.nan
NUMBERS = np.array([-inf, -3.0, -2.5, -1.0, -0.0, 0.0, 0.5, 1.0, 2.5, 3.0, inf, nan])
PAIRS = [m.ravel() for m in np.meshgrid(NUMBERS, NUMBERS)]
A = np.array([[2.0, 1.0, 0.5], [-1.0, 3.0, 0.25], [0.75, -0.5, 4.0]])
COINCIDING = {
    "identity": np.eye(3),
    "zero": np.zeros((3, 3)),
    "a pair": np.diag([2.0, 2.0, 5.0]),
    "wide": np.eye(3, 4),
    "tall zero": np.zeros((4, 3)),
    "batch": np.stack([np.eye(3), np.diag([1.0, 2.0, 2.0]), np.zeros((3, 3))]),
}
ACTIVATIONS = """
    hardswish hardsigmoid hardtanh relu relu6 elu selu celu gelu silu
    mish softplus logsigmoid sigmoid tanh softsign tanhshrink hardshrink softshrink leaky_relu
"""
FUNCTIONS = """
    sign abs exp exp2 expm1 log log2 log10 log1p sqrt rsqrt reciprocal sin tanh
    atan asinh erf erfc floor ceil round trunc frac square neg nan_to_num sinc lgamma
"""
SQUARE = {name: x for name, x in COINCIDING.items() if x.shape[-1] == x.shape[-2]}
once = dict(orders=1, forward=False)


@pytest.mark.parametrize("name", COINCIDING)
def test_singular_values_that_coincide(name):
    x = COINCIDING[name]
    compare(lambda lib, x: lib.top.linalg.svdvals(x), x, **once)
    compare(lambda lib, x: lib.top.linalg.svd(x, full_matrices=False)[1], x, **once)
    for ord in ("nuc", 2, -2, "fro"):
        compare(lambda lib, x, ord=ord: lib.top.linalg.matrix_norm(x, ord), x, **once)
    compare(lambda lib, x: lib.top.norm(x, "nuc", (-2, -1)), x, **once)
    compare(lambda lib, x: lib.top.norm(x, "nuc", (-2, -1), keepdim=True), x, **once)


@pytest.mark.parametrize("name", SQUARE)
def test_eigenvalues_that_coincide(name):
    x = SQUARE[name]
    for uplo in "LU":
        compare(lambda lib, x, uplo=uplo: lib.top.linalg.eigvalsh(x, uplo), x, **once)
        compare(lambda lib, x, uplo=uplo: lib.top.linalg.eigh(x, uplo)[0], x, **once)
    if np.all(np.linalg.det(x)):
        for p in (None, 2, -2, "nuc"):
            compare(lambda lib, x, p=p: lib.top.linalg.cond(x, p), x, **once)


def test_the_sum_of_eigenvalues_has_the_gradient_of_the_trace():
    for x in SQUARE.values():
        t = nn.tensor(x, requires_grad=True)
        nn.linalg.eigvalsh(t).sum().backward()
        np.testing.assert_allclose(t.grad.numpy(), np.broadcast_to(np.eye(3), x.shape), atol=1e-12)


@pytest.mark.parametrize("p", [1, "fro", inf])
def test_the_condition_of_a_singular_matrix_is_infinite(p):
    compare(lambda lib, x: lib.top.linalg.cond(x, p), np.stack([np.zeros((2, 2)), np.eye(2)]), orders=0)


@pytest.mark.parametrize("upper", [False, True])
def test_of_a_matrix_that_is_not_symmetric_one_triangle_is_read_and_both_have_the_gradient(upper, rng):
    s = np.tril(A) if not upper else np.triu(A)
    for x in (A, s):
        compare(lambda lib, x: lib.top.linalg.cholesky(x, upper=upper), x, **once)
        compare(lambda lib, x: lib.top.linalg.eigvalsh(x, "U" if upper else "L"), x, **once)
        compare(lambda lib, x: lib.top.linalg.eigh(x, "U" if upper else "L")[1].abs(), x, **once)
    b = rng.normal(size=(3, 2))
    compare(lambda lib, b, l: lib.top.cholesky_solve(b, l, upper=upper), b, s, **once)
    compare(lambda lib, l: lib.top.cholesky_inverse(l, upper=upper), s, **once)
    compare(lambda lib, l, b: lib.top.linalg.solve_triangular(l, b, upper=upper), A, b, **once)


@pytest.mark.parametrize("upper", [False, True])
def test_the_triangle_that_is_read_has_its_own_gradient_whatever_stands_in_the_other(upper, rng):
    """PyTorch's changes with the numbers that it does not read; differences say that this one is right."""
    full, b, g = A + 3 * np.eye(3), rng.normal(size=(3, 2)), rng.normal(size=(3, 2))
    used = np.triu(np.ones((3, 3))) if upper else np.tril(np.ones((3, 3)))

    def loss(factor):
        return (nn.cholesky_solve(nn.tensor(b), factor, upper=upper) * nn.tensor(g)).sum()

    x = nn.tensor(full, requires_grad=True)
    loss(x).backward()
    step = 1e-6
    for i, j in np.argwhere(used):
        moved = [
            loss(nn.tensor(full + sign * step * (np.indices((3, 3)) == [[[i]], [[j]]]).all(0))) for sign in (1, -1)
        ]
        assert float(moved[0] - moved[1]) / (2 * step) == pytest.approx(float(x.grad[i, j]), abs=1e-7)


def test_determinants_of_singular_matrices():
    for x in (np.zeros((2, 2)), np.diag([1.0, 0.0])):
        compare(lambda lib, x: tuple(lib.top.linalg.slogdet(x)), x, orders=0)
        t = nn.tensor(x, requires_grad=True)
        nn.linalg.slogdet(t).logabsdet.backward()
        assert not np.isfinite(t.grad.numpy()).all()


@pytest.mark.parametrize("n", [0, 1, 2, -1])
def test_powers_of_a_matrix(n):
    compare(lambda lib, x: lib.top.linalg.matrix_power(x, n), A, **once)
    compare(lambda lib, x: lib.top.linalg.matrix_power(x, n), np.stack([A, A.T]), **once)


@pytest.mark.parametrize("name", ["logaddexp", "logaddexp2", "maximum", "minimum", "fmax", "fmin", "hypot", "xlogy"])
def test_pairs_of_odd_numbers(name):
    compare(lambda lib, x, y: getattr(lib.top, name)(x, y), *PAIRS, **once)


def test_bounds_that_are_tensors():
    odd = [-inf, -1.0, 0.0, 1.0, 2.5, inf, nan]
    grid = [m.ravel() for m in np.meshgrid(odd, odd, odd)]
    compare(lambda lib, x, low, high: lib.top.clamp(x, low, high), *grid, orders=0)
    x, low, high = grid  # where the result is nan after all, PyTorch may give the upper bound a gradient
    counted = ~((np.isnan(x) & (high < low)) | (np.isnan(low) & (x > high)))
    x, low, high = (m[counted] for m in grid)
    compare(lambda lib, x, low, high: lib.top.clamp(x, low, high), x, low, high, **once)
    compare(lambda lib, x, low: lib.top.clamp_min(x, low), *PAIRS, **once)
    compare(lambda lib, x, high: lib.top.clamp(x, max=high), *PAIRS, **once)
    compare(lambda lib, x, low, high: (x * 1).clamp_(low, high), x, low, high, **once)


def test_products_with_logarithms_that_are_not_there():
    compare(lambda lib, x, y: lib.top.special.xlog1py(x, y), *PAIRS, **once)
    for name, least in (("xlogy", 0), ("xlog1py", -1)):
        log = functools.partial(lambda name, least, lib, x, y: lib.top.where(
            y > least, getattr(lib.top.special, name)(x, y), 0.0), name, least)  # fmt: skip
        compare(log, *PAIRS, **once)


LOSSES = {
    "huber": lambda lib, x, y, **to: lib.F.huber_loss(x, y, **to),
    "a narrow huber": lambda lib, x, y, **to: lib.F.huber_loss(x, y, delta=0.5, **to),
    "smooth": lambda lib, x, y, **to: lib.F.smooth_l1_loss(x, y, **to),
    "a narrow smooth": lambda lib, x, y, **to: lib.F.smooth_l1_loss(x, y, beta=0.5, **to),
    "no smooth": lambda lib, x, y, **to: lib.F.smooth_l1_loss(x, y, beta=0.0, **to),
    "l1": lambda lib, x, y, **to: lib.F.l1_loss(x, y, **to),
    "hinge": lambda lib, x, y, **to: lib.F.hinge_embedding_loss(x, y, **to),
}


@pytest.mark.parametrize("name", LOSSES)
def test_second_derivatives_of_losses_at_their_kinks(name):
    compare(functools.partial(LOSSES[name], reduction="none"), *PAIRS, **once)
    finite = np.isfinite(PAIRS).all(axis=0)
    compare(functools.partial(LOSSES[name], reduction="none"), *(m[finite] for m in PAIRS), orders=2, forward=False)


def test_gradients_by_targets_that_are_certain():
    compare(lambda lib, x, t: lib.F.kl_div(x, t, reduction="sum"), *PAIRS, **once)
    compare(lambda lib, x, t: lib.F.kl_div(x, t, reduction="sum", log_target=True), *PAIRS, **once)
    p, t = [m.ravel() for m in np.meshgrid([0.0, 1e-30, 1e-6, 0.25, 1.0], [0.0, 0.3, 1.0])]
    for dtype in ("float32", "float64"):
        single = p.astype(dtype), t.astype(dtype)
        compare(lambda lib, p, t: lib.F.binary_cross_entropy(p, t, reduction="none"), *single, **once, rtol=1e-5)


@pytest.mark.parametrize("name", ACTIVATIONS.split())
def test_activations_of_odd_numbers(name):
    compare(lambda lib, x: getattr(lib.F, name)(x), NUMBERS, orders=1, forward=False, rtol=1e-6)


@pytest.mark.parametrize("name", FUNCTIONS.split())
def test_functions_of_odd_numbers(name):
    compare(lambda lib, x: getattr(lib.top, name)(x), NUMBERS, **once)


def test_the_logit_of_what_is_no_probability():
    compare(lambda lib, x: lib.top.logit(x), NUMBERS[5:], **once)
    compare(lambda lib, x: lib.top.logit(x, 0.1), NUMBERS[5:-1], **once)


ROWS = [
    [1, nan, 3.0],
    [1, 3, 3.0],
    [nan, nan],
    [inf, inf, 1],
    [-inf, -inf],
    [inf, -inf],
    [nan, inf],
    [[1, 2], [2, nan]],
]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_extremes_and_middles_of_odd_numbers(row):
    x = np.array(row, float)
    for name in ("max", "min", "amax", "amin", "median", "nanmedian"):
        compare(lambda lib, x, name=name: getattr(lib.top, name)(x), x, **once)
    for name in ("max", "min", "median", "nanmedian", "cummax", "cummin", "sort"):
        compare(lambda lib, x, name=name: getattr(lib.top, name)(x, -1)[0], x, **once)
    for how in ("linear", "lower", "higher", "nearest", "midpoint"):
        for q in (0.0, 0.3, 0.5, 1.0):
            for name in ("quantile", "nanquantile"):
                compare(lambda lib, x, q=q, f=name, how=how: getattr(lib.top, f)(x, q, interpolation=how), x, **once)


def test_a_quantile_has_a_gradient_by_its_share(rng):
    x = rng.normal(size=(4, 7))
    for q in (np.array([0.1, 0.5, 0.77]), np.array(0.3)):
        for how in ("linear", "lower", "midpoint"):
            compare(lambda lib, x, q, how=how: lib.top.quantile(x, q, interpolation=how), x, q, **once)
            compare(lambda lib, x, q, how=how: lib.top.quantile(x, q, 1, interpolation=how), x, q, **once)


@pytest.mark.parametrize("p", [0.5, 1, 1.5, 2, 3, inf])
def test_distances_that_are_zero_or_equal(p):
    x, y = np.array([[0.0, 0.0], [1.0, 2.0]]), np.array([[0.0, 0.0], [1.0, 1.0]])
    compare(lambda lib, x, y: lib.top.cdist(x, y, p), x, y, **once)
    compare(lambda lib, x: lib.F.pdist(x, p), np.array([[0.0, 0.0], [0.0, 0.0], [1.0, -1.0]]), **once)
    compare(lambda lib, x: lib.F.normalize(x, p), x, **once)
    compare(lambda lib, x: lib.top.linalg.vector_norm(x, p, 1), x, **once)


def test_the_interpolation_of_two_numbers_is_exact_at_both_ends():
    x, y, w = np.array([0.1, 1e17, 3.0]), np.array([0.3, 1.0, 3.0]), np.array([1.0, 1.0, 0.3])
    compare(lambda lib, x, y, w: lib.top.lerp(x, y, w), x, y, w)
    assert nn.lerp(nn.tensor(x), nn.tensor(y), nn.tensor(w)).tolist() == y.tolist()
