"""The operators of a tensor: each is one call of an op."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np

from nn.autograd.tape import TensorBase
from nn.errors import DtypeError
from nn.ops import arithmetic, bitwise, linear, shape
from nn.tensors.declared import Declared

__all__: list[str] = []

T = TypeVar("T", bound="Operators")


class Operators(TensorBase, Declared):
    """`+`, `*`, `@`, `<` ... and their reflected forms."""

    __slots__ = ()

    def __add__(self: T, other: Any) -> T:
        return arithmetic.add(self, other)

    def __radd__(self: T, other: Any) -> T:
        return arithmetic.add(other, self)

    def __sub__(self: T, other: Any) -> T:
        return arithmetic.sub(self, other)

    def __rsub__(self: T, other: Any) -> T:
        return arithmetic.sub(other, self)

    def __mul__(self: T, other: Any) -> T:
        return arithmetic.mul(self, other)

    def __rmul__(self: T, other: Any) -> T:
        return arithmetic.mul(other, self)

    def __truediv__(self: T, other: Any) -> T:
        return arithmetic.div(self, other)

    def __rtruediv__(self: T, other: Any) -> T:
        return arithmetic.div(other, self)

    def __mod__(self: T, other: Any) -> T:
        return arithmetic.remainder(self, other)

    def __rmod__(self: T, other: Any) -> T:
        return arithmetic.remainder(other, self)

    def __floordiv__(self: T, other: Any) -> T:
        return arithmetic.floor_divide(self, other)

    def __rfloordiv__(self: T, other: Any) -> T:
        return arithmetic.floor_divide(other, self)

    def __pow__(self: T, other: Any) -> T:
        return arithmetic.pow(self, other)

    def __rpow__(self: T, other: Any) -> T:
        return arithmetic.pow(other, self)

    def __matmul__(self: T, other: Any) -> T:
        return linear.matmul(self, other)

    def __rmatmul__(self: T, other: Any) -> T:
        return linear.matmul(other, self)

    def __neg__(self: T) -> T:
        return arithmetic.neg(self)

    def __pos__(self: T) -> T:
        if self._array.dtype.kind == "b":
            raise DtypeError("+: is not defined for booleans; use .long()")
        return self

    def __reversed__(self) -> Any:
        return shape.flip(self, dims=(0,)) if self._array.ndim else self

    def __abs__(self: T) -> T:
        return arithmetic.abs(self)

    def __eq__(self: T, other: Any) -> T:  # type: ignore[override]
        return arithmetic.equal(self, other) if is_numbers(other) else NotImplemented

    def __ne__(self: T, other: Any) -> T:  # type: ignore[override]
        return arithmetic.not_equal(self, other) if is_numbers(other) else NotImplemented

    def __lt__(self: T, other: Any) -> T:
        return arithmetic.less(self, other) if is_numbers(other) else NotImplemented

    def __le__(self: T, other: Any) -> T:
        return arithmetic.less_equal(self, other) if is_numbers(other) else NotImplemented

    def __gt__(self: T, other: Any) -> T:
        return arithmetic.greater(self, other) if is_numbers(other) else NotImplemented

    def __ge__(self: T, other: Any) -> T:
        return arithmetic.greater_equal(self, other) if is_numbers(other) else NotImplemented

    def __and__(self: T, other: Any) -> T:
        return bitwise.bitwise_and(self, other)

    def __rand__(self: T, other: Any) -> T:
        return bitwise.bitwise_and(other, self)

    def __or__(self: T, other: Any) -> T:
        return bitwise.bitwise_or(self, other)

    def __ror__(self: T, other: Any) -> T:
        return bitwise.bitwise_or(other, self)

    def __xor__(self: T, other: Any) -> T:
        return bitwise.bitwise_xor(self, other)

    def __rxor__(self: T, other: Any) -> T:
        return bitwise.bitwise_xor(other, self)

    def __lshift__(self: T, other: Any) -> T:
        return bitwise.bitwise_left_shift(self, other)

    def __rlshift__(self: T, other: Any) -> T:
        return bitwise.bitwise_left_shift(other, self)

    def __rshift__(self: T, other: Any) -> T:
        return bitwise.bitwise_right_shift(self, other)

    def __rrshift__(self: T, other: Any) -> T:
        return bitwise.bitwise_right_shift(other, self)

    def __invert__(self: T) -> T:
        return bitwise.bitwise_not(self)


_NUMBERS = (TensorBase, int, float, np.ndarray, np.generic, complex)


def is_numbers(other: Any) -> bool:
    """Whether there are elements to compare with: `x == None` is False and `x < None` an error, as for any object.

    So are lists and tuples, as in PyTorch: `x != []` is True.
    """
    return isinstance(other, _NUMBERS) or hasattr(other, "__array__")
