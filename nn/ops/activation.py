"""Activation functions. Where the derivative is a function of the result, only the result is kept."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.plain import Binary, Unary
from nn.autograd.samples import Draw, Sample
from nn.kernels import activation as kernels
from nn.kernels.arithmetic import to_float
from nn.ops.arithmetic import clamp, clamp_backward, exp, singles, where
from nn.ops.special import density


def _pairs(r: Draw) -> list[Sample]:
    return [r.normal((2, 3), (2, 3)), r.normal((), ())]


def _bends(r: Draw, operands: int) -> list[Sample]:
    """Places on each side of the bends at -3 and 3."""
    x = np.array([[-4.0, -2.9, -0.3], [1.2, 2.8, 3.3]])
    return [r.of(*[r.rng.normal(size=(2, 3))] * (operands - 1), x)]


sigmoid = Unary(kernels.sigmoid, vjp=dict(x=lambda g, y: sigmoid_backward(g, y)), samples=singles, prepare=to_float)
sigmoid_backward = Binary(
    kernels.sigmoid_backward,
    vjp=dict(
        g=lambda u, y: sigmoid_backward(u, y),
        y=lambda u, g, y: u * g * (1 - 2 * y),
    ),
    samples=_pairs,
)
tanh = Unary(
    np.tanh,
    name="tanh",
    operands=("x",),
    vjp=dict(x=lambda g, y: tanh_backward(g, y)),
    samples=singles,
    prepare=to_float,
)
tanh_backward = Binary(
    kernels.tanh_backward,
    vjp=dict(g=lambda u, y: tanh_backward(u, y), y=lambda u, g, y: -2 * u * g * y),
    samples=_pairs,
)
relu = Unary(kernels.relu, vjp=dict(x=lambda g, y: relu_backward(g, y)), samples=singles)
relu_backward = Binary(kernels.relu_backward, vjp=dict(g=lambda u, y: relu_backward(u, y)), samples=_pairs)
hardtanh = Op(
    kernels.hardtanh,
    vjp=dict(  # strictly between the bounds lies y where x does, and y is kept by the next layer anyway
        x=lambda g, y, min, max, at_nan: clamp_backward(g, y, min=min, max=max, at_bounds=False, at_nan=at_nan)
    ),
    samples=lambda r: [r.distinct((3, 4), min=-0.2, max=0.3), r.distinct((5,), min=-0.2, max=0.3, at_nan=False)],
)
hardswish = Unary(kernels.hardswish, vjp=dict(x=lambda g, x: hardswish_backward(g, x)), samples=lambda r: _bends(r, 1))
hardswish_backward = Binary(
    kernels.hardswish_backward,
    vjp=dict(
        g=lambda u, x: hardswish_backward(u, x),
        x=lambda u, g, x: clamp_backward(u * g / 3, x, min=-3.0, max=3.0, at_bounds=False),
    ),
    samples=lambda r: _bends(r, 2),
)
softplus = Unary(kernels.softplus, vjp=dict(x=lambda g, x: g * sigmoid(x)), samples=singles)


def _leaks(r: Draw) -> list[Sample]:
    return [r.normal((2, 3)), r.normal((), negative_slope=0.3), r.normal((4,), negative_slope=-1.5)]


def _elus(r: Draw) -> list[Sample]:
    return [r.normal((2, 3)), r.normal((), alpha=0.5), r.normal((4,), alpha=1.7, scale=1.05, input_scale=0.5)]


def _elu_curvature(x: Any, alpha: float, scale: float, input_scale: float) -> Any:
    below = alpha * scale * input_scale**2 * exp(input_scale * clamp(x, max=0.0))
    return where(x < 0, below, 0.0)


def _gates(r: Draw) -> list[Sample]:
    return [r.normal((2, 3)), r.normal(()), r.normal((2, 1, 3), approximate="tanh")]


def _gate_pairs(r: Draw) -> list[Sample]:
    return [r.normal((2, 3), (2, 3)), r.normal((), ()), r.normal((2, 3), (2, 3), approximate="tanh")]


def _silu_curvature(x: Any) -> Any:
    """s' (2 + x (1 - 2 s)), s' = s (1 - s)."""
    s = sigmoid(x)
    return s * (1 - s) * (2 + x * (1 - 2 * s))


def _gelu_curvature(x: Any, approximate: str) -> Any:
    """(2 - x^2) f(x); with t = tanh(w): (1 - t^2) (w' + x (w'' / 2 - t w'^2))."""
    if approximate == "none":
        return (2 - x * x) * density(x)
    a, b = kernels.A, kernels.B
    t = tanh(a * (x + b * x * x * x))
    first, second = a * (1 + 3 * b * x * x), 6 * a * b * x
    return (1 - t * t) * (first + x * (second / 2 - t * first * first))


leaky_relu = Op(
    kernels.leaky_relu,
    vjp=dict(x=lambda g, x, negative_slope: where(x > 0, g, negative_slope * g)),
    samples=_leaks,
)
elu = Op(kernels.elu, vjp=dict(x=lambda g, x, **a: elu_backward(g, x, **a)), samples=_elus)
elu_backward = Op(
    kernels.elu_backward,
    vjp=dict(
        g=lambda u, x, **a: elu_backward(u, x, **a),
        x=lambda u, g, x, alpha, scale, input_scale: u * g * _elu_curvature(x, alpha, scale, input_scale),
    ),
    samples=lambda r: [
        r.normal((2, 3), (2, 3)),
        r.normal((), (), alpha=0.5),
        r.normal((4,), (4,), alpha=1.7, scale=1.05, input_scale=0.5),
    ],
)
silu = Unary(
    kernels.silu,
    vjp=dict(x=lambda g, x: silu_backward(g, x)),
    samples=singles,
)
silu_backward = Binary(
    kernels.silu_backward,
    vjp=dict(
        g=lambda u, x: silu_backward(u, x),
        x=lambda u, g, x: u * g * _silu_curvature(x),
    ),
    samples=_pairs,
)
gelu = Op(
    kernels.gelu,
    saves=("slope",),
    vjp=dict(x=lambda g, x, approximate, slope: gelu_backward(g, x, approximate=approximate, slope=slope)),
    samples=_gates,
)
gelu_backward = Op(
    kernels.gelu_backward,
    vjp=dict(
        g=lambda u, x, approximate, slope: gelu_backward(u, x, approximate=approximate, slope=slope),
        x=lambda u, g, x, approximate: u * g * _gelu_curvature(x, approximate),
    ),
    samples=_gate_pairs,
)
