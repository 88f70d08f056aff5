"""Undo max-pooling in part: each maximum goes back to its place, and all other places become 0 (`max_unpool2d`)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nn.errors import DtypeError, OutOfBoundsError, RangeError, ShapeError
from nn.ops.shape import squeeze, unsqueeze
from nn.ops.unpooling import max_unpool as op
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["max_unpool1d", "max_unpool2d", "max_unpool3d"]

Size = int | tuple[int, ...]


def max_unpool1d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Each element put where `indices` says, over one axis; everything else is as in `max_unpool2d`.

    Example:
        >>> import nn
        >>> nn.functional.max_unpool1d(nn.tensor([[[3.0, 5.0]]]), nn.tensor([[[1, 2]]]), 2)
        tensor([[[0., 3., 5., 0.]]])
    """
    return _unpool(1, input, indices, kernel_size, stride, padding, output_size)


def max_unpool2d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Each element put where `max_pool2d(..., return_indices=True)` found it, zeros elsewhere.

    Args:
        input: the pooled images.
        indices: for each element its place in the result, counted in row-major order.
        kernel_size: the window of the pooling.
        stride: its steps; by default `kernel_size`.
        padding: its padding.
        output_size: the size of the image that was pooled, with or without N and C.

    Shape:
        (N, C, H', W') -> (N, C, H, W), or without N, with H = (H' - 1) stride - 2 padding + kernel_size.

    Raises:
        ShapeError: the indices are not shaped as the input.
        RangeError: `output_size` cannot have been the size before the pooling.
        OutOfBoundsError: an index is outside of the result.

    Example:
        >>> import nn
        >>> x = nn.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])
        >>> nn.functional.max_unpool2d(*nn.functional.max_pool2d(x, 2, return_indices=True), 2)
        tensor([[[[0., 0.],
                  [0., 4.]]]])
    """
    return _unpool(2, input, indices, kernel_size, stride, padding, output_size)


def max_unpool3d(
    input: Tensor,
    indices: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Tensor:
    """Each element put where `indices` says, over three axes; everything else is as in `max_unpool2d`.

    Example:
        >>> import nn
        >>> x, places = nn.ones(1, 1, 1, 1, 1), nn.tensor([[[[[7]]]]])
        >>> nn.functional.max_unpool3d(x, places, 2).flatten().tolist()
        [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0]
    """
    return _unpool(3, input, indices, kernel_size, stride, padding, output_size)


def _unpool(
    rank: int,
    input: Tensor,
    indices: Tensor,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    output_size: Sequence[int] | None,
) -> Tensor:
    name = f"max_unpool{rank}d"
    x = checks.tensor(input, name).shape
    if len(x) not in (rank + 1, rank + 2):
        raise ShapeError(f"{name}: x must have {rank + 2} axes (N, C, spatial) or {rank + 1} without N, it is {x}")
    if checks.tensor(indices, name, "indices").dtype != np.int64:
        raise DtypeError(f"{name}: indices must be int64, they are {indices.dtype}; use .long()")
    if indices.shape != x:
        raise ShapeError(f"{name}: indices must be shaped as x {x}, they are {indices.shape}")
    kernels = checks.spatial(kernel_size, rank, name, "kernel_size")
    strides = kernels if stride is None else checks.spatial(stride, rank, name, "stride")
    pads = checks.spatial(padding, rank, name, "padding", least=0)
    size = tuple((n - 1) * s - 2 * p + k for n, s, p, k in zip(x[-rank:], strides, pads, kernels, strict=True))
    if output_size is not None:
        wanted = tuple(output_size)
        if len(wanted) not in (rank, rank + 2):
            raise RangeError(f"{name}: output_size must have {rank} or {rank + 2} numbers, got {wanted}")
        if any(abs(w - n) >= s for w, n, s in zip(wanted[-rank:], size, strides, strict=True)):
            raise RangeError(f"{name}: output_size {wanted} must be less than a stride {strides} away from {size}")
        size = wanted[-rank:]
    if min(size) < 0:
        raise RangeError(f"{name}: padding {pads} leaves nothing of the image; pad less")
    volume = int(np.prod(size))
    places = indices._array
    if places.size and not (places.min() >= 0 and places.max() < volume):
        wrong = places.min() if places.min() < 0 else places.max()
        raise OutOfBoundsError(f"{name}: index {wrong} is out of range, the result {size} has places 0 to {volume - 1}")
    if len(x) == rank + 2:
        return op(input, indices, output_size=size)
    return squeeze(op(unsqueeze(input, 0), unsqueeze(indices, 0), output_size=size), 0)
