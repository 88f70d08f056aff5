"""Max-pooling over windows at random places, other ones in every channel."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def starts(sample: Array, length: int, window: int, count: int) -> Array:
    """Where `count` windows start, (N, C, count): about evenly apart, shifted by the sample (N, C) from 0 to 1."""
    last = np.full((*sample.shape, 1), length - window)
    if count == 1:
        return last
    step = sample.dtype.type((length - window) / (count - 1))
    before = ((np.arange(count - 1, dtype=sample.dtype) + sample[..., None]) * step).astype(np.int64)
    return np.concatenate([before - (sample * step).astype(np.int64)[..., None], last], -1)


def places(x: Array, samples: Array, kernel_size: tuple[int, ...], output_size: tuple[int, ...]) -> Array:
    """(N, C, S), (N, C, axes) -> where in the image the largest element of each window is, (N, C, S').

    The first one of equals, but the last nan, as in PyTorch.
    """
    rank = len(kernel_size)
    index: Any = 0
    for axis, (n, k, m) in enumerate(zip(x.shape[2:], kernel_size, output_size, strict=True)):
        window = starts(samples[..., axis], n, k, m)[..., None] + np.arange(k)  # (N, C, m, k)
        shape = [1] * (2 * rank)
        shape[axis], shape[rank + axis] = m, k
        index = index * n + window.reshape(*x.shape[:2], *shape)
    index = np.broadcast_to(index, (*x.shape[:2], *output_size, *kernel_size))
    index = index.reshape(*x.shape[:2], math.prod(output_size), math.prod(kernel_size))
    flat = x.reshape(*x.shape[:2], math.prod(x.shape[2:]), 1)
    values = np.take_along_axis(flat, index.reshape(*x.shape[:2], index.shape[2] * index.shape[3], 1), 2)
    values = values.reshape(index.shape)
    odd = np.isnan(values)
    best = np.where(odd.any(-1), values.shape[-1] - 1 - odd[..., ::-1].argmax(-1), values.argmax(-1))
    found = np.take_along_axis(index, best[..., None], -1)
    return found.reshape(*x.shape[:2], *output_size)
