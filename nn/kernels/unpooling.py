"""Unpooling: elements put back where max-pooling found them, zeros elsewhere."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def max_unpool(x: Array, index: Array, *, output_size: tuple[int, ...], out: Array | None = None) -> Array:
    """(N, C, S'), and for each its place in the image in row-major order -> (N, C, S)."""
    y = np.zeros((*x.shape[:2], math.prod(output_size)), x.dtype)
    flat = (*x.shape[:2], -1) if x.size else (*x.shape[:2], 0)
    np.put_along_axis(y, index.reshape(flat), x.reshape(flat), 2)
    y = y.reshape(*x.shape[:2], *output_size)
    if out is None:
        return y
    np.copyto(out, y)
    return out
