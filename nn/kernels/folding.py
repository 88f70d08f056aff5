"""Windows as columns, and columns added up to an image: each is the transpose of the other."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.window import Size, inside, padded_size, windows
from nn.kernels.window import output_size as how_many

Array = NDArray[Any]


def im2col(
    x: Array, *, kernel_size: Size, stride: Size, padding: Size, dilation: Size, out: Array | None = None
) -> Array:
    """(N, C, S) -> (N, C k, L): a column for each of L windows, the windows in row-major order."""
    n, c, size = len(x), x.shape[1], x.shape[2:]
    count = how_many(size, kernel_size, stride, padding, dilation)
    image = x
    if any(padding):
        image = np.zeros((n, c, *padded_size(count, kernel_size, stride, dilation, size, padding)), x.dtype)
        image[inside(2, size, padding)] = x
    columns = np.empty((n, c, *kernel_size, *count), x.dtype)
    place: tuple[slice | int, ...]
    for offset, at in windows(2, kernel_size, stride, dilation, count):
        place = (slice(None), slice(None), *offset)
        columns[place] = image[at]
    columns = columns.reshape(n, c * math.prod(kernel_size), math.prod(count))
    if out is None:
        return columns
    np.copyto(out, columns)
    return out


def col2im(
    x: Array,
    *,
    output_size: Size,
    kernel_size: Size,
    stride: Size,
    padding: Size,
    dilation: Size,
    out: Array | None = None,
) -> Array:
    """(N, C k, L) -> (N, C, S) with S = output_size: every column added where its window lies."""
    n, c = len(x), x.shape[1] // math.prod(kernel_size)
    count = how_many(output_size, kernel_size, stride, padding, dilation)
    columns = x.reshape(n, c, *kernel_size, *count)
    image = np.zeros((n, c, *padded_size(count, kernel_size, stride, dilation, output_size, padding)), x.dtype)
    place: tuple[slice | int, ...]
    for offset, at in windows(2, kernel_size, stride, dilation, count):
        place = (slice(None), slice(None), *offset)
        image[at] += columns[place]
    if image.shape[2:] != output_size:
        image = np.ascontiguousarray(image[inside(2, output_size, padding)])
    if out is None:
        return image
    np.copyto(out, image)
    return out
