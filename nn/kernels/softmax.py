"""Softmax and its logarithm, shifted by the largest value so that nothing overflows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.summation import HALF, SINGLE, rounded, total

Array = NDArray[Any]

_max: Any = np.maximum.reduce


def softmax(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """e^x / sum of e^x along dim."""
    if x.dtype == HALF:
        return rounded(softmax(x.astype(SINGLE), dim=dim), HALF, out)
    e = np.exp(_shifted(x, dim), out=out)
    return np.true_divide(e, total(e, dim, True), out=out)


def log_softmax(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """x - ln(sum of e^x along dim)."""
    if x.dtype == HALF:
        return rounded(log_softmax(x.astype(SINGLE), dim=dim), HALF, out)
    z = _shifted(x, dim)
    return np.subtract(z, np.log(total(np.exp(z), dim, True)), out=out)


def _shifted(x: Array, dim: int) -> Array:
    if not x.size:
        return x
    return np.subtract(x, _max(x, dim, None, None, True))
