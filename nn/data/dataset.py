"""Datasets: anything with `dataset[i]` and `len(dataset)`; and how several samples are taken from one at once.

A dataset may offer two shortcuts, and what wraps a dataset passes them on:

    __getitems__(indices)   the samples at `indices` as a list (PyTorch's protocol)
    get_batch(indices)      the same as one collated batch: one indexing of whole arrays, not N small ones and a stack
"""

from __future__ import annotations

import itertools
import math
import warnings
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from nn.data.collate import default_collate
from nn.errors import OutOfBoundsError, ShapeError
from nn.rng import Generator, default_generator
from nn.tensors.tensor import Tensor, as_tensor

__all__ = [
    "ChainDataset",
    "ConcatDataset",
    "Dataset",
    "Indexable",
    "IterableDataset",
    "StackDataset",
    "Subset",
    "TensorDataset",
    "batch_of",
    "positions",
    "random_split",
    "samples_of",
]

T = TypeVar("T", covariant=True)


class Indexable(Protocol[T]):
    """The protocol of a dataset: samples by position, and a length. A list has both."""

    def __getitem__(self, index: Any, /) -> T:
        """The sample at a position."""

    def __len__(self) -> int:
        """The number of samples."""


class Dataset(Generic[T]):
    """Base class of datasets: derive from it and write `__getitem__` and `__len__`.

    Example:
        >>> import nn
        >>> class Squares(nn.data.Dataset[int]):
        ...     def __getitem__(self, index):
        ...         return index**2
        ...
        ...     def __len__(self):
        ...         return 10
        >>> next(iter(nn.data.DataLoader(Squares(), batch_size=4)))
        tensor([0, 1, 4, 9])
    """

    def __getitem__(self, index: Any) -> T:
        """The sample at a position."""
        raise NotImplementedError(f"{type(self).__name__}: a dataset defines __getitem__(index) and __len__()")

    def __add__(self, other: Any) -> ConcatDataset[Any]:
        parts: list[Any] = [self, other]
        return ConcatDataset(parts)


class IterableDataset(Generic[T]):
    """Base class of datasets that are read from start to end, such as a stream or a large file: write `__iter__`.

    There are no positions to shuffle or to sample. A DataLoader reads it in one thread, whatever its `num_workers`.

    Example:
        >>> import nn
        >>> class Countdown(nn.data.IterableDataset[int]):
        ...     def __iter__(self):
        ...         return iter([3, 2, 1])
        >>> list(nn.data.DataLoader(Countdown(), batch_size=2))
        [tensor([3, 2]), tensor([1])]
    """

    def __iter__(self) -> Iterator[T]:
        raise NotImplementedError(f"{type(self).__name__}: an iterable dataset defines __iter__()")

    def __add__(self, other: Any) -> ChainDataset[Any]:
        return ChainDataset([self, other])


class TensorDataset(Dataset[tuple[Tensor, ...]]):
    """Tensors that belong together: sample i is the tuple of their rows i.

    Args:
        *tensors: tensors, or arrays (whose memory is shared).

    Shape:
        each (N, *)

    Raises:
        ShapeError: a tensor without axes, or of another length than the first.
        ValueError: no tensors.

    Example:
        >>> import nn
        >>> dataset = nn.data.TensorDataset(nn.tensor([[0.0], [1.0], [2.0]]), nn.tensor([0, 1, 1]))
        >>> dataset[1]
        (tensor([1.]), tensor(1))
        >>> len(dataset)
        3
    """

    def __init__(self, *tensors: Any) -> None:
        self.tensors: tuple[Tensor, ...] = tuple(as_tensor(t) for t in tensors)
        if not self.tensors:
            raise ValueError("TensorDataset: expected at least one tensor, got none")
        for position, t in enumerate(self.tensors):
            if not t.ndim or len(t) != len(self.tensors[0]):
                shapes = ", ".join(str(other.shape) for other in self.tensors)
                raise ShapeError(
                    f"TensorDataset: every tensor must have one row a sample, tensor {position} differs in its "
                    f"first axis; got shapes {shapes}"
                )

    def __getitem__(self, index: Any) -> tuple[Tensor, ...]:
        return tuple(t[index] for t in self.tensors)

    def get_batch(self, indices: Iterable[int]) -> list[Tensor]:
        """The rows at `indices`, one indexing a tensor."""
        return list(self[[int(i) if isinstance(i, Tensor | np.ndarray) else i for i in positions(indices)]])

    def __len__(self) -> int:
        return len(self.tensors[0])


class Subset(Dataset[T]):
    """The samples of a dataset at given positions, in the given order.

    Args:
        dataset: any dataset.
        indices: positions in it.

    Example:
        >>> import nn
        >>> list(nn.data.Subset("abcdef", [4, 0, 1]))
        ['e', 'a', 'b']
    """

    def __init__(self, dataset: Indexable[T], indices: Sequence[int]) -> None:
        self.dataset = dataset
        self.indices = indices

    def __getitem__(self, index: Any) -> T:
        return self.dataset[self._within(index) if isinstance(index, list) else self.indices[index]]

    def __getitems__(self, indices: Iterable[int]) -> list[T]:
        return samples_of(self.dataset, self._within(indices))

    def get_batch(self, indices: Iterable[int]) -> Any:
        """The samples at `indices` as a batch, as the dataset itself would make it."""
        return batch_of(self.dataset, self._within(indices))

    def __len__(self) -> int:
        return len(self.indices)

    def _within(self, indices: Iterable[int]) -> list[int]:
        return [self.indices[i] for i in positions(indices)]


class ConcatDataset(Dataset[T]):
    """Datasets one after the other, as one; `a + b` of two datasets makes one too.

    Args:
        datasets: at least one, each with positions and a length.

    Raises:
        ValueError: no datasets.
        TypeError: an `IterableDataset`, which has no positions.

    Example:
        >>> import nn
        >>> letters = nn.data.ConcatDataset(["ab", "cde"])
        >>> letters[2], letters[-1], len(letters)
        ('c', 'e', 5)
    """

    def __init__(self, datasets: Iterable[Indexable[T]]) -> None:
        self.datasets = list(datasets)
        if not self.datasets:
            raise ValueError("ConcatDataset: expected at least one dataset, got none")
        for position, dataset in enumerate(self.datasets):
            if isinstance(dataset, IterableDataset):
                raise TypeError(
                    f"ConcatDataset: dataset {position} is an IterableDataset, which has no positions; "
                    "chain such datasets in an __iter__ of your own"
                )
        self.cumulative_sizes = list(itertools.accumulate(len(dataset) for dataset in self.datasets))

    def __getitem__(self, index: Any) -> T:
        position = index + len(self) if index < 0 else index
        if not 0 <= position < len(self):
            raise OutOfBoundsError(f"ConcatDataset: there are {len(self)} samples, got index {index}")
        which = bisect_right(self.cumulative_sizes, position)
        return self.datasets[which][position - (self.cumulative_sizes[which - 1] if which else 0)]

    def __len__(self) -> int:
        return self.cumulative_sizes[-1]


class ChainDataset(IterableDataset[T]):
    """`IterableDataset`s one after the other, as one.

    Args:
        datasets: each an `IterableDataset`.

    Raises:
        TypeError: another kind of dataset; see `ConcatDataset`.

    Example:
        >>> import nn
        >>> class Letters(nn.data.IterableDataset):
        ...     def __iter__(self):
        ...         return iter("ab")
        >>> list(nn.data.ChainDataset([Letters(), Letters()]))
        ['a', 'b', 'a', 'b']
    """

    def __init__(self, datasets: Iterable[IterableDataset[T]]) -> None:
        self.datasets = list(datasets)
        for position, dataset in enumerate(self.datasets):
            if not isinstance(dataset, IterableDataset):
                raise TypeError(
                    f"ChainDataset: dataset {position} must be an IterableDataset, got {type(dataset).__name__}; "
                    "use ConcatDataset"
                )

    def __iter__(self) -> Iterator[T]:
        return itertools.chain.from_iterable(self.datasets)

    def __len__(self) -> int:
        return sum(len(dataset) for dataset in self.datasets)  # type: ignore[arg-type, misc]


class StackDataset(Dataset[Any]):
    """Datasets side by side: sample i is sample i of each, in a tuple, or in a dict if they are given by name.

    Args:
        args: datasets of one length.
        kwargs: datasets of one length, by name, instead.

    Raises:
        ValueError: no datasets, datasets of different lengths, or some with a name and some without.

    Example:
        >>> import nn
        >>> nn.data.StackDataset("ab", [1, 2])[1]
        ('b', 2)
        >>> nn.data.StackDataset(x="ab", y=[1, 2])[0]
        {'x': 'a', 'y': 1}
    """

    def __init__(self, *args: Indexable[Any], **kwargs: Indexable[Any]) -> None:
        if bool(args) == bool(kwargs):
            raise ValueError("StackDataset: give datasets one after the other, or all by name, and at least one")
        self.datasets: Any = args or kwargs
        lengths = {len(dataset) for dataset in (args or kwargs.values())}
        if len(lengths) > 1:
            raise ValueError(f"StackDataset: the datasets must have one length, got {sorted(lengths)}")

    def __getitem__(self, index: Any) -> Any:
        if isinstance(self.datasets, dict):
            return {name: dataset[index] for name, dataset in self.datasets.items()}
        return tuple(dataset[index] for dataset in self.datasets)

    def __len__(self) -> int:
        datasets = self.datasets.values() if isinstance(self.datasets, dict) else self.datasets
        return len(next(iter(datasets)))


def positions(indices: Iterable[Any]) -> list[Any]:
    """The positions of a batch as a list: as a tuple they would be read as one position with several coordinates.

    Raises:
        TypeError: a mask, which is no list of positions.
    """
    if isinstance(indices, list):
        return indices
    if isinstance(indices, Tensor | np.ndarray):
        if indices.dtype.kind not in "iu":
            raise TypeError(f"dataset: the positions of a batch must be integers, got {indices.dtype}")
        found: list[Any] = indices.tolist()
        return found
    return list(indices)


def samples_of(dataset: Indexable[T], indices: Iterable[int]) -> list[T]:
    """The samples at `indices`: at once if the dataset knows how, else one by one."""
    at_once, indices = getattr(dataset, "__getitems__", None), positions(indices)
    return at_once(indices) if at_once else [dataset[i] for i in indices]


def batch_of(dataset: Indexable[Any], indices: Iterable[int]) -> Any:
    """The samples at `indices` as a batch: as the dataset makes it if it knows how, else by `default_collate`."""
    at_once, indices = getattr(dataset, "get_batch", None), positions(indices)
    return at_once(indices) if at_once else default_collate(samples_of(dataset, indices))


def random_split(
    dataset: Indexable[T], lengths: Sequence[float], generator: Generator | None = None
) -> list[Subset[T]]:
    """Deal the samples of a dataset at random into parts that do not overlap.

    Args:
        dataset: any dataset.
        lengths: the length of each part; or fractions that sum to 1: each part gets the whole number below its share,
            and what is left over goes to the parts in turn, one sample each (a part left empty is warned of).
        generator: draws the permutation; None for the global one.

    Returns:
        One `Subset` for each length.

    Raises:
        ValueError: lengths that are negative, or sum neither to the dataset's length nor to 1.

    Example:
        >>> import nn
        >>> train, validation = nn.data.random_split(range(10), [0.75, 0.25], nn.Generator().manual_seed(0))
        >>> len(train), len(validation)
        (8, 2)
        >>> sorted([*train, *validation]) == list(range(10))
        True
    """
    n = len(dataset)
    if any(length < 0 for length in lengths):
        raise ValueError(f"random_split: lengths cannot be negative, got {list(lengths)}")
    counts = _counts(n, lengths) if math.isclose(math.fsum(lengths), 1) else lengths
    if sum(counts) != n or any(count != int(count) for count in counts):
        raise ValueError(
            f"random_split: the dataset has {n} samples, lengths {list(lengths)} sum to {sum(lengths)}; "
            f"give whole numbers that sum to {n}, or fractions that sum to 1"
        )
    order = (generator or default_generator).numpy.permutation(n).tolist()
    ends = itertools.accumulate(map(int, counts))
    return [Subset(dataset, order[end - int(count) : end]) for count, end in zip(counts, ends, strict=True)]


def _counts(n: int, fractions: Sequence[float]) -> list[int]:
    counts = [math.floor(n * fraction) for fraction in fractions]
    for i in range(n - sum(counts)):
        counts[i % len(counts)] += 1
    if 0 in counts:
        message = f"random_split: part {counts.index(0)} of {list(fractions)} is empty, there are only {n} samples"
        warnings.warn(message, UserWarning, stacklevel=3)
    return counts
