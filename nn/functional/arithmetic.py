"""Elementwise functions of tensors."""

from __future__ import annotations

from typing import Any

from nn.functional import checks
from nn.ops import arithmetic as ops
from nn.tensor import Tensor

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


def neg(input: Tensor) -> Tensor:
    """-x.

    Example:
        >>> import nn
        >>> nn.neg(nn.tensor([1.0, -2.0]))
        tensor([-1.,  2.])
    """
    return checks.tensor(input, "neg").neg()


def abs(input: Tensor) -> Tensor:
    """The absolute value; its derivative at 0 is 0.

    Example:
        >>> import nn
        >>> nn.abs(nn.tensor([1.0, -2.0]))
        tensor([1., 2.])
    """
    return checks.tensor(input, "abs").abs()


def exp(input: Tensor) -> Tensor:
    """e^x.

    Example:
        >>> import nn
        >>> nn.exp(nn.tensor([0.0, 1.0]))
        tensor([1.0000, 2.7183])
    """
    return checks.tensor(input, "exp").exp()


def log(input: Tensor) -> Tensor:
    """The natural logarithm: -inf at 0, nan below.

    Example:
        >>> import nn
        >>> nn.log(nn.tensor([1.0, 0.0]))
        tensor([  0., -inf])
    """
    return checks.tensor(input, "log").log()


def log1p(input: Tensor) -> Tensor:
    """ln(1 + x), exact for small x.

    Example:
        >>> import nn
        >>> nn.log1p(nn.tensor([0.0]))
        tensor([0.])
    """
    return checks.tensor(input, "log1p").log1p()


def sqrt(input: Tensor) -> Tensor:
    """The square root; nan below 0.

    Example:
        >>> import nn
        >>> nn.sqrt(nn.tensor([4.0, 9.0]))
        tensor([2., 3.])
    """
    return checks.tensor(input, "sqrt").sqrt()


def square(input: Tensor) -> Tensor:
    """x^2.

    Example:
        >>> import nn
        >>> nn.square(nn.tensor([3.0]))
        tensor([9.])
    """
    return checks.tensor(input, "square").square()


def sin(input: Tensor) -> Tensor:
    """The sine of x in radians.

    Example:
        >>> import nn
        >>> nn.sin(nn.tensor([0.0]))
        tensor([0.])
    """
    return checks.tensor(input, "sin").sin()


def cos(input: Tensor) -> Tensor:
    """The cosine of x in radians.

    Example:
        >>> import nn
        >>> nn.cos(nn.tensor([0.0]))
        tensor([1.])
    """
    return checks.tensor(input, "cos").cos()


def sign(input: Tensor) -> Tensor:
    """-1, 0 or 1.

    Example:
        >>> import nn
        >>> nn.sign(nn.tensor([-3.0, 0.0]))
        tensor([-1.,  0.])
    """
    return checks.tensor(input, "sign").sign()


def isnan(input: Tensor) -> Tensor:
    """Where x is nan.

    Example:
        >>> import nn
        >>> nn.isnan(nn.tensor([1.0, float('nan')]))
        tensor([False,  True])
    """
    return checks.tensor(input, "isnan").isnan()


def add(input: Any, other: Any) -> Tensor:
    """x + y, broadcast.

    Example:
        >>> import nn
        >>> nn.add(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([4., 6.])
    """
    return ops.add(input, other)


def sub(input: Any, other: Any) -> Tensor:
    """x - y, broadcast.

    Example:
        >>> import nn
        >>> nn.sub(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([-2., -2.])
    """
    return ops.sub(input, other)


def mul(input: Any, other: Any) -> Tensor:
    """x * y, broadcast.

    Example:
        >>> import nn
        >>> nn.mul(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([3., 8.])
    """
    return ops.mul(input, other)


def div(input: Any, other: Any) -> Tensor:
    """x / y, broadcast; integers become float32.

    Example:
        >>> import nn
        >>> nn.div(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([0.3333, 0.5000])
    """
    return ops.div(input, other)


def maximum(input: Any, other: Any) -> Tensor:
    """The larger of each pair; a tie halves the gradient.

    Example:
        >>> import nn
        >>> nn.maximum(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([3., 4.])
    """
    return ops.maximum(input, other)


def minimum(input: Any, other: Any) -> Tensor:
    """The smaller of each pair; a tie halves the gradient.

    Example:
        >>> import nn
        >>> nn.minimum(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([1., 2.])
    """
    return ops.minimum(input, other)


def pow(input: Any, exponent: Any) -> Tensor:
    """x^a, broadcast; x^0 is 1 with derivative 0, at x = 0 too.

    Example:
        >>> import nn
        >>> nn.pow(nn.tensor([2.0, 3.0]), 2)
        tensor([4., 9.])
    """
    return ops.pow(input, exponent)


def clamp(input: Tensor, min: float | None = None, max: float | None = None) -> Tensor:
    """x held within [min, max]; the derivative is 1 inside and at the bounds, 0 outside; nan stays nan.

    Example:
        >>> import nn
        >>> nn.clamp(nn.tensor([-2.0, 0.5, 2.0]), min=-1.0, max=1.0)
        tensor([-1.0000,  0.5000,  1.0000])
    """
    return checks.tensor(input, "clamp").clamp(min, max)


def where(condition: Any, input: Any, other: Any) -> Tensor:
    """`input` where the condition holds, `other` elsewhere, broadcast.

    Example:
        >>> import nn
        >>> nn.where(nn.tensor([True, False]), nn.tensor([1.0, 2.0]), 0.0)
        tensor([1., 0.])
    """
    return ops.where(condition, input, other)
