"""Logarithms and roots of sums, without overflow, block by block."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blocks import in_blocks

Array = NDArray[Any]

MANY = 1024
"""Elements from which on blocks pay."""


def logaddexp(x: Any, other: Any, *, out: Array | None = None) -> Array:
    """ln(e^x + e^other) = m + ln(1 + e^-|x - other|), m the larger of the two."""
    return _blockwise(np.logaddexp, _logaddexp, x, other, out)


def _logaddexp(x: Array, other: Array, y: Array) -> None:
    gap = np.subtract(x, other)
    np.absolute(gap, out=gap)
    np.negative(gap, out=gap)
    np.log1p(np.exp(gap, out=gap), out=gap)
    np.maximum(x, other, out=y)
    unknown = np.isnan(gap)
    if unknown.any():  # of two equal infinities the gap is nan, and counts for nothing
        np.copyto(gap, 0, where=unknown & (x == other))
    y += gap


def hypot(x: Any, other: Any, *, out: Array | None = None) -> Array:
    """sqrt(x^2 + other^2), in float64, where the squares of float32 do not overflow."""
    return _blockwise(np.hypot, _hypot, x, other, out)


def _hypot(x: Array, other: Array, y: Array) -> None:
    wide = x.astype(np.float64)
    wide *= wide
    second = other.astype(np.float64)
    second *= second
    wide += second
    np.sqrt(wide, out=wide)
    if np.isnan(wide).any():  # an infinity beside a nan is infinite
        np.hypot(x, other, out=y)
    else:
        np.copyto(y, wide, casting="same_kind")


def _blockwise(exact: Callable[..., Any], work: Callable[..., None], x: Any, other: Any, out: Array | None) -> Array:
    """NumPy's own function `exact` for what is not float32, or small."""
    kinds = {getattr(v, "dtype", None) for v in (x, other) if isinstance(v, np.ndarray)}
    shape = np.broadcast_shapes(np.shape(x), np.shape(other))
    if kinds != {np.dtype(np.float32)} or np.prod(shape, dtype=int) < MANY:
        return np.asarray(exact(x, other, out=out))
    operands = [np.broadcast_to(np.asarray(v, np.float32), shape) for v in (x, other)]
    return in_blocks(work, *operands, out=(np.empty(shape, np.float32) if out is None else out,))[0]
