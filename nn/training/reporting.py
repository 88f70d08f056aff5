"""What a training tells: metrics for the writer and the progress bar, the folder of its run, lines for the user."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from nn.training.logbook import Logbook, RunWriter
from nn.training.options import require_logger
from nn.training.records import FOLDS

__all__: list[str] = []


class Reporting:
    """The part of a Trainer that a model and callbacks log with.

    Args:
        logger: as for `Trainer`.
        default_root_dir: as for `Trainer`.
        loud: whether to say anything on standard error.
    """

    def __init__(self, logger: Any, default_root_dir: str | os.PathLike[str] | None, loud: bool) -> None:
        require_logger(logger)
        self._run = RunWriter(logger, Path("runs" if default_root_dir is None else default_root_dir))
        self._logbook = Logbook(self._run)
        self.enable_progress_bar = loud
        self.stage = ""  # "fit", "validation", "test" or "predict" while that is at work
        self.is_logged_step = False

    def log(
        self,
        name: str,
        value: Any,
        prog_bar: bool = False,
        *,
        logger: bool = True,
        on_step: bool | None = None,
        on_epoch: bool | None = None,
        batch_size: int | None = None,
        reduce_fx: Literal["mean", "sum", "min", "max"] = "mean",
        sync_dist: bool = True,
        rank_zero_only: bool = False,
    ) -> None:
        """Log one number; a model calls it as `self.log`.

        Args:
            name: the tag; with both `on_step` and `on_epoch` there are `name_step` and `name_epoch` too.
            value: a number, or a tensor with one.
            prog_bar: show it beside the progress bar.
            logger: whether the writer gets it too.
            on_step: log the value of the step; None for yes in `training_step` alone.
            on_epoch: log the mean of the epoch; None for yes everywhere else.
            batch_size: what the batch counts for in that mean; None for the length of its first tensor.
            reduce_fx: what becomes of an epoch's values: their "mean", "sum", "min" or "max".
            sync_dist, rank_zero_only: taken without effect, since an epoch's values are always those of all processes.

        Raises:
            TypeError: the value is not one number.
            ValueError: another reduce_fx.
            RuntimeError: the writer is closed.
        """
        reduce_fx = getattr(reduce_fx, "__name__", reduce_fx)  # min and sum themselves are taken too
        if reduce_fx not in FOLDS:
            raise ValueError(f"log: reduce_fx of {name} must be 'mean', 'sum', 'min' or 'max', got {reduce_fx!r}")
        if self.stage in ("", "predict"):
            return
        if self._logbook.batch is None:  # between batches: a value of its own
            self.log_scalar(name, value, logger)
            return
        training = self.stage == "fit"
        self._logbook.log(
            name,
            value,
            by_step=training if on_step is None else on_step and training,
            by_epoch=not training if on_epoch is None else on_epoch,
            write_step=self.is_logged_step,
            prog_bar=prog_bar,
            logger=logger,
            batch_size=batch_size,
            reduce_fx=reduce_fx,
        )

    def log_dict(self, metrics: Mapping[str, Any], **options: Any) -> None:
        """Log several numbers by name, with the options of `log`."""
        for name, value in metrics.items():
            self.log(name, value, **options)

    def log_scalar(self, name: str, value: Any, logger: bool = True) -> None:
        """Log one number now, whatever the moment."""
        self._logbook.log_scalar(name, value, logger)

    @property
    def callback_metrics(self) -> dict[str, float]:
        """The latest value of every metric."""
        return self._logbook.latest

    @callback_metrics.setter
    def callback_metrics(self, metrics: dict[str, float]) -> None:
        self._logbook.latest = metrics

    @property
    def progress_bar_metrics(self) -> dict[str, float]:
        """The metrics that were logged with `prog_bar=True`."""
        return self._logbook.of_progress_bar()

    @property
    def logger(self) -> Any:
        """The writer; None if there is none."""
        return self._run.logger

    @property
    def log_dir(self) -> Path:
        """The folder of this run, `version_N`; it is made when it is first asked for."""
        return self._run.log_dir

    @property
    def default_root_dir(self) -> Path:
        """Where runs are put."""
        return self._run.root

    @default_root_dir.setter
    def default_root_dir(self, root: Path) -> None:
        self._run.root = root

    def say(self, text: str) -> None:
        """One line on standard error, unless the Trainer is quiet."""
        if self.enable_progress_bar and sys.stderr is not None:
            print(f"Trainer: {text}", file=sys.stderr, flush=True)
