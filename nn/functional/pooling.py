"""Max and average pooling over one, two or three spatial axes."""

from __future__ import annotations

from typing import Any

from nn.errors import RangeError, ShapeError
from nn.functional import checks
from nn.kernels.window import output_size
from nn.ops import pooling as ops
from nn.ops.shape import squeeze, unsqueeze
from nn.tensor import Tensor

__all__ = ["avg_pool1d", "avg_pool2d", "avg_pool3d", "max_pool1d", "max_pool2d", "max_pool3d"]

Size = int | tuple[int, ...]


def max_pool2d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The largest element of each window; the first one at a tie, and it alone gets the gradient. nan is largest.

    Args:
        input: images.
        kernel_size: the window, in pixels.
        stride: steps between windows, in pixels; by default `kernel_size`.
        padding: pixels of minus infinity around the image, at most half the window.
        dilation: steps between the elements of a window, in pixels.
        ceil_mode: round the output size up, with windows that hang over the edge.

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
    return _pool(2, "max_pool", input, kernel_size, stride, padding, ceil_mode, dilation)


def max_pool1d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The largest element of each window over one axis; everything else is as in `max_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.max_pool1d(nn.tensor([[[1.0, 3.0, 2.0, 0.0]]]), 2)
        tensor([[[3., 2.]]])
    """
    return _pool(1, "max_pool", input, kernel_size, stride, padding, ceil_mode, dilation)


def max_pool3d(
    input: Tensor,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    dilation: Size = 1,
    ceil_mode: bool = False,
) -> Tensor:
    """The largest element of each window over three axes; everything else is as in `max_pool2d`.

    Example:
        >>> import nn
        >>> nn.functional.max_pool3d(nn.arange(8.0).reshape(1, 1, 2, 2, 2), 2).item()
        7.0
    """
    return _pool(3, "max_pool", input, kernel_size, stride, padding, ceil_mode, dilation)


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
    return _pool(2, "avg_pool", input, kernel_size, stride, padding, ceil_mode, 1, count_include_pad, divisor_override)


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
    return _pool(1, "avg_pool", input, kernel_size, stride, padding, ceil_mode, 1, count_include_pad, None)


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
    return _pool(3, "avg_pool", input, kernel_size, stride, padding, ceil_mode, 1, count_include_pad, divisor_override)


def _pool(
    rank: int,
    kind: str,
    input: Tensor,
    kernel_size: Size,
    stride: Size | None,
    padding: Size,
    ceil_mode: bool,
    dilation: Size,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor:
    name = f"{kind}{rank}d"
    x = checks.tensor(input, name).shape
    if len(x) not in (rank + 1, rank + 2):
        raise ShapeError(f"{name}: x must have {rank + 2} axes (N, C, spatial) or {rank + 1} without N, it is {x}")
    kernels = checks.spatial(kernel_size, rank, name, "kernel_size")
    strides = kernels if stride is None else checks.spatial(stride, rank, name, "stride")
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
    if divisor_override == 0:
        raise RangeError(f"{name}: divisor_override must not be 0; leave it out to divide by the window's size")
    batch = input if len(x) == rank + 2 else unsqueeze(input, 0)
    attributes: dict[str, Any] = dict(kernel_size=kernels, stride=strides, padding=pads, output_size=size)
    if kind == "max_pool":
        y = ops.max_pool(batch, **attributes, dilation=dilations)
    else:
        y = ops.avg_pool(batch, **attributes, count_include_pad=count_include_pad, divisor_override=divisor_override)
    return y if len(x) == rank + 2 else squeeze(y, 0)
