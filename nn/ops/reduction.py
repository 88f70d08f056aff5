"""Ops that make axes disappear: sum and the extremes are ops, all else is composed of them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.op import Op
from nn.autograd.samples import Draw, Sample
from nn.autograd.tape import wrap
from nn.kernels import arithmetic as arithmetic_kernels
from nn.kernels import reduction as kernels
from nn.kernels.summation import SINGLE
from nn.ops.arithmetic import abs, cast, exp, isfinite, isnan, log, root, sign, where
from nn.ops.indexing import gather
from nn.ops.precision import in_single
from nn.ops.scan import others
from nn.ops.shape import expand, reshape

Dim = int | tuple[int, ...] | None


def _dims(dim: Dim, rank: int) -> set[int]:
    """The axes that `dim` names, counted from the front; a tensor without axes has none, whatever is named."""
    return (
        set(range(rank)) if dim is None or not rank else {d % rank for d in ((dim,) if isinstance(dim, int) else dim)}
    )


def kept(shape: tuple[int, ...], dim: Dim) -> tuple[int, ...]:
    """The shape after a reduction with keepdim=True."""
    dims = _dims(dim, len(shape))
    return tuple(1 if i in dims else n for i, n in enumerate(shape))


def count(shape: tuple[int, ...], dim: Dim) -> int:
    """How many elements each result of a reduction is made of."""
    return math.prod(shape) if dim is None else math.prod(shape[d] for d in _dims(dim, len(shape)))


def _spread(g: Any, x_shape: tuple[int, ...], dim: Dim) -> Any:
    """g of the reduced shape, seen in the shape before."""
    if dim is None:
        return expand(g, shape=x_shape)
    return expand(reshape(g, shape=kept(x_shape, dim)), shape=x_shape)


@in_single
def _share(g: Any, y: Any, x: Any, dim: Dim) -> Any:
    """g to the extreme elements, shared evenly at a tie."""
    ties = cast(x == reshape(y, shape=kept(x.shape, dim)), dtype=x.dtype)
    return _spread(g, x.shape, dim) * (ties / sum(ties, dim=dim, keepdim=True))


@in_single
def _var_x(g: Any, x: Any, dim: Dim, correction: float) -> Any:
    """2 g times the distance from the mean, over count - correction."""
    freedom = max(count(x.shape, dim) - correction, 0)
    return _spread(g * 2 / freedom, x.shape, dim) * (x - mean(x, dim=dim, keepdim=True))


@in_single
def _prod_x(g: Any, x: Any, dim: int | None) -> Any:
    """g times the product of all others."""
    if dim is None:
        line = reshape(x, shape=(count(x.shape, None),))
        return reshape(_prod_x(reshape(g, shape=()), line, 0), shape=x.shape)
    return _spread(g, x.shape, dim) * others(x, dim=dim)


def _reductions(r: Draw) -> list[Sample]:
    return [
        r.distinct((2, 3)),
        r.distinct((2, 3), dim=0),
        r.distinct((2, 3, 2), dim=(0, -1)),
        r.distinct((2, 3), dim=1, keepdim=True),
        r.distinct(()),
    ]


sum = Op(kernels.sum, vjp=dict(x=lambda g, x_shape, dim: _spread(g, x_shape, dim)), samples=_reductions)
nansum = Op(
    kernels.nansum,
    vjp=dict(x=lambda g, x, dim: where(isnan(x), 0.0, _spread(g, x.shape, dim))),
    samples=lambda r: [
        *_reductions(r),
        r.of(np.array([[1.5, np.nan, 2.0], [np.nan, 0.5, -1.0]]), dim=1),
        r.of(np.array([[1.5, np.nan], [2.0, 0.5]])),
    ],
)
mean = Op(
    kernels.mean,
    vjp=dict(x=lambda g, x_shape, dim: _spread(g * (1 / max(1, count(x_shape, dim))), x_shape, dim)),
    samples=_reductions,
)
var = Op(
    kernels.var,
    vjp=dict(x=_var_x),
    samples=lambda r: [
        r.normal((2, 3)),
        r.normal((2, 3), dim=0, correction=0),
        r.normal((2, 3, 2), dim=(0, -1)),
        r.normal((2, 3), dim=1, keepdim=True),
    ],
)
prod = Op(
    kernels.prod,
    vjp=dict(x=_prod_x),
    samples=lambda r: [
        r.normal((2, 3)),
        r.normal((2, 3), dim=-1),
        r.normal(()),
        r.of(np.array([[1.5, 0.0, 2.0], [0.0, 0.0, -1.0]]), dim=1, keepdim=True),
    ],
)
amax = Op(kernels.amax, vjp=dict(x=_share), samples=_reductions)
amin = Op(kernels.amin, vjp=dict(x=_share), samples=_reductions)
argmax = Op(kernels.argmax, samples=lambda r: [r.distinct((2, 3)), r.distinct((2, 3), dim=1, keepdim=True)])
argmin = Op(kernels.argmin, samples=lambda r: [r.distinct((2, 3)), r.distinct((2, 3), dim=0)])
sum_to_size = Op(
    kernels.sum_to_size,
    vjp=dict(x=lambda g, x_shape: expand(g, shape=x_shape)),
    samples=lambda r: [r.normal((4, 3), size=(3,)), r.normal((2, 4, 3), size=(4, 1)), r.normal((2, 3), size=(2, 3))],
)


# -- composites -------------------------------------------------------------------------------------------------------
@in_single
def std(x: Any, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Any:
    """The square root of the variance; its gradient is 0 where all are equal."""
    square = var(x, dim=dim, correction=correction, keepdim=keepdim)
    if square.dtype == SINGLE and mode.quiet(_overflows, square._array):
        wide = std(cast(x, dtype=np.float64), dim=dim, correction=correction, keepdim=keepdim)
        return cast(wide, dtype=SINGLE)  # which has room for the root of what it has no room for
    return root(square)


def _overflows(squares: Any) -> bool:
    return not squares.max(initial=0) < math.inf


@in_single
def norm(x: Any, p: float, dim: Dim = None, keepdim: bool = False) -> Any:
    """(sum of |x|^p)^(1/p), with gradient 0 where it is 0; the extremes of |x| for p infinite, a count for p = 0."""
    if p in (math.inf, -math.inf):
        return (amax if p > 0 else amin)(abs(x), dim=dim, keepdim=keepdim)
    if p == 0:
        return sum(where(x != 0, 1.0, sign(x)), dim=dim, keepdim=keepdim)  # whose gradient is 0
    if p == 1:
        return sum(abs(x), dim=dim, keepdim=keepdim)
    if p == 2:
        return root(sum(x**2, dim=dim, keepdim=keepdim))
    none = x == 0  # whose slope may be infinite
    size = where(none, 1.0, abs(x)) ** p
    total = sum(where(none, 0.0 if p > 0 else math.inf, size), dim=dim, keepdim=keepdim)
    zero = total == 0
    return where(zero, 0.0 if p > 0 else math.inf, where(zero, 1.0, total) ** (1 / p))


@in_single
def logsumexp(x: Any, dim: Dim, keepdim: bool = False) -> Any:
    """ln of the sum of e^x, shifted by the largest x so that it does not overflow."""
    finite: Any = 0.0  # of nothing the sum is 0 and its logarithm -inf
    shape = x._array.shape
    if count(shape, dim):
        largest = amax(wrap(x._array), dim=dim, keepdim=True)
        finite = wrap(mode.quiet(arithmetic_kernels.finite_or_zero, largest._array))
    total = log(sum(exp(x - finite), dim=dim, keepdim=True)) + finite
    dims = _dims(dim, len(shape))
    return total if keepdim else reshape(total, shape=tuple([n for i, n in enumerate(shape) if i not in dims]))


@in_single
def evenly(x: Any, value: Any) -> Any:
    """`value`, a constant that elements of x have, with its gradient shared evenly among these; nan is a value too."""
    same = isnan(x.detach()) if bool(isnan(value)) else x.detach() == value
    share = sum(where(same, x, 0.0)) / int(sum(same).item())
    return value + (share - share.detach()) if bool(isfinite(value)) else share


def extreme(x: Any, place: Op, dim: int, keepdim: bool) -> tuple[Any, Any]:
    """The values and the indices of the first extreme along dim, `place` being argmax or argmin."""
    if not x.shape:
        return x, place(x)
    indices = place(x, dim=dim, keepdim=True)
    values = gather(x, indices, dim=dim)
    if keepdim:
        return values, indices
    shape = tuple(n for i, n in enumerate(values.shape) if i != dim % len(x.shape))
    return reshape(values, shape=shape), reshape(indices, shape=shape)
