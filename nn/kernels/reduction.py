"""Kernels that make axes disappear. `dim`: None (all), an axis, or several; `keepdim` leaves axes of length 1."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import OutOfBoundsError
from nn.kernels.arithmetic import where
from nn.kernels.layout import row_major_or_maps
from nn.kernels.summation import HALF, MANY, SINGLE, rounded, total

Array = NDArray[Any]
Dim = int | tuple[int, ...] | None

FEW = 16
"""Factors that are multiplied one after another."""

SHORT = 512
"""Numbers of a row up to which its extreme is looked for by place, if there are more than `MANY` in all."""

_INT64 = np.dtype(np.int64)
SMALL = 4096
"""Fewer numbers than this are quicker shifted than looked at."""

_add: Any = np.add.reduce  # the functions np.sum and np.max call in the end; by place it is quicker
_product: Any = np.multiply.reduce
_max: Any = np.maximum.reduce
_min: Any = np.minimum.reduce


def sum(x: Array, *, dim: Dim = None, keepdim: bool = False, out: Array | None = None) -> Array:
    """The sum; of integers and booleans as int64."""
    if x.dtype.kind in "iub":
        return row_major_or_maps(_add(x, axis=dim, dtype=_INT64, keepdims=keepdim, out=out), out)
    return row_major_or_maps(total(x, dim, keepdim, out), out)


def nansum(x: Array, *, dim: Dim = None, keepdim: bool = False, out: Array | None = None) -> Array:
    """The sum of all that is not nan; of integers and booleans as int64."""
    result = sum(x, dim=dim, keepdim=keepdim, out=out)
    if x.dtype.kind == "f" and np.isnan(result).any():  # then there may be a nan; else there is none
        result = row_major_or_maps(total(where(np.isnan(x), x.dtype.type(0), x), dim, keepdim, out), out)
    return result


def mean(x: Array, *, dim: Dim = None, keepdim: bool = False, out: Array | None = None) -> Array:
    """The sum divided by the count; nan of nothing, without a warning."""
    if x.dtype == HALF:  # the sum may be too large where the mean is not
        return rounded(mean(x.astype(SINGLE), dim=dim, keepdim=keepdim), HALF, out)
    result = row_major_or_maps(total(x, dim, keepdim, out), out)
    count = x.size // max(1, result.size) if x.size else 0
    if not count:
        return np.multiply(result, x.dtype.type(np.nan), out=out)
    number = x.dtype.type(count)
    return result / number if out is None else np.true_divide(result, number, out=out)  # one number by one is quick


def var(x: Array, *, dim: Dim = None, correction: float = 1, keepdim: bool = False, out: Array | None = None) -> Array:
    """The mean square distance from the mean, over count - correction; nan or infinite where that is 0."""
    if x.dtype == HALF:
        return rounded(var(x.astype(SINGLE), dim=dim, correction=correction, keepdim=keepdim), HALF, out)
    if dim is None:
        first = x.dtype.type(x.item(0) if x.size else 0)
        equal = x.size and first == x.item(-1)
    else:
        first = _end(x, dim, slice(0, 1))
        equal = x.size < SMALL or np.equal(first, _end(x, dim, slice(-1, None))).any()
    if equal:  # at both ends; else there are no results of equal numbers alone
        x = x - first  # so that their variance is 0, however their mean is rounded
    distance = np.asarray(x - mean(x, dim=dim, keepdim=True))
    squares = total(np.square(distance, out=distance), dim, keepdim)
    largest = squares if squares.ndim == 0 else squares.max(initial=0)
    if x.dtype == SINGLE and not largest < np.inf:  # the sum may be too large where the result is not
        return rounded(var(x.astype(np.float64), dim=dim, correction=correction, keepdim=keepdim), SINGLE, out)
    count = x.size // max(1, squares.size)
    return row_major_or_maps(np.true_divide(squares, x.dtype.type(max(count - correction, 0)), out=out), out)


def _end(x: Array, dim: int | tuple[int, ...], part: slice) -> Array:
    """The first entries of x along dim, or the last ones."""
    dims = (dim,) if isinstance(dim, int) else dim
    return x[tuple([part if i in dims or i - x.ndim in dims else slice(None) for i in range(x.ndim)])]


def prod(x: Array, *, dim: int | None = None, keepdim: bool = False, out: Array | None = None) -> Array:
    """The product; of integers and booleans as int64."""
    if x.dtype == HALF:
        return rounded(prod(x.astype(SINGLE), dim=dim, keepdim=keepdim), HALF, out)
    dtype = _INT64 if x.dtype.kind in "iub" else x.dtype
    if dim is None and x.flags.c_contiguous and not keepdim:
        x, dim = x.reshape(-1), -1
    if dim in (-1, x.ndim - 1) and x.ndim and x.strides[-1] == x.itemsize and dtype is x.dtype:
        x = _halved(x)
    return row_major_or_maps(_product(x, dim, dtype, out, keepdim), out)


def _halved(x: Array) -> Array:
    """The last axis, half of it times the other half until little is left: NumPy multiplies neighbours one by one."""
    while x.shape[-1] > FEW:
        half = x.shape[-1] // 2
        y = x[..., :half] * x[..., half : 2 * half]
        if x.shape[-1] % 2:
            y[..., 0] *= x[..., -1]
        x = y
    return x


def amax(x: Array, *, dim: Dim = None, keepdim: bool = False, out: Array | None = None) -> Array:
    """The largest value; nan if there is one."""
    refuse_nothing(x, dim, "amax")
    if _has_short_rows(x, dim):
        return _taken(x, x.argmax(-1), keepdim, out)
    return row_major_or_maps(_max(x, dim, None, out, keepdim), out)


def amin(x: Array, *, dim: Dim = None, keepdim: bool = False, out: Array | None = None) -> Array:
    """The smallest value; nan if there is one."""
    refuse_nothing(x, dim, "amin")
    if _has_short_rows(x, dim):
        return _taken(x, x.argmin(-1), keepdim, out)
    return row_major_or_maps(_min(x, dim, None, out, keepdim), out)


def _has_short_rows(x: Array, dim: Dim) -> bool:
    """Whether x is many rows of a few floats: of these NumPy finds the place of an extreme sooner than its value."""
    rows = x.ndim > 1 and dim.__class__ is int and dim in (-1, x.ndim - 1) and x.flags.c_contiguous
    return rows and x.size > MANY and x.dtype.kind == "f" and x.dtype != HALF and x.shape[-1] <= SHORT


def _taken(x: Array, place: Array, keepdim: bool, out: Array | None) -> Array:
    """The number at its place in each row."""
    at = place + np.arange(0, x.size, x.shape[-1]).reshape(place.shape)
    return x.reshape(-1).take(at[..., None] if keepdim else at, out=out)


def argmax(x: Array, *, dim: int | None = None, keepdim: bool = False, out: Array | None = None) -> Array:
    """The index of the first largest value (nan counts as largest), int64."""
    refuse_nothing(x, dim, "argmax")
    return np.asarray(np.argmax(x, axis=dim, keepdims=keepdim, out=out))


def argmin(x: Array, *, dim: int | None = None, keepdim: bool = False, out: Array | None = None) -> Array:
    """The index of the first smallest value (nan counts as smallest), int64."""
    refuse_nothing(x, dim, "argmin")
    return np.asarray(np.argmin(x, axis=dim, keepdims=keepdim, out=out))


def sum_to_size(x: Array, *, size: tuple[int, ...], out: Array | None = None) -> Array:
    """Sum over the axes that broadcasting from `size` had added or stretched: its transpose."""
    if x.shape == size and out is None:
        return x
    extra = x.ndim - len(size)
    if extra == 1 and x.shape[1:] == size:  # the bias of a batch
        return total(x, 0, out=out)
    axes = tuple(range(extra)) + tuple(i + extra for i, n in enumerate(size) if n == 1 and x.shape[i + extra] != 1)
    result = total(x, axes).reshape(size)
    if out is None:
        return result
    np.copyto(out, result)
    return out


def refuse_nothing(x: Array, dim: Dim, caller: str) -> None:
    """Refuse to choose the largest, or the smallest, of no elements."""
    if x.size:
        return
    axes = (dim,) if isinstance(dim, int) else dim
    if axes is None or any(x.shape[d] == 0 for d in axes if -x.ndim <= d < x.ndim):
        raise OutOfBoundsError(
            f"{caller}: no elements to choose from in shape {x.shape}; reduce over axes that have some"
        )
