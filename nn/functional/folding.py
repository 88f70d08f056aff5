"""Lay windows of an image out as columns and add them up again; exchange channels for pixels (`pixel_shuffle`)."""

from __future__ import annotations

import math

from nn.errors import RangeError, ShapeError
from nn.kernels.window import output_size as windows
from nn.ops import folding as ops
from nn.ops.shape import clone, permute, reshape, squeeze, unsqueeze
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["channel_shuffle", "fold", "pixel_shuffle", "pixel_unshuffle", "unfold"]

Size = int | tuple[int, ...]


def unfold(input: Tensor, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1) -> Tensor:
    """Every window of an image as a column: the convolution is then a matrix product.

    Args:
        input: images.
        kernel_size: the window, in pixels.
        dilation: steps between the elements of a window, in pixels.
        padding: zeros around the image, in pixels.
        stride: steps between windows, in pixels.

    Shape:
        (N, C, H, W) -> (N, C kH kW, L), or without N, with L windows in row-major order.

    Raises:
        ShapeError: the window is larger than the padded image.

    Example:
        >>> import nn
        >>> nn.functional.unfold(nn.arange(6.0).reshape(1, 1, 2, 3), (2, 2))
        tensor([[[0., 1.],
                 [1., 2.],
                 [3., 4.],
                 [4., 5.]]])
    """
    shape = checks.tensor(input, "unfold").shape
    if len(shape) not in (3, 4) or 0 in shape[-3:]:
        raise ShapeError(f"unfold: x must be (N, C, H, W) or (C, H, W) with entries, it is {shape}")
    kernels, dilations, pads, strides = _window("unfold", kernel_size, dilation, padding, stride)
    if min(windows(shape[-2:], kernels, strides, pads, dilations)) < 1:
        raise ShapeError(
            f"unfold: a window of {kernels} with dilation {dilations} is larger than the padded image, {shape[-2:]} "
            f"with padding {pads}; pad more, or use a smaller window"
        )
    batch = input if len(shape) == 4 else unsqueeze(input, 0)
    y = ops.im2col(batch, kernel_size=kernels, stride=strides, padding=pads, dilation=dilations)
    return y if len(shape) == 4 else squeeze(y, 0)


def fold(
    input: Tensor, output_size: Size, kernel_size: Size, dilation: Size = 1, padding: Size = 0, stride: Size = 1
) -> Tensor:
    """Columns put back as windows of an image, overlaps added up: the transpose of `unfold`, not its inverse.

    Args:
        input: the columns.
        output_size: height and width of the image.
        kernel_size: the window, in pixels.
        dilation: steps between the elements of a window, in pixels.
        padding: zeros around the image when it was unfolded, in pixels.
        stride: steps between windows, in pixels.

    Shape:
        (N, C kH kW, L) -> (N, C, H, W), or without N.

    Raises:
        ShapeError: the columns are not as long, or not as many, as `unfold` would make of the image.

    Example:
        >>> import nn
        >>> nn.functional.fold(nn.ones(1, 4, 2), (2, 3), (2, 2))
        tensor([[[[1., 2., 1.],
                  [1., 2., 1.]]]])
    """
    shape = checks.tensor(input, "fold").shape
    size = checks.spatial(output_size, 2, "fold", "output_size")
    kernels, dilations, pads, strides = _window("fold", kernel_size, dilation, padding, stride)
    volume = math.prod(kernels)
    if len(shape) not in (2, 3) or 0 in shape[-2:] or shape[-2] % volume:
        raise ShapeError(
            f"fold: x must be (N, C * {volume}, L) or (C * {volume}, L) for a window {kernels}, it is {shape}"
        )
    count = windows(size, kernels, strides, pads, dilations)
    if min(count) < 1 or math.prod(count) != shape[-1]:
        raise ShapeError(f"fold: an image of {size} has {count} windows, x {shape} has {shape[-1]} columns")
    batch = input if len(shape) == 3 else unsqueeze(input, 0)
    y = ops.col2im(batch, output_size=size, kernel_size=kernels, stride=strides, padding=pads, dilation=dilations)
    return y if len(shape) == 3 else squeeze(y, 0)


def pixel_shuffle(input: Tensor, upscale_factor: int) -> Tensor:
    """Each group of r^2 channels spread over a square of r x r pixels.

    Shape:
        (*, C r^2, H, W) -> (*, C, H r, W r).

    Raises:
        ShapeError: the channels are no multiple of r^2.

    Example:
        >>> import nn
        >>> nn.pixel_shuffle(nn.tensor([1.0, 2.0, 3.0, 4.0]).reshape(1, 4, 1, 1), 2)
        tensor([[[[1., 2.],
                  [3., 4.]]]])

    References:
        Shi et al., Real-time single image and video super-resolution using an efficient sub-pixel CNN, 2016.
    """
    *lead, c, h, w = _image(input, "pixel_shuffle")
    r = _positive(upscale_factor, "pixel_shuffle", "upscale_factor")
    if c % (r * r):
        raise ShapeError(f"pixel_shuffle: the {c} channels of x must be a multiple of upscale_factor squared, {r * r}")
    x = reshape(input, shape=(*lead, c // (r * r), r, r, h, w))
    n = len(lead)
    x = permute(x, dims=(*range(n + 1), n + 3, n + 1, n + 4, n + 2))
    return _own(reshape(x, shape=(*lead, c // (r * r), h * r, w * r)))


def pixel_unshuffle(input: Tensor, downscale_factor: int) -> Tensor:
    """Each square of r x r pixels made r^2 channels: the inverse of `pixel_shuffle`.

    Shape:
        (*, C, H r, W r) -> (*, C r^2, H, W).

    Raises:
        ShapeError: a side of the image is no multiple of r.

    Example:
        >>> import nn
        >>> nn.pixel_unshuffle(nn.zeros(1, 1, 6, 4), 2).shape
        (1, 4, 3, 2)
    """
    *lead, c, h, w = _image(input, "pixel_unshuffle")
    r = _positive(downscale_factor, "pixel_unshuffle", "downscale_factor")
    if h % r or w % r:
        raise ShapeError(f"pixel_unshuffle: both sides of x {input.shape} must be multiples of downscale_factor {r}")
    x = reshape(input, shape=(*lead, c, h // r, r, w // r, r))
    n = len(lead)
    x = permute(x, dims=(*range(n + 1), n + 2, n + 4, n + 1, n + 3))
    return _own(reshape(x, shape=(*lead, c * r * r, h // r, w // r)))


def channel_shuffle(input: Tensor, groups: int) -> Tensor:
    """The channels of all groups dealt out in turn, so that the next grouped convolution sees every group.

    Shape:
        (N, C, *) -> (N, C, *).

    Raises:
        ShapeError: the channels cannot be split into so many groups.

    Example:
        >>> import nn
        >>> nn.channel_shuffle(nn.arange(4.0).reshape(1, 4, 1), 2).flatten()
        tensor([0., 2., 1., 3.])

    References:
        Zhang et al., ShuffleNet: an extremely efficient convolutional neural network for mobile devices, 2018.
    """
    shape = checks.tensor(input, "channel_shuffle").shape
    if len(shape) < 3:
        raise ShapeError(f"channel_shuffle: x must be (N, C, *) with at least 3 axes, it is {shape}")
    groups = _positive(groups, "channel_shuffle", "groups")
    n, c, *space = shape
    if c % groups:
        raise ShapeError(f"channel_shuffle: the {c} channels of x cannot be split into {groups} groups")
    x = reshape(input, shape=(n, groups, c // groups, math.prod(space)))
    return _own(reshape(permute(x, dims=(0, 2, 1, 3)), shape=shape))


def _own(result: Tensor) -> Tensor:
    """A copy also where nothing had to be moved, as by a factor of 1."""
    return result if result._view is None else clone(result, row_major=True)


def _image(input: Tensor, name: str) -> tuple[int, ...]:
    shape = checks.tensor(input, name).shape
    if len(shape) < 3:
        raise ShapeError(f"{name}: x must be (*, C, H, W) with at least 3 axes, it is {shape}")
    return shape


def _positive(value: int, caller: str, name: str) -> int:
    if value < 1:
        raise RangeError(f"{caller}: {name} must be at least 1, got {value}")
    return value


def _window(name: str, kernel_size: Size, dilation: Size, padding: Size, stride: Size) -> tuple[tuple[int, ...], ...]:
    return (
        checks.spatial(kernel_size, 2, name, "kernel_size"),
        checks.spatial(dilation, 2, name, "dilation"),
        checks.spatial(padding, 2, name, "padding", least=0),
        checks.spatial(stride, 2, name, "stride"),
    )
