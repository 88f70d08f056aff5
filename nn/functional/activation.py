"""Activation functions."""

from __future__ import annotations

from nn.functional import checks
from nn.functional.arithmetic import where
from nn.ops import activation as ops
from nn.ops import softmax as softmax_ops
from nn.tensor import Tensor, in_place, method

__all__ = ["log_softmax", "relu", "sigmoid", "softmax", "softplus", "tanh"]


@in_place
@method
def relu(input: Tensor) -> Tensor:
    """Rectified linear unit, max(x, 0); its derivative at 0 is 0.

    Example:
        >>> import nn
        >>> nn.functional.relu(nn.tensor([-1.0, 0.0, 2.0]))
        tensor([0., 0., 2.])

    References:
        Nair and Hinton, Rectified Linear Units Improve Restricted Boltzmann Machines, ICML 2010.
    """
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


def softplus(input: Tensor, beta: float = 1.0, threshold: float = 20.0) -> Tensor:
    """A smooth relu, ln(1 + e^(beta x)) / beta.

    Args:
        input: x.
        beta: the sharpness of the bend.
        threshold: where beta x is above it, the result is x itself.

    Example:
        >>> import nn
        >>> nn.functional.softplus(nn.tensor([0.0, 100.0]))
        tensor([  0.6931, 100.0000])
    """
    scaled = checks.floating(input, "softplus") if beta == 1 else input * beta
    return where(scaled.detach() > threshold, input, ops.softplus(scaled) / beta)


@method
def softmax(input: Tensor, dim: int) -> Tensor:
    """e^x / (sum of e^x along `dim`): positive numbers that sum to 1; large x do not overflow.

    Args:
        input: logits, any shape.
        dim: the axis of the classes.

    Example:
        >>> import nn
        >>> nn.functional.softmax(nn.tensor([[0.0, 0.0], [1000.0, 0.0]]), dim=1)
        tensor([[0.5000, 0.5000],
                [1.0000, 0.0000]])
    """
    return softmax_ops.softmax(checks.floating(input, "softmax"), dim=dim)


@method
def log_softmax(input: Tensor, dim: int) -> Tensor:
    """x - ln(sum of e^x along `dim`), exact where the softmax itself would round to 0.

    Args:
        input: logits, any shape.
        dim: the axis of the classes.

    Example:
        >>> import nn
        >>> nn.functional.log_softmax(nn.tensor([1000.0, 0.0]), dim=0)
        tensor([    0., -1000.])
    """
    return softmax_ops.log_softmax(checks.floating(input, "log_softmax"), dim=dim)
