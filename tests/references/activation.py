"""Activations, as their papers write them."""

import math

from references.common import elementwise


def leaky_relu(x, negative_slope=0.01):
    return elementwise(lambda a: a if a > 0 else negative_slope * a)(x)


def elu(x, alpha=1.0, scale=1.0, input_scale=1.0):
    return elementwise(lambda a: scale * (a if a > 0 else alpha * (math.exp(a * input_scale) - 1)))(x)


REFERENCES = {
    "leaky_relu": leaky_relu,
    "elu": elu,
    "silu": elementwise(lambda a: a / (1 + math.exp(-a))),
    "gelu": elementwise(lambda a: a * (1 + math.erf(a / math.sqrt(2))) / 2),
}
