"""Convolution layers, and their transposes: learned filters that move over one, two or three spatial axes.

`Conv1d` to `Conv3d` give each output the weighted sum of a window of the input. `ConvTranspose1d` to `ConvTranspose3d`
run the same map backwards, from each element to a window, and so make their input larger. Those that read the number
of channels from their first input are in `lazy_convolution`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from numpy.typing import DTypeLike

from nn import init
from nn.errors import RangeError, ShapeError
from nn.functional import convolution as F
from nn.functional.padding import pad
from nn.modules.fields import Bare, Shown, Unusual
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.tensors import checks
from nn.tensors.creation import empty
from nn.tensors.place import Device, Factory
from nn.tensors.tensor import Tensor

__all__ = ["Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d", "ConvTranspose3d"]

Size = int | tuple[int, ...]
MODES = ("zeros", "reflect", "replicate", "circular")


class _Convolution(Module):
    """What convolutions of every rank, and their transposes, share."""

    in_channels: Bare[int]
    out_channels: Bare[int]
    kernel_size: Shown[tuple[int, ...]]
    stride: Shown[tuple[int, ...]]
    padding: Unusual[str | tuple[int, ...]] = (0,)
    dilation: Unusual[tuple[int, ...]] = (1,)
    output_padding: Unusual[tuple[int, ...]] = (0,)
    groups: Unusual[int] = 1
    weight: Parameter
    bias: Unusual[Parameter | None]
    padding_mode: Unusual[str] = "zeros"
    rank: int
    transposed = False

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size,
        padding: Any,
        dilation: Size,
        groups: int,
        bias: bool,
        padding_mode: str,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        name, rank = type(self).__name__, self.rank
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise ShapeError(
                f"{name}: groups={groups} must divide in_channels={in_channels} and out_channels={out_channels}"
            )
        checks.choice(padding_mode, MODES, name, "padding_mode")
        self.in_channels = in_channels
        self.out_channels = out_channels
        self.kernel_size = checks.spatial(kernel_size, rank, name, "kernel_size")
        self.stride = checks.spatial(stride, rank, name, "stride")
        self.padding = padding
        if isinstance(padding, str):
            checks.choice(padding, ("valid", "same"), name, "padding")
            if padding == "same" and self.stride != (1,) * rank:
                raise RangeError(f"{name}: padding='same' needs stride 1, got {stride}; give the padding as a number")
        else:
            self.padding = checks.spatial(padding, rank, name, "padding", 0)
        self.dilation = checks.spatial(dilation, rank, name, "dilation")
        self.output_padding = (0,) * rank
        self.groups = groups
        self.padding_mode = padding_mode
        first, second = (in_channels, out_channels) if self.transposed else (out_channels, in_channels)
        self.weight = Parameter(empty(first, second // groups, *self.kernel_size, **factory))
        if bias:
            self.bias = Parameter(empty(out_channels, **factory))
        else:
            self.register_parameter("bias", None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Draw the initial values again."""
        fan_in = math.prod(self.weight.shape[1:])
        if self.weight.numel():
            init.kaiming_uniform_(self.weight, a=math.sqrt(5))
        if self.bias is not None:
            bound = 1 / math.sqrt(fan_in) if fan_in else 0
            init.uniform_(self.bias, -bound, bound)


class _Conv(_Convolution):
    """What the convolutions of every rank share."""

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
        padding_mode: str = "zeros",
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, **factory
        )

    def forward(self, input: Tensor) -> Tensor:
        padding: Size | str = self.padding
        if self.padding_mode != "zeros":
            checks.tensor(input, type(self).__name__)
            input, padding = pad(input, self._margins(), mode=self.padding_mode), 0
        convolve = getattr(F, f"conv{self.rank}d")
        return convolve(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    def _margins(self) -> tuple[int, ...]:
        """What `pad` is called with: before and behind, the last axis first."""
        margins: list[int] = []
        for axis in reversed(range(self.rank)):
            if self.padding == "same":
                total = self.dilation[axis] * (self.kernel_size[axis] - 1)
                margins += [total // 2, total - total // 2]
            else:
                margins += [0 if isinstance(self.padding, str) else self.padding[axis]] * 2
        return tuple(margins)


class Conv1d(_Conv):
    """Convolution over one spatial axis; arguments as for `Conv2d`.

    Example:
        >>> import nn
        >>> nn.Conv1d(2, 3, kernel_size=3)(nn.zeros(1, 2, 8)).shape
        (1, 3, 6)
    """

    rank = 1


class Conv2d(_Conv):
    """Convolution of images with learned filters; see `nn.functional.conv2d` for the formula.

    Args:
        in_channels: channels of the input.
        out_channels: filters, which are the channels of the output.
        kernel_size: the window in pixels, one number or (height, width).
        stride: steps between windows, in pixels.
        padding: pixels added around the image; or "valid" (none), or "same" (output as large as input).
        dilation: steps between the elements of a window, in pixels.
        groups: the channels are split into so many groups, each with its own filters.
        bias: whether a number is added to each filter's output.
        padding_mode: what the pixels added are: "zeros", or as `nn.functional.pad` makes them by "reflect",
            "replicate" or "circular".
        device: the CPU, where all parameters are.
        dtype: their element type; None for the default.

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


class Conv3d(_Conv):
    """Convolution over three spatial axes; arguments as for `Conv2d`.

    Example:
        >>> import nn
        >>> nn.Conv3d(1, 2, kernel_size=2)(nn.zeros(1, 1, 3, 3, 3)).shape
        (1, 2, 2, 2, 2)
    """

    rank = 3


class _ConvTranspose(_Convolution):
    """What the transposed convolutions of every rank share."""

    padding: Unusual[tuple[int, ...]] = (0,)
    transposed = True

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Size = 1,
        padding_mode: str = "zeros",
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        name = type(self).__name__
        checks.choice(padding_mode, ("zeros",), name, "padding_mode")
        padding = checks.spatial(padding, self.rank, name, "padding", 0)
        super().__init__(
            in_channels, out_channels, kernel_size, stride, padding, dilation, groups, bias, padding_mode, **factory
        )
        self.output_padding = checks.spatial(output_padding, self.rank, name, "output_padding", 0)

    def forward(self, input: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        """Apply the layer; `output_size` (with or without N and C) stands in for output_padding where it is given."""
        extra = self.output_padding if output_size is None else self._missing(input, tuple(output_size))
        transpose = getattr(F, f"conv_transpose{self.rank}d")
        return transpose(input, self.weight, self.bias, self.stride, self.padding, extra, self.groups, self.dilation)

    def _missing(self, input: Tensor, wanted: tuple[int, ...]) -> tuple[int, ...]:
        """The output padding that leads to the size asked for."""
        name, rank = type(self).__name__, self.rank
        shape = checks.tensor(input, name).shape
        if len(wanted) not in (rank, len(shape)):
            raise ShapeError(
                f"{name}: output_size must have {rank} or {len(shape)} numbers for x {shape}, got {wanted}"
            )
        smallest = tuple(
            (n - 1) * s - 2 * p + d * (k - 1) + 1
            for n, s, p, d, k in zip(
                shape[-rank:], self.stride, self.padding, self.dilation, self.kernel_size, strict=True
            )
        )
        extra = tuple(w - n for w, n in zip(wanted[-rank:], smallest, strict=True))
        if any(not 0 <= e < s for e, s in zip(extra, self.stride, strict=True)):
            largest = tuple(n + s - 1 for n, s in zip(smallest, self.stride, strict=True))
            raise ShapeError(
                f"{name}: output_size {wanted} is not reachable from x {shape}; choose {smallest} to {largest}"
            )
        return extra


class ConvTranspose1d(_ConvTranspose):
    """Transposed convolution over one spatial axis; arguments as for `ConvTranspose2d`.

    Example:
        >>> import nn
        >>> nn.ConvTranspose1d(2, 3, kernel_size=3)(nn.zeros(1, 2, 8)).shape
        (1, 3, 10)
    """

    rank = 1


class ConvTranspose2d(_ConvTranspose):
    """Transposed convolution with learned filters, which makes images larger; see `nn.functional.conv_transpose2d`.

    Args:
        in_channels: channels of the input.
        out_channels: channels of the output.
        kernel_size: the window in pixels, one number or (height, width).
        stride: steps between the filters laid down, in pixels.
        padding: pixels cut off on every side.
        output_padding: pixels more at the end of each axis.
        groups: the channels are split into so many groups, each with its own filters.
        bias: whether a number is added to each channel of the output.
        dilation: steps between the elements of a filter, in pixels.
        padding_mode: only "zeros".
        device: the CPU, where all parameters are.
        dtype: their element type; None for the default.

    Shape:
        (N, C, H, W) -> (N, O, H', W'); weight (C, O / groups, kH, kW), bias (O,).
        Both start uniform in [-1/sqrt(f), 1/sqrt(f)), f = O / groups * kH * kW.

    Example:
        >>> import nn
        >>> up = nn.ConvTranspose2d(8, 1, kernel_size=3, stride=2, padding=1)
        >>> up
        ConvTranspose2d(8, 1, kernel_size=(3, 3), stride=(2, 2), padding=(1, 1))
        >>> up(nn.zeros(4, 8, 14, 14)).shape, up(nn.zeros(4, 8, 14, 14), output_size=(28, 28)).shape
        ((4, 1, 27, 27), (4, 1, 28, 28))
    """

    rank = 2


class ConvTranspose3d(_ConvTranspose):
    """Transposed convolution over three spatial axes; arguments as for `ConvTranspose2d`.

    Example:
        >>> import nn
        >>> nn.ConvTranspose3d(1, 2, kernel_size=2)(nn.zeros(1, 1, 3, 3, 3)).shape
        (1, 2, 4, 4, 4)
    """

    rank = 3
