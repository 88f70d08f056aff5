"""The four operations, division with a rest, and the choice between two."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import settings
from nn.autograd.tape import wrap
from nn.errors import DtypeError
from nn.kernels.arithmetic import refuse_booleans, result_type
from nn.ops import arithmetic as ops
from nn.ops.precision import in_single
from nn.tensors import checks
from nn.tensors.arguments import fitting
from nn.tensors.methods import alias, in_place, method
from nn.tensors.tensor import Tensor

__all__ = [
    "abs",
    "absolute",
    "add",
    "addcdiv",
    "addcmul",
    "copysign",
    "div",
    "divide",
    "floor_divide",
    "fmod",
    "lerp",
    "mul",
    "multiply",
    "neg",
    "negative",
    "nextafter",
    "positive",
    "reciprocal",
    "remainder",
    "sgn",
    "sign",
    "sub",
    "subtract",
    "true_divide",
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


negative = alias(neg, "negative")


@method
def positive(input: Tensor) -> Tensor:
    """x as it is.

    Example:
        >>> import nn
        >>> nn.positive(nn.tensor([1.0, -2.0]))
        tensor([ 1., -2.])
    """
    if checks.tensor(input, "positive").dtype.kind == "b":
        raise DtypeError("positive: is not defined for booleans; use .long()")
    return input


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


absolute = alias(abs, "absolute")


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


sgn = alias(sign, "sgn")


@in_place
@method
def reciprocal(input: Tensor) -> Tensor:
    """1 / x; integers become float32.

    Example:
        >>> import nn
        >>> nn.reciprocal(nn.tensor([4.0, 0.0]))
        tensor([0.2500,    inf])
    """
    return 1 / checks.tensor(input, "reciprocal")


@method
def add(input: Any, other: Any, *, alpha: float = 1) -> Tensor:
    """x + alpha y, broadcast.

    Example:
        >>> import nn
        >>> nn.add(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([4., 6.])
    """
    return ops.add(input, other if alpha == 1 else other * alpha)


@method
def sub(input: Any, other: Any, *, alpha: float = 1) -> Tensor:
    """x - alpha y, broadcast.

    Raises:
        DtypeError: an operand is boolean.

    Example:
        >>> import nn
        >>> nn.sub(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([-2., -2.])
    """
    if alpha != 1:
        refuse_booleans(0, other._array if isinstance(other, Tensor) else other, "sub")
        other = other * alpha
    return ops.sub(input, other)


subtract = alias(sub, "subtract")


@method
def mul(input: Any, other: Any) -> Tensor:
    """x * y, broadcast.

    Example:
        >>> import nn
        >>> nn.mul(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor([3., 8.])
    """
    return ops.mul(input, other)


multiply = alias(mul, "multiply")


@method
def div(input: Any, other: Any, *, rounding_mode: str | None = None) -> Tensor:
    """x / y, broadcast; integers become float32. Rounded (towards zero or down), its gradient is 0.

    Raises:
        RangeError: integers divided by 0 with rounding.

    Example:
        >>> import nn
        >>> nn.div(nn.tensor([7.0, -7.0]), 2), nn.div(nn.tensor([7, -7]), 2, rounding_mode="floor")
        (tensor([ 3.5000, -3.5000]), tensor([ 3, -4]))
    """
    if rounding_mode is None:
        return ops.div(input, other)
    checks.choice(rounding_mode, ("trunc", "floor"), "div", "rounding_mode")
    return (ops.trunc_divide if rounding_mode == "trunc" else ops.floor_divide)(input, other)


divide = alias(div, "divide")
true_divide = alias(div, "true_divide")


@in_place
@method
def floor_divide(input: Any, other: Any) -> Tensor:
    """floor(x / y).

    Example:
        >>> import nn
        >>> nn.floor_divide(nn.tensor([7.0, -7.0]), nn.tensor([2.0, 2.0]))
        tensor([ 3., -4.])
    """
    return ops.floor_divide(input, other)


@in_place
@method
def remainder(input: Any, other: Any) -> Tensor:
    """x - y floor(x / y), with the sign of y, as Python's %.

    Example:
        >>> import nn
        >>> nn.remainder(nn.tensor([7.0, -7.0]), nn.tensor([3.0, 3.0]))
        tensor([1., 2.])
    """
    return ops.remainder(input, other)


@in_place
@method
def fmod(input: Any, other: Any) -> Tensor:
    """x - y trunc(x / y), with the sign of x, as C's fmod.

    Example:
        >>> import nn
        >>> nn.fmod(nn.tensor([7.0, -7.0]), nn.tensor([3.0, 3.0]))
        tensor([ 1., -1.])
    """
    return ops.fmod(input, other)


@in_place
@method
def copysign(input: Tensor, other: Any) -> Tensor:
    """|x| with the sign of y; the gradient at x = 0 is 0.

    Example:
        >>> import nn
        >>> nn.copysign(nn.tensor([1.0, -2.0]), nn.tensor([-1.0, 0.0]))
        tensor([-1.,  2.])
    """
    size = ops.abs(checks.tensor(input, "copysign"))
    if size.dtype.kind != "f":
        floats = isinstance(other, Tensor) and other.dtype.kind == "f"
        size = size.to(result_type(size._array, other._array) if floats else settings.default_dtype)
    sign = other._array if isinstance(other, Tensor) else np.asarray(other, size.dtype)
    sign = sign if sign.dtype.kind == "f" else sign.astype(size.dtype)
    return size * wrap(np.copysign(sign.dtype.type(1), sign))


@in_place
@method
def nextafter(input: Any, other: Any) -> Tensor:
    """The next number after x towards y.

    Example:
        >>> import nn
        >>> nn.nextafter(nn.tensor([1.0]), nn.tensor([2.0]))
        tensor([1.0000])
    """
    return ops.nextafter(input, other)


@in_place
@method
@in_single
def lerp(input: Tensor, end: Tensor, weight: Any) -> Tensor:
    """Linear interpolation, x + weight (end - x).

    Example:
        >>> import nn
        >>> nn.lerp(nn.tensor([0.0]), nn.tensor([10.0]), 0.3)
        tensor([3.])
    """
    x, end = checks.pair(input, end, "lerp", "end")
    if isinstance(weight, Tensor):
        weight = checks.pair(x, weight, "lerp", "weight")[1] if weight.ndim else weight.to(x.dtype)
        near = ops.abs(weight.detach()) < 0.5  # exact at 0 and at 1
        return ops.where(near, x + (end - x) * weight, end - (end - x) * (1 - weight))
    if weight >= 0.5:  # exact at 1
        return end - (end - x) * (1 - weight)
    return x + (end - x) * weight


@in_place
@method
@in_single
def addcmul(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """x + value tensor1 tensor2.

    Example:
        >>> import nn
        >>> nn.addcmul(nn.tensor([1.0]), nn.tensor([2.0]), nn.tensor([3.0]), value=0.5)
        tensor([4.])
    """
    product = tensor1 * tensor2
    return input + (product if value == 1 else value * product)


@in_place
@method
@in_single
def addcdiv(input: Tensor, tensor1: Tensor, tensor2: Tensor, *, value: float = 1) -> Tensor:
    """x + value tensor1 / tensor2.

    Example:
        >>> import nn
        >>> nn.addcdiv(nn.tensor([1.0]), nn.tensor([2.0]), nn.tensor([4.0]), value=2)
        tensor([2.])
    """
    quotient = tensor1 / tensor2
    return input + (quotient if value == 1 else value * quotient)


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
    kind = getattr(condition, "dtype", np.dtype(bool))
    if kind not in (np.bool_, np.uint8):
        raise DtypeError(f"where: condition must be a tensor of booleans, got {kind}; compare it, e.g. condition > 0")
    if isinstance(input, Tensor) and isinstance(other, int):  # a float makes the result one
        other = fitting(other, input.dtype, "where")
    elif isinstance(other, Tensor) and isinstance(input, int):
        input = fitting(input, other.dtype, "where")
    return ops.where(condition, input, other)
