"""Measure vectors and matrices: norms (`vector_norm`, `matrix_norm`), condition (`cond`), rank (`matrix_rank`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import RangeError, ShapeError
from nn.kernels.linalg import converged, limit
from nn.linalg.decompositions import svdvals
from nn.linalg.equations import inv
from nn.ops import arithmetic, reduction, shape
from nn.tensors import checks
from nn.tensors.tensor import Tensor

Dim = int | tuple[int, ...] | None

__all__ = ["cond", "matrix_norm", "matrix_rank", "norm", "vector_norm"]


def vector_norm(
    x: Tensor, ord: float = 2, dim: Dim = None, keepdim: bool = False, *, dtype: DTypeLike | None = None
) -> Tensor:
    """(sum |x|^ord)^(1/ord); the largest |x| for inf, the smallest for -inf, how many are not 0 for 0.

    The gradient at 0 is 0.

    Example:
        >>> import nn
        >>> nn.linalg.vector_norm(nn.tensor([3.0, -4.0]))
        tensor(5.)
    """
    dim = (tuple(dim) or None) if isinstance(dim, list | tuple) else dim
    x = x if dtype is None else x.to(dtype)
    return reduction.norm(checks.floating(x, "vector_norm", "x"), ord, dim, keepdim)


def matrix_norm(
    A: Tensor,
    ord: Any = "fro",
    dim: tuple[int, int] = (-2, -1),
    keepdim: bool = False,
    *,
    dtype: DTypeLike | None = None,
) -> Tensor:
    """The norm of matrices: "fro", the root of the sum of squares; "nuc", the sum of the singular values; 2 and -2, the
    largest and smallest of them; 1 and -1, the largest and smallest sum of a column's |x|; inf and -inf, of a row's.

    Example:
        >>> import nn
        >>> nn.linalg.matrix_norm(nn.tensor([[3.0, 0.0], [0.0, -4.0]]), "nuc")
        tensor(7.)
    """
    A = A if dtype is None else A.to(dtype)
    rows, columns = (shape.axis(d, checks.matrix(A, "matrix_norm").ndim, "matrix_norm") for d in dim)
    if rows == columns:
        raise RangeError(f"matrix_norm: dim must be two different axes, got {dim}")
    if ord == "fro":
        return vector_norm(A, 2, (rows, columns), keepdim)
    rest = [i for i in range(A.ndim) if i not in (rows, columns)]
    x = shape.permute(A, dims=(*rest, rows, columns))
    if ord in ("nuc", 2, -2):
        values = svdvals(x)
        how = {"nuc": reduction.sum, 2: reduction.amax, -2: reduction.amin}[ord]
        result = how(values, dim=-1)
    elif ord in (1, -1, math.inf, -math.inf):
        sums = reduction.sum(arithmetic.abs(x), dim=-2 if abs(ord) == 1 else -1)
        result = (reduction.amax if ord > 0 else reduction.amin)(sums, dim=-1)
    else:
        raise RangeError(f"matrix_norm: ord must be 'fro', 'nuc', 1, -1, 2, -2, inf or -inf; got {ord!r}")
    if keepdim:
        for d in sorted((rows, columns)):
            result = shape.unsqueeze(result, d)
    return result


def norm(
    A: Tensor, ord: Any = None, dim: Any = None, keepdim: bool = False, *, dtype: DTypeLike | None = None
) -> Tensor:
    """The norm of a matrix if `dim` has two axes or `ord` is a word, else of a vector (of all elements, without dim).

    Example:
        >>> import nn
        >>> nn.linalg.norm(nn.tensor([[3.0, 0.0], [0.0, -4.0]])).item(), nn.linalg.norm(nn.eye(2), "nuc").item()
        (5.0, 2.0)
    """
    A = A if dtype is None else A.to(dtype)
    if ord is None:
        return vector_norm(A, 2, tuple(dim) if isinstance(dim, list) else dim, keepdim)
    pair = isinstance(dim, tuple | list) and len(dim) == 2
    if isinstance(ord, str) or pair or (dim is None and checks.tensor(A, "norm", "A").ndim == 2):
        return matrix_norm(A, ord, (dim[0], dim[1]) if pair else (-2, -1), keepdim)
    if dim is None and A.ndim > 2:
        raise ShapeError(f"norm: ord without dim needs a vector or a matrix, got shape {A.shape}; name dim")
    return vector_norm(A, ord, dim, keepdim)


def cond(A: Tensor, p: Any = None) -> Tensor:
    """How much A may stretch an error: |A| |A^-1| in the norm p; the largest over the smallest singular value for None.

    Example:
        >>> import nn
        >>> nn.linalg.cond(nn.tensor([[2.0, 0.0], [0.0, -4.0]])).item()
        2.0
    """
    if checks.matrix(A, "cond").shape[-1] * A.shape[-2] == 0:
        return A.new_zeros(A.shape[:-2])
    if p in (None, 2, -2):
        values = svdvals(A)
        largest, smallest = values[..., 0], values[..., -1]
        return smallest / largest if p == -2 else largest / smallest
    singular = np.linalg.slogdet(checks.matrix(A, "cond", square=True)._array)[0] == 0
    regular = arithmetic.where(singular[..., None, None], np.eye(A.shape[-1], dtype=A.dtype), A)
    nothing = reduction.sum(0 * A, dim=(-2, -1)) ** 2  # 0, and no -0
    infinite = 1 / arithmetic.where(singular, nothing, 1.0)  # with the gradient nan, where a constant would have 0
    return arithmetic.where(singular, infinite, matrix_norm(A, p) * matrix_norm(inv(regular), p))


def matrix_rank(A: Tensor, tol: Any = None, hermitian: bool = False, *, atol: Any = None, rtol: Any = None) -> Tensor:
    """How many singular values are above max(atol, rtol times the largest); rtol is max(m, n) eps if neither is given.

    Args:
        A: the matrices.
        tol: the older name of atol.
        hermitian: whether A is symmetric: its eigenvalues are then enough.
        atol: a number, or a tensor with one for each matrix.
        rtol: the same.

    Example:
        >>> import nn
        >>> nn.linalg.matrix_rank(nn.ones(3, 3))
        tensor(1)
    """
    array = checks.matrix(A, "matrix_rank", square=hermitian)._array
    least, share = (v._array if isinstance(v, Tensor) else v for v in (tol if atol is None else atol, rtol))
    return wrap(np.asarray(mode.quiet(_rank, array, hermitian, least, share)))


def _rank(x: np.ndarray, hermitian: bool, least: Any, share: Any) -> np.ndarray:
    if hermitian:
        values = np.abs(converged("matrix_rank", np.linalg.eigvalsh, x))
    else:
        values = converged("matrix_rank", np.linalg.svd, x, compute_uv=False)
    count: np.ndarray = (values > limit(values, x, least, share)).sum(axis=-1, dtype=np.int64)
    return count
