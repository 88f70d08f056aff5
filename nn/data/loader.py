"""DataLoader: a dataset, the order in which to visit it, and how samples become a batch."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from contextvars import copy_context
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np

from nn.data.collate import default_collate, default_convert
from nn.data.dataset import Indexable, IterableDataset, batch_of, samples_of
from nn.data.sampler import BatchSampler, RandomSampler, Sampler, SequentialSampler
from nn.kernels.threads import can_start
from nn.rng import ForkedStreams, Generator, default_generator

__all__ = ["DataLoader", "get_worker_info"]

T = TypeVar("T", covariant=True)

END: Any = object()
_SETTLED = ("dataset", "batch_size", "sampler", "batch_sampler", "drop_last", "persistent_workers")
"""What a loader is made of: PyTorch does not let it be changed either."""


class DataLoader(Generic[T]):
    """Iterates over a dataset in batches; every `for` is one pass, with a new order if shuffled.

    Batches come in the same order and with the same numbers whatever `num_workers` is: what a dataset or a transform
    draws at random is drawn, for each batch, from a stream made of the generator's seed, the pass and the batch.

    Args:
        dataset: anything with `dataset[i]` and `len(dataset)`, or an `IterableDataset`.
        batch_size: samples in a batch; None for single samples, not batched.
        shuffle: visit the samples in random order.
        sampler: the order, in place of `shuffle`: a sampler or any collection of positions.
        batch_sampler: whole batches of positions, in place of `batch_size`, `shuffle`, `sampler` and `drop_last`:
            each a list, a tuple, an array or a tensor of them.
        num_workers: threads that make batches in advance; 0 for none. They help where a dataset waits for a disk, or
            computes in NumPy, which lets other threads run. An error in one is raised where the batch is due, with
            its own traceback. Where no thread can start, as in a browser, a batch is made when it is asked for.
        collate_fn: makes a batch of a list of samples; None for `default_collate`, which stacks them.
        pin_memory: no effect, for memory is not pinned on a CPU.
        drop_last: leave out the last batch if it is not full.
        timeout: seconds to wait for a batch of a worker; 0 for no limit.
        worker_init_fn: called in each worker, with its number, before its first batch.
        multiprocessing_context: no effect, for workers are threads.
        generator: draws the order; None for the global one.
        prefetch_factor: batches that each worker makes in advance; None for 2.
        persistent_workers: no effect, for threads take no time to start.
        pin_memory_device: no effect.
        in_order: no effect, for batches always come in the order of the sampler.

    Raises:
        ValueError: batch_size is no positive integer; options that exclude each other; an empty dataset to shuffle.
        RuntimeError: a worker takes longer than the timeout.

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
        dataset: Indexable[T] | IterableDataset[T],
        batch_size: int | None = 1,
        shuffle: bool | None = None,
        sampler: Sampler[Any] | Collection[Any] | None = None,
        batch_sampler: Sampler[Any] | Collection[Any] | None = None,
        num_workers: int = 0,
        collate_fn: Callable[[Any], Any] | None = None,
        pin_memory: bool = False,
        drop_last: bool = False,
        timeout: float = 0,
        worker_init_fn: Callable[[int], None] | None = None,
        multiprocessing_context: Any = None,
        generator: Generator | None = None,
        *,
        prefetch_factor: int | None = None,
        persistent_workers: bool = False,
        pin_memory_device: str = "",
        in_order: bool = True,
    ) -> None:
        if isinstance(num_workers, bool) or not isinstance(num_workers, int) or num_workers < 0:
            raise ValueError(f"DataLoader: num_workers must be a number of threads, 0 or more, got {num_workers!r}")
        if prefetch_factor is not None and (not num_workers or prefetch_factor < 1):
            raise ValueError(
                "DataLoader: prefetch_factor counts batches in advance, 1 or more, of each worker; "
                f"got {prefetch_factor} with num_workers={num_workers}"
            )
        if timeout < 0:
            raise ValueError(f"DataLoader: timeout must be a number of seconds, 0 for no limit, got {timeout!r}")
        if sampler is not None and shuffle:
            raise ValueError("DataLoader: a sampler sets the order itself; leave out shuffle, or the sampler")
        if isinstance(dataset, IterableDataset) and (shuffle or sampler is not None or batch_sampler is not None):
            raise ValueError(
                "DataLoader: an IterableDataset sets the order itself; leave out shuffle, sampler and batch_sampler"
            )
        if batch_sampler is not None:
            if batch_size != 1 or shuffle or sampler is not None or drop_last:
                raise ValueError(
                    "DataLoader: a batch_sampler makes whole batches itself; "
                    "leave out batch_size, shuffle, sampler and drop_last, or the batch_sampler"
                )
            batch_size = None
        elif batch_size is None and drop_last:
            raise ValueError("DataLoader: with batch_size=None there is no last batch to drop; leave out drop_last")
        if isinstance(dataset, IterableDataset):
            sampler = _Endless()
        elif sampler is None:
            sampler = RandomSampler(dataset, generator=generator) if shuffle else SequentialSampler(dataset)
        if batch_size is not None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset = dataset
        self.batch_size = batch_size
        self.sampler = sampler
        self.batch_sampler = batch_sampler
        self.num_workers = num_workers
        self.collate_fn = collate_fn or (default_convert if batch_sampler is None else default_collate)
        self.pin_memory = pin_memory
        self.drop_last = drop_last
        self.timeout = timeout
        self.worker_init_fn = worker_init_fn
        self.multiprocessing_context = multiprocessing_context
        self.generator = generator
        self.prefetch_factor = prefetch_factor or (2 if num_workers else None)
        self.persistent_workers = persistent_workers
        self._made = True

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _SETTLED and hasattr(self, "_made"):
            raise ValueError(f"DataLoader: {name} cannot be changed once the loader is made; make another one")
        object.__setattr__(self, name, value)

    def __iter__(self) -> Iterator[Any]:
        streams = (self.generator or default_generator).fork_key()
        if isinstance(self.dataset, IterableDataset):
            make, workers = self._reader(self.dataset, ForkedStreams(*streams)), min(self.num_workers, 1)
        else:
            make, workers = self._maker(self.dataset, streams), self.num_workers
        tasks = enumerate(self.sampler if self.batch_sampler is None else self.batch_sampler)
        if not workers or not can_start():
            return itertools.takewhile(lambda batch: batch is not END, itertools.starmap(make, tasks))
        start = _Workers(workers, streams[0], self.dataset, self.worker_init_fn)
        return _in_advance(make, tasks, start, workers * (self.prefetch_factor or 2), self.timeout or None)

    def __len__(self) -> int:
        """The number of batches in a pass (of samples, with batch_size=None)."""
        if isinstance(self.dataset, IterableDataset):
            if not hasattr(self.dataset, "__len__"):
                name = type(self.dataset).__name__
                raise TypeError(f"DataLoader: the number of batches is unknown, {name} does not define __len__()")
            samples = range(len(self.dataset))
            return len(samples if self.batch_size is None else BatchSampler(samples, self.batch_size, self.drop_last))
        return len(self.sampler if self.batch_sampler is None else self.batch_sampler)

    def _maker(self, dataset: Indexable[Any], streams: tuple[int, int]) -> Callable[[int, Any], Any]:
        """Makes the batch of a number and positions; several threads may do so at once."""

        def collated(indices: Any) -> Any:
            if self.batch_sampler is None:
                return self.collate_fn(dataset[indices])
            if self.collate_fn is default_collate:  # then the dataset may have a quicker way to the same batch
                return batch_of(dataset, indices)
            return self.collate_fn(samples_of(dataset, indices))

        def make(number: int, indices: Any) -> Any:
            with ForkedStreams(*streams, number):
                try:
                    return collated(indices)
                except Exception as error:
                    if hasattr(error, "add_note"):  # Python 3.11 and later
                        error.add_note(f"DataLoader: this came from batch {number}, positions {_shortened(indices)}")
                    raise

        return make

    def _reader(self, dataset: IterableDataset[Any], streams: ForkedStreams) -> Callable[[int, Any], Any]:
        """Makes the next batch of a stream of samples; one thread does so."""
        with streams:
            samples = iter(dataset)

        def make(number: int, indices: Any) -> Any:
            with streams:
                if self.batch_size is None:
                    sample = next(samples, END)
                    return END if sample is END else self.collate_fn(sample)
                batch = list(itertools.islice(samples, self.batch_size))
                kept = len(batch) == self.batch_size or (batch and not self.drop_last)
                return self.collate_fn(batch) if kept else END

        return make


class _Endless(Sampler[int]):
    """Stands for the order of an `IterableDataset`, which has none until it ends."""

    def __iter__(self) -> Iterator[int]:
        return itertools.repeat(0)


class WorkerInfo(NamedTuple):
    """Which worker this is."""

    id: int
    num_workers: int
    seed: int
    dataset: Any


class _Workers:
    """Starts each worker of a pass: gives it a number, and calls the user's function."""

    def __init__(self, count: int, seed: int, dataset: Any, function: Callable[[int], None] | None) -> None:
        self.count, self._seed, self._dataset, self._function = count, seed, dataset, function
        self._numbers = itertools.count()

    def __call__(self) -> None:
        number = next(self._numbers)
        _worker.info = WorkerInfo(number, self.count, self._seed + number, self._dataset)
        if self._function is not None:
            self._function(number)


_worker = threading.local()


def get_worker_info() -> WorkerInfo | None:
    """In a worker of a `DataLoader`: its number, how many there are, a seed and the dataset; elsewhere None.

    An `IterableDataset` is read by one worker, however many are asked for, so it need not be divided among them.

    Example:
        >>> import nn
        >>> print(nn.data.get_worker_info())
        None
    """
    return getattr(_worker, "info", None)


def _in_advance(
    make: Callable[..., Any], tasks: Iterable[tuple[int, Any]], start: _Workers, ahead: int, timeout: float | None
) -> Iterator[Any]:
    """Yield `make(*task)` for each task, in order; threads compute up to `ahead` tasks in advance."""
    from concurrent.futures import Future, ThreadPoolExecutor
    from concurrent.futures import TimeoutError as TimeoutError_  # another class than TimeoutError before Python 3.11

    on_float_errors = np.geterr()

    def make_as_here(*task: Any) -> Any:
        with np.errstate(**on_float_errors):  # which is each thread's own before NumPy 2
            return make(*task)

    waiting: deque[Future[Any]] = deque()
    pool = ThreadPoolExecutor(start.count, thread_name_prefix="DataLoader", initializer=start)

    def result(future: Future[Any]) -> Any:
        try:
            return future.result(timeout)
        except TimeoutError_:
            if future.done():  # an error of the dataset's own
                raise
            raise RuntimeError(
                f"DataLoader: a batch was not there within {timeout} seconds; give a longer timeout, or 0 for none"
            ) from None

    try:
        for task in tasks:
            waiting.append(pool.submit(copy_context().run, make_as_here, *task))
            if len(waiting) > ahead:
                batch = result(waiting.popleft())
                if batch is END:
                    return
                yield batch
        while waiting:
            yield result(waiting.popleft())
    finally:  # also when the caller leaves the loop early, or a batch fails
        pool.shutdown(cancel_futures=True)


def _shortened(indices: Any) -> str:
    return f"{indices[:8]}..." if isinstance(indices, list | tuple) and len(indices) > 8 else repr(indices)
