"""Layers that turn windows into columns and back, and channels into pixels and back."""

from __future__ import annotations

from nn.functional import folding as F
from nn.modules.fields import Shown
from nn.modules.module import Module
from nn.tensors.tensor import Tensor

__all__ = ["ChannelShuffle", "Fold", "PixelShuffle", "PixelUnshuffle", "Unfold"]

Size = int | tuple[int, ...]


class Unfold(Module):
    """Every window of an image as a column; arguments and shapes are those of `nn.functional.unfold`.

    Example:
        >>> import nn
        >>> nn.Unfold(2)(nn.zeros(1, 3, 4, 5)).shape
        (1, 12, 12)
    """

    kernel_size: Shown[Size]
    dilation: Shown[Size]
    padding: Shown[Size]
    stride: Shown[Size]

    def __init__(self, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        return F.unfold(input, self.kernel_size, self.dilation, self.padding, self.stride)


class Fold(Module):
    """Columns put back as windows of an image, overlaps added up; arguments are those of `nn.functional.fold`.

    Example:
        >>> import nn
        >>> nn.Fold((4, 5), 2)(nn.zeros(1, 12, 12)).shape
        (1, 3, 4, 5)
    """

    output_size: Shown[Size]
    kernel_size: Shown[Size]
    dilation: Shown[Size]
    padding: Shown[Size]
    stride: Shown[Size]

    def __init__(
        self, output_size: Size, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
    ) -> None:
        super().__init__()
        self.output_size = output_size
        self.kernel_size = kernel_size
        self.dilation = dilation
        self.padding = padding
        self.stride = stride

    def forward(self, input: Tensor) -> Tensor:
        return F.fold(input, self.output_size, self.kernel_size, self.dilation, self.padding, self.stride)


class PixelShuffle(Module):
    """r^2 channels spread over a square of pixels; see `nn.functional.pixel_shuffle`.

    Example:
        >>> import nn
        >>> nn.PixelShuffle(2)(nn.zeros(1, 8, 3, 3)).shape
        (1, 2, 6, 6)
    """

    upscale_factor: Shown[int]

    def __init__(self, upscale_factor: int) -> None:
        super().__init__()
        self.upscale_factor = upscale_factor

    def forward(self, input: Tensor) -> Tensor:
        return F.pixel_shuffle(input, self.upscale_factor)


class PixelUnshuffle(Module):
    """A square of pixels made r^2 channels; see `nn.functional.pixel_unshuffle`.

    Example:
        >>> import nn
        >>> nn.PixelUnshuffle(2)(nn.zeros(1, 2, 6, 6)).shape
        (1, 8, 3, 3)
    """

    downscale_factor: Shown[int]

    def __init__(self, downscale_factor: int) -> None:
        super().__init__()
        self.downscale_factor = downscale_factor

    def forward(self, input: Tensor) -> Tensor:
        return F.pixel_unshuffle(input, self.downscale_factor)


class ChannelShuffle(Module):
    """The channels of all groups dealt out in turn; see `nn.functional.channel_shuffle`.

    Example:
        >>> import nn
        >>> nn.ChannelShuffle(2)(nn.zeros(1, 4, 3, 3)).shape
        (1, 4, 3, 3)
    """

    groups: Shown[int]

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, input: Tensor) -> Tensor:
        return F.channel_shuffle(input, self.groups)
