"""Activations made of straight lines. Their derivative at a bend is PyTorch's: mostly 0."""

from __future__ import annotations

from typing import Any

from nn.errors import RangeError
from nn.ops import activation, arithmetic
from nn.tensors import checks
from nn.tensors.in_place import replacing
from nn.tensors.tensor import Tensor

__all__ = [
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hardtanh_",
    "relu6",
    "softshrink",
    "threshold",
    "threshold_",
]


def hardtanh(input: Tensor, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Tensor:
    """x held within [min_val, max_val]; unlike `clamp`, its derivative at the bounds is 0.

    Example:
        >>> import nn
        >>> nn.functional.hardtanh(nn.tensor([-2.0, 0.5, 2.0]))
        tensor([-1.0000,  0.5000,  1.0000])
    """
    if inplace:
        return hardtanh_(input, min_val, max_val)
    x = checks.tensor(input, "hardtanh")
    if min_val > max_val:
        raise RangeError(f"hardtanh: min_val must not be above max_val, got {min_val} and {max_val}")
    if x.dtype.kind in "iu":  # and they stay integers
        min_val, max_val = int(min_val), int(max_val)
    return activation.hardtanh(x, min=min_val, max=max_val)


def relu6(input: Tensor, inplace: bool = False) -> Tensor:
    """min(max(x, 0), 6).

    Example:
        >>> import nn
        >>> nn.functional.relu6(nn.tensor([-1.0, 3.0, 8.0]))
        tensor([0., 3., 6.])
    """
    return hardtanh(checks.tensor(input, "relu6"), 0.0, 6.0, inplace)


def hardsigmoid(input: Tensor, inplace: bool = False) -> Tensor:
    """relu6(x + 3) / 6: the sigmoid in three straight lines.

    Example:
        >>> import nn
        >>> nn.functional.hardsigmoid(nn.tensor([-3.0, 0.0, 3.0]))
        tensor([0.0000, 0.5000, 1.0000])

    References:
        Courbariaux, Bengio and David, BinaryConnect, NeurIPS 2015.
    """
    if inplace:
        return replacing(hardsigmoid)(input)
    x: Any = checks.floating(input, "hardsigmoid")
    return activation.hardtanh(x + 3, min=0.0, max=6.0, at_nan=False) / 6


def hardswish(input: Tensor, inplace: bool = False) -> Tensor:
    """x relu6(x + 3) / 6; its derivative is 0 at -3 and 1 at 3.

    Example:
        >>> import nn
        >>> nn.functional.hardswish(nn.tensor([-4.0, 1.0, 4.0]))
        tensor([-0.0000,  0.6667,  4.0000])

    References:
        Howard et al., Searching for MobileNetV3, ICCV 2019.
    """
    if inplace:
        return replacing(hardswish)(input)
    return activation.hardswish(checks.floating(input, "hardswish"))


def threshold(input: Tensor, threshold: float, value: float, inplace: bool = False) -> Tensor:
    """x above the threshold, `value` elsewhere.

    Example:
        >>> import nn
        >>> nn.functional.threshold(nn.tensor([0.1, 0.5]), 0.2, -1.0)
        tensor([-1.0000,  0.5000])
    """
    if inplace:
        return threshold_(input, threshold, value)
    x = checks.tensor(input, "threshold")
    return arithmetic.where(x.detach() <= threshold, value, x)


def softshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x moved towards 0 by lambd, and 0 where |x| <= lambd.

    Example:
        >>> import nn
        >>> nn.functional.softshrink(nn.tensor([-1.0, 0.3, 2.0]))
        tensor([-0.5000,  0.0000,  1.5000])
    """
    x = checks.floating(input, "softshrink")
    if lambd < 0:
        raise RangeError(f"softshrink: lambd must be 0 or more, got {lambd}")
    moved = x - arithmetic.clamp(x.detach(), min=-lambd, max=lambd)
    return arithmetic.where(arithmetic.abs(x.detach()) <= lambd, 0.0, moved)


hardtanh_ = replacing(hardtanh)
threshold_ = replacing(threshold)
