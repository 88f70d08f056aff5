"""Eigenvalues of matrices that need not be symmetric, where they are real."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import GradError, LinAlgError
from nn.kernels.linalg import converged
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["eig", "eigvals"]


class Eig(NamedTuple):
    """What `eig` returns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


def eig(A: Tensor) -> Eig:
    """Eigenvalues, in no order, and eigenvectors of length 1 (as columns) of square matrices: A V = V diag(w).

    PyTorch returns complex numbers, which there are none of here: both are real, or there is an error.

    Args:
        A: (..., n, n), which needs no gradient; `eigh`, for symmetric matrices, has one.

    Raises:
        LinAlgError: an eigenvalue is not real.
        GradError: A requires a gradient.

    Example:
        >>> import nn
        >>> nn.linalg.eig(nn.tensor([[2.0, 1.0], [0.0, 3.0]])).eigenvalues
        tensor([2., 3.])
    """
    checks.matrix(A, "eig", square=True)
    if mode.grad and A.requires_grad:
        raise GradError("eig: its gradient is left out; use eigh for a symmetric matrix, or A.detach()")
    values, vectors = converged("eig", np.linalg.eig, A._array)
    if np.iscomplexobj(values):
        found = values[values.imag != 0][0]
        raise LinAlgError(f"eig: eigenvalues must be real, since there are no complex numbers here, got {found:.4g}")
    return Eig(wrap(values), wrap(vectors))


def eigvals(A: Tensor) -> Tensor:
    """The eigenvalues alone, see `eig`.

    Example:
        >>> import nn
        >>> nn.linalg.eigvals(nn.tensor([[2.0, 1.0], [0.0, 3.0]]))
        tensor([2., 3.])
    """
    return eig(A).eigenvalues
