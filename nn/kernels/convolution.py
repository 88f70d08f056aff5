"""Convolution (cross-correlation, as everywhere in deep learning) by im2col and GEMM, a few images at a time.

The column matrix of a block of images stays in the cache and is made anew where it is needed: cheaper than keeping
42 MB of columns for the backward. The three maps are each a transpose of another:

    conv                   x, weight -> y          y = W col(x)
    conv_input_backward    g, weight -> x's side   x = col2im(W^T g)
    conv_weight_backward   x, g -> weight's side   W = sum over images of g col(x)^T

Shapes: x (N, C, S), weight (O, C/groups, k), bias (O,), y and g (N, O, S'), S standing for any number of spatial axes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.window import Size, block, col2im, im2col, inside, output_size, padded_size, volume

Array = NDArray[Any]


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
    dtype = np.result_type(x, weight)
    if out is None:
        out = np.empty((len(x), len(weight), *count), dtype)
    matrix = weight.reshape(groups, len(weight) // groups, -1)  # (G, O/G, C/G k)
    y = out.reshape(len(x), *matrix.shape[:2], -1)  # (N, G, O/G, S'), the same memory
    for rows, col in _columns(x, kernel_size, count, stride, padding, dilation, groups):
        np.matmul(matrix, col, out=y[rows])
        if bias is not None:
            np.add(y[rows], bias.reshape(groups, -1, 1), out=y[rows])
    return out


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
    o, c = g.shape[1], x.shape[1]
    if out is None:
        out = np.empty((o, c // groups, *kernel_size), np.result_type(x, g))
    out[...] = 0
    matrix = out.reshape(groups, o // groups, -1)
    rows_of_g = np.ascontiguousarray(g).reshape(len(g), groups, o // groups, -1)
    for rows, col in _columns(x, kernel_size, g.shape[2:], stride, padding, dilation, groups):
        part = np.matmul(rows_of_g[rows], col.swapaxes(-1, -2))  # (B, G, O/G, C/G k)
        matrix += part[0] if len(part) == 1 else np.add.reduce(part, axis=0)
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
    kernel_size, count = weight.shape[2:], g.shape[2:]
    channels = weight.shape[1] * groups
    dtype = np.result_type(g, weight)
    if out is None:
        out = np.empty((len(g), channels, *input_size), dtype)
    padded = padded_size(count, kernel_size, stride, dilation, input_size, padding)
    matrix = weight.reshape(groups, len(weight) // groups, -1).swapaxes(-1, -2)  # (G, C/G k, O/G)
    rows_of_g = np.ascontiguousarray(g).reshape(len(g), groups, len(weight) // groups, -1)
    size = block(channels * volume(kernel_size) * volume(count) * dtype.itemsize, len(g))
    col = np.empty((size, groups, matrix.shape[1], volume(count)), dtype)
    image = np.empty((size, channels, *padded), dtype)
    for start in range(0, len(g), size):
        rows = slice(start, min(start + size, len(g)))
        n = rows.stop - start
        np.matmul(matrix, rows_of_g[rows], out=col[:n])
        image[:n] = 0
        col2im(col[:n].reshape(n, channels, *kernel_size, *count), image[:n], stride, dilation)
        out[rows] = image[:n][inside(input_size, padding)]
    return out


def _columns(
    x: Array, kernel_size: Size, count: Size, stride: Size, padding: Size, dilation: Size, groups: int
) -> Iterator[tuple[slice, Array]]:
    """A block of images at a time: its place in the batch, and its columns (B, G, C/G k, S'), valid until the next."""
    n, c = x.shape[:2]
    size = block(c * volume(kernel_size) * volume(count) * x.itemsize, n)
    col = np.empty((size, c, *kernel_size, *count), x.dtype)
    padded = None
    if any(padding):
        shape = padded_size(count, kernel_size, stride, dilation, x.shape[2:], padding)
        padded = np.zeros((size, c, *shape), x.dtype)
    for start in range(0, n, size):
        rows = slice(start, min(start + size, n))
        images = x[rows]
        if padded is not None:
            images = padded[: len(images)]
            images[inside(x.shape[2:], padding)] = x[rows]
        columns = im2col(images, col[: len(images)], stride, dilation)
        yield rows, columns.reshape(len(images), groups, c // groups * volume(kernel_size), volume(count))
