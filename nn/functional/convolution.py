"""Convolution over one, two or three spatial axes (`conv2d`), and its transpose (`conv_transpose2d`)."""

from __future__ import annotations

from typing import Any

from nn.errors import DtypeError, RangeError, ShapeError
from nn.kernels.window import output_size
from nn.ops import convolution as ops
from nn.ops.shape import narrow_backward, reshape, squeeze, unsqueeze
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

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


def conv_transpose1d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """The transpose of `conv1d`; everything else is as in `conv_transpose2d`.

    Example:
        >>> import nn
        >>> nn.functional.conv_transpose1d(nn.tensor([[[1.0, 10.0]]]), nn.tensor([[[1.0, 2.0, 3.0]]]))
        tensor([[[ 1., 12., 23., 30.]]])
    """
    return _conv_transpose(1, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose2d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """The transpose of `conv2d`: each pixel lays its filters down, times its value, `stride` apart; overlaps add up.

    y[n, o, i * stride + k * dilation - padding, ...] += weight[c, o, k, l] * x[n, c, i, j]

    Args:
        input: images.
        weight: filters, those of the `conv2d` that goes the other way.
        bias: one number for each output channel, or None.
        stride: steps between the filters laid down, in pixels.
        padding: pixels cut off on every side.
        output_padding: pixels more at the end of each axis, fewer than the stride or the dilation: a convolution with a
            stride gives images of several sizes the same size, this says which of them is meant.
        groups: the channels are split into so many groups, each with its own filters.
        dilation: steps between the elements of a filter, in pixels.

    Shape:
        (N, C, H, W), (C, O / groups, kH, kW), (O,) -> (N, O, H', W'), or all without N, where
        H' = (H - 1) stride - 2 padding + dilation (kH - 1) + output_padding + 1.

    Raises:
        ShapeError: the channels do not fit the filters, or nothing is left of the image.
        RangeError: output_padding is as large as the stride and the dilation.

    Example:
        >>> import nn
        >>> nn.functional.conv_transpose2d(nn.ones(1, 1, 2, 2), nn.ones(1, 1, 2, 2))
        tensor([[[[1., 2., 1.],
                  [2., 4., 2.],
                  [1., 2., 1.]]]])

    References:
        Dumoulin and Visin, A guide to convolution arithmetic for deep learning, 2016.
    """
    return _conv_transpose(2, input, weight, bias, stride, padding, output_padding, groups, dilation)


def conv_transpose3d(
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Size = 1,
    padding: Size = 0,
    output_padding: Size = 0,
    groups: int = 1,
    dilation: Size = 1,
) -> Tensor:
    """The transpose of `conv3d`; everything else is as in `conv_transpose2d`.

    Example:
        >>> import nn
        >>> nn.functional.conv_transpose3d(nn.ones(1, 1, 1, 1, 1), nn.ones(1, 3, 2, 2, 2)).shape
        (1, 3, 2, 2, 2)
    """
    return _conv_transpose(3, input, weight, bias, stride, padding, output_padding, groups, dilation)


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
    x, w = _operands(name, rank, input, weight, groups)
    if x[-rank - 1] != w[1] * groups:
        raise ShapeError(
            f"{name}: x has {x[-rank - 1]} channels (axis C of {x}), "
            f"weight {w} with groups={groups} expects {w[1] * groups}"
        )
    _check_bias(name, bias, w[0])
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


def _conv_transpose(
    rank: int,
    input: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: Size,
    padding: Size,
    output_padding: Size,
    groups: int,
    dilation: Size,
) -> Tensor:
    name = f"conv_transpose{rank}d"
    x, w = _operands(name, rank, input, weight, groups)
    if x[-rank - 1] != w[0]:
        raise ShapeError(f"{name}: x has {x[-rank - 1]} channels (axis C of {x}), weight {w} expects {w[0]}")
    _check_bias(name, bias, w[1] * groups)
    strides = checks.spatial(stride, rank, name, "stride")
    pads = checks.spatial(padding, rank, name, "padding", least=0)
    extra = checks.spatial(output_padding, rank, name, "output_padding", least=0)
    dilations = checks.spatial(dilation, rank, name, "dilation")
    if any(e >= max(s, d) for e, s, d in zip(extra, strides, dilations, strict=True)):
        raise RangeError(
            f"{name}: output_padding {extra} must be smaller than stride {strides} or dilation {dilations}; "
            "pad the result instead"
        )
    size = tuple(
        (n - 1) * s - 2 * p + d * (k - 1) + e + 1
        for n, s, p, d, k, e in zip(x[-rank:], strides, pads, dilations, w[2:], extra, strict=True)
    )
    if min(size) < 1:
        raise ShapeError(
            f"{name}: nothing is left: an image of {x[-rank:]} with a window of {w[2:]} and padding {pads} "
            f"makes {size}; pad less"
        )
    attributes: dict[str, Any] = dict(stride=strides, padding=pads, dilation=dilations, groups=groups)
    batch = input if len(x) == rank + 2 else unsqueeze(input, 0)
    y = ops.conv_input_backward(batch, weight, input_size=size, **attributes)
    if bias is not None:
        y = y + reshape(bias, shape=(-1, *(1,) * rank))
    return y if len(x) == rank + 2 else squeeze(y, 0)


def _operands(name: str, rank: int, input: Tensor, weight: Tensor, groups: int) -> tuple[Any, Any]:
    """The shapes of x and weight, after the checks that both directions share."""
    x, w = checks.floating(input, name).shape, checks.tensor(weight, name, "weight").shape
    axes = ("N", "C", "D", "H", "W")[:2] + ("D", "H", "W")[3 - rank :]
    if len(x) not in (rank + 1, rank + 2):
        raise ShapeError(
            f"{name}: x must be ({', '.join(axes)}) or ({', '.join(axes[1:])}), it is {x}; add the missing axis"
        )
    if len(w) != rank + 2:
        first = "C, O/groups" if "transpose" in name else "O, C/groups"
        raise ShapeError(f"{name}: weight must have {rank + 2} axes ({first}, kernel size), it is {w}")
    if input.dtype != weight.dtype:
        raise DtypeError(
            f"{name}: x is {input.dtype} and weight is {weight.dtype}; make them equal, e.g. x.to(weight.dtype)"
        )
    if groups < 1:
        raise RangeError(f"{name}: groups must be at least 1, got {groups}")
    if w[0] % groups:
        what = "channels" if "transpose" in name else "filters"
        raise ShapeError(f"{name}: {w[0]} {what} cannot be split into {groups} groups; make their number a multiple")
    return x, w


def _check_bias(name: str, bias: Tensor | None, filters: int) -> None:
    if bias is not None and bias.shape != (filters,):
        raise ShapeError(f"{name}: bias has shape {bias.shape}, {filters} filters need ({filters},)")


def _named_padding(
    input: Tensor, padding: str, kernel_size: Any, stride: Any, dilation: Any, name: str
) -> tuple[Tensor, tuple[int, ...]]:
    """What "valid" and "same" stand for; an even window needs one more zero on the right, put there by hand."""
    checks.choice(padding, ("valid", "same"), name, "padding")
    if padding == "valid":
        return input, (0,) * len(kernel_size)
    if any(s != 1 for s in stride):
        raise RangeError(f"{name}: padding='same' needs stride 1, got {stride}; give the padding as a number")
    totals = [d * (k - 1) for k, d in zip(kernel_size, dilation, strict=True)]
    for axis, total in enumerate(totals):
        if total % 2:
            dim = input.ndim - len(totals) + axis
            shape = tuple(n + (i == dim) for i, n in enumerate(input.shape))
            input = narrow_backward(input, shape=shape, dim=dim, start=0)
    return input, tuple(t // 2 for t in totals)
