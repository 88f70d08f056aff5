"""Kernels that keep every partial result along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def _kept(value: Array, out: Array | None) -> Array:
    if out is None:
        return value
    np.copyto(out, value)
    return out


def _wide(x: Array) -> np.dtype[Any]:
    return np.dtype(np.int64) if x.dtype.kind in "iub" else x.dtype


def cumsum(x: Array, *, dim: int, reverse: bool = False, out: Array | None = None) -> Array:
    """The sums of all up to each (or, in reverse, from each on); of integers as int64."""
    if reverse:
        return _kept(np.flip(np.add.accumulate(np.flip(x, dim), axis=dim, dtype=_wide(x)), dim), out)
    return np.add.accumulate(x, axis=dim, dtype=_wide(x), out=out)


def cumprod(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """The products of all up to each; of integers as int64."""
    return np.multiply.accumulate(x, axis=dim, dtype=_wide(x), out=out)


def logcumsumexp(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """ln of the sums of e^x up to each."""
    return np.logaddexp.accumulate(x, axis=dim, out=out)


def linear_recurrence(decay: Array, x: Array, *, dim: int, reverse: bool = False, out: Array | None = None) -> Array:
    """y[k] = decay[k] y[k - 1] + x[k] (in reverse: y[k + 1]), from y = 0 on; the first decay is not used."""
    y = np.array(x) if out is None else _kept(x, out)
    rows, factors = np.moveaxis(y, dim, 0), np.moveaxis(decay, dim, 0)
    if reverse:
        rows, factors = rows[::-1], factors[::-1]
    for k in range(1, len(rows)):
        rows[k] += factors[k] * rows[k - 1]
    return y


def _place(x: Array, best: Array, dim: int, out: Array | None) -> Array:
    places = np.arange(x.shape[dim]).reshape((-1,) + (1,) * (x.ndim - 1 - dim % x.ndim))
    hit = np.where((x == best) | np.isnan(x), places, 0)
    return np.maximum.accumulate(hit, axis=dim, out=out)


def argcummax(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """Where the largest up to each is, the last of equals; nan counts as largest."""
    return _place(x, np.maximum.accumulate(x, axis=dim), dim, out)


def argcummin(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """Where the smallest up to each is, the last of equals; nan counts as smallest."""
    return _place(x, np.minimum.accumulate(x, axis=dim), dim, out)
