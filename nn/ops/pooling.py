"""Pooling. Max-pooling routes by the place of the largest element, kept from the forward; average pooling is linear."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import pooling as kernels

DISJOINT: dict[str, Any] = dict(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0))
OVERLAPPING: dict[str, Any] = dict(kernel_size=(3, 2), stride=(2, 1), padding=(1, 1))
ONE: dict[str, Any] = dict(dilation=(1, 1))


def _routed(r: Draw, attributes: dict[str, Any], shape: tuple[int, ...], output: tuple[int, ...], back: bool) -> Sample:
    """A sample of what max-pooling's backward (or its transpose) sees."""
    x = r.distinct(shape).operands[0]
    y, place = kernels.max_pool(x, output_size=output, **attributes)
    if back:
        return r.of(r.rng.normal(size=y.shape), place=place, input_size=shape[2:], **attributes)
    return r.of(x, place=place, **attributes)


max_pool = Op(
    kernels.max_pool,
    saves=("place",),
    vjp=dict(
        x=lambda g, place, x_shape, output_size, **a: max_pool_backward(g, place=place, input_size=x_shape[2:], **a)
    ),
    samples=lambda r: [
        r.distinct((2, 2, 4, 4), **DISJOINT, **ONE, output_size=(2, 2)),
        r.distinct((1, 2, 5, 4), **OVERLAPPING, **ONE, output_size=(3, 5)),
        r.distinct((1, 1, 5, 6), **DISJOINT, dilation=(2, 1), output_size=(3, 3)),
        r.distinct((1, 2, 2, 2), kernel_size=(1, 1), stride=(1, 1), padding=(0, 0), **ONE, output_size=(2, 2)),
    ],
)
max_pool_backward = Op(
    kernels.max_pool_backward,
    vjp=dict(g=lambda u, place, input_size, **a: max_pool_pick(u, place=place, **a)),
    samples=lambda r: [
        _routed(r, {**DISJOINT, **ONE}, (2, 2, 4, 4), (2, 2), True),
        _routed(r, {**OVERLAPPING, **ONE}, (1, 2, 5, 4), (3, 5), True),
        _routed(r, {**DISJOINT, **ONE}, (1, 1, 5, 4), (2, 2), True),  # the last row is in no window
    ],
)
max_pool_pick = Op(
    kernels.max_pool_pick,
    vjp=dict(x=lambda g, place, x_shape, **a: max_pool_backward(g, place=place, input_size=x_shape[2:], **a)),
    samples=lambda r: [
        _routed(r, {**DISJOINT, **ONE}, (2, 2, 4, 4), (2, 2), False),
        _routed(r, {**OVERLAPPING, **ONE}, (1, 2, 5, 4), (3, 5), False),
    ],
)
argmax_pool = Op(
    kernels.argmax_pool,
    samples=lambda r: [
        r.distinct((2, 2, 4, 5), places=(np.array([[0, 1], [1, 3]]), np.array([[0, 1, 2], [2, 3, 3], [4, 4, 4]]))),
        r.distinct((1, 2, 5), places=kernels.window_places((5,), (3,), (2,), (2,), (1,), (1,))),
    ],
)
avg_pool = Op(
    kernels.avg_pool,
    vjp=dict(x=lambda g, x_shape, output_size, **a: avg_pool_backward(g, input_size=x_shape[2:], **a)),
    samples=lambda r: [
        r.normal((2, 2, 4, 4), **DISJOINT, output_size=(2, 2)),
        r.normal((1, 2, 5, 4), **OVERLAPPING, output_size=(3, 5), count_include_pad=False),
        r.normal((1, 1, 5, 6), **DISJOINT, output_size=(3, 3)),
        r.normal((1, 1, 4, 4), **DISJOINT, output_size=(2, 2), divisor_override=3),
    ],
)
avg_pool_backward = Op(
    kernels.avg_pool_backward,
    vjp=dict(g=lambda u, g_shape, input_size, **a: avg_pool(u, output_size=g_shape[2:], **a)),
    samples=lambda r: [
        r.normal((2, 2, 2, 2), input_size=(4, 4), **DISJOINT),
        r.normal((1, 2, 3, 5), input_size=(5, 4), **OVERLAPPING, count_include_pad=False),
    ],
)
