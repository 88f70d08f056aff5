"""Elementwise functions of tensors."""

from __future__ import annotations

from typing import Any

from nn.errors import RangeError
from nn.functional import checks
from nn.ops import arithmetic as ops
from nn.tensor import Tensor, in_place, method

__all__ = [
    "abs",
    "add",
    "clamp",
    "cos",
    "div",
    "exp",
    "isnan",
    "log",
    "log1p",
    "maximum",
    "minimum",
    "mul",
    "neg",
    "pow",
    "sign",
    "sin",
    "sqrt",
    "square",
    "sub",
    "where",
]


@in_place
@method
def neg(input: Tensor) -> Tensor:
    """-x.

    Example:
        >>> import nn
        >>> nn.neg(nn.tensor([1.0, -2.0]))
        tensor([-1.,  2.])
    """
    return ops.neg(checks.tensor(input, "neg"))


@in_place
@method
def abs(input: Tensor) -> Tensor:
    """The absolute value; its derivative at 0 is 0.

    Example:
        >>> import nn
        >>> nn.abs(nn.tensor([1.0, -2.0]))
        tensor([1., 2.])
    """
    return ops.abs(checks.tensor(input, "abs"))


@in_place
@method
def exp(input: Tensor) -> Tensor:
    """e^x.

    Example:
        >>> import nn
        >>> nn.exp(nn.tensor([0.0, 1.0]))
        tensor([1.0000, 2.7183])
    """
    return ops.exp(checks.tensor(input, "exp"))


@in_place
@method
def log(input: Tensor) -> Tensor:
    """The natural logarithm: -inf at 0, nan below.

    Example:
        >>> import nn
        >>> nn.log(nn.tensor([1.0, 0.0]))
        tensor([  0., -inf])
    """
    return ops.log(checks.tensor(input, "log"))


@in_place
@method
def log1p(input: Tensor) -> Tensor:
    """ln(1 + x), exact for small x.

    Example:
        >>> import nn
        >>> nn.log1p(nn.tensor([0.0]))
        tensor([0.])
    """
    return ops.log1p(checks.tensor(input, "log1p"))


@in_place
@method
def sqrt(input: Tensor) -> Tensor:
    """The square root; nan below 0.

    Example:
        >>> import nn
        >>> nn.sqrt(nn.tensor([4.0, 9.0]))
        tensor([2., 3.])
    """
    return ops.sqrt(checks.tensor(input, "sqrt"))


@in_place
@method
def square(input: Tensor) -> Tensor:
    """x^2.

    Example:
        >>> import nn
        >>> nn.square(nn.tensor([3.0]))
        tensor([9.])
    """
    return ops.pow(checks.tensor(input, "square"), 2)


@in_place
@method
def sin(input: Tensor) -> Tensor:
    """The sine of x in radians.

    Example:
        >>> import nn
        >>> nn.sin(nn.tensor([0.0]))
        tensor([0.])
    """
    return ops.sin(checks.tensor(input, "sin"))


@in_place
@method
def cos(input: Tensor) -> Tensor:
    """The cosine of x in radians.

    Example:
        >>> import nn
        >>> nn.cos(nn.tensor([0.0]))
        tensor([1.])
    """
    return ops.cos(checks.tensor(input, "cos"))


@in_place
@method
def sign(input: Tensor) -> Tensor:
    """-1, 0 or 1.

    Example:
        >>> import nn
        >>> nn.sign(nn.tensor([-3.0, 0.0]))
        tensor([-1.,  0.])
    """
    return ops.sign(checks.tensor(input, "sign"))


@method
def isnan(input: Tensor) -> Tensor:
    """Where x is nan.

    Example:
        >>> import nn
        >>> nn.isnan(nn.tensor([1.0, float('nan')]))
        tensor([False,  True])
    """
    return ops.isnan(checks.tensor(input, "isnan"))


@method
def add(input: Any, other: Any, *, alpha: float = 1) -> Tensor:
    """x + alpha y, broadcast.

    Example:
        >>> import nn
        >>> nn.add(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([4., 6.])
    """
    return ops.add(input, other if alpha == 1 else ops.mul(other, alpha))


@method
def sub(input: Any, other: Any, *, alpha: float = 1) -> Tensor:
    """x - alpha y, broadcast.

    Example:
        >>> import nn
        >>> nn.sub(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([-2., -2.])
    """
    return ops.sub(input, other if alpha == 1 else ops.mul(other, alpha))


@method
def mul(input: Any, other: Any) -> Tensor:
    """x * y, broadcast.

    Example:
        >>> import nn
        >>> nn.mul(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([3., 8.])
    """
    return ops.mul(input, other)


@method
def div(input: Any, other: Any) -> Tensor:
    """x / y, broadcast; integers become float32.

    Example:
        >>> import nn
        >>> nn.div(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([0.3333, 0.5000])
    """
    return ops.div(input, other)


@method
def maximum(input: Any, other: Any) -> Tensor:
    """The larger of each pair; a tie halves the gradient.

    Example:
        >>> import nn
        >>> nn.maximum(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([3., 4.])
    """
    return ops.maximum(input, other)


@method
def minimum(input: Any, other: Any) -> Tensor:
    """The smaller of each pair; a tie halves the gradient.

    Example:
        >>> import nn
        >>> nn.minimum(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([1., 2.])
    """
    return ops.minimum(input, other)


@in_place
@method
def pow(input: Any, exponent: Any) -> Tensor:
    """x^a, broadcast; x^0 is 1 with derivative 0, at x = 0 too.

    Example:
        >>> import nn
        >>> nn.pow(nn.tensor([2.0, 3.0]), 2)
        tensor([4., 9.])
    """
    return ops.pow(input, exponent)


@in_place
@method
def clamp(input: Tensor, min: float | None = None, max: float | None = None) -> Tensor:
    """x held within [min, max]; the derivative is 1 inside and at the bounds, 0 outside; nan stays nan.

    Example:
        >>> import nn
        >>> nn.clamp(nn.tensor([-2.0, 0.5, 2.0]), min=-1.0, max=1.0)
        tensor([-1.0000,  0.5000,  1.0000])
    """
    if min is None and max is None:
        raise RangeError("clamp: at least one of min and max is wanted, none came")
    return ops.clamp(checks.tensor(input, "clamp"), min=min, max=max)


def where(condition: Any, input: Any = None, other: Any = None) -> Any:
    """`input` where the condition holds, `other` elsewhere, broadcast; of a condition alone, where it holds.

    Returns:
        A tensor; or, for a condition alone, as `nonzero(condition, as_tuple=True)`.

    Example:
        >>> import nn
        >>> nn.where(nn.tensor([True, False]), nn.tensor([1.0, 2.0]), 0.0)
        tensor([1., 0.])
    """
    if input is None and other is None:
        return condition.nonzero(as_tuple=True)
    return ops.where(condition, input, other)
