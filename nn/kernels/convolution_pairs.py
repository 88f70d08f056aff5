"""Convolution of images by filters three pixels wide, two neighbouring outputs at a time: four products instead of six.

Two outputs side by side share two of their pixels d, and so their six products with the taps w become four:

    y0 = d0 w0 + d1 w1 + d2 w2        y0 = m0 + m1 + m2
    y1 = d1 w0 + d2 w1 + d3 w2        y1 = m1 - m2 - m3

    m0 = (d0 - d2) w0                 m1 = (d1 + d2) (w0 + w1 + w2) / 2
    m3 = (d1 - d3) w2                 m2 = (d2 - d1) (w0 - w1 + w2) / 2

Each m is a matrix product over the channels and the filter's rows: in memory the mixed pixels are (4, H, C, W'/2, N),
so that the k rows that a row of outputs meets are one matrix, (k C, W'/2 N), as they lie. Of infinite pixels the
mixture may be nan where the sum is not; then there is no result here, and the caller takes another way.

References:
    Winograd, Arithmetic Complexity of Computations, SIAM 1980;
    Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, CVPR 2016.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blas import one_thread
from nn.kernels.convolution_rows import by_rows
from nn.kernels.threads import added_up, share
from nn.kernels.window import Size, as_items

Array = NDArray[Any]

PIECES = 4
"""At most: each mixes the k - 1 rows before its own once more, and has a sum of its own."""

ROOM = 1 << 21
"""Bytes of mixed pixels that a thread has at a time, but k rows at least."""

CACHE = 1 << 19
"""Bytes of products that are made before they are added up, but one row at least."""


def by_pairs(
    x: Array, channels: int, kernel_size: Size, count: Size, stride: Size, dilation: Size, groups: int
) -> bool:
    """Whether this way serves, and is the faster one, between the channels of x and so many others."""
    return (
        x.dtype.kind == "f"
        and len(count) == 2
        and count[0] > 0
        and kernel_size[1] == 3
        and dilation[1] == 1
        and by_rows(x, channels, kernel_size, count, stride, dilation, groups)
    )


def conv_pairs(image: Array, weight: Array, bias: Array | None, y: Array, step: int) -> bool:
    """(C, H, W, N), (O, C, k, 3) -> y (O, H', W', N); if W' is odd, W must reach a pixel farther than the windows.

    Returns:
        Whether y is right, since all is finite.
    """
    k = weight.shape[2]
    o, height, width, n = y.shape
    half = -(-width // 2)
    matrix = _mixed_taps(weight)[:, None]  # (4, 1, O, k C)
    column = None if bias is None else bias[:, None]
    places = as_items(y)

    def work(own: Sequence[int]) -> bool:
        finite = True
        for rows, pixels in _mixed_pixels(image, own, k, step, half, o * half * n):
            m = np.matmul(matrix, pixels)  # (4, H', O, W'/2 N)
            if column is not None:
                m[1] += column
            m[0] += m[1]
            m[0] += m[2]
            m[1] -= m[2]
            m[1] -= m[3]
            finite = finite and _is_finite(m[:2])
            left, right, *_ = as_items(m.reshape(4, -1, o, half, n).swapaxes(1, 2))  # (O, H', W'/2)
            places[:, rows, 0::2] = left
            places[:, rows, 1::2] = right[..., : width // 2]
        return finite

    operations = 2 * y.size * weight[0].size
    return all(share(work, range(height), operations, most=PIECES))


def conv_pairs_weight_backward(image: Array, g: Array, k: int, step: int) -> Array | None:
    """(C, H, W, N), (O, H', W', N) -> (O, C, k, 3)."""
    c = len(image)
    o, height, width, n = g.shape
    half = -(-width // 2)

    def work(own: Sequence[int]) -> Array:
        matrix = np.zeros((4, k * c, o), np.result_type(image, g))
        for rows, pixels in _mixed_pixels(image, own, k, step, half, max(half * n, k * c) * o):
            m = _mixed_gradients(g, rows)
            matrix += np.add.reduce(np.matmul(pixels, m.swapaxes(2, 3)), axis=1)
        return matrix

    matrix = added_up(share(work, range(height), 2 * g.size * 3 * k * c, most=PIECES))
    m0, m1, m2, m3 = matrix.reshape(4, k, c, o)
    weight = np.empty((o, c, k, 3), matrix.dtype)
    taps = weight.transpose(3, 2, 1, 0)
    ends = (m1 + m2) / 2
    taps[0] = m0 + ends
    taps[1] = (m1 - m2) / 2
    taps[2] = ends - m3
    with one_thread:
        return weight if _is_finite(weight) else None


def conv_pairs_input_backward(g: Array, weight: Array, size: Size, step: int) -> Array | None:
    """(O, H', W', N), (O, C, k, 3) -> (C, H, W, N), H and W being `size`, where W must reach as far as above."""
    _, c, k, _ = weight.shape
    _, height, width, n = g.shape
    half = -(-width // 2)
    matrix = _mixed_taps(weight).swapaxes(1, 2)[:, None]  # (4, 1, k C, O)
    image = np.zeros((c, *size, n), np.result_type(g, weight))
    places = as_items(image)
    shared = max(0, k - step)  # rows that two neighbouring rows of outputs have in common
    some = max(1, CACHE // (4 * k * c * half * n * image.itemsize))

    def work(own: Sequence[int]) -> tuple[int, Array, bool]:
        rows = (len(own) - 1) * step + k
        sums = np.zeros((4, rows, c, half * n), image.dtype)
        for start in range(0, len(own), some):
            stop = min(start + some, len(own))
            m = _mixed_gradients(g, slice(own[0] + start, own[0] + stop))
            parts = np.matmul(matrix, m).reshape(4, stop - start, k, c, half * n)
            for tap in range(k):
                sums[:, start * step + tap : (stop - 1) * step + tap + 1 : step] += parts[:, :, tap]
        m0, m1, m2, m3 = sums.reshape(4, rows, c, half, n)
        lines = np.zeros((2, rows, c, half + 1, n), image.dtype)  # the even pixels, the odd ones
        lines[0, :, :, :-1] = m0
        lines[1, :, :, 1:] = m3
        np.subtract(m1, m0, out=m0)
        m0 += m2
        lines[0, :, :, 1:] += m0
        m1 -= m2
        m1 -= m3
        lines[1, :, :, :-1] += m1
        head = shared if own[0] else 0  # left to the caller: another thread writes there
        written = slice(own[0] * step + head, own[0] * step + rows)
        for side, line in enumerate(as_items(lines[:, head:])):
            places[:, written, side : 2 * half + 2 : 2] = line.swapaxes(0, 1)
        return own[0] * step, lines[:, :head], _is_finite(lines)

    found = share(work, range(height), 2 * g.size * weight[0].size, least=k, most=PIECES)
    for start, lines, _ in found:
        for side, line in enumerate(lines):
            image[:, start : start + len(line), side : 2 * half + 2 : 2] += line.swapaxes(0, 1)
    return image if all(finite for *_, finite in found) else None


def _mixed_taps(weight: Array) -> Array:
    """(O, C, k, 3) -> (4, O, k C): what the mixed pixels are multiplied with."""
    o, c, k, _ = weight.shape
    left, middle, right = weight.transpose(3, 0, 2, 1).reshape(3, o, k * c)
    ends = left + right
    return np.stack([left, (ends + middle) / 2, (ends - middle) / 2, right])


def _mixed_pixels(
    image: Array, own: Sequence[int], k: int, step: int, half: int, size: int
) -> Iterator[tuple[slice, Array]]:
    """Some of the output rows, and the mixed pixels that each of them meets, (4, H', k C, W'/2 N), until the next.

    They are as many rows as the cache allows where each makes four products of `size` numbers.
    """
    c, _, _, n = image.shape
    row = c * half * n
    kept = max(0, k - step)  # rows that the next ones meet too
    some = min(len(own), max(1, kept, ROOM // (4 * row * image.itemsize) // step))
    few = max(1, CACHE // (4 * size * image.itemsize))
    space = np.empty((4, (some - 1) * step + k, c, half, n), image.dtype)
    there = 0
    for start in range(own[0], own[-1] + 1, some):
        stop = min(start + some, own[-1] + 1)
        height = (stop - start - 1) * step + k
        if there:
            space[:, :kept] = space[:, some * step : some * step + kept]
        _mix(image[:, start * step + there : start * step + height], space[:, there:height])
        there = kept
        quarter, line, *_, item = space.strides
        shape = (4, stop - start, k * c, half * n)
        strides = (quarter, line * step, half * n * item, item)
        pixels = np.lib.stride_tricks.as_strided(space, shape, strides, writeable=False)
        for i in range(start, stop, few):
            yield slice(i, min(i + few, stop)), pixels[:, i - start : i - start + few]


def _mixed_gradients(g: Array, rows: slice) -> Array:
    """Some rows of (O, H', W', N) -> (4, H', O, W'/2 N): the gradients by m0 to m3, the sign of m3's turned."""
    o, _, width, n = g.shape
    half = -(-width // 2)
    given = as_items(g[:, rows]).swapaxes(0, 1)  # (H', O, W')
    m = np.empty((4, len(given), o, half, n), g.dtype)
    places = as_items(m)
    places[0] = given[..., 0::2]
    places[3, :, :, : width // 2] = given[..., 1::2]
    m[3, :, :, width // 2 :] = 0
    np.add(m[0], m[3], out=m[1])
    np.subtract(m[0], m[3], out=m[2])
    return m.reshape(4, -1, o, half * n)


def _mix(rows: Array, out: Array) -> None:
    """(C, H, W, N) -> (4, H, C, W'/2, N). First copies, then sums: NumPy is slow in sums of short runs."""
    pixels = as_items(rows)
    width = 2 * out.shape[3] + 2
    even, odd = (pixels[:, :, side:width:2].swapaxes(0, 1) for side in (0, 1))  # (H, C, W'/2 + 1)
    d0, d1, d2, d3 = as_items(out)
    d0[...] = even[:, :, :-1]
    d1[...] = odd[:, :, :-1]
    d2[...] = even[:, :, 1:]
    d3[...] = odd[:, :, 1:]
    m0, m1, m2, m3 = out
    np.subtract(m0, m2, out=m0)
    np.subtract(m1, m3, out=m3)
    difference = m2 - m1
    np.add(m1, m2, out=m1)
    np.copyto(m2, difference)


def _is_finite(x: Array) -> bool:
    """Whether every number is; perhaps not if one is so large that its square is infinite. As fast as BLAS."""
    flat = x.reshape(-1)
    return math.isfinite(flat.dot(flat))
