"""Matrix products."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def matmul(x: Array, other: Array, *, out: Array | None = None) -> Array:
    """(..., n, k) @ (..., k, m) -> (..., n, m)."""
    return np.matmul(x, other, out=out)


def linear(x: Array, weight: Array, bias: Array | None = None, *, out: Array | None = None) -> Array:
    """x @ weight.T + bias: (..., in), (out, in), (out,) -> (..., out)."""
    out = np.matmul(x, weight.T, out=out)
    if bias is not None:
        np.add(out, bias, out=out)
    return out
