"""Exponentials and logarithms to other bases than e, and exact near 0. (exp, log, log1p, sqrt and pow: arithmetic.)"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.plain import Unary
from nn.kernels import exponential
from nn.kernels.arithmetic import promote_float, to_float
from nn.ops.activation import sigmoid
from nn.ops.arithmetic import BINARY, pairs, positives, singles

_LN2 = math.log(2)


def _unary(function: np.ufunc, rule: Any, samples: Any) -> Op:
    return Unary(function, name=function.__name__, operands=("x",), vjp=dict(x=rule), samples=samples, prepare=to_float)


exp2 = _unary(np.exp2, lambda g, y: g * y * _LN2, singles)
expm1 = _unary(np.expm1, lambda g, y: g * (y + 1), singles)
log2 = _unary(np.log2, lambda g, x: g / (x * _LN2), positives)
log10 = _unary(np.log10, lambda g, x: g / (x * math.log(10)), positives)
logaddexp = Op(
    exponential.logaddexp,
    name="logaddexp",
    operands=BINARY,
    vjp=dict(x=lambda g, x, other: g * sigmoid(x - other), other=lambda g, x, other: g * sigmoid(other - x)),
    samples=pairs,
    prepare=promote_float,
)
logaddexp2 = Op(
    np.logaddexp2,
    name="logaddexp2",
    operands=BINARY,
    vjp=dict(
        x=lambda g, x, other: g * sigmoid((x - other) * _LN2),
        other=lambda g, x, other: g * sigmoid((other - x) * _LN2),
    ),
    samples=pairs,
    prepare=promote_float,
)
