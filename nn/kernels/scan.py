"""Kernels that keep every partial result along an axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.summation import DOUBLE, HALF, MOST, SINGLE

Array = NDArray[Any]


def _kept(value: Array, out: Array | None) -> Array:
    if out is None:
        return value
    np.copyto(out, value)
    return out


def _wide(x: Array) -> np.dtype[Any]:
    """What products are taken in: many of them lose digits in float32, as many sums do."""
    return np.dtype(np.int64) if x.dtype.kind in "iub" else DOUBLE


def cumsum(x: Array, *, dim: int, reverse: bool = False, out: Array | None = None) -> Array:
    """The sums of all up to each (or, in reverse, from each on); of integers as int64."""
    if reverse:
        return _kept(np.flip(cumsum(np.flip(x, dim), dim=dim), dim), out)
    if x.dtype.kind in "iub":
        return np.add.accumulate(x, axis=dim, dtype=np.dtype(np.int64), out=out)
    return _kept(_sums(x.astype(SINGLE) if x.dtype is HALF else x, dim % x.ndim).astype(x.dtype, copy=False), out)


def _sums(x: Array, dim: int) -> Array:
    """The sums of all up to each, one after another in blocks; what came before a block is added in float64."""
    before, n, after = x.shape[:dim], x.shape[dim], x.shape[dim + 1 :]
    if n <= MOST or x.dtype is DOUBLE:
        return np.add.accumulate(x, axis=dim)
    lead = (slice(None),) * dim
    there = n // MOST * MOST
    y = np.empty_like(x, order="C")
    blocks = y[(*lead, slice(there))].reshape(*before, -1, MOST, *after)
    np.add.accumulate(x[(*lead, slice(there))].reshape(blocks.shape), axis=dim + 1, out=blocks)
    np.add.accumulate(x[(*lead, slice(there, None))], axis=dim, out=y[(*lead, slice(there, None))])
    ends = np.add.accumulate(blocks[(*lead, slice(None), -1)], axis=dim, dtype=DOUBLE).astype(x.dtype)
    blocks[(*lead, slice(1, None))] += np.expand_dims(ends[(*lead, slice(-1))], dim + 1)
    y[(*lead, slice(there, None))] += ends[(*lead, slice(-1, None))]
    return y


def cumprod(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """The products of all up to each; of integers as int64."""
    dtype = np.dtype(np.int64) if x.dtype.kind in "iub" else x.dtype
    return _kept(np.multiply.accumulate(x, axis=dim, dtype=_wide(x)).astype(dtype, copy=False), out)


def logcumsumexp(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """ln of the sums of e^x up to each."""
    return _kept(np.logaddexp.accumulate(x, axis=dim, dtype=DOUBLE).astype(x.dtype, copy=False), out)


def linear_recurrence(decay: Array, x: Array, *, dim: int, reverse: bool = False, out: Array | None = None) -> Array:
    """y[k] = decay[k] y[k - 1] + x[k] (in reverse: y[k + 1]), from y = 0 on; the first decay is not used."""
    y = np.array(x, DOUBLE)
    rows, factors = np.moveaxis(y, dim, 0), np.moveaxis(decay.astype(DOUBLE, copy=False), dim, 0)
    if reverse:
        rows, factors = rows[::-1], factors[::-1]
    for k in range(1, len(rows)):
        rows[k] += factors[k] * rows[k - 1]
    return _kept(y.astype(x.dtype, copy=False), out)


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
