"""Spectra in another order, with the names of `torch.fft` that have a meaning for real numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.ops.shape import axis
from nn.tensors import checks
from nn.tensors.arguments import as_dim
from nn.tensors.rearrangement import roll
from nn.tensors.tensor import Tensor, as_tensor

__all__ = ["fftfreq", "fftshift", "ifftshift", "rfftfreq"]


def _axes(input: Tensor, dim: Any, caller: str) -> tuple[int, ...]:
    rank = checks.tensor(input, caller).ndim
    dim = as_dim(dim)
    dims = range(rank) if dim is None else (dim,) if isinstance(dim, int) else dim
    return tuple(axis(d, rank, caller) for d in dims)


def fftshift(input: Tensor, dim: Any = None) -> Tensor:
    """The second half of each axis before the first: the frequency 0 moves to the middle.

    Args:
        input: x.
        dim: an axis, or several; None for all.

    Example:
        >>> import nn
        >>> nn.fft.fftshift(nn.tensor([0, 1, 2, -2, -1]))
        tensor([-2, -1,  0,  1,  2])
    """
    dims = _axes(input, dim, "fftshift")
    return roll(input, tuple(input.shape[d] // 2 for d in dims), dims) if dims else input


def ifftshift(input: Tensor, dim: Any = None) -> Tensor:
    """What `fftshift` has moved, moved back.

    Args:
        input: x.
        dim: an axis, or several; None for all.

    Example:
        >>> import nn
        >>> nn.fft.ifftshift(nn.tensor([-2, -1, 0, 1, 2]))
        tensor([ 0,  1,  2, -2, -1])
    """
    dims = _axes(input, dim, "ifftshift")
    return roll(input, tuple(-(input.shape[d] // 2) for d in dims), dims) if dims else input


def fftfreq(n: int, d: float = 1.0) -> Tensor:
    """The frequencies of a transform of n samples d apart, in cycles per unit of d.

    Example:
        >>> import nn
        >>> nn.fft.fftfreq(4)
        tensor([ 0.0000,  0.2500, -0.5000, -0.2500])
    """
    return as_tensor(np.fft.fftfreq(n, d).astype(np.float32))


def rfftfreq(n: int, d: float = 1.0) -> Tensor:
    """The frequencies that are not negative; the last one is of both signs.

    Example:
        >>> import nn
        >>> nn.fft.rfftfreq(4)
        tensor([0.0000, 0.2500, 0.5000])
    """
    return as_tensor(np.fft.rfftfreq(n, d).astype(np.float32))


def __dir__() -> list[str]:
    return sorted(__all__)
