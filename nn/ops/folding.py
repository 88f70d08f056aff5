"""Folding and unfolding: linear, each the transpose of the other."""

from __future__ import annotations

from typing import Any

from nn.autograd.op import Op
from nn.kernels import folding as kernels

MIXED: dict[str, Any] = dict(kernel_size=(2, 3), stride=(2, 1), padding=(1, 2), dilation=(1, 2))
PLAIN: dict[str, Any] = dict(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1))

im2col = Op(
    kernels.im2col,
    vjp=dict(x=lambda g, x_shape, **a: col2im(g, output_size=x_shape[2:], **a)),
    samples=lambda r: [r.normal((2, 2, 5, 4), **MIXED), r.normal((1, 2, 5, 4), **PLAIN)],
)
col2im = Op(
    kernels.col2im,
    vjp=dict(x=lambda g, output_size, **a: im2col(g, **a)),
    samples=lambda r: [
        r.normal((2, 12, 12), output_size=(5, 4), **MIXED),
        r.normal((1, 8, 4), output_size=(5, 4), **PLAIN),
    ],
)
