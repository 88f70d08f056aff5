"""Kernels that move elements, or only say how memory is read."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def _put(value: Array, out: Array | None) -> Array:
    if out is None:
        return value
    np.copyto(out, value)
    return out


def reshape(x: Array, *, shape: tuple[int, ...], out: Array | None = None) -> Array:
    """The same elements in another shape; a view where the memory allows."""
    return _put(x.reshape(shape), out)


def clone(x: Array, *, out: Array | None = None) -> Array:
    """A copy in C order."""
    return np.array(x, order="C") if out is None else _put(x, out)


def permute(x: Array, *, dims: tuple[int, ...], out: Array | None = None) -> Array:
    """The axes in another order: a view."""
    return _put(x.transpose(dims), out)


def transpose(x: Array, *, dim0: int = -2, dim1: int = -1, out: Array | None = None) -> Array:
    """Two axes exchanged (by default the last two): a view."""
    return _put(x.swapaxes(dim0, dim1), out)


def expand(x: Array, *, shape: tuple[int, ...], out: Array | None = None) -> Array:
    """Broadcast to `shape`: a read-only view."""
    if out is None and x.size == 1:  # as every mean and sum does on its way back
        view: Array = np.ndarray(shape, x.dtype, np.asarray(x), 0, (0,) * len(shape))
        view.flags.writeable = False
        return view
    return _put(np.broadcast_to(x, shape), out)


def concatenate(*tensors: Array, dim: int, starts: tuple[int, ...], out: Array | None = None) -> Array:
    """One after another along axis `dim`; `starts` says where each begins there, and where the last ends."""
    return np.concatenate(tensors, axis=dim, out=out)


def narrow(x: Array, *, dim: int, start: int, length: int, out: Array | None = None) -> Array:
    """`length` entries of axis `dim`, from `start` on: a view."""
    return _put(x[(slice(None),) * (dim % x.ndim) + (slice(start, start + length),)], out)


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
