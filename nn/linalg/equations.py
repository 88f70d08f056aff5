"""Solve linear equations (`solve`), and what belongs to them: `inv`, `pinv`, `det`, `slogdet`."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import ShapeError
from nn.ops import arithmetic, shape
from nn.ops import linalg as ops
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["Slogdet", "det", "inv", "pinv", "slogdet", "solve", "solve_triangular", "tensorinv", "tensorsolve"]


class Slogdet(NamedTuple):
    """What `slogdet` returns."""

    sign: Tensor
    logabsdet: Tensor


def inv(A: Tensor) -> Tensor:
    """The inverse, (..., n, n) -> (..., n, n).

    Raises:
        LinAlgError: a matrix is singular.

    Example:
        >>> import nn
        >>> nn.linalg.inv(nn.tensor([[2.0, 0.0], [0.0, 4.0]])).tolist()
        [[0.5, 0.0], [0.0, 0.25]]
    """
    return ops.inv(checks.matrix(A, "inv", square=True))


def det(A: Tensor) -> Tensor:
    """The determinant, (..., n, n) -> (...).

    Example:
        >>> import nn
        >>> nn.linalg.det(nn.tensor([[2.0, 0.0], [0.0, 4.0]])).item()
        8.0
    """
    return ops.det(checks.matrix(A, "det", square=True))


def slogdet(A: Tensor) -> Slogdet:
    """The sign of the determinant (0 if it is 0), and ln |det| (-inf then).

    Example:
        >>> import nn
        >>> nn.linalg.slogdet(nn.eye(2) * -2)
        Slogdet(sign=tensor(1.), logabsdet=tensor(1.3863))
    """
    sign = wrap(np.asarray(mode.quiet(np.linalg.slogdet, checks.matrix(A, "slogdet", square=True)._array)[0]))
    return Slogdet(sign, ops.logabsdet(A))


def solve(A: Tensor, B: Tensor, *, left: bool = True) -> Tensor:
    """The X with A X = B, or with left=False X A = B: (..., n, n), (..., n, k) or (..., n) -> the shape of B.

    Raises:
        LinAlgError: a matrix is singular.

    Example:
        >>> import nn
        >>> nn.linalg.solve(nn.tensor([[2.0, 0.0], [0.0, 4.0]]), nn.tensor([2.0, 2.0]))
        tensor([1.0000, 0.5000])
    """
    checks.matrix(A, "solve", square=True)
    checks.floating(B, "solve", "B")
    if are_vectors(A, B):
        if not left:
            raise ShapeError("solve: left=False needs matrices for B, got vectors; use B.unsqueeze(-2)")
        return shape.squeeze(solve(A, shape.unsqueeze(B, -1)), -1)
    _require_fit("solve", A, B, left)
    return ops.solve(A, B) if left else shape.transpose(ops.solve(shape.transpose(A), shape.transpose(B)))


def _require_fit(caller: str, A: Tensor, B: Tensor, left: bool) -> None:
    n, count = A.shape[-1], B.shape[-2 if left else -1] if B.ndim > 1 else None
    if count != n:
        raise ShapeError(
            f"{caller}: B must have {n} {'rows' if left else 'columns'} for A of shape {A.shape}, got {B.shape}"
        )


def are_vectors(A: Tensor, B: Tensor) -> bool:
    """Whether the right sides B of equations with the matrices A are one vector, or one for each matrix."""
    return B.ndim == 1 or (B.ndim == A.ndim - 1 and B.shape == A.shape[:-1])


def solve_triangular(A: Tensor, B: Tensor, *, upper: bool, left: bool = True, unitriangular: bool = False) -> Tensor:
    """As `solve`, of matrices B, reading one triangle of A alone; with `unitriangular` the diagonal is taken to be 1.

    Where the diagonal has a 0 the result has infinities and nan, as in PyTorch, and no error is raised.

    Example:
        >>> import nn
        >>> A, B = nn.tensor([[2.0, 9.0], [1.0, 1.0]]), nn.tensor([[2.0], [2.0]])
        >>> nn.linalg.solve_triangular(A, B, upper=False).tolist()
        [[1.0], [1.0]]
    """
    n = checks.matrix(A, "solve_triangular", square=True).shape[-1]
    _require_fit("solve_triangular", A, checks.floating(B, "solve_triangular", "B"), left)
    if unitriangular:
        A = arithmetic.where(np.eye(n, dtype=bool), 1.0, A)
    if left:
        return ops.solve_triangular(A, B, upper=upper)
    return shape.transpose(ops.solve_triangular(shape.transpose(A), shape.transpose(B), upper=not upper))


def pinv(
    A: Tensor,
    rcond: Any = None,
    hermitian: bool = False,
    *,
    atol: Any = None,
    rtol: Any = None,
) -> Tensor:
    """The pseudoinverse of Moore and Penrose, (..., m, n) -> (..., n, m).

    Args:
        A: matrices of any rank; its gradient is right where the rank does not change.
        rcond: the older name of rtol.
        hermitian: whether A is symmetric; then its lower triangle alone is read.
        atol: singular values up to this count as 0; a number, or a tensor with one for each matrix.
        rtol: and those up to this share of the largest; max(m, n) eps if neither is given.

    Example:
        >>> import nn
        >>> nn.linalg.pinv(nn.tensor([[2.0], [0.0]]))
        tensor([[0.5000, 0.0000]])
    """
    checks.matrix(A, "pinv", square=hermitian)
    least, share = (v._array if isinstance(v, Tensor) else v for v in (atol, rcond if rtol is None else rtol))
    return ops.pinv(A, atol=least, rtol=share, triangle="L" if hermitian else None)


def tensorinv(A: Tensor, ind: int = 2) -> Tensor:
    """The inverse of A as a map from its last axes to its first `ind` ones.

    Example:
        >>> import nn
        >>> nn.linalg.tensorinv(nn.eye(4).reshape(4, 2, 2), ind=1).shape
        (2, 2, 4)
    """
    first, rest = checks.floating(A, "tensorinv", "A").shape[:ind], A.shape[ind:]
    if ind < 1 or math.prod(first) != math.prod(rest):
        raise ShapeError(f"tensorinv: the first {ind} axes of {A.shape} must have as many elements as the others")
    return shape.reshape(inv(shape.reshape(A, shape=(math.prod(first), -1))), shape=(*rest, *first))


def tensorsolve(A: Tensor, B: Tensor, dims: Sequence[int] | None = None) -> Tensor:
    """The X with tensordot(A, X, X.ndim) = B.

    Args:
        A: a tensor whose last axes have as many elements as B.
        B: the right side.
        dims: axes of A that are moved to its end first.

    Example:
        >>> import nn
        >>> nn.linalg.tensorsolve(nn.eye(4).reshape(2, 2, 4), nn.ones(2, 2))
        tensor([1., 1., 1., 1.])
    """
    if dims:
        moved = [shape.axis(d, A.ndim, "tensorsolve") for d in dims]
        A = shape.permute(A, dims=(*(i for i in range(A.ndim) if i not in moved), *moved))
    rest = A.shape[B.ndim :]
    if math.prod(rest) != B.numel() or math.prod(A.shape[: B.ndim]) != B.numel():
        raise ShapeError(f"tensorsolve: A {A.shape} does not map to as many elements as B {B.shape} has")
    flat = solve(shape.reshape(A, shape=(B.numel(), -1)), shape.reshape(B, shape=(-1,)))
    return shape.reshape(flat, shape=rest)
