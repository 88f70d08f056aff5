"""Changes of an image's colours, sharpness and numbers by a given amount, by the names that torchvision's have."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nn.data.transforms.color import ColorJitter
from nn.data.transforms.functional import crop, hflip, on_pixels, pair, resize, vflip
from nn.data.transforms.geometry import RandomRotation
from nn.data.transforms.pixels import size_of
from nn.errors import RangeError
from nn.rng import Generator
from nn.tensors.arguments import as_dtype
from nn.tensors.tensor import Tensor, from_numpy

__all__ = [
    "adjust_brightness", "adjust_contrast", "adjust_gamma", "adjust_hue", "adjust_saturation", "convert_image_dtype",
    "erase", "five_crop", "gaussian_blur", "invert", "resized_crop", "rotate", "ten_crop",
]  # fmt: skip


def convert_image_dtype(image: Tensor, dtype: Any = np.float32) -> Tensor:
    """The numbers in another dtype, where 1 as a float is an integer's largest: 255 of uint8, for instance.

    Example:
        >>> import nn
        >>> convert_image_dtype(nn.tensor([0.0, 0.5, 1.0]), nn.uint8)
        tensor([  0, 127, 255], dtype=uint8)
    """
    array, goal = image.detach().numpy(), as_dtype(dtype)
    if goal.kind == "f":
        largest = np.iinfo(array.dtype).max if array.dtype.kind in "iu" else 1
        return from_numpy(array.astype(goal) / goal.type(largest))
    top = int(np.iinfo(goal).max)
    if array.dtype.kind == "f":
        return from_numpy((array.astype(np.float64) * (top + 1 - 1e-3)).astype(goal))
    before = int(np.iinfo(array.dtype).max)
    if before > top:
        return from_numpy((array // ((before + 1) // (top + 1))).astype(goal))
    return from_numpy(array.astype(goal) * goal.type((top + 1) // (before + 1)))


def _as_floats(change: Callable[[Tensor], Tensor], img: Any) -> Any:
    """`change`, of floats from 0 to 1, on an image of any kind; what leaves that range is cut off."""

    def changed(x: Tensor) -> Tensor:
        return convert_image_dtype(change(convert_image_dtype(x)).clamp(0, 1), x.dtype)

    return on_pixels(changed, img)


def adjust_brightness(img: Any, brightness_factor: float) -> Any:
    """Each number times the factor: 0 is black, 1 the image."""
    return ColorJitter(brightness=(brightness_factor,) * 2, generator=Generator())(img)


def adjust_contrast(img: Any, contrast_factor: float) -> Any:
    """The distance from the mean brightness times the factor: 0 is grey, 1 the image."""
    return ColorJitter(contrast=(contrast_factor,) * 2, generator=Generator())(img)


def adjust_saturation(img: Any, saturation_factor: float) -> Any:
    """The distance from the grey image times the factor: 0 is black and white, 1 the image."""
    return ColorJitter(saturation=(saturation_factor,) * 2, generator=Generator())(img)


def adjust_hue(img: Any, hue_factor: float) -> Any:
    """The hue turned by a part, -0.5 to 0.5, of a full turn."""
    return ColorJitter(hue=(hue_factor,) * 2, generator=Generator())(img)


def adjust_gamma(img: Any, gamma: float, gain: float = 1) -> Any:
    """gain * x^gamma, of numbers from 0 to 1: a gamma above 1 makes shadows darker.

    Raises:
        RangeError: gamma is negative.
    """
    if gamma < 0:
        raise RangeError(f"adjust_gamma: gamma must be 0 or more, got {gamma}")
    return _as_floats(lambda x: gain * x**gamma, img)


def invert(img: Any) -> Any:
    """The negative: 1 - x, or 255 - x."""
    return on_pixels(lambda x: (1 if x.dtype.kind == "f" else int(np.iinfo(x.dtype).max)) - x, img)


def gaussian_blur(img: Any, kernel_size: int | Sequence[int], sigma: float | Sequence[float] | None = None) -> Any:
    """Each pixel's mean with its neighbours, which weigh as a normal density; at the edges the image is mirrored.

    Args:
        img: the image.
        kernel_size: the odd width and height of the neighbourhood, or one number for both.
        sigma: the density's standard deviations in pixels; None for 0.3 ((k - 1) / 2 - 1) + 0.8.

    Raises:
        RangeError: a size is even or negative.
    """
    sizes = pair(kernel_size)
    if any(k < 1 or k % 2 == 0 for k in sizes):
        raise RangeError(f"gaussian_blur: kernel_size must be odd and above 0, got {kernel_size}")
    given = [0.3 * ((k - 1) * 0.5 - 1) + 0.8 for k in sizes] if sigma is None else np.broadcast_to(sigma, 2)

    def blurred(x: Tensor) -> Tensor:
        array = x.detach().numpy()
        y = array.astype(array.dtype if array.dtype.kind == "f" else np.float32)
        for axis, k, spread in zip((-1, -2), sizes, given, strict=True):
            steps = np.arange(k) - (k - 1) / 2
            weights = np.exp(-0.5 * (steps / spread) ** 2)
            weights /= weights.sum()
            around = [(0, 0)] * y.ndim
            around[axis] = (k // 2, k // 2)
            views = np.lib.stride_tricks.sliding_window_view(np.pad(y, around, mode="reflect"), k, axis=axis)
            y = (views @ weights).astype(y.dtype)  # (*, H, W, k) @ (k,)
        return from_numpy(y if array.dtype == y.dtype else np.rint(y).astype(array.dtype))

    return on_pixels(blurred, img)


def rotate(img: Any, angle: float, interpolation: Any = "nearest", *, center: Any = None, fill: Any = 0) -> Any:
    """The image turned counter-clockwise by an angle in degrees; what moves in is `fill`."""
    name = str(getattr(interpolation, "value", interpolation))
    mode: Any = name if name in ("nearest", "bilinear") else {0: "nearest"}.get(interpolation, "bilinear")
    return RandomRotation((angle, angle), mode, center, fill or 0, generator=Generator())(img)


def erase(img: Tensor, i: int, j: int, h: int, w: int, v: Any, inplace: bool = False) -> Tensor:
    """The tensor (*, H, W) with v in h rows from i on and w columns from j on."""
    img = img if inplace else img.clone()
    img[..., i : i + h, j : j + w] = v
    return img


def resized_crop(
    img: Any, top: int, left: int, height: int, width: int, size: Any, interpolation: Any = "bilinear"
) -> Any:
    """A piece of the image, resized."""
    return resize(crop(img, top, left, height, width), size, interpolation)


def five_crop(img: Any, size: int | Sequence[int]) -> tuple[Any, ...]:
    """Pieces from the four corners, upper left, upper right, lower left, lower right, and from the middle."""
    (rows, columns), (height, width) = size_of(img), pair(size)
    if height > rows or width > columns:
        raise RangeError(f"five_crop: size must be at most {(rows, columns)}, got {(height, width)}")
    down, right = rows - height, columns - width
    places = (0, 0), (0, right), (down, 0), (down, right), (round(down / 2.0), round(right / 2.0))
    return tuple(crop(img, top, left, height, width) for top, left in places)


def ten_crop(img: Any, size: int | Sequence[int], vertical_flip: bool = False) -> tuple[Any, ...]:
    """The five pieces of the image and those of the image flipped, from left to right or upside down."""
    return five_crop(img, size) + five_crop((vflip if vertical_flip else hflip)(img), size)
