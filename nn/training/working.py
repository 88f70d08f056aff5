"""A Trainer at work: what it lends a model, whom it tells of an interrupt, how it saves and goes on from there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from nn.autograd.anomaly import detect_anomaly
from nn.checkpoint import save
from nn.modules.module import Module
from nn.training import restoring
from nn.training.callback import hooks_of
from nn.training.hyperparameters import kept_by
from nn.training.interrupts import Interrupts
from nn.training.loop import Loop
from nn.training.options import with_models_own
from nn.training.sources import Sources

__all__: list[str] = []


class Working(Loop):
    """The part of a Trainer around its loop.

    Args:
        anomalies: whether to find the op whose backward made a nan.
        loop: as for `Loop`.
    """

    def __init__(self, *args: Any, anomalies: bool, **loop: Any) -> None:
        super().__init__(*args, **loop)
        self._use = ""
        self._criterion = None
        self.detect_anomaly = anomalies
        self.datamodule: Any = None

    @property
    def training(self) -> bool:
        """Whether `fit` is at work, also while it validates."""
        return self._use == "fit"

    @contextmanager
    def _using(self, model: Module, use: str, sources: Sources) -> Iterator[None]:
        """Work with a model: it has `log`, `log_dict` and `trainer` on loan, and its own moments are called too."""
        self.datamodule = sources.data
        self.model, self.stage, self._use, self._logbook.batch = model, use, use, None
        self._interrupts = Interrupts()
        self.callbacks = with_models_own(self.callbacks, model)
        self._hooks = hooks_of(self.callbacks, self, model)
        self._run.require_open()
        loans = {"log": self.log, "log_dict": self.log_dict, "trainer": self}
        loans = {name: loan for name, loan in loans.items() if getattr(model, name, None) is None}
        vars(model).update(loans)
        try:
            with sources.at_work(self):
                self._call("setup", use)
                with detect_anomaly() if self.detect_anomaly else nullcontext():
                    yield
            self._call("teardown", use)
        finally:
            for name in loans:
                del vars(model)[name]
            self._run.end()
            self._use = self.stage = ""

    def __deepcopy__(self, memo: Any) -> Working:
        """Itself: a copy of a model, such as an average of it, is with the same trainer."""
        return self

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Let an interrupt end the training cleanly, tell callbacks of it and of errors; log what it was made with."""
        ended = False
        try:
            with self._interrupts:
                yield
            ended = True
        except KeyboardInterrupt as interrupt:
            self.interrupted = True
            self._call("on_exception", interrupt)
        except Exception as error:
            self._strategy.fail()
            self._call("on_exception", error)
            raise
        finally:
            owners = [owner for owner in (self.datamodule, self.model) if getattr(owner, "_logs_hparams", False)]
            kept = {name: value for owner in owners for name, value in owner.hparams.items()}
            self._run.write_hyperparameters(kept, ended)

    # -- checkpoints --------------------------------------------------------------------------------------------------
    def save_checkpoint(self, filepath: str | os.PathLike[str]) -> None:
        """Write all that `fit(..., ckpt_path=...)` needs to go on from here; between two batches at any time.

        The file is a dict for `nn.load`, with the model's state under "state_dict".

        Raises:
            RuntimeError: `fit` has not been called.
            OSError: the file cannot be written.
        """
        if not hasattr(self, "optimizer"):
            raise RuntimeError("Trainer.save_checkpoint: there is nothing to save yet; call fit first")
        self._run.flush()  # what was logged before the checkpoint is not logged again after it
        checkpoint: dict[str, Any] = {
            **self._position(),
            **restoring.states_of(self.model, self.optimizer, self.schedules, self.callbacks),
            **kept_by(self.model),
            "gradients": restoring.gradients_of(self.model) if self._window else {},
        }
        self._call("on_save_checkpoint", checkpoint)
        if self._strategy.main:
            save(checkpoint, filepath)

    def _resume(self, ckpt_path: Any) -> None:
        """Put everything back as it was when the checkpoint was taken."""
        path = self._found(ckpt_path)
        self.optimizer.zero_grad()
        if path is None:
            return
        checkpoint = restoring.read(path)
        self._ckpt_path = path
        self._call("on_load_checkpoint", checkpoint)
        restoring.put_back(checkpoint, path, self.model, self.optimizer, self.schedules, self.callbacks)
        self._go_to(checkpoint)
        self._run.purge_step = self.global_step
        self._run.folder = restoring.run_of(path, self.default_root_dir) or self._run.folder

    def _found(self, ckpt_path: Any) -> Path | None:
        """The file that is meant, or None for none."""
        return restoring.find(ckpt_path, self.callbacks, self.default_root_dir, needed=self._use != "fit")

    def _load_weights(self, ckpt_path: Any) -> None:
        path = self._found(ckpt_path)
        if path is not None:
            restoring.load_weights(self.model, path)
