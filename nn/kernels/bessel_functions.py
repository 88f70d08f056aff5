"""Bessel's functions of the first and second kind, Macdonald's and Airy's, in float64.

Small arguments have power series, large ones asymptotic series. Between them, integrals over a period, and over the
line of a Gauss-like integrand, are sums over a few equal steps that are exact to the last digits.

References:
    Abramowitz and Stegun, Handbook of Mathematical Functions, chapters 9 and 10, 1964.
    Trefethen and Weideman, The Exponentially Convergent Trapezoidal Rule, SIAM Review 2014.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.bessel import i0, i1
from nn.kernels.error_function import polynomial

Array = NDArray[Any]
Function = Callable[[Array], Array]

_LOW, _BORDER = 4.0, 25.0
_STEPS = 64
_ANGLE = (np.arange(_STEPS // 2) + 0.5) * (math.pi / _STEPS)  # of half a period: the other half gives the same
_TERMS = np.arange(1, 34)
_ODD = 2 * _TERMS + 1
_SIGN = (-1.0) ** _TERMS
_EVEN_WEIGHT = np.cos(2 * np.outer(_ANGLE, _TERMS)) @ (_SIGN / _TERMS)
_ODD_WEIGHT = np.sin(np.outer(_ANGLE, _ODD)) @ (_SIGN * _ODD / (_TERMS * (_TERMS + 1)))


def _hankel(x: Array, order: int, shift: float) -> Array:
    """sqrt(2 / (pi x)) (P cos - Q sin) of the angle x - (order / 2 + 1 / 4) pi - shift."""
    p, q, term = np.ones_like(x), np.zeros_like(x), np.ones_like(x)
    for k in range(1, 24):
        term = term * (4 * order**2 - (2 * k - 1) ** 2) / (8 * k * x)
        if k % 2:
            q = q + term * (1 if k % 4 == 1 else -1)
        else:
            p = p + term * (1 if k % 4 == 0 else -1)
    angle = x - (order / 2 + 0.25) * math.pi - shift
    return np.sqrt(2 / (math.pi * x)) * (p * np.cos(angle) - q * np.sin(angle))


def _split(
    x: Array, low: Callable[[Array], Array], near: Callable[[Array], Array], far: Callable[[Array], Array]
) -> Array:
    """low(x) up to 4, near(x) up to the border, far(x) beyond; 0 at infinity."""
    y = np.asarray(low(np.minimum(np.where(np.isnan(x), 1.0, x), _LOW)))
    middle, large = (x > _LOW) & (x <= _BORDER), x > _BORDER
    if middle.any():
        y[middle] = near(x[middle])
    if large.any():
        y[large] = np.where(np.isinf(x[large]), 0.0, far(np.minimum(x[large], 1e300)))
    return np.where(np.isnan(x), x, y)


# -- power series in (x / 2)^2, the highest term first ----------------------------------------------------------------
def _series(term: Callable[[int], float]) -> tuple[float, ...]:
    return tuple((-1) ** k * term(k) for k in range(17, -1, -1))


def _harmonic(k: int) -> float:
    return math.fsum(1 / j for j in range(1, k + 1))


_J0 = _series(lambda k: 1 / math.factorial(k) ** 2)
_J1 = _series(lambda k: 1 / (math.factorial(k) * math.factorial(k + 1)))  # times x / 2
_Y0 = _series(lambda k: -_harmonic(k) / math.factorial(k) ** 2)
_Y1 = _series(lambda k: (_harmonic(k) + _harmonic(k + 1)) / (math.factorial(k) * math.factorial(k + 1)))  # times x / 2


def bessel_j0(x: Array) -> Array:
    """J_0(x)."""
    return _split(
        np.abs(x),
        lambda x: polynomial(_J0, x * x / 4),
        lambda x: np.cos(x[..., None] * np.sin(_ANGLE)).mean(-1),
        lambda x: _hankel(x, 0, 0),
    )


def bessel_j1(x: Array) -> Array:
    """J_1(x)."""
    y = _split(
        np.abs(x),
        lambda x: polynomial(_J1, x * x / 4) * (x / 2),
        lambda x: (np.sin(x[..., None] * np.sin(_ANGLE)) * np.sin(_ANGLE)).mean(-1),
        lambda x: _hankel(x, 1, 0),
    )
    return np.copysign(1.0, x) * y


def bessel_y0(x: Array) -> Array:
    """Y_0(x): -inf at 0, nan below."""

    def logarithmic(x: Array, rest: Array) -> Array:
        return 2 / math.pi * ((np.log(x / 2) + np.euler_gamma) * bessel_j0(x) + rest)

    def low(x: Array) -> Array:
        return logarithmic(x, polynomial(_Y0, x * x / 4))

    def near(x: Array) -> Array:
        return logarithmic(x, -2 * (np.cos(x[..., None] * np.sin(_ANGLE)) * _EVEN_WEIGHT).mean(-1))

    return _above_zero(x, lambda x: _split(x, low, near, lambda x: _hankel(x, 0, math.pi / 2)), -math.inf)


def bessel_y1(x: Array) -> Array:
    """Y_1(x): -inf at 0, nan below."""

    def low(x: Array) -> Array:
        logarithm = 2 * (np.log(x / 2) + np.euler_gamma) * bessel_j1(x)
        return (logarithm - 2 / x - x / 2 * polynomial(_Y1, x * x / 4)) / math.pi

    def near(x: Array) -> Array:
        rest = (np.sin(x[..., None] * np.sin(_ANGLE)) * _ODD_WEIGHT).mean(-1)
        logarithm = (np.log(x / 2) + np.euler_gamma - 1) * bessel_j1(x)
        return 2 / math.pi * (logarithm - bessel_j0(x) / x - rest)

    return _above_zero(x, lambda x: _split(x, low, near, lambda x: _hankel(x, 1, math.pi / 2)), -math.inf)


def _above_zero(x: Array, function: Callable[[Array], Array], at_zero: float) -> Array:
    y = function(np.where(x > 0, x, 1.0))
    return np.where(np.isnan(x) | (x < 0), np.nan, np.where(x == 0, at_zero, y))


_GAUSS = (np.arange(30) + 0.5) * 0.25


def scaled_k(x: Array, order: float) -> Array:
    """e^x K(x) for x above 1: the integral of e^(-s^2) cosh(order t) / sqrt(1 + s^2 / 2x), s = sqrt(2x) sinh(t / 2)."""
    share = _GAUSS**2 / (2 * x[..., None])
    weight = np.cosh(order * 2 * np.arcsinh(np.sqrt(share))) * np.exp(-(_GAUSS**2)) / np.sqrt(1 + share)
    return 0.25 * np.sqrt(2 / x) * weight.sum(-1)


def _near_k0(x: Array) -> Array:
    y, term, harmonic = np.zeros_like(x), np.ones_like(x), 0.0
    for k in range(1, 20):
        term, harmonic = term * x * x / (4 * k * k), harmonic + 1 / k
        y = y + harmonic * term
    return y - (np.log(x / 2) + np.euler_gamma) * i0(x)


def _near_k1(x: Array) -> Array:
    y, term, harmonic = np.zeros_like(x), np.ones_like(x), 0.0
    for k in range(20):
        y = y + (2 * (harmonic - np.euler_gamma) + 1 / (k + 1)) * term
        term, harmonic = term * x * x / (4 * (k + 1) * (k + 2)), harmonic + 1 / (k + 1)
    return 1 / x + np.log(x / 2) * i1(x) - x / 4 * y


def scaled_modified_bessel_k(x: Array, order: int) -> Array:
    """e^x K(x): inf at 0, nan below."""

    def positive(x: Array) -> Array:
        low = np.minimum(x, 2.0)
        near = (_near_k1 if order else _near_k0)(low) * np.exp(low)
        y = np.where(x <= 2, near, scaled_k(np.clip(x, 2, 1e300), order))
        return np.where(np.isinf(x), 0.0, y)

    return _above_zero(x, positive, math.inf)


def modified_bessel_k(x: Array, order: int) -> Array:
    """K(x): inf at 0, nan below."""
    return np.asarray(scaled_modified_bessel_k(x, order) * np.exp(-np.maximum(x, 0)))


def spherical_bessel_j0(x: Array) -> Array:
    """sin(x) / x, 1 at 0 and 0 at infinity."""
    finite = np.where(np.isinf(x) | (x == 0), 1.0, x)
    return np.where(x == 0, 1.0, np.where(np.isinf(x), 0.0, np.sin(finite) / finite))


def airy_ai(x: Array) -> Array:
    """Ai(x): its power series around 0, K_1/3 above 2, an asymptotic series below -7."""
    middle = np.clip(np.where(np.isnan(x), 0, x), -7, 2)
    even, odd = np.ones_like(middle), np.array(middle)
    f, g = np.array(even), np.array(odd)
    for k in range(1, 60):
        even = even * middle**3 / ((3 * k - 1) * 3 * k)
        odd = odd * middle**3 / (3 * k * (3 * k + 1))
        f, g = f + even, g + odd
    series = f / (3 ** (2 / 3) * math.gamma(2 / 3)) - g / (3 ** (1 / 3) * math.gamma(1 / 3))
    high = np.clip(x, 2, 1e100)
    xi = 2 / 3 * high**1.5
    decaying = np.sqrt(high / 3) / math.pi * scaled_k(xi, 1 / 3) * np.exp(-xi)
    low = np.clip(-x, 7, 1e100)
    xi = 2 / 3 * low**1.5
    p, q, term = np.ones_like(xi), np.zeros_like(xi), np.ones_like(xi)
    for k in range(1, 16):
        term = term * (6 * k - 5) * (6 * k - 1) / (72 * k * xi)
        if k % 2:
            q = q + term * (1 if k % 4 == 1 else -1)
        else:
            p = p + term * (1 if k % 4 == 0 else -1)
    angle = xi - math.pi / 4
    waves = (p * np.cos(angle) + q * np.sin(angle)) / (math.sqrt(math.pi) * low**0.25)
    y = np.where(x > 2, decaying, np.where(x < -7, waves, series))
    return np.where(np.isnan(x) | np.isinf(x), np.where(np.isnan(x) | (x < 0), np.nan, 0.0), y)
