"""The fully connected layer, and layers that compute nothing."""

from __future__ import annotations

import math
from typing import Any

from nn import init
from nn.functional.creation import empty
from nn.functional.linear import linear
from nn.modules.module import Module, Parameter
from nn.tensor import Tensor

__all__ = ["Flatten", "Identity", "Linear"]


class Linear(Module):
    """y = x W^T + b.

    Args:
        in_features: the length of the last axis of the input.
        out_features: the length of the last axis of the output.
        bias: whether there is a b.

    Shape:
        (*, in_features) -> (*, out_features); weight (out_features, in_features), bias (out_features,).
        Both start uniform in [-1/sqrt(in_features), 1/sqrt(in_features)).

    Example:
        >>> import nn
        >>> nn.Linear(3, 2)(nn.zeros(5, 3)).shape
        (5, 2)
    """

    def __init__(self, in_features: int, out_features: int, bias: bool = True) -> None:
        super().__init__()
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(empty(out_features, in_features))
        if bias:
            self.bias = Parameter(empty(out_features))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial values anew."""
        if self.in_features:
            init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        """See `nn.functional.linear`."""
        return linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The constructor's arguments."""
        return f"in_features={self.in_features}, out_features={self.out_features}, bias={self.bias is not None}"


class Flatten(Module):
    """Makes the axes from `start_dim` to `end_dim` one; by default everything but the batch.

    Example:
        >>> import nn
        >>> nn.Flatten()(nn.zeros(5, 3, 4)).shape
        (5, 12)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        """See `nn.flatten`."""
        return input.flatten(self.start_dim, self.end_dim)

    def extra_repr(self) -> str:
        """The constructor's arguments."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


class Identity(Module):
    """Returns its input; takes and ignores any arguments.

    Example:
        >>> import nn
        >>> nn.Identity()(nn.ones(1))
        tensor([1.])
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__()

    def forward(self, input: Tensor) -> Tensor:
        """The input."""
        return input
