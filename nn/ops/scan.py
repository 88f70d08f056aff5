"""Ops that keep every partial result along an axis.

The gradient of a scan runs backwards: each x gets what all later results hand back, S[k] = g[k] + a[k+1] S[k+1]. That
is a `linear_recurrence`, whose own derivatives are recurrences; written so, no rule divides by an x that may be 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.kernels import scan as kernels
from nn.kernels.summation import DOUBLE
from nn.ops.arithmetic import cast, exp, isinf, where, zeros_like
from nn.ops.indexing import scatter_add
from nn.ops.shape import concatenate, flip, narrow


def shifted(x: Any, dim: int, fill: float, back: bool = False) -> Any:
    """x moved one place along an axis (or one back), with `fill` in the place that becomes free."""
    n = x.shape[dim]
    if n == 0:
        return x
    edge = zeros_like(narrow(x, dim=dim, start=0, length=1)) + fill
    rest = narrow(x, dim=dim, start=int(back), length=n - 1)
    if back:
        return concatenate(rest, edge, dim=dim, starts=(0, n - 1, n))
    return concatenate(edge, rest, dim=dim, starts=(0, 1, n))


def _alongs(r: Draw) -> list[Sample]:
    return [r.normal((4,), dim=0), r.normal((2, 3), dim=-1), r.distinct((3, 2, 2), dim=0)]


def _long_alongs(r: Draw) -> list[Sample]:
    """With a row that is searched block by block."""
    return [*_alongs(r), r.normal((2, 160), dim=1)]


def _recurrences(r: Draw) -> list[Sample]:
    shapes: tuple[Any, ...] = ((4, 2), (4, 2))
    return [r.normal(*shapes, dim=0), r.normal(*shapes, dim=-1), r.normal(*shapes, dim=0, reverse=True)]


def _recurrence_x(g: Any, decay: Any, dim: int, reverse: bool) -> Any:
    return linear_recurrence(shifted(decay, dim, 0, back=not reverse), g, dim=dim, reverse=not reverse)


def _recurrence_decay(g: Any, y: Any, decay: Any, dim: int, reverse: bool) -> Any:
    return _recurrence_x(g, decay, dim, reverse) * shifted(y, dim, 0, back=reverse)


def _cumprod_x(g: Any, x: Any, y: Any, dim: int) -> Any:
    """The product of all before x[k], times what later results make of it."""
    later = linear_recurrence(shifted(x, dim, 0, back=True), g, dim=dim, reverse=True)
    return shifted(y, dim, 1) * later


def _logcumsumexp_x(g: Any, x: Any, dim: int) -> Any:
    """Sum of g[j] e^(x[k] - y[j]) over j >= k. As y grows with k, no factor here is above 1.

    An infinite y that counts has no slope: nan, as in PyTorch. In float64: what y has lost by rounding would be lost in
    every factor.
    """
    g, x = cast(g, dtype=DOUBLE), cast(x, dtype=DOUBLE)
    y = logcumsumexp(x, dim=dim)
    n = x.shape[dim]
    if n > 1:
        first, second = narrow(y, dim=dim, start=0, length=n - 1), narrow(y, dim=dim, start=1, length=n - 1)
        step = exp(where(isinf(first) & (first == second), 0.0, first - second))
        edge = zeros_like(narrow(y, dim=dim, start=0, length=1))
        g = linear_recurrence(concatenate(step, edge, dim=dim, starts=(0, n - 1, n)), g, dim=dim, reverse=True)
    return where(isinf(y) & (g == 0), 0.0, g * exp(x - y))


def _others_x(g: Any, x: Any, dim: int) -> Any:
    """Sum of g[i] times the product of all x but those of i and k, over i before k and i after k.

    With the products A of all before k and B of all after it, and the sums a and b of such products with one factor
    replaced by its g, that is a B + A b; each is a recurrence.
    """
    before = shifted(cumprod(x, dim=dim), dim, 1)
    after = shifted(flip(cumprod(flip(x, dims=(dim,)), dim=dim), dims=(dim,)), dim, 1, back=True)
    left = shifted(linear_recurrence(x, g * before, dim=dim), dim, 0)
    right = shifted(linear_recurrence(x, g * after, dim=dim, reverse=True), dim, 0, back=True)
    return left * after + before * right


linear_recurrence = Op(
    kernels.linear_recurrence, vjp=dict(x=_recurrence_x, decay=_recurrence_decay), samples=_recurrences
)
cumsum = Op(
    kernels.cumsum,
    vjp=dict(x=lambda g, dim, reverse: cumsum(g, dim=dim, reverse=not reverse)),
    samples=lambda r: [*_alongs(r), r.normal((4, 2), dim=0, reverse=True)],
)
cumprod = Op(
    kernels.cumprod,
    vjp=dict(x=_cumprod_x),
    samples=lambda r: [*_alongs(r), r.of(r.rng.normal(size=(2, 4)) * [1, 0, 1, 0], dim=1)],
)
logcumsumexp = Op(kernels.logcumsumexp, vjp=dict(x=_logcumsumexp_x), samples=_alongs)
others = Op(
    kernels.others,
    vjp=dict(x=_others_x),
    samples=lambda r: [
        *_alongs(r),
        r.of(r.rng.normal(size=(2, 4)) * [[1, 0, 1, 1], [1, 0, 0, 1]], dim=1),
    ],
)
held = Op(
    kernels.held,
    vjp=dict(x=lambda g, x_shape, index, dim: scatter_add(g, index, dim=dim, shape=x_shape)),
    samples=lambda r: [
        r.of(r.rng.normal(size=(3, 4)), np.array([[0, 0, 2, 3], [0, 1, 1, 1], [0, 0, 0, 0]]), dim=-1),
        r.of(r.rng.normal(size=(4, 2)), np.array([[0, 0], [0, 1], [2, 1], [2, 3]]), dim=0),
    ],
)
argcummax = Op(kernels.argcummax, samples=_long_alongs)
argcummin = Op(kernels.argcummin, samples=_long_alongs)
