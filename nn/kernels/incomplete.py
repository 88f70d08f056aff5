"""The distribution functions of the gamma and the beta distribution, their derivatives by the parameters, inverses.

All are one kind of integral, of the density f from an end to x, taken on the side of the mean where the tail is. In
v >= 0, how far t lies behind x on a logarithmic scale, the integrand falls like e^(-v) from f(x); so

    the integral of f(t) dt / f(x) = the integral of e^(ln f(t) - ln f(x)) dt,    v = w e^(pi/2 sinh tau),

and the trapezoidal rule in tau meets it to about 12 digits, whatever the parameters. A derivative by a parameter puts
a polynomial in the derivatives of ln f (Bell's) under the integral. Of a gamma distribution of small parameters the
power series costs less, whose terms are all positive. All is computed in float64.

References:
    Abramowitz and Stegun, Handbook of Mathematical Functions, 6.5.4 and 6.5.29, 1964.
    Takahasi and Mori, Double Exponential Formulas for Numerical Integration, 1974.
    Figurnov, Mohamed and Mnih, Implicit Reparameterization Gradients, 2018.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.kernels.arithmetic import xlogy
from nn.kernels.blocks import SMALL
from nn.kernels.error_function import kept, ndtri
from nn.kernels.gamma import PLANS, Plan, digamma, lgamma, lgamma_above_one, polygamma
from nn.kernels.summation import DOUBLE

Array = NDArray[Any]


class _Nodes(NamedTuple):
    """Where the integrand is read, and the weight of each reading."""

    at: Array
    weight: Array


def _nodes(step: float, first: int, last: int) -> _Nodes:
    tau = np.arange(first, last + 1) * step
    at = np.exp(math.pi / 2 * np.sinh(tau))
    return _Nodes(at, step * math.pi / 2 * np.cosh(tau) * at)


class _Digits(NamedTuple):
    """What is enough for the digits of a type."""

    plan: Plan
    """For ln Gamma."""
    rounding: float
    """A term that is a smaller share of a sum does not count."""
    left: float
    """What a subtraction from 1 leaves has all digits down to this."""
    nodes: _Nodes


_FINE = _nodes(1 / 20, -78, 64)
_DIGITS = {8: _Digits(PLANS[8], 1e-17, 0.1, _FINE), 4: _Digits(PLANS[4], 1e-10, 1e-3, _nodes(1 / 10, -33, 28))}
"""By the bytes of a number."""
_BLOCK = 256
"""How many integrals are taken side by side: their nodes stay in the processor's cache."""
_SMALL_A, _BEYOND = 100.0, 30.0
"""The largest a, and how far above it x may be, for the power series of the gamma distribution."""
_TOGETHER = 4
"""Terms of that series, after which it is seen whether they are enough."""


def _in_blocks(integral: Callable[..., Array], *operands: Array) -> Array:
    """The integrals of operands of one shape, each given as a column beside which the nodes are a row."""
    columns = [v.reshape(-1, 1) for v in operands]
    values = np.empty(columns[0].size)
    for start in range(0, values.size, _BLOCK):
        part = slice(start, start + _BLOCK)
        values[part] = integral(*(c[part] for c in columns))
    return values.reshape(operands[0].shape)


def bell(n: int, m: int, slope: Callable[[int, int], Any]) -> Any:
    """The derivative of f, n times by its first parameter and m times by its second, over f.

    Args:
        n: how often by the first.
        m: how often by the second.
        slope: the derivative (j, k) of ln f.
    """
    if n == m == 0:
        return 1.0
    total: Any = 0.0
    first = n > 0  # f' = f (ln f)', and Leibniz's rule for what is left of the derivatives
    rest, other = (n - 1, m) if first else (0, m - 1)
    for j in range(rest + 1):
        for k in range(other + 1):
            ways = math.comb(rest, j) * math.comb(other, k)
            own = slope(j + 1, k) if first else slope(0, k + 1)
            total = total + ways * bell(rest - j, other - k, slope) * own
    return total


def _wide(*values: Any) -> list[Array]:
    return [v.copy() for v in np.broadcast_arrays(*(np.asarray(v, np.float64) for v in values))]


def _dtype_of(*values: Any) -> Array:
    """An array of the common type of the arrays among the values."""
    found = [v for v in values if isinstance(v, np.ndarray | np.generic)]
    return np.empty(0, np.result_type(*found) if found else np.float64)


def _width(curvature: Array) -> Array:
    """How fast a tail that starts level falls: like a bell curve if it is narrow."""
    return np.minimum(curvature, np.sqrt(curvature))


# -- gamma ------------------------------------------------------------------------------------------------------------
def _gamma_mass(a: Array, x: Array) -> Array:
    """x f(x) = x^a e^-x / Gamma(a), without the cancellation that a large parameter brings."""
    large = a > 20
    far = np.where(large, a, 20.0)
    u = np.where(large, x, far) / far - 1
    series = (1 / 12 - (1 / 360 - (1 / 1260 - 1 / 1680 / far**2) / far**2) / far**2) / far
    stirling = far * np.log1p(u) - far * u + 0.5 * np.log(far / (2 * math.pi)) - series
    return np.exp(np.where(large, stirling, xlogy(np.where(large, 1.0, a), x) - x - lgamma(np.where(large, 1.0, a))))


def _gamma_integral(a: Array, x: Array, n: int, nodes: _Nodes = _FINE) -> Array:
    """The n-th derivative of f by a, integrated from the nearer end to x, over f(x); columns, positive and finite."""
    below = x < a
    scale = np.where(below, 1 / (a - np.minimum(x, a) + _width(x)), x / (np.maximum(x, a) - a + np.sqrt(x)))
    v = nodes.at * scale
    s = np.where(below, -v, np.log1p(np.where(below, 0.0, v / x)))  # ln (t / x)
    part = np.exp(np.where(below, a * s - x * np.expm1(np.where(below, s, 0.0)), (a - 1) * s - v))
    if n:
        level, constants = np.log(x) - digamma(a), [-polygamma(a, n=k) for k in range(1, n)]
        part *= bell(n, 0, lambda j, k: level + s if j == 1 else constants[j - 2])
    return np.asarray((part @ nodes.weight) * (scale * np.where(below, x, 1.0))[:, 0])


def _gamma_series(a: Array, x: Array, upper: bool, digits: _Digits) -> Array:
    """The probability below x, x^a e^-x / Gamma(a + 1) times the sum of x^n / ((a + 1) ... (a + n)) over n >= 0.

    Or 1 minus that, through its logarithm: for a near 0 it is nearly 1.
    """
    rest, term, divisor = np.zeros_like(x), np.ones_like(x), a.copy()
    enough = False
    while not enough:
        for _ in range(_TOGETHER):
            divisor += 1
            term *= x
            term /= divisor
            rest += term
        enough = not (term > digits.rounding * (1 + rest)).any()  # such a term is followed by smaller ones
    power = a * np.log(x) - x - lgamma_above_one(a, digits.plan)
    return -np.expm1(power + np.log1p(rest)) if upper else np.exp(power) * (1 + rest)


def _gamma_far(a: Array, x: Array, upper: bool, digits: _Digits) -> Array:
    """The probability below x, or above it, by the integral; of any operands."""
    inside = (a > 0) & (x > 0) & np.isfinite(a) & np.isfinite(x)
    safe_a, safe_x = np.where(inside, a, 1.0), np.where(inside, x, 1.0)
    integral = _in_blocks(partial(_gamma_integral, n=0, nodes=digits.nodes), safe_a, safe_x)
    near = _gamma_mass(safe_a, safe_x) * integral / safe_x
    value = np.where((safe_x < safe_a) != upper, near, 1 - near)
    wrong = (a < 0) | (x < 0) | np.isnan(a) | np.isnan(x) | ((a == 0) & (x == 0)) | (np.isinf(a) & np.isinf(x))
    full = (a == 0) | np.isinf(x)
    return np.where(inside, value, np.where(wrong, np.nan, np.where(full != upper, 1.0, 0.0)))


def _gamma_block(a: Array, x: Array, upper: bool, digits: _Digits) -> Array:
    """By the series where few of its terms are enough and no digits are lost, else by the integral."""
    near = (a > 0) & (a <= _SMALL_A) & (x > 0) & (x <= a + _BEYOND)
    value = np.zeros_like(x)
    value[near] = _gamma_series(a[near], x[near], upper, digits)
    if upper:
        near &= value >= digits.left * np.minimum(x, 1)  # else the subtraction costs digits
    if not near.all():
        far = ~near
        value[far] = _gamma_far(a[far], x[far], upper, digits)
    return value


def _gamma_share(a: Any, x: Any, upper: bool, out: Array | None) -> Array:
    """The probability below x, or above it, block by block."""
    like = _dtype_of(a, x)
    digits = _DIGITS[8 if like.dtype == DOUBLE else 4]
    wide = np.broadcast_arrays(a, x)
    a, x = (v.reshape(-1) for v in wide)
    value = np.empty(x.shape)
    for start in range(0, value.size, SMALL):
        part = slice(start, start + SMALL)
        value[part] = _gamma_block(a[part].astype(DOUBLE), x[part].astype(DOUBLE), upper, digits)
    return kept(value.reshape(wide[0].shape), like, out)


def igamma(a: Any, x: Any, *, out: Array | None = None) -> Array:
    """The integral of t^(a-1) e^-t from 0 to x, over Gamma(a): the regularised lower incomplete gamma function."""
    return _gamma_share(a, x, False, out)


def igammac(a: Any, x: Any, *, out: Array | None = None) -> Array:
    """The integral of t^(a-1) e^-t from x to infinity, over Gamma(a): 1 - igamma, exact where that would round to 0."""
    return _gamma_share(a, x, True, out)


def gamma_tail(a: Any, x: Any, *, n: int, out: Array | None = None) -> Array:
    """The n-th derivative by a (n >= 1) of the gamma distribution's function, over its density."""
    wide_a, wide_x = _wide(a, x)
    inside = (wide_a > 0) & (wide_x > 0) & np.isfinite(wide_a) & np.isfinite(wide_x)
    safe_a, safe_x = np.where(inside, wide_a, 1.0), np.where(inside, wide_x, 1.0)
    near = _in_blocks(partial(_gamma_integral, n=n), safe_a, safe_x)
    value = np.where(safe_x < safe_a, near, -near)  # the derivatives of 1, the whole integral, are 0
    edge = np.where((wide_x == 0) & (wide_a > 0), 0.0, np.nan)
    return kept(np.where(inside, value, edge), _dtype_of(a, x), out)


def gamma_quantile(a: Any, p: Any, *, out: Array | None = None) -> Array:
    """The x with igamma(a, x) = p."""
    wide_a, wide_p = _wide(a, p)
    inside = (wide_a > 0) & (wide_p > 0) & (wide_p < 1)
    a_, p_ = np.where(inside, wide_a, 1.0), np.where(inside, wide_p, 0.5)
    root = 1 / (3 * np.sqrt(a_))  # Wilson and Hilferty: the cube root is nearly normal
    cube = np.maximum(1 - root**2 + root * ndtri(p_), 1e-3) ** 3 * a_
    small = (np.log(p_) + lgamma(a_ + 1)) / a_  # e^-x is nearly 1 there
    start = np.where((a_ < 1) & (small < 0), small, np.log(cube))

    def at(z: Array) -> tuple[Array, Array]:
        x = np.exp(z)
        return igamma(a_, x), _gamma_mass(a_, x)

    x = np.exp(_root(at, p_, start))
    ends = np.where(wide_p == 0, 0.0, np.where(wide_p == 1, np.inf, np.nan))
    return kept(np.where(inside, x, np.where(wide_a > 0, ends, np.nan)), _dtype_of(a, p), out)


def gamma_moved(a: Any, x: Any, *, at: Array, out: Array | None = None) -> Array:
    """Where x goes when the concentration changes from `at` to a: to the y with igamma(a, y) = igamma(at, x)."""
    value = _stays(x, a) if np.array_equal(a, at) else gamma_quantile(a, igamma(at, x))
    return kept(value, _dtype_of(a, x), out)


def _stays(x: Array, *others: Any) -> Array:
    return np.broadcast_to(x, np.broadcast_shapes(x.shape, *(np.shape(v) for v in others))).copy()


def _root(at: Callable[[Array], tuple[Array, Array]], p: Array, z: Array) -> Array:
    """The z where an increasing function, of which `at` gives value and slope, is p: Newton's steps, kept in brackets.

    A step is taken on the scale of ln F, where F is small, for F is nearly exponential there.
    """
    low, high, settled = np.full_like(z, -700.0), np.full_like(z, 700.0), np.zeros(z.shape, bool)
    for _ in range(60):
        value, slope = at(z)
        low, high = np.where(value < p, z, low), np.where(value < p, high, z)
        flat = (value <= 0) | (slope <= 0)
        tail = np.log(np.where(flat, 1.0, value) / p) * value
        step = np.where(value < 0.5, tail, value - p) / np.where(flat, 1.0, slope)
        settled |= ~flat & (np.abs(step) <= 1e-14 * np.maximum(np.abs(z), 1.0))
        settled |= np.abs(value - p) <= 4e-16 * value  # what is left is rounding
        if settled.all():
            break
        moved = np.where(flat, np.nan, z - step)
        moved = np.where((moved > low) & (moved < high), moved, (low + high) / 2)
        z = np.where(settled, z, moved)
    return z


# -- beta -------------------------------------------------------------------------------------------------------------
def _beta_mass(a: Array, b: Array, x: Array, y: Array) -> Array:
    """x y f(x) = x^a y^b / B(a, b), where y = 1 - x."""
    return np.exp(xlogy(a, x) + xlogy(b, y) + lgamma(a + b) - lgamma(a) - lgamma(b))


def _beta_integral(a: Array, b: Array, x: Array, y: Array, n: int, m: int) -> Array:
    """The derivative of f (n times by a, m times by b) from 0 to x, over x y f(x); columns, x below the mean."""
    scale = 1 / (np.maximum(a - (a + b) * x, 0) + _width((a + b) * x * y))
    v = _FINE.at * scale
    z = x * np.expm1(-v)  # t / (1 - t) = e^-v x / y, and y / (1 - t) = 1 + z
    shift = np.where(z > -0.5, np.log1p(np.maximum(z, -0.5)), np.log(y + x * np.exp(-v)))
    part = np.exp(-a * v - (a + b) * shift)
    if n or m:
        slopes = _beta_constants(a, b, n, m)
        slopes[1, 0] = slopes[1, 0] + np.log(x) - v - shift
        slopes[0, 1] = slopes[0, 1] + np.log(y) - shift
        part *= bell(n, m, lambda j, k: slopes[j, k])
    return np.asarray((part @ _FINE.weight) * scale[:, 0])


def _beta_constants(a: Any, b: Any, n: int, m: int) -> dict[tuple[int, int], Array]:
    """The derivatives (j, k) of -ln B(a, b), to (n, m) and at least to (1, 1)."""
    found = {}
    for j in range(max(n, 1) + 1):
        for k in range(max(m, 1) + 1):
            if order := j + k:
                both = polygamma(a + b, n=order - 1)
                found[j, k] = both - polygamma(a, n=j - 1) if not k else both - polygamma(b, n=k - 1) if not j else both
    return found


def _beta_sides(a: Array, b: Array, x: Array) -> tuple[Array, Array, Array, Array, Array]:
    """Whether x is below the mean; and (a, b, x, 1 - x), mirrored where it is not."""
    below = x * (a + b) < a
    return below, np.where(below, a, b), np.where(below, b, a), np.where(below, x, 1 - x), np.where(below, 1 - x, x)


def _inside(a: Array, b: Array, x: Array) -> tuple[Array, list[Array]]:
    """Where there is something to integrate, and the operands with ordinary values elsewhere."""
    inside = (a > 0) & (b > 0) & (x > 0) & (x < 1) & np.isfinite(a) & np.isfinite(b)
    return inside, [np.where(inside, a, 1.0), np.where(inside, b, 1.0), np.where(inside, x, 0.5)]


def betainc(a: Any, b: Any, x: Any, *, out: Array | None = None) -> Array:
    """The integral of t^(a-1) (1-t)^(b-1) from 0 to x, over B(a, b): the regularised incomplete beta function."""
    wide = _wide(a, b, x)
    inside, safe = _inside(*wide)
    below, *sides = _beta_sides(*safe)
    near = _beta_mass(*sides) * _in_blocks(partial(_beta_integral, n=0, m=0), *sides)
    edge = np.where((wide[0] > 0) & (wide[1] > 0) & ((wide[2] == 0) | (wide[2] == 1)), wide[2], np.nan)
    return kept(np.where(inside, np.where(below, near, 1 - near), edge), _dtype_of(a, b, x), out)


def beta_tail(a: Any, b: Any, x: Any, *, n: int, m: int, out: Array | None = None) -> Array:
    """The derivative of the beta distribution's function, n times by a, m times by b (n + m >= 1), over its density."""
    wide = _wide(a, b, x)
    inside, safe = _inside(*wide)
    below, *sides = _beta_sides(*safe)
    mass = sides[2] * sides[3]
    value = np.empty_like(mass)
    for side, by_a, by_b, sign in ((below, n, m, 1.0), (~below, m, n, -1.0)):
        integral = partial(_beta_integral, n=by_a, m=by_b)
        value[side] = sign * _in_blocks(integral, *(v[side] for v in sides)) * mass[side]
    edge = np.where((wide[0] > 0) & (wide[1] > 0) & ((wide[2] == 0) | (wide[2] == 1)), 0.0, np.nan)
    return kept(np.where(inside, value, edge), _dtype_of(a, b, x), out)


def beta_quantile(a: Any, b: Any, p: Any, *, out: Array | None = None) -> Array:
    """The x with betainc(a, b, x) = p."""
    wide = _wide(a, b, p)
    inside, (a_, b_, p_) = _inside(*wide)

    def at(z: Array) -> tuple[Array, Array]:
        x = 1 / (1 + np.exp(-z))
        return betainc(a_, b_, x), _beta_mass(a_, b_, x, 1 / (1 + np.exp(z)))

    x = 1 / (1 + np.exp(-_root(at, p_, np.log(a_ / b_))))
    edge = np.where((wide[0] > 0) & (wide[1] > 0) & ((wide[2] == 0) | (wide[2] == 1)), wide[2], np.nan)
    return kept(np.where(inside, x, edge), _dtype_of(a, b, p), out)


def beta_moved(a: Any, b: Any, x: Any, *, at: tuple[Array, Array], out: Array | None = None) -> Array:
    """Where x goes when the parameters change from `at` to (a, b) and its probability stays."""
    stays = np.array_equal(a, at[0]) and np.array_equal(b, at[1])
    value = _stays(x, a, b) if stays else beta_quantile(a, b, betainc(*at, x))
    return kept(value, _dtype_of(a, b, x), out)
