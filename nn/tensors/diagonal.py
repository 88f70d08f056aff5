"""Cut triangles and diagonals out of matrices (`tril`, `diagonal`), or build matrices from them (`diag_embed`)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn.autograd.tape import wrap
from nn.errors import RangeError, ShapeError
from nn.ops import indexing, reduction
from nn.ops import shape as ops
from nn.tensors import checks
from nn.tensors.arguments import as_dtype
from nn.tensors.methods import in_place, method
from nn.tensors.shape import atleast_2d
from nn.tensors.tensor import Tensor

__all__ = [
    "block_diag",
    "diag",
    "diag_embed",
    "diagflat",
    "diagonal",
    "diagonal_scatter",
    "trace",
    "tril",
    "tril_indices",
    "triu",
    "triu_indices",
]


def _matrices(input: Any, caller: str) -> Tensor:
    """The tensor, which has to have two axes or more."""
    if checks.tensor(input, caller).ndim < 2:
        raise ShapeError(f"{caller}: expected at least 2 axes, got shape {input.shape}; use unsqueeze first")
    return input


@in_place
@method
def tril(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrices on and below a diagonal, 0 above.

    Example:
        >>> import nn
        >>> nn.tril(nn.tensor([[1, 2], [3, 4]])).tolist()
        [[1, 0], [3, 4]]
    """
    return ops.tril(_matrices(input, "tril"), diagonal=diagonal)


@in_place
@method
def triu(input: Tensor, diagonal: int = 0) -> Tensor:
    """The matrices on and above a diagonal, 0 below.

    Example:
        >>> import nn
        >>> nn.triu(nn.tensor([[1, 2], [3, 4]])).tolist()
        [[1, 2], [0, 4]]
    """
    return ops.triu(_matrices(input, "triu"), diagonal=diagonal)


def _indices(rows: Any, row: int, col: int, dtype: DTypeLike, caller: str) -> Tensor:
    if row < 0 or col < 0:
        raise RangeError(f"{caller}: row and col must be 0 or more, got {row} and {col}")
    return wrap(np.stack(rows).astype(as_dtype(dtype)))


def tril_indices(row: int, col: int, offset: int = 0, *, dtype: DTypeLike = np.int64) -> Tensor:
    """The rows and the columns of the elements on and below a diagonal of a (row, col) matrix.

    Example:
        >>> import nn
        >>> nn.tril_indices(2, 2).tolist()
        [[0, 1, 1], [0, 0, 1]]
    """
    return _indices(np.tril_indices(max(row, 0), offset, max(col, 0)), row, col, dtype, "tril_indices")


def triu_indices(row: int, col: int, offset: int = 0, *, dtype: DTypeLike = np.int64) -> Tensor:
    """The rows and the columns of the elements on and above a diagonal of a (row, col) matrix.

    Example:
        >>> import nn
        >>> nn.triu_indices(2, 2).tolist()
        [[0, 0, 1], [0, 1, 1]]
    """
    return _indices(np.triu_indices(max(row, 0), offset, max(col, 0)), row, col, dtype, "triu_indices")


def _plane(rank: int, dim1: int, dim2: int, caller: str) -> tuple[int, int]:
    """The two axes of the matrices, counted from the front."""
    first, second = ops.axis(dim1, rank, caller), ops.axis(dim2, rank, caller)
    if first == second:
        raise RangeError(f"{caller}: expected two different axes, dim1={dim1} and dim2={dim2} are the same")
    return first, second


@method
def diagonal(input: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """The elements whose index along dim2 is that along dim1 plus offset, as the last axis: a view.

    Example:
        >>> import nn
        >>> nn.diagonal(nn.tensor([[1, 2], [3, 4]]))
        tensor([1, 4])
    """
    dim1, dim2 = _plane(checks.tensor(input, "diagonal").ndim, dim1, dim2, "diagonal")
    return ops.diagonal(input, offset=offset, dim1=dim1, dim2=dim2)


@method
def diag_embed(input: Tensor, offset: int = 0, dim1: int = -2, dim2: int = -1) -> Tensor:
    """Matrices, in the axes dim1 and dim2 of the result, with the last axis of `input` on a diagonal and 0 elsewhere.

    Example:
        >>> import nn
        >>> nn.diag_embed(nn.tensor([1, 2])).tolist()
        [[1, 0], [0, 2]]
    """
    rank = checks.tensor(input, "diag_embed").ndim + 1
    dim1, dim2 = _plane(rank, dim1, dim2, "diag_embed")
    length = input.shape[-1] + abs(offset)
    others = iter(input.shape[:-1])
    shape = tuple(length if d in (dim1, dim2) else next(others) for d in range(rank))
    return ops.diagonal_backward(input, shape=shape, offset=offset, dim1=dim1, dim2=dim2)


@method
def diag(input: Tensor, diagonal: int = 0) -> Tensor:
    """Of a matrix its diagonal, a copy; of a vector the matrix that has it there.

    Example:
        >>> import nn
        >>> nn.diag(nn.tensor([[1, 2], [3, 4]])), nn.diag(nn.tensor([1, 2])).tolist()
        (tensor([1, 4]), [[1, 0], [0, 2]])
    """
    if checks.tensor(input, "diag").ndim not in (1, 2):
        raise ShapeError(f"diag: expected a vector or a matrix, got shape {input.shape}; use diagonal")
    return diag_embed(input, diagonal) if input.ndim == 1 else ops.clone(ops.diagonal(input, offset=diagonal))


@method
def diagflat(input: Tensor, offset: int = 0) -> Tensor:
    """The matrix that has all elements on a diagonal and 0 elsewhere.

    Example:
        >>> import nn
        >>> nn.diagflat(nn.tensor([[1], [2]])).tolist()
        [[1, 0], [0, 2]]
    """
    return diag_embed(ops.flatten(checks.tensor(input, "diagflat")), offset)


@method
def diagonal_scatter(input: Tensor, src: Tensor, offset: int = 0, dim1: int = 0, dim2: int = 1) -> Tensor:
    """A copy of `input` with `src` on a diagonal.

    Example:
        >>> import nn
        >>> nn.diagonal_scatter(nn.zeros(2, 2), nn.ones(2)).tolist()
        [[1.0, 0.0], [0.0, 1.0]]
    """
    now = diagonal(checks.tensor(input, "diagonal_scatter"), offset, dim1, dim2)
    if checks.tensor(src, "diagonal_scatter", "src").shape != now.shape:
        raise ShapeError(f"diagonal_scatter: src has shape {src.shape}, the diagonal {now.shape}; make them equal")
    places = diagonal(wrap(np.arange(input.numel()).reshape(input.shape)), offset, dim1, dim2)._array
    flat = indexing.setitem(ops.flatten(input), src.to(input.dtype), index=places)
    return ops.reshape(flat, shape=input.shape)


@method
def fill_diagonal_(self: Tensor, fill_value: Any, wrap: bool = False) -> Tensor:
    """One number on the diagonal of a matrix (or of a tensor of equal lengths), in place.

    Args:
        self: the tensor.
        fill_value: the number.
        wrap: go on in the row after the next when a tall matrix's last column is reached.

    Example:
        >>> import nn
        >>> nn.zeros(2, 2).fill_diagonal_(5).tolist()
        [[5.0, 0.0], [0.0, 5.0]]
    """
    if self.ndim < 2 or (self.ndim > 2 and len(set(self.shape)) > 1):
        raise ShapeError(f"fill_diagonal_: expected a matrix or equal lengths, got shape {self.shape}; use reshape")
    columns = self.shape[-1]
    ends = self.numel() if wrap or self.ndim > 2 else columns * columns
    step = sum(columns**k for k in range(self.ndim)) if self.ndim > 2 else columns + 1
    places = np.unravel_index(np.arange(0, min(ends, self.numel()), step), self.shape)
    return self._overwrite("fill_diagonal_", places, fill_value)


@method
def trace(input: Tensor) -> Tensor:
    """The sum of the diagonal of a matrix.

    Example:
        >>> import nn
        >>> nn.trace(nn.tensor([[1.0, 2.0], [3.0, 4.0]]))
        tensor(5.)
    """
    if checks.tensor(input, "trace").ndim != 2:
        raise ShapeError(f"trace: expected a matrix, got shape {input.shape}; use diagonal(...).sum(-1)")
    return reduction.sum(ops.diagonal(input))


def block_diag(*tensors: Tensor) -> Tensor:
    """The matrix that has the given ones along its diagonal and 0 elsewhere; a vector is a row.

    Example:
        >>> import nn
        >>> nn.block_diag(nn.tensor([[1, 2]]), nn.tensor([3])).tolist()
        [[1, 2, 0], [0, 0, 3]]
    """
    for i, t in enumerate(tensors):
        if checks.tensor(t, "block_diag", f"tensor {i}").ndim > 2:
            raise ShapeError(f"block_diag: expected at most 2 axes, tensor {i} is {t.shape}; use block_diag(*tensor)")
    if not tensors:
        return wrap(np.zeros((1, 0), as_dtype(None)))
    blocks = [atleast_2d(t) for t in tensors]
    width, left, rows = sum(b.shape[1] for b in blocks), 0, []
    for block in blocks:
        rows.append(ops.narrow_backward(block, shape=(block.shape[0], width), dim=1, start=left))
        left += block.shape[1]
    return ops.cat(rows, 0)
