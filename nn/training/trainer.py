"""Trainer: the loop (`_train`, `_train_batch`), and around it what it starts from, logs, saves and goes on from."""

from __future__ import annotations

import math
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from nn.autograd.grad_mode import no_grad
from nn.checkpoint import save
from nn.errors import CheckpointError, DivergedError
from nn.modules.module import Module
from nn.optim.lbfgs import LBFGS
from nn.optim.optimizer import Optimizer
from nn.training import randomness, restoring
from nn.training.callback import Callback, hooks_of
from nn.training.diagnosis import origin
from nn.training.interrupts import Interrupts
from nn.training.logbook import Logbook, RunWriter
from nn.training.options import completed, require_clipping, require_logger, require_whole
from nn.training.records import Means
from nn.training.steps import (
    Plain,
    Schedule,
    length,
    optimizers_of,
    require_model,
    require_step,
    schedules_of,
    step_schedules,
)
from nn.utils.clip_grad import clip_grad_norm_, clip_grad_value_

__all__ = ["Trainer"]

END: Any = object()


class Trainer:
    """Trains, validates and tests a model over loaders, with callbacks, logging, and checkpoints to go on from.

    A model of PyTorch Lightning's form has `training_step(batch, batch_idx)`, which returns the loss, and
    `configure_optimizers()`; it may have `validation_step`, `test_step`, `predict_step` and the methods of `Callback`.
    While a Trainer works with it, it has `self.log(name, value)`, `self.log_dict(metrics)` and `self.trainer`.

    Any other module is trained with a criterion and an optimiser: the loss of a batch (x, y) is criterion(model(x), y),
    logged as `train_loss` (and `train_loss_step`, `train_loss_epoch`), `val_loss` and `test_loss`.

    Each run has a folder of its own, `default_root_dir/version_N`, made when something is written.

    Args:
        max_epochs: passes over the training set.
        max_steps: steps of the optimiser after which to end; -1 for no such limit.
        callbacks: one callback, or a list of them; a `ModelCheckpoint` and a `ProgressBar` are added if there is none.
        logger: a writer, such as a `SummaryWriter`, or a class or function that makes one of the run's folder; it needs
            `add_scalar(tag, value, step)` only. A class is called as `logger(log_dir)`, and to go on from a checkpoint
            as `logger(log_dir, purge_step=step)`. None or False for no logging.
        default_root_dir: where runs are put; None for `runs`.
        gradient_clip_val: the largest norm (or value) of the gradients; None not to clip.
        gradient_clip_algorithm: "norm" for the norm of all together, "value" for each number.
        accumulate_grad_batches: batches whose mean gradient makes one step.
        check_val_every_n_epoch: validate after every so many epochs.
        log_every_n_steps: metrics of single steps are written every so many steps.
        enable_checkpointing: whether to add a `ModelCheckpoint`.
        enable_progress_bar: whether to add a `ProgressBar`, and to say where an interrupted run was saved.

    Attributes:
        current_epoch, global_step: how many epochs, and steps of the optimiser, lie behind.
        callback_metrics: the latest value of every metric.
        should_stop: set it to end after this batch.
        interrupted: whether the last run was ended by Ctrl-C, or by SIGTERM.

    Raises:
        ValueError: numbers that are out of range, an unknown algorithm.
        TypeError: a callback or a logger that is none.

    Example:
        >>> import nn
        >>> _ = nn.manual_seed(0)
        >>> x = nn.rand(64, 2)
        >>> loader = nn.data.DataLoader(nn.data.TensorDataset(x, x.sum(1, keepdim=True)), batch_size=8, shuffle=True)
        >>> class Line(nn.Module):
        ...     def __init__(self):
        ...         super().__init__()
        ...         self.layer = nn.Linear(2, 1)
        ...
        ...     def training_step(self, batch, batch_idx):
        ...         x, y = batch
        ...         loss = nn.functional.mse_loss(self.layer(x), y)
        ...         self.log("train_loss", loss, on_epoch=True)
        ...         return loss
        ...
        ...     def configure_optimizers(self):
        ...         return nn.optim.SGD(self.parameters(), lr=0.5)
        >>> trainer = nn.training.Trainer(max_epochs=50, enable_progress_bar=False, enable_checkpointing=False)
        >>> trainer.fit(Line(), loader)
        >>> trainer.callback_metrics["train_loss"] < 1e-3
        True
    """

    def __init__(
        self,
        max_epochs: int = 1000,
        *,
        max_steps: int = -1,
        callbacks: Callback | Sequence[Callback] | None = None,
        logger: Any = None,
        default_root_dir: str | os.PathLike[str] | None = None,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: Literal["norm", "value"] = "norm",
        accumulate_grad_batches: int = 1,
        check_val_every_n_epoch: int = 1,
        log_every_n_steps: int = 50,
        enable_checkpointing: bool = True,
        enable_progress_bar: bool = True,
    ) -> None:
        require_whole("max_epochs", max_epochs, 0)
        require_whole("max_steps", max_steps, -1)
        require_whole("accumulate_grad_batches", accumulate_grad_batches, 1)
        require_whole("check_val_every_n_epoch", check_val_every_n_epoch, 1)
        require_whole("log_every_n_steps", log_every_n_steps, 1)
        require_clipping(gradient_clip_val, gradient_clip_algorithm)
        require_logger(logger)
        self.callbacks = completed(callbacks, saver=enable_checkpointing, bar=enable_progress_bar)
        self.max_epochs, self.max_steps = max_epochs, max_steps
        self.gradient_clip_val, self.gradient_clip_algorithm = gradient_clip_val, gradient_clip_algorithm
        self.accumulate_grad_batches, self.check_val_every_n_epoch = accumulate_grad_batches, check_val_every_n_epoch
        self.log_every_n_steps, self.enable_progress_bar = log_every_n_steps, enable_progress_bar
        self._run = RunWriter(logger, Path("runs" if default_root_dir is None else default_root_dir))
        self._use = ""
        self._criterion: Any = None
        self.stage = ""
        self._start()

    def _start(self) -> None:
        """Where a training begins."""
        self.current_epoch = self.global_step = self.batch_idx = 0
        self.should_stop = self.interrupted = False
        self._logbook = Logbook(self._run)
        self.epoch_metrics: dict[str, float] = {}
        self.is_logged_step = False
        self.train_loader: Any = None
        self.val_loader: Any = None
        self.schedules: list[Schedule] = []
        self._training_means = self._logbook.means
        self._window = 0  # batches since the last step
        self._validated = False
        self._at_epoch_start: dict[str, Any] | None = None  # random states: then, before a validation, to go on from
        self._before_validation: dict[str, Any] | None = None
        self._loaded_random: dict[str, Any] | None = None
        self._run.purge_step = None
        self._next: tuple[int, int] = (0, 0)

    # -- the loop -----------------------------------------------------------------------------------------------------
    def _train(self) -> None:
        """What one would write by hand; all else hangs on the hooks that it calls."""
        while not self._is_done():
            complete = False
            self._begin_epoch()
            self._call("on_train_epoch_start")
            for index, batch in self._batches():
                self._begin_batch(batch, index)
                self._call("on_train_batch_start", batch, index)
                loss = self._train_batch(batch, index)
                self._next = (self.current_epoch, index + 1)
                self._call("on_train_batch_end", loss, batch, index)
                self._interrupts.check()
                if self._is_done():
                    break
            else:
                if self._window:  # batches left over at the end of the epoch
                    self._step(self._ready)
                complete = True
            if self.val_loader is not None and (self.current_epoch + 1) % self.check_val_every_n_epoch == 0:
                self._validate()
            self._end_epoch(complete)
            self._call("on_train_epoch_end")
            self.current_epoch, self.batch_idx = self._next

    def _train_batch(self, batch: Any, index: int) -> Any:
        """The gradients of a batch, and a step once there are enough."""
        closes = self._window + 1 == self.accumulate_grad_batches
        gradients = partial(self._gradients, batch, index, closes)
        if closes:
            return self._step(gradients)
        loss = gradients()
        self._window += 1
        return loss

    def _gradients(self, batch: Any, index: int, closes: bool) -> Any:
        """The closure of a step: the loss, and its gradients added to those before."""
        if self._window == 0:
            self.optimizer.zero_grad()
        loss = self._training_step(batch, index)
        if isinstance(loss, Mapping):
            loss = loss["loss"]
        if loss is not None:  # None leaves the batch out
            if not math.isfinite(loss.item()):
                raise self._diverged(loss, batch, index)
            (loss if self.accumulate_grad_batches == 1 else loss / self.accumulate_grad_batches).backward()
        if closes:
            self._ready()
        return loss

    def _ready(self) -> None:
        """The gradients are complete."""
        self._call("on_before_optimizer_step", self.optimizer)
        if self.gradient_clip_val is not None:
            clip = clip_grad_norm_ if self.gradient_clip_algorithm == "norm" else clip_grad_value_
            clip([p for group in self.optimizer.param_groups for p in group["params"]], self.gradient_clip_val)

    def _step(self, closure: Callable[[], Any]) -> Any:
        loss = self.optimizer.step(closure)
        self._window = 0
        self.global_step += 1
        if self.schedules:
            self._step_schedules("step", self.global_step)
        return loss

    # -- what the loop stands on --------------------------------------------------------------------------------------
    def _is_done(self) -> bool:
        return (
            self.should_stop
            or self.current_epoch >= self.max_epochs
            or (self.max_steps != -1 and self.global_step >= self.max_steps)
        )

    def _begin_epoch(self) -> None:
        self._logbook.fresh = set()
        self._validated = False
        if self.batch_idx == 0:
            self._logbook.step = self.global_step
            self._training_means = Means()
            if self._loaded_random is not None:
                randomness.restore(self._loaded_random, self._generators)
            self._loaded_random = None
            self._at_epoch_start = randomness.snapshot(self._generators)
        self._logbook.means = self._training_means

    def _begin_batch(self, batch: Any, index: int) -> None:
        self.batch_idx, self._logbook.batch, self._logbook.step = index, batch, self.global_step
        closes = self._window + 1 == self.accumulate_grad_batches
        self.is_logged_step = closes and (self.global_step + 1) % self.log_every_n_steps == 0

    def _batches(self) -> Iterator[tuple[int, Any]]:
        """The batches of an epoch with their numbers; after a checkpoint, those that were not trained on yet."""
        done = self.batch_idx
        if done:
            assert self._at_epoch_start is not None
            randomness.restore(self._at_epoch_start, self._generators)
        iterator = iter(self.train_loader)
        for i in range(done):
            if next(iterator, END) is END:
                raise CheckpointError(
                    str(self._ckpt_path),
                    f"it was taken after batch {done} of an epoch, and the training loader ended after {i}; "
                    "give the data of the run that was saved",
                )
        if self._loaded_random is not None:
            randomness.restore(self._loaded_random, self._generators)
            self._loaded_random = None
        seen = done
        for seen, batch in enumerate(iterator, done + 1):
            yield seen - 1, batch
        if not seen:
            raise ValueError("Trainer.fit: the training loader gave no batch; give a loader with data in it")

    def _end_epoch(self, complete: bool) -> None:
        """The means of the epoch, and the schedules."""
        self._logbook.log_means()
        self.epoch_metrics = self._logbook.of_epoch()
        if complete:
            self._step_schedules("epoch", self.current_epoch + 1)
            self._next = (self.current_epoch + 1, 0)

    def _step_schedules(self, interval: str, count: int) -> None:
        step_schedules(self.schedules, interval, count, self.monitored)

    def _diverged(self, loss: Any, batch: Any, index: int) -> DivergedError:
        layer, seen = origin(self.model, batch, lambda: self.rerun(batch, index))
        return DivergedError(
            f"Trainer.fit: the loss is {loss.item()} in epoch {self.current_epoch}, batch {index}: {seen}",
            self.current_epoch,
            index,
            layer,
        )

    def rerun(self, batch: Any, index: int = 0) -> Any:
        """The training step of a batch once more, without logging; what it returns."""
        stage, self.stage = self.stage, ""
        try:
            return self._training_step(batch, index)
        finally:
            self.stage = stage

    # -- the four uses ------------------------------------------------------------------------------------------------
    def fit(
        self,
        model: Module,
        train_loader: Iterable[Any],
        val_loader: Iterable[Any] | None = None,
        ckpt_path: str | os.PathLike[str] | None = None,
        *,
        criterion: Callable[[Any, Any], Any] | None = None,
        optimizer: Optimizer | None = None,
        lr_scheduler: Any = None,
    ) -> None:
        """Train a model; it is left as the last step made it.

        Ctrl-C (or SIGTERM, after which the program ends) stops after the batch, saves `last.ckpt` if there is a
        `ModelCheckpoint`, and returns. Going on from a checkpoint gives the losses that the unbroken run would have
        given, bit for bit, as long as the loader draws its order when its pass starts.

        Args:
            model: with `training_step` and `configure_optimizers`, or any module with the keywords below.
            train_loader: gives batches: a `DataLoader`, a list, or anything that can be iterated once an epoch.
            val_loader: the validation set; None for none.
            ckpt_path: a checkpoint to go on from, with everything in it; "last" for the newest `last.ckpt` of the runs
                in `default_root_dir`, or the beginning where there is none.
            criterion: makes the loss of (model(x), y).
            optimizer: of the model's parameters.
            lr_scheduler: a schedule, or a dict or list as `configure_optimizers` may return; stepped once an epoch.

        Raises:
            DivergedError: the loss is nan or infinite; the message names the epoch, the batch and the layer.
            CheckpointError: the checkpoint is damaged, no Trainer's, or of another model.
            ValueError: a loader without batches; a metric to monitor that nothing logs.
            TypeError: what should be a model, a criterion or an optimiser is none.
        """
        require_model("fit", model, train_loader)
        if val_loader is not None:
            require_model("fit", model, val_loader)
        self._start()
        self._run.folder = None
        self._criterion = criterion or self._criterion
        own = hasattr(model, "training_step")
        if optimizer is None:
            self.optimizer, self.schedules = optimizers_of(model)
        else:
            if not isinstance(optimizer, Optimizer):
                raise TypeError(f"Trainer.fit: optimizer must be one of nn.optim, got {type(optimizer).__name__}")
            self.optimizer, self.schedules = optimizer, schedules_of(lr_scheduler, "Trainer.fit")
        if isinstance(self.optimizer, LBFGS) and self.accumulate_grad_batches > 1:
            raise ValueError("Trainer.fit: LBFGS computes its loss again and again; use accumulate_grad_batches=1")
        self._training_step = (model if own else Plain(model, self._criterion, self.log)).training_step
        if val_loader is not None and own:
            require_step(model, "validation_step")
        self.train_loader, self.val_loader = train_loader, val_loader
        self._generators = randomness.generators(model, [train_loader, val_loader])
        with self._using(model, "fit"):
            self._call("on_fit_start")
            self._resume(ckpt_path)
            if not model.training:
                model.train()
            with self._watching():
                self._call("on_train_start")
                self._train()
                self._call("on_train_end")
            if not self.interrupted:
                self._call("on_fit_end")
        if self._interrupts.noted == signal.SIGTERM:
            raise SystemExit(128 + signal.SIGTERM)

    def validate(
        self,
        model: Module,
        val_loader: Iterable[Any],
        ckpt_path: str | os.PathLike[str] | None = None,
        *,
        criterion: Callable[[Any, Any], Any] | None = None,
    ) -> list[dict[str, float]]:
        """One pass over a validation set, in evaluation mode and without gradients.

        Args:
            model: as for `fit`.
            val_loader: gives batches.
            ckpt_path: the weights to load first: a file, "best" or "last".
            criterion: as for `fit`; None for the one that `fit` was given.

        Returns:
            A list of one dict: the metrics that were logged.
        """
        return self._evaluate("validate", "validation", model, val_loader, ckpt_path, criterion)

    def test(
        self,
        model: Module,
        test_loader: Iterable[Any],
        ckpt_path: str | os.PathLike[str] | None = None,
        *,
        criterion: Callable[[Any, Any], Any] | None = None,
    ) -> list[dict[str, float]]:
        """The same over a test set, by `test_step`.

        Args:
            model: as for `fit`.
            test_loader: gives batches.
            ckpt_path: the weights to load first: a file, "best" or "last".
            criterion: as for `fit`; None for the one that `fit` was given.

        Returns:
            A list of one dict: the metrics that were logged.
        """
        return self._evaluate("test", "test", model, test_loader, ckpt_path, criterion)

    def predict(
        self, model: Module, loader: Iterable[Any], ckpt_path: str | os.PathLike[str] | None = None
    ) -> list[Any]:
        """The outputs for each batch, by `predict_step`, or else model(x) where a batch is x or a tuple (x, ...).

        Args:
            model: any module.
            loader: gives batches.
            ckpt_path: the weights to load first: a file, "best" or "last".

        Returns:
            A list with the output for each batch.
        """
        require_model("predict", model, loader)
        step = getattr(model, "predict_step", None) or (
            lambda batch, index: model(batch[0] if isinstance(batch, list | tuple) else batch)
        )
        with self._using(model, "predict"):
            self._load_weights(ckpt_path)
            return self._pass(step, loader)

    def _evaluate(self, use: str, kind: str, model: Module, loader: Any, ckpt_path: Any, criterion: Any) -> Any:
        require_model(use, model, loader)
        self._criterion = criterion or self._criterion
        self._logbook.fresh, self._logbook.means = set(), Means()
        with self._using(model, use):
            self._load_weights(ckpt_path)
            self._one_evaluation(kind, loader)
            return [dict(self._logbook.means.values())]

    def _validate(self) -> None:
        """The validation within a training: what it draws at random is no part of the position that is saved."""
        self._before_validation = randomness.snapshot(self._generators)
        self._logbook.means = Means()
        self._one_evaluation("validation", self.val_loader)
        self._logbook.means = self._training_means
        self._validated = True
        self._before_validation = None

    def _one_evaluation(self, kind: str, loader: Any) -> None:
        own = hasattr(self.model, f"{kind}_step") or hasattr(self.model, "training_step")
        owner: Any = self.model if own else Plain(self.model, self._criterion, self.log)
        step = require_step(owner, f"{kind}_step")
        self._call(f"on_{kind}_start")
        before, self.stage = self.stage, kind
        try:
            self._pass(step, loader)
            self._logbook.log_means()
        finally:
            self.stage = before
        self._call(f"on_{kind}_end")

    def _pass(self, step: Callable[[Any, int], Any], loader: Any) -> list[Any]:
        """Every batch once, in evaluation mode; then each layer goes back to the mode that it was in."""
        modes = [(module, module.training) for module in self.model.modules()]
        self.model.eval()
        try:
            with no_grad():
                outputs = []
                for index, batch in enumerate(loader):
                    self._logbook.batch = batch
                    result = step(batch, index)
                    outputs.append(result if self.stage == "predict" else None)
                    self._interrupts.check()
        finally:
            for module, mode in modes:
                module.training = mode
        if not outputs:
            raise ValueError("Trainer: the loader gave no batch; give a loader with data in it, or leave it out")
        return outputs

    @property
    def training(self) -> bool:
        """Whether `fit` is at work, also while it validates."""
        return self._use == "fit"

    @property
    def broken_off(self) -> bool:
        """Whether a second interrupt arrived within a batch, whose step may be half done."""
        return self._interrupts.broke_in

    @property
    def num_training_batches(self) -> int | None:
        """The batches of an epoch; None where the loader does not tell."""
        return length(self.train_loader)

    @contextmanager
    def _using(self, model: Module, use: str) -> Iterator[None]:
        """Work with a model: it has `log`, `log_dict` and `trainer` on loan, and its own moments are called too."""
        self.model, self.stage, self._use, self._logbook.batch = model, use, use, None
        self._interrupts = Interrupts()
        self._hooks = hooks_of(self.callbacks, self, model)
        self._run.require_open()
        loans = {"log": self.log, "log_dict": self.log_dict, "trainer": self}
        loans = {name: loan for name, loan in loans.items() if not hasattr(model, name)}
        vars(model).update(loans)
        try:
            yield
        finally:
            for name in loans:
                del vars(model)[name]
            self._run.end()
            self._use = self.stage = ""

    def __deepcopy__(self, memo: Any) -> Trainer:
        """Itself: a copy of a model, such as an average of it, is with the same trainer."""
        return self

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Let an interrupt end the training cleanly, and tell callbacks of it and of errors."""
        try:
            with self._interrupts:
                yield
        except KeyboardInterrupt as interrupt:
            self.interrupted = True
            self._call("on_exception", interrupt)
        except Exception as error:
            self._call("on_exception", error)
            raise

    def _call(self, moment: str, *args: Any) -> None:
        for hook in self._hooks[moment]:
            hook(*args)

    def say(self, text: str) -> None:
        """One line on standard error, unless the Trainer is quiet."""
        if self.enable_progress_bar and sys.stderr is not None:
            print(f"Trainer: {text}", file=sys.stderr, flush=True)

    # -- logging ------------------------------------------------------------------------------------------------------
    def log(
        self,
        name: str,
        value: Any,
        *,
        prog_bar: bool = False,
        logger: bool = True,
        on_step: bool | None = None,
        on_epoch: bool | None = None,
        batch_size: int | None = None,
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

        Raises:
            TypeError: the value is not one number.
            RuntimeError: the writer is closed.
        """
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

    def monitored(self, name: str, owner: str) -> float | None:
        """The value of a metric that was logged in this epoch; None if it is known and was not.

        Raises:
            ValueError: nothing logs it.
        """
        awaited = self.val_loader is not None and not self._validated
        return self._logbook.monitored(name, owner, awaited=awaited)

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
        epoch, batch = self._next
        now = self._before_validation or randomness.snapshot(self._generators)
        checkpoint: dict[str, Any] = {
            "epoch": epoch,
            "batch_idx": batch,
            "global_step": self.global_step,
            **restoring.states_of(self.model, self.optimizer, self.schedules, self.callbacks),
            "callback_metrics": dict(self.callback_metrics),
            "means": self._training_means.sums,
            "random": {"now": now, "epoch_start": self._at_epoch_start if batch else now},
            "window": self._window,
            "gradients": restoring.gradients_of(self.model) if self._window else {},
        }
        self._call("on_save_checkpoint", checkpoint)
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
        self.current_epoch, self.batch_idx = self._next = checkpoint["epoch"], checkpoint["batch_idx"]
        self.global_step, self._window = checkpoint["global_step"], checkpoint["window"]
        self.callback_metrics = dict(checkpoint["callback_metrics"])
        self._logbook.step = max(self.global_step - 1, 0)
        self._training_means.sums = {name: list(sums) for name, sums in checkpoint["means"].items()}
        self._loaded_random, self._at_epoch_start = (checkpoint["random"][key] for key in ("now", "epoch_start"))
        self._run.purge_step = self.global_step
        self._run.folder = restoring.run_of(path, self.default_root_dir) or self._run.folder

    def _found(self, ckpt_path: Any) -> Path | None:
        """The file that is meant, or None for none."""
        return restoring.find(ckpt_path, self.callbacks, self.default_root_dir, needed=self._use != "fit")

    def _load_weights(self, ckpt_path: Any) -> None:
        path = self._found(ckpt_path)
        if path is not None:
            restoring.load_weights(self.model, path)
