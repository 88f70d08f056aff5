"""Samplers: the order in which positions of a dataset are visited, one by one or batch by batch."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence, Sized
from typing import Any, Generic, TypeVar

import numpy as np

from nn.errors import ShapeError
from nn.rng import Generator, default_generator
from nn.world import world

__all__ = [
    "BatchSampler",
    "DistributedSampler",
    "RandomSampler",
    "Sampler",
    "SequentialSampler",
    "SubsetRandomSampler",
    "WeightedRandomSampler",
]

T = TypeVar("T", covariant=True)


PIECE = 1024
"""How many positions are drawn at once with replacement."""


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
    """Positions in random order, drawn again at every iteration.

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
            for start in range(0, self.num_samples, PIECE):  # billions of positions need not be in memory at once
                yield from rng.integers(n, size=min(PIECE, self.num_samples - start)).tolist()
        else:
            for start in range(0, self.num_samples, n):
                yield from rng.permutation(n)[: self.num_samples - start].tolist()

    def __len__(self) -> int:
        return self.num_samples


class SubsetRandomSampler(Sampler[int]):
    """The given positions in random order, drawn again at every iteration.

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


class WeightedRandomSampler(Sampler[int]):
    """Positions drawn with given probabilities, afresh at every iteration: for classes of very different sizes.

    Args:
        weights: one for each position, 0 or more; they need not sum to 1.
        num_samples: how many positions to draw.
        replacement: draw every position independently of the others; without it none comes twice.
        generator: where to draw from; None for the global one.

    Shape:
        weights: (N,)

    Raises:
        ShapeError: weights have not one axis.
        ValueError: a weight is negative or not finite, all are 0, num_samples is no positive integer, or, without
            replacement, there are fewer positions with a weight above 0.

    Example:
        >>> import nn
        >>> labels = nn.tensor([0, 0, 0, 1])
        >>> weights = [1 / 3, 1 / 3, 1 / 3, 1]  # each class as often as the other
        >>> sampler = nn.data.WeightedRandomSampler(weights, 100, generator=nn.Generator().manual_seed(0))
        >>> sum(labels[i].item() for i in sampler)
        56
    """

    def __init__(
        self, weights: Any, num_samples: int, replacement: bool = True, generator: Generator | None = None
    ) -> None:
        _require_positive("WeightedRandomSampler", "num_samples", num_samples)
        self.weights = np.asarray(weights, np.float64)
        if self.weights.ndim != 1:
            raise ShapeError(
                f"WeightedRandomSampler: weights must be one for each position, (N,), got {self.weights.shape}"
            )
        bad = self.weights[~(np.isfinite(self.weights) & (self.weights >= 0))]
        possible = np.count_nonzero(self.weights)
        if bad.size or not possible:
            fault = bad[0] if bad.size else "nothing above 0"
            raise ValueError(f"WeightedRandomSampler: weights must be finite and 0 or more, some above 0; got {fault}")
        if not replacement and num_samples > possible:
            raise ValueError(
                f"WeightedRandomSampler: {num_samples} samples cannot be drawn of {possible} positions with a weight "
                "above 0; draw fewer, or with replacement"
            )
        self.num_samples = num_samples
        self.replacement = replacement
        self.generator = generator

    def __iter__(self) -> Iterator[int]:
        rng = (self.generator or default_generator).numpy
        shares = self.weights / self.weights.max()  # so that the sum of huge ones is finite
        drawn = rng.choice(len(shares), self.num_samples, self.replacement, shares / shares.sum())
        return iter(drawn.tolist())

    def __len__(self) -> int:
        return self.num_samples


class DistributedSampler(Sampler[int]):
    """The part of a dataset that one process of many visits: every position once, in one process.

    Of N positions in one common order, process r of R takes those at r, r + R, r + 2R, ... In a `DataLoader` all
    processes make the same number of batches, so that none waits for one that has finished: where the parts are of
    unequal size, the last batches are too, by one sample.

    Args:
        dataset: anything with a length.
        num_replicas: R; None for the processes that `nn.distributed.init` has found.
        rank: r; None for that of this process.
        shuffle: whether the order is random; another one in every epoch, see `set_epoch`.
        seed: of the random order; the same in all processes.
        drop_last: leave out the last N % R positions, so that all parts have the same size.
        pad: repeat the first positions at the end for that, as PyTorch does; the repeated ones count twice.

    Raises:
        ValueError: rank is not one of the processes; the dataset has fewer positions than there are processes.

    Example:
        >>> import nn
        >>> parts = [nn.data.DistributedSampler(range(7), num_replicas=2, rank=r, shuffle=False) for r in (0, 1)]
        >>> [list(part) for part in parts]
        [[0, 2, 4, 6], [1, 3, 5]]
        >>> [list(nn.data.DataLoader(range(7), batch_size=3, sampler=part)) for part in parts]
        [[tensor([0, 2, 4, 6])], [tensor([1, 3, 5])]]
    """

    def __init__(
        self,
        dataset: Sized,
        num_replicas: int | None = None,
        rank: int | None = None,
        shuffle: bool = True,
        seed: int = 0,
        drop_last: bool = False,
        *,
        pad: bool = False,
    ) -> None:
        self.dataset = dataset
        self.num_replicas = world().size if num_replicas is None else num_replicas
        self.rank = world().rank if rank is None else rank
        _require_positive("DistributedSampler", "num_replicas", self.num_replicas)
        if not 0 <= self.rank < self.num_replicas:
            raise ValueError(
                f"DistributedSampler: rank must be from 0 to {self.num_replicas - 1}, one for each process; got {rank}"
            )
        if len(dataset) < self.num_replicas:
            raise ValueError(
                f"DistributedSampler: {len(dataset)} samples cannot be shared by {self.num_replicas} processes; "
                "start fewer processes"
            )
        self.shuffle, self.seed, self.drop_last, self.pad = shuffle, seed, drop_last, pad
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the random order of an epoch; without this call every epoch has the same."""
        self.epoch = epoch

    def __iter__(self) -> Iterator[int]:
        count, R = len(self.dataset), self.num_replicas
        order = np.random.default_rng([self.seed, self.epoch]).permutation(count) if self.shuffle else np.arange(count)
        if self.drop_last:
            order = order[: count // R * R]
        elif self.pad:
            order = np.concatenate([order, order[: -count % R]])
        return iter(order[self.rank :: R].tolist())

    def __len__(self) -> int:
        count, R = len(self.dataset), self.num_replicas
        if self.drop_last:
            return count // R
        return -(-(count if self.pad else count - self.rank) // R)

    def batches(self, batch_size: int, drop_last: bool) -> list[list[int]]:
        """The positions in batches, as many in every process; the last has one more where this part is longer."""
        own = list(self)
        number = self.number_of_batches(batch_size, drop_last)
        batches = [own[i * batch_size : (i + 1) * batch_size] for i in range(number)]
        if batches and not drop_last:
            batches[-1] = own[(number - 1) * batch_size :]
        return batches

    def number_of_batches(self, batch_size: int, drop_last: bool) -> int:
        """How many batches every process makes: those of the smallest part."""
        count, R = len(self.dataset), self.num_replicas
        smallest = -(-count // R) if self.pad and not self.drop_last else count // R
        return smallest // batch_size if drop_last else -(-smallest // batch_size)


class BatchSampler(Sampler[list[int]]):
    """The positions that another sampler gives, in lists of `batch_size`.

    A `DistributedSampler` makes the lists itself, so that all processes have as many.

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
        if isinstance(self.sampler, DistributedSampler):
            yield from self.sampler.batches(self.batch_size, self.drop_last)
            return
        positions = iter(self.sampler)
        while batch := list(itertools.islice(positions, self.batch_size)):
            if len(batch) == self.batch_size or not self.drop_last:
                yield batch

    def __len__(self) -> int:
        if isinstance(self.sampler, DistributedSampler):
            return self.sampler.number_of_batches(self.batch_size, self.drop_last)
        full, rest = divmod(len(self.sampler), self.batch_size)
        return full if self.drop_last or not rest else full + 1


def _require_positive(where: str, name: str, value: object) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError(f"{where}: {name} must be a positive integer, got {value!r}")
