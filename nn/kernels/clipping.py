"""Gradients held within bounds: the norm of many arrays together, and their scaling in place."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.summation import HALF, SINGLE
from nn.kernels.threads import dot

Array = NDArray[Any]


def vector_norm(x: Array, *, ord: float) -> Array:
    """(sum |x|^ord)^(1 / ord) over all elements; inf: the largest, -inf: the least, 0: how many are not 0.

    Of float16 in float32, in which the squares fit.
    """
    x = x.ravel().astype(SINGLE if x.dtype == HALF else x.dtype, copy=False)
    if ord == 2:
        return np.asarray(np.sqrt(dot(x, x)))
    size = abs(x)
    if ord == 0:
        return np.asarray(np.count_nonzero(size), x.dtype)
    if math.isinf(ord):
        return np.asarray(size.max(initial=0) if ord > 0 else size.min())
    return np.asarray((size**ord).sum() ** (1 / ord))


def total_norm(arrays: Sequence[Array], *, ord: float) -> Array:
    """The norm of the norms of all arrays; 0 for none."""
    if not arrays:
        return np.zeros((), np.float32)
    return vector_norm(np.stack([vector_norm(x, ord=ord) for x in arrays]), ord=ord)


def shorten_(arrays: Sequence[Array], total: Array, *, max_norm: float) -> None:
    """Multiply all by max_norm / total, where that shortens them."""
    factor = np.minimum(max_norm / (total + 1e-6), 1.0)
    for x in arrays:
        np.multiply(x, factor, out=x, dtype=SINGLE if x.dtype == HALF else x.dtype, casting="unsafe")


def clamp_(arrays: Sequence[Array], *, bound: float) -> None:
    """Hold all elements within [-bound, bound]."""
    for x in arrays:
        np.clip(x, -bound, bound, out=x)
