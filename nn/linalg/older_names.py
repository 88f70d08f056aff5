"""Linear algebra under the older names of `torch` itself, as functions and as methods of `Tensor`."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.linalg import decompositions, elimination, equations, products
from nn.ops import arithmetic
from nn.tensors import checks, joining
from nn.tensors.methods import method
from nn.tensors.tensor import Tensor, as_tensor

__all__ = [
    "chain_matmul",
    "cholesky",
    "cholesky_inverse",
    "cholesky_solve",
    "cross",
    "det",
    "geqrf",
    "inverse",
    "logdet",
    "lu",
    "lu_solve",
    "lu_unpack",
    "matrix_exp",
    "matrix_power",
    "orgqr",
    "ormqr",
    "pca_lowrank",
    "pinverse",
    "qr",
    "slogdet",
    "svd",
    "svd_lowrank",
]


def chain_matmul(*matrices: Tensor) -> Tensor:
    """As `linalg.multi_dot`."""
    return products.multi_dot(list(matrices))


@method
def cross(input: Tensor, other: Tensor, dim: int | None = None) -> Tensor:
    """The vector product along an axis of length 3: the first one, if `dim` is left out.

    Example:
        >>> import nn
        >>> nn.cross(nn.tensor([1.0, 0.0, 0.0]), nn.tensor([0.0, 1.0, 0.0]))
        tensor([0., 0., 1.])
    """
    if dim is None:
        dim = next((i for i, n in enumerate(checks.tensor(input, "cross").shape) if n == 3), -1)
    return products.cross(input, other, dim=dim)


@method
def logdet(input: Tensor) -> Tensor:
    """ln det x; -inf if it is 0, nan if it is negative.

    Example:
        >>> import nn
        >>> nn.logdet(nn.eye(2) * 2)
        tensor(1.3863)
    """
    sign, logabs = equations.slogdet(checks.floating(input, "logdet"))
    result: Tensor = arithmetic.where(sign < 0, float("nan"), logabs)
    return result


@method
def cholesky(input: Tensor, upper: bool = False) -> Tensor:
    """As `linalg.cholesky`."""
    return decompositions.cholesky(input, upper=upper)


@method
def cholesky_solve(input: Tensor, L: Tensor, upper: bool = False) -> Tensor:
    """The z with A z = input, A = L L^T (or L^T L, if upper).

    One triangle of L is read; its gradient is that of a full matrix, as in PyTorch.

    Example:
        >>> import nn
        >>> nn.cholesky_solve(nn.tensor([[8.0]]), nn.tensor([[2.0]]))
        tensor([[2.]])
    """
    n = checks.matrix(L, "cholesky_solve", square=True).shape[-1]
    if mode.quiet(_has_a_zero, L._array):  # then all is infinite or nan, as in PyTorch, instead of an error
        first = equations.solve_triangular(L.mT if upper else L, input, upper=False)
        return equations.solve_triangular(L if upper else L.mT, first, upper=True)
    other = ~np.tri(n, dtype=bool) if not upper else ~np.tri(n, dtype=bool).T
    factor = arithmetic.where(other, L - L.detach(), L)  # the other triangle is 0, but has a gradient
    first, second = (factor.mT, factor) if upper else (factor, factor.mT)
    return equations.solve(second, equations.solve(first, input))


def _has_a_zero(factors: np.ndarray) -> bool:
    return not np.diagonal(factors, axis1=-2, axis2=-1).all()


@method
def cholesky_inverse(input: Tensor, upper: bool = False) -> Tensor:
    """The inverse of A = L L^T (or L^T L, if upper), from L.

    Example:
        >>> import nn
        >>> nn.cholesky_inverse(nn.tensor([[2.0]]))
        tensor([[0.2500]])
    """
    n = checks.matrix(input, "cholesky_inverse", square=True).shape[-1]
    one = np.broadcast_to(np.eye(n, dtype=input.dtype), input.shape)
    return cholesky_solve(as_tensor(one.copy()), input, upper)


@method
def qr(input: Tensor, some: bool = True) -> Any:
    """As `linalg.qr`, reduced or (some=False) complete."""
    return decompositions.qr(input, "reduced" if some else "complete")


@method
def svd(input: Tensor, some: bool = True, compute_uv: bool = True) -> Any:
    """As `linalg.svd`, but with V in place of V^T, reduced unless some=False.

    Example:
        >>> import nn
        >>> [t.shape for t in nn.svd(nn.ones(3, 2))]
        [(3, 2), (2,), (2, 2)]
    """
    u, s, vh = decompositions.svd(input, full_matrices=not some)
    return decompositions.SVD(u, s, vh.mT) if compute_uv else decompositions.SVD(u * 0, s, vh.mT * 0)


@method
def lu_solve(input: Tensor, LU_data: Tensor, LU_pivots: Tensor) -> Tensor:
    """As `linalg.lu_solve`, the right side being first.

    Example:
        >>> import nn
        >>> factor = nn.linalg.lu_factor(nn.tensor([[2.0]]))
        >>> nn.lu_solve(nn.tensor([[8.0]]), *factor)
        tensor([[4.]])
    """
    return elimination.lu_solve(LU_data, LU_pivots, input)


def lu_unpack(LU_data: Tensor, LU_pivots: Tensor, unpack_data: bool = True, unpack_pivots: bool = True) -> Any:
    """The P, L and U of `linalg.lu`, from what `linalg.lu_factor` returned; what is not unpacked is empty.

    Example:
        >>> import nn
        >>> P, L, U = nn.lu_unpack(*nn.linalg.lu_factor(nn.tensor([[0.0, 2.0], [4.0, 0.0]])))
        >>> (P @ L @ U).tolist()
        [[0.0, 2.0], [4.0, 0.0]]
    """
    return elimination.unpacked(LU_data, LU_pivots, unpack_data, unpack_pivots)


class PackedLU(NamedTuple):
    """Both triangles in one matrix, and which row went where."""

    LU: Tensor
    pivots: Tensor


class PackedLUInfo(NamedTuple):
    """The same, and the number of the first zero on the diagonal of U, or 0."""

    LU: Tensor
    pivots: Tensor
    infos: Tensor


@method
def lu(input: Tensor, pivot: bool = True, get_infos: bool = False) -> Any:
    """As `linalg.lu_factor`, of singular matrices too, or with `get_infos` as `linalg.lu_factor_ex`.

    Example:
        >>> import nn
        >>> nn.lu(nn.tensor([[2.0, 1.0], [4.0, 0.0]])).LU.tolist()
        [[4.0, 0.0], [0.5, 1.0]]
    """
    packed, pivots, info = elimination.lu_factor_ex(input, pivot=pivot)
    return PackedLUInfo(packed, pivots, info) if get_infos else PackedLU(packed, pivots)


class Geqrf(NamedTuple):
    """Q and R packed: R above, the Householder vectors below the diagonal; the factors of the reflections."""

    a: Tensor
    tau: Tensor


@method
def geqrf(input: Tensor) -> Geqrf:
    """The QR decomposition as LAPACK keeps it: Q is `linalg.householder_product(a, tau)`, R the upper triangle of a.

    It has no gradient; `linalg.qr` has.

    Args:
        input: (..., m, n).

    Returns:
        a (..., m, n) and tau (..., min(m, n)) as a named tuple.

    Example:
        >>> import nn
        >>> a, tau = nn.geqrf(nn.tensor([[3.0], [4.0]]))
        >>> (nn.linalg.householder_product(a, tau) @ a.triu()[:1]).round(decimals=4).tolist()
        [[3.0], [4.0]]
    """
    packed, tau = np.linalg.qr(checks.matrix(input, "geqrf").detach().numpy(), mode="raw")
    return Geqrf(wrap(np.ascontiguousarray(packed.swapaxes(-1, -2))), wrap(tau))


orgqr = method(elimination.householder_product, "orgqr")


@method
def ormqr(input: Tensor, tau: Tensor, other: Tensor, left: bool = True, transpose: bool = False) -> Tensor:
    """Q @ other with the whole (m, m) Q of `geqrf`; other @ Q without `left`; Q^T for Q with `transpose`.

    Example:
        >>> import nn
        >>> A = nn.tensor([[3.0, 1.0], [4.0, 2.0]])
        >>> a, tau = nn.geqrf(A)
        >>> bool(nn.allclose(nn.ormqr(a, tau, A, transpose=True), a.triu(), atol=1e-6))
        True
    """
    m, n = checks.matrix(input, "ormqr").shape[-2:]
    square = wrap(np.zeros((*input.shape[:-2], m, m - n), input.dtype)) if m > n else None
    whole: Any = input if square is None else joining.cat([input, square], -1)
    q = elimination.householder_product(whole, tau)
    q = q.mT if transpose else q
    return q @ other if left else other @ q


det = method(equations.det)


slogdet = method(equations.slogdet)


inverse = equations.inv


method(inverse, "inverse")


pinverse = equations.pinv


method(pinverse, "pinverse")


matrix_power = method(products.matrix_power)


matrix_exp = method(products.matrix_exp)


def svd_lowrank(
    A: Tensor, q: int | None = 6, niter: int | None = 2, M: Tensor | None = None
) -> tuple[Tensor, Tensor, Tensor]:
    """The q greatest singular values of A - M, with their vectors: U diag(S) V^T is the nearest matrix of rank q.

    They are those of the whole decomposition, exact and without random numbers, so that `niter` has no effect.

    Shape:
        A (*, m, n) -> U (*, m, q), S (*, q), V (*, n, q)

    Example:
        >>> import nn
        >>> nn.svd_lowrank(nn.diag(nn.tensor([3.0, 2.0, 1.0])), q=2)[1]
        tensor([3., 2.])
    """
    U, S, Vh = decompositions.svd(A if M is None else A - M, full_matrices=False)
    return U[..., :q], S[..., :q], Vh.mT[..., :q]


def pca_lowrank(A: Tensor, q: int | None = None, center: bool = True, niter: int = 2) -> tuple[Tensor, Tensor, Tensor]:
    """`svd_lowrank` of rows around their mean: the columns of V are the principal directions.

    Args:
        A: one sample a row.
        q: how many directions; None for at most 6.
        center: whether the mean is subtracted.
        niter: has no effect.

    Example:
        >>> import nn
        >>> V = nn.pca_lowrank(nn.tensor([[0.0, 1.0], [2.0, 1.0], [4.0, 1.0]]), q=1)[2]
        >>> V.abs()
        tensor([[1.],
                [0.]])
    """
    q = min(6, *A.shape[-2:]) if q is None else q
    return svd_lowrank(A - A.mean(-2, keepdim=True) if center else A, q, niter)
