"""Transforms of one image at a time, a tensor's or Pillow's: to another kind, size or number of channels."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

from nn.data.transforms import functional as F
from nn.data.transforms.pixels import size_of
from nn.data.transforms.transform import Described
from nn.rng import Generator, default_generator
from nn.tensors.tensor import Tensor

__all__ = [
    "CenterCrop", "Grayscale", "InterpolationMode", "Lambda", "PILToTensor", "Pad", "RandomResizedCrop", "Resize",
    "ToPILImage", "ToTensor",
]  # fmt: skip


class InterpolationMode:
    """How `Resize` finds the pixels between pixels."""

    NEAREST, BILINEAR, BICUBIC = "nearest", "bilinear", "bicubic"


class Lambda(Described):
    """Any function as a transform.

    Example:
        >>> import nn
        >>> nn.data.transforms.Lambda(lambda x: 1 - x)(nn.tensor([0.0, 1.0]))
        tensor([1., 0.])
    """

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        """What the function returns."""
        return self.lambd(img)


class ToTensor(Described):
    """An image (H, W, C) of bytes, Pillow's or an array, as floats (C, H, W) from 0 to 1.

    Example:
        >>> import nn, numpy as np
        >>> nn.data.transforms.ToTensor()(np.full((4, 6, 3), 255, np.uint8)).shape
        (3, 4, 6)
    """

    def __call__(self, pic: Any) -> Tensor:
        """The tensor."""
        return F.to_tensor(pic)


class PILToTensor(Described):
    """An image (H, W, C) as a tensor (C, H, W) of bytes."""

    def __call__(self, pic: Any) -> Tensor:
        """The tensor."""
        return F.pil_to_tensor(pic)


class ToPILImage(Described):
    """A tensor (C, H, W), of bytes or from 0 to 1, or an array (H, W, C), as an image; `mode` has no effect."""

    def __init__(self, mode: str | None = None) -> None:
        self.mode = mode

    def __call__(self, pic: Any) -> Any:
        """The image."""
        return F.to_pil_image(pic)


class Resize(Described):
    """The image in another size; the arguments are those of `nn.data.transforms.functional.resize`.

    Example:
        >>> import nn
        >>> nn.data.transforms.Resize((8, 8))(nn.rand(1, 28, 28)).shape
        (1, 8, 8)
    """

    def __init__(
        self,
        size: int | Sequence[int],
        interpolation: Any = InterpolationMode.BILINEAR,
        max_size: int | None = None,
        antialias: bool | None = True,
    ) -> None:
        self.size, self.interpolation, self.max_size, self.antialias = size, interpolation, max_size, antialias

    def __call__(self, img: Any) -> Any:
        """The resized image."""
        return F.resize(img, self.size, self.interpolation, self.max_size, self.antialias)


class CenterCrop(Described):
    """The middle of the image, in a size; what lies outside is 0.

    Example:
        >>> import nn
        >>> nn.data.transforms.CenterCrop(1)(nn.arange(9.0).reshape(1, 3, 3))
        tensor([[[4.]]])
    """

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = F.pair(size)

    def __call__(self, img: Any) -> Any:
        """The piece."""
        return F.center_crop(img, self.size)


class Pad(Described):
    """Pixels put around the image: one number, (left and right, top and bottom), or (left, top, right, bottom)."""

    def __init__(self, padding: int | Sequence[int], fill: float = 0, padding_mode: str = "constant") -> None:
        self.padding, self.fill, self.padding_mode = padding, fill, padding_mode

    def __call__(self, img: Any) -> Any:
        """The larger image."""
        return F.pad(img, self.padding, self.fill, self.padding_mode)


class Grayscale(Described):
    """The brightness, 0.2989 red + 0.587 green + 0.114 blue, in one channel or in three."""

    def __init__(self, num_output_channels: int = 1) -> None:
        self.num_output_channels = num_output_channels

    def __call__(self, img: Any) -> Any:
        """The grey image."""
        return F.rgb_to_grayscale(img, self.num_output_channels)


class RandomResizedCrop(Described):
    """A piece of random area and shape, resized: what the network sees is never twice the same.

    Args:
        size: of the result, in pixels.
        scale: the range of the piece's area, as a share of the image's.
        ratio: the range of its width divided by its height, drawn on a logarithmic scale.
        interpolation, antialias: see `nn.data.transforms.functional.resize`.
        generator: where to draw from; None for the global one.

    Example:
        >>> import nn
        >>> nn.data.transforms.RandomResizedCrop(8)(nn.rand(3, 20, 30)).shape
        (3, 8, 8)

    References:
        Szegedy et al., Going Deeper with Convolutions, CVPR 2015.
    """

    def __init__(
        self,
        size: int | Sequence[int],
        scale: Sequence[float] = (0.08, 1.0),
        ratio: Sequence[float] = (3 / 4, 4 / 3),
        interpolation: Any = InterpolationMode.BILINEAR,
        antialias: bool | None = True,
        generator: Generator | None = None,
    ) -> None:
        self.size, self.scale, self.ratio = F.pair(size), scale, ratio
        self.interpolation, self.antialias, self.generator = interpolation, antialias, generator

    def __call__(self, img: Any) -> Any:
        """The resized piece; the largest square in the middle, if none of ten pieces fits."""
        (rows, columns), draw = size_of(img), (self.generator or default_generator).numpy
        for _ in range(10):
            area = rows * columns * draw.uniform(self.scale[0], self.scale[1])
            shape = math.exp(draw.uniform(math.log(self.ratio[0]), math.log(self.ratio[1])))
            width, height = round(math.sqrt(area * shape)), round(math.sqrt(area / shape))
            if 0 < width <= columns and 0 < height <= rows:
                top, left = int(draw.integers(rows - height + 1)), int(draw.integers(columns - width + 1))
                img = F.crop(img, top, left, height, width)
                break
        else:
            img = F.center_crop(img, min(rows, columns))
        return F.resize(img, self.size, self.interpolation, antialias=self.antialias)
