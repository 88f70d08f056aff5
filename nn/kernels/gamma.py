"""The logarithm of the gamma function, its derivatives, and the Hurwitz zeta function.

Each is carried to a large argument by its recurrence, where the asymptotic series with Bernoulli's numbers holds to the
last digit; all is computed in float64.

References:
    Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.15, 6.1.33, 6.1.41, 6.3.18, 23.1.30, 1964.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.error_function import kept, polynomial

Array = NDArray[Any]

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798)
_STIRLING = tuple(b / (2 * k * (2 * k - 1)) for k, b in enumerate(_BERNOULLI, 1))[::-1]
_DIGAMMA = tuple(b / (2 * k) for k, b in enumerate(_BERNOULLI, 1))[::-1]
_EULER = 0.5772156649015328606
_LARGE = 10


def _zeta(x: Any, q: Any) -> Any:
    """Sum of (q + k)^-x over k >= 0, for x > 1 and q > 0: ten terms, and Euler and Maclaurin's formula for the rest."""
    total = np.zeros(np.broadcast_shapes(np.shape(x), np.shape(q)))
    for k in range(_LARGE):
        total = total + (q + k) ** -x
    a = q + _LARGE
    last = a**-x
    total = total + np.where(last == 0, 0.0, last * (a / (x - 1) + 0.5))
    factor = x / a  # x (x + 1) ... (x + 2 j - 2) / a^(2 j - 1)
    for j, b in enumerate(_BERNOULLI, 1):
        term = last * (b / math.factorial(2 * j)) * factor
        total = total + np.where(last == 0, 0.0, term)
        factor = factor * ((x + 2 * j - 1) / a) * ((x + 2 * j) / a)
    return total


_SERIES = tuple(
    [float((-1) ** k * _zeta(k, 2) / k) for k in range(30, 1, -1)] + [1 - _EULER, 0.0],
)
"""ln Gamma(2 + z) for |z| <= 1/2."""


def _lgamma_positive(x: Array) -> Array:
    """Near its zeros at 1 and 2 by a series about them, so that no digits are lost there."""
    far, product = x, np.ones_like(x)
    for _ in range(_LARGE):
        product = product * np.where(far < _LARGE, far, 1.0)
        far = np.where(far < _LARGE, far + 1, far)
    tail = polynomial(_STIRLING, 1 / (far * far)) / far
    stirling = (far - 0.5) * np.log(far) - far + (0.5 * math.log(2 * math.pi) + tail) - np.log(product)
    first = (x >= 0.5) & (x < 1.5)
    second = (x >= 1.5) & (x <= 2.5)
    z = np.where(first, x - 1, np.where(second, x - 2, 0.0))
    series = polynomial(_SERIES, z)
    return np.where(first, series - np.log1p(z), np.where(second, series, stirling))


def lgamma(x: Array, *, out: Array | None = None) -> Array:
    """ln |Gamma(x)|; infinite at 0, -1, -2 ..."""
    v = np.asarray(x, np.float64)
    finite = np.isfinite(v)
    v = np.where(finite, v, 1.0)
    positive = _lgamma_positive(np.where(v > 0, v, 1 - v))
    sine = np.abs(np.sin(np.pi * (v - np.rint(v))))
    reflected = np.where(sine == 0, np.inf, np.log(np.pi / np.where(sine == 0, 1.0, sine)) - positive)
    return kept(np.where(finite, np.where(v > 0, positive, reflected), np.abs(np.asarray(x, np.float64))), x, out)


def digamma(x: Array, *, out: Array | None = None) -> Array:
    """The derivative of ln Gamma; nan at -1, -2 ..., infinite at 0."""
    v = np.asarray(x, np.float64)
    negative = v <= 0
    far, total = np.where(negative, 1 - v, v), np.zeros_like(v)
    for _ in range(_LARGE):
        small = far < _LARGE
        total = total - np.where(small, 1 / far, 0.0)
        far = np.where(small, far + 1, far)
    square = 1 / (far * far)
    total = total + np.log(far) - 0.5 / far - square * polynomial(_DIGAMMA, square)
    fraction = v - np.rint(v)
    pole = negative & (fraction == 0)
    cotangent = np.pi / np.tan(np.pi * np.where(negative & ~pole, fraction, 0.25))
    y = np.where(negative, total - cotangent, total)
    return kept(np.where(pole, np.where(v == 0, np.copysign(np.inf, -v), np.nan), y), x, out)


def zeta(x: Any, other: Any, *, out: Array | None = None) -> Array:
    """Hurwitz's zeta function, the sum of (other + k)^-x over k >= 0; infinite at its poles, nan where undefined."""
    s, q = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(other, np.float64))
    whole, below = s == np.rint(s), q < 0
    safe = np.where(s > 1, s, 2.0)
    fraction = q - np.floor(q)
    pole = (q <= 0) & (fraction == 0)
    start = np.where(below, fraction, q)
    y = _zeta(safe, np.where(start > 0, start, 1.0))
    if below.any():  # the terms below zero are those of two series of positive ones, up to the sign
        mirror = _zeta(safe, np.where(below & ~pole, 1 - fraction, 1.0)) - _zeta(safe, np.where(below, 1 - q, 1.0))
        y = y + np.where(below, np.where(safe % 2 == 0, mirror, -mirror), 0.0)
    y = np.where(pole, np.inf, np.where(below & ~whole, np.nan, y))
    y = np.where(s > 1, y, np.where(s == 1, np.inf, np.nan))
    dtype = np.result_type(*(v for v in (x, other) if isinstance(v, np.ndarray | np.generic)))
    return kept(np.where(np.isnan(s) | np.isnan(q), np.nan, y), np.empty(0, dtype), out)


def polygamma(x: Array, *, n: int, out: Array | None = None) -> Array:
    """The n-th derivative of digamma: (-1)^(n + 1) n! zeta(n + 1, x)."""
    if n == 0:
        return digamma(x, out=out)
    value = zeta(float(n + 1), np.asarray(x, np.float64))
    return kept(value * float((-1) ** (n + 1) * math.factorial(n)), x, out)
