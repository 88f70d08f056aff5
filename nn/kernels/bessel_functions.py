"""Bessel's functions of the first and second kind, Macdonald's and Airy's, in float64.

Integrals over a period, and over the line of a Gauss-like integrand, are sums over a few equal steps that are exact to
the last digits; large arguments have asymptotic series.

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

Array = NDArray[Any]

_BORDER = 25.0
_STEPS = 96
_ANGLE = (np.arange(_STEPS) + 0.5) * (math.pi / _STEPS)
_TERMS = np.arange(1, 48)
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


def _split(x: Array, near: Callable[[Array], Array], far: Callable[[Array], Array]) -> Array:
    """near(x) up to the border, far(x) beyond; 0 at infinity."""
    y = near(np.minimum(np.where(np.isnan(x), 1.0, x), _BORDER))
    y = np.where(x > _BORDER, far(np.clip(x, _BORDER, 1e300)), y)
    return np.where(np.isnan(x), x, np.where(np.isinf(x), 0.0, y))


def bessel_j0(x: Array) -> Array:
    """J_0(x)."""
    return _split(np.abs(x), lambda x: np.cos(x[..., None] * np.sin(_ANGLE)).mean(-1), lambda x: _hankel(x, 0, 0))


def bessel_j1(x: Array) -> Array:
    """J_1(x)."""

    def near(x: Array) -> Array:
        return (np.sin(x[..., None] * np.sin(_ANGLE)) * np.sin(_ANGLE)).mean(-1)

    return np.copysign(1.0, x) * _split(np.abs(x), near, lambda x: _hankel(x, 1, 0))


def bessel_y0(x: Array) -> Array:
    """Y_0(x): -inf at 0, nan below."""

    def near(x: Array) -> Array:
        rest = (np.cos(x[..., None] * np.sin(_ANGLE)) * _EVEN_WEIGHT).mean(-1)
        return 2 / math.pi * ((np.log(x / 2) + np.euler_gamma) * bessel_j0(x) - 2 * rest)

    return _above_zero(x, lambda x: _split(x, near, lambda x: _hankel(x, 0, math.pi / 2)), -math.inf)


def bessel_y1(x: Array) -> Array:
    """Y_1(x): -inf at 0, nan below."""

    def near(x: Array) -> Array:
        rest = (np.sin(x[..., None] * np.sin(_ANGLE)) * _ODD_WEIGHT).mean(-1)
        logarithm = (np.log(x / 2) + np.euler_gamma - 1) * bessel_j1(x)
        return 2 / math.pi * (logarithm - bessel_j0(x) / x - rest)

    return _above_zero(x, lambda x: _split(x, near, lambda x: _hankel(x, 1, math.pi / 2)), -math.inf)


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
