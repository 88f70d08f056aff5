"""Convolution of small images: the columns of all windows at once, since they fit into the cache.

The copies and products of so little work take no longer than the calls around them, so there are as few of those as
there can be: all windows are one view of the padded image, a copy of it is all columns, and whatever depends on shapes
alone is found out once. In memory the columns are (R, C k, S'/R N), R standing for the rows of outputs: BLAS is faster
in a product for each row than in a single one, in the gradient by the weights twice as fast. Where rows are short, R
is 1. The gradient by the input is the convolution of g with the filters turned around.
"""

from __future__ import annotations

import functools
import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.kernels import threads
from nn.kernels.blas import one_thread
from nn.kernels.convolution_rows import LENGTH
from nn.kernels.window import Size, inside, output_size, padded_size

Array = NDArray[Any]

ROOM = 1 << 20
"""Bytes of columns, at most: a core's cache."""


class Windows(NamedTuple):
    """Where all windows of an image are."""

    output_size: Size
    bytes: int  # of all columns
    padded: Size | None  # the shape of the padded image (C, S, N); None if the image is that large already
    place: tuple[slice, ...]  # where the image is in it
    shape: Size  # of the view (R, C, k, S'/R, N), and its steps in bytes
    strides: Size
    item: np.dtype[Any] | None  # that of a pixel of all images where they are not neighbours: it is copied at once
    columns: Size


@functools.lru_cache(1024)  # a step of a training asks for the same windows as the one before
def all_windows(
    shape: Size,
    itemsize: int,
    kernel_size: Size,
    stride: Size,
    padding: Size,
    dilation: Size,
    count: Size | None = None,
) -> Windows:
    """Those of x (N, C, S), as many as fit unless their `count` is given."""
    n, c, *axes = shape
    size = tuple(axes)
    count = output_size(size, kernel_size, stride, padding, dilation) if count is None else count
    padded = padded_size(count, kernel_size, stride, dilation, size, padding)
    steps = [math.prod(padded[i:]) * n * itemsize for i in range(len(padded) + 1)]
    within = [d * step for d, step in zip(dilation, steps[1:], strict=True)]
    between = [s * step for s, step in zip(stride, steps[1:], strict=True)]
    lead = len(count) - 1 if count[-1] * n >= LENGTH and itemsize >= 4 else 0
    apart = stride[-1] > 1 and n > 1
    return Windows(
        count,
        c * math.prod((*kernel_size, *count, n)) * itemsize,
        (c, *padded, n) if padded != size else None,
        inside(1, size, padding),
        (*count[:lead], c, *kernel_size, *count[lead:], *(() if apart else (n,))),
        (*between[:lead], steps[0], *within, *between[lead:], *(() if apart else (itemsize,))),
        np.dtype((np.void, n * itemsize)) if apart else None,
        (math.prod(count[:lead]), c * math.prod(kernel_size), math.prod(count[lead:]) * n),
    )


def at_once(windows: Windows, channels: int, itemsize: int, waste: float = 1) -> bool:
    """Whether this way serves, with so many channels on the other side: no second thread would pay.

    With `waste` times as many windows as there need be less fits, as they are copied and multiplied for nothing.
    """
    return windows.bytes * waste**2 <= ROOM and 2 * channels * windows.bytes < threads.ENOUGH * itemsize


def columns_at_once(x: Array, windows: Windows) -> Array:
    """(N, C, S) -> (R, C k, S'/R N)."""
    image = x.transpose(*range(1, x.ndim), 0)
    if windows.padded is None:
        image = np.ascontiguousarray(image)
    else:
        around = np.zeros(windows.padded, x.dtype)
        around[windows.place] = image
        image = around
    if windows.item is None:
        return np.ndarray(windows.shape, x.dtype, image, 0, windows.strides).reshape(windows.columns)
    items: Array = np.ndarray(windows.shape, windows.item, image, 0, windows.strides)
    return items.copy().view(x.dtype).reshape(windows.columns)


def conv_at_once(columns: Array, weight: Array, bias: Array | None, y: Array) -> None:
    """(R, C k, S'/R N), (O, C, k), (O,) -> y (O, S', N)."""
    lines, depth, length = columns.shape
    rows = y.reshape(len(y), lines, length).swapaxes(0, 1)
    _products(weight.reshape(len(weight), depth), columns, rows)
    if bias is not None:
        pixels = y.reshape(len(y), lines * length)
        np.add(pixels, bias[:, None], out=pixels)


def conv_at_once_weight_backward(columns: Array, g: Array) -> Array:
    """(R, C k, S'/R N), (O, S', N) -> (O, C k)."""
    lines, _, length = columns.shape
    rows = g.reshape(len(g), lines, length).transpose(1, 2, 0)
    products = _products(columns, rows)
    return np.add.reduce(products, axis=0, dtype=products.dtype).T


def _products(x: Array, other: Array, out: Array | None = None) -> Array:
    """x @ other by one thread of BLAS: where a product is large, two would take longer to wake than to multiply."""
    if 2 * x.shape[-2] * other.shape[-2] * other.shape[-1] <= threads.LITTLE:
        return np.matmul(x, other, out=out)
    with one_thread:
        return np.matmul(x, other, out=out)
