"""Softmax and its logarithm, shifted by the largest value so that nothing overflows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def softmax(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """e^x / sum of e^x along dim."""
    e = np.exp(_shifted(x, dim), out=out)
    return np.true_divide(e, np.add.reduce(e, axis=dim, keepdims=True), out=out)


def log_softmax(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """x - ln(sum of e^x along dim)."""
    z = _shifted(x, dim)
    return np.subtract(z, np.log(np.add.reduce(np.exp(z), axis=dim, keepdims=True)), out=out)


def _shifted(x: Array, dim: int) -> Array:
    if not x.size:
        return x
    return np.subtract(x, np.maximum.reduce(x, axis=dim, keepdims=True))
