"""What an ONNX operator is as a function of tensors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from nn import functional as F
from nn.onnx.node import Node, numbers

__all__: list[str] = []

Function = Callable[..., Any]


def _conv_function(node: Node, x: Any, weight: Any, bias: Any = None) -> Any:
    """A convolution whose weight is computed, or whose padding differs on the two sides."""
    rank = x.ndim - 2
    pads = node.get("pads", [0] * (2 * rank))
    if node.op == "ConvTranspose" or node.get("auto_pad", "NOTSET") != "NOTSET":
        raise NotImplementedError(f"load: {node.name or node.op}: expected the same padding on both sides, got {pads}")
    sides = [side for axis in reversed(range(rank)) for side in (pads[axis], pads[rank + axis])]
    strides, dilations = (tuple(node.get(name, [1] * rank)) for name in ("strides", "dilations"))
    convolve = (F.conv1d, F.conv2d, F.conv3d)[rank - 1]
    return convolve(F.pad(x, sides), weight, bias, strides, 0, dilations, node.get("group", 1))


def _gemm(node: Node, a: Any, b: Any, c: Any = None) -> Any:
    a = a.t() if node.get("transA", 0) else a
    b = b.t() if node.get("transB", 0) else b
    y = node.get("alpha", 1.0) * (a @ b)
    return y if c is None else y + node.get("beta", 1.0) * c


def _axes(node: Node, axes: Any) -> list[int] | None:
    """The axes of a reduction: an input since opset 13 or 18, an attribute before; None for all."""
    return numbers(axes) if axes is not None else node.get("axes")


def _reduction(reduce: Callable[..., Any]) -> Function:
    def run(node: Node, x: Any, axes: Any = None) -> Any:
        dims = _axes(node, axes)
        if dims is None and node.get("noop_with_empty_axes", 0):
            return x
        return reduce(x, tuple(range(x.ndim)) if dims is None else tuple(dims), bool(node.get("keepdims", 1)))

    return run


def _product(x: Any, dims: tuple[int, ...], keep: bool) -> Any:
    for dim in sorted((d % x.ndim for d in dims), reverse=True):
        x = x.prod(dim, keep)
    return x


def _arg(pick: Callable[..., Any]) -> Function:
    return lambda node, x: pick(x, node.get("axis", 0), bool(node.get("keepdims", 1)))


def _slice(node: Node, x: Any, starts: Any = None, ends: Any = None, axes: Any = None, steps: Any = None) -> Any:
    begin, end = (numbers(node.get(n) if v is None else v) for n, v in (("starts", starts), ("ends", ends)))
    dims = list(range(len(begin))) if axes is None and node.get("axes") is None else _axes(node, axes) or []
    strides = [1] * len(begin) if steps is None else numbers(steps)
    for start, stop, dim, step in zip(begin, end, dims, strides, strict=True):
        positions = range(x.shape[dim])[start:stop:step]
        if step == 1:
            x = x.narrow(dim, positions.start if len(positions) else 0, len(positions))
        else:
            x = x.index_select(dim, nn.tensor(list(positions), dtype=nn.int64))
    return x


def _split(node: Node, x: Any, sizes: Any = None) -> tuple[Any, ...]:
    dim = node.get("axis", 0)
    parts = node.get("split") if sizes is None else numbers(sizes)
    return tuple(x.tensor_split(len(node.outputs), dim) if parts is None else x.split(parts, dim))


def _reshape(node: Node, x: Any, shape: Any) -> Any:
    sizes = numbers(shape)
    return x.reshape([x.shape[i] if n == 0 and not node.get("allowzero", 0) else n for i, n in enumerate(sizes)])


def _expand(node: Node, x: Any, shape: Any) -> Any:
    return x.expand(np.broadcast_shapes(tuple(x.shape), tuple(numbers(shape))))


def _squeeze(node: Node, x: Any, axes: Any = None) -> Any:
    dims = _axes(node, axes)
    return x.squeeze() if dims is None else x.squeeze(tuple(dims))


def _unsqueeze(node: Node, x: Any, axes: Any = None) -> Any:
    dims = _axes(node, axes) or []
    rank = x.ndim + len(dims)
    for dim in sorted(d % rank for d in dims):
        x = x.unsqueeze(dim)
    return x


def _pad(node: Node, x: Any, pads: Any = None, value: Any = None, axes: Any = None) -> Any:
    amounts = node.get("pads") if pads is None else numbers(pads)
    dims = list(range(x.ndim)) if axes is None else [d % x.ndim for d in numbers(axes)]
    sides = [0] * (2 * x.ndim)
    for place, dim in enumerate(dims):
        at = 2 * (x.ndim - 1 - dim)
        sides[at : at + 2] = amounts[place], amounts[place + len(dims)]
    mode = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
    kind = mode[node.get("mode", "constant")]
    if kind != "constant":
        while len(sides) > 2 and sides[-2:] == [0, 0] and len(sides) > 2 * (x.ndim - 2):
            sides = sides[:-2]
        return F.pad(x, sides, kind)
    return F.pad(x, sides, value=0.0 if value is None else value.item())


def _gather(node: Node, x: Any, index: Any) -> Any:
    dim = node.get("axis", 0) % x.ndim
    where = nn.where(index < 0, index + x.shape[dim], index)
    picked = x.index_select(dim, where.reshape(-1))
    return picked.reshape(*x.shape[:dim], *where.shape, *x.shape[dim + 1 :])


def _shape(node: Node, x: Any) -> Any:
    return nn.tensor(list(x.shape)[node.get("start", 0) : node.get("end")], dtype=nn.int64)


def _cast(node: Node, x: Any, like: Any = None) -> Any:
    from onnx import helper

    return x.to(like.dtype if like is not None else np.dtype(helper.tensor_dtype_to_np_dtype(node.attributes["to"])))


def _clip(node: Node, x: Any, low: Any = None, high: Any = None) -> Any:
    limits = [node.get(name) if value is None else value.item() for name, value in (("min", low), ("max", high))]
    return x.clamp(*limits) if any(limit is not None for limit in limits) else x


def _quotient(node: Node, x: Any, other: Any) -> Any:
    return nn.div(x, other, rounding_mode="trunc" if x.dtype.kind in "iu" else None)


def _modulo(node: Node, x: Any, other: Any) -> Any:
    return nn.fmod(x, other) if node.get("fmod", 0) else nn.remainder(x, other)


def _constant_of_shape(node: Node, shape: Any) -> Any:
    value = np.asarray(node.get("value", np.zeros(1, np.float32)))
    return nn.full(numbers(shape), value.reshape(-1)[0].item(), dtype=value.dtype)


def _flatten(node: Node, x: Any) -> Any:
    axis = node.get("axis", 1)
    axis = axis + x.ndim if axis < 0 else axis
    return x.reshape(int(np.prod(x.shape[:axis], dtype=np.int64)), -1)


def _layer_norm_function(node: Node, x: Any, scale: Any, bias: Any = None) -> Any:
    dims = tuple(range(node.get("axis", -1) % x.ndim, x.ndim))
    centred = x - x.mean(dims, keepdim=True)
    y = centred * (centred.square().mean(dims, keepdim=True) + node.get("epsilon", 1e-5)).rsqrt() * scale
    return y if bias is None else y + bias


def _topk(node: Node, x: Any, k: Any) -> Any:
    return tuple(x.topk(numbers(k)[0], node.get("axis", -1), bool(node.get("largest", 1))))


def _cumsum(node: Node, x: Any, axis: Any) -> Any:
    dim = numbers(axis)[0]
    return x.flip(dim).cumsum(dim).flip(dim) if node.get("reverse", 0) else x.cumsum(dim)


def _trilu(node: Node, x: Any, k: Any = None) -> Any:
    diagonal = 0 if k is None else numbers(k)[0]
    return x.triu(diagonal) if node.get("upper", 1) else x.tril(diagonal)


def _global_pool(pool: Callable[..., Any]) -> Function:
    return lambda node, x: pool(x, tuple(range(2, x.ndim)), True)


def _plain(function: Callable[..., Any]) -> Function:
    return lambda node, *inputs: function(*inputs)


NAMED = """abs neg exp log sqrt sin cos tan asin acos atan sinh cosh asinh acosh atanh sign floor ceil round erf
    reciprocal add sub mul pow less greater"""

SAME = {
    **{name.capitalize(): name for name in NAMED.split()},
    "Equal": "eq", "LessOrEqual": "less_equal", "GreaterOrEqual": "greater_equal", "MatMul": "matmul",
    "Not": "logical_not", "And": "logical_and", "Or": "logical_or", "Xor": "logical_xor", "IsNaN": "isnan",
    "IsInf": "isinf", "BitwiseAnd": "bitwise_and", "BitwiseOr": "bitwise_or", "BitwiseXor": "bitwise_xor",
    "BitwiseNot": "bitwise_not",
}  # fmt: skip
"""The operators that are a function of `nn` as they stand."""

FUNCTIONS: dict[str, Function] = {
    **{name: _plain(getattr(nn, ours)) for name, ours in SAME.items()},
    "Div": _quotient,
    "Mod": _modulo,
    "Max": lambda node, *inputs: _folded(nn.maximum, inputs),
    "Min": lambda node, *inputs: _folded(nn.minimum, inputs),
    "Sum": lambda node, *inputs: _folded(nn.add, inputs),
    "Where": lambda node, condition, x, y: nn.where(condition, x, y),
    "Identity": lambda node, x: x,
    "Dropout": lambda node, x, *others: x,
    "Cast": _cast,
    "CastLike": _cast,
    "Clip": _clip,
    "Conv": _conv_function,
    "ConvTranspose": _conv_function,
    "Gemm": _gemm,
    "LayerNormalization": _layer_norm_function,
    "Reshape": _reshape,
    "Expand": _expand,
    "Transpose": lambda node, x: x.permute(*node.get("perm", list(reversed(range(x.ndim))))),
    "Concat": lambda node, *inputs: nn.cat(list(inputs), node.attributes["axis"]),
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "Unsqueeze": _unsqueeze,
    "Flatten": _flatten,
    "Pad": _pad,
    "Gather": _gather,
    "GatherElements": lambda node, x, index: x.gather(node.get("axis", 0), index),
    "ScatterElements": lambda node, x, index, updates: x.scatter(node.get("axis", 0), index, updates),
    "Det": lambda node, x: nn.linalg.det(x),
    "Shape": _shape,
    "Range": lambda node, start, end, step: nn.arange(start.item(), end.item(), step.item(), dtype=start.dtype),
    "ConstantOfShape": _constant_of_shape,
    "Trilu": _trilu,
    "CumSum": _cumsum,
    "TopK": _topk,
    "ArgMax": _arg(nn.argmax),
    "ArgMin": _arg(nn.argmin),
    "ReduceSum": _reduction(lambda x, dims, keep: x.sum(dims, keep)),
    "ReduceMean": _reduction(lambda x, dims, keep: x.mean(dims, keep)),
    "ReduceMax": _reduction(lambda x, dims, keep: x.amax(dims, keep)),
    "ReduceMin": _reduction(lambda x, dims, keep: x.amin(dims, keep)),
    "ReduceProd": _reduction(_product),
    "GlobalAveragePool": _global_pool(lambda x, dims, keep: x.mean(dims, keep)),
    "GlobalMaxPool": _global_pool(lambda x, dims, keep: x.amax(dims, keep)),
    "HardSigmoid": lambda node, x: (node.get("alpha", 0.2) * x + node.get("beta", 0.5)).clamp(0, 1),
    "PRelu": lambda node, x, slope: nn.where(x < 0, slope * x, x),
    "Selu": lambda node, x: F.selu(x),
}  # fmt: skip


def _folded(function: Callable[..., Any], inputs: tuple[Any, ...]) -> Any:
    result = inputs[0]
    for value in inputs[1:]:
        result = function(result, value)
    return result
