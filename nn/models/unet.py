"""U-Net: down to what is there, up again to where it is, with bridges between both sides."""

from __future__ import annotations

from collections import OrderedDict

from nn.errors import RangeError, ShapeError
from nn.modules.activation import ReLU
from nn.modules.batchnorm import BatchNorm2d
from nn.modules.container import Sequential
from nn.modules.convolution import Conv2d, ConvTranspose2d
from nn.modules.module import Module
from nn.modules.pooling import MaxPool2d
from nn.tensors.joining import cat
from nn.tensors.tensor import Tensor

__all__ = ["UNet"]


class UNet(Module):
    """A logit for each pixel and class: which pixel belongs to what.

    Each level down halves the picture and doubles the channels, each level up undoes both, and joins what the same
    level saw on the way down. The convolutions are padded, so that masks are as large as images, and normalised over
    the batch. The names are those of the U-Net on PyTorch Hub (`encoder1.enc1conv1`, `bottleneck`, `upconv4`,
    `decoder4`, `conv` ...), so that its weights load; that one ends with a sigmoid.

    Args:
        in_channels: the channels of an image.
        out_channels: the classes; 1 for a mask.
        init_features: the channels of the first level.
        depth: the levels; the paper has 4.

    Shape:
        (N, in_channels, H, W) -> (N, out_channels, H, W); H and W are multiples of 2**depth

    Raises:
        RangeError: depth is below 1.
        ShapeError: H or W is no such multiple.

    Example:
        >>> import nn
        >>> nn.models.UNet(in_channels=1, init_features=4, depth=2)(nn.zeros(2, 1, 16, 16)).shape
        (2, 1, 16, 16)

    References:
        Ronneberger, Fischer and Brox, U-Net: Convolutional Networks for Biomedical Image Segmentation, MICCAI 2015.
        Buda, Saha and Mazurowski, Association of Genomic Subtypes of Lower-Grade Gliomas with Shape Features, 2019.
    """

    def __init__(self, in_channels: int = 3, out_channels: int = 1, init_features: int = 32, depth: int = 4) -> None:
        super().__init__()
        if depth < 1:
            raise RangeError(f"UNet: depth must be at least 1, got {depth}")
        self.depth = depth
        widths = [init_features * 2**level for level in range(depth + 1)]
        for level, (before, width) in enumerate(zip([in_channels, *widths], widths[:-1], strict=False), 1):
            self.add_module(f"encoder{level}", _block(before, width, f"enc{level}"))
            self.add_module(f"pool{level}", MaxPool2d(2, 2))
        self.bottleneck = _block(widths[-2], widths[-1], "bottleneck")
        for level in range(depth, 0, -1):
            width = widths[level - 1]
            self.add_module(f"upconv{level}", ConvTranspose2d(2 * width, width, 2, 2))
            self.add_module(f"decoder{level}", _block(2 * width, width, f"dec{level}"))
        self.conv = Conv2d(init_features, out_channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        """The logits of each pixel."""
        multiple = 2**self.depth
        if x.ndim != 4 or x.shape[2] % multiple or x.shape[3] % multiple:
            raise ShapeError(
                f"UNet: x must be (N, C, H, W) with H and W multiples of {multiple}, since each of the {self.depth} "
                f"levels halves them, got {x.shape}; pad it with nn.functional.pad"
            )
        bridges = []
        for level in range(1, self.depth + 1):
            x = self._part("encoder", level)(x)
            bridges.append(x)
            x = self._part("pool", level)(x)
        x = self.bottleneck(x)
        for level in range(self.depth, 0, -1):
            x = cat([self._part("upconv", level)(x), bridges.pop()], 1)
            x = self._part("decoder", level)(x)
        return self.conv(x)

    def _part(self, name: str, level: int) -> Module:
        return self.get_submodule(f"{name}{level}")


def _block(before: int, width: int, name: str) -> Sequential:
    """Twice a convolution of 3 x 3, normalised and bent."""
    layers: OrderedDict[str, Module] = OrderedDict()
    for number, channels in ((1, before), (2, width)):
        layers[f"{name}conv{number}"] = Conv2d(channels, width, 3, padding=1, bias=False)
        layers[f"{name}norm{number}"] = BatchNorm2d(width)
        layers[f"{name}relu{number}"] = ReLU()
    return Sequential(layers)
