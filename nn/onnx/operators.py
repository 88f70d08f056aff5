"""One writer for each op with a meaning in ONNX: it adds the nodes of a call and returns the name of the result."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nn.kernels import resizing
from nn.onnx.graph import Graph

__all__: list[str] = []

Writer = Callable[[Graph], Any]

WRITERS: dict[str, Writer] = {}


def writes(*names: str) -> Callable[[Writer], Writer]:
    """The writer of the ops of these names."""

    def note(writer: Writer) -> Writer:
        WRITERS.update(dict.fromkeys(names, writer))
        return writer

    return note


def _like(graph: Graph) -> Any:
    """The first operand that is an array: a Python number takes its dtype."""
    return next(o for o in graph.call.operands if isinstance(o, np.ndarray))


def _number(graph: Graph, value: float) -> str:
    return graph.constant(np.asarray(value, graph.call.results[0].dtype))


# -- elementwise ------------------------------------------------------------------------------------------------------
SAME = {
    "neg": "Neg", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "sin": "Sin", "cos": "Cos", "tan": "Tan", "asin": "Asin",
    "acos": "Acos",
    "atan": "Atan", "sinh": "Sinh", "cosh": "Cosh", "asinh": "Asinh", "acosh": "Acosh", "atanh": "Atanh",
    "sign": "Sign", "abs": "Abs", "floor": "Floor", "ceil": "Ceil", "erf": "Erf", "sigmoid": "Sigmoid", "tanh": "Tanh",
    "relu": "Relu", "softplus": "Softplus", "isnan": "IsNaN", "isinf": "IsInf", "logical_not": "Not",
    "clone": "Identity",
    "add": "Add", "sub": "Sub", "mul": "Mul", "div": "Div", "pow": "Pow", "maximum": "Max", "minimum": "Min",
    "equal": "Equal", "less": "Less", "less_equal": "LessOrEqual", "greater": "Greater",
    "greater_equal": "GreaterOrEqual", "logical_and": "And", "logical_or": "Or", "logical_xor": "Xor",
    "matmul": "MatMul",
}  # fmt: skip
"""The ops that ONNX has under another name."""


@writes(*SAME)
def _same(graph: Graph) -> Any:
    like = _like(graph)
    return graph.add(SAME[graph.call.name], [graph.operand(i, like) for i in range(len(graph.call.operands))])


@writes("not_equal")
def _not_equal(graph: Graph) -> Any:
    like = _like(graph)
    return graph.add("Not", [graph.add("Equal", [graph.operand(0, like), graph.operand(1, like)])])


BITWISE = {"bitwise_and": "And", "bitwise_or": "Or", "bitwise_xor": "Xor", "bitwise_not": "Not"}


@writes(*BITWISE)
def _bitwise(graph: Graph) -> Any:
    like = _like(graph)
    kind = BITWISE[graph.call.name] if like.dtype.kind == "b" else f"Bitwise{BITWISE[graph.call.name]}"
    return graph.add(kind, [graph.operand(i, like) for i in range(len(graph.call.operands))])


@writes("where")
def _where(graph: Graph) -> Any:
    like = graph.call.results[0]
    return graph.add("Where", [graph.operand(0), graph.operand(1, like), graph.operand(2, like)])


@writes("log1p")
def _log1p(graph: Graph) -> Any:
    return graph.add("Log", [graph.add("Add", [graph.operand(0), _number(graph, 1)])])


@writes("expm1")
def _expm1(graph: Graph) -> Any:
    return graph.add("Sub", [graph.add("Exp", [graph.operand(0)]), _number(graph, 1)])


@writes("log2", "log10")
def _log_to_base(graph: Graph) -> Any:
    base = {"log2": 2, "log10": 10}[graph.call.name]
    return graph.add("Div", [graph.add("Log", [graph.operand(0)]), _number(graph, math.log(base))])


@writes("exp2")
def _exp2(graph: Graph) -> Any:
    return graph.add("Pow", [_number(graph, 2), graph.operand(0)])


@writes("erfc")
def _erfc(graph: Graph) -> Any:
    return graph.add("Sub", [_number(graph, 1), graph.add("Erf", [graph.operand(0)])])


@writes("trunc")
def _trunc(graph: Graph) -> Any:
    x = graph.operand(0)
    return graph.add("Mul", [graph.add("Sign", [x]), graph.add("Floor", [graph.add("Abs", [x])])])


@writes("round")
def _round(graph: Graph) -> Any:
    if graph.attribute("decimals", 0):
        raise graph.error("ONNX rounds to whole numbers only; use decimals=0")
    return graph.add("Round", [graph.operand(0)])


@writes("logaddexp")
def _logaddexp(graph: Graph) -> Any:
    x, other = graph.operand(0), graph.operand(1)
    gap = graph.add("Abs", [graph.add("Sub", [x, other])])
    return graph.add("Add", [graph.add("Max", [x, other]), graph.add("Softplus", [graph.add("Neg", [gap])])])


@writes("hypot")
def _hypot(graph: Graph) -> Any:
    squares = [graph.add("Mul", [graph.operand(i)] * 2) for i in (0, 1)]
    return graph.add("Sqrt", [graph.add("Add", squares)])


@writes("remainder", "fmod")
def _modulo(graph: Graph) -> Any:
    like = _like(graph)
    x, other = graph.operand(0, like), graph.operand(1, like)
    if graph.call.name == "fmod" or like.dtype.kind in "iu":
        return graph.add("Mod", [x, other], fmod=int(graph.call.name == "fmod"))
    whole = graph.add("Floor", [graph.add("Div", [x, other])])
    return graph.add("Sub", [x, graph.add("Mul", [whole, other])])


@writes("floor_divide")
def _floor_divide(graph: Graph) -> Any:
    like = _like(graph)
    x, other = graph.operand(0, like), graph.operand(1, like)
    if like.dtype.kind == "f":
        return graph.add("Floor", [graph.add("Div", [x, other])])
    return graph.add("Div", [graph.add("Sub", [x, graph.add("Mod", [x, other])]), other])


@writes("clamp")
def _clamp(graph: Graph) -> Any:
    limits = [graph.attribute("min"), graph.attribute("max")]
    names = ["" if limit is None else _number(graph, limit) for limit in limits]
    return graph.add("Clip", [graph.operand(0), *names])


@writes("cast")
def _cast(graph: Graph) -> Any:
    return _cast_to(graph, graph.operand(0), graph.call.results[0])


def _cast_to(graph: Graph, name: str, result: Any) -> Any:
    from onnx import helper

    return graph.add("Cast", [name], to=helper.np_dtype_to_tensor_dtype(result.dtype))


@writes("cast_all")
def _cast_all(graph: Graph) -> Any:
    """Operands brought to one dtype: those that changed are cast, those that came from the input keep their names."""
    names: list[str | None] = []
    for place, result in enumerate(graph.call.results):
        given = graph.call.operands[place]
        changed = isinstance(result, np.ndarray) and result is not given
        read = isinstance(given, np.ndarray) and graph.known(given)
        names.append(_cast_to(graph, graph.operand(place), result) if changed and read else None)
    return names


@writes("zeros_like")
def _zeros_like(graph: Graph) -> Any:
    from onnx import numpy_helper

    zero = numpy_helper.from_array(np.zeros(1, graph.call.results[0].dtype))
    return graph.add("ConstantOfShape", [graph.add("Shape", [graph.operand(0)])], value=zero)


# -- activations ------------------------------------------------------------------------------------------------------
@writes("leaky_relu")
def _leaky_relu(graph: Graph) -> Any:
    return graph.add("LeakyRelu", [graph.operand(0)], alpha=float(graph.attribute("negative_slope", 0.01)))


@writes("elu")
def _elu(graph: Graph) -> Any:
    """scale * (x, or alpha * (exp(input_scale * x) - 1) below 0)."""
    alpha, scale = graph.attribute("alpha", 1.0), graph.attribute("scale", 1.0)
    inner = graph.attribute("input_scale", 1.0)
    x = graph.operand(0)
    below = graph.add("Min", [graph.add("Mul", [x, _number(graph, inner)]), _number(graph, 0)])
    below = graph.add("Mul", [graph.add("Sub", [graph.add("Exp", [below]), _number(graph, 1)]), _number(graph, alpha)])
    return graph.add("Mul", [graph.add("Add", [graph.add("Relu", [x]), below]), _number(graph, scale)])


@writes("silu")
def _silu(graph: Graph) -> Any:
    x = graph.operand(0)
    return graph.add("Mul", [x, graph.add("Sigmoid", [x])])


@writes("gelu")
def _gelu(graph: Graph) -> Any:
    return graph.add("Gelu", [graph.operand(0)], approximate=graph.attribute("approximate", "none"))


@writes("softmax", "log_softmax")
def _softmax(graph: Graph) -> Any:
    kind = {"softmax": "Softmax", "log_softmax": "LogSoftmax"}[graph.call.name]
    return graph.add(kind, [graph.operand(0)], axis=int(graph.attribute("dim")))


# -- shapes -----------------------------------------------------------------------------------------------------------
@writes("reshape")
def _reshape(graph: Graph) -> Any:
    shape, other = graph.call.results[0].shape, graph.other.results[0].shape
    free = [i for i, (a, b) in enumerate(zip(shape, other, strict=True)) if a != b]
    if len(free) <= 1:  # one length of the input is what is left over
        return graph.add(
            "Reshape", [graph.operand(0), graph.ints(*(-1 if i in free else n for i, n in enumerate(shape)))]
        )
    return graph.add("Reshape", [graph.operand(0), graph.sizes_of(shape, other, "a length of the result")])


@writes("expand")
def _expand(graph: Graph) -> Any:
    shape, other = graph.call.results[0].shape, graph.other.results[0].shape
    return graph.add("Expand", [graph.operand(0), graph.sizes_of(shape, other, "a length of the result")])


@writes("permute")
def _permute(graph: Graph) -> Any:
    rank = graph.call.results[0].ndim
    return graph.add("Transpose", [graph.operand(0)], perm=[d % rank for d in graph.attribute("dims")])


@writes("transpose")
def _transpose(graph: Graph) -> Any:
    order = list(range(graph.call.results[0].ndim))
    a, b = graph.attribute("dim0", -2), graph.attribute("dim1", -1)
    order[a], order[b] = order[b], order[a]
    return graph.add("Transpose", [graph.operand(0)], perm=order)


@writes("concatenate")
def _concatenate(graph: Graph) -> Any:
    count = len(graph.call.operands)
    return graph.add("Concat", [graph.operand(i) for i in range(count)], axis=int(graph.attribute("dim")))


@writes("narrow")
def _narrow(graph: Graph) -> Any:
    dim = graph.attribute("dim")
    start, length = graph.call.attributes["start"], graph.call.attributes["length"]
    start_, length_ = graph.other.attributes["start"], graph.other.attributes["length"]
    begin = graph.sizes_of([start], [start_], "its start")
    end = graph.sizes_of([start + length], [start_ + length_], "its end")
    return graph.add("Slice", [graph.operand(0), begin, end, graph.ints(dim)])


@writes("narrow_backward")
def _padded(graph: Graph) -> Any:
    """Zeros around the operand, along one axis."""
    shape, dim, start = graph.attribute("shape"), graph.attribute("dim"), graph.attribute("start")
    inner = graph.call.operands[0].shape
    rank = len(shape)
    dim %= rank
    before, after = [0] * rank, [0] * rank
    before[dim], after[dim] = start, shape[dim] - start - inner[dim]
    return graph.add("Pad", [graph.operand(0), graph.ints(*before, *after)])


@writes("getitem_backward")
def _zeros_around(graph: Graph) -> Any:
    """Zeros around the operand: the inverse of a slice along each axis."""
    size, size_ = graph.call.results[0].shape, graph.other.results[0].shape
    index = _whole_index(graph.call.attributes["index"], len(size))
    index_ = _whole_index(graph.other.attributes["index"], len(size))
    before, after = [], []
    for part, part_, n, m in zip(index, index_, size, size_, strict=True):
        if not isinstance(part, slice) or part.step not in (None, 1):
            raise graph.error("ONNX pads around slices only, not around single positions")
        (start, stop, _), (start_, stop_, _) = part.indices(n), part_.indices(m)
        if (start, n - stop) != (start_, m - stop_):
            raise graph.error("it pads an axis of any length up to a length of its own; make that axis static")
        before.append(start)
        after.append(n - stop)
    return graph.add("Pad", [graph.operand(0), graph.ints(*before, *after)])


@writes("flip")
def _flip(graph: Graph) -> Any:
    dims = graph.attribute("dims")
    x, count = graph.operand(0), len(dims)
    ends = [graph.ints(*[n] * count) for n in (-1, -(2**62))]
    return graph.add("Slice", [x, *ends, graph.ints(*dims), graph.ints(*[-1] * count)])


@writes("roll")
def _roll(graph: Graph) -> Any:
    x = graph.operand(0)
    for shift, dim in zip(graph.attribute("shifts"), graph.attribute("dims"), strict=True):
        length = graph.call.operands[0].shape[dim]
        if length != graph.other.operands[0].shape[dim]:
            raise graph.error("it rolls along an axis of any length; make that axis static")
        cut = length - shift % length
        parts = [
            graph.add("Slice", [x, graph.ints(a), graph.ints(b), graph.ints(dim)]) for a, b in ((cut, length), (0, cut))
        ]
        x = graph.add("Concat", parts, axis=dim)
    return x


@writes("triu", "tril")
def _triangle(graph: Graph) -> Any:
    diagonal = graph.ints(graph.attribute("diagonal", 0))
    return graph.add("Trilu", [graph.operand(0), diagonal], upper=int(graph.call.name == "triu"))


@writes("getitem")
def _getitem(graph: Graph) -> Any:
    """Slices and single positions first, then a list of positions, then the new axes."""
    index = _whole_index(graph.call.attributes["index"], graph.call.operands[0].ndim)
    other = _whole_index(graph.other.attributes["index"], graph.other.operands[0].ndim)
    x, axis = graph.operand(0), 0
    new, lists, gone = [], [], 0
    for place, (part, part_) in enumerate(zip(index, other, strict=True)):
        if part is None:
            new.append(place - gone)
            continue
        if isinstance(part, slice):
            x = _sliced(graph, x, axis, part, part_)
        elif isinstance(part, int | np.integer):
            if part != part_:
                raise graph.error(f"its index is {part} here and {part_} for another length; make that axis static")
            x = graph.add("Gather", [x, graph.constant(np.int64(part))], axis=axis)
            gone += 1
            continue
        else:
            lists.append((axis, part, part_))
        axis += 1
    if len(lists) > 1 or (lists and np.asarray(lists[0][1]).dtype.kind == "b"):
        raise graph.error("an index of several lists, or of a mask, has no operator in ONNX; use gather or where")
    for at, part, part_ in lists:
        x = graph.add("Gather", [x, graph.value(np.asarray(part), np.asarray(part_))], axis=at)
    return graph.add("Unsqueeze", [x, graph.ints(*new)]) if new else x


def _whole_index(index: Any, rank: int) -> list[Any]:
    """One part for each axis, and None for each new one."""
    parts = list(index) if isinstance(index, tuple) else [index]
    used = sum(part is not None and part is not Ellipsis for part in parts)
    if not any(part is Ellipsis for part in parts):
        parts.append(Ellipsis)
    at = next(i for i, part in enumerate(parts) if part is Ellipsis)
    return [*parts[:at], *[slice(None)] * (rank - used), *parts[at + 1 :]]


def _sliced(graph: Graph, x: str, axis: int, part: slice, other: slice) -> str:
    if part == slice(None):
        return x
    step = 1 if part.step is None else int(part.step)
    begin, begin_ = (0 if p.start is None else int(p.start) for p in (part, other))
    end, end_ = (2**62 if p.stop is None else int(p.stop) for p in (part, other))
    names = [graph.sizes_of([begin], [begin_], "the start of a slice"), graph.sizes_of([end], [end_], "its end")]
    return str(graph.add("Slice", [x, *names, graph.ints(axis), graph.ints(step)]))


@writes("gather")
def _gather(graph: Graph) -> Any:
    return graph.add("GatherElements", [graph.operand(0), graph.operand(1)], axis=int(graph.attribute("dim")))


@writes("embedding")
def _embedding(graph: Graph) -> Any:
    return graph.add("Gather", [graph.operand(0), graph.operand(1)], axis=0)


# -- reductions -------------------------------------------------------------------------------------------------------
REDUCTIONS = {"sum": "ReduceSum", "mean": "ReduceMean", "prod": "ReduceProd", "amax": "ReduceMax", "amin": "ReduceMin"}


@writes(*REDUCTIONS)
def _reduce(graph: Graph) -> Any:
    dim, keep = graph.attribute("dim"), int(bool(graph.attribute("keepdim", False)))
    axes = [] if dim is None else [graph.ints(*([dim] if isinstance(dim, int) else dim))]
    x = graph.operand(0)
    y = graph.add(REDUCTIONS[graph.call.name], [x, *axes], keepdims=keep)
    given, made = graph.call.operands[0].dtype, graph.call.results[0].dtype
    return y if given == made else _cast_to(graph, y, graph.call.results[0])


@writes("argmax", "argmin")
def _arg(graph: Graph) -> Any:
    dim, x = graph.attribute("dim"), graph.operand(0)
    kind = {"argmax": "ArgMax", "argmin": "ArgMin"}[graph.call.name]
    if dim is None:
        return graph.add(kind, [graph.add("Reshape", [x, graph.ints(-1)])], axis=0, keepdims=0)
    return graph.add(kind, [x], axis=int(dim), keepdims=int(bool(graph.attribute("keepdim", False))))


@writes("cumsum")
def _cumsum(graph: Graph) -> Any:
    axis = graph.constant(np.array(graph.attribute("dim"), np.int64))
    return graph.add("CumSum", [graph.operand(0), axis], reverse=int(bool(graph.attribute("reverse", False))))


@writes("topk")
def _topk(graph: Graph) -> Any:
    k, dim = graph.ints(graph.attribute("k")), int(graph.attribute("dim", -1))
    largest = int(bool(graph.attribute("largest", True)))
    return graph.add("TopK", [graph.operand(0), k], outputs=2, axis=dim, largest=largest)[1]


@writes("standardize")
def _standardize(graph: Graph) -> Any:
    """(x - mean) * rstd; a mean and a rstd = 1 / sqrt(variance + eps) that follow the input are those of the input."""
    x, dim = graph.operand(0), graph.attribute("dim")
    given: list[Any] = [graph.call.attributes.get(name) for name in ("mean", "rstd")]
    others: list[Any] = [graph.other.attributes.get(name) for name in ("mean", "rstd")]
    if given[0] is not None and all(np.array_equal(a, b) for a, b in zip(given, others, strict=True)):
        mean, rstd = (graph.value(a, b) for a, b in zip(given, others, strict=True))
        return graph.add("Mul", [graph.add("Sub", [x, mean]), rstd])
    axes = graph.ints(*([dim] if isinstance(dim, int) else dim))
    centred = graph.add("Sub", [x, graph.add("ReduceMean", [x, axes], keepdims=1)])
    var = graph.add("ReduceMean", [graph.add("Mul", [centred, centred]), axes], keepdims=1)
    spread = graph.add("Sqrt", [graph.add("Add", [var, _number(graph, graph.attribute("eps"))])])
    return graph.add("Div", [centred, spread])


# -- layers -----------------------------------------------------------------------------------------------------------
@writes("linear")
def _linear(graph: Graph) -> Any:
    x, weight = graph.operand(0), graph.operand(1)
    bias = [graph.operand(2)] if len(graph.call.operands) > 2 and graph.call.operands[2] is not None else []
    if graph.call.operands[0].ndim == 2:
        return graph.add("Gemm", [x, weight, *bias], transB=1)
    y = graph.add("MatMul", [x, graph.add("Transpose", [weight], perm=[1, 0])])
    return graph.add("Add", [y, *bias]) if bias else y


def _sizes(value: Any, rank: int) -> list[int]:
    return [int(value)] * rank if isinstance(value, int | np.integer) else [int(v) for v in value]


def _both_sides(padding: Any, rank: int) -> list[int]:
    """ONNX's pads: those before every axis, then those behind."""
    if isinstance(padding, int | np.integer):
        return [int(padding)] * (2 * rank)
    sides = [(p, p) if isinstance(p, int | np.integer) else tuple(p) for p in padding]
    return [int(side[0]) for side in sides] + [int(side[1]) for side in sides]


@writes("conv")
def _conv(graph: Graph) -> Any:
    rank = graph.call.operands[0].ndim - 2
    inputs = [graph.operand(i) for i, operand in enumerate(graph.call.operands) if operand is not None]
    return graph.add(
        "Conv",
        inputs,
        kernel_shape=list(graph.call.operands[1].shape[2:]),
        strides=_sizes(graph.attribute("stride"), rank),
        pads=_both_sides(graph.attribute("padding"), rank),
        dilations=_sizes(graph.attribute("dilation"), rank),
        group=int(graph.attribute("groups", 1)),
    )


@writes("conv_input_backward")
def _transposed_conv(graph: Graph) -> Any:
    """(g, weight) -> the gradient by the input of a convolution, which is what a transposed one computes."""
    rank = graph.call.operands[0].ndim - 2
    kernel = graph.call.operands[1].shape[2:]
    stride, dilation = (_sizes(graph.attribute(name), rank) for name in ("stride", "dilation"))
    pads = _both_sides(graph.attribute("padding"), rank)
    length, size = graph.call.operands[0].shape[2:], graph.call.results[0].shape[2:]
    plain = [
        (n - 1) * s - pads[i] - pads[rank + i] + d * (k - 1) + 1
        for i, (n, s, d, k) in enumerate(zip(length, stride, dilation, kernel, strict=True))
    ]
    return graph.add(
        "ConvTranspose",
        [graph.operand(0), graph.operand(1)],
        kernel_shape=list(kernel),
        strides=stride,
        pads=pads,
        dilations=dilation,
        group=int(graph.attribute("groups", 1)),
        output_padding=[a - b for a, b in zip(size, plain, strict=True)],
    )


@writes("im2col")
def _im2col(graph: Graph) -> Any:
    """(N, C, S) -> (N, C k, L): a convolution of each channel with the unit vectors of its window."""
    x = graph.call.operands[0]
    channels, rank = x.shape[1], x.ndim - 2
    kernel = _sizes(graph.attribute("kernel_size"), rank)
    count = math.prod(kernel)
    weight = np.tile(np.eye(count, dtype=x.dtype).reshape(count, 1, *kernel), (channels, *(1,) * (rank + 1)))
    columns = graph.add(
        "Conv",
        [graph.operand(0), graph.constant(weight)],
        kernel_shape=kernel,
        strides=_sizes(graph.attribute("stride"), rank),
        pads=_both_sides(graph.attribute("padding"), rank),
        dilations=_sizes(graph.attribute("dilation"), rank),
        group=channels,
    )
    return graph.add("Reshape", [columns, graph.ints(0, channels * count, -1)])


def _pool(graph: Graph, kind: str, dilation: list[int], **more: Any) -> Any:
    x = graph.call.operands[0]
    rank = x.ndim - 2
    kernel, stride = (_sizes(graph.attribute(name), rank) for name in ("kernel_size", "stride"))
    pads = _both_sides(graph.attribute("padding"), rank)
    floor = [
        (n + pads[i] + pads[rank + i] - d * (k - 1) - 1) // s + 1
        for i, (n, k, s, d) in enumerate(zip(x.shape[2:], kernel, stride, dilation, strict=True))
    ]
    ceil = list(graph.call.results[0].shape[2:]) != floor
    return graph.add(
        kind, [graph.operand(0)], kernel_shape=kernel, strides=stride, pads=pads, ceil_mode=int(ceil), **more
    )


@writes("max_pool")
def _max_pool(graph: Graph) -> Any:
    rank = graph.call.operands[0].ndim - 2
    dilation = _sizes(graph.attribute("dilation"), rank)
    return _pool(graph, "MaxPool", dilation, dilations=dilation)


@writes("argmax_pool")
def _argmax_pool(graph: Graph) -> Any:
    """Every window laid out in a row, the place of its largest element, and where in the image that place is."""
    x, places = graph.call.operands[0], graph.call.attributes["places"]
    if x.shape[2:] != graph.other.operands[0].shape[2:]:
        raise graph.error("it pools over axes of any length; make those axes static")
    flat = np.zeros((1, 1), np.int64)  # (S', k) of the axes so far
    for axis, part in enumerate(places):
        step = math.prod(x.shape[3 + axis :])
        rows = flat[:, None, :, None] + step * np.asarray(part, np.int64)[None, :, None, :]
        flat = rows.reshape(rows.shape[0] * rows.shape[1], -1)
    row = graph.add("Reshape", [graph.operand(0), graph.ints(0, 0, -1)])
    windows = graph.add("Gather", [row, graph.constant(flat)], axis=2)  # (N, C, S', k)
    best = graph.add("ArgMax", [windows], axis=3, keepdims=1)
    table = graph.add("Expand", [graph.constant(flat[None, None]), graph.add("Shape", [windows])])
    index = graph.add("GatherElements", [table, best], axis=3)
    return graph.add("Reshape", [index, graph.ints(0, 0, *graph.call.results[0].shape[2:])])


@writes("avg_pool")
def _avg_pool(graph: Graph) -> Any:
    rank = graph.call.operands[0].ndim - 2
    if graph.attribute("divisor_override") is not None:
        raise graph.error("ONNX divides by the number of elements; leave out divisor_override")
    counted = int(bool(graph.attribute("count_include_pad", True)))
    return _pool(graph, "AveragePool", [1] * rank, count_include_pad=counted)


@writes("resample")
def _resample(graph: Graph) -> Any:
    """A linear map along one axis: a product with its matrix, which the kernel computes from the unit vectors."""
    x = graph.call.operands[0]
    rank, dim = x.ndim, graph.call.attributes["dim"] % x.ndim
    if x.shape[dim] != graph.other.operands[0].shape[dim]:
        raise graph.error("it resizes an axis of any length; make that axis static")
    unit = np.eye(x.shape[dim], dtype=x.dtype)
    matrix = resizing.resample(unit, dim=1, taps=graph.call.attributes["taps"])  # (length, size)
    order = [*(d for d in range(rank) if d != dim), dim]
    y = graph.add("Transpose", [graph.operand(0)], perm=order)
    y = graph.add("MatMul", [y, graph.constant(matrix)])
    return graph.add("Transpose", [y], perm=[order.index(d) for d in range(rank)])


# -- recurrent layers -------------------------------------------------------------------------------------------------
@writes("RNN", "LSTM", "GRU")
def _recurrent(graph: Graph) -> Any:
    """One node a layer; ONNX orders the gates as (i, o, f, c) and (z, r, h), PyTorch as (i, f, g, o) and (r, z, n)."""
    module = graph.call.attributes["module"]
    kind = graph.call.name
    order = {"RNN": [0], "LSTM": [0, 3, 1, 2], "GRU": [1, 0, 2]}[kind]
    H, directions = module.hidden_size, 2 if module.bidirectional else 1
    if getattr(module, "proj_size", 0):
        raise graph.error("ONNX has no projection of the hidden state; use proj_size=0")
    x, batched = graph.operand(0), graph.call.operands[0].ndim == 3
    if not batched:
        x = graph.add("Unsqueeze", [x, graph.ints(1)])
    elif module.batch_first:
        x = graph.add("Transpose", [x], perm=[1, 0, 2])  # (T, N, C)
    states = [graph.operand(i) for i in range(1, len(graph.call.operands))]
    if states and not batched:
        states = [graph.add("Unsqueeze", [state, graph.ints(1)]) for state in states]
    last: list[list[str]] = [[] for _ in range(2 if kind == "LSTM" else 1)]

    def gates(name: str, layer: int) -> Any:
        parts = []
        for suffix in ["", "_reverse"][:directions]:
            p = getattr(module, f"{name}_l{layer}{suffix}")._array
            parts.append(p.reshape(len(order), H, *p.shape[1:])[order].reshape(p.shape))
        return np.stack(parts)

    for layer in range(module.num_layers):
        W, R = graph.constant(gates("weight_ih", layer)), graph.constant(gates("weight_hh", layer))
        bias = ""
        if module.bias:
            bias = graph.constant(np.concatenate([gates("bias_ih", layer), gates("bias_hh", layer)], axis=1))
        rows = [graph.ints(layer * directions), graph.ints((layer + 1) * directions), graph.ints(0)]
        begin = [graph.add("Slice", [state, *rows]) for state in states]
        more: dict[str, Any] = {"linear_before_reset": 1} if kind == "GRU" else {}
        if kind == "RNN":
            more["activations"] = [module.nonlinearity.capitalize()] * directions
        direction = "bidirectional" if directions == 2 else "forward"
        y, *ends = graph.add(
            kind,
            [x, W, R, bias, "", *begin],
            outputs=1 + len(last),
            hidden_size=H,
            direction=direction,
            **more,
        )
        for kept, end in zip(last, ends, strict=True):
            kept.append(end)
        y = graph.add("Transpose", [y], perm=[0, 2, 1, 3])  # (T, N, directions, H)
        x = graph.add("Reshape", [y, graph.ints(0, 0, -1)])
    if not batched:
        x = graph.add("Squeeze", [x, graph.ints(1)])
    elif module.batch_first:
        x = graph.add("Transpose", [x], perm=[1, 0, 2])
    ends = [kept[0] if len(kept) == 1 else graph.add("Concat", kept, axis=0) for kept in last]
    return [x, *(ends if batched else [graph.add("Squeeze", [end, graph.ints(1)]) for end in ends])]
