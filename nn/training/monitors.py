"""Callbacks that log how a training goes: learning rates, time and throughput."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Literal

from nn.training.callback import Callback
from nn.training.records import size_of

__all__ = ["LearningRateMonitor", "ThroughputMonitor"]


class LearningRateMonitor(Callback):
    """Log the learning rate of each parameter group, as `lr-SGD` or, of several groups, `lr-SGD/pg1` ...

    Args:
        logging_interval: "step" at the steps that are logged, "epoch" at the start of each epoch, None for "step" if
            there is a schedule that changes by steps and else "epoch".

    Raises:
        ValueError: another interval.

    Example:
        >>> import nn
        >>> model, data = nn.Linear(2, 1), [(nn.ones(4, 2), nn.zeros(4, 1))]
        >>> trainer = nn.training.Trainer(
        ...     max_epochs=1, callbacks=[nn.training.LearningRateMonitor()],
        ...     enable_checkpointing=False, enable_progress_bar=False,
        ... )
        >>> trainer.fit(model, data, criterion=nn.MSELoss(), optimizer=nn.optim.SGD(model.parameters(), lr=0.1))
        >>> trainer.callback_metrics["lr-SGD"]
        0.1
    """

    def __init__(self, logging_interval: Literal["step", "epoch"] | None = None) -> None:
        if logging_interval not in ("step", "epoch", None):
            raise ValueError(
                f"LearningRateMonitor: logging_interval must be 'step', 'epoch' or None, got {logging_interval!r}"
            )
        self.logging_interval = logging_interval

    def _interval(self, trainer: Any) -> str:
        by_step = any(schedule.interval == "step" for schedule in trainer.schedules)
        return self.logging_interval or ("step" if by_step else "epoch")

    def _log(self, trainer: Any) -> None:
        groups, name = trainer.optimizer.param_groups, f"lr-{type(trainer.optimizer).__name__}"
        for i, group in enumerate(groups):
            trainer.log_scalar(name if len(groups) == 1 else f"{name}/pg{i + 1}", float(group["lr"]))

    def on_train_epoch_start(self, trainer: Any, model: Any) -> None:
        """Log once an epoch."""
        if self._interval(trainer) == "epoch" and trainer.batch_idx == 0:
            self._log(trainer)

    def on_train_batch_start(self, trainer: Any, model: Any, batch: Any, batch_idx: int) -> None:
        """Log at the steps that are logged."""
        if trainer.is_logged_step and self._interval(trainer) == "step":
            self._log(trainer)


class ThroughputMonitor(Callback):
    """Log the seconds of each epoch, and samples and batches a second, without the validation.

    The tags are `time/train_epoch`, `throughput/samples_per_second` and `throughput/batches_per_second`.

    Args:
        clock: tells the time in seconds.

    Example:
        >>> import itertools, nn
        >>> ticks = itertools.count(step=2)
        >>> monitor = nn.training.ThroughputMonitor(clock=lambda: float(next(ticks)))
        >>> model, data = nn.Linear(2, 1), [(nn.ones(4, 2), nn.zeros(4, 1))] * 3
        >>> trainer = nn.training.Trainer(
        ...     max_epochs=1, callbacks=[monitor], enable_checkpointing=False, enable_progress_bar=False
        ... )
        >>> trainer.fit(model, data, criterion=nn.MSELoss(), optimizer=nn.optim.SGD(model.parameters(), lr=0.1))
        >>> trainer.callback_metrics["throughput/samples_per_second"]
        2.0
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._start = self._end = 0.0
        self._samples = self._batches = 0

    def on_train_epoch_start(self, trainer: Any, model: Any) -> None:
        """Start counting."""
        self._start = self._end = self._clock()
        self._samples = self._batches = 0

    def on_train_batch_end(self, trainer: Any, model: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Count the batch."""
        self._end = self._clock()
        self._samples += size_of(batch)
        self._batches += 1

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """Log the epoch."""
        seconds = self._end - self._start
        trainer.log_scalar("time/train_epoch", seconds)
        if seconds > 0:
            trainer.log_scalar("throughput/samples_per_second", self._samples / seconds)
            trainer.log_scalar("throughput/batches_per_second", self._batches / seconds)
