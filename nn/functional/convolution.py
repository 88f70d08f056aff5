"""Convolution over one, two or three spatial axes."""

from __future__ import annotations

from typing import Any

from nn.errors import DtypeError, RangeError, ShapeError
from nn.functional import checks
from nn.kernels.window import output_size
from nn.ops import convolution as ops
from nn.ops.shape import narrow_backward, squeeze, unsqueeze
from nn.tensor import Tensor

__all__ = ["conv1d", "conv2d", "conv3d"]

Size = int | tuple[int, ...]


def conv1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """Cross-correlation over one spatial axis; everything else is as in `conv2d`.

    Example:
        >>> import nn
        >>> x = nn.tensor([[[1.0, 2.0, 4.0, 7.0]]])
        >>> nn.functional.conv1d(x, nn.tensor([[[-1.0, 1.0]]]))
        tensor([[[1., 2., 3.]]])
    """
    return _conv(1, input, weight, bias, stride, padding, dilation, groups)


def conv2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """Cross-correlation of images with filters.

    y[n, o, i, j] = bias[o] + sum over c, k, l of weight[o, c, k, l] * x[n, c, i * stride + k * dilation - padding, ...]

    Args:
        input: images.
        weight: filters.
        bias: one number for each filter, or None.
        stride: steps between windows, in pixels.
        padding: zeros around the image, in pixels; or "valid" (none), or "same" (output as large as input, stride 1).
        dilation: steps between the elements of a window, in pixels.
        groups: the channels are split into so many groups, each with its own filters.

    Shape:
        (N, C, H, W), (O, C / groups, kH, kW), (O,) -> (N, O, H', W'), or all without N, where
        H' = floor((H + 2 padding - dilation (kH - 1) - 1) / stride) + 1.

    Raises:
        ShapeError: the channels do not fit the filters, or the filters do not fit into the padded image.

    Example:
        >>> import nn
        >>> x = nn.ones(1, 1, 3, 3)
        >>> nn.functional.conv2d(x, nn.ones(1, 1, 3, 3), padding=1)
        tensor([[[[4., 6., 4.],
                  [6., 9., 6.],
                  [4., 6., 4.]]]])
    """
    return _conv(2, input, weight, bias, stride, padding, dilation, groups)


def conv3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size | str = 0,
    dilation: Size = 1,
    groups: int = 1,
) -> Tensor:
    """Cross-correlation over three spatial axes; everything else is as in `conv2d`.

    Example:
        >>> import nn
        >>> nn.functional.conv3d(nn.ones(1, 1, 2, 2, 2), nn.ones(1, 1, 2, 2, 2)).item()
        8.0
    """
    return _conv(3, input, weight, bias, stride, padding, dilation, groups)


def _conv(
    rank: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Size,
    padding: Any,
    dilation: Size,
    groups: int,
) -> Tensor:
    name = f"conv{rank}d"
    x, w = checks.floating(input, name).shape, checks.tensor(weight, name, "weight").shape
    axes = ("N", "C", "D", "H", "W")[:2] + ("D", "H", "W")[3 - rank :]
    if len(x) not in (rank + 1, rank + 2):
        raise ShapeError(
            f"{name}: x must be ({', '.join(axes)}) or ({', '.join(axes[1:])}), it is {x}; add the missing axis"
        )
    if len(w) != rank + 2:
        raise ShapeError(f"{name}: weight must have {rank + 2} axes (O, C/groups, kernel size), it is {w}")
    if x[-rank - 1] != w[1] * groups:
        raise ShapeError(
            f"{name}: x has {x[-rank - 1]} channels (axis C of {x}), "
            f"weight {w} with groups={groups} wants {w[1] * groups}"
        )
    if w[0] % groups:
        raise ShapeError(f"{name}: {w[0]} filters cannot be split into {groups} groups; make out_channels a multiple")
    if bias is not None and bias.shape != w[:1]:
        raise ShapeError(f"{name}: bias has shape {bias.shape}, {w[0]} filters want ({w[0]},)")
    if input.dtype != weight.dtype:
        raise DtypeError(
            f"{name}: x is {input.dtype} and weight is {weight.dtype}; make them equal, e.g. x.to(weight.dtype)"
        )
    strides = checks.spatial(stride, rank, name, "stride")
    dilations = checks.spatial(dilation, rank, name, "dilation")
    if isinstance(padding, str):
        input, pads = _named_padding(input, padding, w[2:], strides, dilations, name)
    else:
        pads = checks.spatial(padding, rank, name, "padding", least=0)
    if min(output_size(input.shape[-rank:], w[2:], strides, pads, dilations)) < 1:
        raise ShapeError(
            f"{name}: a window of {w[2:]} with dilation {dilations} is larger than the padded image, {x[-rank:]} with "
            f"padding {pads}; pad more, or use a smaller kernel"
        )
    attributes: dict[str, Any] = dict(stride=strides, padding=pads, dilation=dilations, groups=groups)
    batch = input if len(x) == rank + 2 else unsqueeze(input, 0)
    operands = (batch, weight) if bias is None else (batch, weight, bias)
    y = ops.conv(*operands, **attributes)
    return y if len(x) == rank + 2 else squeeze(y, 0)


def _named_padding(
    input: Tensor, padding: str, kernel_size: Any, stride: Any, dilation: Any, name: str
) -> tuple[Tensor, tuple[int, ...]]:
    """What "valid" and "same" stand for; an even window needs one more zero on the right, put there by hand."""
    checks.choice(padding, ("valid", "same"), name, "padding")
    if padding == "valid":
        return input, (0,) * len(kernel_size)
    if any(s != 1 for s in stride):
        raise RangeError(f"{name}: padding='same' wants stride 1, {stride} came; give the padding as a number")
    totals = [d * (k - 1) for k, d in zip(kernel_size, dilation, strict=True)]
    for axis, total in enumerate(totals):
        if total % 2:
            dim = input.ndim - len(totals) + axis
            shape = tuple(n + (i == dim) for i, n in enumerate(input.shape))
            input = narrow_backward(input, shape=shape, dim=dim, start=0)
    return input, tuple(t // 2 for t in totals)
