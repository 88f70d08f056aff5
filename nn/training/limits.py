"""Shorter passes: how many batches of a loader a Trainer takes, and how often within an epoch it validates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from nn.data.loader import DataLoader
from nn.data.sampler import RandomSampler
from nn.training.options import require_whole
from nn.training.steps import length

__all__: list[str] = []


class Limited:
    """The first batches of a loader; whatever else it has, it has.

    Args:
        loader: gives batches.
        batches: how many of them, at most.
    """

    def __init__(self, loader: Any, batches: int) -> None:
        self._loader, self._batches = loader, batches

    def __iter__(self) -> Iterator[Any]:
        return islice(self._loader, self._batches)

    def __len__(self) -> int:
        return min(len(self._loader), self._batches)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._loader, name)


@dataclass(frozen=True)
class Limits:
    """What `Trainer` was told of shorter passes, by its names: a whole number of batches, or a share of all, a float.

    Raises:
        ValueError: one of them is neither.
    """

    limit_train_batches: int | float = 1.0
    limit_val_batches: int | float = 1.0
    limit_test_batches: int | float = 1.0
    limit_predict_batches: int | float = 1.0
    overfit_batches: int | float = 0.0
    val_check_interval: int | float = 1.0
    num_sanity_val_steps: int = 0

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            whole = isinstance(value, int) and not isinstance(value, bool)
            if not (whole and value >= 0) and not (isinstance(value, float) and 0 <= value <= 1):
                raise ValueError(
                    f"Trainer: {name} must be a whole number of batches, or a share of them from 0.0 to 1.0, "
                    f"got {value!r}"
                )
        if self.val_check_interval == 0:
            raise ValueError("Trainer: val_check_interval must be above 0, got 0; limit_val_batches=0 validates never")
        require_whole("num_sanity_val_steps", self.num_sanity_val_steps, 0)

    def of(self, kind: str, loader: Any) -> Any:
        """The part of a loader that a pass of this kind takes: "train", "val", "test" or "predict"."""
        name = f"limit_{kind}_batches"
        if self.overfit_batches and kind in ("train", "val"):
            name = "overfit_batches"
            loader = _in_order(loader)
        limit = getattr(self, name)
        return loader if limit == 1.0 and isinstance(limit, float) else Limited(loader, _batches(name, limit, loader))

    def validates_every(self, loader: Any) -> int | None:
        """After how many batches of an epoch a validation follows; None for at its end."""
        every = self.val_check_interval
        if every == 1.0 and isinstance(every, float):
            return None
        batches, count = _batches("val_check_interval", every, loader), length(loader)
        if count is not None and batches > count:
            raise ValueError(
                f"Trainer: val_check_interval must be at most the {count} batches of an epoch, got {batches}; "
                "use check_val_every_n_epoch for every so many epochs"
            )
        return batches


def _batches(name: str, limit: int | float, loader: Any) -> int:
    """How many batches a limit means."""
    if isinstance(limit, int):
        return limit
    count = length(loader)
    if count is None:
        raise ValueError(f"Trainer: {name} must be a whole number for a loader without a length, got {limit}")
    batches = int(count * limit)
    if limit and not batches:
        raise ValueError(f"Trainer: {name} {limit} of {count} batches is none; give {1 / count:.2g} or more, or 1")
    return batches


def _in_order(loader: Any) -> Any:
    """The same data without shuffling, so that the first batches are always the same."""
    if not isinstance(loader, DataLoader) or not isinstance(loader.sampler, RandomSampler):
        return loader
    return DataLoader(
        loader.dataset,
        loader.batch_size,
        num_workers=loader.num_workers,
        collate_fn=loader.collate_fn,
        drop_last=loader.drop_last,
    )
