"""Activation kernels, and the factor each puts on a gradient."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.arithmetic import MANY, clamp, keep_bits, masked, where
from nn.kernels.blocks import in_blocks
from nn.kernels.error_function import normal_tail
from nn.kernels.layout import laid_out_as

Array = NDArray[Any]

A, B = math.sqrt(2 / math.pi), 0.044715
"""Of the approximation of GELU by tanh."""

ACROSS = 1 << 14
"""Numbers from which on a gradient is copied before it is multiplied by what lies otherwise in memory."""


def _times(g: Array, factor: Array, out: Array | None) -> Array:
    """g * factor; g is laid out as the factor first, since NumPy copies in a better order than it calculates in."""
    if factor.size >= ACROSS and g.shape == factor.shape and g.strides != factor.strides and 0 not in g.strides:
        g = laid_out_as(factor, g)
    return np.multiply(g, factor, out=out)


def sigmoid(x: Array, *, out: Array | None = None) -> Array:
    """1 / (1 + e^-x); e^-x may become inf, and the result then 0, without a warning."""
    z = np.exp(-x)
    z += x.dtype.type(1)
    return np.reciprocal(z, out=out)


def sigmoid_backward(g: Array, y: Array, *, out: Array | None = None) -> Array:
    """g * y * (1 - y)."""
    factor = np.subtract(1, y, dtype=y.dtype)
    factor = factor * y
    return _times(g, factor, out)


def tanh_backward(g: Array, y: Array, *, out: Array | None = None) -> Array:
    """g * (1 - y^2), which lies in memory as y does."""
    factor = np.asanyarray(np.square(y))  # and not `asarray`: a replay is told of what becomes of the square
    np.subtract(1, factor, out=factor)
    if out is None and factor.shape == np.shape(g):
        out = factor
    return _times(g, factor, out)


def relu(x: Array, *, out: Array | None = None) -> Array:
    """max(x, 0); nan stays nan."""
    kind = x.dtype.type
    if x.size < MANY or x.dtype.kind != "f":
        return np.maximum(x, kind(0), out=out)
    return np.asarray(x.clip(kind(0), kind(np.inf), out))  # NumPy is three times as fast in this as with one bound


def hardtanh(x: Array, *, min: float, max: float, at_nan: bool = True, out: Array | None = None) -> Array:
    """x, but not below min nor above max; nan stays nan, and `at_nan` says whether it gets a gradient."""
    return clamp(x, min=min, max=max, out=out)


def hardswish(x: Array, *, out: Array | None = None) -> Array:
    """x min(max(x + 3, 0), 6) / 6."""
    share = clamp(x + x.dtype.type(3), min=0, max=6)
    share /= x.dtype.type(6)
    return np.multiply(x, share, out=out)


def hardswish_backward(g: Array, x: Array, *, out: Array | None = None) -> Array:
    """g (x / 3 + 1/2) between -3 and 3, 0 from -3 downwards, g from 3 upwards, and of nan."""
    slope = x / x.dtype.type(3)
    slope += x.dtype.type(0.5)
    slope = masked(slope, np.asarray(np.abs(x) < 3))
    slope += ~np.asarray(x < 3)
    return _times(g, slope, out)


def relu_backward(g: Array, y: Array, *, out: Array | None = None) -> Array:
    """0 where y <= 0, g elsewhere: the derivative at 0 is 0, that of nan is 1."""
    off = np.asanyarray(np.less_equal(y, y.dtype.type(0))).view(np.int8)  # as in `tanh_backward`
    return keep_bits(g, np.subtract(off, 1, out=off), out)


def softplus(x: Array, *, out: Array | None = None) -> Array:
    """ln(1 + e^x) = max(x, 0) + ln(1 + e^-|x|)."""
    tail = np.log1p(np.exp(-np.abs(x)))
    return np.add(np.maximum(x, x.dtype.type(0)), tail, out=out)


def leaky_relu(x: Array, *, negative_slope: float = 0.01, out: Array | None = None) -> Array:
    """x above 0, negative_slope * x below."""
    leak = np.multiply(x, x.dtype.type(negative_slope))
    return np.maximum(x, leak, out=out) if 0 <= negative_slope <= 1 else where(x > 0, x, leak, out=out)


def elu(
    x: Array, *, alpha: float = 1.0, scale: float = 1.0, input_scale: float = 1.0, out: Array | None = None
) -> Array:
    """scale * x above 0, scale * alpha * (e^(input_scale x) - 1) below."""
    kind = x.dtype.type
    below = np.expm1(np.minimum(x, kind(0)) * kind(input_scale)) * kind(alpha * scale)
    return where(x > 0, x * kind(scale), below, out=out)


def elu_backward(
    g: Array,
    x: Array,
    *,
    alpha: float = 1.0,
    scale: float = 1.0,
    input_scale: float = 1.0,
    out: Array | None = None,
) -> Array:
    """scale * g above 0, scale * alpha * input_scale * e^(input_scale x) * g below; nan counts as above."""
    kind, most = x.dtype.type, scale * alpha * input_scale
    slope = np.exp(np.fmin(x, kind(0)) * kind(input_scale))
    slope *= kind(most)
    if most != scale:
        slope += ~np.asarray(x <= 0) * kind(scale - most)
    return _times(g, slope, out)


Pair = tuple[Array, Array]

# -- gates: x times a number between 0 and 1 ---------------------------------------------------------------------------


def silu(x: Array, *, out: Array | None = None) -> Array:
    """x s, s = 1 / (1 + e^-x)."""
    return in_blocks(_silu, x, out=(out,))[0]


def _silu(x: Array, y: Array) -> None:
    np.negative(x, out=y)
    np.exp(y, out=y)
    y += 1
    np.true_divide(x, y, out=y)


def silu_backward(g: Array, x: Array, *, out: Array | None = None) -> Array:
    """g s (1 + x (1 - s)), s = 1 / (1 + e^-x)."""
    return in_blocks(_silu_backward, g, x, out=(out,))[0]


def _silu_backward(g: Array, x: Array, y: Array) -> None:
    s = np.negative(x)
    np.exp(s, out=s)
    s += 1
    np.true_divide(1, s, out=s)
    np.subtract(1, s, out=y)
    y *= x
    y += 1
    y *= s
    y *= g


def gelu(x: Array, *, approximate: str = "none", out: Pair | None = None) -> Pair:
    """y = x F(x), F the normal distribution function, and its slope F(x) + x f(x), f = F' the density.

    The gradient needs the slope alone, which costs little beside the value and much when made from x again.

    With "tanh", F(x) is (1 + tanh(a (x + b x^3))) / 2, a = sqrt(2 / pi), b = 0.044715. In float32 y is
    within 2e-7 of its value, relatively where that is above 1, and the slope within 3e-7 (1.5e-6 with "tanh").
    """
    work = _gelu if approximate == "none" else _gelu_tanh
    with np.errstate(over="ignore"):  # of x^2, where the density is 0
        return in_blocks(work, x, results=2, out=out)  # type: ignore[return-value]


def _gelu(x: Array, y: Array, slope: Array) -> None:
    """F(x) = |[x > 0] - F(-|x|)|, which loses no digit of the tail F(-|x|)."""
    tail, bell = normal_tail(np.abs(x))
    share = np.subtract(x > 0, tail, out=tail)
    np.abs(share, out=share)
    np.multiply(x, share, out=y)
    bell *= 1 / math.sqrt(2 * math.pi)
    bell *= x
    np.add(share, bell, out=slope)


def _gelu_tanh(x: Array, y: Array, slope: Array) -> None:
    """With t the tanh: y = x (1 + t) / 2, slope (1 + t) / 2 + x (1 - t^2) / 2 a (1 + 3 b x^2)."""
    near = np.clip(x, -100, 100)  # beyond, t is -1 or 1
    square = near * near
    t = np.tanh(near * (A + A * B * square))
    half = 0.5 + 0.5 * t
    np.multiply(x, half, out=y)
    np.subtract(1, t * t, out=t)
    t *= A / 2 + 1.5 * A * B * square
    t *= x
    np.add(half, t, out=slope)


def gelu_backward(
    g: Array, x: Array, *, approximate: str = "none", slope: Array | None = None, out: Array | None = None
) -> Array:
    """g times the slope of gelu at x, which the forward has kept."""
    return _times(g, gelu(x, approximate=approximate)[1] if slope is None else slope, out)
