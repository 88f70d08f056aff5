"""Functions of angles, and their hyperbolic relatives, with their derivatives.

`sin` and `cos` stand in `arithmetic`, `tanh` in `activation`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.plain import Binary, Unary
from nn.autograd.samples import Draw, Sample
from nn.kernels import exponential
from nn.kernels.arithmetic import promote_float, to_float
from nn.ops.arithmetic import BINARY, pairs, singles, sqrt, where


def _inside(r: Draw) -> list[Sample]:
    return [r.of(r.rng.uniform(-0.9, 0.9, size=(2, 3))), r.of(np.float64(r.rng.uniform(-0.9, 0.9)))]


def _beyond(r: Draw) -> list[Sample]:
    return [r.of(r.rng.uniform(1.2, 3, size=(2, 3))), r.of(np.float64(r.rng.uniform(1.2, 3)))]


def _unary(function: np.ufunc, rule: Any, name: str, samples: Any = singles) -> Op:
    return Unary(function, name=name, operands=("x",), vjp=dict(x=rule), samples=samples, prepare=to_float)


def _binary(function: Any, vjp: dict[str, Any], name: str) -> Op:
    return Binary(function, name=name, operands=BINARY, vjp=vjp, samples=pairs, prepare=promote_float)


def _over_square(a: Any, x: Any, other: Any) -> Any:
    """a / (x^2 + other^2), and 0 at the origin."""
    square = x**2 + other**2
    return a / where(square == 0, 1.0, square)


tan = _unary(np.tan, lambda g, y: g * (1 + y**2), "tan", _inside)
asin = _unary(np.arcsin, lambda g, x: g / sqrt(1 - x**2), "asin", _inside)
acos = _unary(np.arccos, lambda g, x: -g / sqrt(1 - x**2), "acos", _inside)
atan = _unary(np.arctan, lambda g, x: g / (1 + x**2), "atan")
atan2 = _binary(
    np.arctan2,
    dict(
        x=lambda g, x, other: g * _over_square(other, x, other),
        other=lambda g, x, other: -g * _over_square(x, x, other),
    ),
    "atan2",
)
hypot = _binary(
    exponential.hypot,
    dict(x=lambda g, x, y: g * x / y, other=lambda g, other, y: g * other / y),
    "hypot",
)
sinh = _unary(np.sinh, lambda g, x: g * cosh(x), "sinh")
cosh = _unary(np.cosh, lambda g, x: g * sinh(x), "cosh")
asinh = _unary(np.arcsinh, lambda g, x: g / sqrt(1 + x**2), "asinh")
acosh = _unary(np.arccosh, lambda g, x: g / sqrt(x**2 - 1), "acosh", _beyond)
atanh = _unary(np.arctanh, lambda g, x: g / (1 - x**2), "atanh", _inside)
