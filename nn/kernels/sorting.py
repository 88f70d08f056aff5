"""Kernels that find an order; nan counts as larger than every number, as in PyTorch."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.layout import empty_like

Array = NDArray[Any]


def argsort(x: Array, *, dim: int = -1, descending: bool = False, out: Array | None = None) -> Array:
    """The indices that sort x along an axis; equal elements keep their order."""
    if descending:  # sorted backwards from the back, so that equal elements keep their order here too
        order = x.shape[dim] - 1 - np.flip(np.argsort(np.flip(x, dim), axis=dim, kind="stable"), dim)
    else:
        order = np.argsort(x, axis=dim, kind="stable")
    if out is None:
        out = empty_like(x, np.int64)
    np.copyto(out, order)
    return out


def topk(x: Array, *, k: int, dim: int = -1, largest: bool = True, out: Array | None = None) -> Array:
    """The indices of the k largest (or smallest) elements along an axis, in order."""
    size = x.shape[dim]
    if 0 < k < size:
        parted = np.argpartition(x, size - k if largest else k - 1, axis=dim)
        chosen = np.sort(np.take(parted, range(size - k, size) if largest else range(k), axis=dim), axis=dim)
        order = argsort(np.take_along_axis(x, chosen, dim), dim=dim, descending=largest)
        found = np.take_along_axis(chosen, order, dim)
    else:
        found = np.take(argsort(x, dim=dim, descending=largest), range(k), axis=dim)
    if out is None:
        return found
    np.copyto(out, found)
    return out
