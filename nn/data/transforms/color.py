"""Transforms of colours, and of what is seen at all; each image by random numbers of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

import numpy as np

from nn.data.transforms.transform import Array, ImageTransform, require_share
from nn.errors import DtypeError, ShapeError
from nn.rng import Generator

__all__ = ["ColorJitter", "RandomErasing"]

Range: TypeAlias = "float | Sequence[float]"

GREY = np.array([0.2989, 0.587, 0.114])[:, None, None]
"""How bright red, green and blue look (ITU-R BT.601), as in PyTorch's torchvision."""

TRIES = 10


class ColorJitter(ImageTransform):
    """Changes brightness, contrast, saturation and hue by factors drawn uniformly, in an order drawn for each call.

    brightness: f x;  contrast: f x + (1 - f) mean of the grey image;  saturation: f x + (1 - f) grey;  hue: its angle
    turned by f of a full turn. The result is cut off at black and white.

    Args:
        brightness: the range of f, or one number b for (max(0, 1 - b), 1 + b); 0 for no change.
        contrast: the same.
        saturation: the same.
        hue: the range of f within (-0.5, 0.5), or one number h for (-h, h).
        generator: where to draw from; None for the global one.

    Shape:
        (N, C, H, W) -> (N, C, H, W), or one image (C, H, W); C is 3, or 1, whose saturation and hue stay

    Raises:
        ValueError: a range is invalid.
        ShapeError: C is neither 3 nor 1.
        DtypeError: the images are neither floats (0 to 1) nor uint8 (0 to 255).

    Example:
        >>> import nn
        >>> nn.data.transforms.ColorJitter(brightness=(2, 2))(nn.tensor([[[0.25, 0.75]]]))
        tensor([[[0.5000, 1.0000]]])
    """

    def __init__(
        self,
        brightness: Range = 0,
        contrast: Range = 0,
        saturation: Range = 0,
        hue: Range = 0,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(generator)
        self.brightness = _factors("brightness", brightness)
        self.contrast = _factors("contrast", contrast)
        self.saturation = _factors("saturation", saturation)
        self.hue = _factors("hue", hue, middle=0, least=-0.5, most=0.5)

    def images(self, batch: Array) -> Array:
        """The images with their new colours."""
        if batch.dtype.kind != "f" and batch.dtype != np.uint8:
            raise DtypeError(f"ColorJitter: expected floats (0 to 1) or uint8 (0 to 255), got {batch.dtype}")
        if batch.shape[1] not in (1, 3):
            raise ShapeError(f"ColorJitter: expected images with 1 or 3 channels, got {batch.shape[1]}")
        changes = [(_brighter, self.brightness), (_contrasted, self.contrast)]
        if batch.shape[1] == 3:
            changes += [(_saturated, self.saturation), (_turned, self.hue)]
        x = batch / np.float32(255) if batch.dtype == np.uint8 else batch.copy()
        for i in self.rng.permutation(len(changes)):
            change, (least, most) = changes[i]
            if (change is _turned and (least, most) == (0, 0)) or (change is not _turned and (least, most) == (1, 1)):
                continue
            factors = self.rng.uniform(least, most, (len(x), 1, 1, 1)).astype(x.dtype)
            x = change(x, factors).clip(0, 1).astype(x.dtype, copy=False)
        return np.rint(x * 255).astype(np.uint8) if batch.dtype == np.uint8 else x


def _brighter(x: Array, f: Array) -> Array:
    return f * x


def _contrasted(x: Array, f: Array) -> Array:
    return f * x + (1 - f) * _grey(x).mean((1, 2, 3), keepdims=True)


def _saturated(x: Array, f: Array) -> Array:
    return f * x + (1 - f) * _grey(x)


def _turned(x: Array, f: Array) -> Array:
    """Hue, saturation and value; the hue turned; and back: each channel is v minus its share of the chroma v s."""
    value, low = x.max(1, keepdims=True), x.min(1, keepdims=True)
    chroma = value - low
    red, green, blue = ((value - x[:, [i]]) / np.where(chroma > 0, chroma, 1) for i in range(3))
    is_red, is_green = x[:, [0]] == value, x[:, [1]] == value
    hue = np.where(is_red, blue - green, np.where(is_green, 2 + red - blue, 4 + green - red)) / 6 + f
    distance = (np.array([5, 3, 1], x.dtype)[:, None, None] + hue * 6) % 6  # of red, green, blue around the circle
    return value - chroma * np.minimum(distance, 4 - distance).clip(0, 1)


def _grey(x: Array) -> Array:
    return (x * GREY.astype(x.dtype)).sum(1, keepdims=True) if x.shape[1] == 3 else x


def _factors(
    name: str, value: Range, middle: float = 1, least: float = 0, most: float = math.inf
) -> tuple[float, float]:
    ends = tuple(value) if isinstance(value, Sequence) else (max(least, middle - value), middle + value)
    if len(ends) != 2 or not least <= ends[0] <= ends[1] <= most or math.isinf(ends[1]):
        limits = "0 or more" if least == 0 else f"within ({least}, {most})"
        raise ValueError(f"ColorJitter: {name} must be a range (least, most) or one number, {limits}; got {value}")
    return ends[0], ends[1]


class RandomErasing(ImageTransform):
    """Covers a rectangle of an image with probability p, so that no single part of it decides.

    Args:
        p: the probability.
        scale: the range of the rectangle's area, as a share of the image's.
        ratio: the range of its height divided by its width, drawn on a logarithmic scale.
        value: what covers it: one number, one for each channel, or "random" for normal noise.
        generator: where to draw from; None for the global one.

    Shape:
        (N, C, H, W) -> (N, C, H, W), or one image (C, H, W); an image that no rectangle of 10 fits into stays

    Raises:
        ValueError: p is not a probability, or a range is invalid.

    Example:
        >>> import nn
        >>> erase = nn.data.transforms.RandomErasing(p=1, scale=(0.25, 0.25), ratio=(1, 1))
        >>> erase(nn.ones(1, 8, 8)).sum()
        tensor(48.)

    References:
        Zhong et al., Random Erasing Data Augmentation, AAAI 2020.
    """

    def __init__(
        self,
        p: float = 0.5,
        scale: Sequence[float] = (0.02, 0.33),
        ratio: Sequence[float] = (0.3, 3.3),
        value: float | Sequence[float] | Literal["random"] = 0,
        generator: Generator | None = None,
    ) -> None:
        super().__init__(generator)
        require_share("RandomErasing", "p", p)
        if len(scale) != 2 or not 0 <= scale[0] <= scale[1] <= 1:
            raise ValueError(f"RandomErasing: scale must be a range (least, most) within (0, 1), got {scale}")
        if len(ratio) != 2 or not 0 < ratio[0] <= ratio[1] < math.inf:
            raise ValueError(f"RandomErasing: ratio must be a range (least, most) above 0, got {ratio}")
        if isinstance(value, str) and value != "random":
            raise ValueError(f"RandomErasing: value must be a number, one for each channel, or 'random'; got {value!r}")
        self.p, self.scale, self.ratio, self.value = p, scale, ratio, value

    def images(self, batch: Array) -> Array:
        """The images, some of them partly covered."""
        rng, result = self.rng, batch.copy()
        n, channels, height, width = batch.shape
        chosen = rng.random(n) < self.p
        area = rng.uniform(self.scale[0], self.scale[1], (TRIES, n)) * height * width
        ratio = np.exp(rng.uniform(math.log(self.ratio[0]), math.log(self.ratio[1]), (TRIES, n)))
        heights, widths = np.rint(np.sqrt(area * ratio)).astype(int), np.rint(np.sqrt(area / ratio)).astype(int)
        fits = (heights < height) & (widths < width)
        corner = rng.random((2, n))
        for i in np.flatnonzero(chosen & fits.any(0)):
            h, w = heights[fits[:, i].argmax(), i], widths[fits[:, i].argmax(), i]
            top, left = int(corner[0, i] * (height - h + 1)), int(corner[1, i] * (width - w + 1))
            cover = (
                rng.standard_normal((channels, h, w)) if self.value == "random" else np.reshape(self.value, (-1, 1, 1))
            )
            result[i, :, top : top + h, left : left + w] = cover
        return result
