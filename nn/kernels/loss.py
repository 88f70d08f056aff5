"""Loss kernels that are not a composite of other ops."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def mean_squared_error(x: Array, target: Array, *, out: Array | None = None) -> Array:
    """The mean of (x - t)^2; inf if it is too large, nan of nothing, without a warning."""
    distance = np.subtract(x, target)
    total = np.add.reduce(distance * distance, axis=None, dtype=distance.dtype)
    return np.divide(total, distance.dtype.type(distance.size), out=out)


def binary_cross_entropy(probs: Array, target: Array, *, out: Array | None = None) -> Array:
    """-(t ln p + (1 - t) ln(1 - p)), each logarithm held at -100 or above, elementwise."""
    one = probs.dtype.type(1)  # before NumPy 2 a Python 1 would widen an array without axes
    loss = (target - one) * clamped_log(one - probs) - target * clamped_log(probs)
    if out is None:
        return np.asarray(loss)
    np.copyto(out, loss)
    return out


def clamped_log(x: Array, *, out: Array | None = None) -> Array:
    """max(ln x, -100)."""
    return np.maximum(np.log(x), x.dtype.type(-100), out=out)


def binary_cross_entropy_backward(g: Array, probs: Array, target: Array, *, out: Array | None = None) -> Array:
    """g (p - t) / (p (1 - p)), the denominator held at 1e-12 or above."""
    one, least = probs.dtype.type(1), probs.dtype.type(1e-12)
    return np.divide(g * (probs - target), np.maximum(probs * (one - probs), least), out=out)
