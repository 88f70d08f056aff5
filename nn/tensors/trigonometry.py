"""Functions of angles in radians, and their hyperbolic relatives; `tanh` stands with the activations."""

from __future__ import annotations

import math
from typing import Any

from nn.ops import arithmetic
from nn.ops import trigonometry as ops
from nn.tensors import checks
from nn.tensors.methods import alias, in_place, method
from nn.tensors.tensor import Tensor

__all__ = [
    "acos",
    "acosh",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "cos",
    "cosh",
    "deg2rad",
    "hypot",
    "rad2deg",
    "sin",
    "sinh",
    "tan",
]


@in_place
@method
def sin(input: Tensor) -> Tensor:
    """The sine.

    Example:
        >>> import nn
        >>> nn.sin(nn.tensor([0.0]))
        tensor([0.])
    """
    return arithmetic.sin(checks.tensor(input, "sin"))


@in_place
@method
def cos(input: Tensor) -> Tensor:
    """The cosine.

    Example:
        >>> import nn
        >>> nn.cos(nn.tensor([0.0]))
        tensor([1.])
    """
    return arithmetic.cos(checks.tensor(input, "cos"))


@in_place
@method
def tan(input: Tensor) -> Tensor:
    """The tangent.

    Example:
        >>> import nn
        >>> nn.tan(nn.tensor([0.0, 1.0]))
        tensor([0.0000, 1.5574])
    """
    return ops.tan(checks.tensor(input, "tan"))


@in_place
@method
def asin(input: Tensor) -> Tensor:
    """The inverse of the sine; nan outside [-1, 1].

    Example:
        >>> import nn
        >>> nn.asin(nn.tensor([0.0, 1.0]))
        tensor([0.0000, 1.5708])
    """
    return ops.asin(checks.tensor(input, "asin"))


arcsin = alias(asin, "arcsin")


@in_place
@method
def acos(input: Tensor) -> Tensor:
    """The inverse of the cosine; nan outside [-1, 1].

    Example:
        >>> import nn
        >>> nn.acos(nn.tensor([0.0, 1.0]))
        tensor([1.5708, 0.0000])
    """
    return ops.acos(checks.tensor(input, "acos"))


arccos = alias(acos, "arccos")


@in_place
@method
def atan(input: Tensor) -> Tensor:
    """The inverse of the tangent.

    Example:
        >>> import nn
        >>> nn.atan(nn.tensor([0.0, 1.0]))
        tensor([0.0000, 0.7854])
    """
    return ops.atan(checks.tensor(input, "atan"))


arctan = alias(atan, "arctan")


@in_place
@method
def atan2(input: Any, other: Any) -> Tensor:
    """The angle of the point (other, input): of its own quadrant, from -pi to pi; its gradient at the origin is 0.

    Example:
        >>> import nn
        >>> nn.atan2(nn.tensor([1.0, 1.0]), nn.tensor([1.0, -1.0]))
        tensor([0.7854, 2.3562])
    """
    return ops.atan2(input, other)


arctan2 = alias(atan2, "arctan2")


@in_place
@method
def sinh(input: Tensor) -> Tensor:
    """The hyperbolic sine.

    Example:
        >>> import nn
        >>> nn.sinh(nn.tensor([0.0, 1.0]))
        tensor([0.0000, 1.1752])
    """
    return ops.sinh(checks.tensor(input, "sinh"))


@in_place
@method
def cosh(input: Tensor) -> Tensor:
    """The hyperbolic cosine.

    Example:
        >>> import nn
        >>> nn.cosh(nn.tensor([0.0, 1.0]))
        tensor([1.0000, 1.5431])
    """
    return ops.cosh(checks.tensor(input, "cosh"))


@in_place
@method
def asinh(input: Tensor) -> Tensor:
    """The inverse of the hyperbolic sine.

    Example:
        >>> import nn
        >>> nn.asinh(nn.tensor([0.0, 1.0]))
        tensor([0.0000, 0.8814])
    """
    return ops.asinh(checks.tensor(input, "asinh"))


arcsinh = alias(asinh, "arcsinh")


@in_place
@method
def acosh(input: Tensor) -> Tensor:
    """The inverse of the hyperbolic cosine; nan below 1.

    Example:
        >>> import nn
        >>> nn.acosh(nn.tensor([1.0, 2.0]))
        tensor([0.0000, 1.3170])
    """
    return ops.acosh(checks.tensor(input, "acosh"))


arccosh = alias(acosh, "arccosh")


@in_place
@method
def atanh(input: Tensor) -> Tensor:
    """The inverse of the hyperbolic tangent; infinite at -1 and 1, nan beyond.

    Example:
        >>> import nn
        >>> nn.atanh(nn.tensor([0.0, 0.5]))
        tensor([0.0000, 0.5493])
    """
    return ops.atanh(checks.tensor(input, "atanh"))


arctanh = alias(atanh, "arctanh")


@in_place
@method
def hypot(input: Any, other: Any) -> Tensor:
    """The length of the hypotenuse, sqrt(x^2 + y^2), which does not overflow on its way.

    Example:
        >>> import nn
        >>> nn.hypot(nn.tensor([3.0]), nn.tensor([4.0]))
        tensor([5.])
    """
    return ops.hypot(input, other)


@in_place
@method
def deg2rad(input: Tensor) -> Tensor:
    """Degrees as radians.

    Example:
        >>> import nn
        >>> nn.deg2rad(nn.tensor([180.0]))
        tensor([3.1416])
    """
    return math.pi / 180 * checks.tensor(input, "deg2rad")


@in_place
@method
def rad2deg(input: Tensor) -> Tensor:
    """Radians as degrees.

    Example:
        >>> import nn
        >>> nn.rad2deg(nn.tensor([1.0]))
        tensor([57.2958])
    """
    return 180 / math.pi * checks.tensor(input, "rad2deg")
