"""Softmax and its logarithm, shifted by the largest value so that nothing overflows."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.summation import in_single, total

Array = NDArray[Any]


@in_single
def softmax(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """e^x / sum of e^x along dim."""
    e = np.exp(_shifted(x, dim), out=out)
    return np.true_divide(e, total(e, dim, True), out=out)


@in_single
def log_softmax(x: Array, *, dim: int, out: Array | None = None) -> Array:
    """x - ln(sum of e^x along dim)."""
    z = _shifted(x, dim)
    return np.subtract(z, np.log(total(np.exp(z), dim, True)), out=out)


def _shifted(x: Array, dim: int) -> Array:
    if not x.size:
        return x
    return np.subtract(x, np.maximum.reduce(x, axis=dim, keepdims=True))
