"""Convolutions that take the number of their channels from the first input."""

from __future__ import annotations

from typing import Any

from nn.errors import ShapeError
from nn.modules.convolution import (
    Conv1d,
    Conv2d,
    Conv3d,
    ConvTranspose1d,
    ConvTranspose2d,
    ConvTranspose3d,
    _Convolution,
)
from nn.modules.lazy import LazyModuleMixin, UninitializedParameter
from nn.tensors.tensor import Tensor

__all__ = [
    "LazyConv1d",
    "LazyConv2d",
    "LazyConv3d",
    "LazyConvTranspose1d",
    "LazyConvTranspose2d",
    "LazyConvTranspose3d",
]


class _LazyConvolution(LazyModuleMixin, _Convolution):
    """What lazy convolutions of every rank, and their transposes, share."""

    def __init__(self, out_channels: int, *args: Any, **kwargs: Any) -> None:
        super().__init__(0, out_channels, *args, **kwargs)
        dtype = self.weight.dtype
        self.weight = UninitializedParameter(dtype=dtype)
        if self.bias is not None:
            self.bias = UninitializedParameter(dtype=dtype)

    def reset_parameters(self) -> None:
        """Draw the initial values again, once the parameters have shapes."""
        if self.in_channels and not self.has_uninitialized_params():
            super().reset_parameters()

    def initialize_parameters(self, input: Tensor, *args: Any, **kwargs: Any) -> None:
        """Take `in_channels` from the axis C of the input."""
        groups = self.groups
        if self.has_uninitialized_params():
            if input.ndim not in (self.rank + 1, self.rank + 2):
                raise ShapeError(
                    f"{type(self).__name__}: x must have {self.rank + 2} axes (N, C, spatial) or {self.rank + 1} "
                    f"without N, it is {input.shape}"
                )
            channels = input.shape[-self.rank - 1]
            if channels % groups:
                raise ShapeError(f"{type(self).__name__}: groups={groups} must divide the {channels} channels of x")
            self.in_channels = channels
            first, second = (channels, self.out_channels) if self.transposed else (self.out_channels, channels)
            weight: Any = self.weight
            bias: Any = self.bias
            weight.materialize((first, second // groups, *self.kernel_size))
            if bias is not None:
                bias.materialize((self.out_channels,))
            self.reset_parameters()
        self.in_channels = self.weight.shape[0] if self.transposed else self.weight.shape[1] * groups


class LazyConv1d(_LazyConvolution, Conv1d):
    """A `Conv1d` that takes `in_channels` from its first input; the other arguments are the same.

    Example:
        >>> import nn
        >>> nn.LazyConv1d(8, kernel_size=3)(nn.zeros(2, 3, 9)).shape
        (2, 8, 7)
    """

    cls_to_become = Conv1d


class LazyConv2d(_LazyConvolution, Conv2d):
    """A `Conv2d` that takes `in_channels` from its first input; the other arguments are the same.

    Example:
        >>> import nn
        >>> nn.LazyConv2d(8, kernel_size=3)(nn.zeros(2, 3, 9, 9)).shape
        (2, 8, 7, 7)
    """

    cls_to_become = Conv2d


class LazyConv3d(_LazyConvolution, Conv3d):
    """A `Conv3d` that takes `in_channels` from its first input; the other arguments are the same.

    Example:
        >>> import nn
        >>> nn.LazyConv3d(8, kernel_size=3)(nn.zeros(2, 3, 9, 9, 9)).shape
        (2, 8, 7, 7, 7)
    """

    cls_to_become = Conv3d


class LazyConvTranspose1d(_LazyConvolution, ConvTranspose1d):
    """A `ConvTranspose1d` that takes `in_channels` from its first input; the other arguments are the same.

    Example:
        >>> import nn
        >>> nn.LazyConvTranspose1d(8, kernel_size=3)(nn.zeros(2, 3, 9)).shape
        (2, 8, 11)
    """

    cls_to_become = ConvTranspose1d


class LazyConvTranspose2d(_LazyConvolution, ConvTranspose2d):
    """A `ConvTranspose2d` that takes `in_channels` from its first input; the other arguments are the same.

    Example:
        >>> import nn
        >>> nn.LazyConvTranspose2d(8, kernel_size=3)(nn.zeros(2, 3, 9, 9)).shape
        (2, 8, 11, 11)
    """

    cls_to_become = ConvTranspose2d


class LazyConvTranspose3d(_LazyConvolution, ConvTranspose3d):
    """A `ConvTranspose3d` that takes `in_channels` from its first input; the other arguments are the same.

    Example:
        >>> import nn
        >>> nn.LazyConvTranspose3d(8, kernel_size=3)(nn.zeros(2, 3, 9, 9, 9)).shape
        (2, 8, 11, 11, 11)
    """

    cls_to_become = ConvTranspose3d
