"""Products of matrices and vectors, powers, diagonals: `multi_dot`, `vecdot`, `cross`, `matrix_power`, `diagonal`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.errors import RangeError, ShapeError
from nn.linalg.equations import inv
from nn.ops import arithmetic, reduction, shape
from nn.ops.precision import in_single
from nn.tensors import checks
from nn.tensors import diagonal as diagonals
from nn.tensors.tensor import Tensor

__all__ = ["cross", "diagonal", "matrix_exp", "matrix_power", "multi_dot", "vecdot"]


def diagonal(A: Tensor, *, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """The diagonals of matrices, as the last axis: a view. `nn.diagonal` takes the first two axes, this the last two.

    Shape:
        A (..., n, m) -> (..., k), for offset 0 with k = min(n, m).

    Example:
        >>> import nn
        >>> nn.linalg.diagonal(nn.arange(8).reshape(2, 2, 2)).tolist()
        [[0, 3], [4, 7]]
    """
    return diagonals.diagonal(A, offset, dim1, dim2)


def matrix_power(A: Tensor, n: int) -> Tensor:
    """A multiplied by itself, n times in all; the inverse's power for n < 0.

    Example:
        >>> import nn
        >>> nn.linalg.matrix_power(nn.tensor([[1.0, 1.0], [0.0, 1.0]]), 5).tolist()
        [[1.0, 5.0], [0.0, 1.0]]
    """
    if checks.tensor(A, "matrix_power", "A").ndim < 2 or A.shape[-1] != A.shape[-2]:
        raise ShapeError(f"matrix_power: A must be square matrices in its last two axes, its shape is {A.shape}")
    given = A
    if n < 0:
        A, n = inv(A), -n
    result = None
    while n:
        if n % 2:
            result = A if result is None else result @ A
        n //= 2
        A = A @ A if n else A
    if result is None:  # 1, whatever A is
        everywhere = np.ones(A.shape, bool)
        result = arithmetic.where(everywhere, np.eye(A.shape[-1], dtype=A.dtype), A)
    return shape.clone(result) if result is given else result


def matrix_exp(A: Tensor) -> Tensor:
    """e^A = 1 + A + A^2 / 2 + ...: A / 2^s by its series, then squared s times.

    Example:
        >>> import nn
        >>> nn.linalg.matrix_exp(nn.zeros(2, 2)).tolist()
        [[1.0, 0.0], [0.0, 1.0]]

    References:
        Moler and Van Loan, Nineteen Dubious Ways to Compute the Exponential of a Matrix, SIAM Review 2003 (method 3).
    """
    array = checks.matrix(A, "matrix_exp", square=True)._array
    one = wrap(np.eye(A.shape[-1], dtype=A.dtype))
    largest = float(np.abs(array).sum(-2).max()) if array.size else 0.0
    squarings = max(0, math.ceil(math.log2(largest * 2))) if 0 < largest < math.inf else 0
    x = A / 2**squarings
    result: Any = one
    for k in range(14, 0, -1):  # |x| <= 1/2: what is left out is below 1e-16
        result = one + x @ result / k
    for _ in range(squarings):
        result = result @ result
    return result


def vecdot(x: Tensor, y: Tensor, *, dim: int = -1) -> Tensor:
    """The sum of products along an axis, broadcast over the others.

    Example:
        >>> import nn
        >>> nn.linalg.vecdot(nn.ones(2, 3), nn.ones(3))
        tensor([3., 3.])
    """
    return reduction.sum(checks.tensor(x, "vecdot", "x") * checks.tensor(y, "vecdot", "y"), dim=dim)


@in_single
def cross(input: Tensor, other: Tensor, *, dim: int = -1) -> Tensor:
    """The vector product along an axis of length 3, broadcast over the others.

    Example:
        >>> import nn
        >>> nn.linalg.cross(nn.tensor([1.0, 0.0, 0.0]), nn.tensor([0.0, 1.0, 0.0]))
        tensor([0., 0., 1.])
    """
    a, b = checks.tensor(input, "cross"), checks.tensor(other, "cross", "other")
    if not a.ndim or not b.ndim or a.shape[dim] != 3 or b.shape[dim] != 3:
        raise ShapeError(f"cross: axis {dim} must have length 3, input is {a.shape} and other {b.shape}")

    def turned(x: Any, by: int) -> Any:
        head = shape.narrow(x, dim=dim, start=0, length=by)
        return shape.cat([shape.narrow(x, dim=dim, start=by, length=3 - by), head], dim)

    return turned(a, 1) * turned(b, 2) - turned(a, 2) * turned(b, 1)


def multi_dot(tensors: Sequence[Tensor]) -> Tensor:
    """The product of several matrices, in the order that costs least; the first and the last may be vectors.

    Example:
        >>> import nn
        >>> nn.linalg.multi_dot([nn.ones(2, 9), nn.ones(9, 3), nn.ones(3)]).shape
        (2,)

    References:
        Cormen et al., Introduction to Algorithms, 15.2 (the order).
    """
    if len(tensors) < 2:
        raise RangeError(f"multi_dot: expected at least 2 tensors, got {len(tensors)}")
    sizes = [tensors[0].shape[0] if tensors[0].ndim == 2 else 1, *(t.shape[-1] if t.ndim == 2 else 1 for t in tensors)]
    if tensors[0].ndim == 1:
        sizes[1] = tensors[0].shape[0]
    cost: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(len(tensors))}
    for length in range(1, len(tensors)):
        for i in range(len(tensors) - length):
            j = i + length
            cost[i, j] = min(
                (cost[i, k][0] + cost[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
            )

    return _chained(tensors, cost, 0, len(tensors) - 1)


def _chained(tensors: Sequence[Tensor], cost: Any, i: int, j: int) -> Tensor:
    """The product of the tensors i to j, cut where the cheapest order cuts it."""
    if i == j:
        return tensors[i]
    k = cost[i, j][1]
    return _chained(tensors, cost, i, k) @ _chained(tensors, cost, k + 1, j)
