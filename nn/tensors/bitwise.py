"""Integers as bits (booleans are single bits), and their common divisors and multiples."""

from __future__ import annotations

from typing import Any

from nn.ops import bitwise as ops
from nn.tensors import checks
from nn.tensors.methods import in_place, method
from nn.tensors.tensor import Tensor

__all__ = [
    "bitwise_and",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "gcd",
    "lcm",
]


@in_place
@method
def bitwise_and(input: Any, other: Any) -> Tensor:
    """The bits that are 1 in both.

    Example:
        >>> import nn
        >>> nn.bitwise_and(nn.tensor([6]), nn.tensor([3]))
        tensor([2])
    """
    return ops.bitwise_and(input, other)


@in_place
@method
def bitwise_or(input: Any, other: Any) -> Tensor:
    """The bits that are 1 in either.

    Example:
        >>> import nn
        >>> nn.bitwise_or(nn.tensor([6]), nn.tensor([3]))
        tensor([7])
    """
    return ops.bitwise_or(input, other)


@in_place
@method
def bitwise_xor(input: Any, other: Any) -> Tensor:
    """The bits that differ.

    Example:
        >>> import nn
        >>> nn.bitwise_xor(nn.tensor([6]), nn.tensor([3]))
        tensor([5])
    """
    return ops.bitwise_xor(input, other)


@in_place
@method
def bitwise_not(input: Tensor) -> Tensor:
    """Every bit turned: -x - 1.

    Example:
        >>> import nn
        >>> nn.bitwise_not(nn.tensor([6]))
        tensor([-7])
    """
    return ops.bitwise_not(checks.tensor(input, "bitwise_not"))


@in_place
@method
def bitwise_left_shift(input: Any, other: Any) -> Tensor:
    """x 2^other.

    Example:
        >>> import nn
        >>> nn.bitwise_left_shift(nn.tensor([3]), nn.tensor([2]))
        tensor([12])
    """
    return ops.bitwise_left_shift(input, other)


@in_place
@method
def bitwise_right_shift(input: Any, other: Any) -> Tensor:
    """floor(x / 2^other).

    Example:
        >>> import nn
        >>> nn.bitwise_right_shift(nn.tensor([12]), nn.tensor([2]))
        tensor([3])
    """
    return ops.bitwise_right_shift(input, other)


@in_place
@method
def gcd(input: Any, other: Any) -> Tensor:
    """The greatest common divisor.

    Example:
        >>> import nn
        >>> nn.gcd(nn.tensor([12]), nn.tensor([18]))
        tensor([6])
    """
    return ops.gcd(input, other)


@in_place
@method
def lcm(input: Any, other: Any) -> Tensor:
    """The least common multiple.

    Example:
        >>> import nn
        >>> nn.lcm(nn.tensor([4]), nn.tensor([6]))
        tensor([12])
    """
    return ops.lcm(input, other)
