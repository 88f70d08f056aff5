"""Reductions."""

from __future__ import annotations

from typing import Any

from nn.functional import checks
from nn.tensor import Tensor

__all__ = [
    "amax",
    "amin",
    "argmax",
    "argmin",
    "logsumexp",
    "max",
    "mean",
    "min",
    "std",
    "sum",
    "var",
]

Dim = int | tuple[int, ...] | None


def sum(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The sum over `dim` (an axis, several, or None for all).

    Example:
        >>> import nn
        >>> nn.sum(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
        tensor([4., 6.])
    """
    return checks.tensor(input, "sum").sum(dim, keepdim)


def mean(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The mean over `dim`.

    Example:
        >>> import nn
        >>> nn.mean(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(2.5000)
    """
    return checks.tensor(input, "mean").mean(dim, keepdim)


def var(input: Tensor, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Tensor:
    """The variance over `dim`: squares about the mean, over count - `correction`.

    Example:
        >>> import nn
        >>> nn.var(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(1.6667)
    """
    return checks.tensor(input, "var").var(dim, correction, keepdim)


def std(input: Tensor, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Tensor:
    """The standard deviation over `dim`, the square root of `var`.

    Example:
        >>> import nn
        >>> nn.std(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(1.2910)
    """
    return checks.tensor(input, "std").std(dim, correction, keepdim)


def amax(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The largest value over `dim`; a tie shares the gradient evenly.

    Example:
        >>> import nn
        >>> nn.amax(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        tensor([2., 4.])
    """
    return checks.tensor(input, "amax").amax(dim, keepdim)


def amin(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The smallest value over `dim`; a tie shares the gradient evenly.

    Example:
        >>> import nn
        >>> nn.amin(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        tensor([1., 3.])
    """
    return checks.tensor(input, "amin").amin(dim, keepdim)


def max(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The largest value; with `dim` a named tuple (values, indices), the first at a tie getting the gradient.

    Example:
        >>> import nn
        >>> nn.max(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        ValuesIndices(values=tensor([2., 4.]), indices=tensor([1, 1]))
    """
    return checks.tensor(input, "max").max(dim, keepdim)


def min(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smallest value; with `dim` a named tuple (values, indices), the first at a tie getting the gradient.

    Example:
        >>> import nn
        >>> nn.min(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        ValuesIndices(values=tensor([1., 3.]), indices=tensor([0, 0]))
    """
    return checks.tensor(input, "min").min(dim, keepdim)


def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the largest value, the first at a tie.

    Example:
        >>> import nn
        >>> nn.argmax(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(3)
    """
    return checks.tensor(input, "argmax").argmax(dim, keepdim)


def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the smallest value, the first at a tie.

    Example:
        >>> import nn
        >>> nn.argmin(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(0)
    """
    return checks.tensor(input, "argmin").argmin(dim, keepdim)


def logsumexp(input: Tensor, dim: Dim, keepdim: bool = False) -> Tensor:
    """ln(sum of e^x over `dim`), shifted by the largest x so that it does not overflow.

    Example:
        >>> import nn
        >>> nn.logsumexp(nn.tensor([100.0, 100.0]), dim=0)
        tensor(100.6931)
    """
    return checks.floating(input, "logsumexp").logsumexp(dim, keepdim)
