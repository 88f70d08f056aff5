"""The activation functions that are functions and methods of tensors too, as in `torch`."""

from __future__ import annotations

from nn.errors import ShapeError
from nn.ops import activation as ops
from nn.ops import arithmetic
from nn.ops.shape import reshape
from nn.tensors import checks
from nn.tensors.in_place import replacing
from nn.tensors.methods import in_place, method
from nn.tensors.tensor import Tensor

__all__ = ["hardshrink", "prelu", "relu", "relu_", "sigmoid", "tanh"]


@in_place
@method
def relu(input: Tensor, inplace: bool = False) -> Tensor:
    """Rectified linear unit, max(x, 0); its derivative at 0 is 0.

    Example:
        >>> import nn
        >>> nn.functional.relu(nn.tensor([-1.0, 0.0, 2.0]))
        tensor([0., 0., 2.])

    References:
        Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010.
    """
    if inplace:
        return relu_(input)
    return ops.relu(checks.tensor(input, "relu"))


@in_place
@method
def sigmoid(input: Tensor) -> Tensor:
    """The logistic function, 1 / (1 + e^-x), which maps to (0, 1) and never overflows.

    Example:
        >>> import nn
        >>> nn.functional.sigmoid(nn.tensor([-1000.0, 0.0, 1000.0]))
        tensor([0.0000, 0.5000, 1.0000])
    """
    return ops.sigmoid(checks.tensor(input, "sigmoid"))


@in_place
@method
def tanh(input: Tensor) -> Tensor:
    """The hyperbolic tangent, which maps to (-1, 1).

    Example:
        >>> import nn
        >>> nn.functional.tanh(nn.tensor([0.0, 1000.0]))
        tensor([0., 1.])
    """
    return ops.tanh(checks.tensor(input, "tanh"))


@method
def prelu(input: Tensor, weight: Tensor) -> Tensor:
    """x above 0, weight * x below, with one learned weight, or one for each channel (axis 1).

    Raises:
        ShapeError: the weights are neither one nor as many as channels.

    Example:
        >>> import nn
        >>> nn.functional.prelu(nn.tensor([-1.0, 2.0]), nn.tensor([0.25]))
        tensor([-0.2500,  2.0000])

    References:
        He, Zhang, Ren and Sun, Delving Deep into Rectifiers, ICCV 2015.
    """
    x, weight = checks.floating(input, "prelu"), checks.floating(weight, "prelu", "weight")
    channels = x.shape[1] if x.ndim > 1 else 1
    if weight.ndim > 1 or weight.numel() not in (1, channels):
        raise ShapeError(f"prelu: weight must have 1 or {channels} elements for input {x.shape}, got {weight.shape}")
    spread = (1, -1, *(1,) * (x.ndim - 2)) if weight.numel() > 1 else ()
    return arithmetic.where(x.detach() > 0, x, x * reshape(weight, shape=spread))


@method
def hardshrink(input: Tensor, lambd: float = 0.5) -> Tensor:
    """x, and 0 where |x| <= lambd.

    Example:
        >>> import nn
        >>> nn.functional.hardshrink(nn.tensor([-1.0, 0.3, 2.0]))
        tensor([-1.,  0.,  2.])
    """
    x = checks.floating(input, "hardshrink")
    return arithmetic.where(arithmetic.abs(x.detach()) <= lambd, 0.0, x)


relu_ = replacing(relu)
