"""Products of vectors and matrices, and what torch keeps beside them: all compositions of a few ops."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.errors import ShapeError
from nn.ops import arithmetic, linear, reduction, shape
from nn.ops.precision import in_single
from nn.tensors import checks
from nn.tensors.methods import alias, in_place, method
from nn.tensors.tensor import Tensor

__all__ = [
    "addbmm",
    "addmm",
    "addmv",
    "addr",
    "baddbmm",
    "bmm",
    "dot",
    "ger",
    "inner",
    "kron",
    "matmul",
    "mm",
    "mv",
    "outer",
    "tensordot",
    "vdot",
]


def _ranked(caller: str, *named: tuple[str, Any, int]) -> None:
    """Each of (name, tensor, number of axes)."""
    for name, tensor, rank in named:
        if checks.tensor(tensor, caller, name).ndim != rank:
            raise ShapeError(f"{caller}: {name} must have {rank} axes, its shape is {tensor.shape}")


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
    return linear.matmul(checks.tensor(input, "matmul"), checks.tensor(other, "matmul", "other"))


@method
def mm(input: Tensor, mat2: Tensor) -> Tensor:
    """The product of two matrices, (n, k), (k, m) -> (n, m).

    Example:
        >>> import nn
        >>> nn.mm(nn.ones(2, 3), nn.ones(3, 1)).tolist()
        [[3.0], [3.0]]
    """
    _ranked("mm", ("input", input, 2), ("mat2", mat2, 2))
    return linear.matmul(input, mat2)


@method
def bmm(input: Tensor, mat2: Tensor) -> Tensor:
    """The products of two batches of matrices, (b, n, k), (b, k, m) -> (b, n, m).

    Example:
        >>> import nn
        >>> nn.bmm(nn.ones(5, 2, 3), nn.ones(5, 3, 4)).shape
        (5, 2, 4)
    """
    _ranked("bmm", ("input", input, 3), ("mat2", mat2, 3))
    if input.shape[0] != mat2.shape[0]:
        raise ShapeError(f"bmm: the batches differ, input is {input.shape} and mat2 {mat2.shape}; use matmul to repeat")
    return linear.matmul(input, mat2)


@method
def mv(input: Tensor, vec: Tensor) -> Tensor:
    """A matrix times a vector, (n, k), (k,) -> (n,).

    Example:
        >>> import nn
        >>> nn.mv(nn.ones(2, 3), nn.ones(3))
        tensor([3., 3.])
    """
    _ranked("mv", ("input", input, 2), ("vec", vec, 1))
    return linear.matmul(input, vec)


@method
def dot(input: Tensor, tensor: Tensor) -> Tensor:
    """The sum of the products of two vectors, (n,), (n,) -> ().

    Example:
        >>> import nn
        >>> nn.dot(nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0]))
        tensor(11.)
    """
    _ranked("dot", ("input", input, 1), ("tensor", tensor, 1))
    if input.shape != tensor.shape:
        raise ShapeError(f"dot: the vectors have {len(input)} and {len(tensor)} elements; make them equal")
    return linear.matmul(input, tensor)


vdot = alias(dot, "vdot")


@method
def inner(input: Tensor, other: Tensor) -> Tensor:
    """The sum of products over the last axes, (..., k), (***, k) -> (..., ***); with a number, the product.

    Example:
        >>> import nn
        >>> nn.inner(nn.ones(2, 3), nn.ones(4, 3)).shape
        (2, 4)
    """
    if not checks.tensor(input, "inner").ndim or not checks.tensor(other, "inner", "other").ndim:
        return input * other
    return tensordot(input, other, ([-1], [-1]))


@method
def outer(input: Tensor, vec2: Tensor) -> Tensor:
    """Every product of an element of each, (n,), (m,) -> (n, m).

    Example:
        >>> import nn
        >>> nn.outer(nn.tensor([1, 2]), nn.tensor([3, 4])).tolist()
        [[3, 4], [6, 8]]
    """
    _ranked("outer", ("input", input, 1), ("vec2", vec2, 1))
    return shape.unsqueeze(input, 1) * vec2


ger = alias(outer, "ger")


@method
def kron(input: Tensor, other: Tensor) -> Tensor:
    """Kronecker's product: every element of `input` times the whole of `other`, in blocks.

    Example:
        >>> import nn
        >>> nn.kron(nn.tensor([1, 10]), nn.tensor([1, 2, 3]))
        tensor([ 1,  2,  3, 10, 20, 30])
    """
    rank = max(checks.tensor(input, "kron").ndim, checks.tensor(other, "kron", "other").ndim)
    a = (1,) * (rank - input.ndim) + input.shape
    b = (1,) * (rank - other.ndim) + other.shape
    left = shape.reshape(input, shape=tuple(n for length in a for n in (length, 1)))
    right = shape.reshape(other, shape=tuple(n for length in b for n in (1, length)))
    result: Tensor = shape.reshape(left * right, shape=tuple(m * n for m, n in zip(a, b, strict=True)))
    return result


def tensordot(a: Tensor, b: Tensor, dims: Any = 2) -> Tensor:
    """The sum of products over several axes of both.

    Args:
        a: a tensor.
        b: another.
        dims: how many axes, the last ones of a and the first ones of b; or two lists of axes; or a tensor of either.

    Example:
        >>> import nn
        >>> nn.tensordot(nn.ones(2, 3, 4), nn.ones(3, 4, 5)).shape
        (2, 5)
        >>> nn.tensordot(nn.ones(2, 3), nn.ones(2, 5), ([0], [0])).shape
        (3, 5)
    """
    checks.tensor(a, "tensordot", "a"), checks.tensor(b, "tensordot", "b")
    dims = dims.tolist() if isinstance(dims, Tensor) else dims
    if isinstance(dims, int):
        if not 0 <= dims <= min(a.ndim, b.ndim):
            raise ShapeError(f"tensordot: dims {dims} is more than the axes of a {a.shape} or b {b.shape}")
        left, right = list(range(a.ndim - dims, a.ndim)), list(range(dims))
    else:
        left = [shape.axis(int(d), a.ndim, "tensordot") for d in dims[0]]
        right = [shape.axis(int(d), b.ndim, "tensordot") for d in dims[1]]
    for d, e in zip(left, right, strict=False):  # an axis of length 1 meets any other
        if a.shape[d] == 1 != b.shape[e]:
            b = reduction.sum(b, dim=e, keepdim=True)
        elif b.shape[e] == 1 != a.shape[d]:
            a = reduction.sum(a, dim=d, keepdim=True)
    if [a.shape[d] for d in left] != [b.shape[d] for d in right]:
        raise ShapeError(
            f"tensordot: a {a.shape} has lengths {[a.shape[d] for d in left]} on axes {left}, "
            f"b {b.shape} has {[b.shape[d] for d in right]} on axes {right}; make them equal"
        )
    rest_a = [d for d in range(a.ndim) if d not in left]
    rest_b = [d for d in range(b.ndim) if d not in right]
    inner_size = int(np.prod([a.shape[d] for d in left], dtype=int))
    size_a, size_b = [a.shape[d] for d in rest_a], [b.shape[d] for d in rest_b]
    x = shape.reshape(shape.permute(a, dims=(*rest_a, *left)), shape=(int(np.prod(size_a, dtype=int)), inner_size))
    y = shape.reshape(shape.permute(b, dims=(*right, *rest_b)), shape=(inner_size, int(np.prod(size_b, dtype=int))))
    result: Tensor = shape.reshape(linear.matmul(x, y), shape=(*size_a, *size_b))
    return result


def _plus(caller: str, input: Any, product: Tensor, beta: float, alpha: float) -> Tensor:
    """beta input + alpha product; with beta = 0 the input is ignored, even if it is nan."""
    scaled = product if alpha == 1 else product * alpha
    if beta == 0:
        ignored = isinstance(input, Tensor) and input.requires_grad  # whose gradient is 0, and not None
        return arithmetic.where(np.False_, input, scaled) if ignored else scaled
    checks.tensor(input, caller)
    return scaled + (input if beta == 1 else input * beta)  # which lies as the product does


@in_place
@method
@in_single
def addmm(input: Tensor, mat1: Tensor, mat2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta input + alpha mat1 @ mat2.

    Example:
        >>> import nn
        >>> nn.addmm(nn.ones(1, 1), nn.ones(1, 3), nn.ones(3, 1))
        tensor([[4.]])
    """
    return _plus("addmm", input, mm(mat1, mat2), beta, alpha)


@in_place
@method
@in_single
def addmv(input: Tensor, mat: Tensor, vec: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta input + alpha mat @ vec.

    Example:
        >>> import nn
        >>> nn.addmv(nn.ones(1), nn.ones(1, 3), nn.ones(3))
        tensor([4.])
    """
    return _plus("addmv", input, mv(mat, vec), beta, alpha)


@in_place
@method
@in_single
def addr(input: Tensor, vec1: Tensor, vec2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta input + alpha vec1 vec2^T.

    Example:
        >>> import nn
        >>> nn.addr(nn.ones(1, 2), nn.ones(1), nn.tensor([1.0, 2.0]))
        tensor([[2., 3.]])
    """
    return _plus("addr", input, outer(vec1, vec2), beta, alpha)


@in_place
@method
@in_single
def baddbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta input + alpha batch1 @ batch2, matrix by matrix.

    Example:
        >>> import nn
        >>> nn.baddbmm(nn.ones(2, 1, 1), nn.ones(2, 1, 3), nn.ones(2, 3, 1)).tolist()
        [[[4.0]], [[4.0]]]
    """
    return _plus("baddbmm", input, bmm(batch1, batch2), beta, alpha)


@in_place
@method
@in_single
def addbmm(input: Tensor, batch1: Tensor, batch2: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    """beta input + alpha times the sum of the products of all matrices of two batches.

    Example:
        >>> import nn
        >>> nn.addbmm(nn.ones(1, 1), nn.ones(2, 1, 3), nn.ones(2, 3, 1))
        tensor([[7.]])
    """
    return _plus("addbmm", input, reduction.sum(bmm(batch1, batch2), dim=0), beta, alpha)
