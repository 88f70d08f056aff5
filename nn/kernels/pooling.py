"""Max and average pooling, of larger windows one spatial axis after the other; no loop runs over positions.

Results lie in memory as their operands do (see `convolution`). The place of the largest element in its window, counted
in row-major order, is kept as a small integer for each output:
backward routes by it, and so does the gradient of the gradient.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.layout import copy_across, laid_out_as
from nn.kernels.summation import in_single
from nn.kernels.threads import share
from nn.kernels.window import Size, inside, padded_size, windows

Array = NDArray[Any]
Place = tuple[slice, ...]

BLOCK_BYTES = 1 << 20
"""The images of a block: about as much as a core's own cache holds."""

FEW = 4
"""Pixels of a window up to which all of them are compared at once; more are by one axis after the other."""

WORK = 100
"""Operations, as `threads.share` counts them, for which an element of the image stands: it is copied and compared."""

RUN = 8
"""Images from which on it pays that their pixels lie side by side."""


def max_pool(
    x: Array,
    *,
    kernel_size: Size,
    stride: Size,
    padding: Size,
    dilation: Size,
    output_size: Size,
    out: tuple[Array, Array] | None = None,
) -> tuple[Array, Array]:
    """(N, C, S) -> the largest of each window and its place there, both (N, C, S'); the first at a tie."""
    small = np.int8 if math.prod(kernel_size) <= 128 else np.int32
    like = (*x.shape[:2], *output_size)
    y, place = (np.empty_like(x, shape=like), np.empty_like(x, small, shape=like)) if out is None else out

    def work(own: Sequence[Place]) -> None:
        for block in own:
            _max_pool(x[block], y[block], place[block], kernel_size, stride, padding, dilation)

    _share(work, x)
    return y, place


def _max_pool(x: Array, y: Array, place: Array, kernel_size: Size, stride: Size, padding: Size, dilation: Size) -> None:
    """As `max_pool`, of what fits into the cache, into y and place."""
    count = y.shape[2:]
    lowest = -np.inf if x.dtype.kind == "f" else np.iinfo(x.dtype).min
    best = _padded(x, lowest, count, kernel_size, stride, padding, dilation)
    # from here on the axes stand as they lie in memory, in which NumPy calculates without a detour
    order = tuple(sorted(range(x.ndim), key=lambda axis: -abs(best.strides[axis])))
    best = best.transpose(order)
    if math.prod(kernel_size) <= FEW:
        best, number = _best_at_once(best, _window_places(order, kernel_size, stride, dilation, count))
    else:
        places = [order.index(2 + axis) for axis in range(len(stride))]
        at = [_places(*of_axis) for of_axis in zip(places, kernel_size, stride, dilation, count, strict=True)]
        best, number = _best_by_axes(best, at, place.dtype.type)
    np.copyto(y.transpose(order), best)
    np.copyto(place.transpose(order), 0 if number is None else number)
    if x.dtype.kind == "f" and not np.isfinite(np.add.reduce(best, axis=None)):
        place[...] = _place_of_odd(x, y, place, kernel_size, stride, padding, dilation)


def _best_at_once(x: Array, at: Sequence[tuple[slice, ...]]) -> tuple[Array, Array | None]:
    """The largest in each window, and its number in it (None: 0), the elements of all windows being x[at[i]].

    It is in as many places from the first on as are not the largest themselves.
    """
    parts = [x[here].copy() for here in at]  # copies: NumPy is quick in copying short runs and slow in comparing them
    best = parts[0] if len(parts) == 1 else np.maximum(parts[1], parts[0])
    for part in parts[2:]:
        np.maximum(part, best, out=best)
    number: Any = None
    for part in reversed(parts[:-1]):
        later = np.not_equal(part, best).view(np.int8)
        if number is not None:
            number += 1
            later *= number
        number = later
    return best, number


def _best_by_axes(best: Array, at: Sequence[Sequence[tuple[slice, ...]]], small: type) -> tuple[Array, Array | None]:
    """The same one axis after the other, the last one first: at[axis] has the places in a window along an axis."""
    number: Any = None  # in row-major order, of the place of the best in the window of the axes that are done
    places = 1  # in that window
    for along in reversed(at):
        best, *parts = [best[here].copy() for here in along]
        before = [0] * len(along) if number is None else [number[here].copy() for here in along]
        number = None if number is None else before[0]
        for offset, part in enumerate(parts, start=1):
            better = np.greater(part, best).view(np.int8)
            np.maximum(part, best, out=best)
            # a later place has the larger number, so that where it is better it wins, and elsewhere 0 does not
            later = better * (before[offset] + small(offset * places))
            number = later if number is None else np.maximum(number, later, out=later)
        places *= len(along)
    return best, number


def _place_of_odd(
    x: Array, y: Array, place: Array, kernel_size: Size, stride: Size, padding: Size, dilation: Size
) -> Array:
    """Where a comparison is not enough: nan is the largest value of all, and minus infinity is not the padding."""
    settings = (y.shape[2:], kernel_size, stride, padding, dilation)
    padded, real = _padded(x, -np.inf, *settings), _padded(np.ones_like(x), 0, *settings)
    place = np.array(place)
    numbered = list(enumerate(windows(2, kernel_size, stride, dilation, y.shape[2:])))
    for number, (_, here) in reversed(numbered):  # so that the first one stays
        np.copyto(place, number, where=np.isneginf(y) & (real[here] == 1))
    for number, (_, here) in numbered:
        np.copyto(place, number, where=np.isnan(padded[here]))
    return place


@in_single
def max_pool_backward(
    g: Array,
    *,
    place: Array,
    input_size: Size,
    kernel_size: Size,
    stride: Size,
    padding: Size,
    dilation: Size,
    out: Array | None = None,
) -> Array:
    """g (N, C, S') routed to where the largest elements were: (N, C, S)."""
    count = g.shape[2:]
    g = laid_out_as(place, g)
    x = np.empty_like(g, shape=(*g.shape[:2], *input_size)) if out is None else out
    size = padded_size(count, kernel_size, stride, dilation, input_size, padding)
    disjoint = _are_disjoint(kernel_size, stride, dilation)
    full = disjoint and size == input_size == _covered(count, kernel_size)
    numbers = _numbers(math.prod(kernel_size), place.dtype).reshape(-1, *(1,) * g.ndim)
    bits = g.view(f"i{g.itemsize}")

    def work(own: Sequence[Place]) -> None:
        for block in own:
            if not disjoint:
                added = _added(g[block], place[block], size, kernel_size, stride, dilation)
                x[block] = added[inside(2, input_size, padding)]
                continue
            image = x[block] if full else np.zeros_like(g, shape=(*x[block].shape[:2], *size))
            # for each place of the window, all bits of g where it is the one, and 0 elsewhere, even where g is infinite
            parts = np.equal(place[block], numbers).astype(bits.dtype)
            parts *= bits[block]
            boxes = windows(2, kernel_size, stride, dilation, count)
            for part, (_, at) in zip(parts.view(g.dtype), boxes, strict=True):
                image[at] = part
            if not full:
                x[block] = image[inside(2, input_size, padding)]

    _share(work, x)
    return x


@functools.lru_cache(256)
def _numbers(count: int, dtype: np.dtype[Any]) -> Array:
    return np.arange(count, dtype=dtype)


def _added(g: Array, place: Array, size: Size, kernel_size: Size, stride: Size, dilation: Size) -> Array:
    """g added up at its places in windows that overlap, counted through the memory of the padded images."""
    order = sorted(range(g.ndim), key=lambda axis: -g.strides[axis])  # of the axes in memory
    shape = (*g.shape[:2], *size)
    images = np.zeros([shape[axis] for axis in order], g.dtype)
    steps = {axis: step // images.itemsize for axis, step in zip(order, images.strides, strict=True)}
    offset = np.zeros(1, np.int64)  # of an element from the corner of its window
    for axis, (k, d) in enumerate(zip(kernel_size, dilation, strict=True), start=2):
        offset = (offset[:, None] + np.arange(k) * (d * steps[axis])).reshape(-1)
    at = offset[place.transpose(order)]
    for after, axis in enumerate(reversed(order)):  # of the corner of each window
        step = steps[axis] * (1, 1, *stride)[axis]
        at += (np.arange(g.shape[axis]) * step).reshape(-1, *(1,) * after)
    np.add.at(images.reshape(-1), at.reshape(-1), g.transpose(order).reshape(-1))
    return images.transpose(sorted(range(g.ndim), key=order.__getitem__))


def max_pool_pick(
    x: Array,
    *,
    place: Array,
    kernel_size: Size,
    stride: Size,
    padding: Size,
    dilation: Size,
    out: Array | None = None,
) -> Array:
    """The elements of x at the given places: the transpose of `max_pool_backward`."""
    count = place.shape[2:]
    padded = _padded(x, 0, count, kernel_size, stride, padding, dilation)
    y = np.zeros_like(place, dtype=x.dtype) if out is None else out
    for number, (_, at) in enumerate(windows(2, kernel_size, stride, dilation, count)):
        np.copyto(y, padded[at], where=np.equal(place, number))
    return y


def argmax_pool(x: Array, *, places: tuple[Array, ...], out: Array | None = None) -> Array:
    """(N, C, S) -> where in the image, in row-major order, the largest element of each window is: (N, C, S').

    `places` has for each axis the entries of each window, (S', k); one may stand there twice. The first one of equals,
    but the last nan, as in PyTorch.
    """
    # a row for each window: where in the image its elements are
    table = np.zeros((1, 1), np.int64)
    for n, p in zip(x.shape[2:], places, strict=True):
        table = (table[:, None, :, None] * n + p[:, None, :]).reshape(len(table) * len(p), -1)
    # the elements of each window as a row, in which NumPy is quick to find the largest
    images = np.ascontiguousarray(x).reshape(math.prod(x.shape[:2]), math.prod(x.shape[2:]))
    found = np.empty((len(images), len(table)), np.int64)
    some = max(1, BLOCK_BYTES // max(1, table.size * x.itemsize))
    for start in range(0, len(images), some):
        rows = images[start : start + some].take(table, axis=1)  # (some, windows, elements)
        place = rows.argmax(axis=-1)
        if x.dtype.kind == "f":
            odd = np.isnan(np.take_along_axis(rows, place[..., None], -1)[..., 0])
            place[odd] = table.shape[1] - 1 - np.isnan(rows[odd])[:, ::-1].argmax(-1)
        found[start : start + some] = table[np.arange(len(table)), place]
    found = found.reshape(*x.shape[:2], *map(len, places))
    if out is None:
        return found
    np.copyto(out, found)
    return out


def window_places(
    size: Size, output_size: Size, kernel_size: Size, stride: Size, padding: Size, dilation: Size
) -> tuple[Array, ...]:
    """The entries of each window, (S', k), for each axis: what would lie in the padding is the nearest one inside."""
    places = []
    for n, m, k, s, p, d in zip(size, output_size, kernel_size, stride, padding, dilation, strict=True):
        place = np.arange(m)[:, None] * s - p + np.arange(k) * d
        inside = (place >= 0) & (place < n)
        first = np.where(inside, place, n).min(1, keepdims=True)
        last = np.where(inside, place, -1).max(1, keepdims=True)
        places.append(np.clip(np.clip(place, first, last), 0, n - 1))
    return tuple(places)


@in_single
def avg_pool(
    x: Array,
    *,
    kernel_size: Size,
    stride: Size,
    padding: Size,
    output_size: Size,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    out: Array | None = None,
) -> Array:
    """(N, C, S) -> the mean of each window (N, C, S')."""
    ones = (1,) * len(stride)
    count = output_size
    y = _padded(x, 0, count, kernel_size, stride, padding, ones)
    for axis in reversed(range(len(stride))):
        y, *others = [y[at] for at in _places(2 + axis, kernel_size[axis], stride[axis], 1, count[axis])]
        for number, part in enumerate(others):
            y = np.add(y, part, out=y if number else None)
    divisor = _divisor(x.shape[2:], count, kernel_size, stride, padding, count_include_pad, divisor_override)
    return np.divide(y, divisor.astype(x.dtype), out=out)


@in_single
def avg_pool_backward(
    g: Array,
    *,
    input_size: Size,
    kernel_size: Size,
    stride: Size,
    padding: Size,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    out: Array | None = None,
) -> Array:
    """The transpose of `avg_pool`: g (N, C, S') spread evenly over each window, (N, C, S)."""
    count = g.shape[2:]
    ones = (1,) * len(stride)
    divisor = _divisor(input_size, count, kernel_size, stride, padding, count_include_pad, divisor_override)
    share = _batch_last(g)
    if share.strides != g.strides:
        copy_across(share, g)  # NumPy copies in a better order than it calculates in
        g = share
    np.divide(g, divisor.astype(g.dtype), out=share)
    size = padded_size(count, kernel_size, stride, ones, input_size, padding)
    disjoint = _are_disjoint(kernel_size, stride, ones)
    full = disjoint and size == input_size == _covered(count, kernel_size)
    if full:
        image = np.empty_like(share, shape=(*g.shape[:2], *size)) if out is None else out
    else:
        image = np.zeros_like(share, shape=(*g.shape[:2], *size))
    for _, at in windows(2, kernel_size, stride, ones, count):
        part = image[at]
        if disjoint:
            np.copyto(part, share)
        else:
            np.add(part, share, out=part)
    return image if full else _cropped(image, input_size, padding, out)


@functools.lru_cache(1024)
def _divisor(
    size: Size, count: Size, kernel_size: Size, stride: Size, padding: Size, include_pad: bool, override: int | None
) -> Array:
    """How many elements each window counts, (S'), or () where all count alike: fewer at the borders without padding."""
    if override is not None:
        return np.asarray(override)
    divisor = np.ones((), np.int64)
    for n, m, k, s, p in zip(size, count, kernel_size, stride, padding, strict=True):
        start = np.arange(m) * s - p
        stop = np.minimum(start + k, n + p)
        length = stop - start if include_pad else np.minimum(stop, n) - np.maximum(start, 0)
        divisor = divisor[..., None] * length
    if divisor.size and divisor.min() == divisor.max():
        return np.asarray(divisor.min())
    return divisor


def _padded(
    x: Array, value: float, count: Size, kernel_size: Size, stride: Size, padding: Size, dilation: Size
) -> Array:
    """x with `value` around it, as far as the windows reach; x itself if they stay inside."""
    size = padded_size(count, kernel_size, stride, dilation, x.shape[2:], padding)
    if size == x.shape[2:]:
        return x
    padded = np.full_like(x, value, shape=(*x.shape[:2], *size))
    padded[inside(2, x.shape[2:], padding)] = x
    return padded


def _cropped(image: Array, size: Size, padding: Size, out: Array | None) -> Array:
    """The padded image without its padding."""
    if out is None:
        return image if image.shape[2:] == size else image[inside(2, size, padding)].copy(order="K")
    np.copyto(out, image[inside(2, size, padding)])
    return out


@functools.lru_cache(4096)
def _are_disjoint(kernel_size: Size, stride: Size, dilation: Size) -> bool:
    """Whether no pixel is in two windows."""
    return all(s >= d * (k - 1) + 1 for k, s, d in zip(kernel_size, stride, dilation, strict=True))


def _covered(count: Size, kernel_size: Size) -> Size:
    """The pixels that so many windows have side by side."""
    return tuple(n * k for n, k in zip(count, kernel_size, strict=True))


def _batch_last(g: Array) -> Array:
    """Memory for numbers as many as g, whose images lie side by side if they are some, as they do after a convolution.

    The gradient of what is flattened behind the pooling lies otherwise, and windows are then written in short runs.
    """
    if len(g) < RUN:
        return np.empty_like(g)
    return np.moveaxis(np.empty((*g.shape[1:], len(g)), g.dtype), -1, 0)


def _share(work: Callable[[Sequence[Place]], None], x: Array) -> None:
    """Call `work` with the blocks of x, in threads where there are enough."""
    blocks = _blocks(x)
    if len(blocks) == 1:
        work(blocks)
    else:
        share(work, blocks, WORK * x.size)


def _blocks(x: Array) -> list[Place]:
    """Pieces of x along that of its axes N and C which is the outer one in memory, each small enough for the cache."""
    if x.nbytes <= BLOCK_BYTES:
        return [()]
    axis = 0 if x.strides[0] >= x.strides[1] else 1
    some = max(1, BLOCK_BYTES * x.shape[axis] // max(1, x.nbytes))
    return [(slice(None),) * axis + (slice(i, i + some),) for i in range(0, x.shape[axis], some)]


@functools.lru_cache(4096)
def _window_places(
    order: tuple[int, ...], kernel_size: Size, stride: Size, dilation: Size, count: Size
) -> tuple[tuple[slice, ...], ...]:
    """For each place in the window, in row-major order, where its elements are in (N, C, S) with axes in that order."""
    return tuple([tuple([at[axis] for axis in order]) for _, at in windows(2, kernel_size, stride, dilation, count)])


@functools.lru_cache(4096)
def _places(axis: int, k: int, s: int, d: int, n: int) -> tuple[tuple[slice, ...], ...]:
    """For each place in the window along one axis, where the elements are that stand there in each of n windows."""
    before = (slice(None),) * axis
    return tuple([(*before, slice(o * d, o * d + (n - 1) * s + 1, s)) for o in range(k)])
