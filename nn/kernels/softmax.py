"""Softmax and its logarithm, shifted by the largest value so that nothing overflows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.layout import row_major_or_maps
from nn.kernels.reduction import amax
from nn.kernels.summation import HALF, MANY, SINGLE, rounded, total

Array = NDArray[Any]

_max: Any = np.maximum.reduce


def softmax(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """e^x / sum of e^x along dim."""
    if x.dtype == HALF:
        return rounded(softmax(x.astype(SINGLE), dim=dim), HALF, out)
    z = _shifted(x, dim, out)
    e = np.exp(z, out=z)
    return row_major_or_maps(np.true_divide(e, total(e, dim, True), out=e), out)


def log_softmax(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """x - ln(sum of e^x along dim)."""
    if x.dtype == HALF:
        return rounded(log_softmax(x.astype(SINGLE), dim=dim), HALF, out)
    z = _shifted(x, dim, out)
    return row_major_or_maps(np.subtract(z, np.log(total(np.exp(z), dim, True)), out=z), out)


def _shifted(x: Array, dim: int, out: Array | None) -> Array:
    """x less its largest value along dim, in memory of its own: what follows is computed in place."""
    if not x.size:
        return np.positive(x, out=out)
    largest = amax(x, dim=dim, keepdim=True) if x.size > MANY else _max(x, dim, None, None, True)
    return np.asanyarray(np.subtract(x, largest, out=out))  # and not `asarray`: a replay is told of what follows
