"""Partial results along an axis: sums, products and extremes of all up to each; and differences, their inverse."""

from __future__ import annotations

from typing import Any

from numpy.typing import DTypeLike

from nn.errors import RangeError, ShapeError
from nn.ops import arithmetic, shape
from nn.ops import reduction as reduction_ops
from nn.ops import scan as ops
from nn.ops.precision import in_single
from nn.tensors import checks
from nn.tensors.methods import in_place, method
from nn.tensors.reduction import ValuesIndices, values_indices
from nn.tensors.tensor import Tensor

__all__ = [
    "cummax",
    "cummin",
    "cumprod",
    "cumsum",
    "cumulative_trapezoid",
    "diff",
    "logcumsumexp",
    "trapezoid",
    "trapz",
]


def _scanned(op: Any, input: Tensor, dim: int, dtype: DTypeLike | None, caller: str) -> Tensor:
    x = checks.tensor(input, caller) if dtype is None else checks.tensor(input, caller).to(dtype)
    dim = shape.axis(dim, x.ndim, caller)
    y = op(x, dim=dim) if x.ndim else shape.reshape(op(shape.reshape(x, shape=(1,)), dim=0), shape=())
    return y if dtype is None else y.to(dtype)


@in_place
@method
def cumsum(input: Tensor, dim: int, *, dtype: DTypeLike | None = None) -> Tensor:
    """The sums of all up to each, computed in `dtype`; integers make int64.

    Example:
        >>> import nn
        >>> nn.cumsum(nn.tensor([1.0, 2.0, 3.0]), 0)
        tensor([1., 3., 6.])
    """
    return _scanned(ops.cumsum, input, dim, dtype, "cumsum")


@in_place
@method
def cumprod(input: Tensor, dim: int, *, dtype: DTypeLike | None = None) -> Tensor:
    """The products of all up to each; the gradient is right where elements are 0, too.

    Example:
        >>> import nn
        >>> nn.cumprod(nn.tensor([1.0, 2.0, 3.0]), 0)
        tensor([1., 2., 6.])
    """
    return _scanned(ops.cumprod, input, dim, dtype, "cumprod")


@method
def logcumsumexp(input: Tensor, dim: int) -> Tensor:
    """ln of the sums of e^x of all up to each, which does not overflow.

    Example:
        >>> import nn
        >>> nn.logcumsumexp(nn.tensor([1000.0, 1000.0]), 0)
        tensor([1000.0000, 1000.6932])
    """
    return _scanned(ops.logcumsumexp, checks.floating(input, "logcumsumexp"), dim, None, "logcumsumexp")


def _best(op: Any, input: Tensor, dim: int, caller: str) -> ValuesIndices:
    x = checks.tensor(input, caller)
    dim = shape.axis(dim, x.ndim, caller)
    line = x if x.ndim else shape.reshape(x, shape=(1,))
    indices = op(line.detach(), dim=dim)
    values = ops.held(line, indices, dim=dim)
    return values_indices(caller)(*(shape.reshape(t, shape=x.shape) for t in (values, indices)))


@method
def cummax(input: Tensor, dim: int) -> ValuesIndices:
    """The largest of all up to each, and where it is (the last of equals, which gets the gradient).

    Example:
        >>> import nn
        >>> nn.cummax(nn.tensor([1.0, 3.0, 2.0]), 0)
        ValuesIndices(values=tensor([1., 3., 3.]), indices=tensor([0, 1, 1]))
    """
    return _best(ops.argcummax, input, dim, "cummax")


@method
def cummin(input: Tensor, dim: int) -> ValuesIndices:
    """The smallest of all up to each, and where it is (the last of equals, which gets the gradient).

    Example:
        >>> import nn
        >>> nn.cummin(nn.tensor([2.0, 3.0, 1.0]), 0)
        ValuesIndices(values=tensor([2., 2., 1.]), indices=tensor([0, 0, 2]))
    """
    return _best(ops.argcummin, input, dim, "cummin")


def _ends(x: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """All but the last, and all but the first, along an axis."""
    length = max(x.shape[dim] - 1, 0)
    start = min(x.shape[dim], 1)
    return shape.narrow(x, dim=dim, start=0, length=length), shape.narrow(x, dim=dim, start=start, length=length)


@method
def diff(
    input: Tensor, n: int = 1, dim: int = -1, prepend: Tensor | None = None, append: Tensor | None = None
) -> Tensor:
    """The differences of neighbours along an axis, n times over; of booleans, where they differ.

    Args:
        input: x, with one axis at least.
        n: how often.
        dim: the axis.
        prepend: what to put before x first.
        append: what to put behind x first.

    Raises:
        ShapeError: the input has no axis.

    Example:
        >>> import nn
        >>> nn.diff(nn.tensor([1.0, 4.0, 9.0]))
        tensor([3., 5.])
    """
    x = checks.tensor(input, "diff")
    if not x.ndim:
        raise ShapeError("diff: expected an axis, the input has none; reshape it first")
    if n < 0:
        raise RangeError(f"diff: n must be 0 or more, got {n}")
    dim = shape.axis(dim, x.ndim, "diff")
    parts = [t for t in (prepend, x, append) if t is not None]
    if not n:
        return shape.clone(x)
    x = shape.cat(parts, dim) if len(parts) > 1 else x
    for _ in range(n):
        first, second = _ends(x, dim)
        x = arithmetic.logical_xor(first, second) if x.dtype.kind == "b" else second - first
    return x


@in_single
def trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The area under straight lines through the points (x, y), along an axis; dx apart where no x is given.

    Example:
        >>> import nn
        >>> nn.trapezoid(nn.tensor([1.0, 2.0, 4.0]))
        tensor(4.5000)
    """
    if x is None and checks.tensor(y, "trapezoid").ndim and y.shape[dim]:  # all points, but half of the first and last
        dim = shape.axis(dim, y.ndim, "trapezoid")
        ends: Any = [shape.narrow(y, dim=dim, start=i, length=1) for i in (0, y.shape[dim] - 1)]
        total: Any = reduction_ops.sum(y, dim=dim)
        return (total - shape.reshape(ends[0] + ends[1], shape=total.shape) / 2) * dx
    return reduction_ops.sum(_areas(y, x, dx, dim, "trapezoid"), dim=shape.axis(dim, y.ndim, "trapezoid"))


trapz = trapezoid


@in_single
def cumulative_trapezoid(y: Tensor, x: Tensor | None = None, *, dx: float = 1, dim: int = -1) -> Tensor:
    """The areas of `trapezoid` up to each point but the first.

    Example:
        >>> import nn
        >>> nn.cumulative_trapezoid(nn.tensor([1.0, 2.0, 4.0]))
        tensor([1.5000, 4.5000])
    """
    areas = _areas(y, x, dx, dim, "cumulative_trapezoid")
    return ops.cumsum(areas, dim=shape.axis(dim, y.ndim, "cumulative_trapezoid"))


def _areas(y: Tensor, x: Tensor | None, dx: float, dim: int, caller: str) -> Tensor:
    if not checks.tensor(y, caller).ndim:
        raise ShapeError(f"{caller}: expected an axis, y has none; reshape it first")
    dim = shape.axis(dim, y.ndim, caller)
    first, second = _ends(y, dim)
    width: Any = dx
    if x is not None:
        width = diff(checks.tensor(x, caller, "x"), 1, -1 if x.ndim == 1 else dim)
        if x.ndim == 1:
            width = shape.reshape(width, shape=(-1,) + (1,) * (y.ndim - 1 - dim))
    return (first + second) * width / 2
