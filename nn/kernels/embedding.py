"""Rows by index, and rows added up by index: each the transpose of the other."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.indexing import rows_added
from nn.kernels.summation import in_single

Array = NDArray[Any]


def embedding(weight: Array, index: Array, *, factor: Array | None = None, out: Array | None = None) -> Array:
    """The rows of a table: (V, D), (*) -> (*, D). `factor` matters to the backward pass alone."""
    return np.take(weight, index, axis=0, out=out, mode="raise" if out is None else "clip")  # "raise" would buffer out


@in_single
def embedding_backward(g: Array, index: Array, *, rows: int, out: Array | None = None) -> Array:
    """The transpose of embedding: rows of the same index added up, in zeros: (*, D), (*) -> (rows, D)."""
    width = g.shape[-1]
    return rows_added(g.reshape(index.size, width), index, (rows, width), out)  # a row may be empty


def largest_in_bag(x: Array, bag: Array, *, bags: int) -> Array:
    """For each bag and column, which row of x is the (first) largest of those in the bag; 0 for an empty bag.

    (L, D), (L,) in ascending order -> (bags, D).
    """
    sizes = np.bincount(bag, minlength=bags)
    starts = np.cumsum(sizes) - sizes
    padded = np.full((bags, max(1, sizes.max(initial=0)), x.shape[1]), -np.inf, x.dtype)
    padded[bag, np.arange(len(bag)) - starts[bag]] = x
    return np.where(sizes[:, None] > 0, starts[:, None] + padded.argmax(axis=1), 0)
