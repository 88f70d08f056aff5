"""Windows sliding over the spatial axes: what convolution and pooling share. Any number of spatial axes.

Sizes, strides, paddings and dilations are tuples with one integer for each spatial axis; primes mark output sizes.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

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


def padded_size(count: Size, kernel_size: Size, stride: Size, dilation: Size, size: Size, padding: Size) -> Size:
    """The size that holds every window and the whole padded input."""
    return tuple(
        max((n - 1) * s + d * (k - 1) + 1, m + 2 * p)
        for n, k, s, d, m, p in zip(count, kernel_size, stride, dilation, size, padding, strict=True)
    )


def inside(lead: int, size: Size, padding: Size) -> tuple[slice, ...]:
    """Where the input lies in the padded array, whose spatial axes come after `lead` others."""
    return (slice(None),) * lead + tuple(slice(p, p + n) for n, p in zip(size, padding, strict=True))
