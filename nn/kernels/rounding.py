"""Rounding kernels. Whole numbers stay what they are, in their own type."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def _rounded(function: np.ufunc, x: Array, out: Array | None) -> Array:
    return function(x, out=out) if x.dtype.kind == "f" else np.positive(x, out=out)


def floor(x: Array, *, out: Array | None = None) -> Array:
    """The largest whole number not above x."""
    return _rounded(np.floor, x, out)


def ceil(x: Array, *, out: Array | None = None) -> Array:
    """The smallest whole number not below x."""
    return _rounded(np.ceil, x, out)


def trunc(x: Array, *, out: Array | None = None) -> Array:
    """x without its fraction."""
    return _rounded(np.trunc, x, out)


def round(x: Array, *, decimals: int = 0, out: Array | None = None) -> Array:
    """The nearest number with so many decimals, the even one at a tie."""
    if not decimals:
        return _rounded(np.rint, x, out)
    power = x.dtype.type(10.0 ** abs(decimals))
    if decimals > 0:
        return np.true_divide(np.rint(x * power), power, out=out)
    return np.multiply(np.rint(x / power), power, out=out)
