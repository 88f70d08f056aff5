"""Samplers: the order in which positions of a dataset are visited, one by one or batch by batch."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence, Sized
from typing import Generic, TypeVar

from nn.rng import Generator, default_generator

__all__ = ["BatchSampler", "RandomSampler", "Sampler", "SequentialSampler", "SubsetRandomSampler"]

T = TypeVar("T", covariant=True)


class Sampler(Generic[T]):
    """Base class of samplers: derive from it and write `__iter__`, which yields positions, and `__len__`.

    Example:
        >>> import nn
        >>> class Backwards(nn.data.Sampler[int]):
        ...     def __iter__(self):
        ...         return iter([2, 1, 0])
        ...
        ...     def __len__(self):
        ...         return 3
        >>> list(nn.data.DataLoader(["a", "b", "c"], sampler=Backwards()))
        [['c'], ['b'], ['a']]
    """

    def __iter__(self) -> Iterator[T]:
        raise NotImplementedError(f"{type(self).__name__}: a sampler defines __iter__() and __len__()")

    def __len__(self) -> int:
        raise TypeError(f"{type(self).__name__}: this sampler does not define __len__()")


class SequentialSampler(Sampler[int]):
    """Every position once, in order.

    Args:
        data_source: anything with a length.

    Example:
        >>> import nn
        >>> list(nn.data.SequentialSampler("abc"))
        [0, 1, 2]
    """

    def __init__(self, data_source: Sized) -> None:
        self.data_source = data_source

    def __iter__(self) -> Iterator[int]:
        return iter(range(len(self.data_source)))

    def __len__(self) -> int:
        return len(self.data_source)


class RandomSampler(Sampler[int]):
    """Positions in random order, drawn anew at every iteration.

    Args:
        data_source: anything with a length.
        replacement: draw every position independently of the others; without it no position comes a second time before
            all have come.
        num_samples: how many positions to draw; None for as many as there are.
        generator: where to draw from; None for the global one.

    Raises:
        ValueError: num_samples is no positive integer, or data_source is empty.

    Example:
        >>> import nn
        >>> sampler = nn.data.RandomSampler("abcd", generator=nn.Generator().manual_seed(0))
        >>> sorted(sampler)
        [0, 1, 2, 3]
    """

    def __init__(
        self,
        data_source: Sized,
        replacement: bool = False,
        num_samples: int | None = None,
        generator: Generator | None = None,
    ) -> None:
        if not len(data_source):
            raise ValueError("RandomSampler: the dataset is empty, there is nothing to draw from")
        if num_samples is not None:
            _require_positive("RandomSampler", "num_samples", num_samples)
        self.data_source = data_source
        self.replacement = replacement
        self.generator = generator
        self._num_samples = num_samples

    @property
    def num_samples(self) -> int:
        """How many positions an iteration draws."""
        return len(self.data_source) if self._num_samples is None else self._num_samples

    def __iter__(self) -> Iterator[int]:
        n = len(self.data_source)
        rng = (self.generator or default_generator).numpy
        if self.replacement:
            yield from rng.integers(n, size=self.num_samples).tolist()
        else:
            for start in range(0, self.num_samples, n):
                yield from rng.permutation(n)[: self.num_samples - start].tolist()

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given positions in random order, drawn anew at every iteration.

    Args:
        indices: positions in a dataset.
        generator: where to draw from; None for the global one.

    Example:
        >>> import nn
        >>> sorted(nn.data.SubsetRandomSampler([7, 3, 5]))
        [3, 5, 7]
    """

    def __init__(self, indices: Sequence[int], generator: Generator | None = None) -> None:
        self.indices = indices
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        rng = (self.generator or default_generator).numpy
        return (self.indices[i] for i in rng.permutation(len(self.indices)).tolist())

    def __len__(self) -> int:
        return len(self.indices)


class BatchSampler(Sampler[list[int]]):
    """The positions that another sampler gives, in lists of `batch_size`.

    Args:
        sampler: a sampler, or any collection of positions.
        batch_size: positions in a batch.
        drop_last: leave out the last batch if it is not full.

    Raises:
        ValueError: batch_size is no positive integer.

    Example:
        >>> import nn
        >>> list(nn.data.BatchSampler(range(5), batch_size=2, drop_last=False))
        [[0, 1], [2, 3], [4]]
    """

    def __init__(self, sampler: Sampler[int] | Collection[int], batch_size: int, drop_last: bool) -> None:
        _require_positive("BatchSampler", "batch_size", batch_size)
        self.sampler = sampler
        self.batch_size = batch_size
        self.drop_last = drop_last

    def __iter__(self) -> Iterator[list[int]]:
        positions = iter(self.sampler)
        while batch := list(itertools.islice(positions, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        full, rest = divmod(len(self.sampler), self.batch_size)
        return full if self.drop_last or not rest else full + 1


def _require_positive(where: str, name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{where}: {name} is a positive integer, {value!r} came")
