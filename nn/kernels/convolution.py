"""Convolution (cross-correlation, as everywhere in deep learning): im2col and matrix products, a tile at a time.

Shapes are (N, C, S), S standing for any number of spatial axes, but in memory the batch comes last, (C, S, N): then the
pixels that one element of a filter meets in a row of outputs, for all images, are one contiguous run, and so is what
the product writes. The columns of a tile of output positions stay in the cache and are computed again where they are
needed, which is cheaper than keeping them; of many groups a tile has a few, so that its runs stay long. A gradient by
the input is added up in an image whose neighbours are pixels a stride apart, so that the additions run along memory
too; in groups each of those is a convolution without strides. The three maps are each a transpose of another:

    conv                   x, weight -> y          y = W col(x)
    conv_input_backward    g, weight -> x's side   x = col2im(W^T g)
    conv_weight_backward   x, g -> weight's side   W = g col(x)^T

Of small images all columns fit into the cache at once: see `convolution_once`. Images with enough channels need none
where the filter moves by one pixel along a row: see `convolution_rows`, and for filters of three pixels
`convolution_pairs`, which may decline numbers that are not finite. Most others need to be copied along a row only: see
`convolution_strips`.

x is (N, C, S), weight (O, C/groups, k), bias (O,), y and g (N, O, S').
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.convolution_once import (
    Windows,
    all_windows,
    at_once,
    columns_at_once,
    conv_at_once,
    conv_at_once_weight_backward,
)
from nn.kernels.convolution_pairs import by_pairs, conv_pairs, conv_pairs_input_backward, conv_pairs_weight_backward
from nn.kernels.convolution_rows import (
    CHANNELS_OF_A_PIECE,
    FEW,
    SUMS,
    WASTE,
    by_rows,
    conv_rows,
    conv_rows_weight_backward,
    rows_of,
)
from nn.kernels.convolution_strips import (
    by_strips,
    conv_strips,
    conv_strips_input_backward,
    conv_strips_weight_backward,
)
from nn.kernels.threads import added_up, share
from nn.kernels.window import (
    Size,
    in_items,
    inside,
    lattice_places,
    lattice_windows,
    padded_size,
    windows,
)

Array = NDArray[Any]

Tile = tuple[slice, tuple[slice, ...], slice, Size]
"""Of which groups it is, where it is in (C, S', N), where among (S' N), and its size."""

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
    found = all_windows(x.shape, x.itemsize, kernel_size, stride, padding, dilation, len(weight))
    count = found.output_size
    if groups == 1 and at_once(found, len(weight), x.itemsize):
        return _conv_at_once(x, weight, bias, found, out)
    if by_pairs(x, len(weight), kernel_size, count, stride, dilation, groups):
        image = _padded(_batch_last(x), _even(count), kernel_size, stride, padding, dilation)
        y = _room((len(weight), *count, len(x)), np.result_type(x, weight), out)
        if conv_pairs(image, weight, bias, y, stride[0]):
            return _batch_first(y, out)
    if len(weight) <= FEW and by_rows(x, weight.shape[0], kernel_size, count, stride, dilation, groups):
        image = rows_of(x, count, kernel_size, stride, padding, dilation)
        return _batch_first(conv_rows(image, weight, bias, count, stride, dilation), out)
    y = _room((len(weight), *count, len(x)), np.result_type(x, weight), out)
    if by_strips(x, kernel_size, count, stride, dilation, groups):
        image = rows_of(x, count, kernel_size, stride, padding, dilation)
        conv_strips(image, weight, bias, y, stride, dilation)
        return _batch_first(y, out)
    image = _padded(_batch_last(x), count, kernel_size, stride, padding, dilation)
    matrix = weight.reshape(groups, len(weight) // groups, -1)  # (G, O/G, C/G k)
    rows = y.reshape(*matrix.shape[:2], -1)  # (G, O/G, S' N), the same memory
    column_bias = None if bias is None else bias.reshape(groups, -1, 1)

    def work(tiles: Sequence[Tile]) -> None:
        for some, tile, col in _columns(image, kernel_size, count, stride, dilation, groups, tiles):
            part = rows[some, :, tile]
            np.matmul(matrix[some], col, out=part)
            if column_bias is not None:
                np.add(part, column_bias[some], out=part)

    share(work, _tiles(image, kernel_size, count, groups), 2 * y.size * matrix.shape[2])
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
    found = all_windows(x.shape, x.itemsize, kernel_size, stride, padding, dilation, o, count)
    if groups == 1 and at_once(found, o, x.itemsize):
        return _put(conv_at_once_weight_backward(columns_at_once(x, found), _batch_last(g), found, kernel_size), out)
    if by_pairs(x, o, kernel_size, count, stride, dilation, groups):
        image = _padded(_batch_last(x), _even(count), kernel_size, stride, padding, dilation)
        pairs = conv_pairs_weight_backward(image, _batch_last(g), kernel_size[0], stride[0])
        if pairs is not None:
            return _put(pairs, out)
    if by_rows(x, o, kernel_size, count, stride, dilation, groups):
        image = rows_of(x, count, kernel_size, stride, padding, dilation)
        weight = conv_rows_weight_backward(image, _batch_last(g), kernel_size, stride, dilation)
        return _put(weight, out)
    if by_strips(x, kernel_size, count, stride, dilation, groups):
        image = rows_of(x, count, kernel_size, stride, padding, dilation)
        return _put(conv_strips_weight_backward(image, _batch_last(g), kernel_size, stride, dilation), out)
    image = _padded(_batch_last(x), count, kernel_size, stride, padding, dilation)
    rows = _batch_last(g).reshape(groups, o // groups, -1)  # (G, O/G, S' N)
    shape = (groups, c // groups * math.prod(kernel_size), o // groups)

    def work(tiles: Sequence[Tile]) -> Array:
        matrix = np.zeros(shape, np.result_type(x, g))  # W^T = col(x) g^T: BLAS prefers the tall result
        for some, tile, col in _columns(image, kernel_size, count, stride, dilation, groups, tiles):
            matrix[some] += np.matmul(col, rows[some, :, tile].swapaxes(-1, -2))
        return matrix

    total = added_up(share(work, _tiles(image, kernel_size, count, groups), 2 * g.size * shape[1], most=SUMS))
    return _put(np.ascontiguousarray(total.swapaxes(-1, -2)).reshape(o, c // groups, *kernel_size), out)


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
    around = _around(input_size, count, kernel_size, stride, padding, dilation)
    if around and groups == 1:
        found = all_windows(g.shape, g.itemsize, kernel_size, stride, around, dilation, channels)
        if at_once(found, channels, g.itemsize, math.prod(input_size) / max(1, math.prod(count))):
            return _conv_at_once(g, _turned(weight), None, found, out)
    if len(weight) > channels and by_pairs(g, channels, kernel_size, count, stride, dilation, groups):
        size = padded_size(_even(count), kernel_size, stride, dilation, input_size, padding)
        padded = conv_pairs_input_backward(_batch_last(g), weight, size, stride[0])
        if padded is not None:
            return _cropped(padded, input_size, padding, out)
    if (
        around
        and input_size[0] * (count[-1] + 2 * around[-1]) <= WASTE * math.prod(count)
        and by_rows(g, channels, kernel_size, input_size, stride, dilation, groups)
    ):
        turned = _turned(weight)
        if by_pairs(g, channels, kernel_size, input_size, stride, dilation, groups):
            image = _padded(_batch_last(g), _even(input_size), kernel_size, stride, around, dilation)
            y = _room((channels, *input_size, n), np.result_type(g, weight), out)
            if conv_pairs(image, turned, None, y, stride[0]):
                return _batch_first(y, out)
        image = rows_of(g, input_size, kernel_size, stride, around, dilation)
        return _batch_first(conv_rows(image, turned, None, input_size, stride, dilation), out)
    if groups > 1 and around:
        parts = _turned(weight).swapaxes(0, 1).reshape(groups, -1, *weight.shape[1:])
        turned = np.ascontiguousarray(parts.swapaxes(1, 2)).reshape(channels, -1, *kernel_size)  # (C, O/G, k)
        return conv(g, turned, stride=stride, padding=around, dilation=dilation, groups=groups, out=out)
    image = _room((channels, *input_size, n), np.result_type(g, weight), out)
    if groups > 1 and n > 1 and set(dilation) == {1}:
        _by_phases(_batch_last(g), weight, image, stride, padding, groups)
        return _batch_first(image, out)
    if stride[-1] == 1 and by_strips(g, kernel_size, count, stride, dilation, groups):
        conv_strips_input_backward(_batch_last(g), weight, image, stride, padding, dilation)
        return _batch_first(image, out)
    rows = _batch_last(g).reshape(groups, len(weight) // groups, -1)
    matrix = weight.reshape(groups, len(weight) // groups, -1).swapaxes(-1, -2)  # (G, C/G k, O/G)
    size = padded_size(count, kernel_size, stride, dilation, input_size, padding)
    whole = size == input_size and _is_columns(size, kernel_size, count, stride)
    volume = math.prod(kernel_size)
    tiles = _tiles(image, kernel_size, count)
    multiply = np.multiply if len(weight) == groups else np.matmul  # of one channel each: (G, k, 1) times (G, 1, S' N)

    def work(own: Sequence[int]) -> None:
        """Compute the channels from own[0] to own[-1]; no other thread writes their pixels."""
        channel = slice(own[0], own[-1] + 1)
        part = matrix if groups > 1 else matrix[:, channel.start * volume : channel.stop * volume]
        if whole:
            multiply(part, rows, out=image[channel].reshape(groups, part.shape[1], -1))
            return
        cells = tuple(-(-m // s) for m, s in zip(size, stride, strict=True))
        lattice = np.zeros((len(own), *stride, *cells, n), image.dtype)  # pixels a stride apart are neighbours
        boxes = lattice_windows(kernel_size, stride, dilation, count)
        views: list[tuple[tuple[slice | int, ...], Array]] = [((slice(None), *o), lattice[at]) for o, at in boxes]
        space = np.empty(len(own) * volume * _largest(tiles) * n, image.dtype)
        for _, at, tile, shape in tiles:
            col = space[: len(own) * volume * math.prod(shape) * n]
            multiply(part, rows[..., tile], out=col.reshape(groups, part.shape[1], -1))
            blocks = col.reshape(len(own), *kernel_size, *shape, n)
            for place, pixels in views:
                target = pixels[at]
                np.add(target, blocks[place], out=target)
        given, taken = in_items(image[channel]), in_items(lattice)
        for at, here in lattice_places(stride, padding, input_size):
            given[at] = taken[here]

    least = CHANNELS_OF_A_PIECE if groups == 1 else channels  # the product does all groups at once
    share(work, range(channels), 2 * g.size * matrix.shape[1], least=least)
    return _batch_first(image, out)


def _conv_at_once(x: Array, weight: Array, bias: Array | None, found: Windows, out: Array | None) -> Array:
    y = _room((len(weight), *found.output_size, len(x)), np.result_type(x, weight), out)
    conv_at_once(columns_at_once(x, found), weight, bias, found, y)
    return _batch_first(y, out)


@functools.lru_cache(1024)
def _around(
    input_size: Size, count: Size, kernel_size: Size, stride: Size, padding: Size, dilation: Size
) -> Size | None:
    """The padding of g with which its convolution with the filters turned around is the gradient by the input.

    There is one where windows are a pixel apart and reach all of the input.
    """
    around = tuple(d * (k - 1) - p for k, d, p in zip(kernel_size, dilation, padding, strict=True))
    full = tuple(m + a - p for m, a, p in zip(count, around, padding, strict=True))
    return around if full == input_size and min(around) >= 0 and set(stride) == {1} else None


def _turned(weight: Array) -> Array:
    """(O, C, k) -> (C, O, k), every filter turned around; a view."""
    backwards = (slice(None),) * 2 + (slice(None, None, -1),) * (weight.ndim - 2)
    return weight[backwards].swapaxes(0, 1)


def _by_phases(g: Array, weight: Array, image: Array, stride: Size, padding: Size, groups: int) -> None:
    """(O, S', N), (O, C/G, k) -> image (C, S, N): pixels a stride apart are g convolved with the taps they meet."""
    kernel_size, count, input_size = weight.shape[2:], g.shape[1:-1], image.shape[1:-1]
    before = [-(-k // s) - 1 for k, s in zip(kernel_size, stride, strict=True)]
    last = [(m + p - 1) // s for m, s, p in zip(input_size, stride, padding, strict=True)]
    size = [b + max(m, i + 1) for b, m, i in zip(before, count, last, strict=True)]
    padded = np.zeros((len(g), *size, g.shape[-1]), g.dtype)
    padded[inside(1, count, tuple(before))] = g
    parts = weight.reshape(groups, -1, *weight.shape[1:]).swapaxes(1, 2)  # (G, C/G, O/G, k)
    ones = (1,) * len(stride)
    items = in_items(image)
    for at, here in lattice_places(stride, padding, input_size):
        phase: Any = here[1 : 1 + len(stride)]
        pixels: Any = here[1 + len(stride) :]
        some = (..., *(slice(a, None, s) for a, s in zip(phase, stride, strict=True)))
        taps = parts[some]  # (G, C/G, O/G, k')
        length = taps.shape[3:]
        if not (taps.size and image[at].size):  # no tap meets them, the filter being smaller than its stride
            image[at] = 0
            continue
        turned = np.ascontiguousarray(np.flip(taps, tuple(range(3, taps.ndim)))).reshape(len(image), -1, *length)
        met = (slice(q.start + b - k + 1, q.stop + b) for q, b, k in zip(pixels, before, length, strict=True))
        there = (slice(None), *met)
        y = conv(
            _batch_first(padded[there], None),
            turned,
            stride=ones,
            padding=(0,) * len(ones),
            dilation=ones,
            groups=groups,
        )
        items[at] = in_items(_batch_last(y))


def _columns(
    image: Array,
    kernel_size: Size,
    count: Size,
    stride: Size,
    dilation: Size,
    groups: int,
    tiles: Sequence[Tile],
) -> Iterator[tuple[slice, slice, Array]]:
    """For each tile: its groups, its place among the positions (S' N), its columns (G, C/G k, tile), until the next."""
    c, n = image.shape[0] // groups, image.shape[-1]
    rows = c * math.prod(kernel_size)
    if _is_columns(image.shape[1:-1], kernel_size, count, stride):
        matrix = image.reshape(groups, rows, -1)
        for some, _, tile, _ in tiles:
            yield some, tile, matrix[some, :, tile]
        return
    scattered = stride[-1] > 1
    views = _windows(in_items(image) if scattered else image, kernel_size, count, stride, dilation)
    space = np.empty(rows * _largest(tiles) * n, image.dtype)
    for some, at, tile, shape in tiles:
        number = some.stop - some.start
        col = space[: number * rows * math.prod(shape) * n].reshape(number * c, *kernel_size, *shape, n)
        items = in_items(col) if scattered else col
        for place, pixels in views:
            np.copyto(items[place], pixels[at])
        yield some, tile, col.reshape(number, rows, -1)


def _is_columns(size: Size, kernel_size: Size, count: Size, stride: Size) -> bool:
    """Whether an image (C, S, N) as it lies is its own columns (C k, S' N).

    So it is where the filter is one pixel, and where there is one place for it, which is the whole image.
    """
    if math.prod(kernel_size) == 1:
        return size == count and set(stride) == {1}
    return math.prod(count) == 1 and size == kernel_size


def _windows(
    image: Array, kernel_size: Size, count: Size, stride: Size, dilation: Size
) -> list[tuple[tuple[slice | int, ...], Array]]:
    """For each place in the window: where its columns are in (C, k, S', N), and its pixels (C, S', N), a view."""
    return [((slice(None), *offset), image[at]) for offset, at in windows(1, kernel_size, stride, dilation, count)]


def _tiles(image: Array, kernel_size: Size, count: Size, groups: int = 1) -> tuple[Tile, ...]:
    """Tiles of output positions, each with about TILE_BYTES of columns."""
    c, n = image.shape[0] // groups, image.shape[-1]
    column = max(1, c * math.prod(kernel_size) * n * image.itemsize)
    together = _together(groups, column * math.prod(count))
    return _rectangles(count, n, max(1, TILE_BYTES // (column * together)), groups, together, c)


def _together(groups: int, size: int) -> int:
    """How many groups a tile has, each with `size` bytes of columns: rather few of them than short runs in memory."""
    return max(1, -(-groups // -(-groups // max(1, TILE_BYTES // max(1, size)))))


@functools.lru_cache(1024)
def _rectangles(count: Size, n: int, room: int, groups: int, together: int, c: int) -> tuple[Tile, ...]:
    """Tiles with about `room` positions: a run of whole rows, or a part of one row, contiguous in row-major order."""
    shape: list[int] = []
    for length in reversed(count):
        pieces = -(-length // room) if length else 1
        shape.insert(0, max(1, -(-length // pieces)))
        room = max(1, room // length) if pieces == 1 and length else 1
    tiles = []
    for group, *start in itertools.product(range(0, groups, together), *map(range, (0,) * len(count), count, shape)):
        some = slice(group, min(group + together, groups))
        part = tuple(min(t, m - a) for t, m, a in zip(shape, count, start, strict=True))
        first = 0
        for a, m in zip(start, count, strict=True):
            first = first * m + a
        at = (slice(some.start * c, some.stop * c), *(slice(a, a + t) for a, t in zip(start, part, strict=True)))
        tiles.append((some, at, slice(first * n, (first + math.prod(part)) * n), part))
    return tuple(tiles)


def _largest(tiles: Sequence[Tile]) -> int:
    """The positions of the largest tile, in all its groups."""
    return max(((some.stop - some.start) * math.prod(shape) for some, _, _, shape in tiles), default=0)


def _even(count: Size) -> Size:
    """One more output in a row if their number is odd."""
    return (*count[:-1], count[-1] + count[-1] % 2)


def _put(value: Array, out: Array | None) -> Array:
    if out is None:
        return np.ascontiguousarray(value)
    np.copyto(out, value)
    return out


def _batch_last(x: Array) -> Array:
    """(N, C, S) -> (C, S, N), contiguous; no copy if it lies so already."""
    return np.ascontiguousarray(x.transpose(*range(1, x.ndim), 0))


def _room(shape: Size, dtype: Any, out: Array | None) -> Array:
    """Memory for a result (C, S, N): that of `out` if it lies so, as it does where a step is replayed."""
    if out is not None and out.dtype == dtype:
        own = out.transpose(*range(1, out.ndim), 0)
        if own.shape == shape and own.flags.c_contiguous:
            return own
    return np.empty(shape, dtype)


def _batch_first(y: Array, out: Array | None) -> Array:
    """(C, S, N) -> (N, C, S): a view, or what `out` gets unless it has it already."""
    y = y.transpose(-1, *range(y.ndim - 1))
    if out is None:
        return y
    if not np.may_share_memory(y, out):
        np.copyto(out, y)
    return out


def _cropped(image: Array, size: Size, padding: Size, out: Array | None) -> Array:
    """(C, S, N) without its padding -> (N, C, size)."""
    image = image[inside(1, size, padding)]
    return _batch_first(np.ascontiguousarray(image) if out is None else image, out)


def _padded(image: Array, count: Size, kernel_size: Size, stride: Size, padding: Size, dilation: Size) -> Array:
    """(C, S, N) with zeros around the spatial axes, as far as the windows reach; itself if they stay inside."""
    size = padded_size(count, kernel_size, stride, dilation, image.shape[1:-1], padding)
    if size == image.shape[1:-1]:
        return image
    padded = np.zeros((image.shape[0], *size, image.shape[-1]), image.dtype)
    padded[inside(1, image.shape[1:-1], padding)] = image
    return padded
