"""Kernels that keep every partial result along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.summation import DOUBLE, rounded

Array = NDArray[Any]


def _kept(value: Array, out: Array | None) -> Array:
    if out is None:
        return value
    np.copyto(out, value)
    return out


def _scanned(ufunc: Any, x: Array, dim: int, out: Array | None) -> Array:
    """Integers in int64; floats in float64, since float32 loses a digit for each ten thousand of them."""
    if x.dtype.kind in "iub":
        return _kept(ufunc.accumulate(x, axis=dim, dtype=np.dtype(np.int64)), out)
    return rounded(ufunc.accumulate(x, axis=dim, dtype=DOUBLE), x.dtype, out)


def cumsum(x: Array, *, dim: int, reverse: bool = False, out: Array | None = None) -> Array:
    """The sums of all up to each (or, in reverse, from each on); of integers as int64."""
    if reverse:
        return _kept(np.flip(_scanned(np.add, np.flip(x, dim), dim, None), dim), out)
    return _scanned(np.add, x, dim, out)


def cumprod(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """The products of all up to each; of integers as int64."""
    return _scanned(np.multiply, x, dim, out)


def logcumsumexp(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """ln of the sums of e^x up to each."""
    return _scanned(np.logaddexp, x, dim, out)


def linear_recurrence(decay: Array, x: Array, *, dim: int, reverse: bool = False, out: Array | None = None) -> Array:
    """y[k] = decay[k] y[k - 1] + x[k] (in reverse: y[k + 1]), from y = 0 on; the first decay is not used."""
    y = np.array(x, DOUBLE)
    rows, factors = np.moveaxis(y, dim, 0), np.moveaxis(decay.astype(DOUBLE, copy=False), dim, 0)
    if reverse:
        rows, factors = rows[::-1], factors[::-1]
    for k in range(1, len(rows)):
        rows[k] += factors[k] * rows[k - 1]
    return rounded(y, x.dtype, out)


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
