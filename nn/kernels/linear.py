"""Products of matrices, alone and with a bias, and the gradient by the weight."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.threads import product

Array = NDArray[Any]


def matmul(x: Array, other: Array, *, out: Array | None = None) -> Array:
    """(..., n, k) @ (..., k, m) -> (..., n, m)."""
    return product(x, other, out)


def linear(x: Array, weight: Array, bias: Array | None = None, *, out: Array | None = None) -> Array:
    """x @ weight.T + bias: (..., in), (out, in), (out,) -> (..., out)."""
    out = product(x, weight.T, out)
    if bias is not None:
        np.add(out, bias, out=out)
    return out


def linear_weight_backward(x: Array, g: Array, *, out: Array | None = None) -> Array:
    """g^T x, the sum over everything but the last axis: (..., in), (..., out) -> (out, in)."""
    if x.ndim != 2:
        rows = math.prod(x.shape[:-1])  # -1 could not be told where there are no features
        x, g = x.reshape(rows, x.shape[-1]), g.reshape(rows, g.shape[-1])
    return product(g.T, x, out)
