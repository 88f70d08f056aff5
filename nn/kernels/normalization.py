"""Standard scores: values from which the mean is taken and which are divided by the standard deviation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.summation import HALF, SINGLE, in_single, total

Array = NDArray[Any]
Dim = tuple[int, ...]


def moments(x: Array, dim: Dim) -> tuple[Array, Array]:
    """The mean and the variance over `dim`, each axis of which keeps the length 1; those of float16 in float32."""
    x = x.astype(SINGLE) if x.dtype is HALF else x
    count = x.dtype.type(math.prod(x.shape[d] for d in dim))
    mean = total(x, dim, True) / count
    distance = x - mean
    return mean, total(distance * distance, dim, True) / count


def scale(var: Array, eps: float) -> Array:
    """1 / sqrt(var + eps)."""
    return np.asarray(1 / np.sqrt(var + var.dtype.type(eps)), var.dtype)


def moved(place: Array, value: Array, factor: float, momentum: float) -> Array:
    """(1 - momentum) place + momentum times the average over the batch of factor * value: (C,), (N or 1, C, ...)."""
    value = value if factor == 1 else value * value.dtype.type(factor)
    batch = value.reshape(-1, len(place)).mean(0)
    return np.asarray((1 - momentum) * place + momentum * batch)


@in_single
def standardize(
    x: Array,
    *,
    dim: Dim,
    eps: float,
    mean: Array | None = None,
    rstd: Array | None = None,
    out: Array | None = None,
) -> Array:
    """(x - mean) rstd, with the mean and rstd = 1 / sqrt(variance + eps) over `dim`, unless they are known already."""
    mean, rstd = _known(x, dim, eps, mean, rstd)
    y = np.subtract(x, mean, out=out)
    return np.multiply(y, rstd, out=y)


@in_single
def standardize_backward(
    g: Array,
    x: Array,
    *,
    dim: Dim,
    eps: float,
    mean: Array | None = None,
    rstd: Array | None = None,
    out: Array | None = None,
) -> Array:
    """rstd (g - mean(g) - y mean(g y)), y being the standardised x, the means being over `dim`."""
    mean, rstd = _known(x, dim, eps, mean, rstd)
    count = x.dtype.type(math.prod(x.shape[d] for d in dim))
    y = np.subtract(x, mean)
    y *= rstd
    y *= total(g * y, dim, True) / count
    y += total(g, dim, True) / count
    y = np.subtract(g, y, out=y if out is None else out)
    return np.multiply(y, rstd, out=y)


def _known(x: Array, dim: Dim, eps: float, mean: Array | None, rstd: Array | None) -> tuple[Array, Array]:
    if mean is None or rstd is None:
        mean, var = moments(x, dim)
        rstd = scale(var, eps)
    return mean, rstd
