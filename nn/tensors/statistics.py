"""Statistics along axes: variance and deviation, and what the order tells: median, mode and quantiles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.errors import DtypeError, OutOfBoundsError, RangeError
from nn.kernels.layout import row_major
from nn.kernels.sorting import argsort
from nn.ops import arithmetic, indexing, shape
from nn.ops import reduction as ops
from nn.tensors import checks
from nn.tensors.arithmetic import lerp
from nn.tensors.methods import method
from nn.tensors.reduction import ValuesIndices, dims, values_indices
from nn.tensors.tensor import Tensor

__all__ = ["median", "mode", "nanmedian", "nanquantile", "quantile", "std", "std_mean", "var", "var_mean"]

Dim = int | tuple[int, ...] | None


# -- the second moment ------------------------------------------------------------------------------------------------
def _spread(function: Any, input: Tensor, dim: Any, unbiased: Any, keepdim: bool, correction: Any, caller: str) -> Any:
    """var or std; PyTorch's older form has `unbiased` for the correction, even in the place of `dim`."""
    if isinstance(dim, bool):
        dim, unbiased = None, dim
    if correction is None:
        correction = 1 if unbiased is None else int(unbiased)
    elif isinstance(correction, np.generic | Tensor):
        correction = correction.item()
    return function(checks.floating(input, caller), dim=dims(dim), correction=correction, keepdim=keepdim)


@method
def var(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The variance over `dim`: squares about the mean, over count - `correction`, which is 1 by default.

    Example:
        >>> import nn
        >>> nn.var(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(1.6667)
    """
    return _spread(ops.var, input, dim, unbiased, keepdim, correction, "var")


@method
def std(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> Tensor:
    """The standard deviation over `dim`, the square root of `var`; its gradient is 0 where all are equal.

    Example:
        >>> import nn
        >>> nn.std(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(1.2910)
    """
    return _spread(ops.std, input, dim, unbiased, keepdim, correction, "std")


def var_mean(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """The variance and the mean over `dim`.

    Example:
        >>> import nn
        >>> nn.var_mean(nn.tensor([1.0, 2.0, 3.0]))
        (tensor(1.), tensor(2.))
    """
    variance = _spread(ops.var, input, dim, unbiased, keepdim, correction, "var_mean")
    return variance, ops.mean(input, dim=None if isinstance(dim, bool) else dims(dim), keepdim=keepdim)


def std_mean(
    input: Tensor,
    dim: Dim = None,
    unbiased: bool | None = None,
    keepdim: bool = False,
    *,
    correction: float | None = None,
) -> tuple[Tensor, Tensor]:
    """The standard deviation and the mean over `dim`.

    Example:
        >>> import nn
        >>> nn.std_mean(nn.tensor([1.0, 2.0, 3.0]))
        (tensor(1.), tensor(2.))
    """
    deviation = _spread(ops.std, input, dim, unbiased, keepdim, correction, "std_mean")
    return deviation, ops.mean(input, dim=None if isinstance(dim, bool) else dims(dim), keepdim=keepdim)


# -- order ------------------------------------------------------------------------------------------------------------
def _line(x: Tensor, dim: int, caller: str) -> tuple[Tensor, int]:
    """The tensor with one axis at least, and an axis that has elements."""
    dim = shape.axis(dim, x.ndim, caller)
    x = x if x.ndim else shape.reshape(x, shape=(1,))
    if not x.shape[dim]:
        raise OutOfBoundsError(f"{caller}: axis {dim} has no elements to choose from; input is {x.shape}")
    return x, dim


def _chosen(caller: str, input: Tensor, x: Tensor, places: Any, dim: int, keepdim: bool) -> ValuesIndices:
    """The values at `places` (with an axis of length 1) along an axis, and the places."""
    indices = wrap(row_major(places))
    values = indexing.gather(x, indices, dim=dim)
    if keepdim and input.ndim:
        return values_indices(caller)(values, indices)
    return values_indices(caller)(shape.squeeze(values, dim), shape.squeeze(indices, dim))


def _median(input: Any, dim: int | None, keepdim: bool, ignore_nan: bool, caller: str) -> Any:
    x = checks.tensor(input, caller)
    if x.dtype.kind == "b":
        raise DtypeError(f"{caller}: there is no median of booleans; convert them with .long()")
    if dim is None:
        return _median_of_all(x, ignore_nan, caller)
    x, dim = _line(x, dim, caller)
    order = argsort(x._array, dim=dim)
    numbers = np.count_nonzero(~np.isnan(x._array), axis=dim, keepdims=True)  # nan stands behind them
    place = np.maximum(numbers - 1, 0) // 2
    if not ignore_nan:
        place = np.where(numbers < x.shape[dim], numbers, place)
    return _chosen(caller, input, x, np.take_along_axis(order, place, dim), dim, keepdim)


def _median_of_all(x: Tensor, ignore_nan: bool, caller: str) -> Tensor:
    """The lower median; equal elements share the gradient."""
    if not x.numel():
        return ops.sum(arithmetic.cast(x, dtype=x.dtype)) * math.nan
    numbers = x._array.reshape(-1)
    odd = np.isnan(numbers)
    if odd.any():
        numbers = numbers[~odd] if ignore_nan and not odd.all() else numbers[odd][:1]
    middle = (len(numbers) - 1) // 2
    value = wrap(np.partition(numbers, middle)[middle])
    if x.dtype.kind != "f":
        return value
    result: Tensor = ops.evenly(x, value)
    return result


@method
def median(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The middle value, the lower of two, nan if there is one; with `dim` a named tuple (values, indices).

    Of all (`dim` None), equal elements share the gradient evenly.

    Example:
        >>> import nn
        >>> nn.median(nn.tensor([3.0, 1.0, 2.0, 4.0]))
        tensor(2.)
    """
    return _median(input, dim, keepdim, False, "median")


@method
def nanmedian(input: Tensor, dim: int | None = None, keepdim: bool = False) -> Any:
    """The median of all that is not nan.

    Example:
        >>> import nn
        >>> nn.nanmedian(nn.tensor([3.0, 1.0, float('nan')]))
        tensor(1.)
    """
    return _median(input, dim, keepdim, True, "nanmedian")


@method
def mode(input: Tensor, dim: int = -1, keepdim: bool = False) -> ValuesIndices:
    """The most frequent value along an axis, the smallest of equals, and where it is last.

    Example:
        >>> import nn
        >>> nn.mode(nn.tensor([2, 1, 2, 3]))
        ValuesIndices(values=tensor(2), indices=tensor(2))
    """
    x, dim = _line(checks.tensor(input, "mode"), dim, "mode")
    order = np.moveaxis(argsort(x._array, dim=dim), dim, -1)
    values = np.take_along_axis(np.moveaxis(x._array, dim, -1), order, -1)
    places = np.arange(values.shape[-1])
    fresh = np.ones(values.shape, bool)
    fresh[..., 1:] = values[..., 1:] != values[..., :-1]
    run = places - np.maximum.accumulate(np.where(fresh, places, 0), axis=-1)  # how often the value was there before
    place = np.take_along_axis(order, run.argmax(-1)[..., None], -1)
    return _chosen("mode", input, x, np.moveaxis(place, -1, dim), dim, keepdim)


@method
def quantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """The value below which the share q of all lies, between the two nearest by `interpolation`; nan if there is one.

    Args:
        input: x.
        q: a number in [0, 1], or a vector of them, which makes a new first axis; as a tensor it gets a gradient.
        dim: an axis, or None for all.
        keepdim: leave an axis of length 1.
        interpolation: "linear", "lower", "higher", "midpoint" or "nearest".

    Raises:
        RangeError: a q is outside [0, 1], or there are no elements.

    Example:
        >>> import nn
        >>> nn.quantile(nn.tensor([1.0, 2.0, 4.0]), 0.75)
        tensor(3.)
    """
    return _quantile(input, q, dim, keepdim, interpolation, False, "quantile")


@method
def nanquantile(
    input: Tensor, q: Any, dim: int | None = None, keepdim: bool = False, *, interpolation: str = "linear"
) -> Tensor:
    """The quantile of all that is not nan; see `quantile`.

    Example:
        >>> import nn
        >>> nn.nanquantile(nn.tensor([1.0, float('nan'), 2.0]), 0.5)
        tensor(1.5000)
    """
    return _quantile(input, q, dim, keepdim, interpolation, True, "nanquantile")


def _quantile(
    input: Tensor, q: Any, dim: int | None, keepdim: bool, interpolation: str, ignore_nan: bool, caller: str
) -> Tensor:
    x = checks.floating(input, caller)
    checks.choice(interpolation, ("linear", "lower", "higher", "midpoint", "nearest"), caller, "interpolation")
    shares = np.asarray(q._array if isinstance(q, Tensor) else q, x.dtype)
    if isinstance(q, Tensor):
        checks.same_dtype(x, q, caller, "q")
    q_column = shape.reshape(q if isinstance(q, Tensor) else wrap(shares), shape=(-1,))
    if shares.ndim > 1 or not ((shares >= 0) & (shares <= 1)).all():
        raise RangeError(f"{caller}: q must be a number in [0, 1], or a vector of them; got {q!r}")
    if not x.numel():
        raise RangeError(f"{caller}: input has no elements, its shape is {x.shape}")
    kept = tuple(1 if dim is None or i == dim % max(x.ndim, 1) else n for i, n in enumerate(x.shape))
    x, dim = _line(shape.reshape(x, shape=(-1,)) if dim is None else x, -1 if dim is None else dim, caller)
    rows = shape.transpose(x, dim0=dim, dim1=-1)
    numbers = np.count_nonzero(~np.isnan(rows._array), axis=-1, keepdims=True)
    place = q_column * wrap((np.maximum(numbers, 1) - 1).astype(x.dtype))
    if not ignore_nan:
        place = arithmetic.where(numbers < rows.shape[-1], float(rows.shape[-1] - 1), place)  # the last is nan, then
    rank = place._array
    rounded = dict(lower=np.floor, higher=np.ceil, nearest=np.rint).get(interpolation, np.positive)(rank)
    low, high = np.floor(rounded), np.ceil(rounded)
    order = argsort(rows._array, dim=-1)
    below, above = (
        indexing.gather(rows, wrap(np.take_along_axis(order, r.astype(np.int64), -1)), dim=-1) for r in (low, high)
    )
    if interpolation == "linear":
        found = lerp(below, above, place - wrap(low))
    else:
        found = lerp(below, above, 0.5) if interpolation == "midpoint" else below
    found = shape.transpose(found, dim0=dim, dim1=-1)  # the quantiles lie along dim now
    if shares.ndim:
        order_of_axes = (dim, *(i for i in range(found.ndim) if i != dim))
        found = shape.permute(found, dims=order_of_axes)
        rest = kept if keepdim else found.shape[1:]
        return shape.reshape(found, shape=(shares.size, *rest))
    left = kept if keepdim else tuple(n for i, n in enumerate(found.shape) if i != dim)
    return shape.in_rows(shape.reshape(found, shape=left))
