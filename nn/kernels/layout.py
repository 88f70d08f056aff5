"""In which order a result lies in memory, which decides whether `reshape` can read it without a copy; and copies
between two orders, as where the images of a batch, which a convolution lays side by side, are flattened into rows.

Elementwise results lie as their operand does, and so do copies (`clone`, `flip`, `sort`, `zeros_like`); what is put
together, summed, picked or scanned is row-major, whatever its operands are. So it is in PyTorch. Only maps that lie
batch-last, as convolutions make them, stay so.

NumPy writes along the memory of the copy, and so reads in long steps. Addresses whose distance is a multiple of `PAGE`
share the same few lines of a core's nearest cache: where the step is a power of two, what is read pushes out what was
read just before, whose neighbours' turn has not come yet. So only as much is read in a row as stays in the cache.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from itertools import pairwise
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


def row_major(y: Array, out: Array | None = None) -> Array:
    """The result y of a kernel, in the order of its indices; `out` stays as it is."""
    return y if y is out or y.flags.c_contiguous else y.copy()


def in_rows(kernel: Callable[..., Array]) -> Callable[..., Array]:
    """The kernel, with a result that is row-major."""

    @functools.wraps(kernel)
    def run(*operands: Any, out: Array | None = None, **attributes: Any) -> Array:
        return row_major(kernel(*operands, out=out, **attributes), out)

    return run


def empty_like(x: Array, dtype: Any = None) -> Array:
    """Memory in the order of x; row-major where x is expanded, so that several of its elements are one."""
    return np.empty(x.shape, dtype or x.dtype) if 0 in x.strides else np.empty_like(x, dtype=dtype)


def copy_of(x: Array, dtype: Any = None) -> Array:
    """A copy in the order of x, as `empty_like` says."""
    copy = empty_like(x, dtype)
    np.copyto(copy, x, casting="unsafe")
    return copy


def row_major_or_maps(y: Array, out: Array | None = None, axes: int = 4) -> Array:
    """As `row_major`, but a batch of maps whose images lie side by side, as convolutions make them, stays so.

    `axes`: so many axes make y such a batch; fewer may as well be a picture whose colours lie side by side.
    """
    return y if y is out or y.flags.c_contiguous or is_row_major_or_maps(y, axes) else y.copy()


def is_row_major_or_maps(y: Array, axes: int = 4) -> bool:
    """Whether y lies as `row_major_or_maps` leaves it."""
    return y.flags.c_contiguous or (y.ndim >= axes and y.transpose(*range(1, y.ndim), 0).flags.c_contiguous)


def beside(x: Array, other: Array) -> Array:
    """The second operand of an elementwise calculation, copied if NumPy would else not write the result as x lies.

    Where two operands do not agree about the order of two axes, NumPy falls back to row-major.
    """
    steps = other.strides
    if steps == x.strides or len(steps) < 2:
        return other
    ahead = other.ndim - x.ndim  # axes of one alone decide nothing
    both = [a for a in range(max(ahead, 0), other.ndim) if steps[a] and other.shape[a] > 1 and x.strides[a - ahead]]
    order = sorted(both, key=lambda a: -abs(x.strides[a - ahead]))
    if all(abs(steps[a]) >= abs(steps[b]) for a, b in pairwise(order)):
        return other
    rest = [a for a in range(other.ndim) if a not in both]
    axes = rest + order
    copy = np.empty([other.shape[a] for a in axes], other.dtype).transpose([axes.index(a) for a in range(other.ndim)])
    np.copyto(copy, other)
    return copy


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
