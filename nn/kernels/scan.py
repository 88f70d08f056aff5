"""Kernels that keep every partial result along an axis."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blas import one_thread
from nn.kernels.layout import in_rows
from nn.kernels.summation import DOUBLE, HALF, SINGLE, rounded

Array = NDArray[Any]

LONG = 256
"""Elements from which on whole rows are worth a call each."""

FEW = 16
"""So many numbers are added in their own type: float32 keeps an error below 1e-6."""

BLOCK = 16
"""Neighbours of which one product with a triangle of ones makes all sums."""

MANY = 1 << 14
"""Elements whose sums in float64 stay in the processor's cache."""

TINY = 1e-150
"""Products of a size between this and its inverse have all their digits."""


def _kept(value: Array, out: Array | None) -> Array:
    if out is None:
        return value
    np.copyto(out, value)
    return out


def _scanned(ufunc: Any, x: Array, dim: int, out: Array | None) -> Array:
    """Integers in int64; floats in float64, since float32 loses a digit for each ten thousand of them."""
    if x.dtype.kind in "iub":
        return _kept(ufunc.accumulate(x, axis=dim, dtype=np.dtype(np.int64)), out)
    n = x.shape[dim]
    if n <= FEW and x.dtype != HALF:
        return ufunc.accumulate(x, dim, None, out)
    if x.size >= LONG * n and x.strides[dim] != x.itemsize:
        return _by_rows(ufunc, x, dim, out)
    return rounded(ufunc.accumulate(x, axis=dim, dtype=DOUBLE), x.dtype, out)


def _by_rows(ufunc: Any, x: Array, dim: int, out: Array | None) -> Array:
    """One long row after another: NumPy goes along the axis, from one row of memory to the next at each step."""
    y = np.empty_like(x) if out is None else out
    rows, results = np.moveaxis(x, dim, 0), np.moveaxis(y, dim, 0)
    total = rows[0].astype(DOUBLE)
    results[0] = rows[0]
    for row, result in zip(rows[1:], results[1:], strict=True):
        ufunc(total, row, out=total)
        np.copyto(result, total, casting="same_kind")
    return y


def _by_products(x: Array, reverse: bool) -> Array | None:
    """The sums along the last axis in float64, blocks of neighbours at once; None where not all are finite.

    Adding one after another, the processor waits for each sum before it begins the next.
    """
    n = x.shape[-1]
    blocks = -(-n // BLOCK)
    lines = max(1, MANY // n)
    result = np.empty_like(x)
    x, y = x.reshape(-1, n), result.reshape(-1, n)
    padded = np.zeros((min(lines, len(x)), blocks * BLOCK))
    ones = _triangle(reverse)
    last, behind, before = (0, slice(None, -1), slice(1, None)) if reverse else (-1, slice(1, None), slice(None, -1))
    step = -1 if reverse else 1
    for start in range(0, len(x), lines):
        part = x[start : start + lines]
        wide = padded[: len(part)]
        wide[:, :n] = part
        with one_thread:
            sums = np.matmul(wide.reshape(-1, BLOCK), ones).reshape(len(part), blocks, BLOCK)
        totals = np.add.accumulate(sums[:, ::step, last], axis=1)[:, ::step]
        if not np.isfinite(totals[:, last]).all():  # 0 times infinity is nan
            return None
        sums[:, behind] += totals[:, before, None]
        y[start : start + lines] = sums.reshape(len(part), -1)[:, :n]
    return result


@functools.cache
def _triangle(reverse: bool) -> Array:
    """Ones, by which a row is multiplied to give the sums up to each of its places, or from each on."""
    return np.tril(np.ones((BLOCK, BLOCK))) if reverse else np.triu(np.ones((BLOCK, BLOCK)))


@in_rows
def cumsum(x: Array, *, dim: int, reverse: bool = False, out: Array | None = None) -> Array:
    """The sums of all up to each (or, in reverse, from each on); of integers as int64."""
    last = dim in (-1, x.ndim - 1) and x.flags.c_contiguous and x.dtype in (SINGLE, DOUBLE)
    if last and x.size >= MANY and x.shape[-1] > 2 * BLOCK:
        sums = _by_products(x, reverse)
        if sums is not None:
            return _kept(sums, out)
    if reverse:
        return _kept(np.flip(_scanned(np.add, np.flip(x, dim), dim, None), dim), out)
    return _scanned(np.add, x, dim, out)


@in_rows
def cumprod(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """The products of all up to each; of integers as int64."""
    return _scanned(np.multiply, x, dim, out)


@in_rows
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


def _place(ufunc: Any, x: Array, dim: int, out: Array | None) -> Array:
    """Each place where a new best is found, repeated up to the next one: the first of each row is always one."""
    n = x.shape[dim]
    found = np.ascontiguousarray(np.moveaxis(_records(ufunc, x, dim), dim, -1))
    places = np.flatnonzero(found)
    filled = np.repeat(places % max(1, n), np.diff(places, append=found.size)).reshape(found.shape)
    return _kept(np.moveaxis(filled, -1, dim), out)


def _records(ufunc: Any, x: Array, dim: int) -> Array:
    """Which elements are the best of all up to them, or nan."""
    if dim % x.ndim == x.ndim - 1 and x.flags.c_contiguous:
        found = _by_blocks(ufunc, x)
        if found is not None:
            return found
    found = np.equal(x, ufunc.accumulate(x, axis=dim))
    if x.dtype.kind == "f":
        found |= np.isnan(x)
    return found


def _by_blocks(ufunc: Any, x: Array) -> Array | None:
    """The records along the last axis: only blocks whose own best is one hold any. None where those are not few.

    NumPy finds the best of a block many times as fast as the best of all up to each element.
    """
    n = x.shape[-1]
    block = next((k for k in range(4 * BLOCK, BLOCK - 1, -1) if n % k == 0), None)
    if block is None or n < 8 * block:
        return None
    blocks = x.reshape(-1, n // block, block)
    own = ufunc.reduce(blocks, axis=-1)
    best = ufunc.accumulate(own, axis=-1)
    some = np.equal(own, best)  # nan is not
    if np.count_nonzero(some) > some.size // 3 or (x.dtype.kind == "f" and np.isnan(best[:, -1]).any()):
        return None
    row, column = np.nonzero(some)
    part = blocks[row, column]
    before = np.where(column, best[row, column - 1], part[:, 0])
    found = np.zeros(blocks.shape, bool)
    found[row, column] = np.equal(part, ufunc(ufunc.accumulate(part, axis=-1), before[:, None]))
    return found.reshape(x.shape)


@in_rows
def held(x: Array, index: Array, *, dim: int, out: Array | None = None) -> Array:
    """gather(x, index) for what `argcummax` or `argcummin` has found: runs that begin at the place which they name."""
    n = x.shape[dim]
    rows = np.ascontiguousarray(np.moveaxis(index, dim, -1))
    starts = np.flatnonzero(rows == np.arange(n))
    values = np.ascontiguousarray(np.moveaxis(x, dim, -1)).reshape(-1)[starts]
    filled = np.repeat(values, np.diff(starts, append=index.size)).reshape(rows.shape)
    return _kept(np.moveaxis(filled, -1, dim), out)


def others(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """The product of all others along dim: by a division where that is safe, else of those before and those after."""
    product = np.multiply.reduce(x, axis=dim, dtype=DOUBLE, keepdims=True)
    size = np.abs(product)
    if (size > TINY).all() and (size < 1 / TINY).all():  # then nothing was 0, nan, infinite or lost on the way
        return np.divide(product, x, out=np.empty_like(x) if out is None else out, dtype=DOUBLE, casting="unsafe")
    wide = x.astype(DOUBLE, copy=False)
    rows = np.moveaxis(wide, dim, 0)
    y = np.ones_like(wide)
    results = np.moveaxis(y, dim, 0)
    results[1:] = np.multiply.accumulate(rows[:-1], axis=0)
    results[:-1] *= np.multiply.accumulate(rows[:0:-1], axis=0)[::-1]
    return rounded(y, x.dtype, out)


@in_rows
def argcummax(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """Where the largest up to each is, the last of equals; nan counts as largest."""
    return _place(np.maximum, x, dim, out)


@in_rows
def argcummin(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """Where the smallest up to each is, the last of equals; nan counts as smallest."""
    return _place(np.minimum, x, dim, out)
