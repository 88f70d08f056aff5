"""Windows sliding over the spatial axes: what convolution and pooling share. Any number of spatial axes.

Sizes, strides, paddings and dilations are tuples with one integer for each spatial axis; primes mark output sizes.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Size = tuple[int, ...]


def output_size(
    size: Size, kernel_size: Size, stride: Size, padding: Size, dilation: Size, ceil_mode: bool = False
) -> Size:
    """How many windows fit: (S + 2 p - d (k - 1) - 1) / s + 1, rounded down.

    With `ceil_mode` rounded up, as long as the last window starts inside the input or the padding on its left.
    """
    sizes = []
    for n, k, s, p, d in zip(size, kernel_size, stride, padding, dilation, strict=True):
        room = n + 2 * p - d * (k - 1) - 1
        count = (-(-room // s) if ceil_mode else room // s) + 1
        if ceil_mode and (count - 1) * s >= n + p:
            count -= 1
        sizes.append(count)
    return tuple(sizes)


@functools.lru_cache(4096)  # a step of a training asks for the same windows as the one before
def windows(
    lead: int, kernel_size: Size, stride: Size, dilation: Size, count: Size
) -> tuple[tuple[Size, tuple[slice, ...]], ...]:
    """Every place in a window, in row-major order, and where the elements lie that stand there in each of `count`.

    That is in the padded input; the spatial axes come after `lead` others.
    """
    return tuple(
        (
            offset,
            (slice(None),) * lead
            + tuple(
                slice(o * d, o * d + (n - 1) * s + 1, s)
                for o, s, d, n in zip(offset, stride, dilation, count, strict=True)
            ),
        )
        for offset in itertools.product(*map(range, kernel_size))
    )


@functools.lru_cache(4096)
def padded_size(count: Size, kernel_size: Size, stride: Size, dilation: Size, size: Size, padding: Size) -> Size:
    """The size that holds every window and the whole padded input."""
    return tuple(
        max((n - 1) * s + d * (k - 1) + 1, m + 2 * p)
        for n, k, s, d, m, p in zip(count, kernel_size, stride, dilation, size, padding, strict=True)
    )


def inside(lead: int, size: Size, padding: Size) -> tuple[slice, ...]:
    """Where the input lies in the padded array, whose spatial axes come after `lead` others."""
    return (slice(None),) * lead + tuple(slice(p, p + n) for n, p in zip(size, padding, strict=True))


@functools.lru_cache(4096)
def lattice_windows(
    kernel_size: Size, stride: Size, dilation: Size, count: Size
) -> tuple[tuple[Size, tuple[int | slice, ...]], ...]:
    """As `windows` with one axis before, in an image that lies as (C, s, S / s, N): pixels a stride apart side by side.

    What one place in the window meets is then a box of neighbours, so that NumPy can add it in long runs.
    """
    return tuple(
        (
            offset,
            (
                slice(None),
                *(o * d % s for o, s, d in zip(offset, stride, dilation, strict=True)),
                *(
                    slice(o * d // s, o * d // s + n)
                    for o, s, d, n in zip(offset, stride, dilation, count, strict=True)
                ),
            ),
        )
        for offset in itertools.product(*map(range, kernel_size))
    )


@functools.lru_cache(4096)
def lattice_places(
    stride: Size, padding: Size, size: Size
) -> tuple[tuple[tuple[slice, ...], tuple[int | slice, ...]], ...]:
    """Where pixels of the image (C, size, N) lie in that lattice (C, s, S / s, N), which has padding around them."""
    places: list[tuple[tuple[slice, ...], tuple[int | slice, ...]]] = []
    for phase in itertools.product(*map(range, stride)):
        skipped = tuple(max(0, -(-(p - a) // s)) for a, s, p in zip(phase, stride, padding, strict=True))
        start = tuple(q * s + a - p for q, a, s, p in zip(skipped, phase, stride, padding, strict=True))
        number = tuple(len(range(b, n, s)) for b, n, s in zip(start, size, stride, strict=True))
        at: tuple[slice, ...] = (slice(None), *(slice(b, None, s) for b, s in zip(start, stride, strict=True)))
        here: tuple[int | slice, ...] = (
            slice(None),
            *phase,
            *(slice(q, q + m) for q, m in zip(skipped, number, strict=True)),
        )
        places.append((at, here))
    return tuple(places)


def as_items(image: Array) -> Array:
    """Each pixel with its numbers of all images as one item, a view: (..., N) -> (...). So they are copied at once."""
    return image.view(np.dtype((np.void, image.shape[-1] * image.itemsize)))[..., 0]


def in_items(image: Array) -> Array:
    """The same, to be indexed by all axes but the last, where N is two or more; else the image itself."""
    return as_items(image) if image.shape[-1] > 1 else image
