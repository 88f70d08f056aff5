"""Kernels that pick elements by index, and their transposes, which add up what was picked more than once."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blocks import BLOCK
from nn.kernels.layout import laid_out_as, row_major
from nn.kernels.shape import zeros
from nn.kernels.summation import in_single, rounded, total

Array = NDArray[Any]

MANY = 512
"""Elements from which on it is faster to add them all at once; along a single axis NumPy is as fast one by one."""

PICKED = 4096
"""Elements from which on it is faster to pick them by their places in a row of all."""

SPARSE = 8
"""Up to so many places for each element it is faster too: all of them are summed."""

FEW = 64
"""Up to so many numbers of one type are added one after another."""

_BASIC = frozenset([int, slice, type(None), type(Ellipsis)])

WIDE = 32
"""Elements of a row from which on rows are added whole."""


def getitem(x: Array, *, index: Any, out: Array | None = None) -> Array:
    """x[index]: a view for slices and integers, a copy for index arrays and masks."""
    if is_basic(index):
        value = x[index]
        if value.__class__ is not np.ndarray:  # with an Ellipsis a single element is a view too
            value = x[(*index, Ellipsis) if isinstance(index, tuple) else (index, Ellipsis)]
    else:
        axis, places = _axis_of(index) or (x.ndim, None)
        if places is not None and 0 < axis < x.ndim:
            value = x.take(places, axis=axis)  # which NumPy would lay out with the axes of `places` first
        else:
            value = x[index] if axis == 0 else row_major(x[index])
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
    covered = _side_by_side(places, shape) if len(places) > 1 else 0.0
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
    """g added into zeros of `shape` at index arrays: into a row of all elements, by places that are counted through."""
    size = math.prod(shape)
    if g.size >= MANY and isinstance(index, np.ndarray) and index.dtype == bool:  # which names nothing twice
        out = zeros(shape, g.dtype, out)
        out[index] = g
        return out
    if g.size >= MANY and g.dtype.kind == "f" and len(shape) > 1:
        found = _axis_of(index)
        if found is not None and found[0] == 0 and g.shape[found[1].ndim :] == shape[1:]:
            return rows_added(g.reshape(-1, size // max(1, shape[0])), found[1], shape, out)
        places = flat_places(index, shape)
        if places is None and size <= SPARSE * g.size:
            places = np.arange(size).reshape(shape)[index]
        if places is not None:
            return _added_flat(np.broadcast_to(g, places.shape).ravel(), places.ravel(), shape, out)
    if g.size >= MANY and g.dtype == np.float32 and g.size > FEW * size:  # float32 would lose the digits of long sums
        sums = np.zeros(shape)
        np.add.at(sums, index, g.astype(np.float64))
        return rounded(sums, g.dtype, out)
    out = zeros(shape, g.dtype, out)
    np.add.at(out, index, g)
    return out


def _added_flat(g: Array, places: Array, shape: tuple[int, ...], out: Array | None) -> Array:
    """g added in a row of all elements; where many go to each place, in float64, rounded once."""
    size = math.prod(shape)
    if len(g) > FEW * size:
        return rounded(np.bincount(places, g, size).reshape(shape), g.dtype, out)
    sums = np.zeros(shape, g.dtype)
    np.add.at(sums.reshape(-1), places, g)  # along a single axis it is fast
    return rounded(sums, g.dtype, out)


def rows_added(g: Array, index: Array, shape: tuple[int, ...], out: Array | None = None, each: int = 1) -> Array:
    """Rows of the same index added up, in zeros of `shape`: (N, D), (N each) -> (rows, ...).

    Each row of g goes to `each` places, which stand in the index one after another.
    """
    out, rows, width = zeros(shape, g.dtype, out), shape[0], g.shape[1]
    if not g.size or not each:
        return out
    flat = within(index.reshape(-1), rows)
    if flat is None:
        raise IndexError(f"index {index.min()} to {index.max()} is out of bounds for axis 0 with size {rows}")
    if width < WIDE:
        places = (flat[:, None] * width + np.arange(width)).ravel()
        return _added_flat((g if each == 1 else g.repeat(each, axis=0)).ravel(), places, shape, out)
    order = np.argsort(flat, kind="stable")  # rows of one index side by side
    sorted_ = flat[order]
    starts = np.flatnonzero(np.diff(sorted_, prepend=-1))
    counts = np.diff(starts, append=len(flat))
    source = order // each if each > 1 else order
    table = out.reshape(rows, width)  # a view
    lengths = np.unique(counts)
    if len(flat) * width < BLOCK // 2 * len(lengths):  # little to add for each of them
        table[sorted_[starts]] = np.add.reduceat(g.take(source, axis=0), starts, axis=0)
        return out
    for count in lengths.tolist():  # as many rows of each index: one sum along an axis of their own
        first = starts[counts == count]
        some = max(1, BLOCK // (count * width))
        for begin in range(0, len(first), some):
            own = first[begin : begin + some]
            parts = g.take(source[own[:, None] + np.arange(count)], axis=0)  # (some, count, D) stays in the cache
            table[sorted_[own]] = np.add.reduce(parts, 1) if count <= FEW else total(parts, 1)
    return out


def flat_places(index: Any, shape: tuple[int, ...]) -> Array | None:
    """The places that index arrays, one for each axis or one after full slices, name, counted through all elements.

    None for any other index, and for one that is out of range.
    """
    found = _axis_of(index)
    if found is not None and found[0]:
        axis, part = found
        lines = [np.arange(n).reshape(-1, *(1,) * (len(shape) - 1 - i)) for i, n in enumerate(shape)]
        front = [line.reshape(*line.shape, *(1,) * (part.ndim - 1)) for line in lines[:axis]]
        middle = part.reshape(*part.shape, *(1,) * (len(shape) - 1 - axis))  # where the result has the index's axes
        index = (*front, middle, *lines[axis + 1 :])
    if not isinstance(index, tuple) or len(index) != len(shape):
        return None
    places: Any = None
    for part, n in zip(index, shape, strict=True):
        if not isinstance(part, np.ndarray) or part.dtype.kind not in "iu":
            return None
        inside = within(part, n)
        if inside is None:
            return None
        places = inside if places is None else places * n + inside
    return places


def _axis_of(index: Any) -> tuple[int, Array] | None:
    """Of an array of integers behind full slices: its axis, and the array."""
    *before, last = index if isinstance(index, tuple) else (index,)
    plain = isinstance(last, np.ndarray) and last.dtype.kind in "iu"
    return (len(before), last) if plain and all(isinstance(b, slice) and b == slice(None) for b in before) else None


def within(index: Array, n: int) -> Array | None:
    """The index counted from the front; None if it is out of range."""
    index = index.astype(np.int64, copy=False)
    if not index.size or index.view(np.uint64).max() < n:  # where negative numbers are huge
        return index
    return np.where(index < 0, index + n, index) if -n <= index.min() and index.max() < n else None


def is_basic(index: Any) -> bool:
    """Whether the index is made of slices, integers, None and Ellipsis alone, so that x[index] is a view."""
    for part in index if isinstance(index, tuple) else (index,):
        if part.__class__ not in _BASIC and not isinstance(part, np.integer):
            return False
    return True


def gather(x: Array, index: Array, *, dim: int, as_index: bool = False, out: Array | None = None) -> Array:
    """result[i][j] = x[index[i][j]][j] for dim 0, and likewise along any other axis; index is shaped as the result.

    `as_index`: it lies in memory as the index does, too.
    """
    places = flat_places(along(index, dim), x.shape) if index.size >= PICKED else None
    value = x[along(index, dim)] if places is None else x.ravel().take(places)
    if out is None:
        return laid_out_as(index, value) if as_index else row_major(value)
    np.copyto(out, value)
    return out


@in_single
def scatter_add(g: Array, index: Array, *, dim: int, shape: tuple[int, ...], out: Array | None = None) -> Array:
    """The transpose of gather: g added into zeros of `shape` at index."""
    return _added_up(g, along(index, dim), shape, out)


def along(index: Array, dim: int) -> tuple[Array, ...]:
    """Index arrays for every axis: `index` itself for axis `dim`, positions for the others."""
    rank = index.ndim
    where = [np.arange(n).reshape(-1, *(1,) * (rank - 1 - i)) for i, n in enumerate(index.shape)]
    where[dim % rank] = index
    return tuple(where)


def bring(index: tuple[Array, ...], shape: tuple[int, ...]) -> Array:
    """How often index arrays, one for each axis, name each element of an array of `shape`."""
    return np.bincount(np.ravel_multi_index(index, shape).ravel(), minlength=math.prod(shape)).reshape(shape)


def scatter_extreme(
    x: Array,
    src: Array,
    index: Array,
    *,
    dim: int,
    largest: bool,
    include_self: bool = True,
    out: Array | None = None,
) -> Array:
    """The largest (or smallest) of x and of all that src brings to the same place, as in scatter_add.

    Without include_self an element of x to whose place src brings something does not count.
    """
    if out is None:
        out = np.array(x, order="C")
    else:
        np.copyto(out, x)
    function, where = np.maximum if largest else np.minimum, along(index, dim)
    if not include_self:
        out[where] = _least(out.dtype, largest)
    places = flat_places(where, x.shape) if index.size >= MANY and out.flags.c_contiguous else None
    if places is None:
        function.at(out, where, src)
    else:
        function.at(out.reshape(-1), places.ravel(), src.ravel())
    return out


def _least(dtype: np.dtype[Any], largest: bool) -> Any:
    """What is never the only largest (or smallest)."""
    if dtype.kind == "f":
        return -np.inf if largest else np.inf
    limits = np.iinfo(dtype)
    return limits.min if largest else limits.max


def setitem(x: Array, values: Any, *, index: Any, out: Array | None = None) -> Array:
    """A copy of x with x[index] = values; where the index names an element twice, the last value stays."""
    if out is None:
        out = np.array(x, order="C")
    else:
        np.copyto(out, x)
    whole = isinstance(index, tuple) and len(index) == x.ndim > 1 and out.size >= MANY and out.flags.c_contiguous
    places = flat_places(index, x.shape) if whole else None
    if places is None:
        out[index] = values
    else:
        out.reshape(-1)[places] = values
    return out


def overwritten(index: Any, shape: tuple[int, ...]) -> Array | None:
    """Of the elements that x[index] names, those that it names again later; None if it names none twice."""
    if is_basic(index):
        return None
    found = _axis_of(index)
    axis, last_axes = (found[0], shape[found[0] + 1 :]) if found else (0, ())
    if found is not None:  # whole entries of an axis
        shape, index = (shape[axis],), (found[1],)
    places = flat_places(index, shape)
    if places is None:
        places = np.arange(math.prod(shape)).reshape(shape)[index]
    last = np.empty(math.prod(shape), np.int64)
    order = np.arange(places.size).reshape(places.shape)
    last[places] = order
    lost = last[places] != order
    return lost.reshape(lost.shape + (1,) * len(last_axes)) if lost.any() else None
