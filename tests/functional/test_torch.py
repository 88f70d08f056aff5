"""Values, gradients and second-order gradients against PyTorch, in float64 to 1e-9 and in float32 to 1e-5."""

import itertools
import zlib

import numpy as np
import pytest
from oracle import OURS, THEIRS, compare, compare_both, normal, torch

import nn
from nn.kernels import convolution_once

# -- elementwise ------------------------------------------------------------------------------------------------------
UNARY = {
    "neg": (-3, 3), "abs": (-3, 3), "exp": (-3, 3), "log": (0.1, 3), "log1p": (-0.9, 3), "sqrt": (0.1, 3),
    "square": (-3, 3), "sin": (-3, 3), "cos": (-3, 3), "sign": (-3, 3), "sigmoid": (-9, 9), "tanh": (-4, 4),
    "relu": (-3, 3),
}  # fmt: skip


@pytest.mark.parametrize("name", UNARY)
@pytest.mark.parametrize("shape", [(2, 3), (), (0, 2)])
def test_unary(name, shape, rng):
    compare_both(lambda lib, x: getattr(lib.top, name)(x), rng.uniform(*UNARY[name], shape))


def test_softplus(rng):
    compare_both(lambda lib, x: lib.F.softplus(x), rng.uniform(-40, 15, 30))
    compare(lambda lib, x: lib.F.softplus(x), np.array([25.0, 100.0, 1000.0, -1000.0]), orders=1, atol=1e-8)


EXTREMES = [
    -np.inf,
    -1e300,
    -1000.0,
    -745.2,
    -1.0,
    -1e-300,
    -0.0,
    0.0,
    1e-300,
    1.0,
    709.8,
    1000.0,
    1e300,
    np.inf,
    np.nan,
]


@pytest.mark.parametrize("name", [*UNARY, "isnan", "softplus"])
def test_unary_at_extremes_without_a_warning(name):
    x = np.array(EXTREMES[:-1] if name == "sign" else EXTREMES)  # the sign of nan is a matter of taste
    function = {"softplus": lambda lib, x: lib.F.softplus(x)}.get(name, lambda lib, x: getattr(lib.top, name)(x))
    compare(function, x, orders=0)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu", "abs", "exp"])
def test_gradients_at_extremes(name):
    x = np.array([v for v in EXTREMES if np.isfinite(v) and v < 700])
    compare(lambda lib, x: getattr(lib.top, name)(x), x, orders=1)


BINARY = ["add", "sub", "mul", "div", "maximum", "minimum", "pow"]
SHAPES = [((2, 3), (2, 3)), ((3, 1), (4,)), ((), (2, 2)), ((2, 3), ()), ((), ()), ((1, 3), (2, 1)), ((0, 3), (1, 3))]


@pytest.mark.parametrize("name", BINARY)
@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_binary(name, shapes, rng):
    x, y = (rng.uniform(0.3, 2, s) for s in shapes)
    compare_both(lambda lib, x, y: getattr(lib.top, name)(x, y), x, y)


@pytest.mark.parametrize("name", ["maximum", "minimum"])
def test_binary_ties_halve_the_gradient(name):
    compare(
        lambda lib, x, y: getattr(lib.top, name)(x, y), np.array([1.0, 2.0, 3.0]), np.array([1.0, 1.0, 4.0]), orders=1
    )


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x + 2, lambda x: 2 + x, lambda x: x - 0.5, lambda x: 0.5 - x, lambda x: x * 3, lambda x: 3 * x,
        lambda x: x / 4, lambda x: 4 / x, lambda x: x**2, lambda x: x**3.0, lambda x: x**0.5, lambda x: x**-1,
        lambda x: x**1, lambda x: x**-2.5, lambda x: 2**x, lambda x: 2.5**x, lambda x: -x, lambda x: abs(x),
        lambda x: x.add(2, alpha=3), lambda x: x.sub(x, alpha=2), lambda x: x.pow(2), lambda x: x.clamp(0.5, 1.0),
        lambda x: x.clamp(min=1), lambda x: x.clamp(max=1), lambda x: x.to(x.dtype), lambda x: x.clone(),
        lambda x: x.double(), lambda x: x.float().double() * x,
    ],
)  # fmt: skip
def test_operators_with_scalars(function, rng):
    x = rng.uniform(0.3, 2, (2, 3))
    compare(lambda lib, x: function(x), x, atol=1e-6, rtol=1e-6)
    compare(lambda lib, x: function(x), np.asarray(x[0, 0]), atol=1e-6, rtol=1e-6)


@pytest.mark.parametrize("exponent", [0, 1, 2, 3, 0.0, 1.0, 2.0, 0.5, 1.5, -1])
def test_powers_of_negative_numbers_and_of_zero(exponent):
    x = np.array([-2.0, -1.0, 0.0, 0.5])
    compare(lambda lib, x: x**exponent, x, orders=1)
    compare(lambda lib, x, a: x**a, x, np.full(4, float(exponent)), orders=1, forward=False)  # -0 here, nan there


def test_clamp_at_its_bounds_and_with_bounds_crossed():
    x = np.array([-2.0, -1.0, 0.0, 1.0, 2.0, np.nan])
    compare(lambda lib, x: x.clamp(-1, 1), x, orders=1)
    compare(lambda lib, x: x.clamp(1, -1), x, orders=0)
    compare(lambda lib, x: x.clamp(0.5), np.array([0, 1, 2]), orders=0)


@pytest.mark.parametrize("shapes", SHAPES, ids=str)
def test_where(shapes, rng):
    x, y = normal(rng, *shapes)
    condition = np.asarray(rng.random(np.broadcast_shapes(*shapes)) < 0.5)
    compare_both(lambda lib, c, x, y: lib.top.where(c, x, y), condition, x, y)
    compare_both(lambda lib, c, x: lib.top.where(c, x, 0.0), condition, x)
    compare_both(lambda lib, c, x: lib.top.where(c, 1, x), condition, x)


@pytest.mark.parametrize("value", [1.0, 1, True])
def test_where_with_two_scalars(value):
    compare(lambda lib, c: lib.top.where(c, value, 0 * value), np.array([True, False]), orders=0)


@pytest.mark.parametrize("op", ["__eq__", "__ne__", "__lt__", "__le__", "__gt__", "__ge__"])
def test_comparisons(op, rng):
    x, y = rng.integers(0, 3, (2, 20)).astype(float)
    x[0] = np.nan
    compare(lambda lib, x, y: getattr(x, op)(y), x, y, orders=0)
    compare(lambda lib, x: getattr(x, op)(1), x, orders=0)


# -- the dtype of a result --------------------------------------------------------------------------------------------
DTYPES = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64"]


@pytest.mark.parametrize("name", ["add", "mul", "div", "maximum", "where", "eq"])
@pytest.mark.parametrize("ranks", [(1, 1), (0, 1), (1, 0), (0, 0)], ids=str)
def test_type_promotion(name, ranks):
    functions = {
        "where": lambda lib, x, y: lib.top.where(lib.top.tensor([True]), x, y),
        "eq": lambda lib, x, y: x == y,
    }
    function = functions.get(name, lambda lib, x, y: getattr(lib.top, name)(x, y))
    for left, right in itertools.product(DTYPES, DTYPES):
        x, y = (np.ones((1,) * rank, dtype) for rank, dtype in zip(ranks, (left, right), strict=True))
        ours, theirs = (function(lib, lib.top.tensor(x), lib.top.tensor(y)) for lib in (OURS, THEIRS))
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch."), (left, right)
        np.testing.assert_array_equal(ours.numpy(), theirs.numpy())


SCALARS = [True, 2, 2.5, np.float64(2.5), np.float32(2.5), np.int64(2)]


@pytest.mark.parametrize("rank", [0, 1])
@pytest.mark.parametrize("scalar", SCALARS, ids=lambda s: f"{type(s).__name__} {s}")
@pytest.mark.parametrize("name", ["add", "radd", "mul", "truediv", "rtruediv", "pow", "lt"])
def test_type_promotion_with_a_scalar(scalar, name, rank):
    for dtype in DTYPES:
        if scalar is True and name == "pow" and dtype == "bool":
            continue
        x = np.ones((1,) * rank, dtype)
        method = f"__{name}__"
        ours, theirs = (getattr(lib.top.tensor(x), method)(scalar) for lib in (OURS, THEIRS))
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch."), dtype


@pytest.mark.parametrize(
    "name", ["exp", "log", "log1p", "sqrt", "sin", "cos", "sigmoid", "tanh", "abs", "square", "sign"]
)
def test_functions_of_integers_have_torch_s_dtype(name):
    for dtype in DTYPES[1:]:
        x = np.array([1, 2], dtype)
        ours, theirs = (getattr(lib.top, name)(lib.top.tensor(x)) for lib in (OURS, THEIRS))
        method = getattr(nn.tensor(x), name)()
        assert str(ours.dtype) == str(method.dtype) == str(theirs.dtype).removeprefix("torch."), dtype


@pytest.mark.parametrize("name", ["sum", "amax", "argmax", "max", "min"])
def test_reductions_have_torch_s_dtype(name):
    for dtype in DTYPES[name == "argmax" :]:
        ours, theirs = (getattr(lib.top.tensor(np.ones((2, 2), dtype)), name)() for lib in (OURS, THEIRS))
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch."), dtype


@pytest.mark.parametrize("dtypes", list(itertools.product(["int64", "float32", "float64", "bool"], repeat=2)), ids=str)
def test_cat_and_stack_promote(dtypes):
    for name in ("cat", "stack"):
        ours, theirs = (
            getattr(lib.top, name)([lib.top.tensor(np.ones(2, d)) for d in dtypes]) for lib in (OURS, THEIRS)
        )
        assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")


# -- reductions -------------------------------------------------------------------------------------------------------
DIMS = [None, 0, -1, 1, (0, 2), (1, -1), (0, 1, 2)]


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", DIMS, ids=str)
@pytest.mark.parametrize("name", ["sum", "mean", "amax", "amin", "var", "std"])
def test_reductions(name, dim, keepdim, rng):
    (x,) = normal(rng, (2, 3, 4))
    arguments = {} if dim is None else dict(dim=dim, keepdim=keepdim)
    compare_both(lambda lib, x: getattr(lib.top, name)(x, **arguments), x)


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", DIMS[1:], ids=str)
def test_logsumexp(dim, keepdim, rng):
    (x,) = normal(rng, (2, 3, 4))
    compare_both(lambda lib, x: lib.top.logsumexp(x, dim, keepdim), x)
    compare(lambda lib, x: lib.top.logsumexp(x, dim, keepdim), x * 1000, orders=1)


def test_logsumexp_of_infinities():
    x = np.array([[-np.inf, -np.inf], [-np.inf, 0.0], [np.inf, 0.0], [np.nan, 0.0]])
    compare(lambda lib, x: lib.top.logsumexp(x, 1), x, orders=0)
    compare(lambda lib, x: lib.top.logsumexp(x, 1), x[1:2].copy(), orders=1)


@pytest.mark.parametrize("correction", [0, 1, 2, 0.5])
def test_var_and_std_with_a_correction(correction, rng):
    (x,) = normal(rng, (3, 4))
    for name in ("var", "std"):
        compare(lambda lib, x, name=name: getattr(lib.top, name)(x, dim=1, correction=correction), x)


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("name", ["max", "min"])
def test_max_and_min_along_an_axis(name, dim, keepdim, rng):
    (x,) = normal(rng, (3, 4, 2))
    compare(lambda lib, x: getattr(lib.top, name)(x, dim, keepdim).values, x)
    compare(lambda lib, x: getattr(lib.top, name)(x, dim, keepdim).indices, x, orders=0)
    compare(lambda lib, x: getattr(lib.top, "arg" + name)(x, dim, keepdim), x, orders=0)


@pytest.mark.parametrize("name", ["max", "min", "amax", "amin"])
def test_extremes_of_all_with_ties_and_nan(name):
    compare(lambda lib, x: getattr(lib.top, name)(x), np.array([[1.0, 3.0, 3.0], [1.0, 1.0, 3.0]]), orders=1)
    compare(lambda lib, x: getattr(lib.top, name)(x), np.array([1.0, np.nan, 3.0]), orders=0)


@pytest.mark.parametrize(
    "name", ["sum", "mean", "amax", "max", "argmax", "softmax", "log_softmax", "logsumexp", "squeeze"]
)
def test_an_axis_of_a_tensor_without_axes(name):
    for dim in (0, -1):
        result = [getattr(lib.top, name)(lib.top.tensor(2.0), dim) for lib in (OURS, THEIRS)]
        ours, theirs = (r[0] if isinstance(r, tuple) else r for r in result)
        assert ours.shape == tuple(theirs.shape)
        assert ours.item() == theirs.item()


@pytest.mark.parametrize("shape", [(0,), (0, 3), (3, 0)])
def test_reductions_of_nothing(shape):
    x = np.zeros(shape)
    compare(lambda lib, x: lib.top.sum(x), x, orders=1)
    compare(lambda lib, x: lib.top.mean(x), x, orders=1)
    compare(lambda lib, x: lib.top.sum(x, 0), x, orders=1)
    compare(lambda lib, x: lib.top.mean(x, -1), x, orders=1)


# -- shapes and indices -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "function",
    [
        lambda t, x: t.reshape(x, (3, 8)), lambda t, x: x.reshape(-1, 6), lambda t, x: x.view(24),
        lambda t, x: t.permute(x, (2, 0, 1)), lambda t, x: x.permute(-1, 0, 1), lambda t, x: t.transpose(x, 0, -1),
        lambda t, x: t.flatten(x), lambda t, x: t.flatten(x, 1), lambda t, x: x.flatten(0, 1), lambda t, x: x.mT,
        lambda t, x: t.unsqueeze(x, 0), lambda t, x: x.unsqueeze(-1), lambda t, x: x.unsqueeze(-2),
        lambda t, x: t.squeeze(x.unsqueeze(1)), lambda t, x: x.unsqueeze(1).squeeze(1), lambda t, x: x.squeeze(0),
        lambda t, x: x[None].squeeze((0, 1)), lambda t, x: x[:, :1].expand(2, 3, 4),
        lambda t, x: x[:, :1].expand(5, -1, 3, -1), lambda t, x: x.sum_to_size(3, 1), lambda t, x: x[0].t(),
        lambda t, x: t.cat([x, x * 2]), lambda t, x: t.cat((x, x[:, :1]), dim=1), lambda t, x: t.cat([x, x], -1),
        lambda t, x: t.stack([x, -x]), lambda t, x: t.stack([x, x], dim=-1), lambda t, x: t.stack([x, x], dim=-2),
        lambda t, x: t.stack((x, x, x), 2), lambda t, x: x.contiguous(), lambda t, x: x.mT.contiguous(),
        lambda t, x: t.cat([x[:, 0], x[:, 0, :0]], 1),
    ],
)  # fmt: skip
def test_shapes(function, rng):
    compare_both(lambda lib, x: function(lib.top, x), *normal(rng, (2, 3, 4)))


def test_flatten_without_axes():
    compare(lambda lib, x: lib.top.flatten(x), np.array(3.0))


def test_cat_skips_an_empty_vector():
    compare(lambda lib, x: lib.top.cat([lib.top.zeros(0, dtype=x.dtype), x]), np.ones((2, 3)))


@pytest.mark.parametrize(
    "index",
    [
        0, -1, slice(1, None), slice(None, None, 2), (0, 1), (slice(None), -1), None, Ellipsis, (Ellipsis, 0),
        (0, None, slice(1, 3)), [0, 0, 2], ([0, 1], [1, 2]), (slice(None), [0, 0, 1]), ([2, 0], slice(None), 1),
        (slice(None), [0, 1], None, [1, 1]), [True, False, True], ([0, 1], Ellipsis, [0, 1]), ([[0, 1], [2, 2]],),
        (0, [1, 2]), (slice(0, 0),), [],
    ],
    ids=str,
)  # fmt: skip
def test_getitem(index, rng):
    compare(lambda lib, x: x[index], *normal(rng, (3, 4, 3)))


@pytest.mark.parametrize("index", [np.array([0, 2, 2]), np.array([[1, 0]]), np.array(1), np.array([True, False, True])])
def test_getitem_with_a_tensor(index, rng):
    compare(lambda lib, x, i: x[i], *normal(rng, (3, 4)), index)
    compare(lambda lib, x, i: x[i, 1:], *normal(rng, (3, 4)), index)
    compare(lambda lib, x: x[index], *normal(rng, (3, 4)))


def test_getitem_with_a_mask_of_the_whole(rng):
    (x,) = normal(rng, (3, 4))
    compare(lambda lib, x, m: x[m], x, x > 0)
    compare(lambda lib, x: x[x > 0], x)


@pytest.mark.parametrize("dim", [0, 1, -1])
@pytest.mark.parametrize("dtype", [np.int64, np.int32])
def test_gather(dim, dtype, rng):
    index = rng.integers(0, 3, (2, 3)).astype(dtype)
    compare(lambda lib, x, i: lib.top.gather(x, dim, i), *normal(rng, (3, 3)), index)


def test_gather_without_axes():
    compare(lambda lib, x, i: lib.top.gather(x, 0, i), np.array(3.0), np.array(0))


# -- linear algebra ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("bias", [False, True])
@pytest.mark.parametrize("shape", [(5, 3), (3,), (2, 4, 3), (2, 2, 2, 3), (0, 3), (2, 0, 3)], ids=str)
def test_linear(shape, bias, rng):
    operands = normal(rng, shape, (2, 3), *[(2,)] * bias)
    compare_both(lambda lib, *t: lib.F.linear(*t), *operands)


def test_linear_with_one_output_as_a_vector(rng):
    compare(lambda lib, x, w: lib.F.linear(x, w), *normal(rng, (5, 3), (3,)))


@pytest.mark.parametrize(
    "shapes",
    [((2, 3), (3, 4)), ((3,), (3,)), ((3,), (3, 4)), ((2, 3), (3,)), ((5, 2, 3), (3, 4)), ((5, 2, 3), (5, 3, 2)),
     ((2, 3), (5, 3, 2)), ((3,), (5, 3, 2)), ((5, 2, 3), (3,)), ((2, 1, 2, 3), (4, 3, 1)), ((0, 3), (3, 2)),
     ((2, 0), (0, 3))],
    ids=str,
)  # fmt: skip
def test_matmul(shapes, rng):
    compare_both(lambda lib, a, b: lib.top.matmul(a, b), *normal(rng, *shapes))
    compare(lambda lib, a, b: a @ b, *normal(rng, *shapes))


# -- softmax ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
@pytest.mark.parametrize(
    ("shape", "dim"), [((2, 3), 1), ((2, 3), 0), ((2, 3, 4), -2), ((5,), 0), ((0, 3), 1), ((2, 1), 1)]
)
def test_softmax(name, shape, dim, rng):
    (x,) = normal(rng, shape)
    compare_both(lambda lib, x: getattr(lib.F, name)(x, dim=dim), x)
    compare_both(lambda lib, x: getattr(lib.top, name)(x, dim), x * 30)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_at_extremes(name):
    x = np.array([[1e4, 0.0, -1e4], [-np.inf, 0.0, 1.0], [1e300, -1e300, 0.0]])
    compare(lambda lib, x: getattr(lib.F, name)(x, dim=1), x, orders=1)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_softmax_of_what_has_none(name):
    x = np.array([[-np.inf, -np.inf], [np.nan, 0.0], [np.inf, 0.0]])
    compare(lambda lib, x: getattr(lib.F, name)(x, dim=1), x, orders=0)


# -- convolution ------------------------------------------------------------------------------------------------------
CONVOLUTIONS = [
    case
    for case in itertools.product(
        [1, 2, 3], [1, 2], [0, 1, "same", "valid"], [1, 2], [1, 2], [False, True], [True, False]
    )
    if not (case[1] == 2 and case[2] == "same")
]


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
@pytest.mark.parametrize(("rank", "stride", "padding", "dilation", "groups", "bias", "batched"), CONVOLUTIONS)
def test_convolution(rank, stride, padding, dilation, groups, bias, batched, rng):
    size, kernel = ((6,), (5, 6), (4, 5, 4))[rank - 1], ((3,), (2, 3), (2, 3, 2))[rank - 1]
    x, w, b = normal(rng, (*[2] * batched, 2 * groups, *size), (2 * groups, 2, *kernel), (2 * groups,))
    arguments = dict(stride=stride, padding=padding, dilation=dilation, groups=groups)
    operands = (x, w, b) if bias else (x, w)
    compare(lambda lib, *t: getattr(lib.F, f"conv{rank}d")(*t, **arguments), *operands)


@pytest.mark.parametrize(
    ("x", "w", "arguments"),
    [
        ((2, 3, 7, 6), (4, 3, 3, 2), dict(stride=(2, 1), padding=(1, 0), dilation=(1, 2))),
        ((2, 3, 7, 6), (4, 3, 3, 2), dict(stride=(3, 2), padding=(2, 1))),
        ((1, 1, 5, 5), (1, 1, 5, 5), {}),
        ((2, 1, 5, 5), (3, 1, 1, 1), dict(stride=2)),
        ((2, 4, 5, 5), (8, 1, 3, 3), dict(groups=4, padding=1)),
        ((0, 2, 5, 5), (3, 2, 3, 3), dict(padding=1)),
        ((2, 2, 4, 4), (3, 2, 4, 4), dict(padding="same")),
        ((2, 2, 4, 4), (3, 2, 2, 3), dict(padding="same", dilation=(3, 1))),
        ((2, 2, 3, 3), (3, 2, 2, 2), dict(padding=3, stride=3)),
        ((1, 2, 9, 2, 3), (2, 2, 3, 1, 2), dict(stride=(2, 1, 1), padding=(0, 0, 1), dilation=(2, 1, 1))),
        ((6, 3, 9, 9), (4, 3, 3, 3), dict(padding=1)),
    ],
    ids=str,
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning")
def test_convolution_of_odd_shapes(x, w, arguments, rng):
    name = f"conv{len(w) - 2}d"
    compare_both(lambda lib, *t: getattr(lib.F, name)(*t, **arguments), *normal(rng, x, w, w[:1]))


@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_convolution_of_what_is_not_finite(value, at_once, rng, monkeypatch):
    """It reaches the outputs and the gradients of its windows, and no others."""
    if not at_once:
        monkeypatch.setattr(convolution_once, "ROOM", -1)
    x, w = normal(rng, (2, 3, 5, 6), (4, 3, 3, 3))
    x[1, 2, 0, 4] = value
    compare(lambda lib, *t: lib.F.conv2d(*t, padding=1), x, w, orders=1, forward=False)


# -- pooling ----------------------------------------------------------------------------------------------------------
POOLS = [
    case
    for case in itertools.product([1, 2, 3], [2, 3], [None, 1, 2, 3], [0, 1], [False, True], [True, False])
    if case[3] <= case[1] // 2
]


@pytest.mark.parametrize(("rank", "kernel", "stride", "padding", "ceil_mode", "batched"), POOLS)
def test_max_pool(rank, kernel, stride, padding, ceil_mode, batched, rng):
    (x,) = normal(rng, (*[2] * batched, 2, *(7, 6, 5)[:rank]))
    for dilation in (1, 2):
        arguments = dict(stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
        compare(lambda lib, x, a=arguments: getattr(lib.F, f"max_pool{rank}d")(x, kernel, **a), x)


@pytest.mark.parametrize(("rank", "kernel", "stride", "padding", "ceil_mode", "batched"), POOLS)
def test_avg_pool(rank, kernel, stride, padding, ceil_mode, batched, rng):
    (x,) = normal(rng, (*[2] * batched, 2, *(7, 6, 5)[:rank]))
    for include in (True, False):
        arguments = dict(stride=stride, padding=padding, ceil_mode=ceil_mode, count_include_pad=include)
        compare(lambda lib, x, a=arguments: getattr(lib.F, f"avg_pool{rank}d")(x, kernel, **a), x)


@pytest.mark.parametrize("divisor", [1, 3, -2])
@pytest.mark.parametrize("rank", [2, 3])
def test_avg_pool_with_a_divisor(rank, divisor, rng):
    (x,) = normal(rng, (2, 2, *(7, 6, 5)[:rank]))
    for include in (True, False):
        arguments = dict(padding=1, ceil_mode=True, divisor_override=divisor, count_include_pad=include)
        compare(lambda lib, x, a=arguments: getattr(lib.F, f"avg_pool{rank}d")(x, 3, **a), x)


@pytest.mark.parametrize(
    ("kernel", "arguments"),
    [
        ((3, 2), dict(stride=(1, 2), padding=(1, 0))),
        ((2, 3), dict(stride=(2, 1), padding=(0, 1), ceil_mode=True)),
        ((1, 1), {}),
        ((7, 6), {}),
        ((1, 4), dict(stride=(3, 1), ceil_mode=True)),
    ],
)
@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
def test_pools_of_odd_shapes(name, kernel, arguments, rng):
    compare_both(lambda lib, x: getattr(lib.F, name)(x, kernel, **arguments), *normal(rng, (2, 3, 7, 6)))
    compare(lambda lib, x: getattr(lib.F, name)(x, kernel, **arguments), np.zeros((0, 3, 7, 6)))


@pytest.mark.parametrize("kernel", [2, 3, (2, 3)])
@pytest.mark.parametrize("stride", [1, 2, 3])
def test_max_pool_gives_a_tie_to_the_first(kernel, stride, rng):
    x = rng.integers(0, 2, (3, 2, 7, 7)).astype(float)
    compare(lambda lib, x: lib.F.max_pool2d(x, kernel, stride), x)
    compare(lambda lib, x: lib.F.max_pool2d(x, kernel, stride, padding=1), x)


def test_max_pool_of_nan(rng):
    (x,) = normal(rng, (3, 2, 7, 7))
    x[rng.random(x.shape) < 0.2] = np.nan
    for arguments in (dict(stride=2), dict(stride=1, padding=1), dict(stride=2, ceil_mode=True)):
        compare(lambda lib, x, a=arguments: lib.F.max_pool2d(x, 3, **a), x, orders=1)


def test_max_pool_of_infinities(rng):
    x = rng.choice([-np.inf, 0.0, np.inf], (3, 2, 7, 7), p=[0.8, 0.1, 0.1])
    compare(lambda lib, x: lib.F.max_pool2d(x, 2), x, orders=1)
    compare(lambda lib, x: lib.F.max_pool2d(x, 3, 2, padding=1), x, orders=1)


# -- losses -----------------------------------------------------------------------------------------------------------
REDUCTIONS = ["none", "mean", "sum"]


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("shape", [(4, 3), (), (0, 2), (2, 3, 4)], ids=str)
def test_mse_loss(shape, reduction, rng):
    compare_both(lambda lib, x, t: lib.F.mse_loss(x, t, reduction=reduction), *normal(rng, shape, shape))


@pytest.mark.filterwarnings("ignore:.*arget.*:UserWarning")
def test_mse_loss_broadcasts_with_a_warning(rng):
    compare(lambda lib, x, t: lib.F.mse_loss(x, t), *normal(rng, (4, 1), (4,)))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(4, 3), (), (0, 2)], ids=str)
def test_binary_cross_entropy(shape, weighted, reduction, rng):
    p, t, w = (rng.uniform(0.1, 0.9, shape) for _ in range(3))
    if not weighted:
        compare_both(lambda lib, p, t: lib.F.binary_cross_entropy(p, t, reduction=reduction), p, t)
    else:
        compare_both(
            lambda lib, p, t: lib.F.binary_cross_entropy(
                p, t, weight=lib.top.tensor(w).to(p.dtype), reduction=reduction
            ),
            p,
            t,
        )


def test_binary_cross_entropy_with_a_broadcast_weight(rng):
    p, t = (rng.uniform(0.1, 0.9, (4, 3)) for _ in range(2))
    w = rng.uniform(0.5, 2, 3)
    compare(lambda lib, p, t: lib.F.binary_cross_entropy(p, t, weight=lib.top.tensor(w)), p, t)


def test_binary_cross_entropy_of_0_and_1():
    p, t = np.array([0.0, 0.0, 1.0, 1.0, 0.5, 1e-30]), np.array([0.0, 1.0, 0.0, 1.0, 1.0, 1.0])
    compare(lambda lib, p: lib.F.binary_cross_entropy(p, lib.top.tensor(t), reduction="none"), p, orders=1, rtol=1e-7)
    single = p.astype(np.float32)
    compare(
        lambda lib, p: lib.F.binary_cross_entropy(p, lib.top.tensor(t.astype(np.float32)), reduction="none"),
        single,
        orders=1,
        rtol=1e-5,
    )


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("weight", "pos_weight"), list(itertools.product([None, (4, 3), (3,)], [None, (3,), (1,)])))
def test_binary_cross_entropy_with_logits(weight, pos_weight, reduction, rng):
    x, t = rng.normal(size=(4, 3)), rng.uniform(0, 1, (4, 3))
    weights = [None if s is None else rng.uniform(0.5, 2, s) for s in (weight, pos_weight)]

    def loss(lib, x, t):
        w, p = (None if a is None else lib.top.tensor(a).to(x.dtype) for a in weights)
        return lib.F.binary_cross_entropy_with_logits(x, t, weight=w, pos_weight=p, reduction=reduction)

    compare_both(loss, x, t)


@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_cross_entropy_with_logits_of_large_logits_and_of_nothing(reduction):
    x, t = np.array([1000.0, -1000.0, 1000.0, -1000.0, 0.0, -0.0]), np.array([1.0, 0.0, 0.0, 1.0, 1.0, 0.0])
    for part in (slice(None), slice(0, 0)):
        compare(
            lambda lib, x, t: lib.F.binary_cross_entropy_with_logits(x, t, reduction=reduction),
            x[part],
            t[part],
            orders=1,
        )


def class_losses(rng, shape, classes):
    """Logits, class indices and class weights for a batch of `shape`, the classes on axis 1 (or 0 without a batch)."""
    axis = min(1, len(shape))
    x = rng.normal(size=(*shape[:axis], classes, *shape[axis:]))
    return x, rng.integers(0, classes, shape), rng.uniform(0.5, 2, classes)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore", [None, 1])
@pytest.mark.parametrize("shape", [(6,), (), (3, 2), (2, 3, 2), (0,)], ids=str)
def test_cross_entropy_of_class_indices(shape, ignore, weighted, smoothing, reduction, rng):
    x, t, w = class_losses(rng, shape, 4)
    arguments = dict(
        reduction=reduction, label_smoothing=smoothing, **({} if ignore is None else {"ignore_index": ignore})
    )

    def loss(lib, x, t):
        return lib.F.cross_entropy(x, t, weight=lib.top.tensor(w).to(x.dtype) if weighted else None, **arguments)

    compare_both(loss, x, t)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("shape", [(6,), (), (3, 2), (0,)], ids=str)
def test_cross_entropy_of_probabilities(shape, weighted, smoothing, reduction, rng):
    x, _, w = class_losses(rng, shape, 4)
    t = rng.uniform(0.1, 1, x.shape)
    t /= t.sum(min(1, len(shape)), keepdims=True)

    def loss(lib, x, t):
        weight = lib.top.tensor(w).to(x.dtype) if weighted else None
        return lib.F.cross_entropy(x, t, weight=weight, label_smoothing=smoothing, reduction=reduction)

    compare_both(loss, x, t)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("ignore", [None, 1])
@pytest.mark.parametrize("shape", [(6,), (), (3, 2), (0,)], ids=str)
def test_nll_loss(shape, ignore, weighted, reduction, rng):
    x, t, w = class_losses(rng, shape, 4)
    arguments = dict(reduction=reduction, **({} if ignore is None else {"ignore_index": ignore}))

    def loss(lib, x, t):
        return lib.F.nll_loss(x, t, weight=lib.top.tensor(w).to(x.dtype) if weighted else None, **arguments)

    compare_both(loss, x, t)


@pytest.mark.parametrize("smoothing", [0.0, 0.3])
@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_all_ignored(smoothing, reduction, weighted, rng):
    x = rng.normal(size=(3, 4))
    t, w = np.full(3, -100), np.ones(4)

    def loss(lib, x):
        weight = lib.top.tensor(w) if weighted else None
        return lib.F.cross_entropy(x, lib.top.tensor(t), weight, reduction=reduction, label_smoothing=smoothing)

    compare(loss, x, orders=1)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize("weighted", [False, True])
def test_an_ignored_sample_counts_nothing_even_where_a_class_is_impossible(weighted, reduction):
    x, t, w = np.array([[-np.inf, 0.0, 1.0], [0.5, 0.0, 1.0]]), np.array([-100, 2]), np.ones(3)

    def loss(lib, x):
        return lib.F.cross_entropy(x, lib.top.tensor(t), lib.top.tensor(w) if weighted else None, reduction=reduction)

    compare(loss, x, orders=1)


def test_cross_entropy_at_extremes():
    x, t = np.array([[1e4, -1e4, 0.0], [-np.inf, 0.0, 1.0], [1e300, -1e300, 0.0]]), np.array([1, 2, 0])
    compare(lambda lib, x, t: lib.F.cross_entropy(x, t, reduction="none"), x, t, orders=1)


@pytest.mark.parametrize("dtype", [np.int64, np.uint8])
def test_class_indices_of_other_integer_types(dtype):
    compare(lambda lib, x, t: lib.F.cross_entropy(x, t), np.eye(3), np.array([0, 2, 1], dtype))


def test_third_order_through_a_small_network(rng):
    def loss(lib, x, w, v):
        hidden = lib.F.max_pool2d(lib.F.conv2d(x, w, padding=1).tanh(), 2)
        return lib.F.cross_entropy(lib.F.linear(hidden.flatten(1), v), lib.top.tensor([0, 2]))

    compare(loss, *normal(rng, (2, 1, 4, 4), (2, 1, 3, 3), (3, 8)), orders=3, rtol=1e-8)


# -- creation ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "function",
    [
        lambda t: t.zeros(2, 3), lambda t: t.zeros((2, 3)), lambda t: t.zeros([2]), lambda t: t.ones(2, dtype=t.int64),
        lambda t: t.full((2,), 7), lambda t: t.full((2,), 7.5), lambda t: t.full((2,), True),
        lambda t: t.full((2,), 7, dtype=t.float64), lambda t: t.eye(3), lambda t: t.eye(2, 3), lambda t: t.arange(5),
        lambda t: t.arange(1, 5), lambda t: t.arange(0, 1, 0.1), lambda t: t.arange(5, 0, -2), lambda t: t.arange(3.0),
        lambda t: t.arange(3, dtype=t.float64), lambda t: t.linspace(0, 1, 7), lambda t: t.linspace(2, -2, 5),
        lambda t: t.linspace(1, 2, 1), lambda t: t.zeros_like(t.tensor([1, 2])), lambda t: t.ones_like(t.ones(2, 2)),
        lambda t: t.full_like(t.ones(2), 3), lambda t: t.tensor(1), lambda t: t.tensor(1.5), lambda t: t.tensor(True),
        lambda t: t.tensor([]), lambda t: t.tensor([1, 2.5]), lambda t: t.tensor([[True], [False]]),
        lambda t: t.tensor([[1, 2], [3, 4]], dtype=t.float64), lambda t: t.tensor(np.float64(1.5)),
        lambda t: t.tensor(np.arange(3, dtype=np.int32)), lambda t: t.tensor([t.tensor(1.5), t.tensor(2.5)]),
        lambda t: t.tensor([np.float64(1.5)]), lambda t: t.zeros_like(t.ones(2), dtype=t.float64),
    ],
)  # fmt: skip
def test_creation(function):
    ours, theirs = function(nn), function(torch)
    assert ours.shape == tuple(theirs.shape)
    assert str(ours.dtype) == str(theirs.dtype).removeprefix("torch.")
    np.testing.assert_allclose(ours.numpy(), theirs.numpy(), rtol=1e-6)


# -- what is an error there is one here, of the same kind -------------------------------------------------------------
ERRORS = {
    "add": lambda t, F: t.zeros(2) + t.zeros(3),
    "sub of booleans": lambda t, F: t.tensor([True]) - t.tensor([True]),
    "neg of a boolean": lambda t, F: -t.tensor([True]),
    "negative power of an integer": lambda t, F: t.tensor([2]) ** -1,
    "clamp without bounds": lambda t, F: t.zeros(2).clamp(),
    "add_ of another shape": lambda t, F: t.zeros(3).add_(t.zeros(2)),
    "add_ of a float to an integer": lambda t, F: t.tensor([1]).add_(1.5),
    "copy_": lambda t, F: t.zeros(3).copy_(t.zeros(2)),
    "item assignment": lambda t, F: t.zeros(3).__setitem__(slice(0, 2), t.zeros(3)),
    "item assignment out of range": lambda t, F: t.zeros(3).__setitem__(5, 1.0),
    "sum": lambda t, F: t.zeros(3).sum(4),
    "sum twice over an axis": lambda t, F: t.zeros(3, 3).sum((0, 0)),
    "mean of integers": lambda t, F: t.tensor([1]).mean(),
    "max of nothing": lambda t, F: t.zeros(0).max(),
    "argmax of nothing": lambda t, F: t.zeros(0).argmax(),
    "softmax": lambda t, F: F.softmax(t.zeros(3), dim=2),
    "softmax of integers": lambda t, F: t.tensor([1]).softmax(0),
    "getitem": lambda t, F: t.zeros(3)[5],
    "getitem with too many": lambda t, F: t.zeros(3)[0, 0],
    "getitem with a mask of another shape": lambda t, F: t.zeros(3)[t.tensor([True])],
    "gather of a negative index": lambda t, F: t.gather(t.zeros(3), 0, t.tensor([-1])),
    "gather out of range": lambda t, F: t.gather(t.zeros(3), 0, t.tensor([5])),
    "gather with another number of axes": lambda t, F: t.gather(t.zeros(3, 3), 0, t.tensor([0])),
    "gather along no axis": lambda t, F: t.gather(t.zeros(3), 1, t.tensor([0])),
    "reshape": lambda t, F: t.zeros(3).reshape(2),
    "reshape with two unknowns": lambda t, F: t.zeros(4).reshape(-1, -1),
    "permute": lambda t, F: t.zeros(2, 3).permute(0),
    "transpose": lambda t, F: t.zeros(2, 3).transpose(0, 2),
    "unsqueeze": lambda t, F: t.zeros(3).unsqueeze(5),
    "squeeze": lambda t, F: t.zeros(3).squeeze(5),
    "flatten": lambda t, F: t.zeros(3, 4).flatten(5),
    "flatten backwards": lambda t, F: t.zeros(3, 4).flatten(1, 0),
    "expand": lambda t, F: t.zeros(3).expand(4),
    "expand to fewer axes": lambda t, F: t.zeros(3, 3).expand(3),
    "t": lambda t, F: t.zeros(2, 3, 4).t(),
    "cat of nothing": lambda t, F: t.cat([]),
    "cat of other shapes": lambda t, F: t.cat([t.zeros(2, 2), t.zeros(3, 3)]),
    "cat along no axis": lambda t, F: t.cat([t.zeros(2)], dim=1),
    "stack of nothing": lambda t, F: t.stack([]),
    "stack of other shapes": lambda t, F: t.stack([t.zeros(2), t.zeros(3)]),
    "matmul": lambda t, F: t.zeros(2, 3) @ t.zeros(2, 3),
    "matmul without axes": lambda t, F: t.matmul(t.tensor(1.0), t.tensor(1.0)),
    "matmul of two dtypes": lambda t, F: t.zeros(2, 2) @ t.zeros(2, 2, dtype=t.float64),
    "linear": lambda t, F: F.linear(t.zeros(2, 3), t.zeros(4, 5)),
    "linear of two dtypes": lambda t, F: F.linear(t.zeros(2, 3), t.zeros(4, 3, dtype=t.float64)),
    "linear with a wrong bias": lambda t, F: F.linear(t.zeros(2, 3), t.zeros(4, 3), t.zeros(3)),
    "conv2d": lambda t, F: F.conv2d(t.zeros(1, 2, 5, 5), t.zeros(3, 3, 3, 3)),
    "conv2d of a vector": lambda t, F: F.conv2d(t.zeros(5), t.zeros(3, 2, 3, 3)),
    "conv2d of two dtypes": lambda t, F: F.conv2d(t.zeros(1, 2, 5, 5, dtype=t.float64), t.zeros(3, 2, 3, 3)),
    "conv2d of integers": lambda t, F: F.conv2d(t.zeros(1, 2, 5, 5, dtype=t.int64), t.zeros(3, 2, 3, 3)),
    "conv2d with stride 0": lambda t, F: F.conv2d(t.zeros(1, 2, 5, 5), t.zeros(3, 2, 3, 3), stride=0),
    "conv2d with negative padding": lambda t, F: F.conv2d(t.zeros(1, 2, 5, 5), t.zeros(3, 2, 3, 3), padding=-1),
    "conv2d with dilation 0": lambda t, F: F.conv2d(t.zeros(1, 2, 5, 5), t.zeros(3, 2, 3, 3), dilation=0),
    "conv2d with unknown padding": lambda t, F: F.conv2d(t.zeros(1, 2, 5, 5), t.zeros(3, 2, 3, 3), padding="full"),
    "conv2d with strides and 'same'": lambda t, F: F.conv2d(
        t.zeros(1, 2, 5, 5), t.zeros(3, 2, 3, 3), padding="same", stride=2
    ),
    "conv2d with a large window": lambda t, F: F.conv2d(t.zeros(1, 2, 5, 5), t.zeros(3, 2, 7, 7)),
    "conv2d with wrong groups": lambda t, F: F.conv2d(t.zeros(1, 4, 5, 5), t.zeros(3, 2, 3, 3), groups=2),
    "conv2d with no groups": lambda t, F: F.conv2d(t.zeros(1, 2, 5, 5), t.zeros(3, 2, 3, 3), groups=0),
    "conv2d with a wrong bias": lambda t, F: F.conv2d(t.zeros(1, 2, 5, 5), t.zeros(3, 2, 3, 3), t.zeros(2)),
    "max_pool2d of a vector": lambda t, F: F.max_pool2d(t.zeros(5), 2),
    "max_pool2d with much padding": lambda t, F: F.max_pool2d(t.zeros(1, 1, 5, 5), 2, padding=2),
    "max_pool2d with stride 0": lambda t, F: F.max_pool2d(t.zeros(1, 1, 5, 5), 2, stride=0),
    "max_pool2d without a window": lambda t, F: F.max_pool2d(t.zeros(1, 1, 5, 5), 0),
    "max_pool2d with a large window": lambda t, F: F.max_pool2d(t.zeros(1, 1, 5, 5), 9),
    "avg_pool2d divided by 0": lambda t, F: F.avg_pool2d(t.zeros(1, 1, 5, 5), 2, divisor_override=0),
    "avg_pool2d with much padding": lambda t, F: F.avg_pool2d(t.zeros(1, 1, 5, 5), 2, padding=2),
    "cross_entropy out of range": lambda t, F: F.cross_entropy(t.zeros(2, 3), t.tensor([0, 3])),
    "cross_entropy below 0": lambda t, F: F.cross_entropy(t.zeros(2, 3), t.tensor([0, -1])),
    "cross_entropy of another batch": lambda t, F: F.cross_entropy(t.zeros(2, 3), t.tensor([0])),
    "cross_entropy with float indices": lambda t, F: F.cross_entropy(t.zeros(2, 3), t.zeros(2)),
    "cross_entropy with wrong weights": lambda t, F: F.cross_entropy(t.zeros(2, 3), t.tensor([0, 1]), t.ones(4)),
    "cross_entropy with an unknown reduction": lambda t, F: F.cross_entropy(
        t.zeros(2, 3), t.tensor([0, 1]), reduction="all"
    ),
    "cross_entropy smoothed too much": lambda t, F: F.cross_entropy(
        t.zeros(2, 3), t.tensor([0, 1]), label_smoothing=2.0
    ),
    "nll_loss out of range": lambda t, F: F.nll_loss(t.zeros(2, 3), t.tensor([0, 3])),
    "binary_cross_entropy of logits": lambda t, F: F.binary_cross_entropy(t.tensor([1.5]), t.tensor([1.0])),
    "binary_cross_entropy of another shape": lambda t, F: F.binary_cross_entropy(t.tensor([0.5]), t.ones(2)),
    "bce with logits of another shape": lambda t, F: F.binary_cross_entropy_with_logits(t.zeros(2), t.ones(3)),
    "zeros of negative length": lambda t, F: t.zeros(-1),
    "randint without room": lambda t, F: t.randint(5, 2, (2,)),
    "linspace with negative steps": lambda t, F: t.linspace(0, 1, -1),
    "arange the wrong way": lambda t, F: t.arange(5, 0),
    "tensor of a string": lambda t, F: t.tensor("a"),
    "tensor of ragged lists": lambda t, F: t.tensor([[1], [1, 2]]),
    "an unknown dtype": lambda t, F: t.zeros(2, dtype="foo"),
    "from_numpy of a list": lambda t, F: t.from_numpy([1]),
    "requires_grad of integers": lambda t, F: t.tensor([1], requires_grad=True),
    "item of many": lambda t, F: t.zeros(2).item(),
    "bool of many": lambda t, F: bool(t.zeros(2)),
    "bool of none": lambda t, F: bool(t.zeros(0)),
    "len without axes": lambda t, F: len(t.tensor(1.0)),
    "iteration without axes": lambda t, F: list(t.tensor(1.0)),
    "numpy with gradients": lambda t, F: t.tensor([1.0], requires_grad=True).numpy(),
    "backward without a graph": lambda t, F: t.tensor(1.0).backward(),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("call", ERRORS.values(), ids=ERRORS)
def test_an_error_there_is_an_error_here_of_the_same_kind(call):
    with pytest.raises(Exception) as theirs:
        call(torch, torch.nn.functional)
    kind = RuntimeError if issubclass(theirs.type, RuntimeError) else theirs.type
    with pytest.raises(kind):
        call(nn, nn.functional)


# -- random programs --------------------------------------------------------------------------------------------------
STEPS = [
    lambda t, x, y: x + y, lambda t, x, y: x * y, lambda t, x, y: x - 2 * y, lambda t, x, y: x / (y * y + 1),
    lambda t, x, y: t.sin(x), lambda t, x, y: t.tanh(y), lambda t, x, y: x.sigmoid() * y,
    lambda t, x, y: t.cat([x, y], 0)[1:4], lambda t, x, y: x.sum(0, keepdim=True) + y, lambda t, x, y: x @ y,
    lambda t, x, y: t.softmax(x, 1), lambda t, x, y: t.where(x > y, x, y), lambda t, x, y: t.maximum(x, y),
    lambda t, x, y: x.mT, lambda t, x, y: x[[2, 0, 0]], lambda t, x, y: (x * x + 1).sqrt(),
    lambda t, x, y: x.mean(1)[:, None] * y,
]  # fmt: skip


@pytest.mark.parametrize("seed", range(40))
def test_random_programs(seed):
    random = np.random.default_rng(zlib.crc32(str(seed).encode()))
    plan = [(random.integers(len(STEPS)), *random.integers(0, 2 + n, 2)) for n in range(8)]

    def program(lib, a, b):
        values = [a, b]
        for step, i, j in plan:
            values.append(STEPS[step](lib.top, values[i], values[j]).tanh())
        return values[-1] + values[-2] + a

    compare(program, *normal(random, (3, 3), (3, 3)), rtol=1e-7)
