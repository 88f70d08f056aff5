"""Changes of one image, by torchvision's names (`torchvision.transforms.functional`).

An image is a tensor (C, H, W), or Pillow's, and stays of its kind. Without Pillow an array of bytes stands for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nn.data.transforms.color import GREY
from nn.data.transforms.pixels import as_image, channels_first, image_like, pillow, size_of
from nn.functional.resizing import interpolate
from nn.tensors.tensor import Tensor, as_tensor, from_numpy

__all__ = [
    "center_crop", "crop", "hflip", "normalize", "pad", "pil_to_tensor", "resize", "rgb_to_grayscale", "to_grayscale",
    "to_pil_image", "to_tensor", "vflip",
]  # fmt: skip


def to_tensor(pic: Any) -> Tensor:
    """An image as floats (C, H, W) from 0 to 1; numbers that are no bytes keep their size.

    Example:
        >>> to_tensor(np.array([[0, 51], [102, 255]], np.uint8))
        tensor([[[0.0000, 0.2000], [0.4000, 1.0000]]])
    """
    array = channels_first(pic)
    if array.dtype == np.bool_:
        return from_numpy(array.astype(np.float32))
    return from_numpy(array.astype(np.float32) / 255 if array.dtype == np.uint8 else array)


def pil_to_tensor(pic: Any) -> Tensor:
    """An image as bytes (C, H, W)."""
    return from_numpy(channels_first(pic))


def to_pil_image(pic: Any, mode: str | None = None) -> Any:
    """A tensor (C, H, W), of bytes or from 0 to 1, or an array (H, W, C), as an image; `mode` has no effect."""
    if not isinstance(pic, Tensor):
        return as_image(np.asarray(pic))
    array = pic.detach().numpy()
    array = array[None] if array.ndim == 2 else array
    return as_image(((array * 255).astype(np.uint8) if array.dtype.kind == "f" else array).transpose(1, 2, 0))


def on_pixels(change: Callable[[Tensor], Tensor], img: Any) -> Any:
    """`change`, from tensor (C, H, W) to tensor, on an image of any kind."""
    return change(img) if isinstance(img, Tensor) else image_like(change(pil_to_tensor(img)).numpy(), img)


def pair(size: int | Sequence[int]) -> tuple[int, int]:
    """A height and a width; one number stands for both."""
    height, width = (size, size) if isinstance(size, int) else tuple(size) * (3 - len(size))
    return height, width


def resize(
    img: Any,
    size: int | Sequence[int],
    interpolation: Any = "bilinear",
    max_size: int | None = None,
    antialias: bool | None = True,
) -> Any:
    """The image in another size: (height, width), or the length of its shorter side.

    Args:
        img: the image.
        size: in pixels.
        interpolation: "bilinear", "bicubic" or "nearest"; Pillow's numbers 2, 3 and 0, and torchvision's enum, too.
        max_size: the length of the longer side at most, where one length is given.
        antialias: whether a tensor that is made smaller is smoothed first, as Pillow's images always are.

    Example:
        >>> import nn
        >>> resize(nn.rand(3, 20, 40), 10).shape
        (3, 10, 20)
    """
    target = _target(size_of(img), size, max_size)
    mode = str(getattr(interpolation, "value", {0: "nearest", 3: "bicubic"}.get(interpolation, interpolation)))
    mode = mode if mode in ("nearest", "bicubic") else "bilinear"
    library = pillow()
    if library is not None and isinstance(img, library.Image):
        return img.resize(target[::-1], getattr(library.Resampling, mode.upper()))

    def change(pixels: Tensor) -> Tensor:
        options = {} if mode == "nearest" else {"antialias": bool(antialias)}
        batch = pixels.float()[None] if pixels.ndim == 3 else pixels.float()
        y = interpolate(batch, target, mode=mode, **options).view(*pixels.shape[:-2], *target)
        return y if pixels.dtype.kind == "f" else y.round().clamp(0, 255).to(pixels.dtype)

    return on_pixels(change, img)


def _target(before: tuple[int, int], size: int | Sequence[int], max_size: int | None) -> tuple[int, int]:
    """The height and the width that `resize` makes."""
    if not isinstance(size, int) and len(size) == 2:
        return size[0], size[1]
    short, factor = (size if isinstance(size, int) else size[0]), max(before) / min(before)
    long = int(short * factor)
    if max_size is not None and long > max_size:
        short, long = int(max_size * short / long), max_size
    return (short, long) if before[0] <= before[1] else (long, short)


def crop(img: Any, top: int, left: int, height: int, width: int) -> Any:
    """A piece of the image; what lies outside is 0."""

    def change(x: Tensor) -> Tensor:
        rows, columns = x.shape[-2:]
        outside = (max(0, -left), max(0, left + width - columns), max(0, -top), max(0, top + height - rows))
        x = _padded(x, outside) if any(outside) else x
        y, z = top + outside[2], left + outside[0]
        return x[..., y : y + height, z : z + width]

    return on_pixels(change, img)


def center_crop(img: Any, output_size: int | Sequence[int]) -> Any:
    """The middle of the image, in a size."""
    (rows, columns), (height, width) = size_of(img), pair(output_size)
    return crop(img, round((rows - height) / 2.0), round((columns - width) / 2.0), height, width)


def _padded(x: Tensor, sides: Sequence[int], fill: float = 0, mode: str = "constant") -> Tensor:
    left, right, top, bottom = sides
    width = ((0, 0),) * (x.ndim - 2) + ((top, bottom), (left, right))
    options: dict[str, Any] = {"constant_values": fill} if mode == "constant" else {}
    return from_numpy(np.pad(x.detach().numpy(), width, mode=mode, **options))  # type: ignore[call-overload]


def pad(img: Any, padding: int | Sequence[int], fill: float = 0, padding_mode: str = "constant") -> Any:
    """Pixels put around the image: one number, (left and right, top and bottom), or (left, top, right, bottom)."""
    sides = (padding,) if isinstance(padding, int) else tuple(padding)
    left, top, right, bottom = sides * (4 // len(sides))
    return on_pixels(lambda x: _padded(x, (left, right, top, bottom), fill, padding_mode), img)


def hflip(img: Any) -> Any:
    """Left and right exchanged."""
    return on_pixels(lambda x: x.flip(-1), img)


def vflip(img: Any) -> Any:
    """Top and bottom exchanged."""
    return on_pixels(lambda x: x.flip(-2), img)


def normalize(tensor: Tensor, mean: Any, std: Any, inplace: bool = False) -> Tensor:
    """(x - mean) / std of each channel."""
    mean, std = (as_tensor(v, dtype=tensor.dtype).reshape(-1, 1, 1) for v in (mean, std))
    return tensor.sub_(mean).div_(std) if inplace else (tensor - mean) / std


def rgb_to_grayscale(img: Any, num_output_channels: int = 1) -> Any:
    """The brightness, 0.2989 red + 0.587 green + 0.114 blue, in one channel or in three."""

    def change(x: Tensor) -> Tensor:
        array = x.detach().numpy()
        grey = (array * GREY).sum(-3, keepdims=True) if array.shape[-3] == 3 else array
        return from_numpy(np.repeat(grey.astype(array.dtype), num_output_channels, axis=-3))

    return on_pixels(change, img)


to_grayscale = rgb_to_grayscale
