"""Angles, and their hyperbolic kin. (sin and cos: arithmetic; tanh: activation.)"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.elementwise import Binary, Unary
from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels.arithmetic import promote_float, to_float
from nn.ops.arithmetic import BINARY, add, div, equal, mul, pairs, singles, sqrt, sub, where


def _inside(r: Draw) -> list[Sample]:
    return [r.of(r.rng.uniform(-0.9, 0.9, size=(2, 3))), r.of(np.float64(r.rng.uniform(-0.9, 0.9)))]


def _beyond(r: Draw) -> list[Sample]:
    return [r.of(r.rng.uniform(1.2, 3, size=(2, 3))), r.of(np.float64(r.rng.uniform(1.2, 3)))]


def _unary(function: np.ufunc, rule: Any, name: str, samples: Any = singles) -> Op:
    return Unary(function, name=name, operands=("x",), vjp=dict(x=rule), samples=samples, prepare=to_float)


def _binary(function: np.ufunc, vjp: dict[str, Any], name: str) -> Op:
    return Binary(function, name=name, operands=BINARY, vjp=vjp, samples=pairs, prepare=promote_float)


def _over_square(a: Any, x: Any, other: Any) -> Any:
    """a / (x^2 + other^2), and 0 at the origin."""
    square = add(mul(x, x), mul(other, other))
    return div(a, where(equal(square, 0), 1.0, square))


tan = _unary(np.tan, lambda g, y: mul(g, add(mul(y, y), 1)), "tan", _inside)
asin = _unary(np.arcsin, lambda g, x: div(g, sqrt(sub(1, mul(x, x)))), "asin", _inside)
acos = _unary(np.arccos, lambda g, x: -div(g, sqrt(sub(1, mul(x, x)))), "acos", _inside)
atan = _unary(np.arctan, lambda g, x: div(g, add(mul(x, x), 1)), "atan")
atan2 = _binary(
    np.arctan2,
    dict(
        x=lambda g, x, other: mul(g, _over_square(other, x, other)),
        other=lambda g, x, other: -mul(g, _over_square(x, x, other)),
    ),
    "atan2",
)
hypot = _binary(
    np.hypot,
    dict(x=lambda g, x, y: mul(g, div(x, y)), other=lambda g, other, y: mul(g, div(other, y))),
    "hypot",
)
sinh = _unary(np.sinh, lambda g, x: mul(g, cosh(x)), "sinh")
cosh = _unary(np.cosh, lambda g, x: mul(g, sinh(x)), "cosh")
asinh = _unary(np.arcsinh, lambda g, x: div(g, sqrt(add(mul(x, x), 1))), "asinh")
acosh = _unary(np.arccosh, lambda g, x: div(g, sqrt(sub(mul(x, x), 1))), "acosh", _beyond)
atanh = _unary(np.arctanh, lambda g, x: div(g, sub(1, mul(x, x))), "atanh", _inside)
