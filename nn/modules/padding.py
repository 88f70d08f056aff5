"""Padding layers: they surround their input with a constant, its mirror image, its edge, or its other end."""

from __future__ import annotations

from collections.abc import Sequence

from nn.errors import ShapeError
from nn.functional.padding import pad
from nn.modules.fields import Bare, Shown
from nn.modules.module import Module
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = [
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]

Padding = int | Sequence[int]


class _Pad(Module):
    """What padding layers of every kind and rank share."""

    padding: Bare[tuple[int, ...]]

    rank: int
    mode: str

    def __init__(self, padding: Padding) -> None:
        super().__init__()
        self.padding = (padding,) * (2 * self.rank) if isinstance(padding, int) else tuple(padding)

    def forward(self, input: Tensor) -> Tensor:
        return pad(input, self.padding, self.mode)


class _ConstantPad(_Pad):
    """What layers that pad with a constant share."""

    padding: Shown[tuple[int, ...]]
    value: Shown[float]

    def __init__(self, padding: Padding, value: float) -> None:
        super().__init__(padding)
        self.value = value

    def forward(self, input: Tensor) -> Tensor:
        return pad(input, self.padding, "constant", self.value)


class _ZeroPad(_ConstantPad):
    """What layers that pad with zeros share."""

    padding: Bare[tuple[int, ...]]
    value: float

    def __init__(self, padding: Padding) -> None:
        super().__init__(padding, 0.0)


class _CircularPad(_Pad):
    """What layers that pad with the other end share."""

    mode = "circular"

    def forward(self, input: Tensor) -> Tensor:
        shape = checks.tensor(input, type(self).__name__).shape
        if len(shape) not in (self.rank + 1, self.rank + 2):
            raise ShapeError(
                f"{type(self).__name__}: x must have {self.rank + 1} or {self.rank + 2} axes, it is {shape}"
            )
        return super().forward(input)


class _ReflectionPad(_Pad):
    """What layers that pad with the mirror image share."""

    mode = "reflect"


class _ReplicationPad(_Pad):
    """What layers that pad with the edge share."""

    mode = "replicate"


class CircularPad1d(_CircularPad):
    """The last axis padded with the other end: what leaves on the right comes in on the left.

    `padding` is one number, or (left, right).

    Example:
        >>> import nn
        >>> nn.CircularPad1d(1)(nn.tensor([[1.0, 2.0, 3.0]]))
        tensor([[3., 1., 2., 3., 1.]])
    """

    rank = 1


class CircularPad2d(_CircularPad):
    """The last two axes padded with the other end: what leaves on the right comes in on the left.

    `padding` is one number, or (left, right, top, bottom).

    Example:
        >>> import nn
        >>> nn.CircularPad2d(1)(nn.zeros(1, 3, 3)).shape
        (1, 5, 5)
    """

    rank = 2


class CircularPad3d(_CircularPad):
    """The last three axes padded with the other end: what leaves on the right comes in on the left.

    `padding` is one number, or (left, right, top, bottom, front, back).

    Example:
        >>> import nn
        >>> nn.CircularPad3d(1)(nn.zeros(1, 3, 3, 3)).shape
        (1, 5, 5, 5)
    """

    rank = 3


class ConstantPad1d(_ConstantPad):
    """The last axis padded with a constant.

    `padding` is one number, or (left, right).

    Example:
        >>> import nn
        >>> nn.ConstantPad1d(1, 7.0)(nn.tensor([[1.0, 2.0, 3.0]]))
        tensor([[7., 1., 2., 3., 7.]])
    """

    rank = 1


class ConstantPad2d(_ConstantPad):
    """The last two axes padded with a constant.

    `padding` is one number, or (left, right, top, bottom).

    Example:
        >>> import nn
        >>> nn.ConstantPad2d(1, 7.0)(nn.zeros(1, 3, 3)).shape
        (1, 5, 5)
    """

    rank = 2


class ConstantPad3d(_ConstantPad):
    """The last three axes padded with a constant.

    `padding` is one number, or (left, right, top, bottom, front, back).

    Example:
        >>> import nn
        >>> nn.ConstantPad3d(1, 7.0)(nn.zeros(1, 3, 3, 3)).shape
        (1, 5, 5, 5)
    """

    rank = 3


class ReflectionPad1d(_ReflectionPad):
    """The last axis padded with the mirror image, the edge not doubled.

    `padding` is one number, or (left, right).

    Example:
        >>> import nn
        >>> nn.ReflectionPad1d(1)(nn.tensor([[1.0, 2.0, 3.0]]))
        tensor([[2., 1., 2., 3., 2.]])
    """

    rank = 1


class ReflectionPad2d(_ReflectionPad):
    """The last two axes padded with the mirror image, the edge not doubled.

    `padding` is one number, or (left, right, top, bottom).

    Example:
        >>> import nn
        >>> nn.ReflectionPad2d(1)(nn.zeros(1, 3, 3)).shape
        (1, 5, 5)
    """

    rank = 2


class ReflectionPad3d(_ReflectionPad):
    """The last three axes padded with the mirror image, the edge not doubled.

    `padding` is one number, or (left, right, top, bottom, front, back).

    Example:
        >>> import nn
        >>> nn.ReflectionPad3d(1)(nn.zeros(1, 3, 3, 3)).shape
        (1, 5, 5, 5)
    """

    rank = 3


class ReplicationPad1d(_ReplicationPad):
    """The last axis padded with the edge again and again.

    `padding` is one number, or (left, right).

    Example:
        >>> import nn
        >>> nn.ReplicationPad1d(1)(nn.tensor([[1.0, 2.0, 3.0]]))
        tensor([[1., 1., 2., 3., 3.]])
    """

    rank = 1


class ReplicationPad2d(_ReplicationPad):
    """The last two axes padded with the edge again and again.

    `padding` is one number, or (left, right, top, bottom).

    Example:
        >>> import nn
        >>> nn.ReplicationPad2d(1)(nn.zeros(1, 3, 3)).shape
        (1, 5, 5)
    """

    rank = 2


class ReplicationPad3d(_ReplicationPad):
    """The last three axes padded with the edge again and again.

    `padding` is one number, or (left, right, top, bottom, front, back).

    Example:
        >>> import nn
        >>> nn.ReplicationPad3d(1)(nn.zeros(1, 3, 3, 3)).shape
        (1, 5, 5, 5)
    """

    rank = 3


class ZeroPad1d(_ZeroPad):
    """The last axis padded with zeros.

    `padding` is one number, or (left, right).

    Example:
        >>> import nn
        >>> nn.ZeroPad1d(1)(nn.tensor([[1.0, 2.0, 3.0]]))
        tensor([[0., 1., 2., 3., 0.]])
    """

    rank = 1


class ZeroPad2d(_ZeroPad):
    """The last two axes padded with zeros.

    `padding` is one number, or (left, right, top, bottom).

    Example:
        >>> import nn
        >>> nn.ZeroPad2d(1)(nn.zeros(1, 3, 3)).shape
        (1, 5, 5)
    """

    rank = 2


class ZeroPad3d(_ZeroPad):
    """The last three axes padded with zeros.

    `padding` is one number, or (left, right, top, bottom, front, back).

    Example:
        >>> import nn
        >>> nn.ZeroPad3d(1)(nn.zeros(1, 3, 3, 3)).shape
        (1, 5, 5, 5)
    """

    rank = 3
