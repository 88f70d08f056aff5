"""Convolution (cross-correlation, as everywhere in deep learning): im2col and matrix products, a tile at a time.

Shapes are (N, C, S), S standing for any number of spatial axes, but in memory the batch comes last, (C, S, N): then the
pixels that one element of a filter meets in a row of outputs, for all images, are one contiguous run, and so is what
the product writes. The columns of a tile of output positions stay in the cache and are made anew where they are
needed, which is cheaper than keeping them. The three maps are each a transpose of another:

    conv                   x, weight -> y          y = W col(x)
    conv_input_backward    g, weight -> x's side   x = col2im(W^T g)
    conv_weight_backward   x, g -> weight's side   W = g col(x)^T

x is (N, C, S), weight (O, C/groups, k), bias (O,), y and g (N, O, S').
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.window import Size, inside, offsets, output_size, padded_size, window_slices

Array = NDArray[Any]

TILE_BYTES = 1 << 19
"""The columns of one tile: half of a core's cache, the other half is for what the product reads and writes beside."""


def conv(
    x: Array,
    weight: Array,
    bias: Array | None = None,
    *,
    stride: Size,
    padding: Size,
    dilation: Size,
    groups: int = 1,
    out: Array | None = None,
) -> Array:
    """(N, C, S), (O, C/groups, k), (O,) -> (N, O, S')."""
    kernel_size = weight.shape[2:]
    count = output_size(x.shape[2:], kernel_size, stride, padding, dilation)
    image = _padded(_batch_last(x), count, kernel_size, stride, padding, dilation)
    matrix = weight.reshape(groups, len(weight) // groups, -1)  # (G, O/G, C/G k)
    y = np.empty((len(weight), *count, len(x)), np.result_type(x, weight))
    rows = y.reshape(*matrix.shape[:2], -1)  # (G, O/G, S' N), the same memory
    column_bias = None if bias is None else bias.reshape(groups, -1, 1)
    for tile, col in _columns(image, kernel_size, count, stride, dilation, groups):
        part = rows[..., tile]
        np.matmul(matrix, col, out=part)
        if column_bias is not None:
            np.add(part, column_bias, out=part)
    return _batch_first(y, out)


def conv_weight_backward(
    x: Array,
    g: Array,
    *,
    kernel_size: Size,
    stride: Size,
    padding: Size,
    dilation: Size,
    groups: int = 1,
    out: Array | None = None,
) -> Array:
    """(N, C, S), (N, O, S') -> (O, C/groups, k)."""
    o, c, count = g.shape[1], x.shape[1], g.shape[2:]
    image = _padded(_batch_last(x), count, kernel_size, stride, padding, dilation)
    rows = _batch_last(g).reshape(groups, o // groups, -1)  # (G, O/G, S' N)
    if out is None:
        out = np.empty((o, c // groups, *kernel_size), np.result_type(x, g))
    out[...] = 0
    matrix = out.reshape(groups, o // groups, -1)
    for tile, col in _columns(image, kernel_size, count, stride, dilation, groups):
        matrix += np.matmul(rows[..., tile], col.swapaxes(-1, -2))
    return out


def conv_input_backward(
    g: Array,
    weight: Array,
    *,
    input_size: Size,
    stride: Size,
    padding: Size,
    dilation: Size,
    groups: int = 1,
    out: Array | None = None,
) -> Array:
    """(N, O, S'), (O, C/groups, k) -> (N, C, S) with S = input_size; the forward of a transposed convolution."""
    n, kernel_size, count = len(g), weight.shape[2:], g.shape[2:]
    channels = weight.shape[1] * groups
    rows = _batch_last(g).reshape(groups, len(weight) // groups, -1)
    matrix = weight.reshape(groups, len(weight) // groups, -1).swapaxes(-1, -2)  # (G, C/G k, O/G)
    size = padded_size(count, kernel_size, stride, dilation, input_size, padding)
    image = np.zeros((channels, *size, n), np.result_type(g, weight))
    windows = _windows(image, kernel_size, count, stride, dilation)
    for at, tile, col in _tiles(channels, kernel_size, count, n, image.dtype):
        np.matmul(matrix, rows[..., tile], out=col.reshape(groups, matrix.shape[1], -1))
        for place, pixels in windows:
            np.add(pixels[at], col[place], out=pixels[at])
    if image.shape[1:-1] != input_size:
        image = np.ascontiguousarray(image[inside(1, input_size, padding)])
    return _batch_first(image, out)


def _columns(
    image: Array, kernel_size: Size, count: Size, stride: Size, dilation: Size, groups: int
) -> Iterator[tuple[slice, Array]]:
    """For each tile: its place among the output positions (S' N), and its columns (G, C/G k, tile), until the next."""
    windows = _windows(image, kernel_size, count, stride, dilation)
    for at, tile, col in _tiles(image.shape[0], kernel_size, count, image.shape[-1], image.dtype):
        for place, pixels in windows:
            np.copyto(col[place], pixels[at])
        yield tile, col.reshape(groups, len(col) * math.prod(kernel_size) // groups, -1)


def _windows(
    image: Array, kernel_size: Size, count: Size, stride: Size, dilation: Size
) -> list[tuple[tuple[slice | int, ...], Array]]:
    """For each place in the window: where its columns are in (C, k, S', N), and its pixels (C, S', N), a view."""
    return [
        ((slice(None), *offset), image[window_slices(1, offset, stride, dilation, count)])
        for offset in offsets(kernel_size)
    ]


def _tiles(
    channels: int, kernel_size: Size, count: Size, n: int, dtype: np.dtype[Any]
) -> Iterator[tuple[tuple[slice, ...], slice, Array]]:
    """Tiles of output positions: where in (C, S', N), where among (S' N), and space for the columns (C, k, tile, N).

    A tile is a run of whole rows, or a part of one row: contiguous in row-major order.
    """
    rows = channels * math.prod(kernel_size)
    room = max(1, TILE_BYTES // max(1, rows * n * dtype.itemsize))
    shape: list[int] = []
    for length in reversed(count):
        pieces = -(-length // room) if length else 1
        shape.insert(0, max(1, -(-length // pieces)))
        room = max(1, room // length) if pieces == 1 and length else 1
    space = np.empty(rows * math.prod(shape) * n, dtype)
    for start in itertools.product(*map(range, (0,) * len(count), count, shape)):
        part = [min(t, m - a) for t, m, a in zip(shape, count, start, strict=True)]
        first = 0
        for a, m in zip(start, count, strict=True):
            first = first * m + a
        at = (slice(None), *(slice(a, a + t) for a, t in zip(start, part, strict=True)))
        col = space[: rows * math.prod(part) * n].reshape(channels, *kernel_size, *part, n)
        yield at, slice(first * n, (first + math.prod(part)) * n), col


def _batch_last(x: Array) -> Array:
    """(N, C, S) -> (C, S, N), contiguous; no copy if it lies so already."""
    return np.ascontiguousarray(np.moveaxis(x, 0, -1))


def _batch_first(y: Array, out: Array | None) -> Array:
    """(C, S, N) -> (N, C, S): a view, or what `out` gets."""
    y = np.moveaxis(y, -1, 0)
    if out is None:
        return y
    np.copyto(out, y)
    return out


def _padded(image: Array, count: Size, kernel_size: Size, stride: Size, padding: Size, dilation: Size) -> Array:
    """(C, S, N) with zeros around the spatial axes; itself if there is no padding."""
    if not any(padding):
        return image
    size = padded_size(count, kernel_size, stride, dilation, image.shape[1:-1], padding)
    padded = np.zeros((image.shape[0], *size, image.shape[-1]), image.dtype)
    padded[inside(1, image.shape[1:-1], padding)] = image
    return padded
