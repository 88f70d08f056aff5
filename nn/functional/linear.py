"""The affine map y = x W^T + b (`linear`), and the map of two inputs y = x1^T W x2 + b (`bilinear`)."""

from __future__ import annotations

from nn.errors import DtypeError, ShapeError
from nn.ops import linear as ops
from nn.ops.shape import reshape, squeeze, transpose, unsqueeze
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["bilinear", "linear"]


def linear(input: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """y = x W^T + b.

    Args:
        input: x.
        weight: W, one row for each output.
        bias: b, or None for no bias.

    Shape:
        (*, in_features), (out_features, in_features), (out_features,) -> (*, out_features).

    Raises:
        ShapeError: the last axis of x is not in_features.

    Example:
        >>> import nn
        >>> nn.functional.linear(nn.tensor([[1.0, 2.0]]), nn.tensor([[3.0, 4.0]]), nn.tensor([0.5]))
        tensor([[11.5000]])
    """
    try:
        x, w = input._array.shape, weight._array.shape
    except AttributeError:
        checks.tensor(input, "linear"), checks.tensor(weight, "linear", "weight")
        raise
    if not x or x[-1] != w[-1]:
        advice = (
            ": flatten it first, e.g. nn.Flatten()" if len(x) > 2 and x[0] and input.numel() // x[0] == w[-1] else ""
        )
        raise ShapeError(
            f"linear: x has {x[-1] if x else 'no'} features in its last axis, "
            f"weight {w} expects {w[-1]}; x is {x}{advice}"
        )
    if input._array.dtype != weight._array.dtype:
        raise DtypeError(
            f"linear: x is {input.dtype} and weight is {weight.dtype}; make them equal, e.g. x.to(weight.dtype)"
        )
    if len(w) == 1:  # one output, without an axis of its own
        return input @ weight if bias is None else input @ weight + bias
    if len(x) == 1:
        return squeeze(linear(unsqueeze(input, 0), weight, bias), 0)
    if bias is None:
        return ops.linear(input, weight)
    return ops.linear(input, weight, bias)


def bilinear(input1: Tensor, input2: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """y_o = x1^T A_o x2 + b_o.

    Args:
        input1: x1.
        input2: x2.
        weight: A, one matrix for each output.
        bias: b, or None for no bias.

    Shape:
        (*, in1), (*, in2), (out, in1, in2), (out,) -> (*, out).

    Raises:
        ShapeError: the shapes do not fit.

    Example:
        >>> import nn
        >>> one, two = nn.tensor([[1.0, 2.0]]), nn.tensor([[3.0]])
        >>> nn.functional.bilinear(one, two, nn.ones(1, 2, 1))
        tensor([[9.]])
    """
    one, two = checks.floating(input1, "bilinear", "input1"), checks.floating(input2, "bilinear", "input2")
    a = checks.floating(weight, "bilinear", "weight").shape
    if len(a) != 3 or one.shape[:-1] != two.shape[:-1] or (one.shape[-1:], two.shape[-1:]) != (a[1:2], a[2:3]):
        raise ShapeError(
            "bilinear: input1, input2 and weight must be (*, in1), (*, in2) and (out, in1, in2), "
            f"got {one.shape}, {two.shape} and {a}"
        )
    outputs, in1, in2 = a
    rows = linear(one, reshape(transpose(weight), shape=(outputs * in2, in1)))
    rows = reshape(rows, shape=(*one.shape[:-1], outputs, in2))
    y = squeeze(ops.matmul(rows, unsqueeze(two, -1)), -1)
    return y if bias is None else y + bias
