"""The special functions: the error function, the gamma function and their relatives, with their derivatives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import arithmetic, bessel, error_function, gamma
from nn.ops.arithmetic import exp, log, sign, singles, where

_ROOT_PI = math.sqrt(math.pi)
_ROOT_2PI = math.sqrt(2 * math.pi)


def _between(low: float, high: float) -> Any:
    return lambda r: [r.of(r.rng.uniform(low, high, size=(2, 3))), r.of(np.float64(r.rng.uniform(low, high)))]


def _gamma_points(r: Draw) -> list[Sample]:
    """Above zero, and between the poles below."""
    return [r.of(r.rng.uniform(0.3, 4, size=(2, 3))), r.of(-r.rng.permutation(3) - r.rng.uniform(0.3, 0.7, size=3))]


def _orders(r: Draw) -> list[Sample]:
    return [r.of(r.rng.uniform(0.5, 4, size=(2, 2)), n=n) for n in (0, 1, 2, 3)]


def density(x: Any) -> Any:
    """e^(-x^2 / 2) / sqrt(2 pi)."""
    return exp(-(x**2) / 2) / _ROOT_2PI


def _unary(kernel: Any, rule: Any, samples: Any = singles) -> Op:
    return Op(kernel, vjp=dict(x=rule), samples=samples, prepare=arithmetic.to_float)


# -- the error function -----------------------------------------------------------------------------------------------
erf = _unary(error_function.erf, lambda g, x: g * (2 / _ROOT_PI) * exp(-(x**2)))
erfc = _unary(error_function.erfc, lambda g, x: -g * (2 / _ROOT_PI) * exp(-(x**2)))
erfcx = _unary(error_function.erfcx, lambda g, x, y: g * (2 * x * y - 2 / _ROOT_PI))
erfinv = _unary(error_function.erfinv, lambda g, y: g * (_ROOT_PI / 2) * exp(y**2), _between(-0.9, 0.9))
ndtri = _unary(error_function.ndtri, lambda g, y: g * _ROOT_2PI * exp(y**2 / 2), _between(0.05, 0.95))
log_ndtr = _unary(error_function.log_ndtr, lambda g, x, y: g * exp(-(x**2) / 2 - y) / _ROOT_2PI)

# -- the gamma function -----------------------------------------------------------------------------------------------
lgamma = _unary(gamma.lgamma, lambda g, x: g * digamma(x), _gamma_points)
digamma = _unary(gamma.digamma, lambda g, x: g * polygamma(x, n=1), _gamma_points)
polygamma = _unary(gamma.polygamma, lambda g, x, n: g * polygamma(x, n=n + 1), _orders)
zeta = Op(
    gamma.zeta,
    vjp=dict(other=lambda g, x, other: g * -x * zeta(x + 1, other)),
    samples=lambda r: [
        r.of(r.rng.uniform(1.5, 6, size=(2, 3)), r.rng.uniform(0.5, 4, size=3)),
        r.of(2.0, r.rng.uniform(0.5, 4, size=3)),
    ],
    prepare=arithmetic.promote_float,
)

# -- Bessel functions -------------------------------------------------------------------------------------------------


def _i1_x(g: Any, x: Any, y: Any) -> Any:
    """i0 - i1 / x, whose limit at 0 is 1/2."""
    zero = where(x == 0, 1.0, x)
    return g * (i0(x) - where(x == 0, 0.5, y / zero))


def _i1e_x(g: Any, x: Any, y: Any) -> Any:
    zero = where(x == 0, 1.0, x)
    return g * (i0e(x) - y * sign(x) - where(x == 0, 0.5, y / zero))


i0 = _unary(bessel.i0, lambda g, x: g * i1(x))
i0e = _unary(bessel.i0e, lambda g, x, y: g * (i1e(x) - y * sign(x)))
i1 = _unary(bessel.i1, _i1_x)
i1e = _unary(bessel.i1e, _i1e_x)

# -- entropy ----------------------------------------------------------------------------------------------------------


def _xlogy_x(g: Any, x: Any, other: Any) -> Any:
    """g ln(other): 0 where g is 0 too, or where x is 0 and there is no logarithm."""
    return where((x == 0) & (other <= 0), 0.0, xlogy(g, other))


def _xlog1py_x(g: Any, x: Any, other: Any) -> Any:
    return where((x == 0) & (other <= -1), 0.0, xlog1py(g, other))


def _positives_and_numbers(r: Draw) -> list[Sample]:
    return [r.positive((2, 3), (3,)), r.of(r.rng.normal(size=3), 2.5), r.of(1.5, r.rng.uniform(1, 2, 3))]


xlogy = Op(
    arithmetic.xlogy,
    vjp=dict(x=_xlogy_x, other=lambda g, x, other: g * x / other),
    samples=_positives_and_numbers,
    prepare=arithmetic.promote_float,
)
xlog1py = Op(
    arithmetic.xlog1py,
    vjp=dict(x=_xlog1py_x, other=lambda g, x, other: g * x / (other + 1)),
    samples=_positives_and_numbers,
    prepare=arithmetic.promote_float,
)
entr = _unary(arithmetic.entr, lambda g, x: -g * (log(x) + 1), _between(0.3, 2))


# -- composites -------------------------------------------------------------------------------------------------------
def ndtr(x: Any) -> Any:
    """The normal distribution function."""
    return erfc(-math.sqrt(0.5) * x) / 2
