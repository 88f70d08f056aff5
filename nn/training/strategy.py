"""Who trains: one process (`Alone`), or all processes of a world together (`DataParallel`)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from nn.data.dataset import IterableDataset
from nn.data.loader import DataLoader
from nn.data.sampler import BatchSampler, DistributedSampler, RandomSampler, SequentialSampler
from nn.distributed.buckets import Reducer
from nn.distributed.communication import gathered_objects, init
from nn.distributed.parallel import require_same
from nn.errors import CheckpointError
from nn.modules.module import Module
from nn.training.logbook import RunWriter
from nn.training.records import Means, size_of
from nn.world import World, broadcast_arrays, enter, world

__all__: list[str] = []


class Alone:
    """One process: nothing is divided, and nothing needs to be agreed on."""

    main = True
    """Whether this process writes logs and checkpoints."""

    def begin(self, model: Module) -> None:
        """A training of this model begins."""

    def begin_batch(self, model: Module, batch: Any, closes: bool) -> None:
        """A batch is trained on next; `closes` if a step follows it."""

    def average(self) -> None:
        """Average gradients that were added up, but not sent."""

    def part(self, loader: Any) -> Any:
        """The loader of this process's part of the data."""
        return loader

    def begin_epoch(self, loader: Any, epoch: int) -> None:
        """Choose the order of the data in an epoch."""

    def agree(self, interrupt: int | None, stop: bool) -> tuple[int | None, bool]:
        """The interrupt that a process noted, and whether one asked for the end."""
        return interrupt, stop

    def add_up(self, sums: dict[str, list[Any]]) -> dict[str, list[Any]]:
        """The sums and counts of a mean, over all processes."""
        return sums

    def share_folder(self, run: RunWriter) -> None:
        """Take the folder of the run that process 0 has chosen."""

    def fail(self) -> None:
        """Act alone from now on: the others do not know of this process's error."""

    def position(self, loader: Any) -> dict[str, Any]:
        """What a checkpoint within an epoch says of how the data were divided."""
        return {"strategy": "auto", "batch": 0}

    def require_position(self, saved: Mapping[str, Any], loader: Any, path: Path) -> None:
        """Go on within an epoch only where the batches of all processes together are those that they were.

        Raises:
            CheckpointError: they are not.
        """
        now, before = self.position(loader), saved.get("division", Alone().position(loader))
        if now["strategy"] != before["strategy"]:
            said = f"with strategy={before['strategy']!r}, which visits the data in another order"
        elif now["batch"] != before["batch"]:
            said = (
                f"with {before['batch']} samples in the batches of all processes together; now there are {now['batch']}"
            )
        else:
            return
        raise CheckpointError(
            str(path), f"it was taken within an epoch, {said}: keep that, or go on from a checkpoint at an epoch's end"
        )


class DataParallel(Alone):
    """Every process has the model and its own part of each batch; gradients are averaged, metrics are added up."""

    def __init__(self) -> None:
        init()
        self.main = world().rank == 0
        self._reducer: Reducer | None = None
        self._parameters: list[Any] = []

    def begin(self, model: Module) -> None:
        """Give everyone process 0's parameters and buffers."""
        require_same(model)
        broadcast_arrays([t._array for t in (*model.parameters(), *model.buffers())])
        if world().size > 1:
            parameters = [p for p in model.parameters() if p.requires_grad]
            if self._reducer is not None:
                self._reducer.remove()
            self._reducer = Reducer(parameters, 25 * 2**20, by_samples=True)

    def begin_batch(self, model: Module, batch: Any, closes: bool) -> None:
        if self._reducer is not None:
            self._reducer.active = closes
            self._reducer.count(size_of(batch))
            broadcast_arrays([buffer._array for buffer in model.buffers()])

    def average(self) -> None:
        if self._reducer is not None:
            self._reducer.average()

    def part(self, loader: Any) -> Any:
        plain = isinstance(loader, DataLoader) and isinstance(loader.sampler, RandomSampler | SequentialSampler)
        if not plain or isinstance(loader.dataset, IterableDataset) or not _is_usual(loader):
            return loader  # it divides the data itself, or gives everyone the same
        shuffle = isinstance(loader.sampler, RandomSampler)
        sampler = DistributedSampler(loader.dataset, shuffle=shuffle)
        return DataLoader(
            loader.dataset,
            loader.batch_size,
            sampler=sampler,
            num_workers=loader.num_workers,
            collate_fn=loader.collate_fn,
            drop_last=loader.drop_last,
            timeout=loader.timeout,
            worker_init_fn=loader.worker_init_fn,
            generator=loader.generator,
        )

    def begin_epoch(self, loader: Any, epoch: int) -> None:
        for owner in (getattr(loader, "sampler", None), getattr(loader, "dataset", None)):
            if owner is not None and hasattr(owner, "set_epoch"):
                owner.set_epoch(epoch)

    def agree(self, interrupt: int | None, stop: bool) -> tuple[int | None, bool]:
        flags = np.array([interrupt or 0, stop], np.int64)
        world().all_reduce(flags, "max").wait()
        return int(flags[0]) or None, bool(flags[1])

    def add_up(self, sums: dict[str, list[Any]]) -> dict[str, list[Any]]:
        total = Means()
        for part in gathered_objects(sums):
            total.merge(part)
        return total.sums

    def share_folder(self, run: RunWriter) -> None:
        run.folder = gathered_objects(run.log_dir if self.main else None)[0]

    def fail(self) -> None:
        enter(World())
        self.main = True

    def position(self, loader: Any) -> dict[str, Any]:
        return {"strategy": "ddp", "batch": (getattr(loader, "batch_size", None) or 1) * world().size}


def _is_usual(loader: DataLoader[Any]) -> bool:
    """Whether its batches are those that `batch_size` makes of its sampler."""
    return type(loader.batch_sampler) is BatchSampler and loader.batch_size is not None


STRATEGIES = {"auto": Alone, "ddp": DataParallel}


def chosen(strategy: str) -> Alone:
    """The strategy of a name.

    Raises:
        ValueError: it is none.
    """
    if strategy not in STRATEGIES:
        names = " or ".join(map(repr, STRATEGIES))
        raise ValueError(f"Trainer: strategy must be {names}, got {strategy!r}")
    return STRATEGIES[strategy]()
