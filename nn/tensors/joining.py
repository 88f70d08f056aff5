"""Make many tensors one (`cat`, `stack`), and one tensor many (`split`, `chunk`, `unbind`)."""

from __future__ import annotations

import itertools
import operator
from collections.abc import Sequence
from typing import Any

from nn.autograd.cutting import cut
from nn.errors import OutOfBoundsError, RangeError, ShapeError
from nn.ops import indexing
from nn.ops import shape as ops
from nn.tensors import checks
from nn.tensors.methods import either_name, method
from nn.tensors.shape import atleast_1d, atleast_2d, atleast_3d, reshape
from nn.tensors.tensor import Tensor

__all__ = [
    "cat",
    "chunk",
    "column_stack",
    "concat",
    "concatenate",
    "dsplit",
    "dstack",
    "hsplit",
    "hstack",
    "row_stack",
    "split",
    "split_with_sizes",
    "stack",
    "tensor_split",
    "unbind",
    "vsplit",
    "vstack",
]


@either_name
def cat(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors one after another along an axis.

    Args:
        tensors: alike in every axis but `dim`.
        dim: the axis.

    Example:
        >>> import nn
        >>> nn.cat([nn.tensor([1.0]), nn.tensor([2.0, 3.0])])
        tensor([1., 2., 3.])
    """
    return _joined(_several(tensors, "cat"), dim, "cat")


concat = concatenate = cat


@either_name
def stack(tensors: Sequence[Tensor], dim: int = 0) -> Tensor:
    """The tensors, all of one shape, side by side along a new axis.

    Example:
        >>> import nn
        >>> nn.stack([nn.tensor([1.0, 2.0]), nn.tensor([3.0, 4.0])]).shape
        (2, 2)
    """
    parts = _several(tensors, "stack")
    shape = parts[0]._array.shape
    for i, part in enumerate(parts):
        if part._array.shape != shape:
            raise ShapeError(
                f"stack: expected tensors of one shape, got {parts[0].shape} and, in place {i}, {part.shape}; reshape "
                "one, or join them along an axis that they have with nn.cat"
            )
    return ops.stack(parts, dim)


def vstack(tensors: Sequence[Tensor]) -> Tensor:
    """The tensors one below another; a vector is a row.

    Example:
        >>> import nn
        >>> nn.vstack([nn.tensor([1, 2]), nn.tensor([3, 4])]).tolist()
        [[1, 2], [3, 4]]
    """
    return _joined([atleast_2d(t) for t in _several(tensors, "vstack")], 0, "vstack")


row_stack = vstack


def hstack(tensors: Sequence[Tensor]) -> Tensor:
    """The tensors side by side: along the second axis, vectors along their only one.

    Example:
        >>> import nn
        >>> nn.hstack([nn.tensor([1, 2]), nn.tensor([3])])
        tensor([1, 2, 3])
    """
    parts = [atleast_1d(t) for t in _several(tensors, "hstack")]
    return _joined(parts, 0 if parts[0].ndim == 1 else 1, "hstack")


def dstack(tensors: Sequence[Tensor]) -> Tensor:
    """The tensors one behind another, along the third axis.

    Example:
        >>> import nn
        >>> nn.dstack([nn.tensor([1, 2]), nn.tensor([3, 4])]).tolist()
        [[[1, 3], [2, 4]]]
    """
    return _joined([atleast_3d(t) for t in _several(tensors, "dstack")], 2, "dstack")


def column_stack(tensors: Sequence[Tensor]) -> Tensor:
    """The tensors side by side; a vector is a column.

    Example:
        >>> import nn
        >>> nn.column_stack([nn.tensor([1, 2]), nn.tensor([3, 4])]).tolist()
        [[1, 3], [2, 4]]
    """
    columns = [t if t.ndim > 1 else reshape(t, (t.numel(), 1)) for t in _several(tensors, "column_stack")]
    return _joined(columns, 1, "column_stack")


def _pieces(input: Tensor, sizes: Sequence[int], dim: int, several: bool = False) -> tuple[Tensor, ...]:
    """Consecutive pieces of the given lengths along an axis: views."""
    starts = itertools.accumulate(sizes, initial=0)
    spans = (dict(dim=dim, start=start, length=n) for start, n in zip(starts, sizes, strict=False))
    return cut(ops.narrow, input, spans, several)


def _split_axis(input: Any, dim: int, caller: str) -> int:
    """The axis to split, counted from the front."""
    if not checks.tensor(input, caller).ndim:
        raise ShapeError(f"{caller}: a tensor without axes cannot be split; use unsqueeze(0) first")
    return ops.axis(dim, input.ndim, caller)


@method
def split(input: Tensor, split_size_or_sections: int | Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Consecutive pieces of one length (the last may be shorter), or of the lengths given: views.

    Raises:
        RangeError: the lengths do not add up to that of the axis.

    Example:
        >>> import nn
        >>> nn.split(nn.arange(5), 2)
        (tensor([0, 1]), tensor([2, 3]), tensor([4]))
        >>> nn.split(nn.arange(5), [1, 4])
        (tensor([0]), tensor([1, 2, 3, 4]))
    """
    dim = _split_axis(input, dim, "split")
    length, wanted = input.shape[dim], split_size_or_sections
    if isinstance(wanted, tuple | list):
        sizes = [operator.index(n) for n in wanted]
        if sum(sizes) != length or min(sizes, default=0) < 0:
            raise RangeError(f"split: lengths {sizes} do not add up to {length}, the length of axis {dim}; change one")
        return _pieces(input, sizes, dim, several=True)
    size = operator.index(wanted)  # type: ignore[arg-type]
    if size < 0 or (size == 0 and length):
        raise RangeError(f"split: the length of a piece must be 1 or more, got {size}")
    count = max(1, -(-length // size)) if size else 1
    return _pieces(input, [min(size, length - i * size) for i in range(count)], dim, several=True)


@method
def split_with_sizes(input: Tensor, split_sizes: Sequence[int], dim: int = 0) -> tuple[Tensor, ...]:
    """Consecutive pieces of the lengths given: views.

    Example:
        >>> import nn
        >>> nn.split_with_sizes(nn.arange(5), [1, 4])
        (tensor([0]), tensor([1, 2, 3, 4]))
    """
    return split(input, tuple(split_sizes), dim)


@method
def chunk(input: Tensor, chunks: int, dim: int = 0) -> tuple[Tensor, ...]:
    """At most `chunks` pieces of one length along an axis (the last may be shorter): views.

    Example:
        >>> import nn
        >>> [len(x) for x in nn.chunk(nn.arange(7), 3)]
        [3, 3, 1]
    """
    dim, chunks = _split_axis(input, dim, "chunk"), ops.whole(chunks, "chunk", "chunks")
    if chunks < 1:
        raise RangeError(f"chunk: chunks must be 1 or more, got {chunks}")
    if not input.shape[dim]:
        return _pieces(input, [0] * chunks, dim)
    return split(input, -(-input.shape[dim] // chunks), dim)


@method
def tensor_split(input: Tensor, indices_or_sections: Any, dim: int = 0) -> tuple[Tensor, ...]:
    """The given number of pieces, of lengths that differ by one at most; or pieces cut at the given indices: views.

    Example:
        >>> import nn
        >>> [len(x) for x in nn.tensor_split(nn.arange(7), 3)], [len(x) for x in nn.tensor_split(nn.arange(7), (1, 5))]
        ([3, 2, 2], [1, 4, 2])
    """
    dim = _split_axis(input, dim, "tensor_split")
    length, wanted = input.shape[dim], indices_or_sections
    wanted = wanted.tolist() if isinstance(wanted, Tensor) else wanted
    if isinstance(wanted, tuple | list):
        bounds = [0, *(slice(None, i).indices(length)[1] for i in wanted), length]
        spans = itertools.pairwise(bounds)
        return tuple(ops.narrow(input, dim=dim, start=a, length=max(0, b - a)) for a, b in spans)
    if wanted < 1:
        raise RangeError(f"tensor_split: the number of pieces must be 1 or more, got {wanted}")
    least, more = divmod(length, wanted)
    return _pieces(input, [least + (i < more) for i in range(wanted)], dim)


def _even_split(input: Tensor, wanted: Any, dim: int, least: int, caller: str) -> tuple[Tensor, ...]:
    """Pieces of one length, which have to come out even, or pieces cut at indices."""
    if checks.tensor(input, caller).ndim < least:
        raise ShapeError(f"{caller}: expected at least {least} axes, got shape {input.shape}; use reshape first")
    if isinstance(wanted, int) and (wanted < 1 or input.shape[dim] % wanted):
        raise RangeError(
            f"{caller}: axis {dim} of length {input.shape[dim]} cannot be cut into {wanted} equal pieces; "
            "use tensor_split"
        )
    return tensor_split(input, wanted, dim)


@method
def hsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Equal pieces, or pieces cut at indices, along the second axis (of a vector along its only one).

    Example:
        >>> import nn
        >>> [x.shape for x in nn.hsplit(nn.zeros(2, 4), 2)]
        [(2, 2), (2, 2)]
    """
    dim = 0 if checks.tensor(input, "hsplit").ndim == 1 else 1
    return _even_split(input, indices_or_sections, dim, 1, "hsplit")


@method
def vsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Equal pieces, or pieces cut at indices, along the first axis.

    Example:
        >>> import nn
        >>> [x.shape for x in nn.vsplit(nn.zeros(4, 2), 2)]
        [(2, 2), (2, 2)]
    """
    return _even_split(input, indices_or_sections, 0, 2, "vsplit")


@method
def dsplit(input: Tensor, indices_or_sections: Any) -> tuple[Tensor, ...]:
    """Equal pieces, or pieces cut at indices, along the third axis.

    Example:
        >>> import nn
        >>> [x.shape for x in nn.dsplit(nn.zeros(1, 2, 4), 2)]
        [(1, 2, 2), (1, 2, 2)]
    """
    return _even_split(input, indices_or_sections, 2, 3, "dsplit")


@method
def unbind(input: Tensor, dim: int = 0) -> tuple[Tensor, ...]:
    """The slices along an axis, without that axis: views.

    Example:
        >>> import nn
        >>> nn.unbind(nn.tensor([[1, 2], [3, 4]]))
        (tensor([1, 2]), tensor([3, 4]))
    """
    if not checks.tensor(input, "unbind").ndim:
        raise OutOfBoundsError("unbind: a tensor without axes has no slices; use unsqueeze(0) first")
    dim = ops.axis(dim, input.ndim, "unbind")
    before = (slice(None),) * dim
    return cut(indexing.getitem, input, [dict(index=(*before, i)) for i in range(input.shape[dim])])


def _joined(parts: list[Tensor], dim: int, caller: str) -> Tensor:
    """The parts one after another along an axis; in all others they have to be alike."""
    if len({t._array.shape for t in parts}) == 1:
        return ops.cat(parts, dim)
    filled = [(i, t) for i, t in enumerate(parts) if t.shape != (0,)]  # which PyTorch passes over
    for i, part in filled:
        first = filled[0][1]
        axis = dim + first.ndim if dim < 0 else dim
        if part.ndim != first.ndim:
            raise ShapeError(
                f"{caller}: expected tensors with equally many axes, got {first.shape} and, in place {i}, "
                f"{part.shape}; reshape one, or join them along a new axis with nn.stack"
            )
        for d, (n, m) in enumerate(zip(first.shape, part.shape, strict=True)):
            if n != m and d != axis:
                raise ShapeError(
                    f"{caller}: tensors joined along axis {axis} must be alike in every other, got {first.shape} and, "
                    f"in place {i}, {part.shape}: axis {d} has {n} and {m}"
                )
    return ops.cat(parts, dim)


def _several(tensors: Sequence[Tensor], caller: str) -> list[Tensor]:
    if isinstance(tensors, Tensor):
        raise TypeError(f"{caller}: expected a list of tensors, got a tensor; write {caller}([tensor])")
    if not tensors:
        raise RangeError(f"{caller}: expected at least one tensor, got an empty list")
    return [t if isinstance(t, Tensor) else checks.tensor(t, caller, f"tensor {i}") for i, t in enumerate(tensors)]
