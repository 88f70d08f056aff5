"""The logarithm of the gamma function, its derivatives, and the Hurwitz zeta function.

Each is carried to a large argument by its recurrence, where the asymptotic series with Bernoulli's numbers holds to the
last digit; all is computed in float64.

References:
    Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.15, 6.1.33, 6.1.41, 6.3.18, 23.1.30, 1964.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blocks import in_doubles
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


class Plan(NamedTuple):
    """How far the recurrence goes, and how many terms the series have, for the digits of a type."""

    large: int
    terms: int
    near: float
    series: tuple[float, ...]

    def carried(self, x: Array) -> tuple[Array, Array]:
        """A large argument, and x (x + 1) ... up to it; both as they are where x is large already."""
        small = x < self.large
        product = np.where(small, x, 1.0)  # beyond, only so that it does not overflow
        for k in range(1, self.large):
            product *= x + k
        return np.where(small, x + self.large, x), np.where(small, product, 1.0)


PLANS = {8: Plan(_LARGE, 9, 0.5, _SERIES), 4: Plan(5, 6, 1 / 64, _SERIES[-8:])}
"""By the bytes of a number. In float32 the series about 1 and 2 serves close to the zeros alone."""


def _plan(x: Any) -> Plan:
    return PLANS[8 if np.asarray(x).dtype == np.float64 else 4]


def _lgamma_positive(x: Array, plan: Plan) -> Array:
    """Near its zeros at 1 and 2 by a series about them, so that no digits are lost there."""
    far, product = plan.carried(x)
    tail = polynomial(_STIRLING[-plan.terms :], 1 / (far * far)) / far
    y = (far - 0.5) * np.log(far) - far + (0.5 * math.log(2 * math.pi) + tail) - np.log(product)
    for zero in (1, 2):
        z = x - zero
        near = np.abs(z) <= plan.near
        if near.any():
            z = z[near]
            series = polynomial(plan.series, z)
            y[near] = series - np.log1p(z) if zero == 1 else series
    return y


def lgamma_above_one(z: Array, plan: Plan) -> Array:
    """ln Gamma(1 + z) for z >= 0, with all digits for z near 0 too; float64."""
    y = _lgamma_positive(z + 1, plan)
    near = z < plan.near
    if near.any():
        z = z[near]
        y[near] = polynomial(plan.series, z) - np.log1p(z)
    return y


def lgamma(x: Array, *, out: Array | None = None) -> Array:
    """ln |Gamma(x)|; infinite at 0, -1, -2 ..."""
    plan = _plan(x)
    return in_doubles(lambda v: _lgamma(v, plan), x, out)


def _lgamma(x: Array, plan: Plan) -> Array:
    finite = np.isfinite(x)
    v = np.where(finite, x, 1.0)
    below = v <= 0
    y = _lgamma_positive(np.where(below, 1 - v, v) if below.any() else v, plan)
    if below.any():
        v = v[below]
        sine = np.abs(np.sin(np.pi * (v - np.rint(v))))
        pole = sine == 0
        y[below] = np.where(pole, np.inf, np.log(np.pi / np.where(pole, 1.0, sine)) - y[below])
    return np.where(finite, y, np.abs(x))


def digamma(x: Array, *, out: Array | None = None) -> Array:
    """The derivative of ln Gamma; nan at -1, -2 ..., infinite at 0."""
    plan = _plan(x)
    return in_doubles(lambda v: _digamma(v, plan), x, out)


def _digamma(v: Array, plan: Plan) -> Array:
    negative = v <= 0
    start = np.where(negative, 1 - v, v)
    small = start < plan.large
    total = np.zeros_like(v)
    for k in range(plan.large):
        total -= 1 / (start + k)
    far = np.where(small, start + plan.large, start)
    square = 1 / (far * far)
    y = np.where(small, total, 0.0) + np.log(far) - 0.5 / far - square * polynomial(_DIGAMMA[-plan.terms :], square)
    if negative.any():
        v = v[negative]
        fraction = v - np.rint(v)
        pole = fraction == 0
        reflected = y[negative] - np.pi / np.tan(np.pi * np.where(pole, 0.25, fraction))
        y[negative] = np.where(pole, np.where(v == 0, np.copysign(np.inf, -v), np.nan), reflected)
    return y


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
    factor, plan = float((-1) ** (n + 1) * math.factorial(n)), _plan(x)
    return in_doubles(
        lambda v: factor * (_zeta_whole(n + 1, v, plan) if (v > 0).all() else zeta(float(n + 1), v)), x, out
    )


def _zeta_whole(s: int, q: Array, plan: Plan) -> Array:
    """As `_zeta`, for one whole s, by products instead of powers."""
    total = np.zeros_like(q)
    for k in range(plan.large):
        total += _power(1 / (q + k), s)
    over = 1 / (q + plan.large)
    last = _power(over, s)
    total += last * 0.5
    total += _power(over, s - 1) / (s - 1)
    square, factor = over * over, s * over
    for j, b in enumerate(_BERNOULLI[: plan.terms], 1):
        total += last * (b / math.factorial(2 * j)) * factor
        factor = factor * ((s + 2 * j - 1) * (s + 2 * j)) * square
    return total


def _power(x: Array, n: int) -> Array:
    y = x.copy()
    for _ in range(n - 1):
        y *= x
    return y
