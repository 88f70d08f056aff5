"""Many images side by side in one, by torchvision's names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.data.transforms.pixels import pillow
from nn.tensors.tensor import Tensor, from_numpy
from nn.viewing.picture import Picture

__all__ = ["make_grid", "save_image"]


def make_grid(
    tensor: Tensor | Sequence[Tensor],
    nrow: int = 8,
    padding: int = 2,
    normalize: bool = False,
    value_range: tuple[float, float] | None = None,
    scale_each: bool = False,
    pad_value: float = 0.0,
) -> Tensor:
    """Images side by side in rows of `nrow`, as one image.

    Args:
        tensor: a batch of images, a list of them, or one.
        nrow: how many stand in a row.
        padding: pixels between them.
        normalize: stretch their values to 0 and 1.
        value_range: from where to where they are stretched; None for the least and the greatest value.
        scale_each: stretch each image by itself.
        pad_value: what stands between them.

    Shape:
        (N, C, H, W), (C, H, W) or (H, W) -> (3, H', W'); images of one channel become grey ones of three

    Example:
        >>> import nn
        >>> nn.viewing.make_grid(nn.zeros(10, 1, 28, 28), nrow=5).shape
        (3, 62, 152)
    """
    if isinstance(tensor, Tensor):
        array = np.array(tensor.detach().numpy())
    else:
        array = np.stack([t.detach().numpy() for t in tensor])
    array = array.reshape((1,) * (4 - array.ndim) + array.shape) if array.ndim != 3 else array[None]
    array = np.repeat(array, 3, axis=1) if array.shape[1] == 1 else array
    if normalize:
        array = array.astype(np.float32)
        for part in array if scale_each else [array]:
            low, high = value_range or (float(part.min()), float(part.max()))
            np.clip(part, low, high, out=part)
            part -= low
            part /= max(high - low, 1e-5)
    count, channels, height, width = array.shape
    if count == 1:
        return from_numpy(np.array(array[0]))
    columns = min(nrow, count)
    rows = math.ceil(count / columns)
    size = (channels, (height + padding) * rows + padding, (width + padding) * columns + padding)
    grid = np.full(size, pad_value, array.dtype)
    for i, image in enumerate(array):
        y, x = (height + padding) * (i // columns) + padding, (width + padding) * (i % columns) + padding
        grid[:, y : y + height, x : x + width] = image
    return from_numpy(grid)


def save_image(tensor: Tensor | Sequence[Tensor], fp: Any, format: str | None = None, **named: Any) -> None:
    """Write images from 0 to 1, as a grid, to a file.

    Args:
        tensor: see `make_grid`, as for the other arguments.
        fp: the path; a name that ends in `.png` needs no Pillow, another one does (extra `media`).
        format: that of the file, where its name does not say it.
        **named: see `make_grid`.

    Raises:
        ImportError: Pillow is not installed, and the file is no PNG.
    """
    pixels = np.clip(make_grid(tensor, **named).numpy() * 255 + 0.5, 0, 255).astype(np.uint8).transpose(1, 2, 0)
    if format is None and str(fp).lower().endswith(".png"):
        Picture(pixels).save(fp)
        return
    library = pillow()
    if library is None:
        raise ImportError("save_image: Pillow is not installed; pip install 'fromzero[media]', or save a .png")
    library.fromarray(pixels).save(fp, format=format)
