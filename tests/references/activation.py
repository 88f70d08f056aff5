"""Activations, as their papers write them."""

import math

from references.common import elementwise


def leaky_relu(x, negative_slope=0.01):
    return elementwise(lambda a: a if a > 0 else negative_slope * a)(x)


def elu(x, alpha=1.0, scale=1.0, input_scale=1.0):
    return elementwise(lambda a: scale * (a if a > 0 else alpha * (math.exp(a * input_scale) - 1)))(x)


def elu_backward(g, x, alpha=1.0, scale=1.0, input_scale=1.0):
    return g * elementwise(lambda a: scale * (1 if a > 0 else alpha * input_scale * math.exp(a * input_scale)))(x)


def silu_slope(a):
    s = 1 / (1 + math.exp(-a))
    return s * (1 + a * (1 - s))


def gelu(x, approximate="none"):
    if approximate == "none":
        return elementwise(lambda a: a * (1 + math.erf(a / math.sqrt(2))) / 2)(x)
    return elementwise(lambda a: a * (1 + math.tanh(math.sqrt(2 / math.pi) * (a + 0.044715 * a**3))) / 2)(x)


def gelu_slope(a):
    return (1 + math.erf(a / math.sqrt(2))) / 2 + a * math.exp(-a * a / 2) / math.sqrt(2 * math.pi)


def gelu_tanh_slope(a):
    t = math.tanh(math.sqrt(2 / math.pi) * (a + 0.044715 * a**3))
    return (1 + t) / 2 + a * (1 - t * t) / 2 * math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * a * a)


def gelu_backward(g, x, approximate="none"):
    return g * elementwise(gelu_slope if approximate == "none" else gelu_tanh_slope)(x)


REFERENCES = {
    "hardswish": elementwise(lambda a: a * min(max(a + 3, 0), 6) / 6),
    "hardswish_backward": lambda g, x: g * elementwise(lambda a: 0 if a <= -3 else 1 if a >= 3 else a / 3 + 0.5)(x),
    "leaky_relu": leaky_relu,
    "elu": elu,
    "elu_backward": elu_backward,
    "silu": elementwise(lambda a: a / (1 + math.exp(-a))),
    "silu_backward": lambda g, x: g * elementwise(silu_slope)(x),
    "gelu": gelu,
    "gelu_backward": gelu_backward,
}
