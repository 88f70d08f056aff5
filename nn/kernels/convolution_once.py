"""Convolution of small images: the columns of all windows at once, since they fit into the cache.

The copies and products of so little work take no longer than the calls around them, so there are as few of those as
there can be: all windows are one view of the padded image, a copy of it is all columns, and whatever depends on shapes
alone is found out once. In memory the columns are (R, C k, S'/R N), R standing for the rows of outputs: BLAS is faster
in a product for each row than in a single one, in the gradient by the weights twice as fast. Where rows are short, R
is 1. The gradient by the input is the convolution of g with the filters turned around.

Where it pays, the rows of a window are not copied for each row of outputs: of strips as in `convolution_strips`, (H, C,
k', S'/R N), those that a row of outputs meets are one matrix as they lie, (k C k', S'/R N), k' standing for the other
axes of the filter. Then the filters have to be rearranged, (O, k C k').
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

REARRANGED = 16
"""Numbers of columns that are copied in the time in which one of a filter is moved."""


class Windows(NamedTuple):
    """Where all windows of an image are."""

    output_size: Size
    bytes: int  # of all columns
    padded: Size | None  # the shape of the padded image (C, S, N); None if the image is that large already
    place: tuple[slice, ...]  # where the image is in it
    shape: Size  # of the view (R, C, k, S'/R, N), or (H, C, k', S'/R, N) of strips, and its steps in bytes
    strides: Size
    item: np.dtype[Any] | None  # that of a pixel of all images where they are not neighbours: it is copied at once
    columns: Size
    steps: Size | None  # in bytes, of the columns in strips


@functools.lru_cache(1024)  # a step of a training asks for the same windows as the one before
def all_windows(
    shape: Size,
    itemsize: int,
    kernel_size: Size,
    stride: Size,
    padding: Size,
    dilation: Size,
    channels: int,
    count: Size | None = None,
) -> Windows:
    """Those of x (N, C, S), as many as fit unless their `count` is given, and the channels on the other side."""
    n, c, *axes = shape
    size = tuple(axes)
    count = output_size(size, kernel_size, stride, padding, dilation) if count is None else count
    padded = padded_size(count, kernel_size, stride, dilation, size, padding)
    steps = [math.prod(padded[i:]) * n * itemsize for i in range(len(padded) + 1)]
    within = [d * step for d, step in zip(dilation, steps[1:], strict=True)]
    between = [s * step for s, step in zip(stride, steps[1:], strict=True)]
    # the view's axes, each with its step: (C, k, S', N), behind R, or with H in the place of R and k's first axis
    view = [(c, steps[0]), *zip(kernel_size, within, strict=True), *zip(count, between, strict=True)]
    depth, length, rows, strips = c * math.prod(kernel_size), math.prod(count[1:]) * n, 1, None
    if len(count) > 1 and length >= LENGTH and itemsize >= 4:
        rows, k, height = count[0], kernel_size[0], (count[0] - 1) * stride[0] + kernel_size[0]
        view.insert(0, view.pop(1 + len(count)))
        saved = (k * rows - height) * length  # numbers that are not copied, for each column of a filter
        if dilation[0] == 1 and saved >= REARRANGED * channels * k:
            strips = (stride[0] * depth // k * length * itemsize, length * itemsize, itemsize)
            view[:3] = [(height, steps[1]), view[1]]
    else:
        length *= count[0]
    apart = stride[-1] > 1 and n > 1
    if not apart:
        view.append((n, itemsize))
    return Windows(
        count,
        depth * math.prod(count) * n * itemsize,
        (c, *padded, n) if padded != size else None,
        inside(1, size, padding),
        tuple([number for number, _ in view]),
        tuple([step for _, step in view]),
        np.dtype((np.void, n * itemsize)) if apart else None,
        (rows, depth, length),
        strips,
    )


def at_once(windows: Windows, channels: int, itemsize: int, waste: float = 1) -> bool:
    """Whether this way serves, with so many channels on the other side: no second thread would pay.

    With `waste` times as many windows as there need be less fits, as they are copied and multiplied for nothing.
    """
    return windows.bytes * waste**2 <= ROOM and 2 * channels * windows.bytes < threads.ENOUGH * itemsize


def columns_at_once(x: Array, windows: Windows) -> Array:
    """(N, C, S) -> (R, C k, S'/R N), in strips (R, k C k', S'/R N)."""
    image = x.transpose(*range(1, x.ndim), 0)
    if windows.padded is None:
        image = np.ascontiguousarray(image)
    else:
        around = np.zeros(windows.padded, x.dtype)
        around[windows.place] = image
        image = around
    view: Array = np.ndarray(windows.shape, windows.item or x.dtype, image, 0, windows.strides)
    if windows.steps is not None:
        return np.ndarray(windows.columns, x.dtype, view.copy(), 0, windows.steps)
    return (view if windows.item is None else view.copy().view(x.dtype)).reshape(windows.columns)


def conv_at_once(columns: Array, weight: Array, bias: Array | None, windows: Windows, y: Array) -> None:
    """(R, C k, S'/R N), (O, C, k), (O,) -> y (O, S', N)."""
    lines, depth, length = columns.shape
    rows = y.reshape(len(y), lines, length).swapaxes(0, 1)
    filters = weight if windows.steps is None else weight.swapaxes(1, 2)
    _products(filters.reshape(len(weight), depth), columns, rows)
    if bias is not None:
        pixels = y.reshape(len(y), lines * length)
        np.add(pixels, bias[:, None], out=pixels)


def conv_at_once_weight_backward(columns: Array, g: Array, windows: Windows, kernel_size: Size) -> Array:
    """(R, C k, S'/R N), (O, S', N) -> (O, C, k), a view."""
    lines, depth, length = columns.shape
    rows = g.reshape(len(g), lines, length).transpose(1, 2, 0)
    products = _products(columns, rows)
    filters = np.add.reduce(products, axis=0, dtype=products.dtype).T
    channels = depth // math.prod(kernel_size)
    if windows.steps is None:
        return filters.reshape(len(g), channels, *kernel_size)
    return filters.reshape(len(g), kernel_size[0], channels, *kernel_size[1:]).swapaxes(1, 2)


def _products(x: Array, other: Array, out: Array | None = None) -> Array:
    """x @ other by one thread of BLAS: where a product is large, two would take longer to wake than to multiply."""
    if 2 * x.shape[-2] * other.shape[-2] * other.shape[-1] <= threads.LITTLE:
        return np.matmul(x, other, out=out)
    with one_thread:
        return np.matmul(x, other, out=out)
