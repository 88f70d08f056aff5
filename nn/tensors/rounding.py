"""Round to whole numbers: `floor`, `ceil`, `trunc`, `round`; every derivative is 0."""

from __future__ import annotations

from nn.errors import DtypeError
from nn.ops import rounding as ops
from nn.tensors import checks
from nn.tensors.methods import alias, in_place, method
from nn.tensors.tensor import Tensor

__all__ = [
    "ceil",
    "fix",
    "floor",
    "frac",
    "round",
    "trunc",
]


@in_place
@method
def floor(input: Tensor) -> Tensor:
    """The largest whole number not above x.

    Example:
        >>> import nn
        >>> nn.floor(nn.tensor([1.5, -1.5]))
        tensor([ 1., -2.])
    """
    return ops.floor(checks.tensor(input, "floor"))


@in_place
@method
def ceil(input: Tensor) -> Tensor:
    """The smallest whole number not below x.

    Example:
        >>> import nn
        >>> nn.ceil(nn.tensor([1.5, -1.5]))
        tensor([ 2., -1.])
    """
    return ops.ceil(checks.tensor(input, "ceil"))


@in_place
@method
def trunc(input: Tensor) -> Tensor:
    """x without its fraction.

    Example:
        >>> import nn
        >>> nn.trunc(nn.tensor([1.5, -1.5]))
        tensor([ 1., -1.])
    """
    return ops.trunc(checks.tensor(input, "trunc"))


fix = alias(trunc, "fix")


@in_place
@method
def round(input: Tensor, *, decimals: int = 0) -> Tensor:
    """The nearest whole number, the even one at a tie; or the nearest number with so many decimals.

    Example:
        >>> import nn
        >>> nn.round(nn.tensor([0.5, 1.5, 2.5])), nn.round(nn.tensor([123.456]), decimals=-1)
        (tensor([0., 2., 2.]), tensor([120.]))
    """
    x = checks.tensor(input, "round")
    if decimals and x.dtype.kind != "f":
        raise DtypeError(f"round: decimals are for floating-point tensors, this one is {x.dtype}; use .float() first")
    return ops.round(x, decimals=decimals)


@in_place
@method
def frac(input: Tensor) -> Tensor:
    """The fraction, x - trunc(x), with the sign of x; its derivative is 1.

    Example:
        >>> import nn
        >>> nn.frac(nn.tensor([1.5, -1.5]))
        tensor([ 0.5000, -0.5000])
    """
    return input - ops.trunc(checks.floating(input, "frac"))
