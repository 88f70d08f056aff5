"""Reductions."""

from __future__ import annotations

from typing import Any, NamedTuple

from nn.autograd.tape import wrap
from nn.functional import checks
from nn.ops import reduction as ops
from nn.tensor import Tensor, as_dim, as_shape, axes_method, method

__all__ = [
    "all",
    "amax",
    "amin",
    "any",
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


class ValuesIndices(NamedTuple):
    """What `max(dim)` and `min(dim)` return."""

    values: Tensor
    indices: Tensor


@method
def sum(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The sum over `dim` (an axis, several, or None for all).

    Example:
        >>> import nn
        >>> nn.sum(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
        tensor([4., 6.])
    """
    return ops.sum(checks.tensor(input, "sum"), dim=as_dim(dim), keepdim=keepdim)


@method
def mean(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The mean over `dim`.

    Example:
        >>> import nn
        >>> nn.mean(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(2.5000)
    """
    return ops.mean(checks.floating(input, "mean"), dim=as_dim(dim), keepdim=keepdim)


@method
def var(input: Tensor, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Tensor:
    """The variance over `dim`: squares about the mean, over count - `correction`.

    Example:
        >>> import nn
        >>> nn.var(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(1.6667)
    """
    return ops.var(checks.floating(input, "var"), as_dim(dim), correction, keepdim)


@method
def std(input: Tensor, dim: Dim = None, correction: float = 1, keepdim: bool = False) -> Tensor:
    """The standard deviation over `dim`, the square root of `var`.

    Example:
        >>> import nn
        >>> nn.std(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(1.2910)
    """
    return ops.std(checks.floating(input, "std"), as_dim(dim), correction, keepdim)


@method
def amax(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The largest value over `dim`; a tie shares the gradient evenly.

    Example:
        >>> import nn
        >>> nn.amax(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        tensor([2., 4.])
    """
    return ops.amax(checks.tensor(input, "amax"), dim=as_dim(dim), keepdim=keepdim)


@method
def amin(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The smallest value over `dim`; a tie shares the gradient evenly.

    Example:
        >>> import nn
        >>> nn.amin(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        tensor([1., 3.])
    """
    return ops.amin(checks.tensor(input, "amin"), dim=as_dim(dim), keepdim=keepdim)


@method
def max(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The largest value; with `dim` a named tuple (values, indices), the first at a tie getting the gradient.

    Example:
        >>> import nn
        >>> nn.max(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        ValuesIndices(values=tensor([2., 4.]), indices=tensor([1, 1]))
    """
    return _extreme(checks.tensor(input, "max"), ops.amax, ops.argmax, dim, keepdim)


@method
def min(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The smallest value; with `dim` a named tuple (values, indices), the first at a tie getting the gradient.

    Example:
        >>> import nn
        >>> nn.min(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        ValuesIndices(values=tensor([1., 3.]), indices=tensor([0, 0]))
    """
    return _extreme(checks.tensor(input, "min"), ops.amin, ops.argmin, dim, keepdim)


@method
def argmax(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the largest value, the first at a tie.

    Example:
        >>> import nn
        >>> nn.argmax(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(3)
    """
    return ops.argmax(checks.tensor(input, "argmax"), dim=dim, keepdim=keepdim)


@method
def argmin(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Tensor:
    """The index of the smallest value, the first at a tie.

    Example:
        >>> import nn
        >>> nn.argmin(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(0)
    """
    return ops.argmin(checks.tensor(input, "argmin"), dim=dim, keepdim=keepdim)


@method
def logsumexp(input: Tensor, dim: Dim, keepdim: bool = False) -> Tensor:
    """ln(sum of e^x over `dim`), shifted by the largest x so that it does not overflow.

    Example:
        >>> import nn
        >>> nn.logsumexp(nn.tensor([100.0, 100.0]), dim=0)
        tensor(100.6931)
    """
    return ops.logsumexp(checks.floating(input, "logsumexp"), as_dim(dim), keepdim)


@method
def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether any element is not 0.

    Example:
        >>> import nn
        >>> nn.any(nn.tensor([[0.0, 2.0], [0.0, 0.0]]), dim=1)
        tensor([ True, False])
    """
    return wrap(checks.tensor(input, "any")._array.any(axis=as_dim(dim), keepdims=keepdim))


@method
def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether every element is not 0.

    Example:
        >>> import nn
        >>> nn.all(nn.tensor([1.0, 2.0]))
        tensor(True)
    """
    return wrap(checks.tensor(input, "all")._array.all(axis=as_dim(dim), keepdims=keepdim))


@axes_method
def sum_to_size(input: Tensor, size: Any) -> Tensor:
    """The sum over the axes that broadcasting from `size` would stretch.

    Example:
        >>> import nn
        >>> nn.ones(2, 3).sum_to_size(1, 3)
        tensor([[2., 2., 2.]])
    """
    return ops.sum_to_size(checks.tensor(input, "sum_to_size"), size=as_shape((size,)))


def _extreme(input: Tensor, of_all: Any, index_of: Any, dim: int | None, keepdim: bool) -> Any:
    return of_all(input) if dim is None else ValuesIndices(*ops.extreme(input, index_of, dim, keepdim))
