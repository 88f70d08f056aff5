"""Kernels that pick elements by index, and their transposes, which add up what was picked more than once."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.summation import in_single, rounded

Array = NDArray[Any]

MANY = 512
"""Elements from which on it is faster to add them all at once; along a single axis NumPy is as fast one by one."""

SPARSE = 8
"""Up to so many places for each element it is faster too: all of them are summed."""


def getitem(x: Array, *, index: Any, out: Array | None = None) -> Array:
    """x[index]: a view for slices and integers, a copy for index arrays and masks."""
    if is_basic(index):  # with an Ellipsis a single element is a view too
        parts = index if isinstance(index, tuple) else (index,)
        index = parts if any(p is Ellipsis for p in parts) else (*parts, Ellipsis)
    value = x[index]
    if out is None:
        return value
    np.copyto(out, value)
    return out


@in_single
def getitem_backward(g: Array, *, index: Any, shape: tuple[int, ...], out: Array | None = None) -> Array:
    """g added into zeros of `shape` at `index`; an element picked twice gets both."""
    if not is_basic(index):
        return _added_up(g, index, shape, out)
    if out is None:
        out = np.zeros(shape, g.dtype)
    else:
        out[...] = 0
    out[index] = g
    return out


def put_together(*pieces: Array, places: tuple[Any, ...], shape: tuple[int, ...], out: Array | None = None) -> Array:
    """Each piece added into zeros of `shape` at its place, which is made of slices and integers."""
    covered = _side_by_side(places, shape)
    if out is None:
        out = (np.empty if covered == 1 else np.zeros)(shape, pieces[0].dtype)
    elif covered != 1:
        out[...] = 0
    for piece, place in zip(pieces, places, strict=True):
        if covered is None:
            out[place] += piece
        else:
            out[place] = piece
    return out


def _side_by_side(places: tuple[Any, ...], shape: tuple[int, ...]) -> float | None:
    """The share of an axis that pieces side by side along it cover; None where two may overlap."""
    spans = []
    axis = len(places[0]) if isinstance(places[0], tuple) else 1
    for place in places:
        *before, last = place if isinstance(place, tuple) else (place,)
        if len(before) + 1 != axis or axis > len(shape) or any(part != slice(None) for part in before):
            return None
        length = shape[axis - 1]
        if isinstance(last, slice) and last.step in (None, 1):
            start, stop, _ = last.indices(length)
        elif isinstance(last, int | np.integer):
            start = int(last) % length
            stop = start + 1
        else:
            return None
        spans.append((start, max(start, stop)))
    spans.sort()
    if any(stop > start for (_, stop), (start, _) in pairwise(spans)):
        return None
    return sum(stop - start for start, stop in spans) / max(1, shape[axis - 1])


def _added_up(g: Array, index: Any, shape: tuple[int, ...], out: Array | None) -> Array:
    """g added into zeros of `shape` at index arrays, all at once where NumPy can: in float64, rounded once."""
    size = math.prod(shape)
    if g.dtype.kind == "f" and len(shape) > 1 and g.size >= MANY and size <= SPARSE * g.size:
        places = np.arange(size).reshape(shape)[index]
        sums = np.bincount(places.ravel(), np.broadcast_to(g, places.shape).ravel(), size)
        return rounded(sums.reshape(shape), g.dtype, out)
    if out is None:
        out = np.zeros(shape, g.dtype)
    else:
        out[...] = 0
    np.add.at(out, index, g)
    return out


def is_basic(index: Any) -> bool:
    """Whether the index is made of slices, integers, None and Ellipsis alone, so that x[index] is a view."""
    parts = index if isinstance(index, tuple) else (index,)
    plain = (int, slice, np.integer, type(None), type(Ellipsis))
    return all(isinstance(p, plain) and not isinstance(p, bool) for p in parts)


def gather(x: Array, index: Array, *, dim: int, out: Array | None = None) -> Array:
    """result[i][j] = x[index[i][j]][j] for dim 0, and likewise along any other axis; index is shaped as the result."""
    value = x[along(index, dim)]
    if out is None:
        return value
    np.copyto(out, value)
    return out


@in_single
def scatter_add(g: Array, index: Array, *, dim: int, shape: tuple[int, ...], out: Array | None = None) -> Array:
    """The transpose of gather: g added into zeros of `shape` at index."""
    return _added_up(g, along(index, dim), shape, out)


def along(index: Array, dim: int) -> tuple[Array, ...]:
    """Index arrays for every axis: `index` itself for axis `dim`, positions for the others."""
    where = list(np.ogrid[tuple(slice(n) for n in index.shape)])
    where[dim % index.ndim] = index
    return tuple(where)


def scatter_extreme(x: Array, src: Array, index: Array, *, dim: int, largest: bool, out: Array | None = None) -> Array:
    """The largest (or smallest) of x and of all that src brings to the same place, as in scatter_add."""
    if out is None:
        out = np.array(x, order="C")
    else:
        np.copyto(out, x)
    (np.maximum if largest else np.minimum).at(out, along(index, dim), src)
    return out


def setitem(x: Array, values: Any, *, index: Any, out: Array | None = None) -> Array:
    """A copy of x with x[index] = values; where the index names an element twice, the last value stays."""
    if out is None:
        out = np.array(x, order="C")
    else:
        np.copyto(out, x)
    out[index] = values
    return out


def overwritten(index: Any, shape: tuple[int, ...]) -> Array | None:
    """Of the elements that x[index] names, those that it names again later; None if it names none twice."""
    if is_basic(index):
        return None
    places = np.arange(math.prod(shape)).reshape(shape)[index]
    last = np.empty(math.prod(shape), np.int64)
    order = np.arange(places.size).reshape(places.shape)
    last[places] = order
    lost = last[places] != order
    return lost if lost.any() else None
