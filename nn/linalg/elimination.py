"""Gaussian elimination: A = P L U with partial pivoting, and factors that say whether there are any."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nn.autograd.tape import wrap
from nn.errors import LinAlgError, ShapeError
from nn.kernels.linalg import row_order
from nn.linalg import decompositions, equations
from nn.ops import arithmetic, indexing, reduction, shape
from nn.ops import linalg as ops
from nn.tensors import checks
from nn.tensors.tensor import Tensor, as_tensor

__all__ = [
    "LU",
    "FactorInfo",
    "Inverse",
    "LUFactor",
    "LUFactorInfo",
    "Solution",
    "cholesky_ex",
    "householder_product",
    "inv_ex",
    "lu",
    "lu_factor",
    "lu_factor_ex",
    "lu_solve",
    "solve_ex",
    "vander",
]


class LU(NamedTuple):
    """What `lu` returns."""

    P: Tensor
    L: Tensor
    U: Tensor


class LUFactor(NamedTuple):
    """What `lu_factor` returns."""

    LU: Tensor
    pivots: Tensor


class LUFactorInfo(NamedTuple):
    """What `lu_factor_ex` returns."""

    LU: Tensor
    pivots: Tensor
    info: Tensor


class FactorInfo(NamedTuple):
    """What `cholesky_ex` returns."""

    L: Tensor
    info: Tensor


class Inverse(NamedTuple):
    """What `inv_ex` returns."""

    inverse: Tensor
    info: Tensor


class Solution(NamedTuple):
    """What `solve_ex` returns."""

    result: Tensor
    info: Tensor


Factor = tuple[Tensor, Any, Any]


def _eliminated(A: Tensor, pivot: bool, caller: str) -> Factor:
    """L and U in one matrix, the order of the rows, and the swaps that lead to it."""
    m, n = checks.matrix(A, caller).shape[-2:]
    k = min(m, n)
    if pivot:
        order, swaps = row_order(A._array)
    else:
        order, swaps = np.broadcast_to(np.arange(m), A.shape[:-1]), np.broadcast_to(np.arange(k), (*A.shape[:-2], k))
    rows: Any = indexing.gather(A, wrap(np.broadcast_to(order[..., None], A.shape).copy()), dim=-2)
    packed: Any = ops.lu(shape.narrow(rows, dim=-1, start=0, length=k))
    if n > m:  # U has further columns, L^-1 x
        rest = shape.narrow(rows, dim=-1, start=k, length=n - k)
        right = equations.solve_triangular(packed, rest, upper=False, unitriangular=True)
        packed = shape.cat([packed, right], -1)
    return packed, order, swaps


def lu(A: Tensor, *, pivot: bool = True) -> LU:
    """A = P L U: a permutation, a lower triangle with ones on its diagonal, an upper triangle.

    Args:
        A: (..., m, n).
        pivot: whether the largest element of each column is moved to the diagonal; if not, P is empty.

    Example:
        >>> import nn
        >>> P, L, U = nn.linalg.lu(nn.tensor([[1.0, 2.0], [4.0, 4.0]]))
        >>> L.tolist(), U.tolist()
        ([[1.0, 0.0], [0.25, 1.0]], [[4.0, 4.0], [0.0, 1.0]])
    """
    packed, order, _ = _eliminated(A, pivot, "lu")
    return LU(wrap(_permutation(order, A.dtype) if pivot else np.zeros(0, A.dtype)), *_triangles(packed))


def _triangles(packed: Any) -> tuple[Any, Any]:
    """L and U, of which one matrix holds both."""
    m, n = packed.shape[-2:]
    k = min(m, n)
    low = ops.unit_lower(shape.narrow(packed, dim=-1, start=0, length=k))
    high = shape.narrow(packed, dim=-2, start=0, length=k)
    return low, arithmetic.where(np.tri(k, n, -1, dtype=bool), 0.0, high)


def _permutation(order: Any, dtype: Any) -> Any:
    """The matrix that puts the rows back which stand in `order`."""
    return np.swapaxes(np.eye(order.shape[-1], dtype=dtype)[order], -1, -2).copy()


def _order(pivots: Tensor, rows: int) -> Any:
    """The order of the rows that the swaps lead to."""
    order = np.broadcast_to(np.arange(rows), (*pivots.shape[:-1], rows)).copy()
    for i in range(pivots.shape[-1]):
        there = pivots._array[..., i, None].astype(np.int64) - 1
        other = np.take_along_axis(order, there, -1)
        np.put_along_axis(order, there, order[..., i, None].copy(), -1)
        order[..., i] = other[..., 0]
    return order


def unpacked(LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool, unpack_pivots: bool) -> LU:
    """P, L and U from what `lu_factor` returned."""
    nothing = wrap(np.zeros(0, checks.matrix(LU_data, "lu_unpack").dtype))
    order = _order(LU_pivots, LU_data.shape[-2])
    P = wrap(_permutation(order, LU_data.dtype)) if unpack_pivots else nothing
    return LU(P, *(_triangles(LU_data) if unpack_data else (nothing, nothing)))


def lu_factor(A: Tensor, *, pivot: bool = True) -> LUFactor:
    """L and U of `lu` in one matrix, and for each step the row (from 1) that was swapped with it, for `lu_solve`.

    Raises:
        LinAlgError: U has a 0 on its diagonal.

    Example:
        >>> import nn
        >>> nn.linalg.lu_factor(nn.tensor([[1.0, 2.0], [4.0, 4.0]])).pivots.tolist()
        [2, 2]
    """
    packed, pivots, info = lu_factor_ex(A, pivot=pivot)
    if info._array.any():
        raise LinAlgError(
            f"lu_factor: a matrix of shape {A.shape} has a 0 on the diagonal of U, which lu_solve would divide by; "
            "use lu_factor_ex, or lu for its factors all the same"
        )
    return LUFactor(packed, pivots)


def lu_factor_ex(A: Tensor, *, pivot: bool = True, check_errors: bool = False) -> LUFactorInfo:
    """As `lu_factor`, and the place (from 1) of the first 0 on the diagonal of U; 0 if there is none.

    Raises:
        LinAlgError: there is one, and `check_errors` is set.

    Example:
        >>> import nn
        >>> nn.linalg.lu_factor_ex(nn.ones(2, 2)).info
        tensor(2, dtype=int32)
    """
    packed, _, swaps = _eliminated(A, pivot, "lu_factor")
    info = _first_zero(packed)
    _refuse(info, check_errors, "lu_factor_ex", "has a 0 on the diagonal of U")
    return LUFactorInfo(packed, as_tensor((swaps + 1).astype(np.int32)), as_tensor(info))


def _first_zero(packed: Tensor) -> Any:
    zero = np.diagonal(packed._array, axis1=-2, axis2=-1) == 0
    first = zero.argmax(-1) + 1 if zero.shape[-1] else 0
    return np.asarray(np.where(zero.any(-1), first, 0), np.int32)


def _refuse(info: Any, check_errors: bool, caller: str, fault: str) -> None:
    if check_errors and info.any():
        raise LinAlgError(f"{caller}: the matrix {fault}, at place {info[info > 0].flat[0]}; leave out check_errors")


def lu_solve(LU: Tensor, pivots: Tensor, B: Tensor, *, left: bool = True, adjoint: bool = False) -> Tensor:
    """The X with A X = B (left=False: X A = B; adjoint: A^T in place of A), from what `lu_factor` found of A.

    Example:
        >>> import nn
        >>> factor = nn.linalg.lu_factor(nn.tensor([[0.0, 2.0], [4.0, 0.0]]))
        >>> nn.linalg.lu_solve(*factor, nn.tensor([[2.0], [4.0]])).tolist()
        [[1.0], [1.0]]
    """
    n = checks.matrix(LU, "lu_solve", square=True).shape[-1]
    checks.floating(B, "lu_solve", "B")
    if not left:
        return shape.transpose(lu_solve(LU, pivots, shape.transpose(B), adjoint=not adjoint))
    if B.ndim < 2 or B.shape[-2] != n:
        raise ShapeError(f"lu_solve: expected B with {n} rows for LU {LU.shape}, got {B.shape}")
    P = wrap(np.swapaxes(_permutation(_order(pivots, n), LU.dtype), -1, -2))  # P A = L U
    if adjoint:
        half = equations.solve_triangular(shape.transpose(LU), B, upper=False)
        low = ops.unit_lower(LU)
        return shape.transpose(P) @ equations.solve_triangular(shape.transpose(low), half, upper=True)
    half = equations.solve_triangular(LU, P @ B, upper=False, unitriangular=True)
    return equations.solve_triangular(LU, half, upper=True)


def inv_ex(A: Tensor, *, check_errors: bool = False) -> Inverse:
    """The inverse, nan for a singular matrix, and where elimination found that (from 1); 0 for a regular one.

    Example:
        >>> import nn
        >>> nn.linalg.inv_ex(nn.zeros(1, 1))
        Inverse(inverse=tensor([[nan]]), info=tensor(1, dtype=int32))
    """
    info = _first_zero(_eliminated(checks.matrix(A, "inv_ex", square=True).detach(), True, "inv_ex")[0])
    _refuse(info, check_errors, "inv_ex", "is singular")
    return Inverse(_where_regular(info, equations.inv, A), as_tensor(info))


def solve_ex(A: Tensor, B: Tensor, *, left: bool = True, check_errors: bool = False) -> Solution:
    """As `linalg.solve`, with nan for a singular matrix, and where elimination found that (from 1); 0 if it is regular.

    Example:
        >>> import nn
        >>> nn.linalg.solve_ex(nn.tensor([[2.0]]), nn.tensor([[4.0]]))
        Solution(result=tensor([[2.]]), info=tensor(0, dtype=int32))
    """
    info = _first_zero(_eliminated(checks.matrix(A, "solve_ex", square=True).detach(), True, "solve_ex")[0])
    _refuse(info, check_errors, "solve_ex", "is singular")
    if left and equations.are_vectors(A, checks.floating(B, "solve_ex", "B")):
        result = shape.squeeze(_where_regular(info, equations.solve, A, shape.unsqueeze(B, -1)), -1)
    else:
        result = _where_regular(info, lambda A, B: equations.solve(A, B, left=left), A, B)
    return Solution(result, as_tensor(info))


def cholesky_ex(A: Tensor, *, upper: bool = False, check_errors: bool = False) -> FactorInfo:
    """The Cholesky factor, nan where there is none, and the size of the first corner that is not positive definite.

    Example:
        >>> import nn
        >>> nn.linalg.cholesky_ex(nn.eye(2) * -1).info
        tensor(1, dtype=int32)
    """
    array = checks.matrix(A, "cholesky_ex", square=True)._array
    info = np.zeros(array.shape[:-2], np.int32)
    for place in np.ndindex(info.shape):
        info[place] = next((k for k in range(1, A.shape[-1] + 1) if not _positive(array[place][:k, :k])), 0)
    _refuse(info, check_errors, "cholesky_ex", "is not positive definite")
    return FactorInfo(_where_regular(info, lambda A: decompositions.cholesky(A, upper=upper), A), as_tensor(info))


def _positive(corner: Any) -> bool:
    try:
        factor = np.linalg.cholesky(corner)
    except np.linalg.LinAlgError:
        return False
    return bool((np.diagonal(factor) > 0).all())  # LAPACK lets nan through


def _where_regular(info: Any, function: Any, A: Tensor, *others: Tensor) -> Any:
    """The function of all matrices, nan for those that it is not defined for, and nan for their gradients."""
    if not info.any():
        return function(A, *others)
    failed = (info > 0)[..., None, None]
    regular = arithmetic.where(failed, np.eye(A.shape[-1], dtype=A.dtype), A)
    lost = np.where(failed, np.nan, 0).astype(A.dtype)
    nothing: Any = 0.0
    for operand in (A, *others):
        nothing = nothing + reduction.sum(operand * lost, dim=(-2, -1), keepdim=True)
    return arithmetic.where(failed, nothing, function(regular, *others))


def householder_product(A: Tensor, tau: Tensor) -> Tensor:
    """The first n columns of H_1 H_2 ... H_k, H_i = 1 - tau_i v_i v_i^T; v_i is 1 at i, column i of A below, 0 above.

    Args:
        A: (..., m, n), m at least n.
        tau: (..., k), k at most n.

    Example:
        >>> import nn
        >>> nn.linalg.householder_product(nn.zeros(2, 1), nn.tensor([2.0])).tolist()
        [[-1.0], [0.0]]
    """
    m, n = checks.matrix(A, "householder_product").shape[-2:]
    k = checks.floating(tau, "householder_product", "tau").shape[-1]
    if not k <= n <= m or tau.shape[:-1] != A.shape[:-2]:
        raise ShapeError(
            "householder_product: expected A (..., m, n) and tau (..., k) with k <= n <= m, "
            f"got {A.shape} and {tau.shape}"
        )
    vectors = ops.unit_lower(A)
    product: Any = wrap(np.broadcast_to(np.eye(m, n, dtype=A.dtype), A.shape).copy())
    for i in reversed(range(k)):
        v = shape.narrow(vectors, dim=-1, start=i, length=1)
        factor = shape.unsqueeze(shape.narrow(tau, dim=-1, start=i, length=1), -1)
        product = product - factor * v @ (shape.transpose(v) @ product)
    result: Tensor = product
    return result


def vander(x: Tensor, N: int | None = None) -> Tensor:
    """The powers 0 to N - 1 of each x (as many as there are x, without N): (..., n) -> (..., n, N).

    Example:
        >>> import nn
        >>> nn.linalg.vander(nn.tensor([2.0, 3.0])).tolist()
        [[1.0, 2.0], [1.0, 3.0]]
    """
    if checks.tensor(x, "vander", "x").ndim == 0:
        raise ShapeError("vander: expected at least 1 axis, x has none; use unsqueeze(0)")
    count = x.shape[-1] if N is None else N
    if count < 1:
        raise ShapeError(f"vander: N must be 1 or more, got {count}")
    powers: Tensor = shape.unsqueeze(x, -1) ** np.arange(count)
    return powers
