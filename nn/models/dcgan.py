"""DCGAN: one convolutional network paints, the other tells paintings from pictures, and each learns from the other."""

from __future__ import annotations

from itertools import pairwise

from nn import init
from nn.errors import RangeError
from nn.modules.activation import LeakyReLU, ReLU, Tanh
from nn.modules.batchnorm import BatchNorm2d
from nn.modules.container import Sequential
from nn.modules.convolution import Conv2d, ConvTranspose2d
from nn.modules.module import Module
from nn.tensors.tensor import Tensor

__all__ = ["DCGANDiscriminator", "DCGANGenerator"]


class DCGANGenerator(Module):
    """Paints: from a vector of noise to 4 x 4 pixels, and twice as wide with each further layer.

    Names, layout and, at 64 pixels, shapes are those of PyTorch's example: `main.0.weight` and so on. The weights start
    as N(0, 0.02), those of the normalisations as N(1, 0.02).

    Args:
        latent: the length of the noise.
        features: the channels before the last layer; each layer before has twice as many.
        channels: those of the pictures.
        image_size: width and height in pixels, a power of two from 8 on.

    Shape:
        (N, latent, 1, 1) or (N, latent) -> (N, channels, image_size, image_size), in [-1, 1]

    Raises:
        RangeError: the image size is no power of two, or below 8.

    Example:
        >>> import nn
        >>> nn.models.DCGANGenerator(latent=8, features=4, channels=1, image_size=16)(nn.randn(2, 8)).shape
        (2, 1, 16, 16)

    References:
        Radford, Metz and Chintala, Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
        Networks, ICLR 2016.
    """

    def __init__(self, latent: int = 100, features: int = 64, channels: int = 3, image_size: int = 64) -> None:
        super().__init__()
        widths = [features * 2**level for level in reversed(range(_doublings(image_size, "DCGANGenerator")))]
        layers: list[Module] = []
        for number, (before, width) in enumerate(pairwise([latent, *widths])):
            stride, padding = (2, 1) if number else (1, 0)
            layers += [ConvTranspose2d(before, width, 4, stride, padding, bias=False), BatchNorm2d(width), ReLU()]
        layers += [ConvTranspose2d(features, channels, 4, 2, 1, bias=False), Tanh()]
        self.main = Sequential(*layers)
        _reset(self)

    def forward(self, noise: Tensor) -> Tensor:
        """Paintings."""
        return self.main(noise.reshape(*noise.shape[:2], 1, 1))


class DCGANDiscriminator(Module):
    """Judges: half as wide with each layer down to 4 x 4 pixels, then the logit of being a real picture.

    Names, layout and, at 64 pixels, shapes are those of PyTorch's example, which ends with a sigmoid; a loss of logits
    is exact where the judge is certain. The weights start as in `DCGANGenerator`.

    Args:
        features: the channels after the first layer; each layer after it has twice as many.
        channels: those of the pictures.
        image_size: width and height in pixels, a power of two from 8 on.

    Shape:
        (N, channels, image_size, image_size) -> (N,)

    Raises:
        RangeError: the image size is no power of two, or below 8.

    Example:
        >>> import nn
        >>> nn.models.DCGANDiscriminator(features=4, channels=1, image_size=16)(nn.zeros(2, 1, 16, 16)).shape
        (2,)

    References:
        Radford, Metz and Chintala, as for `DCGANGenerator`.
    """

    def __init__(self, features: int = 64, channels: int = 3, image_size: int = 64) -> None:
        super().__init__()
        widths = [features * 2**level for level in range(_doublings(image_size, "DCGANDiscriminator"))]
        layers: list[Module] = [Conv2d(channels, features, 4, 2, 1, bias=False), LeakyReLU(0.2)]
        for before, width in pairwise(widths):
            layers += [Conv2d(before, width, 4, 2, 1, bias=False), BatchNorm2d(width), LeakyReLU(0.2)]
        layers.append(Conv2d(widths[-1], 1, 4, 1, 0, bias=False))
        self.main = Sequential(*layers)
        _reset(self)

    def forward(self, pictures: Tensor) -> Tensor:
        """The logit of each picture."""
        return self.main(pictures).reshape(-1)


def _doublings(image_size: int, owner: str) -> int:
    """How often 4 pixels double to the image's."""
    if image_size < 8 or image_size & (image_size - 1):
        raise RangeError(f"{owner}: image_size must be a power of two from 8 on, got {image_size}; resize the pictures")
    return image_size.bit_length() - 3


def _reset(model: Module) -> None:
    for module in model.modules():
        if isinstance(module, Conv2d | ConvTranspose2d):
            init.normal_(module.weight, 0.0, 0.02)
        elif isinstance(module, BatchNorm2d):
            init.normal_(module.get_parameter("weight"), 1.0, 0.02)
