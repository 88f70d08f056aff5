"""Read the same elements in another shape: change (`reshape`), order (`permute`) or repeat (`expand`) the axes."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import RangeError, ShapeError
from nn.kernels import shape as kernels
from nn.kernels.layout import is_row_major_or_maps
from nn.ops import shape as ops
from nn.tensors import checks
from nn.tensors.arguments import as_dim, as_dtype, as_shape
from nn.tensors.methods import alias, axes_method, method, turns_in_place
from nn.tensors.place import channels_last, contiguous_format, layout
from nn.tensors.tensor import Tensor

__all__ = [
    "adjoint",
    "atleast_1d",
    "atleast_2d",
    "atleast_3d",
    "broadcast_shapes",
    "broadcast_tensors",
    "broadcast_to",
    "clone",
    "flatten",
    "moveaxis",
    "movedim",
    "permute",
    "ravel",
    "reshape",
    "squeeze",
    "swapaxes",
    "swapdims",
    "t",
    "transpose",
    "unflatten",
    "unsqueeze",
]


@axes_method
def reshape(input: Tensor, shape: Any) -> Tensor:
    """The same elements in another shape; one length may be -1, which stands for what is left.

    The result shares the memory of the input where that can be read in the new shape, and is a copy elsewhere; `view`
    never copies, `clone` always does.

    Raises:
        ShapeError: the number of elements does not fit.

    Example:
        >>> import nn
        >>> nn.reshape(nn.arange(4), (2, -1))
        tensor([[0, 1],
                [2, 3]])
    """
    return _shared_if_possible(input, ops.reshape(checks.tensor(input, "reshape"), shape=as_shape((shape,))))


@method
def view(input: Tensor, *shape: Any) -> Tensor:
    """As `reshape`, but never a copy; given a dtype instead, the same bytes read as that type.

    Raises:
        ShapeError: the memory cannot be read in that shape.

    Example:
        >>> import nn
        >>> nn.arange(4).view(2, 2).tolist()
        [[0, 1], [2, 3]]
        >>> nn.tensor([1.0]).view(nn.int32)
        tensor([1065353216], dtype=int32)
    """
    if isinstance(shape[0] if shape else None, np.dtype | type | str):
        read = wrap(input._array.view(as_dtype(shape[0])))
        read._shared = input._memory()
        return read
    result = _shared_if_possible(input, ops.reshape(input, shape=as_shape(shape)), axes=3)
    if not np.may_share_memory(result._array, input._array) and input.numel():
        raise ShapeError(f"view: memory of shape {input.shape} cannot be read as {result.shape}; use reshape")
    return result


def _shared_if_possible(x: Tensor, result: Tensor, axes: int = 4) -> Tensor:
    """`result`, which is x in another shape; a view also where x are maps that a convolution has left batch-last.

    For that they are laid in the order of their indices, as PyTorch has them. (Of three axes, the same order is more
    often that of a picture whose axes were exchanged, of which PyTorch makes a copy.)
    """
    return result if result._view is not None or not _laid_in_rows(x, axes) else ops.reshape(x, shape=result.shape)


def _laid_in_rows(x: Tensor, axes: int) -> bool:
    """Lay maps that lie batch-last in the order of their indices, and say whether that was done.

    It is not where it would be seen: where a view, NumPy or the caller reads their memory too.
    """
    if x._array.flags.c_contiguous or x._view is not None or not is_row_major_or_maps(x._array, axes):
        return False
    node: Any = x._node
    kept = node is not None and node.result is x._array
    alone = not any(view() is not None for view in x._memory().views or ())
    if not mode.noted:  # else every array is held, and the copy is noted too
        fresh = wrap(np.empty(1) if x._array.base is None else np.empty((1, 1)).T)
        array, memory = _holders(fresh)
        alone = alone and _holders(x) == (array + kept, memory)
    if not alone:
        return False
    x._array = mode.quiet(kernels.clone, x._array, row_major=True)
    if kept:
        node.result = x._array
    return True


def _holders(x: Tensor) -> tuple[int, int]:
    """How many hold the array of a tensor, and the memory that it is a view of, with those that this call adds."""
    base = x._array.base
    return sys.getrefcount(x._array), 0 if base is None else sys.getrefcount(base)


@method
def view_as(input: Tensor, other: Tensor) -> Tensor:
    """The same memory in the shape of `other`.

    Example:
        >>> import nn
        >>> nn.zeros(4).view_as(nn.zeros(2, 2)).shape
        (2, 2)
    """
    return view(input, other.shape)


@method
def reshape_as(input: Tensor, other: Tensor) -> Tensor:
    """The same elements in the shape of `other`.

    Example:
        >>> import nn
        >>> nn.zeros(4).reshape_as(nn.zeros(2, 2)).shape
        (2, 2)
    """
    return reshape(input, other.shape)


@axes_method
def permute(input: Tensor, dims: Any) -> Tensor:
    """The axes in another order.

    Example:
        >>> import nn
        >>> nn.permute(nn.zeros(2, 3, 4), (2, 0, 1)).shape
        (4, 2, 3)
    """
    return ops.permute(checks.tensor(input, "permute"), dims=as_shape((dims,)))


@turns_in_place
@method
def transpose(input: Tensor, dim0: int, dim1: int) -> Tensor:
    """Two axes exchanged.

    Example:
        >>> import nn
        >>> nn.transpose(nn.zeros(2, 3), 0, 1).shape
        (3, 2)
    """
    if not checks.tensor(input, "transpose").ndim and {dim0, dim1} <= {0, -1}:
        return input
    return ops.transpose(input, dim0=dim0, dim1=dim1)


swapaxes = alias(transpose, "swapaxes")
swapdims = alias(transpose, "swapdims")


@turns_in_place
@method
def t(input: Tensor) -> Tensor:
    """A matrix transposed; a vector stays as it is.

    Raises:
        ShapeError: there are more than two axes.

    Example:
        >>> import nn
        >>> nn.zeros(2, 3).t().shape
        (3, 2)
    """
    if checks.tensor(input, "t").ndim > 2:
        raise ShapeError(f"t: expected at most 2 axes, got shape {input.shape}; use transpose or mT")
    return input.T


@method
def adjoint(input: Tensor) -> Tensor:
    """The last two axes exchanged (and conjugated, which changes no real number).

    Raises:
        ShapeError: there is one axis only.

    Example:
        >>> import nn
        >>> nn.adjoint(nn.zeros(5, 2, 3)).shape
        (5, 3, 2)
    """
    if checks.tensor(input, "adjoint").ndim == 1:
        raise ShapeError(f"adjoint: expected at least 2 axes, got shape {input.shape}; use unsqueeze first")
    return ops.transpose(input) if input.ndim else input


@method
def movedim(input: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """The axes `source` moved to the places `destination`; the others keep their order.

    Example:
        >>> import nn
        >>> nn.movedim(nn.zeros(2, 3, 4), 0, -1).shape
        (3, 4, 2)
    """
    rank = checks.tensor(input, "movedim").ndim
    sources, destinations = (_axes(v, rank, "movedim") for v in (source, destination))
    if len(sources) != len(destinations):
        raise RangeError(f"movedim: {len(sources)} axes cannot go to {len(destinations)} places; name as many of each")
    target = dict(zip(destinations, sources, strict=True))
    others = iter(d for d in range(rank) if d not in sources)
    return permute(input, tuple(target[d] if d in target else next(others) for d in range(rank)))


moveaxis = alias(movedim, "moveaxis")


def _axes(dims: int | Sequence[int], rank: int, caller: str) -> list[int]:
    """Axes counted from the front, each named once."""
    several: Any = as_dim(dims)
    found = [ops.axis(d, rank, caller) for d in ((several,) if isinstance(several, int) else several)]
    if len(set(found)) < len(found):
        raise RangeError(f"{caller}: an axis is named twice in {dims}; name each once")
    return found if rank else []


@axes_method
def expand(input: Tensor, size: Any) -> Tensor:
    """Broadcast to a shape, without a copy; -1 keeps an axis.

    Example:
        >>> import nn
        >>> nn.tensor([[1], [2]]).expand(-1, 3)
        tensor([[1, 1, 1],
                [2, 2, 2]])
    """
    wanted = as_shape((size,))
    if len(wanted) < input.ndim:
        raise ShapeError(f"expand: {wanted} has fewer axes than the tensor's shape {input.shape}; name every axis")
    own = (1,) * (len(wanted) - input.ndim) + input.shape
    return ops.expand(input, shape=tuple(n if w == -1 else w for w, n in zip(wanted, own, strict=True)))


@method
def expand_as(input: Tensor, other: Tensor) -> Tensor:
    """Broadcast to the shape of `other`, without a copy.

    Example:
        >>> import nn
        >>> nn.zeros(3).expand_as(nn.zeros(2, 3)).shape
        (2, 3)
    """
    return expand(input, other.shape)


@axes_method
def broadcast_to(input: Tensor, size: Any) -> Tensor:
    """Broadcast to a shape, without a copy; as `expand`.

    Example:
        >>> import nn
        >>> nn.broadcast_to(nn.zeros(3), (2, 3)).shape
        (2, 3)
    """
    return expand(checks.tensor(input, "broadcast_to"), size)


def broadcast_shapes(*shapes: Any) -> tuple[int, ...]:
    """The shape that tensors of the given shapes have after broadcasting.

    Example:
        >>> import nn
        >>> nn.broadcast_shapes((2, 1), (3,))
        (2, 3)
    """
    try:
        return np.broadcast_shapes(*shapes)
    except ValueError as error:
        given = " and ".join(map(str, shapes))
        raise ShapeError(f"broadcast_shapes: {given} do not fit: an axis must be equal or 1 in all") from error


def broadcast_tensors(*tensors: Tensor) -> tuple[Tensor, ...]:
    """The tensors, each broadcast to their common shape, without a copy.

    Example:
        >>> import nn
        >>> [x.shape for x in nn.broadcast_tensors(nn.zeros(2, 1), nn.zeros(3))]
        [(2, 3), (2, 3)]
    """
    shape = broadcast_shapes(*(checks.tensor(t, "broadcast_tensors").shape for t in tensors))
    return tuple(ops.expand(t, shape=shape) for t in tensors)


def _at_least(rank: int, tensors: tuple[Any, ...], extend: Callable[[Tensor], Tensor]) -> Any:
    """Each tensor of less than `rank` axes extended; one tensor alone is returned alone."""
    if len(tensors) == 1 and isinstance(tensors[0], tuple | list):
        tensors = tuple(tensors[0])
        return tuple(_at_least(rank, (t,), extend) for t in tensors)
    found = tuple(t if checks.tensor(t, f"atleast_{rank}d").ndim >= rank else extend(t) for t in tensors)
    return found[0] if len(found) == 1 else found


def atleast_1d(*tensors: Any) -> Any:
    """A tensor without axes as one of shape (1,); several tensors give a tuple.

    Example:
        >>> import nn
        >>> nn.atleast_1d(nn.tensor(2.0))
        tensor([2.])
    """
    return _at_least(1, tensors, lambda x: reshape(x, (1,)))


def atleast_2d(*tensors: Any) -> Any:
    """A vector as a matrix of one row; several tensors give a tuple.

    Example:
        >>> import nn
        >>> nn.atleast_2d(nn.tensor([1.0, 2.0]))
        tensor([[1., 2.]])
    """
    return _at_least(2, tensors, lambda x: reshape(x, (1, *(x.shape or (1,)))))


def atleast_3d(*tensors: Any) -> Any:
    """A vector as (1, n, 1), a matrix as (n, m, 1); several tensors give a tuple.

    Example:
        >>> import nn
        >>> nn.atleast_3d(nn.zeros(4)).shape
        (1, 4, 1)
    """
    return _at_least(3, tensors, lambda x: reshape(x, (*x.shape, 1) if x.ndim == 2 else (1, *(x.shape or (1,)), 1)))


@method
def clone(input: Tensor, *, memory_format: Any = None) -> Tensor:
    """A copy that gradients flow through.

    Args:
        input: the tensor.
        memory_format: the order in memory, see `contiguous`; by default that of the input.

    Example:
        >>> import nn
        >>> nn.clone(nn.ones(2))
        tensor([1., 1.])
    """
    x = checks.tensor(input, "clone")
    if memory_format is channels_last:
        return _channels_first(ops.clone(_channels_last(x, "clone"), row_major=True))
    return ops.clone(x, row_major=memory_format is contiguous_format)


@method
def contiguous(input: Tensor, memory_format: layout = contiguous_format) -> Tensor:
    """The same values in one piece of memory, in the order of their indices; the tensor itself if it lies so.

    Args:
        input: the tensor.
        memory_format: `nn.channels_last` lays the channels of each pixel of (N, C, H, W) side by side instead.

    Raises:
        ShapeError: `nn.channels_last` of a tensor that does not have four axes.

    Example:
        >>> import nn
        >>> nn.zeros(2, 3).T.contiguous().numpy().flags.c_contiguous
        True
    """
    if memory_format is channels_last:
        pixels = _channels_last(input, "contiguous")
        return input if pixels._array.flags.c_contiguous else _channels_first(ops.clone(pixels, row_major=True))
    return input if input._array.flags.c_contiguous else ops.clone(input, row_major=True)


@method
def is_contiguous(input: Tensor, memory_format: layout = contiguous_format) -> bool:
    """Whether the elements lie in memory as `contiguous` lays them, without gaps.

    Example:
        >>> import nn
        >>> nn.zeros(2, 3).T.is_contiguous()
        False
    """
    if memory_format is channels_last:
        return input.ndim == 4 and bool(_channels_last(input, "is_contiguous")._array.flags.c_contiguous)
    return bool(input._array.flags.c_contiguous)


def _channels_last(x: Tensor, caller: str) -> Tensor:
    """(N, C, H, W) -> (N, H, W, C), a view."""
    if x.ndim != 4:
        raise ShapeError(f"{caller}: nn.channels_last is an order of (N, C, H, W), got shape {x.shape}")
    return ops.permute(x, dims=(0, 2, 3, 1))


def _channels_first(x: Tensor) -> Tensor:
    """(N, H, W, C) -> (N, C, H, W), a view."""
    return ops.permute(x, dims=(0, 3, 1, 2))


@method
def flatten(input: Tensor, start_dim: int = 0, end_dim: int = -1) -> Tensor:
    """The axes from `start_dim` to `end_dim` made one.

    Example:
        >>> import nn
        >>> nn.flatten(nn.zeros(2, 3, 4), 1).shape
        (2, 12)
    """
    return _shared_if_possible(input, ops.flatten(checks.tensor(input, "flatten"), start_dim, end_dim))


@method
def ravel(input: Tensor) -> Tensor:
    """All elements along one axis.

    Example:
        >>> import nn
        >>> nn.ravel(nn.zeros(2, 3)).shape
        (6,)
    """
    return ops.flatten(contiguous(checks.tensor(input, "ravel")))


@method
def unflatten(input: Tensor, dim: int, sizes: Sequence[int]) -> Tensor:
    """One axis made several; one of the sizes may be -1.

    Example:
        >>> import nn
        >>> nn.unflatten(nn.zeros(2, 12), 1, (3, -1)).shape
        (2, 3, 4)
    """
    dim = ops.axis(dim, checks.tensor(input, "unflatten").ndim, "unflatten")
    sizes = as_shape((sizes,))
    length = input.shape[dim]
    known = math.prod(n for n in sizes if n != -1)
    if sizes.count(-1) > 1 or (length % max(known, 1) if -1 in sizes else known != length):
        raise ShapeError(f"unflatten: sizes {sizes} do not multiply to {length}, the length of axis {dim}; change one")
    sizes = tuple(length // max(known, 1) if n == -1 else n for n in sizes)
    return ops.reshape(input, shape=(*input.shape[:dim], *sizes, *input.shape[dim + 1 :]))


@turns_in_place
@method
def squeeze(input: Tensor, dim: int | tuple[int, ...] | None = None) -> Tensor:
    """Without the axes of length 1: all of them, or those among `dim`.

    Example:
        >>> import nn
        >>> nn.squeeze(nn.zeros(1, 3, 1)).shape
        (3,)
    """
    return ops.squeeze(checks.tensor(input, "squeeze"), as_dim(dim))


@turns_in_place
@method
def unsqueeze(input: Tensor, dim: int) -> Tensor:
    """With a new axis of length 1 at `dim`.

    Example:
        >>> import nn
        >>> nn.unsqueeze(nn.zeros(3), 0).shape
        (1, 3)
    """
    return ops.unsqueeze(checks.tensor(input, "unsqueeze"), dim)
