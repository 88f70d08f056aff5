"""Write a matrix as a product of simpler ones: `cholesky`, `qr`, `eigh`, `svd`."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import GradError
from nn.kernels.linalg import converged
from nn.ops import linalg as ops
from nn.ops import shape
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["QR", "SVD", "Eigh", "cholesky", "eigh", "eigvalsh", "qr", "svd", "svdvals"]


class Eigh(NamedTuple):
    """What `eigh` returns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class QR(NamedTuple):
    """What `qr` returns."""

    Q: Tensor
    R: Tensor


class SVD(NamedTuple):
    """What `svd` returns."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def _triangle(A: Tensor, name: str) -> str | None:
    """The triangle to read, of a matrix that is not symmetric; None for one that is."""
    return None if mode.quiet(_is_symmetric, A._array) else name


def _is_symmetric(x: np.ndarray) -> bool:
    return np.allclose(x, np.swapaxes(x, -1, -2), rtol=1e-5, atol=1e-8, equal_nan=True)


def cholesky(A: Tensor, *, upper: bool = False) -> Tensor:
    """The lower triangular L with L L^T = A, or the upper triangular one with L^T L = A, of symmetric matrices A.

    Of a matrix that is not symmetric only that triangle is read; the gradient is symmetric in any case.

    Raises:
        LinAlgError: A is not positive definite.

    Example:
        >>> import nn
        >>> nn.linalg.cholesky(nn.tensor([[4.0, 2.0], [2.0, 2.0]])).tolist()
        [[2.0, 0.0], [1.0, 1.0]]
    """
    triangle = _triangle(checks.matrix(A, "cholesky", square=True), "U" if upper else "L")
    lower = ops.cholesky(A, triangle=triangle)
    return shape.transpose(lower) if upper else lower


def eigh(A: Tensor, UPLO: str = "L") -> Eigh:
    """Eigenvalues, ascending, and orthonormal eigenvectors (as columns) of symmetric matrices: A = V diag(w) V^T.

    The gradient by the vectors is finite where the eigenvalues differ, and nan where some are equal.

    Args:
        A: (..., n, n).
        UPLO: the triangle that is read if A is not symmetric, "L" or "U". The gradient is symmetric in any case.

    Example:
        >>> import nn
        >>> nn.linalg.eigh(nn.tensor([[0.0, 1.0], [1.0, 0.0]])).eigenvalues
        tensor([-1.,  1.])
    """
    checks.choice(UPLO.upper(), ("L", "U"), "eigh", "UPLO")
    checks.matrix(A, "eigh", square=True)
    values, vectors = ops.symmetric(A, _triangle(A, UPLO.upper()))
    return Eigh(shape.in_rows(shape.squeeze(values, -2)), vectors)


def eigvalsh(A: Tensor, UPLO: str = "L") -> Tensor:
    """The eigenvalues alone, see `eigh`.

    Example:
        >>> import nn
        >>> nn.linalg.eigvalsh(nn.eye(2) * 3)
        tensor([3., 3.])
    """
    return eigh(A, UPLO).eigenvalues


def svd(A: Tensor, full_matrices: bool = True) -> SVD:
    """Singular values, descending, and their vectors: A = U diag(S) Vh.

    The gradient by the vectors is finite where the singular values differ and none is 0, and nan where some are equal,
    as of a matrix of zeros; that by the values is finite in any case.

    Args:
        A: (..., m, n).
        full_matrices: U as (..., m, m) and Vh as (..., n, n), else (..., m, k) and (..., k, n) with k = min(m, n).

    Raises:
        GradError: full_matrices of a matrix that is not square and requires gradients: the further vectors have none.

    Example:
        >>> import nn
        >>> nn.linalg.svd(nn.tensor([[3.0, 0.0], [0.0, -4.0]])).S
        tensor([4., 3.])
    """
    m, n = checks.matrix(A, "svd").shape[-2:]
    if full_matrices and m != n:
        if A.requires_grad:
            raise GradError(
                f"svd: of A {A.shape} the vectors beyond the first {min(m, n)} have no gradient; use "
                "full_matrices=False, or svdvals"
            )
        return SVD(*(wrap(part) for part in converged("svd", np.linalg.svd, A._array)))
    u, s, v = ops.singular(A)
    return SVD(u, shape.in_rows(shape.squeeze(s, -2)), shape.transpose(v))


def svdvals(A: Tensor) -> Tensor:
    """The singular values alone, see `svd`.

    Example:
        >>> import nn
        >>> nn.linalg.svdvals(nn.tensor([[3.0, 0.0], [0.0, -4.0]]))
        tensor([4., 3.])
    """
    return svd(A, full_matrices=False).S


def qr(A: Tensor, mode: str = "reduced") -> QR:
    """A = Q R with orthonormal columns Q and an upper triangular R.

    Args:
        A: (..., m, n).
        mode: "reduced", Q (..., m, k) and R (..., k, n) with k = min(m, n); "complete", Q (..., m, m); "r", R alone.

    Raises:
        GradError: mode "complete" for more rows than columns, where the further columns of Q have no gradient.

    Example:
        >>> import nn
        >>> [t.shape for t in nn.linalg.qr(nn.ones(3, 2))]
        [(3, 2), (2, 2)]
    """
    checks.choice(mode, ("reduced", "complete", "r"), "qr", "mode")
    m, n = checks.matrix(A, "qr").shape[-2:]
    if mode == "complete" and m > n:
        if A.requires_grad:
            raise GradError(
                f"qr: of A {A.shape} the columns of Q beyond the first {n} have no gradient; use mode='reduced'"
            )
        return QR(*(wrap(part) for part in np.linalg.qr(A._array, mode="complete")))
    square = A if m >= n else shape.narrow(A, dim=-1, start=0, length=m)
    q, r = ops.rows(ops.qr(square), m, min(m, n))
    if m < n:
        rest = shape.transpose(q) @ shape.narrow(A, dim=-1, start=m, length=n - m)
        r = shape.cat([r, rest], -1)
    return QR(wrap(np.zeros(0, A.dtype)) if mode == "r" else q, r)
