"""Solve equations that have no exact solution, with the smallest sum of squares (`lstsq`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nn.autograd.tape import wrap
from nn.errors import ShapeError
from nn.linalg.decompositions import svdvals
from nn.linalg.equations import pinv
from nn.linalg.norms import matrix_rank
from nn.ops import reduction
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["Lstsq", "lstsq"]


class Lstsq(NamedTuple):
    """What `lstsq` returns."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor


def lstsq(A: Tensor, B: Tensor, rcond: float | None = None) -> Lstsq:
    """The X that makes |A X - B| smallest, and of these the smallest: (..., m, n), (..., m, k) -> (..., n, k).

    Returns:
        solution; residuals, the sums of squares for each column (none unless m > n and the rank is n); rank; and the
        singular values.

    Example:
        >>> import nn
        >>> nn.linalg.lstsq(nn.ones(2, 1), nn.tensor([[1.0], [3.0]])).solution
        tensor([[2.0000]])
    """
    m, n = checks.matrix(A, "lstsq").shape[-2:]
    if checks.floating(B, "lstsq", "B").ndim < 2 or B.shape[-2] != m:
        raise ShapeError(f"lstsq: B must have {m} rows for A of shape {A.shape}, got {B.shape}")
    solution = pinv(A, rcond) @ B
    rank = matrix_rank(A, rtol=rcond)
    full = m > n and bool((rank._array == n).all())
    error = A @ solution - B
    residuals = reduction.sum(error * error, dim=-2) if full else wrap(np.zeros(0, A.dtype))
    return Lstsq(solution, residuals, rank, svdvals(A.detach()))
