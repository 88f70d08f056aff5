"""Convolution is bilinear: three maps, each a transpose of another. The set is closed under vjp, so any order works."""

from __future__ import annotations

from typing import Any

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import convolution as kernels
from nn.ops.reduction import sum
from nn.ops.shape import narrow

ROWS: dict[str, Any] = dict(stride=(2, 1), padding=(1, 0), dilation=(1, 2))
PLAIN: dict[str, Any] = dict(stride=(1, 1), padding=(0, 0), dilation=(1, 1))
DEPTHWISE: dict[str, Any] = dict(stride=(1, 2), padding=(1, 0), dilation=(1, 1), groups=3)
STRIPS: dict[str, Any] = dict(stride=(1, 1), padding=(1, 0), dilation=(1, 2))
APART: dict[str, Any] = dict(stride=(1, 2), padding=(0, 0), dilation=(1, 1))
MIXED: dict[str, Any] = dict(stride=(2, 1), padding=(1, 2), dilation=(1, 2), groups=2)


def _convs(r: Draw) -> list[Sample]:
    return [
        r.normal((2, 2, 4, 4), (3, 2, 3, 2), (3,), **PLAIN),
        r.normal((2, 4, 5, 4), (2, 2, 2, 3), **MIXED),
        r.normal((2, 3, 4, 5), (3, 1, 2, 3), (3,), **DEPTHWISE),
        r.normal((2, 8, 1, 34), (8, 8, 2, 2), (8,), **ROWS),
        r.normal((2, 8, 1, 34), (8, 8, 1, 3), (8,), **PLAIN),
        r.normal((2, 2, 5), (2, 2, 2), (2,), stride=(2,), padding=(0,), dilation=(1,)),
        r.normal((2, 4, 2, 3), (2, 2, 1, 1), **PLAIN, groups=2),
        r.normal((2, 3, 2, 3), (2, 3, 2, 3), (2,), **PLAIN),
        r.normal((2, 1, 2, 34), (2, 1, 2, 2), (2,), **STRIPS),
        r.normal((4, 1, 4, 32), (1, 1, 2, 2), **APART),
    ]


def _inputs(r: Draw) -> list[Sample]:
    return [
        r.normal((2, 3, 2, 3), (3, 2, 3, 2), input_size=(4, 4), **PLAIN),
        r.normal((2, 2, 3, 4), (2, 2, 2, 3), input_size=(5, 4), **MIXED),
        r.normal((2, 3, 5, 2), (3, 1, 2, 3), input_size=(4, 5), **DEPTHWISE),
        r.normal((2, 8, 1, 32), (8, 8, 1, 2), input_size=(1, 33), **PLAIN),
        r.normal((2, 8, 1, 32), (8, 8, 1, 3), input_size=(1, 32), **{**PLAIN, "padding": (0, 1)}),
        r.normal((2, 9, 1, 32), (9, 8, 2, 3), input_size=(2, 34), **PLAIN),
        r.normal((2, 1, 2), (1, 2, 2), input_size=(5,), stride=(1,), padding=(0,), dilation=(2,)),
        r.normal((2, 2, 2, 3), (2, 2, 1, 1), input_size=(2, 3), **PLAIN, groups=2),
        r.normal((2, 2, 1, 1), (2, 3, 2, 3), input_size=(2, 3), **PLAIN),
        r.normal((2, 2, 3, 32), (2, 1, 2, 2), input_size=(2, 34), **STRIPS),
        r.normal((2, 1, 3, 32), (1, 2, 2, 2), input_size=(4, 33), **PLAIN),
    ]


def _weights(r: Draw) -> list[Sample]:
    return [
        r.normal((2, 2, 4, 4), (2, 3, 2, 3), kernel_size=(3, 2), **PLAIN),
        r.normal((2, 4, 5, 4), (2, 2, 3, 4), kernel_size=(2, 3), **MIXED),
        r.normal((2, 3, 4, 5), (2, 3, 5, 2), kernel_size=(2, 3), **DEPTHWISE),
        r.normal((2, 8, 1, 34), (2, 8, 1, 32), kernel_size=(2, 2), **ROWS),
        r.normal((2, 8, 1, 34), (2, 8, 1, 32), kernel_size=(1, 3), **PLAIN),
        r.normal((2, 2, 5), (2, 1, 2), kernel_size=(2,), stride=(1,), padding=(0,), dilation=(2,)),
        r.normal((2, 4, 2, 3), (2, 2, 2, 3), kernel_size=(1, 1), **PLAIN, groups=2),
        r.normal((2, 3, 2, 3), (2, 2, 1, 1), kernel_size=(2, 3), **PLAIN),
        r.normal((2, 1, 2, 34), (2, 2, 3, 32), kernel_size=(2, 2), **STRIPS),
        r.normal((4, 1, 4, 32), (4, 1, 3, 16), kernel_size=(2, 2), **APART),
    ]


def _first(y: Any, shape: tuple[int, ...]) -> Any:
    """The windows that there were: with an output padding of a whole stride, more of them fit than were laid down."""
    for dim, length in enumerate(shape):
        if y.shape[dim] != length:
            y = narrow(y, dim=dim, start=0, length=length)
    return y


conv = Op(
    kernels.conv,
    vjp=dict(
        x=lambda g, x_shape, weight, **a: conv_input_backward(g, weight, input_size=x_shape[2:], **a),
        weight=lambda g, x, weight_shape, **a: conv_weight_backward(x, g, kernel_size=weight_shape[2:], **a),
        bias=lambda g: sum(g, dim=(0, *range(2, len(g.shape)))),
    ),
    samples=_convs,
)
conv_input_backward = Op(
    kernels.conv_input_backward,
    vjp=dict(
        g=lambda u, g_shape, weight, input_size, **a: _first(conv(u, weight, **a), g_shape),
        weight=lambda u, g, weight_shape, input_size, **a: conv_weight_backward(
            u, g, kernel_size=weight_shape[2:], **a
        ),
    ),
    samples=_inputs,
)
conv_weight_backward = Op(
    kernels.conv_weight_backward,
    vjp=dict(
        x=lambda u, g, x_shape, kernel_size, **a: conv_input_backward(g, u, input_size=x_shape[2:], **a),
        g=lambda u, g_shape, x, kernel_size, **a: _first(conv(x, u, **a), g_shape),
    ),
    samples=_weights,
)
