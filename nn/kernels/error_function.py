"""The error function and its relatives, which are computed from a few polynomials, block by block.

For x >= 0, erfcx(x) = e^(x^2) erfc(x) is smooth and falls like 1/x, so that (1 + 2 x) erfcx(x) is a polynomial in
t = (x - 3.75) / (x + 3.75) that serves from 0 to infinity. Its coefficients are a Chebyshev expansion of our own, made
with 50 digits. In float32, erfcx(x) is a continued fraction of five levels, since NumPy divides as fast as it adds, and
erf(x) is x times a quotient of two polynomials of degree 5 in x^2: best approximations of our own, within 4.3e-8 and
2.1e-8 relatively. With rounding, erf in float32 is within 1 unit in the last place, erfcx within 5 for x >= 0, and
erfc, whose error grows with that of x^2 in the exponent, within 9 down to 1e-3: 4e-7 at the most. At 0 they are exact.

References:
    Shepherd and Laframboise, Chebyshev Approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < oo, 1981.
    Giles, Approximating the erfinv Function, GPU Computing Gems, 2011.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blocks import in_blocks, in_doubles

Array = NDArray[Any]
Pair = tuple[Array, Array]

_DOUBLE = (
    4.25147144479638978e-10, 3.11143338097992520e-10, -5.17399021401130963e-9, -3.74421008096201864e-9,
    3.86753342422223568e-8, 2.32635087088591237e-8, -2.58668507161558854e-7, -5.72182306032240875e-8,
    1.75163764884906214e-6, -9.73559896736774934e-7, -1.14441462377005234e-5, 2.23842391550822298e-5,
    5.16490988926824034e-5, -2.90154080540841711e-4, 2.93713665591344820e-4, 1.75562585289529536e-3,
    -9.74657955802927553e-3, 2.83622774189564043e-2, -5.86933985896367741e-2, 9.23043211603774778e-2,
    -1.08803930141748857e-1, 8.22767384901452077e-2, 3.58541548546442937e-3, -1.40240598585546962e-1,
    1.2375126308378277,
)  # fmt: skip
_SINGLE = (
    (12.4822716243, 2.19471038362), (-8.00896538862, 1.41388228631), (1.47630376118, 2.72936651772),
    (0.499199719312, -0.0369646743777), (0.56418957, 1.42459087e-5),
)  # fmt: skip
_TAIL = tuple((a * k, b * math.sqrt(2)) for (a, b), k in zip(_SINGLE, (2, 2, 2, 2, math.sqrt(0.5)), strict=True))
"""Of erfcx(x), and of erfcx(x / sqrt(2)) / 2: a and b of each level, the innermost first."""
_OVER = (2.025900760e-6, 2.846883206e-4, 3.808193446e-3, 5.287554467e-2, 1.915510762e-1, 1.128379144)
_UNDER = (3.783175601e-5, 1.170733244e-3, 1.505515378e-2, 1.145599375e-1, 5.030903967e-1, 1.0)
_INVERSE_NEAR = (
    -1.074130269e-05, 1.526579003e-06, 9.156612763e-05, -0.000134937224, -0.0002628400036, 0.001242545966,
    -0.001272298167, -0.00414011734, 0.01780846922, -0.02260410782, -0.05892257409, 0.7504943082, 1.653654563,
)  # fmt: skip
_INVERSE_TAIL = (
    8.600154341e-06, -1.921182376e-06, -7.339171699e-05, 0.000226723192, -0.0004646814143, 0.0008585277029,
    -0.001686070841, 0.00310027653, 0.8046153029, 3.134161525,
)  # fmt: skip
_INVERSE_END = (
    2.264389004e-05, -4.743161689e-05, 4.178278022e-05, -9.086277433e-05, 0.0002279171497, -0.0003788969139,
    0.000423686585, 0.0003157524305, -0.004877403286, 3.126013525, 7.070718327,
)  # fmt: skip
"""Of erfinv(y) / y: Chebyshev expansions of our own in w = -ln(1 - y^2) up to 6.25, and in its root beyond."""
_ONE = 3.95
"""From where erf is 1 in float32."""
_SERIES = tuple((-1) ** k / (math.factorial(k) * (2 * k + 1)) for k in range(12, -1, -1))
"""erf(x) sqrt(pi) / (2 x) as a series in x^2, for |x| < 0.5."""


def wide(x: Any) -> Array:
    """x as an array of at least float32, in which a half is computed."""
    x = np.asarray(x)
    return x.astype(np.float32) if x.dtype == np.float16 else x


def kept(value: Any, x: Any, out: Array | None) -> Array:
    """The value in the dtype of x, in `out` if given."""
    if out is None:
        return value.astype(x.dtype, copy=False)
    np.copyto(out, value, casting="unsafe")
    return out


def polynomial(coefficients: tuple[float, ...], t: Array) -> Array:
    """A polynomial in t, the highest power first (Horner)."""
    y = np.full_like(t, coefficients[0])
    for c in coefficients[1:]:
        y *= t
        y += c
    return y


def fraction(levels: tuple[tuple[float, float], ...], x: Array) -> Array:
    """A continued fraction: each level is a / (x + b + the level inside of it)."""
    y = np.add(x, levels[0][1], out=np.empty_like(x))
    np.divide(levels[0][0], y, out=y)
    for a, b in levels[1:]:
        y += x
        y += b
        np.divide(a, y, out=y)
    return y


def scaled(x: Array) -> Array:
    """e^(x^2) erfc(x) for x >= 0."""
    if x.dtype == np.float64:
        return polynomial(_DOUBLE, np.asarray(1 - 7.5 / (x + 3.75))) / (1 + 2 * x)
    return fraction(_SINGLE, x)


def normal_tail(size: Array) -> Pair:
    """The normal distribution function at -size, for size >= 0, and e^(-size^2 / 2)."""
    bell = np.square(size)
    bell *= -0.5
    np.exp(bell, out=bell)
    tail = 0.5 * scaled(size * math.sqrt(0.5)) if size.dtype == np.float64 else fraction(_TAIL, size)
    tail *= bell
    return tail, bell


def _ndtr(x: Array, y: Array) -> None:
    tail, _ = normal_tail(np.abs(x))
    np.copyto(y, np.where(x < 0, tail, 1 - tail))


def _erfc(x: Array, y: Array) -> None:
    size = np.abs(x)
    tail = np.exp(-(size * size)) * scaled(size)
    np.copyto(y, np.where(x < 0, 2 - tail, tail))


def _erf(x: Array) -> Array:
    if x.dtype == np.float32:
        return _erf_single(x)
    size = np.abs(x)
    small = np.minimum(size, 0.5)
    series = polynomial(_SERIES, small * small)
    series *= 2 / math.sqrt(math.pi)
    return np.where(size < 0.5, x * series, np.copysign(1 - np.exp(-(size * size)) * scaled(size), x))


def _erf_single(x: Array) -> Array:
    """x P(x^2) / Q(x^2), and 1 at most; in float64, so that only one rounding counts."""
    x = np.clip(x, -_ONE, _ONE).astype(np.float64)
    square = x * x
    x *= polynomial(_OVER, square)
    x /= polynomial(_UNDER, square)
    return np.clip(x, -1, 1, out=x)


def _inverse(y: Array, q: Array) -> Array:
    """The z with erf(z) = y, where q = 1 - |y| is given beside y so that no digit is lost near y = 1; float64."""
    inner = np.clip(y, -0.5, 0.5)
    z = math.sqrt(math.pi) / 2 * (inner + math.pi / 12 * inner**3)
    for _ in range(3):  # Halley's method
        e = (_erf(z) - inner) * np.exp(z * z) * (math.sqrt(math.pi) / 2)
        z = z - e / (1 + z * e)
    target = np.log(np.where((q > 0) & (q < 0.5), q, 0.5))  # ln erfc(z), which has no steep tail, instead of erfc(z)
    far = np.sqrt(-target - 0.5 * np.log(-math.pi * target))
    for _ in range(4):
        tail = scaled(far)
        slope = 2 / (math.sqrt(math.pi) * tail)
        e = (target + far * far - np.log(tail)) / slope
        far = far - e / (1 - e * (slope - 2 * far) / 2)
    far = np.copysign(np.where(q > 0, far, np.inf), y)
    return np.where(q < 0, np.nan, np.where(np.abs(y) <= 0.5, z, np.where(np.isnan(y), np.nan, far)))


def _inverse_single(y: Array, q: Array) -> Array:
    """As `_inverse`, within 4e-9: y times a polynomial in w = -ln(1 - y^2), or in its root where w is large."""
    w = -np.log(q * (2 - q))
    ratio = polynomial(_INVERSE_NEAR, np.minimum(w, 6.25) / 3.125 - 1)
    far = np.flatnonzero(w > 6.25)
    if far.size:
        root = np.sqrt(w.flat[far])
        tail = polynomial(_INVERSE_TAIL, (np.minimum(root, 4.1) - 3.3) / 0.8)
        end = polynomial(_INVERSE_END, (np.minimum(root, 10.3) - 7.2) / 3.1)
        ratio.flat[far] = np.where(root <= 4.1, tail, end)
    z = np.asarray(ratio * y)
    return np.where(q > 0, z, np.where(q == 0, np.copysign(np.inf, y), np.nan))


def erf(x: Array, *, out: Array | None = None) -> Array:
    """The error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x."""
    return in_blocks(lambda v, y: np.copyto(y, _erf(v), casting="same_kind"), x, out=(out,))[0]


def erfc(x: Array, *, out: Array | None = None) -> Array:
    """1 - erf(x), exact to the last digits in its tail."""
    return in_blocks(_erfc, x, out=(out,))[0]


def erfcx(x: Array, *, out: Array | None = None) -> Array:
    """e^(x^2) erfc(x), which falls like 1 / x."""
    v = wide(x)
    tail, below = scaled(np.abs(v)), np.minimum(v, 0)
    return kept(np.where(v < 0, 2 * np.exp(below * below) - tail, tail), x, out)


def erfinv(x: Array, *, out: Array | None = None) -> Array:
    """The inverse of erf on (-1, 1), in float64 by Halley's method; infinite at the ends, nan beyond."""
    inverse = _inverse if np.asarray(x).dtype == np.float64 else _inverse_single
    return in_doubles(lambda y: inverse(y, 1 - np.abs(y)), x, out)


def ndtr(x: Array, *, out: Array | None = None) -> Array:
    """The normal distribution function."""
    return in_blocks(_ndtr, x, out=(out,))[0]


def ndtri(x: Array, *, out: Array | None = None) -> Array:
    """The quantile of the normal distribution: the inverse of ndtr."""
    inverse = _inverse if np.asarray(x).dtype == np.float64 else _inverse_single
    return in_doubles(lambda p: math.sqrt(2) * inverse(2 * p - 1, 2 * np.minimum(p, 1 - p)), x, out)


def log_ndtr(x: Array, *, out: Array | None = None) -> Array:
    """ln of the normal distribution function, through erfcx where that would round to 0."""
    v = wide(x) * math.sqrt(0.5)
    size = np.abs(v)
    tail, square = scaled(size), size * size
    return kept(np.where(v < 0, np.log(tail / 2) - square, np.log1p(-np.exp(-square) * tail / 2)), x, out)
