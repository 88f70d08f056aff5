"""Convolution of images without im2col, row by row, where the filter moves by one pixel along a row.

In memory an image is (H, C, W, N): the rows that a row of outputs meets are one matrix (k C, W N), as they lie. One
product with the filter's columns one below the other, (k' O, k C), gives every column's share of the outputs, which are
added one pixel apart:

    y[i] = sum over j of Z[j] from pixel j d on,  Z = (W_1; ...; W_k') (rows i s to i s + k)

As many multiplications as with im2col (and those of the k' - 1 pixels at the end of a row), but k' - 1 additions of
outputs instead of k k' copies of inputs.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.threads import added_up, share
from nn.kernels.window import Size, inside, padded_size

Array = NDArray[Any]

CHANNELS = 8
"""Channels on both sides from which on it is the faster way; below, the products are too flat."""

WASTE = 1.3
"""Up to so many times the products of im2col it pays in the gradient by the input, where g has zeros around it."""

FEW = 32
"""Output channels up to which it is the faster way forward: beyond, im2col's copies vanish beside the products."""

SUMS = 4
"""Pieces of a gradient by the weights, at most: each has a sum of its own."""

CHANNELS_OF_A_PIECE = 16
"""In the gradient by the input, at least: a product with fewer rows is too flat."""

LENGTH = 64
"""Pixels of a row of outputs, over the batch, below which a product is too small for its call."""

SHORT = 6
"""Pixels of a row of outputs below which there is too little of it beside the ends: im2col copies little then."""


def by_rows(x: Array, channels: int, kernel_size: Size, count: Size, stride: Size, dilation: Size, groups: int) -> bool:
    """Whether this way serves, and is the faster one, between the channels of x and so many others."""
    return (
        len(count) == 2
        and groups == 1
        and stride[1] == 1
        and (dilation[0] == 1 or kernel_size[0] == 1)
        and kernel_size[1] > 1
        and min(x.shape[1], channels) >= CHANNELS
        and count[1] >= SHORT
        and count[1] * len(x) >= LENGTH
        and x.dtype.itemsize >= 4
    )


def rows_of(x: Array, count: Size, kernel_size: Size, stride: Size, padding: Size, dilation: Size) -> Array:
    """(N, C, H, W) -> (H, C, W, N) with zeros around; W may stand for several axes."""
    n, c, *size = x.shape
    height, *others = padded_size(count, kernel_size, stride, dilation, tuple(size), padding)
    image = (np.zeros if any(padding) else np.empty)((height, c, *others, n), x.dtype)
    within, *columns = inside(0, tuple(size), padding)
    place = (within, slice(None), *columns)
    image[place] = x.transpose(2, 1, *range(3, x.ndim), 0)
    return image


def conv_rows(image: Array, weight: Array, bias: Array | None, count: Size, stride: Size, dilation: Size) -> Array:
    """(H, C, W, N), (O, C, k, k') -> (O, H', W', N)."""
    _, c, width, n = image.shape
    o, _, k, across = weight.shape
    matrix = weight.transpose(3, 0, 2, 1).reshape(across * o, k * c)
    y = np.empty((o, count[0], count[1] * n), np.result_type(image, weight))
    column = None if bias is None else bias[:, None]

    def work(own: Sequence[int]) -> None:
        z = np.empty((across * o, width * n), y.dtype)
        parts = _shifted(z.reshape(across, o, width * n), count[1] * n, dilation[1] * n)
        for i in own:
            np.matmul(matrix, _rows(image, i * stride[0], k), out=z)
            row = y[:, i]
            np.add(parts[0], parts[1], out=row)
            for part in parts[2:]:
                row += part
            if column is not None:
                row += column

    share(work, range(count[0]), 2 * y.size * matrix.shape[1])
    return y.reshape(o, *count, n)


def conv_rows_weight_backward(image: Array, g: Array, kernel_size: Size, stride: Size, dilation: Size) -> Array:
    """(H, C, W, N), (O, H', W', N) -> (O, C, k, k')."""
    o, height, width, n = g.shape
    k, across = kernel_size
    c = image.shape[1]
    rows = g.reshape(o, height, width * n)

    def work(own: Sequence[int]) -> Array:
        matrix = np.zeros((across, k * c, o), np.result_type(image, g))
        for i in own:
            taps = _shifted([_rows(image, i * stride[0], k)] * across, width * n, dilation[1] * n)
            for j, tap in enumerate(taps):
                matrix[j] += tap @ rows[:, i].T
        return matrix

    matrix = added_up(share(work, range(height), 2 * g.size * k * across * c, most=SUMS))
    return np.ascontiguousarray(matrix.reshape(across, k, c, o).transpose(3, 2, 1, 0))


def _rows(image: Array, start: int, k: int) -> Array:
    """k rows of the image as one matrix (k C, W N), a view."""
    _, c, width, n = image.shape
    return image[start : start + k].reshape(k * c, width * n)


def _shifted(matrices: Any, length: int, step: int) -> list[Array]:
    """Of each matrix as many columns, those of the next one beginning `step` columns later: views."""
    return [matrix[:, j * step : j * step + length] for j, matrix in enumerate(matrices)]
