"""Batches of sequences of different lengths: padded to the longest, or packed without padding.

Packed, the sequences stand in order of length, the longest first, and the data are all first steps, all second steps,
and so on: `batch_sizes` says how many sequences have a first step, a second one, ...
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from nn.errors import RangeError, ShapeError
from nn.ops.embedding import embedding, embedding_backward
from nn.tensors import checks
from nn.tensors.arithmetic import where
from nn.tensors.joining import cat
from nn.tensors.tensor import Tensor, as_tensor, from_numpy

__all__ = [
    "PackedSequence",
    "invert_permutation",
    "pack_padded_sequence",
    "pack_sequence",
    "pad_packed_sequence",
    "pad_sequence",
    "unpack_sequence",
    "unpad_sequence",
]


class _Packed(NamedTuple):
    data: Tensor
    batch_sizes: Tensor
    sorted_indices: Tensor | None
    unsorted_indices: Tensor | None


class PackedSequence(_Packed):
    """Sequences without padding, as `pack_padded_sequence` makes them and `nn.RNN`, `nn.LSTM` and `nn.GRU` take them.

    Attributes:
        data: (L, *), all first steps, then all second steps, ...
        batch_sizes: (T,), how many sequences have each step.
        sorted_indices: (N,), where each sequence stood before they were put in order; None if they were in order.
        unsorted_indices: the inverse permutation.

    Example:
        >>> import nn
        >>> packed = nn.utils.rnn.pack_sequence([nn.tensor([1, 2]), nn.tensor([3])])
        >>> packed.data, packed.batch_sizes
        (tensor([1, 3, 2]), tensor([2, 1]))
    """

    __slots__ = ()

    def __new__(
        cls,
        data: Any,
        batch_sizes: Tensor | None = None,
        sorted_indices: Tensor | None = None,
        unsorted_indices: Tensor | None = None,
    ) -> PackedSequence:
        """Also PackedSequence((data, batch_sizes)), PyTorch's old form."""
        if batch_sizes is None:
            data, batch_sizes = data
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, dtype: DTypeLike) -> PackedSequence:
        """With the data in another element type."""
        return PackedSequence(self.data.to(dtype), *self[1:])

    def double(self) -> PackedSequence:
        """As float64."""
        return self.to(np.float64)

    def float(self) -> PackedSequence:
        """As float32."""
        return self.to(np.float32)

    def long(self) -> PackedSequence:
        """As int64."""
        return self.to(np.int64)

    def int(self) -> PackedSequence:
        """As int32."""
        return self.to(np.int32)


def invert_permutation(permutation: Tensor | None) -> Tensor | None:
    """The permutation that undoes another; None for None.

    Example:
        >>> import nn
        >>> nn.utils.rnn.invert_permutation(nn.tensor([2, 0, 1]))
        tensor([1, 2, 0])
    """
    return None if permutation is None else from_numpy(np.argsort(permutation.numpy()))


def pack_padded_sequence(
    input: Tensor, lengths: Tensor | Sequence[int], batch_first: bool = False, enforce_sorted: bool = True
) -> PackedSequence:
    """Pack padded sequences: the padding is left out.

    Args:
        input: (T, N, *), or (N, T, *) if `batch_first`.
        lengths: the length of each sequence, 1 or more.
        batch_first: see input.
        enforce_sorted: whether to refuse sequences that are not in order, the longest first; else they are
            put in order, and `pad_packed_sequence` puts them back.

    Example:
        >>> import nn
        >>> packed = nn.utils.rnn.pack_padded_sequence(nn.tensor([[1, 2, 0], [3, 4, 5]]), [2, 3], True, False)
        >>> packed.data, packed.batch_sizes, packed.sorted_indices
        (tensor([3, 1, 4, 2, 5]), tensor([2, 2, 1]), tensor([1, 0]))
    """
    caller = "pack_padded_sequence"
    if checks.tensor(input, caller).ndim < 2:
        raise ShapeError(f"{caller}: input must have an axis of time and one of sequences, got {input.shape}")
    sizes = np.asarray(lengths.detach() if isinstance(lengths, Tensor) else lengths).astype(np.int64)
    padded = input.transpose(0, 1) if batch_first else input
    steps, batch = padded.shape[:2]
    if sizes.shape != (batch,):
        raise ShapeError(f"{caller}: expected {batch} lengths, one for each sequence, got {sizes.shape}")
    if not sizes.size or sizes.min() <= 0 or sizes.max() > steps:
        raise RangeError(f"{caller}: each length must be from 1 to {steps}, the input's steps; got {sizes.tolist()}")
    order = None
    if not enforce_sorted:
        order = np.argsort(-sizes, kind="stable")
        sizes = sizes[order]
    elif (np.diff(sizes) > 0).any():
        raise RangeError(
            f"{caller}: lengths must fall from the longest to the shortest, got {sizes.tolist()}; "
            "sort the sequences, or pass enforce_sorted=False"
        )
    batch_sizes = (sizes > np.arange(sizes[0])[:, None]).sum(axis=1)
    place = places(batch_sizes, batch if order is None else order, batch)
    data = embedding(padded.reshape(steps * batch, -1), place).reshape(len(place), *padded.shape[2:])
    return PackedSequence(data, from_numpy(batch_sizes), None if order is None else from_numpy(order))


def pad_packed_sequence(
    sequence: PackedSequence, batch_first: bool = False, padding_value: float = 0.0, total_length: int | None = None
) -> tuple[Tensor, Tensor]:
    """Undo `pack_padded_sequence`: the sequences in their first order with padding, and their lengths.

    Args:
        sequence: packed.
        batch_first: whether the result is (N, T, *), not (T, N, *).
        padding_value: what stands where a sequence has ended.
        total_length: T; None for the longest sequence.

    Example:
        >>> import nn
        >>> packed = nn.utils.rnn.pack_sequence([nn.tensor([1, 2]), nn.tensor([3])])
        >>> nn.utils.rnn.pad_packed_sequence(packed, batch_first=True)
        (tensor([[1, 2],
                [3, 0]]), tensor([2, 1]))
    """
    batch_sizes = sequence.batch_sizes.numpy()
    steps = len(batch_sizes) if total_length is None else total_length
    if steps < len(batch_sizes):
        raise RangeError(
            f"pad_packed_sequence: total_length {total_length} is less than the longest sequence, {len(batch_sizes)}; "
            "give it at least that"
        )
    batch = int(batch_sizes[0])
    order = None if sequence.sorted_indices is None else sequence.sorted_indices.numpy()
    sizes = (batch_sizes > np.arange(batch)[:, None]).sum(axis=1)
    place = places(batch_sizes, batch if order is None else order, batch)
    padded = _filled(sequence.data, place, (steps, batch), padding_value)
    lengths = sizes if sequence.unsorted_indices is None else sizes[sequence.unsorted_indices.numpy()]
    return padded.transpose(0, 1) if batch_first else padded, from_numpy(lengths)


def pad_sequence(
    sequences: Iterable[Tensor], batch_first: bool = False, padding_value: float = 0.0, padding_side: str = "right"
) -> Tensor:
    """Sequences (L_i, *) of any lengths as one tensor (T, N, *), T being the greatest length.

    Args:
        sequences: alike in all axes but the first.
        batch_first: whether the result is (N, T, *).
        padding_value: what stands beside the shorter sequences.
        padding_side: right (after them) or left.

    Example:
        >>> import nn
        >>> nn.utils.rnn.pad_sequence([nn.tensor([1, 2]), nn.tensor([3])], batch_first=True)
        tensor([[1, 2],
                [3, 0]])
    """
    if not isinstance(sequences, Iterable):
        raise ShapeError(f"pad_sequence: expected a list of tensors, got {type(sequences).__name__}")
    parts = [checks.tensor(s, "pad_sequence", f"sequence {i}") for i, s in enumerate(sequences)]
    checks.choice(padding_side, ("left", "right"), "pad_sequence", "padding_side")
    if not parts:
        raise RangeError("pad_sequence: expected at least one sequence, got an empty list")
    if any(not p.ndim or p.shape[1:] != parts[0].shape[1:] for p in parts):
        shapes = ", ".join(str(p.shape) for p in parts)
        raise ShapeError(f"pad_sequence: sequences must be alike in all axes but the first, got {shapes}")
    lengths = [len(p) for p in parts]
    steps, batch = max(lengths), len(parts)
    starts = [steps - n if padding_side == "left" else 0 for n in lengths]
    place = np.concatenate(
        [(np.arange(n) + start) * batch + b for b, (n, start) in enumerate(zip(lengths, starts, strict=True))]
    )
    padded = _filled(cat(parts), place, (steps, batch), padding_value)
    return padded.transpose(0, 1) if batch_first else padded


def unpad_sequence(padded_sequences: Tensor, lengths: Tensor, batch_first: bool = False) -> list[Tensor]:
    """Undo `pad_sequence`: a list of the sequences, each of its own length.

    Example:
        >>> import nn
        >>> nn.utils.rnn.unpad_sequence(nn.tensor([[1, 2], [3, 0]]), nn.tensor([2, 1]), batch_first=True)
        [tensor([1, 2]), tensor([3])]
    """
    padded = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    sizes = as_tensor(lengths).tolist()
    if len(sizes) != len(padded):
        raise ShapeError(f"unpad_sequence: expected {len(padded)} lengths, one for each sequence, got {len(sizes)}")
    return [padded[i, :n] for i, n in enumerate(sizes)]


def pack_sequence(sequences: Sequence[Tensor], enforce_sorted: bool = True) -> PackedSequence:
    """Pack sequences (L_i, *); see `pack_padded_sequence`.

    Example:
        >>> import nn
        >>> nn.utils.rnn.pack_sequence([nn.tensor([1, 2, 3]), nn.tensor([4])]).data
        tensor([1, 4, 2, 3])
    """
    return pack_padded_sequence(pad_sequence(sequences), [len(s) for s in sequences], enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences: PackedSequence) -> list[Tensor]:
    """Undo `pack_sequence`.

    Example:
        >>> import nn
        >>> nn.utils.rnn.unpack_sequence(nn.utils.rnn.pack_sequence([nn.tensor([1, 2]), nn.tensor([3])]))
        [tensor([1, 2]), tensor([3])]
    """
    return unpad_sequence(*pad_packed_sequence(packed_sequences, batch_first=True), batch_first=True)


def places(batch_sizes: Any, order: Any, batch: int) -> Any:
    """Where each packed step stands among T times N padded ones; `order` says which column each sequence has."""
    columns = np.arange(batch) if isinstance(order, int) else order
    return np.concatenate([t * batch + columns[:n] for t, n in enumerate(batch_sizes)])


def _filled(data: Tensor, place: Any, shape: tuple[int, int], value: float) -> Tensor:
    """The rows of `data` at their places in a tensor (T, N, *), and `value` elsewhere."""
    rows, tail = math.prod(shape), data.shape[1:]
    padded = embedding_backward(data.reshape(len(data), math.prod(tail)), place, rows=rows).reshape(*shape, *tail)
    if not value:
        return padded
    empty = np.ones(rows, np.bool_)
    empty[place] = False
    return where(from_numpy(empty.reshape(*shape, *(1,) * len(tail))), type(value)(value), padded)
