"""Modified Bessel functions: the series of positive terms up to 20, the asymptotic one beyond; in float64.

Most arguments are small, and 24 terms serve these; all others are few enough to be taken one side and then the other.

References:
    Abramowitz and Stegun, Handbook of Mathematical Functions, 9.6.10 and 9.7.1, 1964.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blocks import in_doubles
from nn.kernels.error_function import polynomial

Array = NDArray[Any]

_LOW, _BORDER = 8.0, 20.0


def _near(order: int, terms: int = 51) -> tuple[float, ...]:
    return tuple(1 / (math.factorial(k) * math.factorial(k + order)) for k in reversed(range(terms)))


def _far(order: int) -> tuple[float, ...]:
    terms = [1.0]
    for k in range(1, 30):
        terms.append(-terms[-1] * (4 * order**2 - (2 * k - 1) ** 2) / (8 * k))
    return tuple(terms[::-1])


_SMALL = (_near(0, 24), _near(1, 24))
_NEAR = (_near(0), _near(1))
_FAR = (_far(0), _far(1))


def _scaled(x: Array, order: int) -> Array:
    """e^-|x| I(x)."""
    size = np.abs(x)
    half = np.minimum(size, _LOW) / 2
    y = np.asarray(polynomial(_SMALL[order], half * half) * half**order * np.exp(-2 * half))
    rest = size > _LOW
    if rest.any():
        y[rest] = _scaled_above(size[rest], order)
    return np.copysign(y, x) if order else np.where(np.isnan(x), x, y)


def _scaled_above(size: Array, order: int) -> Array:
    """e^-x I(x) for x above 8."""
    half = np.minimum(size, _BORDER) / 2
    near = polynomial(_NEAR[order], half * half) * half**order * np.exp(-2 * half)
    large = np.maximum(size, _BORDER)
    far = polynomial(_FAR[order], 1 / large) / np.sqrt(2 * math.pi * large)
    return np.where(size <= _BORDER, near, far)


def _bessel(x: Array, order: int) -> Array:
    root = np.exp(np.abs(x) / 2)  # twice the root: e^|x| may be infinite where the product is not
    return np.where(np.isinf(x), np.abs(x) if not order else x, _scaled(x, order) * root * root)


def i0(x: Array, *, out: Array | None = None) -> Array:
    """The modified Bessel function of order 0."""
    return in_doubles(lambda v: _bessel(v, 0), x, out)


def i0e(x: Array, *, out: Array | None = None) -> Array:
    """e^-|x| i0(x)."""
    return in_doubles(lambda v: _scaled(v, 0), x, out)


def i1(x: Array, *, out: Array | None = None) -> Array:
    """The modified Bessel function of order 1."""
    return in_doubles(lambda v: _bessel(v, 1), x, out)


def i1e(x: Array, *, out: Array | None = None) -> Array:
    """e^-|x| i1(x)."""
    return in_doubles(lambda v: _scaled(v, 1), x, out)
