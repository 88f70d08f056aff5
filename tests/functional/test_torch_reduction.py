"""Reductions, statistics and scans against PyTorch: values, two orders of gradients, ties, zeros, nan, errors."""

import math

import numpy as np
import pytest
from oracle import OURS, THEIRS, compare, compare_both, normal, torch

import nn

DIMS = [None, 0, -1, (0, 2), (0, 1, 2)]


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", DIMS, ids=str)
@pytest.mark.parametrize("name", ["nansum", "nanmean", "count_nonzero", "all", "any", "var_mean", "std_mean", "var"])
def test_reductions(name, dim, keepdim, rng):
    (x,) = normal(rng, (2, 3, 4))
    arguments = {} if dim is None else dict(dim=dim) if name == "count_nonzero" else dict(dim=dim, keepdim=keepdim)
    compare_both(lambda lib, x: getattr(lib.top, name)(x, **arguments), x)
    if name.startswith("nan"):
        x[0, 1, 1:] = x[1, 0, 2] = np.nan
        compare(lambda lib, x: getattr(lib.top, name)(x, **arguments), x, orders=1)


@pytest.mark.parametrize("shape", [(2, 3, 4), (3, 4), (5,), ()], ids=str)
@pytest.mark.parametrize("zeros", [0, 1, 2])
def test_prod_and_its_gradients_with_zeros(shape, zeros, rng):
    (x,) = normal(rng, shape)
    if shape:
        x.reshape(-1)[:zeros] = 0
    compare_both(lambda lib, x: lib.top.prod(x), x)
    for dim in (0, -1):
        compare_both(lambda lib, x, dim=dim: lib.top.prod(x, dim), x)
        compare(lambda lib, x, dim=dim: x.prod(dim, keepdim=True), x)
    compare(lambda lib, x: lib.top.cumprod(x, -1), x)


@pytest.mark.parametrize("name", ["sum", "prod", "nansum", "cumsum", "cumprod"])
def test_the_type_to_compute_in(name):
    for dtype in ("bool", "uint8", "int32", "float32"):
        x = np.ones((2, 3), dtype)
        compare(lambda lib, x: getattr(lib.top, name)(x, 1), x, orders=0)
        compare(lambda lib, x: getattr(lib.top, name)(x, 1, dtype=lib.top.float64), x, orders=0)
        compare(lambda lib, x: getattr(lib.top, name)(x.detach(), dim=0, dtype=lib.top.int32), x, orders=0)
    compare(lambda lib, x: lib.top.mean(x, dtype=lib.top.float64), np.array([1, 2]), orders=0)
    compare(lambda lib, x: lib.top.norm(x, dtype=lib.top.float64), np.ones(3, np.float32), orders=0)


PS = [0.5, 1, 1.5, 2, 3, -1, math.inf, -math.inf, "fro"]


@pytest.mark.parametrize("dim", [None, 0, (0, 2)], ids=str)
@pytest.mark.parametrize("p", PS)
def test_norm(p, dim, rng):
    (x,) = normal(rng, (2, 3, 4))
    compare_both(lambda lib, x: lib.top.norm(x, p, dim), x)
    compare(lambda lib, x: x.norm(p, dim, keepdim=True) if dim is not None else x.norm(p), x, orders=1)
    compare(lambda lib, x: lib.top.norm(x, 0, dim), np.round(x), orders=0)


@pytest.mark.parametrize("p", [p for p in PS if p != -1])
def test_the_gradient_of_a_norm_at_zero_is_zero_and_ties_share(p):
    for x in (np.zeros(3), np.array([0.0, 2.0, -1.0]), np.array([2.0, -2.0, 1.0])):
        compare(lambda lib, x: lib.top.norm(x, p), x, orders=1, forward=False)
    compare(lambda lib, x, y: lib.top.dist(x, y), np.ones(3), np.ones(3), orders=1, forward=False)


def test_dist(rng):
    for p in (1, 2, 3, math.inf):
        compare_both(lambda lib, x, y, p=p: lib.top.dist(x, y, p), *normal(rng, (2, 3), (3,)))


@pytest.mark.parametrize("dim", [None, 0, -1])
@pytest.mark.parametrize("keepdim", [False, True])
def test_aminmax(dim, keepdim, rng):
    compare(lambda lib, x: tuple(lib.top.aminmax(x, dim=dim, keepdim=keepdim)), *normal(rng, (3, 4)))
    compare(lambda lib, x: lib.top.aminmax(x, dim=dim).max, np.array([[1.0, 3, 3], [3, 0, 1]]), orders=1)


def test_max_and_min_of_two_tensors(rng):
    compare_both(lambda lib, x, y: lib.top.max(x, y) * x.min(y), *normal(rng, (3, 4), (4,)))


@pytest.mark.parametrize("name", ["var", "std"])
@pytest.mark.parametrize("call", [
    lambda f, x: f(x, True), lambda f, x: f(x, False), lambda f, x: f(x, 1, False), lambda f, x: f(x, 1, True, True),
    lambda f, x: f(x, unbiased=False), lambda f, x: f(x, dim=(0, 1), unbiased=True), lambda f, x: f(x, correction=2),
    lambda f, x: f(x, (1,), correction=0, keepdim=True), ])  # fmt: skip
def test_the_forms_of_var_and_std(name, call, rng):
    compare(lambda lib, x: call(getattr(lib.top, name), x), *normal(rng, (3, 4)))


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "nansum", "nanmean"])
def test_no_axis_means_all(name, rng):
    compare(lambda lib, x: getattr(lib.top, name)(x, ()), *normal(rng, (2, 3)))


@pytest.mark.parametrize("dim", [0, -1])
@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("name", ["sum", "nansum", "mean", "nanmean", "prod", "amax", "amin", "max", "min", "median",
                                  "nanmedian", "mode", "logsumexp", "var", "std", "all", "any"])  # fmt: skip
def test_an_axis_of_a_tensor_without_axes(name, dim, keepdim):
    def function(lib, x):
        found = getattr(lib.top, name)(
            x, dim, keepdim=keepdim, **(dict(correction=0) if name in ("var", "std") else {})
        )
        return found[0] if isinstance(found, tuple) else found

    compare(function, np.array(2.5), orders=1, forward=False)
    for p in (1, 2, 3, math.inf):
        compare(lambda lib, x, p=p: lib.top.norm(x, p, dim, keepdim), np.array(-2.5), orders=1, forward=False)
    compare(lambda lib, x: lib.top.quantile(x, 0.3, dim, keepdim), np.array(2.5), orders=1, forward=False)
    compare(lambda lib, x: lib.top.quantile(x, 0.3, keepdim=keepdim), np.array(2.5), orders=1, forward=False)
    compare(lambda lib, x: lib.top.count_nonzero(x, dim), np.array(2.5), orders=0)
    compare(lambda lib, x: lib.top.aminmax(x, dim=dim, keepdim=keepdim).min, np.array(2.5), orders=1)


# -- order ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("name", ["median", "nanmedian", "mode"])
def test_median_and_mode(name, dim, keepdim, rng):
    x = rng.permutation(24).reshape(4, 3, 2) * 0.5
    compare(lambda lib, x: getattr(lib.top, name)(x, dim, keepdim)[0], x)
    compare(lambda lib, x: getattr(lib.top, name)(x, dim, keepdim).indices, x, orders=0)
    x[1, 1] = x[2, 0] = np.nan
    if name != "mode":
        compare(lambda lib, x: getattr(lib.top, name)(x, dim, keepdim).values, x, orders=0)
    compare(lambda lib, x: getattr(lib.top, name)(x, dim, keepdim).values, rng.integers(0, 3, (4, 5, 3)), orders=0)


def test_median_and_mode_of_few_and_of_all(rng):
    compare_both(lambda lib, x: lib.top.median(x), *normal(rng, (3, 4)), forward=False)
    for values in ([1.0, 2.0, 2.0, 3.0], [1.0, np.nan, 3.0], [0.1, 0.1, 0.1]):
        compare(lambda lib, x: lib.top.median(x), np.array(values), orders=int(not np.isnan(sum(values))))
        compare(lambda lib, x: lib.top.nanmedian(x), np.array(values), orders=1)
    compare(lambda lib, x: lib.top.median(x), np.array([3, 1, 2, 2]), orders=0)
    compare(lambda lib, x: lib.top.median(x), np.zeros(0), orders=0)
    compare(lambda lib, x: lib.top.median(x, 0).values, np.array(3.0), orders=0)
    for rows in ([[1, 3, 3, 2], [2, 2, 1, 1], [4, 4, 4, 0]], [[1, 2, 3, 4], [7, 7, 8, 8], [5, 5, 5, 5]]):
        compare(lambda lib, x: tuple(lib.top.mode(x, 1)), np.array(rows), orders=0)


@pytest.mark.parametrize("interpolation", ["linear", "lower", "higher", "midpoint", "nearest"])
@pytest.mark.parametrize("name", ["quantile", "nanquantile"])
@pytest.mark.parametrize("q", [0.3, np.array([0.0, 0.25, 0.5, 0.9, 1.0]), np.array(0.7), np.array([0.4])], ids=str)
def test_quantile(name, q, interpolation, rng):
    (x,) = normal(rng, (3, 4, 5))
    holes = x.copy()
    holes[0, 1, 2] = holes[2, 2] = np.nan
    for dim in (None, 0, -1, 1):
        for keepdim in (False, True):

            def function(lib, x, dim=dim, keepdim=keepdim):
                share = lib.top.tensor(q) if isinstance(q, np.ndarray) else q
                return getattr(lib.top, name)(x, share, dim, keepdim, interpolation=interpolation)

            compare(function, x)
            compare(function, holes, orders=0)


# -- scans ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["cumsum", "cumprod", "logcumsumexp", "cummax", "cummin"])
@pytest.mark.parametrize(("shape", "dim"), [((5,), 0), ((3, 4), 1), ((3, 4), 0), ((2, 3, 4), -2), ((), 0), ((0, 3), 0),
                                            ((0, 3), 1), ((3, 0), 1), ((1, 1), 0)], ids=str)  # fmt: skip
def test_scans(name, shape, dim, rng):
    def function(lib, x):
        found = getattr(lib.top, name)(x, dim)
        return found if name.startswith(("cums", "cump", "log")) else found.values

    if name == "logcumsumexp":  # whose second derivative is nan in PyTorch
        compare(function, *normal(rng, shape), orders=1, forward=False)
    else:
        compare_both(function, *normal(rng, shape))
    compare(lambda lib, x: function(lib, x.flip(0) if shape else x), *normal(rng, shape), orders=1, forward=False)


def test_logcumsumexp_at_second_order(rng):
    def function(lib, x):
        return lib.top.logcumsumexp(x, 1) if lib is OURS else x.exp().cumsum(1).log()

    compare(function, *normal(rng, (3, 4)))


@pytest.mark.parametrize("name", ["cummax", "cummin"])
def test_the_last_of_equals_and_nan(name):
    x = np.array([1.0, 1.0, 3.0, 3.0, 0.0, 0.0, np.nan, 5.0, np.nan, -1.0])
    compare(lambda lib, x: tuple(getattr(lib.top, name)(x, 0)), x, orders=0)
    compare(lambda lib, x: getattr(lib.top, name)(x, 0).values, x[:6], orders=1)
    compare(lambda lib, x: tuple(getattr(lib.top, name)(x, 0)), np.array([2, 2, 1, 5]), orders=0)


def test_logcumsumexp_over_a_wide_range():
    x = np.array([-1000.0, 0.0, 1000.0, 999.0, 2.0])
    compare(lambda lib, x: lib.top.logcumsumexp(x, 0), x, orders=1, forward=False)
    compare(lambda lib, x: lib.top.logcumsumexp(x, 0), np.array([-np.inf, 0.0, np.inf, np.nan, 1.0]), orders=0)
    inf = np.inf
    for row in ([-inf, -inf, 0.0], [0.0, inf, 1.0], [inf, -inf, 0.0], [inf, inf], [np.nan, 0.0, -inf]):
        compare(lambda lib, x: lib.top.logcumsumexp(x, 0).sum(), np.array(row), orders=1, forward=False)
    x = nn.tensor([-np.inf, -np.inf, 0.0, 0.0], requires_grad=True)  # nan in PyTorch, though no infinite sum counts
    nn.logcumsumexp(x, 0)[-1].backward()
    assert x.grad.tolist() == [0, 0, 0.5, 0.5]


def test_scans_in_place(rng):
    for name in ("cumsum_", "cumprod_"):
        compare(lambda lib, x, name=name: getattr(x.detach().clone(), name)(1), *normal(rng, (3, 4)), orders=0)


@pytest.mark.parametrize("dim", [0, -1])
@pytest.mark.parametrize("n", [0, 1, 2, 3, 7])
def test_diff(n, dim, rng):
    compare(lambda lib, x: lib.top.diff(x, n, dim), *normal(rng, (3, 4)), orders=1 if n > 2 else 2)
    compare(lambda lib, x, a, b: lib.top.diff(x, n, dim, a, b), *normal(rng, (3, 3), (3, 3), (3, 3)))
    compare(lambda lib, x: x.diff(), rng.random(6) < 0.5, orders=0)


@pytest.mark.parametrize("name", ["trapezoid", "cumulative_trapezoid", "trapz"])
def test_trapezoid(name, rng):
    y, x, full = normal(rng, (3, 4), (4,), (3, 4))
    compare_both(lambda lib, y: getattr(lib.top, name)(y, dx=0.5, dim=0), y)
    compare_both(lambda lib, y, x: getattr(lib.top, name)(y, x), y, x)
    compare_both(lambda lib, y, x: getattr(lib.top, name)(y, x, dim=0), y, full)
    compare_both(lambda lib, y, x: getattr(lib.top, name)(y, x, dim=0), y, x[:3].copy())
    compare(lambda lib, y: getattr(lib.top, name)(y), np.array([1, 2, 4]), orders=0)


@pytest.mark.parametrize(
    "name", ["sum", "prod", "nansum", "mean", "any", "all", "cumsum", "cumprod", "norm", "nanmean"]
)
@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)], ids=str)
def test_of_nothing(name, shape):
    arguments = (-1,) if name.startswith("cum") else ()
    compare(lambda lib, x: getattr(lib.top, name)(x, *arguments), np.zeros(shape), orders=0)
    if name != "norm":
        compare(lambda lib, x: getattr(lib.top, name)(x, 0), np.zeros(shape), orders=0)


@pytest.mark.parametrize(
    ("name", "dtypes"), [("all", ["uint8", "bool", "int64", "float32"]), ("any", ["uint8", "int8"])]
)
def test_types_of_truth(name, dtypes):
    for dtype in dtypes:
        ours, theirs = (getattr(lib.top, name)(lib.top.tensor(np.array([1, 0], dtype))) for lib in (OURS, THEIRS))
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
        assert ours.item() == theirs.item()


ERRORS = {
    "median of no elements": lambda t: t.median(t.zeros(0, 2), 0),
    "median of booleans": lambda t: t.median(t.tensor([True])),
    "quantile beyond 1": lambda t: t.quantile(t.ones(2), 1.5),
    "quantile of integers": lambda t: t.quantile(t.tensor([1]), 0.5),
    "quantile of a matrix": lambda t: t.quantile(t.ones(2), t.ones(2, 2)),
    "quantile between others": lambda t: t.quantile(t.ones(2), 0.5, interpolation="cubic"),
    "quantile of nothing": lambda t: t.quantile(t.ones(0), 0.5),
    "cumsum beyond": lambda t: t.cumsum(t.ones(2), 1),
    "cummax beyond": lambda t: t.cummax(t.ones(2), -2),
    "prod beyond": lambda t: t.prod(t.ones(2), 2),
    "prod without axes": lambda t: t.prod(t.ones(()), 1),
    "norm of integers": lambda t: t.norm(t.tensor([1])),
    "norm by a word": lambda t: t.norm(t.ones(2), "max"),
    "diff without axes": lambda t: t.diff(t.ones(())),
    "nanmean of integers": lambda t: t.nanmean(t.tensor([1])),
}


@pytest.mark.parametrize("name", ERRORS)
def test_torch_s_kind_of_error(name):
    with pytest.raises((RuntimeError, IndexError, ValueError, TypeError, NotImplementedError)) as theirs:
        ERRORS[name](torch)
    kind = RuntimeError if theirs.type is NotImplementedError else theirs.type
    with pytest.raises(kind, match=r"^\w+: .+"):
        ERRORS[name](nn)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (
            lambda: nn.quantile(nn.ones(2), 2.0),
            r"quantile: q must be a number in \[0, 1\], or a vector of them; got 2.0",
        ),
        (lambda: nn.norm(nn.ones(2), "max"), "norm: p must be a number, 'fro' or 'nuc', got 'max'"),
        (lambda: nn.norm(nn.ones(2), "nuc"), "norm: the nuclear norm is that of matrices, over two axes, got 1 axis;"),
        (lambda: nn.mode(nn.zeros(0)), r"mode: axis 0 has no elements to choose from; input is \(0,\)"),
        (lambda: nn.diff(nn.ones(2), -1), "diff: n must be 0 or more, got -1"),
        (lambda: nn.trapezoid(nn.ones(())), "trapezoid: expected an axis, y has none"),
        (lambda: nn.cumsum([1.0], 0), "cumsum: input must be a tensor, got list"),
        (lambda: nn.logcumsumexp(nn.tensor([1]), 0), "logcumsumexp: input must be floating-point, it is int64"),
    ],
)
def test_messages(function, message):
    with pytest.raises(Exception, match=message):
        function()


OF_AXES = ["sum", "mean", "nansum", "nanmean", "amax", "amin", "logsumexp", "any", "all", "std", "var"]


@pytest.mark.parametrize("name", OF_AXES)
@pytest.mark.parametrize("dim", [0, -1, (0,), (-1,), ()], ids=str)
def test_the_axes_of_a_tensor_without_axes(name, dim):
    options = dict(correction=0) if name in ("std", "var") else {}
    compare(lambda lib, x: getattr(lib.top, name)(x, dim, **options), np.array(3.0), orders=0)
    if name in ("any", "all"):
        compare(lambda lib, x: getattr(lib.top, name)(x, dim), np.array([[1.0, 0.0], [0.0, 2.0]]), orders=0)
