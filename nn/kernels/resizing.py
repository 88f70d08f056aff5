"""Resampling along one axis: each result is a weighted sum of a few entries. And the weights that interpolations use.

Adaptive average pooling and every interpolation are this, one axis after the other. It is linear, and its transpose is
the same kernel with the taps transposed.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.summation import BLOCK, DOUBLE, in_single, rounded

Array = NDArray[Any]

FEW = 4
"""Taps of a target up to which they are added one by one."""


class Taps:
    """A sparse matrix (size, length): entry i of the result is the sum of weight * source over the taps of target i.

    Args:
        size: entries of the result.
        length: entries of the operand.
        target: for each tap, the entry of the result that it adds to.
        source: for each tap, the entry of the operand that it reads.
        weight: for each tap its factor; None where all are 1.
    """

    def __init__(self, size: int, length: int, target: Array, source: Array, weight: Array | None) -> None:
        order = np.argsort(target, kind="stable")
        counts = np.bincount(target, minlength=size)
        self.size, self.length = size, length
        self.target, self.source = target[order], source[order]
        self.weight = None if weight is None else weight[order]
        self.each = int(counts[0]) if size and (counts == counts[0]).all() else 0  # taps of every target, if alike
        self.longest = int(counts.max(initial=0))
        self.rows = np.flatnonzero(counts)
        self.counts = counts[self.rows]
        self.starts = (np.cumsum(counts) - counts)[self.rows]

    @functools.cached_property
    def transposed(self) -> Taps:
        """The matrix (length, size)."""
        return Taps(self.length, self.size, self.source, self.target, self.weight)


@in_single
def resample(x: Array, *, dim: int, taps: Taps, out: Array | None = None) -> Array:
    """(..., length, ...) -> (..., size, ...) along axis `dim`."""
    dim %= x.ndim
    if taps.longest > BLOCK:  # one after another they would lose digits
        return rounded(_resample(x.astype(DOUBLE), dim, taps), x.dtype, out)
    y = _resample(x, dim, taps)
    return y if out is None else rounded(y, x.dtype, out)


def _resample(x: Array, dim: int, taps: Taps) -> Array:
    weight = None if taps.weight is None else taps.weight.astype(x.dtype).reshape(-1, *(1,) * (x.ndim - dim - 1))
    if taps.each:
        y = _weighted(x, dim, taps.source, weight, slice(None, None, taps.each))
        for first in range(1, taps.each):
            y += _weighted(x, dim, taps.source, weight, slice(first, None, taps.each))
    else:
        y = np.zeros((*x.shape[:dim], taps.size, *x.shape[dim + 1 :]), x.dtype)
        if taps.longest <= FEW:  # the first tap of each target, then the second of those that have one, and so on
            for k in range(taps.longest):
                more = taps.counts > k
                part = _weighted(x, dim, taps.source, weight, taps.starts[more] + k)
                y[(slice(None),) * dim + (_steps(taps.rows[more]),)] += part
        else:
            parts = _weighted(x, dim, taps.source, weight, slice(None))
            y[(slice(None),) * dim + (taps.rows,)] = np.add.reduceat(parts, taps.starts, axis=dim)
    return y


def _weighted(x: Array, dim: int, source: Array, weight: Array | None, which: Any) -> Array:
    there = _steps(source[which])
    if isinstance(there, slice):  # as in the gradient of an image that a whole factor has enlarged
        part = x[(slice(None),) * dim + (there,)]
        return part.copy() if weight is None else part * weight[which]
    part = x.take(there, axis=dim)
    if weight is not None:
        part *= weight[which]
    return part


def _steps(index: Array) -> Array | slice:
    """The slice that picks the same, where the index goes on by one step."""
    step = int(index[1] - index[0]) if len(index) > 1 else 1
    if step < 1 or not (np.diff(index) == step).all() or not len(index):
        return index
    return slice(int(index[0]), int(index[-1]) + 1, step)


# -- weights: `length` entries become `size`; `scale` is how far apart in the operand two entries of the result are ----
def _table(size: int, length: int, source: Array, weight: Array | None) -> Taps:
    """Taps from one row of sources and weights for each target."""
    target = np.repeat(np.arange(size), source.shape[1])
    return Taps(size, length, target, source.ravel(), None if weight is None else weight.ravel())


@functools.lru_cache(256)
def averages(length: int, size: int) -> Taps:
    """The mean of the entries from floor(i length / size) to ceil((i + 1) length / size)."""
    start, stop = windows(length, size)
    counts = stop - start
    target = np.repeat(np.arange(size), counts)
    source = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + start[target]
    return Taps(size, length, target, source, 1 / counts[target])


def windows(length: int, size: int) -> tuple[Array, Array]:
    """Where the windows of adaptive pooling start and stop."""
    i = np.arange(size)
    return i * length // size if size else i, -(-(i + 1) * length // size) if size else i


@functools.lru_cache(256)
def nearest(length: int, size: int, scale: float, exact: bool, images: bool, single: bool) -> Taps:
    """The entry below i scale, or the one that (i + 1/2) scale lies in (`exact`).

    Where a place falls on the border of two entries rounding decides, so it is done as in PyTorch, which has a kernel
    of its own for images.
    """
    real = np.float32 if single or images else np.float64
    i, scale = np.arange(size), float(real(scale))
    if not exact:
        place = (i * scale).astype(real)
    elif images:
        place = ((i + 0.5) * scale).astype(real)
    else:
        place = np.maximum((i + 0.5) * scale - 0.5, 0).astype(real).astype(np.float64) + 0.5
    source = np.minimum(np.floor(place.astype(np.float32)).astype(np.int64), length - 1)
    return _table(size, length, source[:, None], None)


@functools.lru_cache(256)
def linear(length: int, size: int, scale: float, align_corners: bool) -> Taps:
    """Between the two neighbours, by distance."""
    if size == length:
        return _table(size, length, np.arange(size)[:, None], None)
    place = np.maximum(_places(size, scale, align_corners), 0)
    below = np.minimum(np.floor(place).astype(np.int64), length - 1)
    part = np.clip(place - below, 0, 1)
    above = np.minimum(below + 1, length - 1)
    return _table(size, length, np.stack([below, above], 1), np.stack([1 - part, part], 1))


@functools.lru_cache(256)
def cubic(length: int, size: int, scale: float, align_corners: bool) -> Taps:
    """The four neighbours by Keys's cubic kernel with a = -3/4; beyond the ends the last entry is repeated."""
    place = _places(size, scale, align_corners)
    below = np.minimum(np.floor(place).astype(np.int64), length - 1)
    part = np.clip(place - below, 0, 1)
    neighbours = np.arange(-1, 3)
    source = np.clip(below[:, None] + neighbours, 0, length - 1)
    return _table(size, length, source, keys(np.abs(part[:, None] - neighbours), -0.75))


@functools.lru_cache(256)
def antialiased(length: int, size: int, scale: float, kind: str) -> Taps:
    """All entries within the kernel's reach, which grows with the scale where the image shrinks; as Pillow does it."""
    reach, kernel = KERNELS[kind]
    stretch = max(scale, 1.0)
    centre = scale * (np.arange(size) + 0.5)
    start = np.maximum((centre - reach * stretch + 0.5).astype(np.int64), 0)
    stop = np.minimum((centre + reach * stretch + 0.5).astype(np.int64), length)
    counts = stop - start
    target = np.repeat(np.arange(size), counts)
    source = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts) + start[target]
    weight = kernel(np.abs((source - centre[target] + 0.5) / stretch))
    return Taps(size, length, target, source, weight / np.bincount(target, weight, size)[target])


def _places(size: int, scale: float, align_corners: bool) -> Array:
    """Where in the operand the entries of the result lie: corner on corner, or pixel area on pixel area."""
    i = np.arange(size)
    return i * scale if align_corners else (i + 0.5) * scale - 0.5


def keys(distance: Array, a: float) -> Array:
    """The cubic convolution kernel (Keys, 1981) of |x|."""
    near = ((a + 2) * distance - (a + 3)) * distance * distance + 1
    far = ((distance - 5) * distance + 8) * distance * a - 4 * a
    return np.where(distance <= 1, near, np.where(distance < 2, far, 0.0))


def _lanczos(distance: Array) -> Array:
    return np.where(distance < 3, np.sinc(distance) * np.sinc(distance / 3), 0.0)


KERNELS: dict[str, tuple[float, Callable[[Array], Array]]] = {
    "bilinear": (1.0, lambda distance: np.maximum(1 - distance, 0)),
    "bicubic": (2.0, lambda distance: keys(distance, -0.5)),
    "lanczos": (3.0, _lanczos),
}
"""How far each kernel reaches, and its value by the distance."""


def step(length: int, size: int, factor: float | None, align_corners: bool) -> float:
    """The scale: how far apart in the operand two entries of the result are."""
    if align_corners:
        return (length - 1) / (size - 1) if size > 1 else 0.0
    return 1 / factor if factor is not None and factor > 0 else length / size


def scaled(length: int, factor: float) -> int:
    """The size by a factor."""
    return math.floor(length * factor)
