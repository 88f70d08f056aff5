"""Elements moved along their axes, repeated, or combined with each other."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.errors import OutOfBoundsError, RangeError, ShapeError
from nn.ops import indexing
from nn.ops import shape as ops
from nn.tensors import checks
from nn.tensors.arguments import as_shape
from nn.tensors.joining import stack
from nn.tensors.methods import axes_method, method
from nn.tensors.tensor import Tensor

__all__ = [
    "cartesian_prod",
    "combinations",
    "flip",
    "fliplr",
    "flipud",
    "meshgrid",
    "narrow",
    "repeat_interleave",
    "roll",
    "rot90",
    "select",
    "tile",
]


@method
def narrow(input: Tensor, dim: int, start: Any, length: int) -> Tensor:
    """`length` entries of an axis from `start` on (a negative one counts from the end): a view.

    Example:
        >>> import nn
        >>> nn.narrow(nn.arange(5), 0, 1, 3)
        tensor([1, 2, 3])
    """
    if not checks.tensor(input, "narrow").ndim:
        raise ShapeError("narrow: a tensor without axes has nothing to narrow; use unsqueeze(0) first")
    dim, start = ops.axis(dim, input.ndim, "narrow"), operator.index(start)
    size = input.shape[dim]
    if not -size <= start <= size:
        raise OutOfBoundsError(f"narrow: start {start} is out of range, axis {dim} has {size} entries")
    start += size if start < 0 else 0
    if length < 0 or start + length > size:
        raise RangeError(f"narrow: {length} entries from {start} on are not within the {size} of axis {dim}")
    return ops.narrow(input, dim=dim, start=start, length=length)


@method
def select(input: Tensor, dim: int, index: int) -> Tensor:
    """One entry of an axis, without that axis: a view.

    Example:
        >>> import nn
        >>> nn.select(nn.tensor([[1, 2], [3, 4]]), 1, 0)
        tensor([1, 3])
    """
    if not checks.tensor(input, "select").ndim:
        raise OutOfBoundsError("select: a tensor without axes has nothing to select from; use item()")
    dim = ops.axis(dim, input.ndim, "select")
    size = input.shape[dim]
    if not -size <= index < size:
        raise OutOfBoundsError(f"select: index {index} is out of range, axis {dim} of {input.shape} has {size} entries")
    return indexing.getitem(input, index=(slice(None),) * dim + (operator.index(index),))


@method
def unfold(input: Tensor, dimension: int, size: int, step: int) -> Tensor:
    """Windows of `size` entries of an axis, `step` apart, as a new last axis: a view that cannot be written to.

    Example:
        >>> import nn
        >>> nn.arange(5).unfold(0, 3, 2).tolist()
        [[0, 1, 2], [2, 3, 4]]
    """
    x = input if input.ndim else ops.reshape(input, shape=(1,))
    dim = ops.axis(dimension, x.ndim, "unfold")
    if step < 1 or not 0 <= size <= x.shape[dim]:
        raise RangeError(
            f"unfold: step must be 1 or more and size from 0 to {x.shape[dim]}, the length of axis {dim}; "
            f"got size {size} and step {step}"
        )
    if not size:
        count = x.shape[dim] // step + 1
        nothing = indexing.getitem(x, index=(slice(None),) * dim + (np.zeros((count, 0), np.int64),))
        return ops.reshape(nothing, shape=(*x.shape[:dim], count, *x.shape[dim + 1 :], 0))
    windows = ops.unfold(x, dim=dim, size=size, step=step)
    return windows if input.ndim else ops.reshape(windows, shape=(size,))


@axes_method
def flip(input: Tensor, dims: Any) -> Tensor:
    """The entries of each of `dims` in reverse order: a copy.

    Example:
        >>> import nn
        >>> nn.flip(nn.arange(3), (0,))
        tensor([2, 1, 0])
    """
    dims = _distinct(as_shape((dims,)), checks.tensor(input, "flip").ndim, "flip")
    return ops.flip(input, dims=dims if input.ndim else ())


def _distinct(dims: Sequence[int], rank: int, caller: str) -> tuple[int, ...]:
    """Axes counted from the front, none of them twice."""
    found = tuple(ops.axis(d, rank, caller) for d in dims)
    if len(set(found)) < len(found):
        raise RangeError(f"{caller}: an axis is named twice in {tuple(dims)}; name each once")
    return found


@method
def fliplr(input: Tensor) -> Tensor:
    """The second axis reversed.

    Example:
        >>> import nn
        >>> nn.fliplr(nn.tensor([[1, 2], [3, 4]])).tolist()
        [[2, 1], [4, 3]]
    """
    if checks.tensor(input, "fliplr").ndim < 2:
        raise ShapeError(f"fliplr: expected at least 2 axes, got shape {input.shape}; use flip")
    return ops.flip(input, dims=(1,))


@method
def flipud(input: Tensor) -> Tensor:
    """The first axis reversed.

    Example:
        >>> import nn
        >>> nn.flipud(nn.tensor([[1, 2], [3, 4]])).tolist()
        [[3, 4], [1, 2]]
    """
    if checks.tensor(input, "flipud").ndim < 1:
        raise ShapeError("flipud: expected at least 1 axis, this tensor has none; use unsqueeze first")
    return ops.flip(input, dims=(0,))


@method
def rot90(input: Tensor, k: int = 1, dims: Sequence[int] = (0, 1)) -> Tensor:
    """Turned by k right angles in the plane of two axes, from the first towards the second.

    Example:
        >>> import nn
        >>> nn.rot90(nn.tensor([[1, 2], [3, 4]])).tolist()
        [[2, 4], [1, 3]]
    """
    if len(dims) != 2 or checks.tensor(input, "rot90").ndim < 2:
        raise ShapeError(
            f"rot90: expected two axes of a tensor that has two or more, got dims {dims} and shape {input.shape}"
        )
    first, second = _distinct(dims, input.ndim, "rot90")
    k %= 4
    if k in (1, 2):
        input = ops.flip(input, dims=(second,) if k == 1 else (first, second))
    elif k == 3:
        input = ops.flip(input, dims=(first,))
    else:
        input = ops.clone(input, row_major=True)
    return ops.transpose(input, dim0=first, dim1=second) if k % 2 else input


@method
def roll(input: Tensor, shifts: Any, dims: Any = None) -> Tensor:
    """The entries of each axis moved on by its shift, around the end; without `dims`, all elements in a row.

    Example:
        >>> import nn
        >>> nn.roll(nn.arange(4), 1)
        tensor([3, 0, 1, 2])
    """
    shifts = as_shape((shifts,))
    rank = checks.tensor(input, "roll").ndim
    if dims is None or (isinstance(dims, tuple | list) and not dims):
        if len(shifts) != 1:
            raise RangeError(f"roll: without dims expected one shift, got {shifts}; name an axis for each")
        return ops.reshape(ops.roll(ops.flatten(input), shifts=shifts, dims=(0,)), shape=input.shape)
    dims = tuple(ops.axis(d, rank, "roll") for d in as_shape((dims,)))
    if len(dims) != len(shifts):
        raise RangeError(f"roll: got {len(shifts)} shifts for {len(dims)} axes; give one for each")
    return ops.roll(input, shifts=shifts, dims=dims) if rank else ops.clone(input)


def _repeated(x: Tensor, counts: tuple[int, ...]) -> Tensor:
    """The tensor so many times along each axis, by broadcasting over new axes."""
    shape = (1,) * (len(counts) - x.ndim) + x.shape
    if any(c < 0 for c in counts):
        raise RangeError(f"repeat: counts must be 0 or more, got {counts}")
    between = ops.reshape(x, shape=tuple(itertools.chain.from_iterable((1, n) for n in shape)))
    wide = ops.expand(between, shape=tuple(itertools.chain.from_iterable(zip(counts, shape, strict=True))))
    result = ops.reshape(wide, shape=tuple(c * n for c, n in zip(counts, shape, strict=True)))
    return result if result._array.flags.writeable and result._array.base is None else ops.clone(result, row_major=True)


@axes_method
def repeat(input: Tensor, repeats: Any) -> Tensor:
    """The tensor so many times along each axis, new axes in front: a copy.

    Example:
        >>> import nn
        >>> nn.tensor([1, 2]).repeat(2, 2).tolist()
        [[1, 2, 1, 2], [1, 2, 1, 2]]
    """
    counts = as_shape((repeats,))
    if len(counts) < input.ndim:
        raise ShapeError(f"repeat: {counts} names fewer axes than the tensor's shape {input.shape} has; name every one")
    return _repeated(input, counts)


@axes_method
def tile(input: Tensor, dims: Any) -> Tensor:
    """As `repeat`, with 1 for the leading axes that `dims` does not name.

    Example:
        >>> import nn
        >>> nn.tile(nn.tensor([[1], [2]]), (2,)).tolist()
        [[1, 1], [2, 2]]
    """
    counts = as_shape((dims,))
    return _repeated(checks.tensor(input, "tile"), (1,) * (input.ndim - len(counts)) + counts)


@method
def repeat_interleave(
    input: Tensor, repeats: Any = None, dim: int | None = None, *, output_size: int | None = None
) -> Tensor:
    """Every entry of an axis so many times in a row; without an axis, every element.

    Args:
        input: the tensor; alone, it is the `repeats` of the indices 0, 1, 2 ...
        repeats: a number for all entries, or one for each.
        dim: the axis; None takes all elements in a row.
        output_size: the length of the result's axis, if known; only checked.

    Example:
        >>> import nn
        >>> nn.repeat_interleave(nn.tensor([7, 8]), nn.tensor([1, 2]))
        tensor([7, 8, 8])
    """
    checks.tensor(input, "repeat_interleave")
    if repeats is None:
        return wrap(np.repeat(np.arange(input.numel()), input._array))
    x = ops.flatten(input) if dim is None or not input.ndim else input
    axis = 0 if dim is None else ops.axis(dim, input.ndim, "repeat_interleave")
    counts = repeats._array if isinstance(repeats, Tensor) else np.asarray(repeats)
    size = x.shape[axis]
    if counts.dtype.kind not in "iu" or counts.min(initial=0) < 0:
        raise RangeError(f"repeat_interleave: repeats must be integers of 0 or more, got {repeats}")
    if counts.size not in (1, size) or counts.ndim > 1:
        raise ShapeError(f"repeat_interleave: {counts.shape} repeats for {size} entries of axis {axis}; give one each")
    where = np.repeat(np.arange(size), counts if counts.size != 1 else counts.item())
    if output_size is not None and len(where) != output_size:
        raise RangeError(f"repeat_interleave: the result has {len(where)} entries, output_size says {output_size}")
    return ops.in_rows(indexing.getitem(x, index=(slice(None),) * axis + (where,)))


def _vectors(tensors: tuple[Any, ...], caller: str) -> list[Tensor]:
    """The tensors, which have to have one axis at most."""
    many = tensors[0] if len(tensors) == 1 and isinstance(tensors[0], tuple | list) else tensors
    for i, t in enumerate(many):
        if checks.tensor(t, caller, f"tensor {i}").ndim > 1:
            raise ShapeError(f"{caller}: expected vectors, tensor {i} has shape {t.shape}; use ravel()")
    return list(many)


def meshgrid(*tensors: Any, indexing: str = "ij") -> tuple[Tensor, ...]:
    """Coordinates of a grid: each vector spread over the axes of the others, without a copy.

    Args:
        tensors: vectors, or numbers as tensors.
        indexing: "ij" for the axes in order; "xy" exchanges the first two.

    Example:
        >>> import nn
        >>> rows, columns = nn.meshgrid(nn.arange(2), nn.arange(3))
        >>> rows.tolist(), columns.tolist()
        ([[0, 0, 0], [1, 1, 1]], [[0, 1, 2], [0, 1, 2]])
    """
    checks.choice(indexing, ("ij", "xy"), "meshgrid", "indexing")
    vectors = _vectors(tensors, "meshgrid")
    if not vectors:
        raise RangeError("meshgrid: expected at least one vector, got none")
    shape = tuple(v.numel() for v in vectors)
    spread = [(1,) * i + (n,) + (1,) * (len(shape) - i - 1) for i, n in enumerate(shape)]
    grids = [ops.expand(ops.reshape(v, shape=s), shape=shape) for v, s in zip(vectors, spread, strict=True)]
    if indexing == "xy" and len(grids) > 1:
        grids = [ops.transpose(g, dim0=0, dim1=1) for g in grids]
    return tuple(grids)


def cartesian_prod(*tensors: Tensor) -> Tensor:
    """All combinations of one element from each vector, as rows; of one vector, the vector.

    Example:
        >>> import nn
        >>> nn.cartesian_prod(nn.tensor([1, 2]), nn.tensor([3, 4])).tolist()
        [[1, 3], [1, 4], [2, 3], [2, 4]]
    """
    vectors = _vectors(tensors, "cartesian_prod")
    if len(vectors) == 1:
        return vectors[0]
    return stack([ops.flatten(g) for g in meshgrid(*vectors)], 1)


def combinations(input: Tensor, r: int = 2, with_replacement: bool = False) -> Tensor:
    """All choices of r elements of a vector, in order, as rows.

    Example:
        >>> import nn
        >>> nn.combinations(nn.tensor([1, 2, 3])).tolist()
        [[1, 2], [1, 3], [2, 3]]
    """
    if checks.tensor(input, "combinations").ndim != 1 or r < 0:
        raise ShapeError(f"combinations: expected a vector and r of 0 or more, got {input.shape} and {r}")
    if r == 0:
        return wrap(np.empty(0, input.dtype))
    if r == 2:
        rows = np.stack(np.triu_indices(len(input), 0 if with_replacement else 1), 1)
    else:
        choose = itertools.combinations_with_replacement if with_replacement else itertools.combinations
        rows = np.fromiter(itertools.chain.from_iterable(choose(range(len(input)), r)), np.int64).reshape(-1, r)
    return indexing.getitem(input, index=rows)
