"""Elementwise arithmetic, with broadcasting and PyTorch's type promotion."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.plain import Binary, Unary
from nn.autograd.samples import Draw, Sample
from nn.kernels import arithmetic as kernels
from nn.kernels import division

BINARY = ("x", "other")


def pairs(r: Draw) -> list[Sample]:
    """Two operands: alike, broadcasting both ways, without axes, and beside a scalar."""
    return [
        r.normal((2, 3), (2, 3)),
        r.normal((3, 1), (4,)),
        r.normal((), (2, 2)),
        r.normal((), ()),
        r.of(r.rng.normal(size=(2, 3)), 1.5),
        r.of(np.float64(r.rng.normal()), 2.5),
    ]


def singles(r: Draw) -> list[Sample]:
    """One operand."""
    return [r.normal((2, 3)), r.normal(()), r.normal((2, 1, 3))]


def positives(r: Draw) -> list[Sample]:
    """One operand above zero."""
    return [r.positive((2, 3)), r.positive(())]


def _unary(function: np.ufunc, vjp: dict[str, Any], name: str, samples: Any = singles, prepare: Any = None) -> Op:
    return Unary(function, name=name, operands=("x",), vjp=vjp, samples=samples, prepare=prepare)


def _binary(
    function: np.ufunc, vjp: dict[str, Any], name: str, samples: Any = pairs, prepare: Any = kernels.promote
) -> Op:
    return Binary(function, name=name, operands=BINARY, vjp=vjp, samples=samples, prepare=prepare)


# -- the four operations ----------------------------------------------------------------------------------------------
add = _binary(np.add, dict(x=lambda g: g, other=lambda g: g), "add")
sub = _binary(np.subtract, dict(x=lambda g: g, other=lambda g: -g), "sub", prepare=kernels.promote_difference)
mul = _binary(np.multiply, dict(x=lambda g, other: g * other, other=lambda g, x: g * x), "mul")
div = Binary(
    kernels.div,
    vjp=dict(x=lambda g, other: g / other, other=lambda g, x, other: -g * (x / other / other)),  # other**2 may overflow
    samples=lambda r: [
        r.positive((2, 3), (2, 3)),
        r.positive((3, 1), (4,)),
        r.of(r.rng.normal(size=(2, 3)), 1.5),
        r.of(1.5, r.rng.uniform(0.5, 2, size=3)),
    ],
    prepare=kernels.promote_float,
)
neg = _unary(np.negative, dict(x=lambda g: -g), "neg")


# -- division with a rest: the quotient is constant between its jumps -------------------------------------------------
def _quotients(r: Draw) -> list[Sample]:
    """Quotients of every sign, none of them near a whole number."""
    x = np.array([[2.3, -1.7, 0.9], [-5.2, 4.4, -0.3]])
    return [r.of(x, np.array([1.1, 0.7, -0.8])), r.of(x, 1.5), r.of(2.2, x)]


def _division(kernel: Any, vjp: dict[str, Any], name: str) -> Op:
    return Op(kernel, vjp=vjp, name=name, operands=BINARY, samples=_quotients, prepare=kernels.promote_divisor)


_FLAT = dict(x=lambda g: zeros_like(g), other=lambda g: zeros_like(g))
floor_divide = _division(division.floor_divide, _FLAT, "floor_divide")
trunc_divide = _division(kernels.trunc_divide, _FLAT, "trunc_divide")
remainder = _division(
    division.remainder, dict(x=lambda g: g, other=lambda g, x, other: -g * floor_divide(x, other)), "remainder"
)
fmod = _division(division.fmod, dict(x=lambda g: g, other=lambda g, x, other: -g * trunc_divide(x, other)), "fmod")


# -- powers, exponentials, logarithms ---------------------------------------------------------------------------------
def _pow_x(g: Any, x: Any, other: Any) -> Any:
    """d x^a = a x^(a-1), and 0 for a = 0 whatever x is; written so that no branch not taken can give nan."""
    if isinstance(other, int | float):
        if other == 0:
            return g * 0
        if other == 2:
            return x * g * 2  # 2 x may overflow where x does not, and g may be 0
        power = pow(x, other - 1)  # the op: NumPy's own takes logarithms
        return g * (power * other)  # g comes last, since it may be one number seen many times: slow to multiply by one
    zero = other == 0
    return g * where(zero, 0.0, other * x ** where(zero, 1.0, other - 1))


def _pow_other(g: Any, y: Any, x: Any, other: Any) -> Any:
    """d a^x = a^x ln a, and 0 at 0^x for x >= 0."""
    if isinstance(x, int | float):  # a Python number: its logarithm must not choose a dtype
        if x == 0:
            return g * where(other >= 0, 0.0, y * -math.inf)
        return g * y * (math.log(x) if x > 0 else math.nan)
    flat = (x == 0) & (other >= 0)
    return g * where(flat, 0.0, y * log(where(flat, 1.0, x)))


def _root_x(g: Any, y: Any) -> Any:
    """g / (2 sqrt(x)), and 0 where x is 0."""
    zero = y == 0
    return g * where(zero, 0.0, 0.5 / where(zero, 1.0, y))


pow = Binary(
    kernels.pow,
    vjp=dict(x=_pow_x, other=_pow_other),
    samples=lambda r: [
        r.positive((2, 3), (3,)),
        r.of(r.rng.normal(size=(2, 3)), 2),
        r.of(r.rng.normal(size=(2, 3)), 3.0),
        r.of(r.rng.normal(size=(2, 3)), 1),
        r.of(r.rng.normal(size=(2, 3)), 0),
        r.of(r.rng.normal(size=(2, 3)), 4),
        r.of(r.rng.normal(size=(2, 3)), 5),
        r.of(2.0, r.rng.normal(size=3)),
        *(r.of(r.rng.uniform(0.5, 2, size=3), exponent) for exponent in (0.5, 1.5, 0.3, -0.5, -1, -1.5, -2)),
        r.of(np.float64(r.rng.uniform(0.5, 2)), -0.5),
    ],
    prepare=kernels.promote,
)
exp = Unary(kernels.exp, vjp=dict(x=lambda g, y: g * y), samples=singles, prepare=kernels.to_float)
log = Unary(kernels.log, vjp=dict(x=lambda g, x: g / x), samples=positives, prepare=kernels.to_float)
log1p = _unary(np.log1p, dict(x=lambda g, x: g / (1 + x)), "log1p", positives, kernels.to_float)
sqrt = Unary(kernels.sqrt, vjp=dict(x=lambda g, y: g / (2 * y)), samples=positives, prepare=kernels.to_float)
root = Unary(kernels.root, vjp=dict(x=_root_x), samples=positives, prepare=kernels.to_float)
sin = _unary(np.sin, dict(x=lambda g, x: g * cos(x)), "sin", prepare=kernels.to_float)
cos = _unary(np.cos, dict(x=lambda g, x: -g * sin(x)), "cos", prepare=kernels.to_float)

# -- kinks: the derivative is 0 at abs(0), shared evenly at a tie, and 1 at the bounds of clamp -----------------------
zeros_like = Op(kernels.zeros_like, samples=singles)
sign = Op(kernels.sign, vjp=dict(x=lambda g: zeros_like(g)), samples=singles)
abs = _unary(np.absolute, dict(x=lambda g, x: g * sign(x)), "abs")


def distinct_pairs(r: Draw) -> list[Sample]:
    """Two operands without equal values."""
    return [r.distinct((2, 3), (2, 3)), r.distinct((3, 1), (4,)), r.distinct((2, 2), ())]


def _won(g: Any, x: Any, other: Any) -> Any:
    """g where x wins, half of it at a tie, and 0 elsewhere, even where g is infinite."""
    return where(x < other, 0.0, g * wins(x, other))


wins = Op(kernels.wins, samples=distinct_pairs, prepare=kernels.promote)
maximum = _binary(
    np.maximum,
    dict(x=lambda g, x, other: _won(g, x, other), other=lambda g, x, other: _won(g, other, x)),
    "maximum",
    distinct_pairs,
)
minimum = _binary(
    np.minimum,
    dict(x=lambda g, x, other: _won(g, other, x), other=lambda g, x, other: _won(g, x, other)),
    "minimum",
    distinct_pairs,
)


def _bounded(r: Draw) -> list[Sample]:
    return [
        r.distinct((3, 4), min=-0.2, max=0.3),
        r.distinct((5,), min=0.0),
        r.distinct((5,), max=0.0),
        r.distinct((), min=0),
    ]


clamp = Op(
    kernels.clamp,
    vjp=dict(x=lambda g, x, min, max: clamp_backward(g, x, min=min, max=max)),
    samples=_bounded,
)
clamp_backward = Op(
    kernels.clamp_backward,
    vjp=dict(g=lambda u, x, **a: clamp_backward(u, x, **a)),
    samples=lambda r: [
        r.distinct((3, 4), (3, 4), min=-0.2, max=0.3),
        r.distinct((5,), (5,), min=0.0),
        r.distinct((5,), (5,), min=-0.2, max=0.3, at_bounds=False),
        r.distinct((5,), (5,), min=-0.2, max=0.3, at_bounds=False, at_nan=True),
    ],
)
nan_to_num = Op(
    kernels.nan_to_num,
    vjp=dict(x=lambda g, x: where(isfinite(x), g, 0.0)),
    samples=lambda r: [r.normal((2, 3)), r.of(np.array([1.0, -2.0]), nan=3.0, posinf=4.0, neginf=5.0)],
)

# -- choices and comparisons ------------------------------------------------------------------------------------------
where = Op(
    kernels.where,
    vjp=dict(
        x=lambda g, condition: where(condition, g, 0.0),
        other=lambda g, condition: where(condition, 0.0, g),
    ),
    samples=lambda r: [
        r.of(r.rng.random((2, 3)) < 0.5, r.rng.normal(size=(2, 3)), r.rng.normal(size=(2, 3))),
        r.of(r.rng.random((3, 1)) < 0.5, r.rng.normal(size=(4,)), np.float64(r.rng.normal())),
        r.of(r.rng.random(3) < 0.5, r.rng.normal(size=3), 0.0),
    ],
    prepare=lambda condition, x, other: (condition, *kernels.promote_scalars(x, other)),
)
equal = _binary(np.equal, {}, "equal")
not_equal = _binary(np.not_equal, {}, "not_equal")
less = _binary(np.less, {}, "less")
less_equal = _binary(np.less_equal, {}, "less_equal")
greater = _binary(np.greater, {}, "greater")
greater_equal = _binary(np.greater_equal, {}, "greater_equal")
logical_and = Op(np.logical_and, name="logical_and", operands=BINARY, samples=pairs)
logical_not = _unary(np.logical_not, {}, "logical_not")
logical_or = Op(np.logical_or, name="logical_or", operands=BINARY, samples=pairs)
logical_xor = Op(np.logical_xor, name="logical_xor", operands=BINARY, samples=pairs)
isnan = _unary(np.isnan, {}, "isnan")
isinf = _unary(np.isinf, {}, "isinf")
isfinite = _unary(np.isfinite, {}, "isfinite")
signbit = _unary(np.signbit, {}, "signbit")
nextafter = _binary(np.nextafter, {}, "nextafter")
cast = Op(
    kernels.cast,
    vjp=dict(x=lambda g: g),  # the engine gives each gradient its operand's dtype
    samples=lambda r: [r.normal((2, 3), dtype=np.float64)],
)
