"""Max, average and power-average pooling over one, two or three spatial axes."""

from __future__ import annotations

import math
from typing import Any

from nn.errors import RangeError, ShapeError
from nn.kernels.pooling import window_places
from nn.kernels.window import output_size
from nn.ops import pooling as ops
from nn.ops.activation import relu
from nn.ops.arithmetic import abs, sign
from nn.ops.precision import in_single
from nn.ops.shape import squeeze, unsqueeze
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_pool1d",
    "max_pool1d_with_indices",
    "max_pool2d",
    "max_pool2d_with_indices",
    "max_pool3d",
    "max_pool3d_with_indices",
]

Size = int | tuple[int, ...]


def max_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window; the first one at a tie, and it alone gets the gradient. nan is largest.

    Args:
        input: images.
        kernel_size: the window, in pixels.
        stride: steps between windows, in pixels; by default `kernel_size`.
        padding: pixels of minus infinity around the image, at most half the window.
        dilation: steps between the elements of a window, in pixels.
        ceil_mode: round the output size up, with windows that hang over the edge.
        return_indices: return (elements, their places in the image, counted in row-major order).

    Shape:
        (N, C, H, W) -> (N, C, H', W'), or without N, with
        H' = floor((H + 2 padding - dilation (kernel_size - 1) - 1) / stride) + 1, or rounded up.

    Example:
        >>> import nn
        >>> x = nn.tensor([[[[1.0, 2.0, 5.0], [3.0, 4.0, 6.0]]]])
        >>> nn.functional.max_pool2d(x, 2)
        tensor([[[[4.]]]])
        >>> nn.functional.max_pool2d(x, 2, ceil_mode=True)
        tensor([[[[4., 6.]]]])
    """
    return _max(2, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window over one axis; everything else is as in `max_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.max_pool1d(nn.tensor([[[1.0, 3.0, 2.0, 0.0]]]), 2)
        tensor([[[3., 2.]]])
    """
    return _max(1, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def max_pool3d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest element of each window over three axes; everything else is as in `max_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.max_pool3d(nn.arange(8.0).reshape(1, 1, 2, 2, 2), 2).item()
        7.0
    """
    return _max(3, input, kernel_size, stride, padding, dilation, ceil_mode, return_indices)


def avg_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window.

    Args:
        input: images.
        kernel_size: the window, in pixels.
        stride: steps between windows, in pixels; by default `kernel_size`.
        padding: pixels of zeros around the image, at most half the window.
        ceil_mode: round the output size up, with windows that hang over the edge.
        count_include_pad: divide by the number of pixels including the padding.
        divisor_override: divide by this instead.

    Shape:
        (N, C, H, W) -> (N, C, H', W'), or without N; sizes as in `max_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.avg_pool2d(nn.tensor([[[[1.0, 2.0], [3.0, 6.0]]]]), 2)
        tensor([[[[3.]]]])
    """
    return _average(2, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def avg_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> Tensor:
    """The mean of each window over one axis; everything else is as in `avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.avg_pool1d(nn.tensor([[[1.0, 3.0, 2.0, 0.0]]]), 2)
        tensor([[[2., 1.]]])
    """
    return _average(1, input, kernel_size, stride, padding, ceil_mode, count_include_pad)


def avg_pool3d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    """The mean of each window over three axes; everything else is as in `avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.avg_pool3d(nn.arange(8.0).reshape(1, 1, 2, 2, 2), 2).item()
        3.5
    """
    return _average(3, input, kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)


def _with_indices(rank: int) -> Any:
    def with_indices(
        input: Tensor,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        ceil_mode: bool = False,
        return_indices: bool = True,
    ) -> tuple[Tensor, Tensor]:
        return _max(rank, input, kernel_size, stride, padding, dilation, ceil_mode, True)

    with_indices.__name__ = with_indices.__qualname__ = f"max_pool{rank}d_with_indices"
    with_indices.__doc__ = f"`max_pool{rank}d` with `return_indices=True`."
    return with_indices


max_pool1d_with_indices, max_pool2d_with_indices, max_pool3d_with_indices = map(_with_indices, (1, 2, 3))


@in_single
def lp_pool1d(
    input: Tensor, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
) -> Tensor:
    """The p-norm of each window over one axis; everything else is as in `lp_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.lp_pool1d(nn.tensor([[[3.0, 4.0]]]), 2, 2).item()
        5.0
    """
    return _power(1, input, norm_type, kernel_size, stride, ceil_mode)


@in_single
def lp_pool2d(
    input: Tensor, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
) -> Tensor:
    """The sum of x^p over each window, to the power 1 / p; the gradient is 0 where the sum is 0.

    Args:
        input: images.
        norm_type: p; infinity for the largest absolute value, minus infinity for the smallest.
        kernel_size: the window, in pixels.
        stride: steps between windows, in pixels; by default `kernel_size`.
        ceil_mode: round the output size up, with windows that hang over the edge.

    Shape:
        (N, C, H, W) -> (N, C, H', W'), or without N; sizes as in `max_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.lp_pool2d(nn.ones(1, 1, 2, 2), 2, 2)
        tensor([[[[2.]]]])
    """
    return _power(2, input, norm_type, kernel_size, stride, ceil_mode)


@in_single
def lp_pool3d(
    input: Tensor, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
) -> Tensor:
    """The p-norm of each window over three axes; everything else is as in `lp_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.lp_pool3d(nn.ones(1, 1, 2, 2, 2), 3, 2).item()
        2.0
    """
    return _power(3, input, norm_type, kernel_size, stride, ceil_mode)


def _power(
    rank: int, input: Tensor, norm_type: float, kernel_size: Size, stride: Size | None, ceil_mode: bool
) -> Tensor:
    name = f"lp_pool{rank}d"
    checks.floating(input, name)
    if norm_type == 0:
        raise RangeError(f"{name}: norm_type must not be 0")
    if math.isinf(norm_type):
        largest = abs(input) if norm_type > 0 else -abs(input)
        extreme = _max(rank, largest, kernel_size, stride, 0, 1, ceil_mode, caller=name)
        return extreme if norm_type > 0 else -extreme
    mean = _average(rank, input**norm_type, kernel_size, stride, 0, ceil_mode, caller=name)
    volume = math.prod(checks.spatial(kernel_size, rank, name, "kernel_size"))
    return (sign(mean) * relu(abs(mean)) * volume) ** (1 / norm_type)


def _max(
    rank: int,
    input: Tensor,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    dilation: Size,
    ceil_mode: bool,
    return_indices: bool = False,
    caller: str = "",
) -> Any:
    name = caller or f"max_pool{rank}d"
    batch, attributes = _windows(name, rank, input, kernel_size, stride, padding, dilation, ceil_mode)
    found = [ops.max_pool(batch, **attributes)]
    if return_indices:
        found.append(ops.argmax_pool(batch, places=window_places(batch.shape[2:], **attributes)))
    if batch is not input:
        found = [squeeze(t, 0) for t in found]
    return tuple(found) if return_indices else found[0]


def _average(
    rank: int,
    input: Tensor,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    ceil_mode: bool,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
    caller: str = "",
) -> Tensor:
    name = caller or f"avg_pool{rank}d"
    batch, attributes = _windows(name, rank, input, kernel_size, stride, padding, 1, ceil_mode)
    if divisor_override == 0:
        raise RangeError(f"{name}: divisor_override must not be 0; leave it out to divide by the window's size")
    del attributes["dilation"]
    y = ops.avg_pool(batch, **attributes, count_include_pad=count_include_pad, divisor_override=divisor_override)
    return y if batch is input else squeeze(y, 0)


def _windows(
    name: str,
    rank: int,
    input: Tensor,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    dilation: Size,
    ceil_mode: bool,
) -> tuple[Tensor, dict[str, Any]]:
    """The input with an axis N, and the windows' attributes, checked."""
    x = checks.tensor(input, name).shape
    if len(x) not in (rank + 1, rank + 2):
        raise ShapeError(f"{name}: x must have {rank + 2} axes (N, C, spatial) or {rank + 1} without N, it is {x}")
    kernels = checks.spatial(kernel_size, rank, name, "kernel_size")
    strides = (
        kernels
        if stride is None or (isinstance(stride, tuple | list) and not stride)
        else checks.spatial(stride, rank, name, "stride")
    )
    pads = checks.spatial(padding, rank, name, "padding", least=0)
    dilations = checks.spatial(dilation, rank, name, "dilation")
    if any(2 * p > d * (k - 1) + 1 for p, k, d in zip(pads, kernels, dilations, strict=True)):
        raise ShapeError(f"{name}: padding {pads} is more than half of the window {kernels}; pad less")
    size = output_size(x[-rank:], kernels, strides, pads, dilations, ceil_mode)
    if min(size) < 1:
        raise ShapeError(
            f"{name}: a window of {kernels} with dilation {dilations} is larger than the padded image, "
            f"{x[-rank:]} with padding {pads}; pad more, or use a smaller window"
        )
    batch = input if len(x) == rank + 2 else unsqueeze(input, 0)
    return batch, dict(kernel_size=kernels, stride=strides, padding=pads, dilation=dilations, output_size=size)
