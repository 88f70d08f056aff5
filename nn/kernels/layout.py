"""Copies between two orders in memory, as where the images of a batch, which a convolution lays side by side, are
flattened into rows.

NumPy writes along the memory of the copy, and so reads in long steps. Addresses whose distance is a multiple of `PAGE`
share the same few lines of a core's nearest cache: where the step is a power of two, what is read pushes out what was
read just before, whose neighbours' turn has not come yet. So only as much is read in a row as stays in the cache.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

PAGE = 4096
"""Bytes after which addresses share lines of the nearest cache."""

WAYS = 8
"""Lines that such addresses share."""

CROWDED = 512
"""Bytes of a step, if it is a multiple of so many, with which the cache holds too few lines."""

LEAST = 2048
"""Numbers from which on a copy of its own pays."""


def copy_across(out: Array, x: Array) -> None:
    """out = x, of one shape, whatever the order of either in memory."""
    if out.size > LEAST:
        axis = min(range(out.ndim), key=lambda a: abs(out.strides[a]) if out.shape[a] > 1 else math.inf)
        step = x.strides[axis]
        if step and step % CROWDED == 0:
            some = WAYS * PAGE // math.gcd(step, PAGE)
            number = out.shape[axis]
            if some < number and out.size * some >= LEAST * number:
                for start in range(0, number, some):
                    part = (slice(None),) * axis + (slice(start, start + some),)
                    np.copyto(out[part], x[part])
                return
    np.copyto(out, x)


def laid_out_as(like: Array, x: Array) -> Array:
    """x in the memory order of `like`, which has its shape, so that what is computed of both runs along memory."""
    if x.strides == tuple([s // like.itemsize * x.itemsize for s in like.strides]):
        return x
    copy = np.empty_like(like, dtype=x.dtype)
    copy_across(copy, x)
    return copy
