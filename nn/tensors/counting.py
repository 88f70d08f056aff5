"""Functions that count: distinct elements, and elements by class or by bin. Counts have no derivative."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.autograd.tape import wrap
from nn.errors import DtypeError, RangeError, ShapeError
from nn.ops import shape
from nn.tensors import checks
from nn.tensors.arguments import converted
from nn.tensors.methods import method
from nn.tensors.tensor import Tensor

__all__ = ["bincount", "histc", "histogram", "unique", "unique_consecutive"]

Array = NDArray[Any]


class Histogram(NamedTuple):
    """What `histogram` returns."""

    hist: Tensor
    bin_edges: Tensor


def _some(wanted: list[Array], given: tuple[bool, bool]) -> Any:
    """The first array, and those of the other two that were asked for, as tensors."""
    results = [wanted[0], *(array for array, yes in zip(wanted[1:], given, strict=True) if yes)]
    return wrap(results[0]) if len(results) == 1 else tuple(wrap(r) for r in results)


@method
def unique(
    input: Tensor,
    sorted: bool = True,
    return_inverse: bool = False,
    return_counts: bool = False,
    dim: int | None = None,
) -> Any:
    """The distinct elements in ascending order, or the distinct entries of an axis; every nan is distinct.

    Args:
        input: the tensor.
        sorted: in order. (They are so anyway.)
        return_inverse: also where each element of `input` is found among them.
        return_counts: also how often each occurs.
        dim: compare the entries of this axis instead of the elements.

    Returns:
        A tensor, or a tuple of it and what else was asked for.

    Example:
        >>> import nn
        >>> nn.unique(nn.tensor([3, 1, 3]), return_inverse=True, return_counts=True)
        (tensor([1, 3]), tensor([1, 0, 1]), tensor([1, 2]))
    """
    x = checks.tensor(input, "unique")._array
    dim = None if dim is None else shape.axis(dim, x.ndim, "unique")
    values, inverse, counts = np.unique(
        x, return_inverse=True, return_counts=True, axis=dim if x.ndim else None, equal_nan=False
    )
    inverse = inverse.reshape(x.shape if dim is None else -1)
    return _some([values, inverse, counts], (return_inverse, return_counts))


@method
def unique_consecutive(
    input: Tensor, return_inverse: bool = False, return_counts: bool = False, dim: int | None = None
) -> Any:
    """The elements (or the entries of an axis) without those that equal the one before.

    Args:
        input: the tensor.
        return_inverse: also where each element of `input` is found in the result.
        return_counts: also how often each was repeated.
        dim: compare the entries of this axis instead of the elements.

    Returns:
        A tensor, or a tuple of it and what else was asked for.

    Example:
        >>> import nn
        >>> nn.unique_consecutive(nn.tensor([1, 1, 2, 1]), return_counts=True)
        (tensor([1, 2, 1]), tensor([2, 1, 1]))
    """
    x = checks.tensor(input, "unique_consecutive")._array
    axis = 0 if dim is None else shape.axis(dim, x.ndim, "unique_consecutive")
    entries = np.moveaxis(x, axis, 0) if dim is not None and x.ndim else x.ravel()
    first = np.ones(len(entries), np.bool_)
    differ = entries[1:] != entries[:-1]
    first[1:] = differ.any(axis=tuple(range(1, entries.ndim))) if entries.ndim > 1 else differ
    starts = np.flatnonzero(first)
    inverse = (np.cumsum(first) - 1).reshape(x.shape if dim is None else -1) if return_inverse else starts
    counts = np.diff(starts, append=len(entries))
    return _some([np.moveaxis(entries[starts], 0, axis), inverse, counts], (return_inverse, return_counts))


@method
def bincount(input: Tensor, weights: Tensor | None = None, minlength: int = 0) -> Tensor:
    """How often each of the integers 0, 1, 2 ... occurs, or the sum of the weights where it does.

    Args:
        input: a vector of integers of 0 or more.
        weights: a number for each element.
        minlength: the least length of the result.

    Example:
        >>> import nn
        >>> nn.bincount(nn.tensor([1, 1, 3]))
        tensor([0, 2, 0, 1])
    """
    x = checks.integers(input, "bincount", "input")._array
    if x.ndim != 1 or x.min(initial=0) < 0:
        raise RangeError(
            "bincount: expected a vector of integers >= 0, "
            f"got shape {x.shape}, least entry {x.min() if x.size else None}"
        )
    if minlength < 0:
        raise RangeError(f"bincount: minlength must be 0 or more, got {minlength}")
    if weights is None:
        return wrap(np.bincount(x, minlength=minlength).astype(np.int64, copy=False))
    if checks.tensor(weights, "bincount", "weights").shape != x.shape:
        raise ShapeError(f"bincount: weights have shape {weights.shape}, input has {x.shape}; make them equal")
    dtype = np.float32 if weights.dtype == np.float32 else np.float64
    return wrap(np.bincount(x, weights._array, minlength).astype(dtype, copy=False))


def _counted(x: Array, edges: Array, weights: Array | None) -> Array:
    """How many elements (or how much weight) lie between neighbouring edges; the last edge belongs to the last bin."""
    places = np.searchsorted(edges, x, "right") - 1
    places[x == edges[-1]] = len(edges) - 2
    inside = (places >= 0) & (places < len(edges) - 1)
    weights = None if weights is None else weights[inside]
    return converted(np.bincount(places[inside], weights, len(edges) - 1), edges.dtype)


def _range(x: Array, least: float, most: float, caller: str, margin: float) -> tuple[float, float]:
    """The range to count in: that of the elements if both ends are equal."""
    if most < least:
        raise RangeError(f"{caller}: max must not be below min; got min {least} and max {most}")
    if least == most and x.size:
        least, most = x.min().item(), x.max().item()
    if not np.isfinite([least, most]).all():
        raise RangeError(f"{caller}: the range must be finite, it is from {least} to {most}; give min and max")
    return (least - margin, most + margin) if least == most else (least, most)


def _bins(bins: int, caller: str) -> int:
    if bins < 1:
        raise RangeError(f"{caller}: bins must be 1 or more, got {bins}")
    return bins


@method
def histc(input: Tensor, bins: int = 100, min: float = 0, max: float = 0) -> Tensor:
    """How many elements fall into each of `bins` intervals of one width from min to max; others are left out.

    Args:
        input: a float tensor.
        bins: the number of intervals.
        min: where the first begins.
        max: where the last ends (inclusive); if equal to min, both are taken from the elements.

    Example:
        >>> import nn
        >>> nn.histc(nn.tensor([1.0, 2.0, 1.0]), bins=4, min=0, max=3)
        tensor([0., 2., 1., 0.])
    """
    x = _floats(input, "histc").ravel()
    least, most = _range(x, min, max, "histc", 1)
    edges = converted(np.linspace(least, most, _bins(bins, "histc") + 1), x.dtype)
    return wrap(_counted(x, edges, None))


def _floats(input: Any, caller: str) -> Array:
    if checks.tensor(input, caller).dtype.kind != "f":
        raise DtypeError(f"{caller}: input must be floating-point, it is {input.dtype}; use .float()")
    return input._array


@method
def histogram(
    input: Tensor,
    bins: Any = 100,
    *,
    range: tuple[float, float] | None = None,
    weight: Tensor | None = None,
    density: bool = False,
) -> Histogram:
    """How many elements, or how much weight, fall into each interval, and the edges of the intervals.

    Args:
        input: a float tensor.
        bins: the number of intervals of one width, or a vector of ascending edges.
        range: (min, max) of the intervals, if `bins` is a number; by default that of the elements.
        weight: a number for each element.
        density: divide by the total and by the widths, so that the integral is 1.

    Example:
        >>> import nn
        >>> hist, bin_edges = nn.histogram(nn.tensor([1.0, 2.0, 1.0]), 2, range=(0.0, 3.0))
        >>> hist, bin_edges
        (tensor([2., 1.]), tensor([0.0000, 1.5000, 3.0000]))
    """
    x = _floats(input, "histogram").ravel()
    if isinstance(bins, Tensor):
        edges = bins._array.astype(x.dtype)
    else:
        low, high = range or (0, 0)
        least, most = _range(x, low, high, "histogram", 0.5)
        edges = converted(np.linspace(least, most, _bins(bins, "histogram") + 1), x.dtype)
    if weight is not None and weight.shape != input.shape:
        raise ShapeError(f"histogram: weight has shape {weight.shape}, input has {input.shape}; make them equal")
    counts = _counted(x, edges, None if weight is None else weight._array.ravel())
    if density:
        counts = counts / counts.sum() / np.diff(edges)
    return Histogram(wrap(counts), wrap(edges))
