"""Standard scores: values from which the mean is taken and which are divided by the standard deviation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.layout import row_major_or_maps
from nn.kernels.summation import HALF, SINGLE, in_single, rounded, total, total_product

Array = NDArray[Any]
Dim = tuple[int, ...]


def moments(x: Array, dim: Dim) -> tuple[Array, Array]:
    """The mean and the variance over `dim`, each axis of which keeps the length 1; those of float16 in float32."""
    x = x.astype(SINGLE) if x.dtype == HALF else x
    count = x.dtype.type(math.prod([x.shape[d] for d in dim]))
    mean = total(x, dim, True) / count
    distance = x - mean
    return mean, total_product(distance, distance, dim) / count


def scale(var: Array, eps: float) -> Array:
    """1 / sqrt(var + eps)."""
    return np.asarray(1 / np.sqrt(var + var.dtype.type(eps)), var.dtype)


def moved(place: Array, value: Array, factor: float, momentum: float) -> Array:
    """(1 - momentum) place + momentum times the average over the batch of factor * value: (C,), (N or 1, C, ...)."""
    value = value if factor == 1 else value * value.dtype.type(factor)
    batch = value.reshape(-1, len(place)).mean(0)
    return np.asarray((1 - momentum) * place + momentum * batch)


def standardize(
    x: Array,
    *,
    dim: Dim,
    eps: float,
    mean: Array | None = None,
    rstd: Array | None = None,
    out: tuple[Array, Array, Array] | None = None,
) -> tuple[Array, Array, Array]:
    """(x - mean) rstd, the mean, and rstd = 1 / sqrt(variance + eps), both over `dim` unless they are known already."""
    if x.dtype == HALF:
        y, mean, rstd = standardize(x.astype(SINGLE), dim=dim, eps=eps, mean=mean, rstd=rstd)
        first, second, third = out or (None, None, None)
        return rounded(y, HALF, first), rounded(mean, SINGLE, second), rounded(rstd, SINGLE, third)
    count = x.dtype.type(math.prod([x.shape[d] for d in dim]))
    if mean is None:
        mean = total(x, dim, True) / count
    y = np.subtract(x, mean, out=None if out is None else out[0])
    if rstd is None:
        rstd = scale(total_product(y, y, dim) / count, eps)
    np.multiply(y, rstd, out=y)
    if out is None:
        return row_major_or_maps(y, axes=3), mean, rstd
    np.copyto(out[1], mean)
    np.copyto(out[2], rstd)
    return out


@in_single
def standardize_backward(
    g: Array,
    x: Array,
    *,
    dim: Dim,
    eps: float,
    mean: Array | None = None,
    rstd: Array | None = None,
    scores: Array | None = None,
    out: Array | None = None,
) -> Array:
    """rstd (g - mean(g) - y mean(g y)), the means being over `dim`; y is the standardised x, `scores` if known."""
    if scores is None or rstd is None or scores.dtype is not x.dtype:
        scores, _, rstd = standardize(x, dim=dim, eps=eps, mean=mean, rstd=rstd)
    count = x.dtype.type(math.prod([x.shape[d] for d in dim]))
    y = np.multiply(scores, total_product(g, scores, dim) / count, out=out)
    y += total(g, dim, True) / count
    np.subtract(g, y, out=y)
    return np.multiply(y, rstd, out=y)
