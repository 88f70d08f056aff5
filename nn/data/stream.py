"""Streams of samples: shards divided among processes, and batches made in advance within a bound in bytes."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from nn.data.dataset import IterableDataset
from nn.kernels.threads import can_start
from nn.tensors.tensor import Tensor
from nn.world import world

__all__ = ["Prefetcher", "ShardedDataset"]


class ShardedDataset(IterableDataset[Any]):
    """The samples of many shards, read one shard after another; each process has shards of its own.

    Of the shards in one common order, process r of R reads those at r, r + R, r + 2R, ... A worker of a `DataLoader` is
    a thread that reads ahead; there is one, so shards are not divided further.

    Args:
        shards: what `read` understands, e.g. paths.
        read: gives the samples of a shard, one by one.
        shuffle: whether the order of the shards is random; another one in every epoch, see `set_epoch`.
        seed: of that order; the same in all processes.
        samples: how many samples a process gives in an epoch: it ends there, or begins its shards again. With
            `DistributedDataParallel` shards of unequal length need it, for all processes must make as many batches.

    Raises:
        ValueError: there are fewer shards than processes; `samples` is no positive integer, or the shards are empty.

    Example:
        >>> import nn
        >>> dataset = nn.data.ShardedDataset(["ab", "cde"], read=iter)
        >>> list(dataset)
        ['a', 'b', 'c', 'd', 'e']
        >>> list(nn.data.ShardedDataset(["ab", "cde"], read=iter, samples=7))
        ['a', 'b', 'c', 'd', 'e', 'a', 'b']
    """

    def __init__(
        self,
        shards: Sequence[Any],
        read: Callable[[Any], Iterable[Any]],
        shuffle: bool = False,
        seed: int = 0,
        samples: int | None = None,
    ) -> None:
        if len(shards) < world().size:
            raise ValueError(
                f"ShardedDataset: {len(shards)} shards cannot be divided among {world().size} processes; "
                "write more and smaller ones"
            )
        if samples is not None and (not isinstance(samples, int) or samples < 1):
            raise ValueError(f"ShardedDataset: samples must be a positive integer or None, got {samples!r}")
        self.shards, self.read, self.shuffle, self.seed, self.samples = shards, read, shuffle, seed, samples
        self.epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Choose the random order of an epoch; without this call every epoch has the same."""
        self.epoch = epoch

    def own_shards(self) -> list[Any]:
        """The shards of this process in this epoch, in order."""
        count = len(self.shards)
        rng = np.random.default_rng([self.seed, self.epoch])
        order = rng.permutation(count).tolist() if self.shuffle else range(count)
        return [self.shards[i] for i in order[world().rank :: world().size]]

    def __iter__(self) -> Iterator[Any]:
        if self.samples is None:
            return itertools.chain.from_iterable(map(self.read, self.own_shards()))
        return itertools.islice(self._repeated(), self.samples)

    def _repeated(self) -> Iterator[Any]:
        own = self.own_shards()
        while True:
            empty = True
            for sample in itertools.chain.from_iterable(map(self.read, own)):
                empty = False
                yield sample
            if empty:
                raise ValueError(f"ShardedDataset: the shards of process {world().rank} have no samples")


class Prefetcher:
    """Takes batches from a loader in a thread of its own, as far in advance as a bound in bytes allows.

    Where `DataLoader(prefetch_factor=)` counts batches, this counts their memory: one batch more is taken only while
    those that wait have less than `max_bytes`. So at most `max_bytes` and one batch are held.

    Args:
        loader: any iterable; each `for` over the prefetcher iterates over it once.
        max_bytes: of the tensors and arrays in the batches that wait.

    Raises:
        ValueError: max_bytes is not positive.

    Example:
        >>> import nn
        >>> loader = nn.data.DataLoader(nn.data.TensorDataset(nn.arange(5)), batch_size=2)
        >>> [batch for (batch,) in nn.data.Prefetcher(loader, max_bytes=1_000_000)]
        [tensor([0, 1]), tensor([2, 3]), tensor([4])]
    """

    def __init__(self, loader: Iterable[Any], max_bytes: int = 2**28) -> None:
        if not max_bytes > 0:
            raise ValueError(f"Prefetcher: max_bytes must be above 0, got {max_bytes}")
        self.loader, self.max_bytes = loader, max_bytes

    def __len__(self) -> int:
        return len(self.loader)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[Any]:
        if not can_start():
            yield from self.loader
            return
        shelf = _Shelf(self.max_bytes)
        thread = threading.Thread(target=shelf.fill, args=(iter(self.loader),), name="Prefetcher", daemon=True)
        thread.start()
        try:
            yield from shelf
        finally:  # also when the caller leaves the loop early
            shelf.close()
            thread.join()


class _Shelf:
    """Batches between the thread that makes them and the one that takes them."""

    def __init__(self, max_bytes: int) -> None:
        self._max, self._held = max_bytes, 0
        self._batches: deque[tuple[Any, int]] = deque()
        self._changed = threading.Condition()
        self._ended = self._closed = False
        self._error: BaseException | None = None

    def fill(self, batches: Iterator[Any]) -> None:
        try:
            for batch in batches:
                size = nbytes(batch)
                with self._changed:
                    self._batches.append((batch, size))
                    self._held += size
                    self._changed.notify_all()
                    self._changed.wait_for(lambda: self._closed or self._held < self._max)
                    if self._closed:
                        return
        except BaseException as error:  # raised where the batch was due
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()

    def __iter__(self) -> Iterator[Any]:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._batches or self._ended)
                if not self._batches:
                    break
                batch, size = self._batches.popleft()
                self._held -= size
                self._changed.notify_all()
            yield batch
        if self._error is not None:
            raise self._error

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()


def nbytes(batch: Any) -> int:
    """The memory of the tensors and arrays in a batch, however nested."""
    if isinstance(batch, Tensor):
        return batch._array.nbytes
    if isinstance(batch, np.ndarray):
        return batch.nbytes
    if isinstance(batch, Mapping):
        return sum(map(nbytes, batch.values()))
    if isinstance(batch, list | tuple):
        return sum(map(nbytes, batch))
    return 0
