"""What is true of numbers, and of pairs of them. Nothing here has a derivative."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import DtypeError
from nn.ops import arithmetic as ops
from nn.tensors import checks
from nn.tensors.methods import alias, in_place, method
from nn.tensors.operators import is_numbers
from nn.tensors.tensor import Tensor

__all__ = [
    "allclose",
    "eq",
    "equal",
    "ge",
    "greater",
    "greater_equal",
    "gt",
    "isclose",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "isreal",
    "le",
    "less",
    "less_equal",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "lt",
    "ne",
    "not_equal",
    "signbit",
]


def _compare(op: Callable[[Any, Any], Tensor], input: Any, other: Any, caller: str) -> Tensor:
    for operand in (input, other):
        if not is_numbers(operand):
            raise DtypeError(f"{caller}: expected a tensor or a number, got {type(operand).__name__}")
    return op(input, other)


@in_place
@method
def eq(input: Any, other: Any) -> Tensor:
    """Where x == y, broadcast.

    Example:
        >>> import nn
        >>> nn.eq(nn.tensor([1.0, 2.0]), nn.tensor([2.0, 2.0]))
        tensor([False,  True])
    """
    return _compare(ops.equal, input, other, "eq")


@in_place
@method
def ne(input: Any, other: Any) -> Tensor:
    """Where x != y, broadcast.

    Example:
        >>> import nn
        >>> nn.ne(nn.tensor([1.0, 2.0]), nn.tensor([2.0, 2.0]))
        tensor([ True, False])
    """
    return _compare(ops.not_equal, input, other, "ne")


not_equal = alias(ne, "not_equal")


@in_place
@method
def lt(input: Any, other: Any) -> Tensor:
    """Where x < y, broadcast.

    Example:
        >>> import nn
        >>> nn.lt(nn.tensor([1.0, 2.0]), nn.tensor([2.0, 2.0]))
        tensor([ True, False])
    """
    return _compare(ops.less, input, other, "lt")


less = alias(lt, "less")


@in_place
@method
def le(input: Any, other: Any) -> Tensor:
    """Where x <= y, broadcast.

    Example:
        >>> import nn
        >>> nn.le(nn.tensor([1.0, 2.0]), nn.tensor([2.0, 2.0]))
        tensor([True, True])
    """
    return _compare(ops.less_equal, input, other, "le")


less_equal = alias(le, "less_equal")


@in_place
@method
def gt(input: Any, other: Any) -> Tensor:
    """Where x > y, broadcast.

    Example:
        >>> import nn
        >>> nn.gt(nn.tensor([1.0, 2.0]), nn.tensor([2.0, 2.0]))
        tensor([False, False])
    """
    return _compare(ops.greater, input, other, "gt")


greater = alias(gt, "greater")


@in_place
@method
def ge(input: Any, other: Any) -> Tensor:
    """Where x >= y, broadcast.

    Example:
        >>> import nn
        >>> nn.ge(nn.tensor([1.0, 2.0]), nn.tensor([2.0, 2.0]))
        tensor([False,  True])
    """
    return _compare(ops.greater_equal, input, other, "ge")


greater_equal = alias(ge, "greater_equal")


@in_place
@method
def logical_and(input: Any, other: Any) -> Tensor:
    """Where both are not 0.

    Example:
        >>> import nn
        >>> nn.logical_and(nn.tensor([1, 0]), nn.tensor([2, 2]))
        tensor([ True, False])
    """
    return ops.logical_and(input, other)


@in_place
@method
def logical_or(input: Any, other: Any) -> Tensor:
    """Where either is not 0.

    Example:
        >>> import nn
        >>> nn.logical_or(nn.tensor([1, 0]), nn.tensor([0, 0]))
        tensor([ True, False])
    """
    return ops.logical_or(input, other)


@in_place
@method
def logical_xor(input: Any, other: Any) -> Tensor:
    """Where one is 0 and the other not.

    Example:
        >>> import nn
        >>> nn.logical_xor(nn.tensor([1, 0]), nn.tensor([2, 2]))
        tensor([False,  True])
    """
    return ops.logical_xor(input, other)


@in_place
@method
def logical_not(input: Tensor) -> Tensor:
    """Where x is 0.

    Example:
        >>> import nn
        >>> nn.logical_not(nn.tensor([1, 0]))
        tensor([False,  True])
    """
    return ops.logical_not(checks.tensor(input, "logical_not"))


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
def isinf(input: Tensor) -> Tensor:
    """Where x is infinite.

    Example:
        >>> import nn
        >>> nn.isinf(nn.tensor([1.0, float('-inf')]))
        tensor([False,  True])
    """
    return ops.isinf(checks.tensor(input, "isinf"))


@method
def isfinite(input: Tensor) -> Tensor:
    """Where x is neither infinite nor nan.

    Example:
        >>> import nn
        >>> nn.isfinite(nn.tensor([1.0, float('-inf')]))
        tensor([ True, False])
    """
    return ops.isfinite(checks.tensor(input, "isfinite"))


@method
def isposinf(input: Tensor) -> Tensor:
    """Where x is +inf.

    Example:
        >>> import nn
        >>> nn.isposinf(nn.tensor([float('inf'), float('-inf')]))
        tensor([ True, False])
    """
    return ops.equal(checks.tensor(input, "isposinf"), math.inf)


@method
def isneginf(input: Tensor) -> Tensor:
    """Where x is -inf.

    Example:
        >>> import nn
        >>> nn.isneginf(nn.tensor([float('inf'), float('-inf')]))
        tensor([False,  True])
    """
    return ops.equal(checks.tensor(input, "isneginf"), -math.inf)


@method
def isreal(input: Tensor) -> Tensor:
    """Where x is a real number: everywhere.

    Example:
        >>> import nn
        >>> nn.isreal(nn.tensor([1.0]))
        tensor([True])
    """
    return wrap(np.ones(checks.tensor(input, "isreal").shape, bool))


@method
def signbit(input: Tensor) -> Tensor:
    """Where the sign is minus, -0 included.

    Example:
        >>> import nn
        >>> nn.signbit(nn.tensor([1.0, -0.0]))
        tensor([False,  True])
    """
    return ops.signbit(checks.tensor(input, "signbit"))


@method
def isclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> Tensor:
    """Where |x - y| <= atol + rtol |y|, or both are the same infinity, or (if wanted) both nan.

    Raises:
        DtypeError: the element types differ.

    Example:
        >>> import nn
        >>> nn.isclose(nn.tensor([1.0, 2.0]), nn.tensor([1.000001, 2.1]))
        tensor([ True, False])
    """
    x, y = (t.detach() for t in checks.pair(input, other, "isclose", "other"))
    if x.dtype.kind == "b":
        return ops.equal(x, y)
    if x.dtype.kind == "u":  # whose differences wrap around
        x, y = x.long(), y.long()
    close = ops.abs(x - y) <= atol + rtol * ops.abs(y)
    found = (x == y) | (close & ops.isfinite(y))
    return found | (ops.isnan(x) & ops.isnan(y)) if equal_nan else found


@method
def allclose(input: Tensor, other: Tensor, rtol: float = 1e-05, atol: float = 1e-08, equal_nan: bool = False) -> bool:
    """Whether `isclose` holds everywhere.

    Example:
        >>> import nn
        >>> nn.allclose(nn.tensor([1.0]), nn.tensor([1.000001]))
        True
    """
    return bool(mode.quiet(_all, isclose(input, other, rtol, atol, equal_nan)._array))


def _all(x: np.ndarray) -> bool:
    """A kernel, as `equal` is one: what a step decides by it, a captured step decides again."""
    return bool(x.all())


@method
def equal(input: Tensor, other: Tensor) -> bool:
    """Whether both have the same shape and the same elements.

    Example:
        >>> import nn
        >>> nn.equal(nn.tensor([1.0, 2.0]), nn.tensor([1.0, 2.0]))
        True
    """
    x, y = checks.tensor(input, "equal")._array, checks.tensor(other, "equal", "other")._array
    return bool(mode.quiet(np.array_equal, x, y))
