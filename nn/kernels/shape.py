"""Kernels that move elements, or only say how memory is read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.layout import copy_of, empty_like, in_rows, row_major_or_maps

Array = NDArray[Any]


def _put(value: Array, out: Array | None) -> Array:
    if out is None:
        return value
    np.copyto(out, value)
    return out


def reshape(x: Array, *, shape: tuple[int, ...], out: Array | None = None) -> Array:
    """The same elements in another shape; a view where the memory allows."""
    return _put(x.reshape(shape), out)


def clone(x: Array, *, row_major: bool = False, out: Array | None = None) -> Array:
    """A copy, which lies in memory as x does, or in the order of the indices."""
    if out is not None:
        return _put(x, out)
    return np.array(x, order="C") if row_major else copy_of(x)


def permute(x: Array, *, dims: tuple[int, ...], out: Array | None = None) -> Array:
    """The axes in another order: a view."""
    return _put(x.transpose(dims), out)


def transpose(x: Array, *, dim0: int = -2, dim1: int = -1, out: Array | None = None) -> Array:
    """Two axes exchanged (by default the last two): a view."""
    return _put(x.swapaxes(dim0, dim1), out)


def expand(x: Array, *, shape: tuple[int, ...], out: Array | None = None) -> Array:
    """Broadcast to `shape`: a read-only view."""
    if out is None and x.size == 1:  # as every mean and sum does in its backward pass
        view: Array = np.ndarray(shape, x.dtype, np.asarray(x), 0, (0,) * len(shape))
        view.flags.writeable = False
        return view
    return _put(np.broadcast_to(x, shape), out)


def concatenate(*tensors: Array, dim: int, starts: tuple[int, ...], out: Array | None = None) -> Array:
    """One after another along axis `dim`; `starts` says where each begins there, and where the last ends."""
    return row_major_or_maps(np.concatenate(tensors, axis=dim, out=out), out)


def narrow(x: Array, *, dim: int, start: int, length: int, out: Array | None = None) -> Array:
    """`length` entries of axis `dim`, from `start` on: a view."""
    return _put(x[(slice(None),) * (dim % x.ndim) + (slice(start, start + length),)], out)


def narrowed(*, dim: int, start: int, length: int) -> Any:
    """The index by which `narrow` picks; None where `dim` counts from the back."""
    return (slice(None),) * dim + (slice(start, start + length),) if dim >= 0 else None


def narrow_backward(g: Array, *, shape: tuple[int, ...], dim: int, start: int, out: Array | None = None) -> Array:
    """g in its place along axis `dim`, in an array of zeros of `shape`."""
    out = zeros(shape, g.dtype, out)
    narrow(out, dim=dim, start=start, length=g.shape[dim])[...] = g
    return out


def zeros(shape: tuple[int, ...], dtype: Any, out: Array | None = None) -> Array:
    """Zeros, in `out` if given."""
    if out is None:
        return np.zeros(shape, dtype)
    out[...] = 0
    return out


def flip(x: Array, *, dims: tuple[int, ...], out: Array | None = None) -> Array:
    """The entries of each of `dims` in reverse order: a copy."""
    return _put(np.flip(x, dims), empty_like(x) if out is None else out)


@in_rows
def roll(x: Array, *, shifts: tuple[int, ...], dims: tuple[int, ...], out: Array | None = None) -> Array:
    """The entries of each of `dims` moved on by its shift; what leaves at the end comes in at the start."""
    return _put(np.roll(x, shifts, dims), out)


@in_rows
def triu(x: Array, *, diagonal: int = 0, out: Array | None = None) -> Array:
    """x on and above a diagonal, 0 below."""
    return _put(np.triu(x, diagonal), out)


@in_rows
def tril(x: Array, *, diagonal: int = 0, out: Array | None = None) -> Array:
    """x on and below a diagonal, 0 above."""
    return _put(np.tril(x, diagonal), out)


def diagonal(x: Array, *, offset: int = 0, dim1: int = 0, dim2: int = 1, out: Array | None = None) -> Array:
    """The elements with index along dim2 = index along dim1 + offset, as a new last axis: a view."""
    return _put(_diagonal(x, offset, dim1, dim2), out)


def _diagonal(x: Array, offset: int, dim1: int, dim2: int) -> Array:
    view = x.diagonal(offset, dim1, dim2)  # which is read-only
    view.flags.writeable = x.flags.writeable
    return view


def diagonal_backward(
    g: Array, *, shape: tuple[int, ...], offset: int = 0, dim1: int = 0, dim2: int = 1, out: Array | None = None
) -> Array:
    """g on the diagonal of an array of zeros of `shape`."""
    out = zeros(shape, g.dtype, out)
    _diagonal(out, offset, dim1, dim2)[...] = g
    return out


def unfold(x: Array, *, dim: int, size: int, step: int, out: Array | None = None) -> Array:
    """Windows of `size` entries of axis `dim`, `step` apart, as a new last axis: a view, read-only if they overlap."""
    dim %= x.ndim
    shape, strides = list(x.shape), list(x.strides)
    shape[dim] = (shape[dim] - size) // step + 1
    strides[dim] *= step
    alone = x.flags.writeable and (step >= size or shape[dim] <= 1)
    view = np.lib.stride_tricks.as_strided(x, (*shape, size), (*strides, x.strides[dim]), writeable=alone)
    return _put(view, out)


def unfold_backward(g: Array, *, shape: tuple[int, ...], dim: int, step: int, out: Array | None = None) -> Array:
    """The windows added up where they lay in an array of `shape`."""
    out = zeros(shape, g.dtype, out)
    before, count = (slice(None),) * (dim % len(shape)), g.shape[dim % len(shape)]
    for i in range(g.shape[-1] if count else 0):
        window = (*before, slice(i, i + step * (count - 1) + 1, step))
        out[window] += g[..., i]
    return out


def as_strided(
    x: Array, *, size: tuple[int, ...], stride: tuple[int, ...], offset: int, out: Array | None = None
) -> Array:
    """The elements at offset + the sum of place times stride, counted in row-major order.

    A view where x lies in one piece; to be read only where it is a copy, or has an element twice.
    """
    flat = np.ascontiguousarray(x).reshape(-1)
    steps = tuple(step * x.itemsize for step in stride)
    view = np.lib.stride_tricks.as_strided(flat[offset:], size, steps, writeable=x.flags.writeable)
    if not x.flags.c_contiguous or _repeats(size, stride):
        view.flags.writeable = False
    return _put(view, out)


def as_strided_backward(
    g: Array, *, shape: tuple[int, ...], stride: tuple[int, ...], offset: int, out: Array | None = None
) -> Array:
    """g added up at the elements that were read of an array of `shape`."""
    out = zeros(shape, g.dtype, out)
    np.add.at(out.reshape(-1), strided_places(g.shape, stride, offset), g)
    return out


def strided_places(size: tuple[int, ...], stride: tuple[int, ...], offset: int) -> Array:
    """The place of each element of `as_strided`, in row-major order."""
    places = np.full(size, offset, np.int64)
    for axis, (length, step) in enumerate(zip(size, stride, strict=True)):
        places += (np.arange(length) * step).reshape(-1, *(1,) * (len(size) - 1 - axis))
    return places


def _repeats(size: tuple[int, ...], stride: tuple[int, ...]) -> bool:
    """Whether an element is read twice."""
    reach = 0
    for step, length in sorted(zip(stride, size, strict=True)):
        if length > 1 and step <= reach:  # a step within what the shorter ones reach may meet the same element
            places = strided_places(size, stride, 0)
            return np.unique(places).size < places.size
        reach += step * (length - 1)
    return False
