"""Look vectors up in a table (`embedding`), sum them in bags (`embedding_bag`), or write classes as `one_hot`."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.grad_mode import no_grad
from nn.autograd.tape import wrap
from nn.errors import DtypeError, OutOfBoundsError, PreconditionError, RangeError, ShapeError
from nn.kernels.embedding import largest_in_bag
from nn.ops import embedding as ops
from nn.ops import reduction
from nn.ops.indexing import gather
from nn.ops.precision import in_single
from nn.ops.shape import reshape, whole
from nn.tensors import checks
from nn.tensors.arithmetic import where
from nn.tensors.creation import size_of
from nn.tensors.tensor import Tensor

__all__ = ["embedding", "embedding_bag", "one_hot"]


def embedding(
    input: Tensor,
    weight: Tensor,
    padding_idx: int | None = None,
    max_norm: float | None = None,
    norm_type: float = 2.0,
    scale_grad_by_freq: bool = False,
    sparse: bool = False,
) -> Tensor:
    """y[...] = W[x[...]]: a row of the table for each index. A row used twice gets both gradients.

    Args:
        input: x, integers (int32 or int64) from 0 to V - 1.
        weight: W, one row for each of V indices.
        padding_idx: the row that gets no gradient; negative counts from the end.
        max_norm: rows looked up that are longer are shortened to this length first, in W itself.
        norm_type: the p of that length.
        scale_grad_by_freq: divide the gradient of a row by how often it was looked up.
        sparse: has to be False: a gradient is an array here.

    Shape:
        (*), (V, D) -> (*, D).

    Raises:
        OutOfBoundsError: an index is negative, or V or more.

    Example:
        >>> import nn
        >>> table = nn.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
        >>> nn.functional.embedding(nn.tensor([2, 1]), table)
        tensor([[3., 4.],
                [1., 2.]])
    """
    index, rows = _checked(input, weight, "embedding", sparse), weight._array.shape[0]
    padding_idx = padding_row(padding_idx, rows, "embedding")
    _shorten(weight, index, max_norm, norm_type)
    return ops.embedding(weight, input, factor=_factor(index, weight, padding_idx, scale_grad_by_freq))


def embedding_bag(
    input: Tensor,
    weight: Tensor,
    offsets: Tensor | None = None,
    max_norm: float | None = None,
    norm_type: float = 2,
    scale_grad_by_freq: bool = False,
    mode: str = "mean",
    sparse: bool = False,
    per_sample_weights: Tensor | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Tensor:
    """The sum, mean or maximum of several rows of a table, for each bag of indices; zeros for an empty bag.

    Args:
        input: the indices: a bag in each row, or one bag after another in a single axis, with `offsets`.
        weight: the table, one row for each of V indices.
        offsets: where each bag begins in `input`, for indices in a single axis.
        max_norm: rows looked up that are longer are shortened to this length first, in the table itself.
        norm_type: the p of that length.
        scale_grad_by_freq: divide the gradient of a row by how often it was looked up; not for "max".
        mode: "sum", "mean" or "max" (of which the first gets the gradient at a tie).
        sparse: has to be False: a gradient is an array here.
        per_sample_weights: a factor for each index, shaped as `input`; for "sum" alone.
        include_last_offset: whether `offsets` also says where the last bag ends.
        padding_idx: the index that counts for nothing; negative counts from the end.

    Shape:
        (B, N), (V, D) -> (B, D), or (N,), (V, D), (B,) -> (B, D).

    Example:
        >>> import nn
        >>> table = nn.tensor([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0]])
        >>> nn.functional.embedding_bag(nn.tensor([2, 1, 0]), table, nn.tensor([0, 2]), mode="sum")
        tensor([[4., 6.],
                [0., 0.]])
    """
    rows = checks.floating(weight, "embedding_bag", "weight").shape[0]
    index = _checked(input, weight, "embedding_bag", sparse)
    if per_sample_weights is not None and input.shape != per_sample_weights.shape:
        raise ShapeError(
            f"embedding_bag: per_sample_weights has shape {per_sample_weights.shape}, input has {input.shape}; "
            "give one weight for each index"
        )
    bag, bags = _bags(index, offsets, include_last_offset)
    checks.choice(mode, ("sum", "mean", "max"), "embedding_bag", "mode")
    if mode == "max" and scale_grad_by_freq:
        raise RangeError("embedding_bag: scale_grad_by_freq is for sum and mean, mode is max; leave it out")
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError(
            f"embedding_bag: per_sample_weights are for mode sum, mode is {mode}; leave them out, or take the sum"
        )
    padding_idx = padding_row(padding_idx, rows, "embedding_bag")
    _shorten(weight, index, max_norm, norm_type)
    index = index.reshape(-1)
    factor = _factor(index, weight, None, scale_grad_by_freq)
    alike = input.ndim == 2 and padding_idx is None and mode != "max" and len(bag) > 0  # all bags are of one size
    if alike and factor is None and per_sample_weights is None:
        return ops.bags(weight, input, average=mode == "mean")
    kept = np.arange(len(bag))  # what comes after the end of the last bag is in none
    if padding_idx is not None:
        kept = kept[index[kept] != padding_idx]
    index, bag = index[kept], bag[kept]
    picked = ops.embedding(weight, wrap(index), factor=None if factor is None else factor[kept])
    if per_sample_weights is not None:
        picked = picked * per_sample_weights.reshape(-1)[kept].unsqueeze(1)
    if alike:
        each = reshape(picked, shape=(*input._array.shape, picked._array.shape[1]))
        result: Tensor = reduction.sum(each, dim=1) if mode == "sum" else reduction.mean(each, dim=1)
        return result
    count = np.bincount(bag, minlength=bags)[:, None]
    if mode == "max":
        if not len(bag):
            return ops.embedding_backward(picked, wrap(bag), rows=bags)
        winner = wrap(largest_in_bag(picked._array, bag, count=bags))
        return where(wrap(count > 0), gather(picked, winner, dim=0), 0.0)
    if mode == "sum":
        return ops.embedding_backward(picked, wrap(bag), rows=bags)
    return _averages(picked, bag, np.maximum(count, 1))


@in_single
def _averages(picked: Tensor, bag: Any, count: Any) -> Tensor:
    return ops.embedding_backward(picked, wrap(bag), rows=len(count)) / wrap(count.astype(picked.dtype))


def padding_row(padding_idx: int | None, rows: int, caller: str) -> int | None:
    """`padding_idx` counted from the front."""
    if padding_idx is not None and not -rows <= padding_idx < rows:
        raise PreconditionError(
            f"{caller}: padding_idx {padding_idx} is out of range, the table has {rows} rows; use one of them, or None"
        )
    return None if padding_idx is None else padding_idx % rows


def _checked(input: Tensor, weight: Tensor, caller: str, sparse: bool) -> Any:
    """The indices as an array: integers, and all within the table."""
    index = checks.tensor(input, caller)._array
    if sparse:
        raise NotImplementedError(f"{caller}: sparse gradients do not exist here, a gradient is an array; leave it out")
    if checks.tensor(weight, caller, "weight")._array.ndim != 2:
        raise ShapeError(f"{caller}: weight must have 2 axes, (rows, width); its shape is {weight.shape}")
    if index.dtype not in (np.int32, np.int64):
        raise DtypeError(f"{caller}: input must be int32 or int64, it is {index.dtype}; use .long()")
    rows = weight._array.shape[0]
    if not checks.all_within(index, 0, rows - 1):
        wrong = index.min() if index.min() < 0 else index.max()
        raise OutOfBoundsError(f"{caller}: index {wrong} is out of range, the table has rows 0 to {rows - 1}")
    return index


def _bags(index: Any, offsets: Tensor | None, include_last_offset: bool) -> tuple[Any, int]:
    """The bag that each index belongs to, and how many bags there are."""
    if index.ndim == 2:
        if offsets is not None:
            raise RangeError(
                "embedding_bag: input of 2 axes has a bag in each row and takes no offsets; leave them out"
            )
        return np.repeat(np.arange(index.shape[0]), index.shape[1]), index.shape[0]
    if index.ndim != 1:
        raise ShapeError(f"embedding_bag: input must have 1 or 2 axes, its shape is {index.shape}; use .reshape(n, -1)")
    if offsets is None:
        raise RangeError("embedding_bag: input of 1 axis needs offsets, the place where each bag begins; got None")
    starts = checks.tensor(offsets, "embedding_bag", "offsets")._array
    if starts.ndim != 1 or starts.dtype.kind != "i":
        raise ShapeError(f"embedding_bag: offsets must be integers along one axis, got {offsets.dtype} {starts.shape}")
    if include_last_offset and not len(starts):
        raise RangeError("embedding_bag: include_last_offset needs at least one offset, the end; got none")
    bounds = starts if include_last_offset else np.append(starts, len(index))
    if len(bounds) > 1 and bounds[0] != 0:
        raise RangeError(f"embedding_bag: the first of offsets must be 0, got {bounds[0]}")
    sizes = np.diff(bounds)
    if (sizes < 0).any() or (bounds > len(index)).any():
        raise RangeError(
            f"embedding_bag: offsets must rise from 0 to at most {len(index)}, the number of indices; "
            f"got {starts.tolist()}"
        )
    return np.repeat(np.arange(len(sizes)), sizes), len(sizes)


def _shorten(weight: Tensor, index: Any, max_norm: float | None, norm_type: float) -> None:
    """Bring the rows that are looked up to `max_norm` at most, in place."""
    if max_norm is None:
        return
    rows = np.unique(index)
    picked = weight._array[rows]
    wide = picked.astype(np.float32) if picked.dtype == np.float16 else picked  # in which the squares fit
    norm = np.linalg.norm(wide, norm_type, axis=1, keepdims=True)
    with no_grad():
        weight[rows] = np.where(norm > max_norm, picked * (max_norm / (norm + 1e-7)), picked).astype(weight.dtype)


def _factor(index: Any, weight: Tensor, padding_idx: int | None, by_frequency: bool) -> Any:
    """What the gradient by each looked-up row is multiplied by: 0 for padding, 1 / frequency; None for 1."""
    if (padding_idx is None and not by_frequency) or weight.dtype.kind != "f":
        return None
    factor = np.ones(index.shape, weight.dtype)
    if by_frequency:
        factor /= np.bincount(index.reshape(-1), minlength=len(weight))[index]
    if padding_idx is not None:
        factor[index == padding_idx] = 0
    return factor[..., None]


def one_hot(input: Tensor, num_classes: int = -1) -> Tensor:
    """A new last axis with 1 at each class index and 0 elsewhere.

    Args:
        input: integers from 0 on.
        num_classes: the length of the new axis; -1 for one more than the largest index.

    Shape:
        (*) -> (*, num_classes)

    Example:
        >>> import nn
        >>> nn.functional.one_hot(nn.tensor([0, 2])).tolist()
        [[1, 0, 0], [0, 0, 1]]
    """
    classes = checks.integers(input, "one_hot", "tensor")._array
    num_classes = whole(num_classes, "one_hot", "num_classes")
    if num_classes == -1:
        if not classes.size:
            raise RangeError("one_hot: tensor is empty, so num_classes cannot be read from it; give num_classes")
        num_classes = int(classes.max()) + 1
    if num_classes < 1:
        raise RangeError(f"one_hot: num_classes must be 1 or more, or -1 to be read from the tensor; got {num_classes}")
    checks.within(classes, num_classes, "one_hot", "the new axis")
    size_of((*classes.shape, num_classes))
    return wrap((classes[..., None] == np.arange(num_classes)).astype(np.int64, order="C"))
