"""The writers of ops that move numbers, in place too, and of those that join many into one."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.onnx.graph import Graph
from nn.onnx.writers import cast_to, number, writes

__all__: list[str] = []


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


@writes("__setitem__")
def _setitem(graph: Graph) -> Any:
    """All elements, those of a mask, or those at places that are the same for every input."""
    target, place, value = graph.call.operands
    x, new = graph.operand(0), graph.operand(2, target)
    if isinstance(value, np.ndarray) and value.dtype != target.dtype:
        new = cast_to(graph, new, target)
    index = place[0] if isinstance(place, tuple) and len(place) == 1 else place
    if isinstance(index, np.ndarray) and index.dtype.kind == "b" and np.ndim(value) == 0:
        mask = graph.value(index, graph.other.operands[1] if index is place else graph.other.operands[1][0])
        for _ in range(target.ndim - index.ndim):
            mask = graph.add("Unsqueeze", [mask, graph.ints(-1)])
        return graph.add("Where", [mask, new, x])
    if isinstance(place, type(...)):
        return graph.add("Expand", [new, graph.add("Shape", [x])])
    parts = place if isinstance(place, tuple) else (place,)
    if any(isinstance(part, np.ndarray) and graph.known(part) for part in parts):
        raise graph.error("it writes where the input says; use nn.where, or index_put of a mask and a number")
    places, others = (np.arange(t.size).reshape(t.shape) for t in (target, graph.other.operands[0]))
    picked, picked_ = places[place], others[graph.other.operands[1]]
    if target.shape != graph.other.operands[0].shape or not np.array_equal(picked, picked_):
        raise graph.error("it writes into a part whose places follow the input's lengths; make that axis static")
    flat = graph.add("Reshape", [x, graph.ints(-1)])
    new = graph.add("Reshape", [graph.add("Expand", [new, graph.ints(*picked.shape)]), graph.ints(-1)])
    made = graph.add("ScatterElements", [flat, graph.constant(picked.reshape(-1)), new], axis=0)
    return graph.add("Reshape", [made, graph.ints(*target.shape)])


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


@writes("bags")
def _bags(graph: Graph) -> Any:
    rows = graph.add("Gather", [graph.operand(0), graph.operand(1)], axis=0)
    kind = "ReduceMean" if graph.attribute("average") else "ReduceSum"
    return graph.add(kind, [rows, graph.ints(1)], keepdims=0)


REDUCTIONS = {
    "sum": "ReduceSum", "nansum": "ReduceSum", "mean": "ReduceMean", "prod": "ReduceProd", "amax": "ReduceMax",
    "amin": "ReduceMin",
}  # fmt: skip


@writes(*REDUCTIONS)
def _reduce(graph: Graph) -> Any:
    dim, keep = graph.attribute("dim"), int(bool(graph.attribute("keepdim", False)))
    axes = [] if dim is None else [graph.ints(*([dim] if isinstance(dim, int) else dim))]
    x = graph.operand(0)
    if graph.call.name == "nansum" and graph.call.operands[0].dtype.kind == "f":
        x = graph.add("Where", [graph.add("IsNaN", [x]), number(graph, 0), x])
    y = graph.add(REDUCTIONS[graph.call.name], [x, *axes], keepdims=keep)
    given, made = graph.call.operands[0].dtype, graph.call.results[0].dtype
    return y if given == made else cast_to(graph, y, graph.call.results[0])


@writes("var")
def _var(graph: Graph) -> Any:
    """The squares of the distances from the mean, added up, over count - correction."""
    dim, keep = graph.attribute("dim"), int(bool(graph.attribute("keepdim", False)))
    axes = [] if dim is None else [graph.ints(*([dim] if isinstance(dim, int) else dim))]
    x = graph.operand(0)
    distance = graph.add("Sub", [x, graph.add("ReduceMean", [x, *axes], keepdims=1)])
    squares = graph.add("ReduceSum", [graph.add("Mul", [distance, distance]), *axes], keepdims=keep)
    freedom, other = (
        max(call.operands[0].size // max(1, call.results[0].size) - call.attributes.get("correction", 1), 0)
        for call in (graph.call, graph.other)
    )
    return graph.add("Div", [squares, graph.value(freedom, other, graph.call.results[0])])


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
    spread = graph.add("Sqrt", [graph.add("Add", [var, number(graph, graph.attribute("eps"))])])
    return graph.add("Div", [centred, spread])
