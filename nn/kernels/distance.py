"""Euclidean distances between all rows of two matrices, by one product.

|a - b|^2 = |a|^2 + |b|^2 - 2 a b costs a product of matrices and no array of differences. In float32 it would lose the
digits that |a|^2 and |b|^2 have in common; in float64, about the mean of all rows, it has digits to spare, and the few
pairs that are so close that even these are lost are taken by their differences.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blas import one_thread
from nn.kernels.blocks import BLOCK
from nn.kernels.summation import DOUBLE, SINGLE, in_single, rounded

Array = NDArray[Any]

CLOSE = 1e-6
"""The square of a distance over those of the lengths, from which downwards differences are taken."""


@in_single
def euclidean(x: Array, other: Array, *, out: Array | None = None) -> Array:
    """|a - b| for each row a of x and each row b of other: (..., P, M), (..., R, M) -> (..., P, R)."""
    by = _by_products if x.dtype == other.dtype == SINGLE else _by_differences
    return rounded(by(x, other), np.result_type(x, other), out)


def _by_products(x: Array, other: Array) -> Array:
    """(a, |a|^2, 1) times (-2 b, 1, |b|^2), and differences where that is close to 0."""
    middle = _middle(x, other)
    if not np.isfinite(middle).all():
        return _by_differences(x, other)
    a, b = x - middle, other - middle
    ones = [np.ones((*v.shape[:-1], 1)) for v in (a, b)]
    lengths = [np.einsum("...m,...m->...", v, v)[..., None] for v in (a, b)]
    left = np.concatenate([a, lengths[0], ones[0]], -1)  # (..., P, M + 2)
    right = np.concatenate([-2 * b, ones[1], lengths[1]], -1)  # (..., R, M + 2)
    with one_thread:
        squares = np.matmul(left, right.swapaxes(-1, -2))  # (..., P, R)
    longest = [v.max(axis=(-2, -1), keepdims=True, initial=0) for v in lengths]
    close = squares <= CLOSE * (longest[0] + longest[1])
    if close.any():
        *batch, first, second = np.nonzero(close)
        left_place, right_place = (*batch, first), (*batch, second)
        one, two = (np.broadcast_to(v, (*close.shape[:-2], *v.shape[-2:])) for v in (x, other))
        gaps = one[left_place].astype(DOUBLE) - two[right_place]
        squares[close] = np.einsum("km,km->k", gaps, gaps)
    distances = squares.astype(SINGLE)
    return np.sqrt(distances, out=distances)


def _middle(x: Array, other: Array) -> Array:
    """The mean of all rows, in float64."""
    rows = np.concatenate([v.reshape(math.prod(v.shape[:-1]), v.shape[-1]) for v in (x, other)])
    return rows.mean(0, DOUBLE) if len(rows) else np.zeros(rows.shape[1])


def _by_differences(x: Array, other: Array) -> Array:
    """Feature by feature, some rows of x at a time, so that what is added up stays in the cache."""
    shape = np.broadcast_shapes(x.shape[:-2], other.shape[:-2])
    squares = np.zeros((*shape, x.shape[-2], other.shape[-2]), np.result_type(x, other))
    step = max(1, BLOCK // max(1, squares[..., :1, :].size))
    for start in range(0, x.shape[-2], step):
        part = squares[..., start : start + step, :]
        for m in range(x.shape[-1]):
            gap = x[..., start : start + step, m, None] - other[..., None, :, m]
            gap *= gap
            part += gap
    return np.sqrt(squares, out=squares)


@in_single
def pull(w: Array, x: Array, other: Array, *, out: Array | None = None) -> Array:
    """For each row a of x the sum of w (a - b) over the rows b of other: (..., P, R) -> (..., P, M), in float64."""
    middle = _middle(x, other)
    a, b, wide = x - middle, other - middle, w.astype(DOUBLE, copy=False)
    with one_thread:
        pulled = a * wide.sum(-1, keepdims=True) - np.matmul(wide, b)
    return rounded(pulled, np.result_type(w, x, other), out)
