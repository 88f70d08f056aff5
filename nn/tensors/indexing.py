"""Functions that pick elements by index or by mask."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import DtypeError, OutOfBoundsError, ShapeError
from nn.ops import indexing as ops
from nn.ops import shape
from nn.tensors import checks
from nn.tensors.arithmetic import where
from nn.tensors.methods import method
from nn.tensors.tensor import Tensor

__all__ = [
    "argwhere",
    "gather",
    "index_select",
    "masked_select",
    "nonzero",
    "take",
    "take_along_dim",
    "unravel_index",
]

Array = NDArray[Any]


def line(x: Tensor) -> Tensor:
    """A tensor without axes as a vector of one element; any other as it is."""
    return x if x.ndim else shape.reshape(x, shape=(1,))


def places_along(input: Any, dim: int, index: Any, caller: str) -> tuple[Tensor, int, Tensor]:
    """Input and index with one axis at least, and the axis, checked for gather and scatter."""
    checks.places(index, caller)
    rank = max(checks.tensor(input, caller).ndim, 1)
    dim = shape.axis(dim, rank, caller)
    x, index = line(input), line(index)
    if not index.numel() and index.ndim != rank:
        index = wrap(np.zeros((0,) * rank, np.int64))
    if index.ndim != rank:
        raise ShapeError(f"{caller}: index must have the {rank} axes of input {x.shape}, its shape is {index.shape}")
    if any(n > m for i, (n, m) in enumerate(zip(index.shape, x.shape, strict=True)) if i != dim):
        raise ShapeError(f"{caller}: index {index.shape} reaches beyond input {x.shape} on an axis other than {dim}")
    checks.within(index._array, x.shape[dim], caller, f"axis {dim} of input {x.shape}")
    return x, dim, index


@method
def gather(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The elements at `index` along `dim`: result[i][j] = input[index[i][j]][j] for dim 0.

    Args:
        input: where to pick from.
        dim: the axis that `index` counts along.
        index: integers, of the shape of the result.

    Example:
        >>> import nn
        >>> nn.gather(nn.tensor([[1.0, 2.0], [3.0, 4.0]]), 1, nn.tensor([[0], [1]]))
        tensor([[1.],
                [4.]])
    """
    x, dim, places = places_along(input, dim, index, "gather")
    result = ops.gather(x, places, dim=dim)
    return result if result.shape == index.shape else shape.reshape(result, shape=index.shape)


@method
def take_along_dim(input: Tensor, indices: Tensor, dim: int | None = None) -> Tensor:
    """As `gather`, with input and indices broadcast to each other; without an axis, from all elements in a row.

    Example:
        >>> import nn
        >>> x = nn.tensor([[3, 1], [2, 4]])
        >>> nn.take_along_dim(x, x.argmax(1, keepdim=True), 1).tolist()
        [[3], [4]]
    """
    checks.places(indices, "take_along_dim", "indices")
    if dim is None:
        return take(checks.tensor(input, "take_along_dim"), shape.flatten(indices))
    if checks.tensor(input, "take_along_dim").ndim != indices.ndim:
        raise ShapeError(f"take_along_dim: indices {indices.shape} must have as many axes as input {input.shape}")
    dim = shape.axis(dim, input.ndim, "take_along_dim")
    size = input.shape[dim]
    checks.within(indices._array, size, "take_along_dim", f"axis {dim} of input {input.shape}", -size)
    places = np.where(indices._array < 0, indices._array + size, indices._array)
    others = [(*s[:dim], 1, *s[dim + 1 :]) for s in (input.shape, places.shape)]
    try:
        wide = np.broadcast_shapes(*others)
    except ValueError:
        raise ShapeError(
            f"take_along_dim: indices {indices.shape} and input {input.shape} do not fit on an axis other than {dim}; "
            "there they must be equal or 1"
        ) from None
    x = shape.expand(input, shape=(*wide[:dim], size, *wide[dim + 1 :]))
    return ops.gather(x, np.broadcast_to(places, (*wide[:dim], places.shape[dim], *wide[dim + 1 :])), dim=dim)


@method
def take(input: Tensor, index: Tensor) -> Tensor:
    """The elements at `index`, counted through all of them in a row; negative indices count from the end.

    Example:
        >>> import nn
        >>> nn.take(nn.tensor([[1, 2], [3, 4]]), nn.tensor([0, -1]))
        tensor([1, 4])
    """
    size = checks.tensor(input, "take").numel()
    checks.within(checks.places(index, "take")._array, size, "take", "input, in a row,", -size)
    return ops.getitem(shape.flatten(input), index=mode.quiet(index._array.copy))


def vector_of_places(input: Any, dim: int, index: Any, caller: str, least: int = 0) -> tuple[Tensor, int, Array]:
    """Input with one axis at least, the axis, and a vector of indices of its entries."""
    checks.places(index, caller)
    dim = shape.axis(dim, checks.tensor(input, caller).ndim, caller)
    x = line(input)
    if index.ndim > 1:
        raise OutOfBoundsError(f"{caller}: index must be a vector, its shape is {index.shape}; use ravel()")
    places = mode.quiet(line(index)._array.copy)
    size = x.shape[dim]
    checks.within(places, size, caller, f"axis {dim} of input {input.shape}", least * size)
    return x, dim, places


def on_axis(dim: int, places: Any) -> tuple[Any, ...]:
    """The index that means `places` on one axis and everything on the others."""
    return (slice(None),) * dim + (places,)


@method
def index_select(input: Tensor, dim: int, index: Tensor) -> Tensor:
    """The entries of an axis that a vector of indices names, in its order.

    Example:
        >>> import nn
        >>> nn.index_select(nn.tensor([[1, 2], [3, 4]]), 1, nn.tensor([1, 1])).tolist()
        [[2, 2], [4, 4]]
    """
    x, dim, places = vector_of_places(input, dim, index, "index_select")
    picked = shape.in_rows(ops.getitem(x, index=on_axis(dim, places)))
    return picked if input.ndim else shape.reshape(picked, shape=())


def boolean(mask: Any, caller: str) -> Tensor:
    """A mask, which has to be a boolean tensor."""
    if checks.tensor(mask, caller, "mask").dtype != np.bool_:
        raise DtypeError(f"{caller}: mask must be boolean, it is {mask.dtype}; use .bool()")
    return mask


def masked_shape(input: Any, mask: Any, caller: str) -> tuple[int, ...]:
    """The common shape of input and mask."""
    boolean(mask, caller)
    try:
        return np.broadcast_shapes(checks.tensor(input, caller).shape, mask.shape)
    except ValueError:
        raise ShapeError(
            f"{caller}: mask {mask.shape} does not fit input {input.shape}; their axes must be equal or 1"
        ) from None


@method
def masked_select(input: Tensor, mask: Tensor) -> Tensor:
    """The elements where the mask holds (both broadcast), as a vector.

    Example:
        >>> import nn
        >>> x = nn.tensor([1.0, -2.0, 3.0])
        >>> nn.masked_select(x, x > 0)
        tensor([1., 3.])
    """
    wide = masked_shape(input, mask, "masked_select")
    return ops.getitem(shape.expand(input, shape=wide), index=np.broadcast_to(mask._array, wide).copy())


@method
def nonzero(input: Tensor, *, as_tuple: bool = False) -> Any:
    """The indices of the elements that are not 0: one row for each, or one vector for each axis.

    Example:
        >>> import nn
        >>> x = nn.tensor([[0, 5], [7, 0]])
        >>> nn.nonzero(x).tolist(), nn.nonzero(x, as_tuple=True)
        ([[0, 1], [1, 0]], (tensor([0, 1]), tensor([1, 0])))
    """
    if as_tuple:
        return tuple(wrap(where) for where in np.nonzero(line(checks.tensor(input, "nonzero"))._array))
    return wrap(np.argwhere(checks.tensor(input, "nonzero")._array))


def _where(self: Tensor, condition: Tensor, other: Any) -> Tensor:
    """The tensor where the condition holds, `other` elsewhere, broadcast."""
    return where(condition, self, other)


method(_where, "where")


@method
def argwhere(input: Tensor) -> Tensor:
    """The indices of the elements that are not 0, a row for each.

    Example:
        >>> import nn
        >>> nn.argwhere(nn.tensor([0, 5, 7])).tolist()
        [[1], [2]]
    """
    return wrap(np.argwhere(checks.tensor(input, "argwhere")._array))


def unravel_index(indices: Tensor, shape: tuple[int, ...]) -> tuple[Tensor, ...]:
    """Indices counted through all elements in a row, as an index for each axis of a tensor of this shape.

    Example:
        >>> import nn
        >>> nn.unravel_index(nn.tensor([5, 7]), (3, 4))
        (tensor([1, 1]), tensor([1, 3]))
    """
    checks.integers(indices, "unravel_index", "indices")
    checks.within(indices._array, math.prod(shape), "unravel_index", f"a tensor of shape {tuple(shape)}")
    return tuple(wrap(np.array(axis)) for axis in np.unravel_index(indices._array, shape))
