"""Reduce axes to one number each: sums and means, products, norms, extremes and their places, truth."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from nn import settings
from nn.autograd.mode import mode
from nn.autograd.tape import Array, wrap
from nn.errors import RangeError, ShapeError
from nn.kernels.reduction import refuse_nothing
from nn.ops import arithmetic
from nn.ops import reduction as ops
from nn.ops.linalg import rows, svd
from nn.ops.precision import in_single
from nn.ops.shape import axis, in_rows, permute, reshape
from nn.tensors import checks
from nn.tensors.arguments import as_dim, as_shape
from nn.tensors.methods import axes_method, method
from nn.tensors.tensor import Tensor

__all__ = [
    "all",
    "amax",
    "amin",
    "aminmax",
    "any",
    "argmax",
    "argmin",
    "count_nonzero",
    "dist",
    "logsumexp",
    "max",
    "mean",
    "min",
    "nanmean",
    "nansum",
    "norm",
    "prod",
    "sum",
]

Dim = int | tuple[int, ...] | None


class ValuesIndices(NamedTuple):
    """What `max(dim)` and `min(dim)` return."""

    values: Tensor
    indices: Tensor

    def __repr__(self) -> str:
        if settings.printing["library"]:
            name = f"{settings.printing['library']}return_types.{type(self).__name__}"
            return f"{name}(\nvalues={self.values!r},\nindices={self.indices!r})"
        return f"ValuesIndices(values={self.values!r}, indices={self.indices!r})"

    def __reduce__(self) -> Any:
        return _restored, (type(self).__name__, *self)  # the classes of functions cannot be imported by name


@functools.cache
def values_indices(caller: str) -> type[ValuesIndices]:
    """The class of what a function returns, which has the function's name."""
    return type(caller, (ValuesIndices,), {"__slots__": ()})


def _restored(name: str, values: Tensor, indices: Tensor) -> ValuesIndices:
    return values_indices(name)(values, indices)


class MinMax(NamedTuple):
    """What `aminmax` returns."""

    min: Tensor
    max: Tensor


def dims(dim: Any) -> Dim:
    """A list of axes as a tuple; none at all means all, as in PyTorch."""
    if dim is None or dim.__class__ is int:
        return dim
    several = None if isinstance(dim, tuple | list) and not dim else as_dim(dim)
    if isinstance(several, tuple) and len(several) == 1:  # which a tensor without axes takes too, as 0 or -1
        return several[0]
    return several


def _cast(input: Tensor, dtype: DTypeLike | None, caller: str) -> Tensor:
    return checks.tensor(input, caller) if dtype is None else checks.tensor(input, caller).to(dtype)


def _in(dtype: DTypeLike | None, result: Tensor) -> Tensor:
    """The result in `dtype`: small integers are added up in int64 otherwise."""
    return result if dtype is None else result.to(dtype)


@method
def sum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DTypeLike | None = None) -> Tensor:
    """The sum over `dim` (an axis, several, or None for all), computed in `dtype`; integers make int64.

    Example:
        >>> import nn
        >>> nn.sum(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=0)
        tensor([4., 6.])
    """
    return _in(dtype, ops.sum(_cast(input, dtype, "sum"), dim=dims(dim), keepdim=keepdim))


@method
def nansum(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DTypeLike | None = None) -> Tensor:
    """The sum over `dim` of all that is not nan.

    Example:
        >>> import nn
        >>> nn.nansum(nn.tensor([1.0, float('nan'), 2.0]))
        tensor(3.)
    """
    return _in(dtype, ops.nansum(_cast(input, dtype, "nansum"), dim=dims(dim), keepdim=keepdim))


@method
def mean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DTypeLike | None = None) -> Tensor:
    """The mean over `dim`, computed in `dtype`.

    Example:
        >>> import nn
        >>> nn.mean(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(2.5000)
    """
    return ops.mean(checks.floating(_cast(input, dtype, "mean"), "mean"), dim=dims(dim), keepdim=keepdim)


@method
@in_single
def nanmean(input: Tensor, dim: Dim = None, keepdim: bool = False, *, dtype: DTypeLike | None = None) -> Tensor:
    """The mean over `dim` of all that is not nan.

    Example:
        >>> import nn
        >>> nn.nanmean(nn.tensor([1.0, float('nan'), 2.0]))
        tensor(1.5000)
    """
    x = checks.floating(_cast(input, dtype, "nanmean"), "nanmean")
    there = arithmetic.cast(arithmetic.logical_not(arithmetic.isnan(x.detach())), dtype=x.dtype)
    return nansum(x, dim, keepdim) / ops.sum(there, dim=dims(dim), keepdim=keepdim)


@method
def prod(input: Tensor, dim: int | None = None, keepdim: bool = False, *, dtype: DTypeLike | None = None) -> Tensor:
    """The product over an axis, or of all; its gradient is right where elements are 0, too.

    Example:
        >>> import nn
        >>> nn.prod(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        tensor([ 2., 12.])
    """
    x = _cast(input, dtype, "prod")
    if dim is not None and not x.ndim:
        dim = axis(dim, 0, "prod") or None
    return _in(dtype, ops.prod(x, dim=dim, keepdim=keepdim))


@method
def norm(
    input: Tensor,
    p: float | str | None = "fro",
    dim: Dim = None,
    keepdim: bool = False,
    dtype: DTypeLike | None = None,
) -> Tensor:
    """(sum of |x|^p over `dim`)^(1/p), the Euclidean length by default; its gradient at 0 is 0.

    Args:
        input: x.
        p: a number; inf and -inf for the largest and the smallest |x|, 0 for the count of all but 0; "fro" is 2; "nuc"
            the sum of the singular values of matrices.
        dim: an axis, several, or None for all.
        keepdim: leave axes of length 1.
        dtype: the element type to compute in.

    Example:
        >>> import nn
        >>> nn.norm(nn.tensor([3.0, 4.0])), nn.norm(nn.tensor([3.0, -4.0]), float('inf'))
        (tensor(5.), tensor(4.))
    """
    x = checks.floating(_cast(input, dtype, "norm"), "norm")
    if p == "nuc":
        return _nuclear(x, dims(dim), keepdim)
    if isinstance(p, str) and p != "fro":
        raise RangeError(f"norm: p must be a number, 'fro' or 'nuc', got {p!r}; for matrices there is nn.linalg")
    return ops.norm(x, 2 if p is None or isinstance(p, str) else p, dims(dim), keepdim)


def _nuclear(x: Tensor, dim: Dim, keepdim: bool) -> Tensor:
    axes = tuple(range(x.ndim)) if dim is None else (dim,) if isinstance(dim, int) else dim
    if len(axes) != 2:
        count = f"{len(axes)} axis" if len(axes) == 1 else f"{len(axes)} axes"
        raise ShapeError(f"norm: the nuclear norm is that of matrices, over two axes, got {count}; name two in dim")
    last = tuple(axis(d, x.ndim, "norm") for d in axes)
    matrices = permute(x, dims=(*(i for i in range(x.ndim) if i not in last), *last))
    m, n = matrices.shape[-2:]
    result = ops.sum(rows(svd(matrices), m, 1, n)[1], dim=(-2, -1))
    if keepdim:
        result = reshape(result, shape=ops.kept(x.shape, last))
    return result


@method
def dist(input: Tensor, other: Tensor, p: float = 2) -> Tensor:
    """The p-norm of x - y.

    Example:
        >>> import nn
        >>> nn.dist(nn.tensor([1.0, 2.0]), nn.tensor([4.0, 6.0]))
        tensor(5.)
    """
    return norm(checks.tensor(input, "dist") - checks.tensor(other, "dist", "other"), p)


@method
def amax(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The largest value over `dim`; a tie shares the gradient evenly.

    Example:
        >>> import nn
        >>> nn.amax(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        tensor([2., 4.])
    """
    return ops.amax(checks.tensor(input, "amax"), dim=dims(dim), keepdim=keepdim)


@method
def amin(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """The smallest value over `dim`; a tie shares the gradient evenly.

    Example:
        >>> import nn
        >>> nn.amin(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        tensor([1., 3.])
    """
    return ops.amin(checks.tensor(input, "amin"), dim=dims(dim), keepdim=keepdim)


@method
def max(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The largest value; with `dim` a named tuple (values, indices), the first at a tie getting the gradient.

    With a tensor in place of `dim`, the larger of each pair: `maximum`.

    Example:
        >>> import nn
        >>> nn.max(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        ValuesIndices(values=tensor([2., 4.]), indices=tensor([1, 1]))
    """
    if isinstance(dim, Tensor):
        return arithmetic.maximum(checks.tensor(input, "max"), dim)
    return _extreme(checks.tensor(input, "max"), "max", ops.amax, ops.argmax, dim, keepdim)


@method
def min(input: Tensor, dim: Any = None, keepdim: bool = False) -> Any:
    """The smallest value; with `dim` a named tuple (values, indices), the first at a tie getting the gradient.

    With a tensor in place of `dim`, the smaller of each pair: `minimum`.

    Example:
        >>> import nn
        >>> nn.min(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), dim=1)
        ValuesIndices(values=tensor([1., 3.]), indices=tensor([0, 0]))
    """
    if isinstance(dim, Tensor):
        return arithmetic.minimum(checks.tensor(input, "min"), dim)
    return _extreme(checks.tensor(input, "min"), "min", ops.amin, ops.argmin, dim, keepdim)


@method
def aminmax(input: Tensor, *, dim: int | None = None, keepdim: bool = False) -> MinMax:
    """The smallest and the largest value, of all or over an axis; ties share the gradient evenly.

    Example:
        >>> import nn
        >>> nn.aminmax(nn.tensor([1.0, 3.0, 2.0]))
        MinMax(min=tensor(1.), max=tensor(3.))
    """
    x = checks.tensor(input, "aminmax")
    refuse_nothing(x._array, dim, "aminmax")
    return MinMax(*(op(x, dim=dim, keepdim=keepdim) for op in (ops.amin, ops.amax)))


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
    """ln(sum of e^x over `dim`), shifted by the largest x so that it does not overflow; integers become float32.

    Example:
        >>> import nn
        >>> nn.logsumexp(nn.tensor([100.0, 100.0]), dim=0)
        tensor(100.6931)
    """
    x = checks.tensor(input, "logsumexp")
    return ops.logsumexp(x if x.dtype.kind == "f" else x.to(settings.default_dtype), dims(dim), keepdim)


@method
def any(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether any element is not 0; of uint8 as uint8. An empty `dim` asks it of each element.

    Example:
        >>> import nn
        >>> nn.any(nn.tensor([[0.0, 2.0], [0.0, 0.0]]), dim=1)
        tensor([ True, False])
    """
    return _truth(np.any, input, dim, keepdim, "any")


@method
def all(input: Tensor, dim: Dim = None, keepdim: bool = False) -> Tensor:
    """Whether every element is not 0; of uint8 as uint8. An empty `dim` asks it of each element.

    Example:
        >>> import nn
        >>> nn.all(nn.tensor([1.0, 2.0]))
        tensor(True)
    """
    return _truth(np.all, input, dim, keepdim, "all")


@method
def count_nonzero(input: Tensor, dim: Dim = None) -> Tensor:
    """How many elements are not 0.

    Example:
        >>> import nn
        >>> nn.count_nonzero(nn.tensor([[0, 2], [0, 0]]), dim=1)
        tensor([1, 0])
    """
    return ops.sum(checks.tensor(input, "count_nonzero") != 0, dim=dims(dim))


@axes_method
def sum_to_size(input: Tensor, size: Any) -> Tensor:
    """The sum over the axes that broadcasting from `size` would stretch.

    Example:
        >>> import nn
        >>> nn.ones(2, 3).sum_to_size(1, 3)
        tensor([[2., 2., 2.]])
    """
    return ops.sum_to_size(checks.tensor(input, "sum_to_size"), size=as_shape((size,)))


def _truth(function: Any, input: Tensor, dim: Dim, keepdim: bool, caller: str) -> Tensor:
    x = checks.tensor(input, caller)._array
    if isinstance(dim, tuple | list) and not dim:  # for these, as in PyTorch, no axes are none and not all
        found = wrap(mode.quiet(np.not_equal, x, 0))
    else:
        found = in_rows(wrap(mode.quiet(function, x, axis=dims(dim), keepdims=keepdim)))
    return arithmetic.cast(found, dtype=np.uint8) if x.dtype == np.uint8 else found


def _extreme(input: Tensor, caller: str, of_all: Any, index_of: Any, dim: int | None, keepdim: bool) -> Any:
    if not input._array.size:
        refuse_nothing(input._array, dim, caller)
    if dim is not None:
        return values_indices(caller)(*ops.extreme(input, index_of, dim, keepdim))
    value = of_all(input)
    return ops.evenly(input, value.detach()) if mode.quiet(_is_nan, value._array) else value


def _is_nan(number: Array) -> bool:
    """Of an array without axes."""
    value = number.item()
    return bool(value != value)
