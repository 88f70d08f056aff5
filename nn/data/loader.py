"""DataLoader: a dataset, the order in which to visit it, and how samples become a batch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from nn.data.collate import default_collate, default_convert
from nn.data.dataset import Indexable, batch_of, samples_of
from nn.data.sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler
from nn.rng import Generator

__all__ = ["DataLoader"]


class DataLoader:
    """Iterates over a dataset in batches; every `for` is one pass, with a new order if shuffled.

    Args:
        dataset: anything with `dataset[i]` and `len(dataset)`.
        batch_size: samples in a batch; None for single samples, not batched.
        shuffle: visit the samples in random order.
        sampler: the order, in place of `shuffle`: a sampler or any collection of positions.
        batch_sampler: whole batches of positions, in place of `batch_size`, `shuffle`, `sampler` and `drop_last`.
        collate_fn: makes a batch of a list of samples; None for `default_collate`, which stacks them.
        drop_last: leave out the last batch if it is not full.
        generator: draws the order; None for the global one.

    Raises:
        ValueError: batch_size is no positive integer; options that exclude each other; an empty dataset to shuffle.

    Example:
        >>> import nn
        >>> dataset = nn.data.TensorDataset(nn.tensor([[1.0], [2.0], [3.0]]), nn.tensor([0, 1, 0]))
        >>> for x, y in nn.data.DataLoader(dataset, batch_size=2):
        ...     print(x.shape, y)
        (2, 1) tensor([0, 1])
        (1, 1) tensor([0])
    """

    def __init__(
        self,
        dataset: Indexable[Any],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler[Any] | Collection[Any] | None = None,
        batch_sampler: Sampler[list[int]] | Collection[list[int]] | None = None,
        collate_fn: Callable[[Any], Any] | None = None,
        drop_last: bool = False,
        generator: Generator | None = None,
    ) -> None:
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: a sampler sets the order itself; leave out shuffle, or the sampler")
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "DataLoader: a batch_sampler makes whole batches itself; "
                    "leave out batch_size, shuffle, sampler and drop_last, or the batch_sampler"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("DataLoader: with batch_size=None there is no last batch to drop; leave out drop_last")
        if sampler is None:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self.drop_last = drop_last
        self.generator = generator

    def __iter__(self) -> Iterator[Any]:
        if self.batch_sampler is None:
            return (self.collate_fn(self.dataset[index]) for index in self.sampler)
        if self.collate_fn is default_collate:  # then the dataset may have a quicker way to the same batch
            return (batch_of(self.dataset, indices) for indices in self.batch_sampler)
        return (self.collate_fn(samples_of(self.dataset, indices)) for indices in self.batch_sampler)

    def __len__(self) -> int:
        """The number of batches in a pass (of samples, with batch_size=None)."""
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)
