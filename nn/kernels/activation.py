"""Activation kernels, and the factor each puts on a gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.arithmetic import masked, where
from nn.kernels.error_function import ndtr

Array = NDArray[Any]


def sigmoid(x: Array, *, out: Array | None = None) -> Array:
    """1 / (1 + e^-x); e^-x may become inf, and the result then 0, without a warning."""
    z = np.exp(-x)
    z += x.dtype.type(1)
    return np.reciprocal(z, out=out)


def sigmoid_backward(g: Array, y: Array, *, out: Array | None = None) -> Array:
    """g * y * (1 - y)."""
    factor = np.subtract(1, y, dtype=y.dtype)
    factor = factor * y
    return np.multiply(g, factor, out=out)


def tanh_backward(g: Array, y: Array, *, out: Array | None = None) -> Array:
    """g * (1 - y^2)."""
    factor = np.subtract(1, np.square(y), dtype=y.dtype)
    return np.multiply(g, factor, out=out)


def relu(x: Array, *, out: Array | None = None) -> Array:
    """max(x, 0); nan stays nan."""
    return np.maximum(x, x.dtype.type(0), out=out)


def relu_backward(g: Array, y: Array, *, out: Array | None = None) -> Array:
    """0 where y <= 0, g elsewhere: the derivative at 0 is 0, that of nan is 1."""
    return masked(g, np.logical_not(np.less_equal(y, 0)), out=out)


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


def silu(x: Array, *, out: Array | None = None) -> Array:
    """x / (1 + e^-x)."""
    z = np.exp(-x)
    z += x.dtype.type(1)
    return np.true_divide(x, z, out=out)


def gelu(x: Array, *, out: Array | None = None) -> Array:
    """x times the normal distribution function of x."""
    return np.multiply(x, ndtr(x), out=out)
