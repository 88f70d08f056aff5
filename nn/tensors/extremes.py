"""Choose the larger or the smaller of two, or hold values between bounds: `maximum`, `clamp`, `nan_to_num`."""

from __future__ import annotations

from typing import Any

from nn.errors import RangeError
from nn.ops import arithmetic as ops
from nn.tensors import checks
from nn.tensors.methods import alias, in_place, method
from nn.tensors.tensor import Tensor

__all__ = [
    "clamp",
    "clamp_max",
    "clamp_min",
    "clip",
    "fmax",
    "fmin",
    "heaviside",
    "maximum",
    "minimum",
    "nan_to_num",
]


@method
def maximum(input: Any, other: Any) -> Tensor:
    """The larger of each pair; a tie halves the gradient, nan wins.

    Example:
        >>> import nn
        >>> nn.maximum(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 0.0]))
        tensor([3., 2.])
    """
    return ops.maximum(input, other)


@method
def minimum(input: Any, other: Any) -> Tensor:
    """The smaller of each pair; a tie halves the gradient, nan wins.

    Example:
        >>> import nn
        >>> nn.minimum(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 0.0]))
        tensor([1., 0.])
    """
    return ops.minimum(input, other)


@method
def fmax(input: Tensor, other: Tensor) -> Tensor:
    """The larger of each pair; the first gets the gradient at a tie, nan loses.

    Example:
        >>> import nn
        >>> nn.fmax(nn.tensor([1.0, float('nan')]), nn.tensor([3.0, 0.0]))
        tensor([3., 0.])
    """
    return _number(input, other, ops.greater_equal, "fmax")


@method
def fmin(input: Tensor, other: Tensor) -> Tensor:
    """The smaller of each pair; the first gets the gradient at a tie, nan loses.

    Example:
        >>> import nn
        >>> nn.fmin(nn.tensor([1.0, float('nan')]), nn.tensor([3.0, 0.0]))
        tensor([1., 0.])
    """
    return _number(input, other, ops.less_equal, "fmin")


def _number(input: Tensor, other: Tensor, wins: Any, caller: str) -> Tensor:
    x, y = checks.tensor(input, caller), checks.tensor(other, caller, "other")
    return ops.where(wins(x.detach(), y.detach()) | ops.isnan(y.detach()), x, y)


@in_place
@method
def clamp(input: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """x held within [min, max]; the derivative is 1 inside and at the bounds, 0 outside; nan stays nan.

    Args:
        input: x.
        min: the lower bound, a number or a tensor (which gets the gradient where it holds x, unless the bounds are
            equal there); None for no bound.
        max: the upper bound; it wins where the bounds are crossed. Where a bound is nan, so is the result.

    Example:
        >>> import nn
        >>> nn.clamp(nn.tensor([-2.0, 0.5, 2.0]), min=-1.0, max=1.0)
        tensor([-1.0000,  0.5000,  1.0000])
    """
    x = checks.tensor(input, "clamp")
    if min is None and max is None:
        raise RangeError("clamp: expected at least one of min and max, got none")
    if isinstance(min, Tensor) or isinstance(max, Tensor):
        return _clamp_between(x, min, max)
    return ops.clamp(x, min=min, max=max)


clip = alias(clamp, "clip")


def _clamp_between(x: Tensor, min: Any, max: Any) -> Tensor:
    """Numbers first, nan if one of the three is, then who gets the gradient: nobody where the result is nan."""
    fixed: Any = x.detach()
    low, high = (v.detach() if isinstance(v, Tensor) else v for v in (min, max))
    y: Any = fixed if low is None else ops.maximum(fixed, low)
    y = y if high is None else ops.minimum(y, high)
    known = ~ops.isnan(y)
    y = ops.where(y == fixed, x, y)
    if low is not None:
        y = ops.where(fixed < low if high is None else (fixed < low) & (low < high), min, y)
    if high is not None:
        y = ops.where(fixed > high if low is None else known & ((fixed > high) | (high < low)), max, y)
    return y


@in_place
@method
def clamp_min(input: Tensor, min: Any) -> Tensor:
    """max(x, min), with the gradient of `clamp`.

    Example:
        >>> import nn
        >>> nn.clamp_min(nn.tensor([-2.0, 2.0]), 0.0)
        tensor([0., 2.])
    """
    return clamp(input, min=min)


@in_place
@method
def clamp_max(input: Tensor, max: Any) -> Tensor:
    """min(x, max), with the gradient of `clamp`.

    Example:
        >>> import nn
        >>> nn.clamp_max(nn.tensor([-2.0, 2.0]), 0.0)
        tensor([-2.,  0.])
    """
    return clamp(input, max=max)


@in_place
@method
def heaviside(input: Tensor, values: Tensor) -> Tensor:
    """0 below 0, 1 above, `values` at 0; without a derivative.

    Example:
        >>> import nn
        >>> nn.heaviside(nn.tensor([-1.0, 0.0, 2.0]), nn.tensor([0.5]))
        tensor([0.0000, 0.5000, 1.0000])
    """
    x, values = checks.pair(input, values, "heaviside", "values")
    x = x.detach()
    return ops.where(x == 0, values.detach(), ops.cast(x > 0, dtype=x.dtype))


@in_place
@method
def nan_to_num(
    input: Tensor, nan: float | None = 0.0, posinf: float | None = None, neginf: float | None = None
) -> Tensor:
    """x, with numbers in place of nan, inf and -inf (for these, the largest and the smallest of the dtype).

    Example:
        >>> import nn
        >>> nn.nan_to_num(nn.tensor([float('nan'), float('inf'), 1.0]), posinf=9.0)
        tensor([0., 9., 1.])
    """
    x = checks.tensor(input, "nan_to_num")
    if x.dtype.kind != "f":
        return ops.cast(x, dtype=x.dtype)
    return ops.nan_to_num(x, nan=nan or 0.0, posinf=posinf, neginf=neginf)
