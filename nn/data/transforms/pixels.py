"""Images that are no tensors yet: Pillow's where Pillow is installed, else arrays of bytes, marked as such."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.tensors.tensor import Tensor

__all__ = ["Array", "Pixels", "as_image", "channels_first", "image_like", "is_image", "pillow", "size_of"]

Array = NDArray[Any]


class Pixels(np.ndarray[Any, Any]):
    """Bytes (H, W) or (H, W, C) in place of Pillow's image; what else is an array has its channels first."""


def pillow() -> Any:
    """Pillow's module of images, or None."""
    try:
        from PIL import Image
    except ImportError:
        return None
    return Image


def as_image(array: Array) -> Any:
    """Bytes (H, W), (H, W, 1) or (H, W, 3) as an image."""
    library, array = pillow(), np.ascontiguousarray(array[:, :, 0] if array.shape[2:] == (1,) else array)
    return array.view(Pixels) if library is None else library.fromarray(array)


def is_image(value: Any) -> bool:
    """Whether it is an image of Pillow's, or stands for one."""
    return isinstance(value, Pixels) or hasattr(value, "getbands")


def channels_first(image: Any) -> Array:
    """An image, or an array (H, W) or (H, W, C), as a new array (C, H, W)."""
    array = np.asarray(image)
    return np.array((array[:, :, None] if array.ndim == 2 else array).transpose(2, 0, 1), order="C")


def image_like(array: Array, image: Any) -> Any:
    """An array (C, H, W) as an image of the kind of another."""
    last = array.transpose(1, 2, 0)
    if not isinstance(image, Pixels):
        return as_image(last)
    return np.ascontiguousarray(last[:, :, 0] if len(array) == 1 else last).view(Pixels)


def size_of(image: Any) -> tuple[int, int]:
    """The height and the width of an image, or of a tensor (*, H, W)."""
    height, width = image.shape[-2:] if isinstance(image, Tensor) else np.asarray(image).shape[:2]
    return int(height), int(width)
