"""Matrix products: bilinear, so each rule is the same product again."""

from __future__ import annotations

from typing import Any

from nn.autograd.op import Op
from nn.autograd.plain import Binary
from nn.autograd.tape import TensorBase
from nn.errors import DtypeError, ShapeError
from nn.kernels import linear as kernels
from nn.ops.shape import reshape, transpose


def _other(g: Any, x: Any, other_shape: tuple[int, ...]) -> Any:
    """x^T g; beside many x, other being one matrix, the sum over all of them in one product."""
    if len(other_shape) == 2 < len(x.shape):
        return linear_weight_backward(g, x)
    return matrix_product(transpose(x), g)


matrix_product = Binary(
    kernels.matmul,
    name="matmul",
    vjp=dict(
        x=lambda g, other: matrix_product(g, transpose(other)),
        other=_other,
    ),
    samples=lambda r: [
        r.normal((2, 3), (3, 4)),
        r.normal((5, 2, 3), (3, 4)),
        r.normal((2, 2, 2, 3), (3, 1)),
        r.normal((2, 1, 2, 3), (3, 3, 1)),
        r.normal((2, 3), (2, 3, 2)),
    ],
)


def _by_input(g: Any, x: Any, weight: Any) -> Any:
    """g W, (N, out) @ (out, in), which lies in memory as x: of what is flattened behind a convolution N is last."""
    flags = (x._array if isinstance(x, TensorBase) else x).flags
    if len(x.shape) == 2 and flags.f_contiguous and not flags.c_contiguous:
        return transpose(matrix_product(transpose(weight), transpose(g)))
    return matrix_product(g, weight)


linear = Op(
    kernels.linear,
    vjp=dict(
        x=_by_input,
        weight=lambda g, x: linear_weight_backward(x, g),  # (out, N) @ (N, in)
        bias=lambda g: g,  # summed over N by the engine
    ),
    samples=lambda r: [r.normal((4, 3), (2, 3), (2,)), r.normal((4, 3), (2, 3)), r.normal((2, 2, 3), (4, 3), (4,))],
)
linear_weight_backward = Binary(
    kernels.linear_weight_backward,
    vjp=dict(x=lambda u, g: matrix_product(g, u), g=lambda u, x: linear(x, u)),
    samples=lambda r: [r.normal((4, 3), (4, 2)), r.normal((2, 2, 3), (2, 2, 4))],
)


def _misfit(first: tuple[int, ...], second: tuple[int, ...]) -> ShapeError:
    """What to say of a vector that does not fit."""
    if not first or not second:
        reason = "a matrix product needs operands with at least one axis; use * for a number"
    else:
        which = "axis" if len(second) == 1 else "last axis but one"
        reason = (
            f"the last axis of the first has {first[-1]}, the {which} of the second {second[-2:][0]}; make them equal"
        )
    return ShapeError(f"matmul: operands of shape {first} and {second} do not fit: {reason}")


# -- composite --------------------------------------------------------------------------------------------------------
def matmul(x: Any, other: Any) -> Any:
    """The matrix product over the last two axes; one axis alone is a row on the left, a column on the right."""
    for operand in (x, other):
        if not hasattr(operand, "dtype"):
            raise TypeError(f"matmul: expected two tensors, got {type(operand).__name__}; use * for a number")
    if x.dtype != other.dtype:
        raise DtypeError(f"matmul: operands are {x.dtype} and {other.dtype}; make them equal, e.g. other.to(x.dtype)")
    left, right = len(x.shape) == 1, len(other.shape) == 1
    fits = x.shape[-1:] == other.shape[-2:][:1] if left or right else x.shape and other.shape
    if not fits:  # said before a row or a column is made of it
        raise _misfit(x.shape, other.shape)
    if left:
        x = reshape(x, shape=(1, *x.shape))
    if right:
        other = reshape(other, shape=(*other.shape, 1))
    y = matrix_product(x, other)
    if left or right:
        shape = y.shape
        y = reshape(y, shape=(*shape[:-2], *(() if left else shape[-2:-1]), *(() if right else shape[-1:])))
    return y
