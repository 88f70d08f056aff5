"""The affine map and the matrix product."""

from __future__ import annotations

from nn.errors import DtypeError, ShapeError
from nn.functional import checks
from nn.ops import linear as ops
from nn.ops.shape import squeeze, unsqueeze
from nn.tensor import Tensor, method

__all__ = ["linear", "matmul"]


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
    x, w = checks.tensor(input, "linear")._array.shape, checks.tensor(weight, "linear", "weight")._array.shape
    if not x or x[-1] != w[-1]:
        advice = (
            ": flatten it first, e.g. nn.Flatten()" if len(x) > 2 and x[0] and input.numel() // x[0] == w[-1] else ""
        )
        raise ShapeError(
            f"linear: x has {x[-1] if x else 'no'} features in its last axis, "
            f"weight {w} wants {w[-1]}; x is {x}{advice}"
        )
    if input._array.dtype != weight._array.dtype:
        raise DtypeError(
            f"linear: x is {input.dtype} and weight is {weight.dtype}; make them equal, e.g. x.to(weight.dtype)"
        )
    if len(w) == 1:  # one output, without an axis of its own
        return matmul(input, weight) if bias is None else matmul(input, weight) + bias
    if len(x) == 1:
        return squeeze(linear(unsqueeze(input, 0), weight, bias), 0)
    if bias is None:
        return ops.linear(input, weight)
    return ops.linear(input, weight, bias)


@method
def matmul(input: Tensor, other: Tensor) -> Tensor:
    """The matrix product over the last two axes, the others broadcast; an operand with one axis is a row or a column.

    Shape:
        (..., n, k) @ (..., k, m) -> (..., n, m).

    Raises:
        ShapeError: the inner lengths differ.

    Example:
        >>> import nn
        >>> nn.matmul(nn.tensor([[1.0, 2.0]]), nn.tensor([[3.0], [4.0]]))
        tensor([[11.]])
    """
    return ops.matmul(checks.tensor(input, "matmul"), checks.tensor(other, "matmul", "other"))
