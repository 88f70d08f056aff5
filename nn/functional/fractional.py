"""Fractional max-pooling: windows at random places, so that an image may shrink by less than a half."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.errors import RangeError, ShapeError
from nn.kernels.fractional import places
from nn.ops.shape import squeeze, unsqueeze
from nn.ops.unpooling import picked
from nn.rng import default_generator
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["fractional_max_pool2d", "fractional_max_pool3d"]

Size = int | tuple[int, ...]


def fractional_max_pool2d(
    input: Tensor,
    kernel_size: Size,
    output_size: Size | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """The largest element of each window; windows start at random places, about evenly apart, drawn for each channel.

    Args:
        input: images.
        kernel_size: the window, in pixels.
        output_size: windows on each axis.
        output_ratio: those as a part of the input's pixels, instead of `output_size`.
        return_indices: return (elements, their places in the image, counted in row-major order).
        _random_samples: the numbers from 0 to 1 that shift the windows, (N, C, 2) for width and height; drawn if None.

    Shape:
        (N, C, H, W) -> (N, C, H', W'), or without N.

    Raises:
        ValueError: neither size nor ratio is given, or so many windows do not fit.

    Example:
        >>> import nn
        >>> nn.functional.fractional_max_pool2d(nn.zeros(1, 3, 9, 9), 2, output_ratio=0.7).shape
        (1, 3, 6, 6)

    References:
        Graham, Fractional max-pooling, 2014.
    """
    return _pool(2, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def fractional_max_pool3d(
    input: Tensor,
    kernel_size: Size,
    output_size: Size | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Tensor | None = None,
) -> Any:
    """As `fractional_max_pool2d`, over three axes; the random numbers (N, C, 3) are for depth, height and width.

    Example:
        >>> import nn
        >>> nn.functional.fractional_max_pool3d(nn.zeros(1, 3, 9, 9, 9), 2, output_size=5).shape
        (1, 3, 5, 5, 5)
    """
    return _pool(3, input, kernel_size, output_size, output_ratio, return_indices, _random_samples)


def _pool(
    rank: int,
    input: Tensor,
    kernel_size: Size,
    output_size: Size | None,
    output_ratio: float | Sequence[float] | None,
    return_indices: bool,
    samples: Tensor | None,
) -> Any:
    name = f"fractional_max_pool{rank}d"
    x = checks.floating(input, name).shape
    if len(x) not in (rank + 1, rank + 2) or 0 in x[-rank - 1 :]:
        raise ShapeError(f"{name}: x must have {rank + 2} axes (N, C, spatial) or {rank + 1} without N, it is {x}")
    kernels = checks.spatial(kernel_size, rank, name, "kernel_size")
    if output_size is None:
        if output_ratio is None:
            raise RangeError(f"{name}: give an output_size or an output_ratio")
        ratios = tuple(output_ratio) if isinstance(output_ratio, Sequence) else (output_ratio,) * rank
        output_size = tuple(int(n * r) for n, r in zip(x[-rank:], ratios, strict=True))
    sizes = checks.spatial(output_size, rank, name, "output_size")
    if any(m + k - 1 > n for m, k, n in zip(sizes, kernels, x[-rank:], strict=True)):
        raise ShapeError(
            f"{name}: {sizes} windows of {kernels} do not fit into {x[-rank:]}; take fewer, or smaller ones"
        )
    batch = input if len(x) == rank + 2 else unsqueeze(input, 0)
    shape = (*batch.shape[:2], rank)
    if samples is None:
        drawn = default_generator.numpy.random(shape).astype(input.dtype)
    else:
        drawn = checks.tensor(samples, name, "_random_samples")._array
        if drawn.shape != shape or drawn.dtype != input.dtype:
            raise ShapeError(f"{name}: _random_samples must be {input.dtype} {shape}, got {drawn.dtype} {drawn.shape}")
    if rank == 2:
        drawn = drawn[..., ::-1]  # PyTorch gives the first number to the width of an image
    index = wrap(np.asarray(places(batch._array, drawn, kernels, sizes)))
    found = (picked(batch, index), index)
    values, index = found if len(x) == rank + 2 else (squeeze(t, 0) for t in found)
    return (values, index) if return_indices else values
