"""Convolution layers."""

from __future__ import annotations

import math
from typing import Any

from nn import init
from nn.errors import RangeError, ShapeError
from nn.functional import checks
from nn.functional import convolution as F
from nn.functional.creation import empty
from nn.modules.module import Module, Parameter
from nn.tensor import Tensor

__all__ = ["Conv1d", "Conv2d", "Conv3d"]

Size = int | tuple[int, ...]


class _Conv(Module):
    """What the convolutions of every rank share."""

    rank: int

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise ShapeError(
                f"{name}: groups={groups} must divide in_channels={in_channels} and out_channels={out_channels}"
            )
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = checks.spatial(kernel_size, self.rank, name, "kernel_size")
        self.stride = checks.spatial(stride, self.rank, name, "stride")
        if isinstance(padding, str):
            checks.choice(padding, ("valid", "same"), name, "padding")
            if padding == "same" and self.stride != (1,) * self.rank:
                raise RangeError(f"{name}: padding='same' wants stride 1, {stride} came; give the padding as a number")
            self.padding: Any = padding
        else:
            self.padding = checks.spatial(padding, self.rank, name, "padding", 0)
        self.dilation = checks.spatial(dilation, self.rank, name, "dilation")
        self.groups = groups
        self.weight = Parameter(empty(out_channels, in_channels // groups, *self.kernel_size))
        if bias:
            self.bias = Parameter(empty(out_channels))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial values anew."""
        init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(math.prod(self.weight.shape[1:]))
            init.uniform_(self.bias, -bound, bound)

    def arguments(self) -> dict[str, Any]:
        """What the functional convolution is called with."""
        return dict(stride=self.stride, padding=self.padding, dilation=self.dilation, groups=self.groups)

    def extra_repr(self) -> str:
        """The constructor's arguments that are not the default."""
        text = f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, stride={self.stride}"
        ones = (1,) * self.rank
        for name, default in (("padding", (0,) * self.rank), ("dilation", ones), ("groups", 1)):
            value = getattr(self, name)
            text += f", {name}={value}" if value != default else ""
        return text + (", bias=False" if self.bias is None else "")


class Conv1d(_Conv):
    """Convolution over one spatial axis; arguments as for `Conv2d`.

    Example:
        >>> import nn
        >>> nn.Conv1d(2, 3, kernel_size=3)(nn.zeros(1, 2, 8)).shape
        (1, 3, 6)
    """

    rank = 1

    def forward(self, input: Tensor) -> Tensor:
        """See `nn.functional.conv1d`."""
        return F.conv1d(input, self.weight, self.bias, **self.arguments())


class Conv2d(_Conv):
    """Convolution of images with learned filters; see `nn.functional.conv2d` for the formula.

    Args:
        in_channels: channels of the input.
        out_channels: filters, which are the channels of the output.
        kernel_size: the window in pixels, one number or (height, width).
        stride: steps between windows, in pixels.
        padding: zeros around the image, in pixels; or "valid", or "same".
        dilation: steps between the elements of a window, in pixels.
        groups: the channels are split into so many groups, each with its own filters.
        bias: whether a number is added to each filter's output.

    Shape:
        (N, C, H, W) -> (N, O, H', W'); weight (O, C / groups, kH, kW), bias (O,).
        Both start uniform in [-1/sqrt(fan_in), 1/sqrt(fan_in)), fan_in = C / groups * kH * kW.

    Example:
        >>> import nn
        >>> nn.Conv2d(1, 8, kernel_size=3, padding=1)
        Conv2d(1, 8, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))
        >>> nn.Conv2d(1, 8, kernel_size=3, padding=1)(nn.zeros(4, 1, 28, 28)).shape
        (4, 8, 28, 28)
    """

    rank = 2

    def forward(self, input: Tensor) -> Tensor:
        """See `nn.functional.conv2d`."""
        return F.conv2d(input, self.weight, self.bias, **self.arguments())


class Conv3d(_Conv):
    """Convolution over three spatial axes; arguments as for `Conv2d`.

    Example:
        >>> import nn
        >>> nn.Conv3d(1, 2, kernel_size=2)(nn.zeros(1, 1, 3, 3, 3)).shape
        (1, 2, 2, 2, 2)
    """

    rank = 3

    def forward(self, input: Tensor) -> Tensor:
        """See `nn.functional.conv3d`."""
        return F.conv3d(input, self.weight, self.bias, **self.arguments())
