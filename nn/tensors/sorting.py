"""Functions that put elements in order, or look places up in an order."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import OutOfBoundsError, RangeError, ShapeError
from nn.ops import indexing, shape
from nn.ops import sorting as ops
from nn.tensors import checks
from nn.tensors.methods import method
from nn.tensors.reduction import ValuesIndices, values_indices
from nn.tensors.tensor import Tensor

__all__ = ["argsort", "bucketize", "isin", "kthvalue", "msort", "searchsorted", "sort", "topk"]


def _axis(input: Any, dim: int, caller: str) -> tuple[Tensor, int]:
    """The tensor, with one axis at least, and the axis."""
    dim = shape.axis(dim, checks.tensor(input, caller).ndim, caller)
    return input if input.ndim else shape.reshape(input, shape=(1,)), dim


def _picked(caller: str, input: Tensor, x: Tensor, dim: int, indices: Tensor) -> ValuesIndices:
    """What the indices name along an axis, and the indices, without an axis if input has none."""
    values = indexing.gather(x, indices, dim=dim, as_index=True)
    if not input.ndim and indices.numel() == 1:
        values, indices = shape.reshape(values, shape=()), shape.reshape(indices, shape=())
    return values_indices(caller)(values, indices)


@method
def sort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> ValuesIndices:
    """The elements in order along an axis, and where each of them was; nan counts as the largest.

    Args:
        input: the tensor.
        dim: the axis.
        descending: the largest first.
        stable: equal elements keep their order. (They do so anyway.)

    Example:
        >>> import nn
        >>> nn.sort(nn.tensor([3.0, 1.0, 2.0]))
        ValuesIndices(values=tensor([1., 2., 3.]), indices=tensor([1, 2, 0]))
    """
    x, dim = _axis(input, dim, "sort")
    return _picked("sort", input, x, dim, ops.argsort(x, dim=dim, descending=descending))


@method
def argsort(input: Tensor, dim: int = -1, descending: bool = False, stable: bool = False) -> Tensor:
    """The indices that put the elements in order along an axis.

    Example:
        >>> import nn
        >>> nn.argsort(nn.tensor([3.0, 1.0, 2.0]))
        tensor([1, 2, 0])
    """
    x, dim = _axis(input, dim, "argsort")
    return shape.reshape(ops.argsort(x, dim=dim, descending=descending), shape=input.shape)


@method
def msort(input: Tensor) -> Tensor:
    """The elements in order along the first axis.

    Example:
        >>> import nn
        >>> nn.msort(nn.tensor([[3, 1], [2, 4]])).tolist()
        [[2, 1], [3, 4]]
    """
    return sort(input, 0).values


@method
def topk(input: Tensor, k: int, dim: int = -1, largest: bool = True, sorted: bool = True) -> ValuesIndices:
    """The k largest (or smallest) elements along an axis, in order, and where they were.

    Args:
        input: the tensor.
        k: how many.
        dim: the axis.
        largest: False for the smallest.
        sorted: in order. (They are so anyway.)

    Raises:
        RangeError: the axis has less than k elements.

    Example:
        >>> import nn
        >>> nn.topk(nn.tensor([3.0, 1.0, 2.0]), 2)
        ValuesIndices(values=tensor([3., 2.]), indices=tensor([0, 2]))
    """
    x, dim = _axis(input, dim, "topk")
    if not 0 <= k <= x.shape[dim]:
        raise RangeError(f"topk: k must be from 0 to {x.shape[dim]}, the length of axis {dim}; got {k}")
    return _picked("topk", input, x, dim, ops.topk(x, k=k, dim=dim, largest=largest))


@method
def kthvalue(input: Tensor, k: int, dim: int = -1, keepdim: bool = False) -> ValuesIndices:
    """The k-th smallest element along an axis (1 for the smallest), and where it was.

    Raises:
        RangeError: the axis has less than k elements.

    Example:
        >>> import nn
        >>> nn.kthvalue(nn.tensor([3.0, 1.0, 2.0]), 2)
        ValuesIndices(values=tensor(2.), indices=tensor(2))
    """
    x, dim = _axis(input, dim, "kthvalue")
    if not x.shape[dim]:
        raise OutOfBoundsError(f"kthvalue: axis {dim} of {x.shape} has no elements; name another")
    if not 1 <= k <= x.shape[dim]:
        raise RangeError(f"kthvalue: k must be from 1 to {x.shape[dim]}, the length of axis {dim}; got {k}")
    place = shape.narrow(ops.topk(x, k=k, dim=dim, largest=False), dim=dim, start=k - 1, length=1)
    values, indices = _picked("kthvalue", input, x, dim, place)
    if not keepdim and input.ndim:
        values, indices = shape.squeeze(values, dim), shape.squeeze(indices, dim)
    values, indices = shape.in_rows(values), shape.in_rows(indices)
    return values_indices("kthvalue")(values, indices)


def searchsorted(
    sorted_sequence: Tensor,
    input: Any,
    *,
    out_int32: bool = False,
    right: bool = False,
    side: str | None = None,
    sorter: Tensor | None = None,
) -> Tensor:
    """Where each value would have to be put in for the sequence to stay in order.

    Args:
        sorted_sequence: numbers in ascending order along the last axis.
        input: the values: a tensor whose axes but the last are those of the sequence; if that is a vector, of any
            shape, or a number.
        out_int32: give int32 instead of int64.
        right: behind equal elements instead of before them.
        side: "left" or "right", as another way to say so.
        sorter: the indices that put `sorted_sequence` in order, if it is not so itself.

    Example:
        >>> import nn
        >>> nn.searchsorted(nn.tensor([1, 3, 5]), nn.tensor([3, 6]))
        tensor([1, 3])
    """
    sequence = checks.tensor(sorted_sequence, "searchsorted", "sorted_sequence")._array
    checks.choice(side or "left", ("left", "right"), "searchsorted", "side")
    if side == "left" and right:
        raise RangeError("searchsorted: side='left' and right=True contradict each other; give one of them")
    if sorter is not None:
        if checks.integers(sorter, "searchsorted", "sorter").shape != sequence.shape:
            raise ShapeError(f"searchsorted: sorter has shape {sorter.shape}, the sequence {sequence.shape}")
        sequence = mode.quiet(np.take_along_axis, sequence, sorter._array, -1)
    values = input._array if isinstance(input, Tensor) else np.asarray(input)
    if (sequence.ndim != 1 and sequence.shape[:-1] != values.shape[:-1]) or not sequence.ndim:
        raise ShapeError(
            f"searchsorted: values {values.shape} do not fit the sequence {sequence.shape}; all axes but the last must "
            "be equal, or the sequence a vector"
        )
    side = "right" if right or side == "right" else "left"
    return wrap(mode.quiet(_places, sequence, values, side, out_int32))


def _places(sequence: NDArray[Any], values: NDArray[Any], side: Any, out_int32: bool) -> NDArray[Any]:
    places = np.empty(values.shape, np.int32 if out_int32 else np.int64)
    if sequence.ndim == 1:
        places[...] = np.searchsorted(sequence, values, side)
    else:
        for row in np.ndindex(sequence.shape[:-1]):
            places[row] = np.searchsorted(sequence[row], values[row], side)
    return places


def bucketize(input: Any, boundaries: Tensor, *, out_int32: bool = False, right: bool = False) -> Tensor:
    """The number of the interval, between ascending boundaries, that each value lies in.

    Args:
        input: a tensor of any shape, or a number.
        boundaries: a vector; interval i ends with boundary i.
        out_int32: give int32 instead of int64.
        right: a value equal to a boundary belongs to the interval above it, not to the one below.

    Example:
        >>> import nn
        >>> nn.bucketize(nn.tensor([0.5, 1.0, 9.0]), nn.tensor([1.0, 2.0]))
        tensor([0, 0, 2])
    """
    if checks.tensor(boundaries, "bucketize", "boundaries").ndim != 1:
        raise ShapeError(f"bucketize: boundaries must be a vector, their shape is {boundaries.shape}; use ravel()")
    return searchsorted(boundaries, input, out_int32=out_int32, right=right)


def isin(elements: Any, test_elements: Any, *, assume_unique: bool = False, invert: bool = False) -> Tensor:
    """Whether each element is among the test elements (or, inverted, is not).

    Example:
        >>> import nn
        >>> nn.isin(nn.tensor([1, 2, 3]), nn.tensor([2, 9]))
        tensor([False,  True, False])
    """
    first, second = (v._array if isinstance(v, Tensor) else np.asarray(v) for v in (elements, test_elements))
    unique = assume_unique and first.ndim == 1
    return wrap(mode.quiet(np.isin, first, second, assume_unique=unique, invert=invert))
