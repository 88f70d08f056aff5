"""ModelCheckpoint: the best states of a training and the last one, on the disk."""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from nn.training.callback import Callback
from nn.training.stopping import require_mode

__all__ = ["ModelCheckpoint"]


class ModelCheckpoint(Callback):
    """Save `last.ckpt` after every epoch, and with `monitor` the best epochs too.

    A checkpoint holds all that a training needs to go on as if nothing had happened: parameters and buffers, optimiser,
    schedules, callbacks, random generators, and the position in the epoch. Files take their place when they are whole,
    so a kill at any moment leaves the one before.

    An interrupt saves `last.ckpt` (a second one, which does not wait for the end of the batch, saves nothing); an error
    saves `exception.ckpt`, the state before the batch that failed.

    Args:
        dirpath: the folder; None for `checkpoints` in the run's folder.
        filename: of the best ones: `{epoch}`, `{step}` and every metric become their name and value.
        monitor: the metric that tells what is best; None for none.
        save_last: whether to write `last.ckpt`.
        save_top_k: how many of the best to keep; -1 for all.
        mode: "min" if less of the metric is better, "max" if more is.
        every_n_train_steps: write `last.ckpt` after so many steps of the optimiser too; 0 for never.
        every_n_epochs: look at every so many epochs only.
        verbose: tell on standard error which file was saved.
        auto_insert_metric_name: whether fields of the file's name become name=value, or the value alone.

    Attributes:
        best_model_path: the best one, "" before there is one; without a monitor the last one.
        best_model_score: its metric.
        last_model_path: the newest `last.ckpt`.

    Raises:
        ValueError: an unknown mode, numbers that are out of range; in the training, a metric that nothing logs.

    Example:
        >>> import tempfile, nn
        >>> model, data = nn.Linear(2, 1), [(nn.ones(4, 2), nn.zeros(4, 1))]
        >>> optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     best = nn.training.ModelCheckpoint(folder, monitor="val_loss")
        ...     trainer = nn.training.Trainer(max_epochs=3, callbacks=[best], enable_progress_bar=False)
        ...     trainer.fit(model, data, data, criterion=nn.MSELoss(), optimizer=optimizer)
        ...     metrics = trainer.validate(model, data, ckpt_path="best")
        >>> metrics == [{"val_loss": best.best_model_score}]
        True
    """

    judges_last = True

    def __init__(
        self,
        dirpath: str | os.PathLike[str] | None = None,
        filename: str = "{epoch}-{step}",
        monitor: str | None = None,
        save_last: bool = True,
        save_top_k: int = 1,
        mode: Literal["min", "max"] = "min",
        every_n_train_steps: int = 0,
        every_n_epochs: int = 1,
        verbose: bool = False,
        auto_insert_metric_name: bool = True,
    ) -> None:
        require_mode("ModelCheckpoint", mode)
        for name, value, least in (
            ("save_top_k", save_top_k, -1),
            ("every_n_train_steps", every_n_train_steps, 0),
            ("every_n_epochs", every_n_epochs, 1),
        ):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"ModelCheckpoint: {name} must be a whole number of {least} or more, got {value!r}")
        self.dirpath = None if dirpath is None else Path(dirpath)
        self.filename, self.monitor, self.mode, self.save_last = filename, monitor, mode, save_last
        self.save_top_k, self.every_n_train_steps, self.every_n_epochs = save_top_k, every_n_train_steps, every_n_epochs
        self.verbose, self.auto_insert_metric_name = verbose, auto_insert_metric_name
        self.best_k_models: dict[str, float] = {}
        self.last_model_path = ""
        self._last_step = 0

    @property
    def best_model_path(self) -> str:
        """The path of the best checkpoint."""
        return self._ranked()[0] if self.best_k_models else ("" if self.monitor else self.last_model_path)

    @property
    def best_model_score(self) -> float | None:
        """The metric of the best checkpoint."""
        return self.best_k_models[self._ranked()[0]] if self.best_k_models else None

    def _ranked(self) -> list[str]:
        """The paths, the best first; of equals the older."""
        sign = 1 if self.mode == "min" else -1
        return sorted(self.best_k_models, key=lambda path: sign * self.best_k_models[path])

    def _folder(self, trainer: Any) -> Path:
        folder: Path = self.dirpath or trainer.log_dir / "checkpoints"
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _save_last(self, trainer: Any) -> None:
        self._last_step = trainer.global_step
        self.last_model_path = str(self._folder(trainer) / "last.ckpt")
        trainer.save_checkpoint(self.last_model_path)

    def on_fit_start(self, trainer: Any, model: Any) -> None:
        """Forget an earlier training; its files stay."""
        self.best_k_models, self.last_model_path, self._last_step = {}, "", 0

    def on_train_batch_end(self, trainer: Any, model: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Save the last state, if so many steps were taken; after an epoch's last batch when its metrics are logged."""
        if self._is_due(trainer) and not trainer.is_last_batch:
            self._save_last(trainer)

    def _is_due(self, trainer: Any) -> bool:
        """Whether so many steps were taken since the last save."""
        every, step = self.every_n_train_steps, trainer.global_step
        return bool(every) and step != self._last_step and step % every == 0

    def on_validation_end(self, trainer: Any, model: Any) -> None:
        """Save what a validation found to be one of the best, where several lie within an epoch."""
        if trainer.training:
            self._judge(trainer, at_validation=True)

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """Save the epoch if it is one of the best, and as the last."""
        self._judge(trainer, at_validation=False)
        if (self._looks(trainer) and self.save_last) or self._is_due(trainer):
            self._save_last(trainer)

    def _looks(self, trainer: Any) -> bool:
        return (trainer.current_epoch + 1) % self.every_n_epochs == 0

    def _judge(self, trainer: Any, at_validation: bool) -> None:
        if self.monitor is None or not self._looks(trainer) or not trainer.judges(self.monitor, at_validation):
            return
        value = trainer.monitored(self.monitor, "ModelCheckpoint")
        if value is not None and self.save_top_k and math.isfinite(value):
            self._save_if_best(trainer, value)

    def _save_if_best(self, trainer: Any, value: float) -> None:
        path = str(self._folder(trainer) / f"{self._name(trainer)}.ckpt")
        known = self.best_k_models.get(path)
        if known is not None and (value >= known if self.mode == "min" else value <= known):
            return  # a name without a number, which the better one keeps
        self.best_k_models[path] = value
        dropped = self._ranked()[self.save_top_k :] if self.save_top_k > 0 else []
        for worse in dropped:
            del self.best_k_models[worse]
        if path not in dropped:
            trainer.save_checkpoint(path)
            if self.verbose:
                trainer.say(f"{self.monitor} {value:.4g} is among the {self.save_top_k} best; saved {path}")
        for worse in dropped:
            if worse != path:
                Path(worse).unlink(missing_ok=True)

    def _name(self, trainer: Any) -> str:
        """The name of the file, its fields filled in."""
        fields = {**trainer.callback_metrics, "epoch": trainer.current_epoch, "step": trainer.global_step}

        def shown(match: re.Match[str]) -> str:
            name, form = match.groups()
            if name not in fields:
                raise ValueError(
                    f"ModelCheckpoint: filename has the field {name!r}, which nothing logs; logged are {sorted(fields)}"
                )
            told = f"{name.replace('/', '_')}=" if self.auto_insert_metric_name else ""
            return told + format(fields[name], form or "")

        return re.sub(r"\{([^{}:]+)(?::([^{}]*))?\}", shown, self.filename)

    def on_exception(self, trainer: Any, model: Any, exception: BaseException) -> None:
        """Save the state that the training stopped in."""
        if trainer.broken_off:
            trainer.say("interrupted twice, within a batch whose step may be half done; nothing more was saved")
            return
        if isinstance(exception, KeyboardInterrupt):
            self._save_last(trainer)
            trainer.say(f"interrupted; saved {self.last_model_path}, from which fit(..., ckpt_path='last') goes on")
            return
        path = str(self._folder(trainer) / "exception.ckpt")
        trainer.save_checkpoint(path)
        trainer.say(f"stopped by {type(exception).__name__}; the state before this batch is saved in {path}")

    def state_dict(self) -> dict[str, Any]:
        """Which files are the best."""
        return {"best_k_models": dict(self.best_k_models), "last_step": self._last_step}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take it back; files that are gone since are no candidates."""
        self.best_k_models = {path: score for path, score in state_dict["best_k_models"].items() if Path(path).exists()}
        self._last_step = state_dict["last_step"]
