"""Activation functions. Where the derivative is a function of the result, only the result is kept."""

from __future__ import annotations

import numpy as np

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import activation as kernels
from nn.kernels.arithmetic import to_float
from nn.ops.arithmetic import mul, singles, sub


def _pairs(r: Draw) -> list[Sample]:
    return [r.normal((2, 3), (2, 3)), r.normal((), ())]


sigmoid = Op(kernels.sigmoid, vjp=dict(x=lambda g, y: sigmoid_backward(g, y)), samples=singles, prepare=to_float)
sigmoid_backward = Op(
    kernels.sigmoid_backward,
    vjp=dict(
        g=lambda u, y: sigmoid_backward(u, y),
        y=lambda u, g, y: mul(mul(u, g), sub(1, mul(y, 2))),
    ),
    samples=_pairs,
)
tanh = Op(
    np.tanh,
    name="tanh",
    operands=("x",),
    vjp=dict(x=lambda g, y: tanh_backward(g, y)),
    samples=singles,
    prepare=to_float,
)
tanh_backward = Op(
    kernels.tanh_backward,
    vjp=dict(g=lambda u, y: tanh_backward(u, y), y=lambda u, g, y: mul(mul(u, g), mul(y, -2))),
    samples=_pairs,
)
relu = Op(kernels.relu, vjp=dict(x=lambda g, y: relu_backward(g, y)), samples=singles)
relu_backward = Op(kernels.relu_backward, vjp=dict(g=lambda u, y: relu_backward(u, y)), samples=_pairs)
softplus = Op(kernels.softplus, vjp=dict(x=lambda g, x: mul(g, sigmoid(x))), samples=singles)
