"""The loop of a training (`_train`, `_train_batch`), the hooks that it calls, and where it stands."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from nn.autograd.grad_mode import no_grad
from nn.errors import CheckpointError, DivergedError
from nn.modules.module import Module
from nn.optim.optimizer import Optimizer
from nn.training import randomness
from nn.training.callback import Callback
from nn.training.checkpoints import ModelCheckpoint
from nn.training.diagnosis import origin
from nn.training.interrupts import Interrupts
from nn.training.limits import Limited, Limits
from nn.training.logbook import Logbook
from nn.training.options import require_clipping, require_whole
from nn.training.records import Means
from nn.training.reporting import Reporting
from nn.training.steps import Plain, Schedule, length, number_of, require_step, step_schedules
from nn.training.stopping import EarlyStopping
from nn.training.strategy import Alone
from nn.utils.clip_grad import clip_grad_norm_, clip_grad_value_

__all__: list[str] = []

END: Any = object()


class Loop(Reporting):
    """Epochs of batches, steps of the optimiser, and passes over a validation set.

    Args:
        callbacks: what is called at its moments.
        max_epochs: as for `Trainer`, and so are the others.
    """

    model: Module
    optimizer: Optimizer
    _criterion: Any
    _training_step: Callable[[Any, int], Any]
    _generators: list[Any]
    _hooks: dict[str, list[Callable[..., Any]]]
    _interrupts: Interrupts
    _ckpt_path: Path

    def __init__(
        self,
        callbacks: Sequence[Callback],
        *,
        max_epochs: int,
        max_steps: int,
        gradient_clip_val: float | None,
        gradient_clip_algorithm: str,
        accumulate_grad_batches: int,
        check_val_every_n_epoch: int,
        log_every_n_steps: int,
        strategy: Alone,
        limits: Limits,
        min_epochs: int,
        min_steps: int,
        **report: Any,
    ) -> None:
        self._strategy = strategy
        super().__init__(**report)
        self._run.main = strategy.main
        require_whole("max_epochs", max_epochs, -1)
        require_whole("min_epochs", min_epochs, 0)
        require_whole("min_steps", min_steps, 0)
        require_whole("max_steps", max_steps, -1)
        require_whole("accumulate_grad_batches", accumulate_grad_batches, 1)
        require_whole("check_val_every_n_epoch", check_val_every_n_epoch, 1)
        require_whole("log_every_n_steps", log_every_n_steps, 1)
        require_clipping(gradient_clip_val, gradient_clip_algorithm)
        self.callbacks = callbacks
        self.max_epochs, self.max_steps = max_epochs, max_steps
        self.min_epochs, self.min_steps = min_epochs, min_steps
        self.gradient_clip_val, self.gradient_clip_algorithm = gradient_clip_val, gradient_clip_algorithm
        self.accumulate_grad_batches, self.check_val_every_n_epoch = accumulate_grad_batches, check_val_every_n_epoch
        self.log_every_n_steps, self.limits = log_every_n_steps, limits
        self._start()

    def _start(self) -> None:
        """Where a training begins."""
        self.current_epoch = self.global_step = self.batch_idx = 0
        self.should_stop = self.interrupted = False
        self._logbook = Logbook(self._run, self._strategy.add_up)
        self.epoch_metrics: dict[str, float] = {}
        self.is_logged_step = self.sanity_checking = False
        self.train_loader: Any = None
        self.val_loader: Any = None
        self.schedules: list[Schedule] = []
        self._training_means = self._logbook.means
        self._window = 0  # batches since the last step
        self._val_every: int | None = None  # batches between two validations within an epoch
        self._validated = False
        self._validated_at: tuple[int, int] | None = None  # the epoch, and how many of its batches lay behind
        self._validation_names: set[str] = set()
        self._at_epoch_start: dict[str, Any] | None = None  # random states: then, before a validation, to go on from
        self._before_validation: dict[str, Any] | None = None
        self._loaded_random: dict[str, Any] | None = None
        self._run.purge_step, self._run.written = None, {}
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
                self._check()
                if self._is_validated(at_end=False):
                    self._validate()
                if self._is_done():
                    break
            else:
                if self._window:  # batches left over at the end of a stream, which did not tell its last one
                    self._strategy.average()
                    self._step(self._ready)
                complete = True
            if self._is_validated(at_end=True):
                self._validate()
            self._end_epoch(complete)
            self._call("on_train_epoch_end")
            self.current_epoch, self.batch_idx = self._next

    def _train_batch(self, batch: Any, index: int) -> Any:
        """The gradients of a batch, and a step once there are enough."""
        closes = self._closes()
        gradients = partial(self._gradients, batch, index, closes)
        if closes:
            return self._step(gradients)
        loss = gradients()
        self._window += 1
        return loss

    def _gradients(self, batch: Any, index: int, closes: bool) -> Any:
        """The closure of a step: the loss, and its gradients added to those before."""
        loss = self._training_step(batch, index)
        if isinstance(loss, dict) and "loss" in loss:
            loss = loss["loss"]
        if self._window == 0:
            self._call("on_before_zero_grad", self.optimizer)
            self.optimizer.zero_grad()
        if loss is not None:  # None leaves the batch out
            if not math.isfinite(number_of(loss)):
                raise self._diverged(loss, batch, index)
            self._call("on_before_backward", loss)
            (loss if self.accumulate_grad_batches == 1 else loss / self.accumulate_grad_batches).backward()
            self._call("on_after_backward")
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
            (self.should_stop and self.current_epoch >= self.min_epochs and self.global_step >= self.min_steps)
            or (self.max_epochs != -1 and self.current_epoch >= self.max_epochs)
            or (self.max_steps != -1 and self.global_step >= self.max_steps)
        )

    def _begin_epoch(self) -> None:
        self._validated = False
        if self.batch_idx == 0:
            self._logbook.fresh = set()
            self._logbook.step = self.global_step
            self._training_means = Means()
            if self._loaded_random is not None:
                randomness.restore(self._loaded_random, self._generators)
            self._loaded_random = None
            self._at_epoch_start = randomness.snapshot(self._generators)
        self._logbook.means = self._training_means

    def _closes(self) -> bool:
        """Whether a step follows the batch at work: it is the last one of so many, or of its epoch."""
        return self._window + 1 == self.accumulate_grad_batches or self.is_last_batch

    def _begin_batch(self, batch: Any, index: int) -> None:
        self.batch_idx, self._logbook.batch, self._logbook.step = index, batch, self.global_step
        closes = self._closes()
        self._strategy.begin_batch(self.model, batch, closes)
        self.is_logged_step = closes and (self.global_step + 1) % self.log_every_n_steps == 0

    def _batches(self) -> Iterator[tuple[int, Any]]:
        """The batches of an epoch with their numbers; after a checkpoint, those that were not trained on yet."""
        done = self.batch_idx
        if done:
            assert self._at_epoch_start is not None
            randomness.restore(self._at_epoch_start, self._generators)
        self._strategy.begin_epoch(self.train_loader, self.current_epoch)
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
        if self._is_validated(at_end=False):  # which an interrupt broke off
            self._validate()
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

    # -- evaluation ---------------------------------------------------------------------------------------------------
    def _is_validated(self, at_end: bool) -> bool:
        """Whether a validation is due here: between two batches of an epoch, or at its end."""
        epoch, batches = self._next
        if self.val_loader is None or (self.current_epoch + 1) % self.check_val_every_n_epoch:
            return False
        if self._val_every is None:
            return at_end
        last = batches == self.num_training_batches
        due = epoch == self.current_epoch and batches > 0 and batches % self._val_every == 0
        return due and at_end >= last and self._validated_at != self._next

    def _check_validation(self) -> None:
        """Try the validation before the training, so that a mistake in it costs no epoch: nothing is logged."""
        batches = self.limits.num_sanity_val_steps
        if batches and self.val_loader is not None and self.global_step == 0:
            before = randomness.snapshot(self._generators)
            self.sanity_checking = True
            self._call("on_sanity_check_start")
            self._one_evaluation("validation", Limited(self.val_loader, batches), stage="")
            self._call("on_sanity_check_end")
            self.sanity_checking = False
            randomness.restore(before, self._generators)

    def _validate(self) -> None:
        """The validation within a training: what it draws at random is no part of the position that is saved."""
        self._before_validation = randomness.snapshot(self._generators)
        self._logbook.means = Means()
        self._one_evaluation("validation", self.val_loader)
        self._logbook.means = self._training_means
        self._validated, self._validated_at = True, self._next
        self._before_validation = None

    def _one_evaluation(self, kind: str, loader: Any, stage: str | None = None) -> None:
        own = hasattr(self.model, f"{kind}_step") or hasattr(self.model, "training_step")
        owner: Any = self.model if own else Plain(self.model, self._criterion, self.log)
        step = require_step(owner, f"{kind}_step")
        self._call(f"on_{kind}_start")
        before, self.stage = self.stage, kind if stage is None else stage
        try:
            self._pass(kind, step, loader)
            self._validation_names |= set(self._logbook.totals)
        finally:
            self.stage = before
        self._call(f"on_{kind}_end")

    def _pass(self, kind: str, step: Callable[[Any, int], Any], loader: Any) -> list[Any]:
        """Every batch once, in evaluation mode; then each layer goes back to the mode that it was in."""
        modes = [(module, module.training) for module in self.model.modules()]
        self.model.eval()
        outputs = []
        try:
            with no_grad():
                self._call(f"on_{kind}_epoch_start")
                for index, batch in enumerate(loader):
                    self._logbook.batch = batch
                    self._call(f"on_{kind}_batch_start", batch, index)
                    result = step(batch, index)
                    outputs.append(result if kind == "predict" else None)
                    self._call(f"on_{kind}_batch_end", result, batch, index)
                    self._check()
                if not outputs:
                    raise ValueError(
                        "Trainer: the loader gave no batch; give a loader with data in it, or leave it out"
                    )
                self._logbook.log_means()
                self._call(f"on_{kind}_epoch_end")
        finally:
            for module, mode in modes:
                module.training = mode
        if not outputs:
            raise ValueError("Trainer: the loader gave no batch; give a loader with data in it, or leave it out")
        return outputs

    # -- what callbacks ask -------------------------------------------------------------------------------------------
    @property
    def num_training_batches(self) -> int | None:
        """The batches of an epoch; None where the loader does not tell."""
        return length(self.train_loader)

    @property
    def estimated_stepping_batches(self) -> int | float:
        """The steps of the whole training, for a schedule over all of them; infinite where no end is known."""
        batches = self.num_training_batches
        endless = batches is None or self.max_epochs == -1
        steps = math.inf if endless else -(-(batches or 0) // self.accumulate_grad_batches) * self.max_epochs
        return steps if self.max_steps == -1 else min(steps, self.max_steps)

    @property
    def is_last_batch(self) -> bool:
        """Whether the batch at work ends its epoch; False where the loader does not tell."""
        return self.batch_idx + 1 == self.num_training_batches

    @property
    def is_global_zero(self) -> bool:
        """Whether this process writes logs and checkpoints."""
        return self._strategy.main

    @property
    def checkpoint_callback(self) -> ModelCheckpoint | None:
        """The first `ModelCheckpoint`; None if there is none."""
        return next((callback for callback in self.callbacks if isinstance(callback, ModelCheckpoint)), None)

    @property
    def early_stopping_callback(self) -> EarlyStopping | None:
        """The first `EarlyStopping`; None if there is none."""
        return next((callback for callback in self.callbacks if isinstance(callback, EarlyStopping)), None)

    @property
    def broken_off(self) -> bool:
        """Whether a second interrupt arrived within a batch, whose step may be half done."""
        return self._interrupts.broke_in

    def judges(self, name: str, at_validation: bool) -> bool:
        """Whether a metric is judged now: with the epoch, or with the validations that log it, if it holds several."""
        within = self._val_every is not None and name in self._validation_names
        return within == at_validation

    def monitored(self, name: str, owner: str) -> float | None:
        """The value of a metric that was logged in this epoch; None if it is known and was not.

        Raises:
            ValueError: nothing logs it.
        """
        awaited = self.val_loader is not None and not self._validated
        return self._logbook.monitored(name, owner, awaited=awaited)

    def _check(self) -> None:
        """Stop here if an interrupt was noted in any process; where one process ends, all do."""
        self._interrupts.noted, self.should_stop = self._strategy.agree(self._interrupts.noted, self.should_stop)
        self._interrupts.check()

    def _call(self, moment: str, *args: Any) -> None:
        for hook in self._hooks[moment]:
            hook(*args)

    # -- where it stands ----------------------------------------------------------------------------------------------
    def _position(self) -> dict[str, Any]:
        """Where the next batch will be, and all that the loop itself remembers."""
        epoch, batch = self._next
        now = self._before_validation or randomness.snapshot(self._generators)
        return {
            "epoch": epoch,
            "batch_idx": batch,
            "global_step": self.global_step,
            "window": self._window,
            "validated_at": self._validated_at,
            "fresh": sorted(self._logbook.fresh),
            "callback_metrics": dict(self.callback_metrics),
            "means": self._strategy.add_up(self._training_means.sums),
            "division": self._strategy.position(self.train_loader),
            "random": {"now": now, "epoch_start": self._at_epoch_start if batch else now},
        }

    def _go_to(self, position: Mapping[str, Any]) -> None:
        """Stand where `_position` was taken."""
        self.current_epoch, self.batch_idx = self._next = position["epoch"], position["batch_idx"]
        self.global_step, self._window = position["global_step"], position["window"]
        self.callback_metrics = dict(position["callback_metrics"])
        self._validated_at = position["validated_at"] and tuple(position["validated_at"])
        self._logbook.fresh = set(position["fresh"])
        self._logbook.step = max(self.global_step - 1, 0)
        means = position["means"] if self._strategy.main else {}  # which are those of all processes
        self._training_means.sums = {name: list(sums) for name, sums in means.items()}
        if self.batch_idx:
            self._strategy.require_position(position, self.train_loader, self._ckpt_path)
        self._loaded_random, self._at_epoch_start = (position["random"][key] for key in ("now", "epoch_start"))
