"""The writers of what layers compute: products, convolutions, pooling, resizing, and recurrent layers as a whole."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.kernels import resizing
from nn.onnx.graph import Graph
from nn.onnx.writers import writes

__all__: list[str] = []


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


@writes("euclidean")
def _euclidean(graph: Graph) -> Any:
    """By differences, which lose no digits."""
    rows, others = (graph.add("Unsqueeze", [graph.operand(i), graph.ints(d)]) for i, d in ((0, -2), (1, -3)))
    gaps = graph.add("Sub", [rows, others])
    return graph.add("Sqrt", [graph.add("ReduceSum", [graph.add("Mul", [gaps, gaps]), graph.ints(-1)], keepdims=0)])


@writes("det")
def _det(graph: Graph) -> Any:
    return graph.add("Det", [graph.operand(0)])


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
