"""Callbacks that end a training: when a metric no longer improves, or when the time is over."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Literal

from nn.training.callback import Callback

__all__ = ["EarlyStopping", "Timer"]


def require_mode(owner: str, mode: str) -> None:
    """Refuse all but "min" and "max"."""
    if mode not in ("min", "max"):
        raise ValueError(f"{owner}: mode must be 'min' (less is better) or 'max', got {mode!r}")


class EarlyStopping(Callback):
    """Stop when a metric has not improved for `patience` epochs (or validations, with the Trainer's
    `val_check_interval`) in which it was logged.

    Args:
        monitor: the name it is logged under.
        min_delta: a smaller change is no improvement; in units of the metric.
        patience: how many epochs without improvement are borne.
        mode: "min" if less is better, "max" if more is.
        check_finite: stop at once when the metric is nan or infinite.
        stopping_threshold: stop at once when the metric is better than this.
        divergence_threshold: stop at once when it is worse than this.
        verbose: tell on standard error when the metric has improved, and why the training stops.
        strict: whether a metric that nothing logs is an error.

    Raises:
        ValueError: an unknown mode, a negative min_delta or a patience that is no whole number of 0 or more; in the
            training, a metric that nothing logs.

    Example:
        >>> import nn
        >>> stop = nn.training.EarlyStopping("val_loss", patience=2)
        >>> [stop.is_over(loss) for loss in (1.0, 0.5, 0.6, 0.5)]
        [False, False, False, True]
        >>> stop.best_score
        0.5
    """

    judges_last = True

    def __init__(
        self,
        monitor: str,
        min_delta: float = 0.0,
        patience: int = 3,
        mode: Literal["min", "max"] = "min",
        check_finite: bool = True,
        stopping_threshold: float | None = None,
        divergence_threshold: float | None = None,
        verbose: bool = False,
        strict: bool = True,
    ) -> None:
        require_mode("EarlyStopping", mode)
        if not min_delta >= 0:
            raise ValueError(f"EarlyStopping: min_delta must be 0 or more, got {min_delta}")
        if isinstance(patience, bool) or not isinstance(patience, int) or patience < 0:
            raise ValueError(f"EarlyStopping: patience must be a number of epochs, 0 or more, got {patience!r}")
        self.monitor, self.min_delta, self.patience, self.mode = monitor, min_delta, patience, mode
        self.check_finite = check_finite
        self.stopping_threshold, self.divergence_threshold = stopping_threshold, divergence_threshold
        self.verbose, self.strict = verbose, strict
        self._start()

    def _start(self) -> None:
        self.best_score = math.inf if self.mode == "min" else -math.inf
        self.wait_count = 0
        self.stopped_epoch: int | None = None

    def on_fit_start(self, trainer: Any, model: Any) -> None:
        """Forget an earlier training."""
        self._start()

    def is_over(self, value: float) -> bool:
        """Count the metric of one epoch; whether the training should end."""
        if self.check_finite and not math.isfinite(value):
            return True
        if self._gain(value, self.stopping_threshold) > 0 or self._gain(value, self.divergence_threshold) < 0:
            return True
        if self._gain(value, self.best_score) > self.min_delta:
            self.best_score, self.wait_count = value, 0
            return False
        self.wait_count += 1
        return self.wait_count >= max(self.patience, 1)

    def _gain(self, value: float, other: float | None) -> float:
        """How much better a value is than another one; 0 where there is none."""
        if other is None:
            return 0.0
        return other - value if self.mode == "min" else value - other

    def on_validation_end(self, trainer: Any, model: Any) -> None:
        """Judge a validation, where several lie within an epoch."""
        if trainer.training:
            self._judge(trainer, at_validation=True)

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """Judge the epoch."""
        self._judge(trainer, at_validation=False)

    def _judge(self, trainer: Any, at_validation: bool) -> None:
        if not trainer.judges(self.monitor, at_validation):
            return
        if not self.strict and self.monitor not in trainer.callback_metrics:
            return
        value = trainer.monitored(self.monitor, "EarlyStopping")
        if value is None:
            return
        over = self.is_over(value)
        if over:
            self.stopped_epoch = trainer.current_epoch
            trainer.should_stop = True
        if self.verbose and (over or self.wait_count == 0):
            trainer.say(f"{self.monitor} {value:.4g} {'ends the training' if over else 'is the best so far'}")

    def state_dict(self) -> dict[str, Any]:
        """The best value, and how long it has stood."""
        return {"best_score": self.best_score, "wait_count": self.wait_count}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take it back."""
        self.best_score, self.wait_count = state_dict["best_score"], state_dict["wait_count"]


def seconds_of(duration: Any) -> float:
    """A duration in seconds.

    Raises:
        ValueError: it is none.

    Example:
        >>> seconds_of("00:01:30:00")
        5400.0
    """
    try:
        if isinstance(duration, str):
            days, hours, minutes, seconds = map(int, duration.split(":"))
            duration = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
        if isinstance(duration, Mapping):
            duration = timedelta(**duration)
        found = duration.total_seconds() if isinstance(duration, timedelta) else float(duration)
    except (ValueError, TypeError):
        found = math.nan
    if not found >= 0:
        raise ValueError(
            f"Timer: duration must be 0 or more seconds, a timedelta, a text 'DD:HH:MM:SS' or a dict, got {duration!r}"
        )
    return found


class Timer(Callback):
    """Stop after a time, at the end of a batch; the time of the runs before a checkpoint counts too.

    Args:
        duration: in seconds, as a `timedelta`, a text "DD:HH:MM:SS", or a dict such as {"hours": 2}; None only
            measures.
        clock: tells the time in seconds.

    Raises:
        ValueError: a duration that is negative, nan, or none of these.

    Example:
        >>> import nn
        >>> timer = nn.training.Timer(duration=60.0)
        >>> timer.time_elapsed()
        0.0
    """

    def __init__(
        self,
        duration: float | str | timedelta | Mapping[str, int] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.duration, self._clock = None if duration is None else seconds_of(duration), clock
        self._start: float | None = None
        self._before = 0.0

    def time_elapsed(self) -> float:
        """Seconds of training until now."""
        return self._before + (0.0 if self._start is None else self._clock() - self._start)

    def on_fit_start(self, trainer: Any, model: Any) -> None:
        """Forget an earlier training."""
        self._before, self._start = 0.0, None

    def on_train_start(self, trainer: Any, model: Any) -> None:
        """Start the clock."""
        self._start = self._clock()

    def on_train_batch_end(self, trainer: Any, model: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Look at it."""
        if self.duration is not None and self.time_elapsed() >= self.duration:
            trainer.should_stop = True

    def on_train_end(self, trainer: Any, model: Any) -> None:
        """Stop the clock."""
        self._before, self._start = self.time_elapsed(), None

    def on_exception(self, trainer: Any, model: Any, exception: BaseException) -> None:
        """Stop the clock."""
        self._before, self._start = self.time_elapsed(), None

    def state_dict(self) -> dict[str, Any]:
        """The seconds so far."""
        return {"time_elapsed": self.time_elapsed()}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Go on counting from there."""
        self._before = state_dict["time_elapsed"]
