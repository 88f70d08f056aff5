"""Sums that keep their digits, whichever axis they run along and however many numbers they add up.

`np.add.reduce` adds in pairs along the axis that lies closest in memory, and one after another along every other one:
a million float32 rows lose four digits. Here at most `MOST` rows are added one after another, and the sums of blocks
are added in float64. Narrow rows are added several at a time, which is many times as fast. float16 is added in float32.

References:
    Higham, The Accuracy of Floating Point Summation, SIAM Journal on Scientific Computing 14, 1993.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blas import one_thread

Array = NDArray[Any]
Dim = int | tuple[int, ...] | None

BLOCK = 32
"""Rows of a block, which are added one after another."""

MOST = 8 * BLOCK
"""Up to so many rows are one block."""

WIDTH = 1024
"""Elements that are added at once, where several rows have to be taken together for it."""

LINE = 128
"""Neighbours that are added at most by one product with ones: no more than NumPy adds one after another."""

LONG = 16384
"""Numbers that one product of vectors adds at most: some 256 in each of its registers' places."""

MANY = 4096
"""Elements from which on such a product pays."""

WIDE = 32
"""Elements of a row from which on rows are added by a product."""

HALF, SINGLE, DOUBLE = np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)

_add: Any = np.add.reduce  # the function np.sum calls in the end


def in_single(kernel: Callable[..., Array]) -> Callable[..., Array]:
    """The kernel computed in float32 for operands in float16, whose squares and sums end at 65504; rounded once."""

    @functools.wraps(kernel)
    def run(*operands: Any, **attributes: Any) -> Array:
        if operands[0].dtype != HALF:
            return kernel(*operands, **attributes)
        out = attributes.pop("out", None)
        wide = [o.astype(SINGLE) if hasattr(o, "dtype") and o.dtype == HALF else o for o in operands]
        return rounded(kernel(*wide, **attributes), HALF, out)

    return run


def rounded(value: Array, dtype: np.dtype[Any], out: Array | None = None) -> Array:
    """A result that was computed in a wider type, in its own."""
    if out is None:
        return value.astype(dtype, copy=False)
    np.copyto(out, value, casting="unsafe")
    return out


def along(x: Array, axis: int, index: int | slice) -> Array:
    """A part of x along one axis, as a view."""
    return x[(slice(None),) * axis + (index,)]


def total(x: Array, dim: Dim, keepdim: bool = False, out: Array | None = None) -> Array:
    """The sum of floats over `dim`, in the type of x."""
    dtype = x.dtype
    if dtype is not SINGLE and dtype == HALF:
        return rounded(total(x.astype(SINGLE), dim, keepdim), HALF, out)
    if x.size <= MOST:
        return _add(x, dim, None, out, keepdim)
    shape = x.shape
    if x.size >= MANY and dtype in (SINGLE, DOUBLE):
        sums = _neighbours(x, dim)
        if sums is not None:
            shape = (1,) * x.ndim if dim is None else (*shape[:-1], 1)
            return rounded(sums.reshape(shape if keepdim else sums.shape), dtype, out)
    if not _is_plain(x, dim):
        dims = tuple(range(x.ndim)) if dim is None else (dim,) if isinstance(dim, int) else dim
        reduced = frozenset([d % x.ndim for d in dims if -x.ndim <= d < x.ndim])
        rows = math.prod([shape[d] for d in reduced])
        if rows > MOST and len(reduced) == len(dims):  # else NumPy says what is wrong with them
            if not any(x.strides):  # one number, seen many times
                left = [1 if i in reduced else n for i, n in enumerate(shape) if keepdim or i not in reduced]
                return rounded(np.full(left, x.flat[0] * dtype.type(rows), dtype), dtype, out)
            if len(dims) == 1 + max(reduced) and x.flags.c_contiguous:
                sums = _rows(x.reshape(rows, -1))
                front = (1,) * len(dims) if keepdim else ()
                return rounded(sums.reshape(front + shape[len(dims) :]), dtype, out)
            result = _by_memory(x, reduced)
            if result is not None:
                return rounded(result if keepdim else result.squeeze(dims), dtype, out)
    return _add(x, axis=dim, dtype=dtype, keepdims=keepdim, out=out)


def _is_plain(x: Array, dim: Dim) -> bool:
    """Whether NumPy's own way is seen at once to lose no digits: few numbers, or neighbours in memory."""
    if dim is None:
        return x.flags.forc
    if dim.__class__ is int and -x.ndim <= dim < x.ndim:
        return x.shape[dim] <= MOST or x.strides[dim] == x.itemsize
    return False


def total_product(x: Array, other: Array, dim: tuple[int, ...]) -> Array:
    """total(x * other, dim, True): along neighbours in memory as a product, so that no array of products is made."""
    if x.size < MANY:
        return total(x * other, dim, True)
    number = math.prod(x.shape[d] for d in dim)
    behind = sorted(d % x.ndim for d in dim) == list(range(x.ndim - len(dim), x.ndim))
    plain = x.flags.c_contiguous and other.flags.c_contiguous and x.dtype == other.dtype and x.dtype in (SINGLE, DOUBLE)
    if not (behind and plain and 16 <= number <= LONG):
        return total(x * other, dim, True)
    with one_thread:
        sums = np.matmul(x.reshape(-1, 1, number), other.reshape(-1, number, 1))
    return sums.reshape(x.shape[: x.ndim - len(dim)] + (1,) * len(dim))


def _neighbours(x: Array, dim: Dim) -> Array | None:
    """The sum over all axes, or over the last, of neighbours in memory: by products; None where there are none."""
    if dim is None and x.flags.forc:
        flat = x.reshape(-1, order="A")
        lines = flat.size // LINE
        with one_thread:
            sums = np.matmul(flat[: lines * LINE].reshape(lines, LINE), _ones(LINE, x.dtype)[0])
        return np.asarray(_add(sums) + _add(flat[lines * LINE :]))
    if dim.__class__ is not int or dim not in (-1, x.ndim - 1) or not x.flags.c_contiguous:
        return None
    n = x.shape[-1]
    line = _line(n)
    if line is None:
        return None
    with one_thread:
        sums = np.matmul(x.reshape(-1, line), _ones(line, x.dtype)[0])
        few = n // line
        if 1 < few <= LINE:
            sums = np.matmul(sums.reshape(-1, few), _ones(few, x.dtype)[0])
    return sums.reshape(x.shape[:-1]) if few <= LINE else _add(sums.reshape(*x.shape[:-1], few), axis=-1)


@functools.lru_cache(256)
def _line(n: int) -> int | None:
    """The longest line that divides n, if there is a long one."""
    if n <= LINE:
        return n if n > 1 else None
    return next((k for k in range(LINE, LINE // 4, -1) if n % k == 0), None)


def _rows(x: Array) -> Array:
    """The sum over the first of two axes, in float64."""
    n, width = x.shape
    if width >= WIDE and x.dtype in (SINGLE, DOUBLE):
        blocks = -(-n // MOST)
        rows = n // blocks
        there = blocks * rows
        with one_thread:  # a product with ones is the fastest way to add rows, and BLAS adds them four at a time
            parts = np.matmul(_ones(rows, x.dtype), x[:there].reshape(blocks, rows, width)).reshape(blocks, width)
    else:
        blocks, together = _partition(n, width)
        there = blocks * BLOCK * together
        parts = _add(x[:there].reshape(blocks, BLOCK, -1), axis=1).reshape(-1, width)
    parts = parts.astype(DOUBLE, copy=False)
    sums = _add(parts, axis=0) if len(parts) <= MOST else _rows(parts)
    return sums if there == n else sums + _add(x[there:], axis=0, dtype=DOUBLE)


@functools.lru_cache(256)
def _ones(count: int, dtype: np.dtype[Any]) -> Array:
    return np.ones((1, count), dtype)


def _partition(n: int, width: int) -> tuple[int, int]:
    """How many blocks n rows make, and how many neighbouring rows each of a block's `BLOCK` steps adds at once."""
    together = max(1, min(n // BLOCK, WIDTH // max(1, width)))
    blocks = n // (BLOCK * together)
    return blocks, n // (BLOCK * blocks)


def _by_memory(x: Array, reduced: frozenset[int]) -> Array | None:
    """The sum over any axes, which keep the length 1; None where NumPy's own way loses no digits."""
    found = _axes_in_memory(x.shape, x.strides, reduced)
    if found is None:
        return None
    order, lengths, axes = found
    result = _blocked(x.transpose(order).reshape(lengths), axes)
    in_order = result.reshape([1 if i in reduced else x.shape[i] for i in order])
    return in_order.transpose(sorted(range(x.ndim), key=order.__getitem__))


@functools.lru_cache(1024)
def _axes_in_memory(
    shape: tuple[int, ...], strides: tuple[int, ...], reduced: frozenset[int]
) -> tuple[list[int], list[int], tuple[int, ...]] | None:
    """The axes in memory's order, the lengths of what remains if neighbours are taken as one, and the summed of these.

    None where NumPy adds few numbers one after another.
    """
    order = sorted(range(len(shape)), key=lambda i: -abs(strides[i]))
    lengths: list[int] = []
    kinds: list[bool] = []  # whether it is summed
    step = 0
    for i in order:
        if shape[i] != 1:
            if lengths and kinds[-1] == (i in reduced) and step == shape[i] * strides[i]:
                lengths[-1] *= shape[i]
            else:
                lengths.append(shape[i])
                kinds.append(i in reduced)
            step = strides[i]
    axes = tuple([a for a, summed in enumerate(kinds) if summed])
    in_pairs = lengths[-1] if kinds[-1] and step else 1
    return None if math.prod([lengths[a] for a in axes]) <= MOST * in_pairs else (order, lengths, axes)


def _blocked(x: Array, axes: tuple[int, ...]) -> Array:
    """The sum over `axes`, which keep the length 1, in float64: the longest of them block by block."""
    last = x.ndim - 1
    outer = [a for a in axes if a != last or x.strides[a] == 0]
    if not outer:
        return _add(x, axis=axes, dtype=DOUBLE, keepdims=True)
    axis = max(outer, key=x.shape.__getitem__)
    inner = (last,) if last in axes and last != axis else ()  # is added in pairs along with any other
    n = x.shape[axis]
    if n <= MOST:
        if x.dtype is not DOUBLE:
            x = _add(x, axis=(axis, *inner), keepdims=True).astype(DOUBLE)
        return _add(x, axis=axes, keepdims=True)
    before, row = x.shape[:axis], x.shape[axis + 1 :]
    blocks, together = _partition(n, math.prod(row))
    there = blocks * BLOCK * together
    parts = along(x, axis, slice(there)).reshape(*before, blocks, BLOCK, together, *row)
    parts = _add(parts, axis=(axis + 1, *(a + 2 for a in inner)), keepdims=True).astype(DOUBLE, copy=False)
    row = (*row[:-1], 1) if inner else row
    result = _blocked(parts.reshape(*before, blocks * together, *row), axes)
    if there < n:
        result += _add(along(x, axis, slice(there, None)), axis=axes, dtype=DOUBLE, keepdims=True)
    return result
