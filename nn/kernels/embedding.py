"""Rows by index, and rows added up by index: each the transpose of the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blocks import BLOCK
from nn.kernels.indexing import rows_added
from nn.kernels.summation import in_single, total

Array = NDArray[Any]


def embedding(weight: Array, index: Array, *, factor: Array | None = None, out: Array | None = None) -> Array:
    """The rows of a table: (V, D), (*) -> (*, D). `factor` matters to the backward pass alone."""
    return np.take(weight, index, axis=0, out=out, mode="raise" if out is None else "clip")  # "raise" would buffer out


@in_single
def embedding_backward(g: Array, index: Array, *, rows: int, out: Array | None = None) -> Array:
    """The transpose of embedding: rows of the same index added up, in zeros: (*, D), (*) -> (rows, D)."""
    width = g.shape[-1]
    return rows_added(g.reshape(index.size, width), index, (rows, width), out)  # a row may be empty


@in_single
def bags(weight: Array, index: Array, *, average: bool, out: Array | None = None) -> Array:
    """The sum, or the mean, of the rows that each bag names, a few bags at a time: (V, D), (B, N) -> (B, D)."""
    y = np.empty((len(index), weight.shape[1]), weight.dtype) if out is None else out
    some = max(1, BLOCK // max(1, index.shape[1] * weight.shape[1]))
    for start in range(0, len(index), some):
        part = slice(start, start + some)
        y[part] = total(np.take(weight, index[part], axis=0), 1)  # (some, N, D) stays in the cache
    return np.divide(y, y.dtype.type(index.shape[1]), out=y) if average else y


@in_single
def bags_backward(g: Array, index: Array, *, rows: int, average: bool, out: Array | None = None) -> Array:
    """The transpose of `bags`: the g of each bag added to the rows that it names: (B, D), (B, N) -> (rows, D)."""
    share = g / g.dtype.type(index.shape[1]) if average else g
    return rows_added(share, index, (rows, g.shape[1]), out, each=index.shape[1])


def largest_in_bag(x: Array, bag: Array, *, count: int) -> Array:
    """For each bag and column, which row of x is the (first) largest of those in the bag; 0 for an empty bag.

    (L, D), (L,) in ascending order -> (count, D).
    """
    sizes = np.bincount(bag, minlength=count)
    starts = np.cumsum(sizes) - sizes
    padded = np.full((count, max(1, sizes.max(initial=0)), x.shape[1]), -np.inf, x.dtype)
    padded[bag, np.arange(len(bag)) - starts[bag]] = x
    return np.where(sizes[:, None] > 0, starts[:, None] + padded.argmax(axis=1), 0)
