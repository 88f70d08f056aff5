"""Loss kernels that are not a composite of other ops."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.summation import HALF, SINGLE, in_single, rounded, total

Array = NDArray[Any]


def mean_squared_error(x: Array, target: Array, *, out: Array | None = None) -> Array:
    """The mean of (x - t)^2; inf if it is too large, nan of nothing, without a warning."""
    distance = np.subtract(x, target)
    if distance.dtype == HALF:
        return rounded(mean_squared_error(np.asarray(x, SINGLE), np.asarray(target, SINGLE)), HALF, out)
    squares, count = total(distance * distance, None), distance.dtype.type(distance.size)
    return squares / count if out is None else np.divide(squares, count, out=out)


def nll(x: Array, index: Array, *, dim: int, out: Array | None = None) -> Array:
    """-x[n, index[n]] for dim 1: the negative of one element along `dim` for each place of `index`."""
    if x.flags.c_contiguous:
        return np.negative(x.reshape(-1)[_places(index, dim, x.shape[dim])], out=out)
    return np.negative(np.take_along_axis(x, np.expand_dims(index, dim), dim).reshape(index.shape), out=out)


def nll_backward(g: Array, index: Array, *, dim: int, size: int, out: Array | None = None) -> Array:
    """The transpose of nll: -g at index, 0 elsewhere; axis `dim` gets its `size` back."""
    if out is not None and out.flags.c_contiguous:
        y = out
        y.fill(0)
    else:
        y = np.zeros((*g.shape[:dim], size, *g.shape[dim:]), g.dtype)
    y.reshape(-1)[_places(index, dim, size)] = -g
    if out is None or y is out:
        return y
    np.copyto(out, y)
    return out


def _places(index: Array, dim: int, size: int) -> Array:
    """Where x[n, index[n]] stands among all numbers of x, whose axis `dim` has `size`, in row-major order."""
    if dim == index.ndim:  # the last axis of x
        return index + np.arange(0, index.size * size, max(1, size)).reshape(index.shape)
    before, behind = math.prod(index.shape[:dim]), math.prod(index.shape[dim:])
    at = np.multiply(index, behind, dtype=np.int64).reshape(before, behind)
    at += np.arange(before)[:, None] * (size * behind) + np.arange(behind)
    return at.reshape(index.shape)


@in_single
def binary_cross_entropy(probs: Array, target: Array, *, out: Array | None = None) -> Array:
    """-(t ln p + (1 - t) ln(1 - p)), each logarithm held at -100 or above, elementwise."""
    one = probs.dtype.type(1)  # before NumPy 2 a Python 1 would widen an array without axes
    least = probs.dtype.type(-100)
    loss = (target - one) * np.maximum(np.log1p(-probs), least) - target * np.maximum(np.log(probs), least)
    if out is None:
        return np.asarray(loss)
    np.copyto(out, loss)
    return out


@in_single
def binary_cross_entropy_backward(g: Array, probs: Array, target: Array, *, out: Array | None = None) -> Array:
    """g (p - t) / (p (1 - p)), the denominator held at 1e-12 or above."""
    one, least = probs.dtype.type(1), probs.dtype.type(1e-12)
    return np.divide(g * (probs - target), np.maximum(probs * (one - probs), least), out=out)
