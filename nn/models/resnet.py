"""Residual networks: each block adds a correction to what it was given, so that a hundred layers still learn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from nn import init
from nn.errors import RangeError
from nn.modules.activation import ReLU
from nn.modules.adaptive import AdaptiveAvgPool2d
from nn.modules.batchnorm import BatchNorm2d
from nn.modules.container import Sequential
from nn.modules.convolution import Conv2d
from nn.modules.linear import Identity, Linear
from nn.modules.module import Module
from nn.modules.pooling import MaxPool2d
from nn.tensors.activation import relu
from nn.tensors.tensor import Tensor

__all__ = ["BasicBlock", "Bottleneck", "ResNet", "resnet18", "resnet34", "resnet50", "resnet101", "resnet152"]


class BasicBlock(Module):
    """relu(x + bn2(conv2(relu(bn1(conv1(x)))))), both convolutions 3 x 3.

    Args:
        in_channels: the channels of the input.
        channels: those of the output.
        stride: of the first convolution, in pixels; above 1, or with other channels, x goes through a convolution of
            1 x 1 (`downsample`) before it is added.

    Shape:
        (N, in_channels, H, W) -> (N, channels, H / stride, W / stride)

    Example:
        >>> import nn
        >>> nn.models.BasicBlock(8, 16, stride=2)(nn.zeros(1, 8, 6, 6)).shape
        (1, 16, 3, 3)
    """

    expansion: ClassVar[int] = 1

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = Conv2d(in_channels, channels, 3, stride, 1, bias=False)
        self.bn1 = BatchNorm2d(channels)
        self.conv2 = Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = BatchNorm2d(channels)
        self.downsample = _shortcut(in_channels, channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """The input and its correction."""
        correction = self.bn2(self.conv2(relu(self.bn1(self.conv1(x)))))
        return relu(correction + (x if self.downsample is None else self.downsample(x)))


class Bottleneck(Module):
    """relu(x + a correction by convolutions of 1 x 1, 3 x 3 and 1 x 1), the middle one on a quarter of the channels.

    Args:
        in_channels: the channels of the input.
        channels: those in the middle; the output has four times as many.
        stride: of the convolution in the middle, in pixels.

    Shape:
        (N, in_channels, H, W) -> (N, 4 channels, H / stride, W / stride)

    Example:
        >>> import nn
        >>> nn.models.Bottleneck(32, 8)(nn.zeros(1, 32, 6, 6)).shape
        (1, 32, 6, 6)
    """

    expansion: ClassVar[int] = 4

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = Conv2d(in_channels, channels, 1, bias=False)
        self.bn1 = BatchNorm2d(channels)
        self.conv2 = Conv2d(channels, channels, 3, stride, 1, bias=False)
        self.bn2 = BatchNorm2d(channels)
        self.conv3 = Conv2d(channels, 4 * channels, 1, bias=False)
        self.bn3 = BatchNorm2d(4 * channels)
        self.downsample = _shortcut(in_channels, 4 * channels, stride)

    def forward(self, x: Tensor) -> Tensor:
        """The input and its correction."""
        narrow = relu(self.bn1(self.conv1(x)))
        correction = self.bn3(self.conv3(relu(self.bn2(self.conv2(narrow)))))
        return relu(correction + (x if self.downsample is None else self.downsample(x)))


def _shortcut(in_channels: int, channels: int, stride: int) -> Sequential | None:
    """What fits the input to the output where their shapes differ."""
    if stride == 1 and in_channels == channels:
        return None
    return Sequential(Conv2d(in_channels, channels, 1, stride, bias=False), BatchNorm2d(channels))


class ResNet(Module):
    """A stem, stages of residual blocks, each of which halves the picture but the first, and a linear layer.

    Names and layout are torchvision's, so that its weights load: `conv1`, `bn1`, `layer1` to `layer4`, `fc`.

    Args:
        block: `BasicBlock` or `Bottleneck`.
        layers: the number of blocks in each stage.
        num_classes: the length of the output.
        zero_init_residual: start each block as the identity: the weights of its last normalisation are 0.
        in_channels: the channels of an image.
        width: the channels of the first stage; each further stage has twice as many.
        small: for pictures of a few pixels, as in section 4.2 of the paper: the stem is a convolution of 3 x 3 at
            stride 1, without a pool, in place of 7 x 7 at stride 2.

    Shape:
        (N, in_channels, H, W) -> (N, num_classes)

    Raises:
        RangeError: there is no stage.

    Example:
        >>> import nn
        >>> nn.models.ResNet(nn.models.BasicBlock, [1, 1], 10, in_channels=1, width=8, small=True)(
        ...     nn.zeros(2, 1, 8, 8)
        ... ).shape
        (2, 10)

    References:
        He, Zhang, Ren and Sun, Deep Residual Learning for Image Recognition, CVPR 2016. As in torchvision, a stride of
        2 in a `Bottleneck` is that of its 3 x 3 (Goyal et al., 2017). `zero_init_residual` is of the latter too.
    """

    def __init__(
        self,
        block: type[BasicBlock] | type[Bottleneck],
        layers: Sequence[int],
        num_classes: int = 1000,
        zero_init_residual: bool = False,
        *,
        in_channels: int = 3,
        width: int = 64,
        small: bool = False,
    ) -> None:
        super().__init__()
        if not layers or min(layers) < 1:
            raise RangeError(f"ResNet: layers must be numbers of blocks, at least 1 for each stage, got {list(layers)}")
        self.conv1 = Conv2d(in_channels, width, *((3, 1, 1) if small else (7, 2, 3)), bias=False)
        self.bn1 = BatchNorm2d(width)
        self.relu = ReLU()
        self.maxpool: Module = Identity() if small else MaxPool2d(3, 2, 1)
        self._stages = [f"layer{number + 1}" for number in range(len(layers))]
        channels, inner = width, width
        for number, (name, blocks) in enumerate(zip(self._stages, layers, strict=True)):
            inner = width * 2**number
            stage = []
            for index in range(blocks):
                stage.append(block(channels, inner, stride=2 if number and not index else 1))
                channels = inner * block.expansion
            self.add_module(name, Sequential(*stage))
        self.avgpool = AdaptiveAvgPool2d((1, 1))
        self.fc = Linear(channels, num_classes)
        self._reset(zero_init_residual)

    def _reset(self, zero_init_residual: bool) -> None:
        """Initial values of He et al., 2015; the normalisations start at weight 1 and bias 0 by themselves."""
        for module in self.modules():
            if isinstance(module, Conv2d):
                init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
            elif zero_init_residual and isinstance(module, BasicBlock | Bottleneck):
                last = module.bn3 if isinstance(module, Bottleneck) else module.bn2
                init.zeros_(last.get_parameter("weight"))

    def features(self, x: Tensor) -> Tensor:
        """What the last stage sees.

        Shape:
            (N, in_channels, H, W) -> (N, C, H / 32, W / 32) for four stages after the large stem
        """
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        for name in self._stages:
            x = getattr(self, name)(x)
        return x

    def forward(self, x: Tensor) -> Tensor:
        """The logits of each image."""
        return self.fc(self.avgpool(self.features(x)).flatten(1))


def resnet18(num_classes: int = 1000) -> ResNet:
    """18 layers: 2, 2, 2, 2 `BasicBlock`s; 11,689,512 parameters with 1,000 classes.

    Example:
        >>> import nn
        >>> sum(p.numel() for p in nn.models.resnet18().parameters())
        11689512
    """
    return ResNet(BasicBlock, [2, 2, 2, 2], num_classes)


def resnet34(num_classes: int = 1000) -> ResNet:
    """34 layers: 3, 4, 6, 3 `BasicBlock`s; 21,797,672 parameters with 1,000 classes."""
    return ResNet(BasicBlock, [3, 4, 6, 3], num_classes)


def resnet50(num_classes: int = 1000) -> ResNet:
    """50 layers: 3, 4, 6, 3 `Bottleneck`s; 25,557,032 parameters with 1,000 classes."""
    return ResNet(Bottleneck, [3, 4, 6, 3], num_classes)


def resnet101(num_classes: int = 1000) -> ResNet:
    """101 layers: 3, 4, 23, 3 `Bottleneck`s; 44,549,160 parameters with 1,000 classes."""
    return ResNet(Bottleneck, [3, 4, 23, 3], num_classes)


def resnet152(num_classes: int = 1000) -> ResNet:
    """152 layers: 3, 8, 36, 3 `Bottleneck`s; 60,192,808 parameters with 1,000 classes."""
    return ResNet(Bottleneck, [3, 8, 36, 3], num_classes)
