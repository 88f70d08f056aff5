"""Adaptive pooling: as many windows as are asked for, whatever the size of the image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.errors import RangeError, ShapeError
from nn.kernels.resizing import averages, windows
from nn.ops.pooling import argmax_pool
from nn.ops.reduction import mean
from nn.ops.resizing import resample
from nn.ops.shape import reshape, squeeze, unsqueeze
from nn.ops.unpooling import picked
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
]

Size = int | None | Sequence[int | None]


def adaptive_avg_pool1d(input: Tensor, output_size: Size) -> Tensor:
    """The means of `output_size` windows over one axis; everything else is as in `adaptive_avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_avg_pool1d(nn.tensor([[[1.0, 2.0, 6.0]]]), 2)
        tensor([[[1.5000, 4.0000]]])
    """
    return _average(1, input, output_size)


def adaptive_avg_pool2d(input: Tensor, output_size: Size) -> Tensor:
    """The means of `output_size` windows that cover the image: window i of H' is rows floor(i H / H') to
    ceil((i + 1) H / H').

    Args:
        input: images.
        output_size: windows on each axis, or one number for all; None for as many as the input has entries.

    Shape:
        (N, C, H, W) -> (N, C, H', W'), or without N.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_avg_pool2d(nn.arange(6.0).reshape(1, 1, 2, 3), (1, None))
        tensor([[[[1.5000, 2.5000, 3.5000]]]])
    """
    return _average(2, input, output_size)


def adaptive_avg_pool3d(input: Tensor, output_size: Size) -> Tensor:
    """The means of `output_size` windows over three axes; everything else is as in `adaptive_avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_avg_pool3d(nn.arange(8.0).reshape(1, 1, 2, 2, 2), 1).item()
        3.5
    """
    return _average(3, input, output_size)


def adaptive_max_pool1d(input: Tensor, output_size: Size, return_indices: bool = False) -> Any:
    """The largest elements of `output_size` windows over one axis; everything else is as in `adaptive_max_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_max_pool1d(nn.tensor([[[1.0, 2.0, 6.0]]]), 2)
        tensor([[[2., 6.]]])
    """
    return _largest(1, input, output_size, return_indices)


def adaptive_max_pool2d(input: Tensor, output_size: Size, return_indices: bool = False) -> Any:
    """The largest elements of `output_size` windows that cover the image, which are those of `adaptive_avg_pool2d`.

    The first one at a tie, and it alone gets the gradient. nan is largest.

    Args:
        input: images.
        output_size: windows on each axis, or one number for all; None for as many as the input has entries.
        return_indices: return (elements, their places in the image, counted in row-major order).

    Shape:
        (N, C, H, W) -> (N, C, H', W'), or without N.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_max_pool2d(nn.arange(6.0).reshape(1, 1, 2, 3), 1, return_indices=True)
        (tensor([[[[5.]]]]), tensor([[[[5]]]]))
    """
    return _largest(2, input, output_size, return_indices)


def adaptive_max_pool3d(input: Tensor, output_size: Size, return_indices: bool = False) -> Any:
    """The largest elements of `output_size` windows over three axes; everything else is as in `adaptive_max_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.adaptive_max_pool3d(nn.arange(8.0).reshape(1, 1, 2, 2, 2), 1).item()
        7.0
    """
    return _largest(3, input, output_size, return_indices)


def _average(rank: int, input: Tensor, output_size: Size) -> Tensor:
    name = f"adaptive_avg_pool{rank}d"
    shape = checks.floating(input, name).shape
    sizes = _sizes(shape, rank, output_size, name)
    if all(size == 1 for size in sizes):
        return mean(input, dim=tuple(range(-rank, 0)), keepdim=True)
    if all(size and length % size == 0 for length, size in zip(shape[-rank:], sizes, strict=True)):
        parts = [part for length, size in zip(shape[-rank:], sizes, strict=True) for part in (size, length // size)]
        input = reshape(input, shape=(*shape[:-rank], *parts))  # (N, C, H', H / H', W', W / W'): no windows overlap
        for dim in range(1 - 2 * rank, 0, 2):
            input = mean(input, dim=dim)
        return input  # (N, C, H', W')
    for dim in range(-1, -rank - 1, -1):
        input = resample(input, dim=dim, taps=averages(input.shape[dim], sizes[dim]))
    return input


def _largest(rank: int, input: Tensor, output_size: Size, return_indices: bool) -> Any:
    name = f"adaptive_max_pool{rank}d"
    shape = checks.floating(input, name).shape
    sizes = _sizes(shape, rank, output_size, name)
    places = []
    for length, size in zip(shape[-rank:], sizes, strict=True):
        start, stop = windows(length, size)
        longest = int((stop - start).max()) if size else 1
        places.append(np.minimum(start[:, None] + np.arange(longest), stop[:, None] - 1))
    batch = input if len(shape) == rank + 2 else unsqueeze(input, 0)
    index = argmax_pool(batch, places=tuple(places))
    found = (picked(batch, index), index)
    values, index = found if len(shape) == rank + 2 else (squeeze(t, 0) for t in found)
    return (values, index) if return_indices else values


def _sizes(shape: tuple[int, ...], rank: int, output_size: Size, name: str) -> tuple[int, ...]:
    """How many windows each axis has to have."""
    if len(shape) not in (rank + 1, rank + 2):
        raise ShapeError(f"{name}: x must have {rank + 2} axes (N, C, spatial) or {rank + 1} without N, it is {shape}")
    if 0 in shape[-rank - ("max" in name) :]:
        raise ShapeError(f"{name}: every axis but N must have entries, x is {shape}")
    given: tuple[Any, ...] = tuple(output_size) if isinstance(output_size, tuple | list) else (output_size,) * rank
    given = tuple(v.item() if isinstance(v, Tensor) and v.numel() == 1 else v for v in given)
    if len(given) != rank or any(v is not None and (not isinstance(v, int | np.integer) or v < 0) for v in given):
        raise RangeError(f"{name}: output_size must be an integer >= 0, or {rank} of them; got {output_size!r}")
    return tuple(n if v is None else int(v) for n, v in zip(shape[-rank:], given, strict=True))
