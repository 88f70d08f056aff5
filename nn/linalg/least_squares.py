"""Solve equations that have no exact solution, with the smallest sum of squares (`lstsq`)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import ShapeError
from nn.kernels import linalg as kernels
from nn.linalg.equations import pinv
from nn.ops import reduction
from nn.ops.shape import squeeze, unsqueeze
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["Lstsq", "lstsq"]


class Lstsq(NamedTuple):
    """What `lstsq` returns."""

    solution: Tensor
    residuals: Tensor
    rank: Tensor
    singular_values: Tensor


def lstsq(A: Tensor, B: Tensor, rcond: float | None = None, *, driver: str | None = None) -> Lstsq:
    """The X that makes |A X - B| smallest, and of these the smallest: (..., m, n), (..., m, k) -> (..., n, k).

    Args:
        A: the matrices.
        B: the right sides; vectors (..., m) where A has axes before its last two.
        rcond: singular values up to this share of the largest count as 0; None for max(m, n) eps.
        driver: PyTorch's name of a way to solve it, which says what is returned beside the solution: "gels" has no
            rank, "gelsy" no residuals, and neither has singular values; None, "gelsd" and "gelss" have all.

    Returns:
        solution; residuals, the sums of squares for each column (none unless m > n and the rank is n); rank; and the
        singular values.

    Example:
        >>> import nn
        >>> nn.linalg.lstsq(nn.ones(2, 1), nn.tensor([[1.0], [3.0]])).solution
        tensor([[2.0000]])
    """
    if driver is not None:
        checks.choice(driver, ("gels", "gelsy", "gelsd", "gelss"), "lstsq", "driver")
    m, n = checks.matrix(A, "lstsq").shape[-2:]
    if checks.floating(B, "lstsq", "B").ndim == A.ndim - 1 > 1 and B.shape == A.shape[:-1]:
        found = lstsq(A, unsqueeze(B, -1), rcond, driver=driver)
        residuals = squeeze(found.residuals, -1) if found.residuals.numel() else found.residuals
        return Lstsq(squeeze(found.solution, -1), residuals, *found[2:])
    if checks.floating(B, "lstsq", "B").ndim < 2 or B.shape[-2] != m:
        raise ShapeError(f"lstsq: B must have {m} rows for A of shape {A.shape}, got {B.shape}")
    solution = pinv(A, rcond) @ B
    values = mode.quiet(kernels.singular_values, A._array)
    rank = mode.quiet(kernels.rank, values, A._array, atol=None, rtol=rcond)
    full = m > n and bool((rank == n).all())
    error = A @ solution - B
    residuals = reduction.sum(error * error, dim=-2) if full else wrap(np.zeros(0, A.dtype))
    nothing = wrap(np.zeros(0, A.dtype))
    return Lstsq(
        solution,
        nothing if driver == "gelsy" else residuals,
        wrap(np.zeros(0, np.int64) if driver == "gels" else rank),
        nothing if driver in ("gels", "gelsy") else wrap(values),
    )
