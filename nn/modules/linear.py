"""The fully connected layer and its bilinear and lazy forms, and layers that only change the shape, or nothing."""

from __future__ import annotations

import math
from typing import Any

from numpy.typing import DTypeLike

from nn import init
from nn.errors import RangeError, ShapeError
from nn.functional.linear import bilinear, linear
from nn.modules.fields import Shown
from nn.modules.lazy import LazyModuleMixin, UninitializedParameter
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.ops.shape import axis, reshape
from nn.tensors.creation import empty
from nn.tensors.place import Device, Factory
from nn.tensors.tensor import Tensor

__all__ = ["Bilinear", "Flatten", "Identity", "LazyLinear", "Linear", "Unflatten"]


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

    in_features: Shown[int]
    out_features: Shown[int]
    weight: Parameter
    bias: Shown[Parameter | None]

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        self.in_features = in_features
        self.out_features = out_features
        self.weight = Parameter(empty(out_features, in_features, **factory))
        if bias:
            self.bias = Parameter(empty(out_features, **factory))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial values again."""
        if self.weight.numel():
            init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(self.in_features) if self.in_features else 0
            init.uniform_(self.bias, -bound, bound)

    def forward(self, input: Tensor) -> Tensor:
        return linear(input, self.weight, self.bias)


class LazyLinear(LazyModuleMixin, Linear):
    """A `Linear` that takes `in_features` from its first input.

    Example:
        >>> import nn
        >>> layer = nn.LazyLinear(2)
        >>> layer(nn.zeros(5, 3)).shape
        (5, 2)
        >>> layer
        Linear(in_features=3, out_features=2, bias=True)
    """

    cls_to_become = Linear

    def __init__(
        self, out_features: int, bias: bool = True, device: Device = None, dtype: DTypeLike | None = None
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(0, 0, bias=False, **factory)
        self.out_features = out_features
        self.weight = UninitializedParameter(**factory)
        if bias:
            self.bias = UninitializedParameter(**factory)

    def reset_parameters(self) -> None:
        """Draw the initial values again, once the parameters have shapes."""
        if not self.has_uninitialized_params():
            super().reset_parameters()

    def initialize_parameters(self, input: Tensor) -> None:
        """Take `in_features` from the last axis of the input."""
        if self.has_uninitialized_params():
            self.in_features = input.shape[-1]
            weight: Any = self.weight
            bias: Any = self.bias
            weight.materialize((self.out_features, self.in_features))
            if bias is not None:
                bias.materialize((self.out_features,))
            self.reset_parameters()
        self.in_features = self.weight.shape[-1]


class Bilinear(Module):
    """y = x1^T A x2 + b, one matrix A for each output; see `nn.functional.bilinear`.

    Shape:
        (*, in1_features), (*, in2_features) -> (*, out_features).
        weight (out_features, in1_features, in2_features) and bias (out_features,) start uniform in
        [-1/sqrt(in1_features), 1/sqrt(in1_features)).

    Raises:
        RangeError: in1_features is 0.

    Example:
        >>> import nn
        >>> nn.Bilinear(3, 4, 2)(nn.zeros(5, 3), nn.zeros(5, 4)).shape
        (5, 2)
    """

    in1_features: Shown[int]
    in2_features: Shown[int]
    out_features: Shown[int]
    weight: Parameter
    bias: Shown[Parameter | None]

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        if in1_features <= 0:
            raise RangeError(f"Bilinear: in1_features must be at least 1, got {in1_features}")
        self.in1_features = in1_features
        self.in2_features = in2_features
        self.out_features = out_features
        self.weight = Parameter(empty(out_features, in1_features, in2_features, **factory))
        if bias:
            self.bias = Parameter(empty(out_features, **factory))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial values again."""
        bound = 1 / math.sqrt(self.in1_features)
        for parameter in self.parameters():
            init.uniform_(parameter, -bound, bound)

    def forward(self, input1: Tensor, input2: Tensor) -> Tensor:
        return bilinear(input1, input2, self.weight, self.bias)


class Flatten(Module):
    """Makes the axes from `start_dim` to `end_dim` one; by default everything but the batch.

    Example:
        >>> import nn
        >>> nn.Flatten()(nn.zeros(5, 3, 4)).shape
        (5, 12)
    """

    start_dim: Shown[int]
    end_dim: Shown[int]

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        super().__init__()
        self.start_dim = start_dim
        self.end_dim = end_dim

    def forward(self, input: Tensor) -> Tensor:
        return input.flatten(self.start_dim, self.end_dim)


class Unflatten(Module):
    """Makes the axis `dim` several, of the given lengths; one of them may be -1, for what is left.

    Raises:
        TypeError: the lengths are no tuple or list of integers.
        ShapeError: the lengths do not multiply to that of the axis.

    Example:
        >>> import nn
        >>> nn.Unflatten(1, (3, 4))(nn.zeros(5, 12)).shape
        (5, 3, 4)
    """

    dim: Shown[int]
    unflattened_size: Shown[tuple[int, ...]]

    def __init__(self, dim: int, unflattened_size: tuple[int, ...]) -> None:
        super().__init__()
        if not isinstance(unflattened_size, tuple | list) or not all(isinstance(n, int) for n in unflattened_size):
            raise TypeError(f"Unflatten: unflattened_size must be a tuple of integers, got {unflattened_size!r}")
        self.dim = dim
        self.unflattened_size = unflattened_size

    def forward(self, input: Tensor) -> Tensor:
        """Return the input in its new shape."""
        dim, sizes = axis(self.dim, input.ndim, "Unflatten"), list(self.unflattened_size)
        rest = -math.prod(sizes)
        if sizes.count(-1) == 1 and rest > 0:
            sizes[sizes.index(-1)] = input.shape[dim] // rest
        if math.prod(sizes) != input.shape[dim]:
            raise ShapeError(
                f"Unflatten: axis {self.dim} of input {input.shape} cannot be split into {self.unflattened_size}; "
                "give lengths whose product is that of the axis"
            )
        return reshape(input, shape=(*input.shape[:dim], *sizes, *input.shape[dim + 1 :]))


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
        """Return the input."""
        return input
