"""Convolution of few channels: windows are copied along all spatial axes but the first, where the filter slides.

In memory the strips of an image are (H, C, k', W', N): the pixels that each column of the filter meets in a row of
outputs, copied k' times. The k rows that a row of outputs meets are then one matrix, (k C k', W' N), as they lie:

    y[i] = W (strips i s to i s + k)

As many multiplications as with im2col, and k times fewer copies. The gradient by the input adds one contiguous matrix
to the strips for each row of outputs, and then the strips to the image, once for each column of the filter. The strips
are made a few rows at a time, so that they stay in the cache. k is the first axis of the filter, k' stands for its
others, as W' does for those of the outputs.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.convolution_rows import CHANNELS_OF_A_PIECE, LENGTH, SUMS
from nn.kernels.threads import added_up, share
from nn.kernels.window import Size, in_items, windows

Array = NDArray[Any]
Place = tuple[int | slice, ...]

ROOM = 3 << 19
"""Bytes of strips that a thread has at a time, but those of one row of outputs at least."""

CACHE = 1 << 17
"""Bytes of products that are made before they are added up, but one row at least."""


FEWER = 1.4
"""Times fewer copies than with im2col, at least: they are made for each row of the image, not of a window."""


def by_strips(x: Array, kernel_size: Size, count: Size, stride: Size, dilation: Size, groups: int) -> bool:
    """Whether this way serves, copies much less, and its products are large enough for their calls."""
    k, height, step = kernel_size[0], count[0], stride[0]
    return (
        len(count) > 1
        and groups == 1
        and dilation[0] == 1
        and k * height >= FEWER * ((height - 1) * step + k)
        and math.prod(count[1:]) * len(x) >= LENGTH
        and x.dtype.itemsize >= 4
    )


def conv_strips(image: Array, weight: Array, bias: Array | None, y: Array, stride: Size, dilation: Size) -> None:
    """The padded image (H, C, W, N), (O, C, k, k') -> y (O, H', W', N)."""
    matrix = weight.swapaxes(1, 2).reshape(len(weight), -1)  # (O, k C k')
    lines = y.reshape(*y.shape[:2], -1).swapaxes(0, 1)  # (H', O, W' N)
    column = None if bias is None else bias[:, None]

    def work(own: Sequence[int]) -> None:
        for rows, strips in _strips(image, own, weight.shape[2:], y.shape[1:-1], stride, dilation):
            part = lines[rows]
            np.matmul(matrix, strips, out=part)
            if column is not None:
                np.add(part, column, out=part)

    share(work, range(len(lines)), 2 * y.size * matrix.shape[1])


def conv_strips_weight_backward(image: Array, g: Array, kernel_size: Size, stride: Size, dilation: Size) -> Array:
    """The padded image (H, C, W, N), (O, H', W', N) -> (O, C, k, k')."""
    k, *across = kernel_size
    c = image.shape[1]
    lines = g.reshape(*g.shape[:2], -1).transpose(1, 2, 0)  # (H', W' N, O)
    depth = c * math.prod(kernel_size)
    few = max(1, CACHE // max(1, depth * len(g) * g.itemsize))

    def work(own: Sequence[int]) -> Array:
        total = np.zeros((depth, len(g)), np.result_type(image, g))
        for rows, strips in _strips(image, own, kernel_size, g.shape[1:-1], stride, dilation):
            given = lines[rows]
            for i in range(0, len(given), few):
                _add_up(np.matmul(strips[i : i + few], given[i : i + few]), total, 0)
        return total

    total = added_up(share(work, range(len(lines)), 2 * g.size * depth, most=SUMS))
    weight = total.reshape(k, c, *across, len(g))
    return np.ascontiguousarray(weight.transpose(-1, 1, 0, *range(2, weight.ndim - 1)))


def conv_strips_input_backward(
    g: Array, weight: Array, image: Array, stride: Size, padding: Size, dilation: Size
) -> None:
    """(O, H', W', N), (O, C, k, k') -> image (C, H, W, N)."""
    o, channels, k, *across = weight.shape
    height, step = g.shape[1], stride[0]
    taps = weight.transpose(2, 1, *range(3, weight.ndim), 0)  # (k, C, k', O)
    lines = g.reshape(o, height, -1).swapaxes(0, 1)  # (H', O, W' N)
    multiply = np.multiply if o == 1 else np.matmul
    boxes = _boxes(tuple(across), stride[1:], padding[1:], dilation[1:], g.shape[2:-1], image.shape[2:-1])

    def work(own: Sequence[int]) -> None:
        """Compute the channels from own[0] to own[-1]; no other thread writes their pixels."""
        channel = slice(own[0], own[-1] + 1)
        matrix = taps[:, channel].reshape(-1, o)
        pixels = image[channel]
        pixels[...] = 0
        row = matrix.shape[0] // k * lines.shape[2]  # numbers of a strip
        some = max(1, min(height, (ROOM // max(1, row * g.itemsize) - k) // step + 1))
        few = max(1, CACHE // max(1, k * row * g.itemsize))
        space = np.zeros(((some - 1) * step + k, row), image.dtype)
        strips = space.reshape(len(space), len(own), *across, *g.shape[2:]).swapaxes(0, 1)  # (C, H, k', W', N)
        for start in range(0, height, some):
            stop = min(start + some, height)
            for i in range(start, stop, few):
                parts = multiply(matrix, lines[i : min(i + few, stop)]).reshape(-1, k, row)
                _add_up(parts, space[(i - start) * step :], step)
                del parts  # the next ones can take their memory
            # the strips that no later row of outputs meets, as far as they are in the image
            done = (stop - start) * step if stop < height else len(space)
            first = start * step - padding[0]
            begin, end = max(0, -first), min(done, len(space), image.shape[1] - first)
            for offset, taken, at in boxes if begin < end else ():
                here: Place = (slice(None), slice(first + begin, first + end), *at)
                there: Place = (slice(None), slice(begin, end), *offset, *taken)
                np.add(pixels[here], strips[there], out=pixels[here])
            if stop < height:
                kept = max(0, k - step)
                space[:kept] = space[done : done + kept]
                space[kept:] = 0

    share(work, range(channels), 2 * g.size * weight[0].size, least=CHANNELS_OF_A_PIECE)


def _add_up(parts: Array, total: Array, step: int) -> None:
    """Add each part to rows of the total, those of the next one beginning `step` rows later."""
    for i, part in enumerate(parts):
        rows = total[i * step : i * step + len(part)]
        np.add(rows, part, out=rows)


@functools.lru_cache(1024)
def _boxes(
    across: Size, stride: Size, padding: Size, dilation: Size, count: Size, size: Size
) -> tuple[tuple[Size, tuple[slice, ...], tuple[slice, ...]], ...]:
    """For each column of the filter: the outputs whose pixels there are in the image, and where these pixels are."""
    boxes = []
    for offset in itertools.product(*map(range, across)):
        taken, at = [], []
        for o, s, p, d, m, n in zip(offset, stride, padding, dilation, count, size, strict=True):
            start = o * d - p  # the pixel of the first output
            low, high = max(0, -(start // s)), min(m, (n - 1 - start) // s + 1)
            taken.append(slice(low, max(low, high)))
            at.append(slice(low * s + start, max(low * s + start, (high - 1) * s + start + 1), s))
        boxes.append((offset, tuple(taken), tuple(at)))
    return tuple(boxes)


def _strips(
    image: Array, own: Sequence[int], kernel_size: Size, count: Size, stride: Size, dilation: Size
) -> Iterator[tuple[slice, Array]]:
    """Some rows of outputs, and the strips that each of them meets, (H', k C k', W' N), until the next."""
    k, step = kernel_size[0], stride[0]
    c, n = image.shape[1], image.shape[-1]
    depth, length = c * math.prod(kernel_size[1:]), math.prod(count[1:]) * n
    some = min(len(own), max(1, (ROOM // max(1, depth * length * image.itemsize) - k) // step + 1))
    space = np.empty(((some - 1) * step + k, c, *kernel_size[1:], *count[1:], n), image.dtype)
    taken, given = (in_items(space), in_items(image)) if stride[-1] > 1 else (space, image)
    views = windows(2, kernel_size[1:], stride[1:], dilation[1:], count[1:])
    for start in range(own[0], own[-1] + 1, some):
        stop = min(start + some, own[-1] + 1)
        height = (stop - start - 1) * step + k
        rows = given[start * step : start * step + height]
        for offset, at in views:
            place: Place = (slice(height), slice(None), *offset)
            taken[place] = rows[at]
        shape = (stop - start, k * depth, length)
        strides = (space.strides[0] * step, length * image.itemsize, image.itemsize)
        yield slice(start, stop), np.ndarray(shape, space.dtype, space, 0, strides)
