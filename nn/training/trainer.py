"""Trainer: its options and its four uses; its loop is in `loop`, what stands around it in `working`."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

from nn.modules.module import Module
from nn.optim.lbfgs import LBFGS
from nn.optim.optimizer import Optimizer
from nn.training import randomness
from nn.training.callback import Callback
from nn.training.checkpoints import ModelCheckpoint
from nn.training.hardware import require_here
from nn.training.limits import Limits
from nn.training.options import completed, require_whole
from nn.training.progress import told
from nn.training.records import Means
from nn.training.sources import Sources
from nn.training.steps import (
    Plain,
    length,
    optimizers_of,
    require_loader,
    require_model,
    require_step,
    schedules_of,
)
from nn.training.stopping import EarlyStopping, Timer
from nn.training.strategy import chosen
from nn.training.working import Working

__all__ = ["Trainer"]


class Trainer(Working):
    """Trains, validates and tests a model over loaders, with callbacks, logging, and checkpoints to go on from.

    A model of PyTorch Lightning's form has `training_step(batch, batch_idx)`, which returns the loss, and
    `configure_optimizers()`; it may have `validation_step`, `test_step`, `predict_step`, `configure_callbacks`, loaders
    of its own as `LightningDataModule` has them, and the methods of `Callback`. While a Trainer works with it, it has
    `self.log(name, value)`, `self.log_dict(metrics)` and `self.trainer`; a `LightningModule` has more.

    Any other module is trained with a criterion and an optimiser: the loss of a batch (x, y) is criterion(model(x), y),
    logged as `train_loss` (and `train_loss_step`, `train_loss_epoch`), `val_loss` and `test_loss`.

    Each run has a folder of its own, `default_root_dir/version_N`, made when something is written.

    Args:
        max_epochs: passes over the training set; -1 for no such limit; None for 1000, or none if max_steps is given.
        max_steps: steps of the optimiser after which to end; -1 for no such limit.
        min_epochs, min_steps: how many to take even if `should_stop` is set, as `EarlyStopping` does.
        callbacks: one callback, or a list of them; a `ModelCheckpoint` and a `ProgressBar` are added if there is none.
        logger: a writer, such as a `SummaryWriter`, or a class or function that makes one of the run's folder; it needs
            `add_scalar(tag, value, step)` only. A class is called as `logger(log_dir)`, and to go on from a checkpoint
            as `logger(log_dir, purge_step=step)`. None or False for no logging.
        default_root_dir: where runs are put; None for `runs`.
        gradient_clip_val: the largest norm (or value) of the gradients; None not to clip.
        gradient_clip_algorithm: "norm" for the norm of all together, "value" for each number.
        accumulate_grad_batches: batches whose mean gradient makes one step.
        check_val_every_n_epoch: validate after every so many epochs.
        val_check_interval: in those epochs, validate after every so many batches: a number of them, or a share of the
            epoch; 1.0 for at its end. What validations log is then judged by callbacks at each of them.
        num_sanity_val_steps: batches of the validation to try before the training, without logging.
        limit_train_batches: take so many batches of the loader alone, or a share of them, a float; so for the others.
        limit_val_batches: of the validation set; 0 for no validation.
        limit_test_batches: of the test set.
        limit_predict_batches: of what is predicted.
        overfit_batches: train and validate on the first so many batches (or a share of them) alone, in one order, to
            see whether the model can learn them by heart; 0.0 for all.
        fast_dev_run: a trial run of one batch (or so many) through training, validation, test or prediction, that
            logs and saves nothing.
        max_time: end after a time, as `Timer` takes it.
        log_every_n_steps: metrics of single steps are written every so many steps.
        enable_checkpointing: whether to add a `ModelCheckpoint`.
        enable_progress_bar: whether to add a `ProgressBar`, and to say where an interrupted run was saved.
        strategy: "auto" for one process; "ddp" for all that `mpiexec -n N` has started: a `DataLoader`'s data are
            divided among them, gradients and metrics are averaged over all, process 0 writes logs and checkpoints.
        detect_anomaly: find the op whose backward made a nan; slow.
        others: options of Lightning's that have one meaning here, such as accelerator="cpu", devices=1, precision=32,
            deterministic=True; what NumPy does not have is refused with what to do instead.

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
        max_epochs: int | None = None,
        *,
        max_steps: int = -1,
        min_epochs: int | None = None,
        min_steps: int | None = None,
        callbacks: Callback | Sequence[Callback] | None = None,
        logger: Any = None,
        default_root_dir: str | os.PathLike[str] | None = None,
        gradient_clip_val: float | None = None,
        gradient_clip_algorithm: Literal["norm", "value"] = "norm",
        accumulate_grad_batches: int = 1,
        check_val_every_n_epoch: int = 1,
        log_every_n_steps: int = 50,
        val_check_interval: int | float = 1.0,
        num_sanity_val_steps: int = 0,
        limit_train_batches: int | float = 1.0,
        limit_val_batches: int | float = 1.0,
        limit_test_batches: int | float = 1.0,
        limit_predict_batches: int | float = 1.0,
        overfit_batches: int | float = 0.0,
        fast_dev_run: bool | int = False,
        max_time: float | str | timedelta | Mapping[str, int] | None = None,
        enable_checkpointing: bool = True,
        enable_progress_bar: bool = True,
        strategy: Literal["auto", "ddp"] = "auto",
        detect_anomaly: bool = False,
        **others: Any,
    ) -> None:
        require_here(others)
        if max_epochs is None:
            max_epochs = 1000 if max_steps == -1 else -1
        team = chosen(strategy)
        enable_progress_bar = enable_progress_bar and team.main
        called = completed(callbacks, saver=enable_checkpointing, bar=enable_progress_bar)
        if max_time is not None:
            called.insert(0, Timer(max_time))
        limits = Limits(
            limit_train_batches,
            limit_val_batches,
            limit_test_batches,
            limit_predict_batches,
            overfit_batches,
            val_check_interval,
            num_sanity_val_steps,
        )
        if fast_dev_run:
            require_whole("fast_dev_run", int(fast_dev_run), 1)
            max_epochs, max_steps, logger, limits = 1, int(fast_dev_run), None, Limits(*[int(fast_dev_run)] * 4)
            called = [callback for callback in called if not isinstance(callback, ModelCheckpoint | EarlyStopping)]
        super().__init__(
            called,
            limits=limits,
            strategy=team,
            max_epochs=max_epochs,
            max_steps=max_steps,
            min_epochs=min_epochs or 0,
            min_steps=min_steps or 0,
            gradient_clip_val=gradient_clip_val,
            gradient_clip_algorithm=gradient_clip_algorithm,
            accumulate_grad_batches=accumulate_grad_batches,
            check_val_every_n_epoch=check_val_every_n_epoch,
            log_every_n_steps=log_every_n_steps,
            logger=logger,
            default_root_dir=default_root_dir,
            loud=enable_progress_bar,
            anomalies=detect_anomaly,
        )

    # -- the four uses ------------------------------------------------------------------------------------------------
    def fit(
        self,
        model: Module,
        train_loader: Any = None,
        val_loader: Iterable[Any] | None = None,
        ckpt_path: str | os.PathLike[str] | None = None,
        *,
        train_dataloaders: Any = None,
        val_dataloaders: Iterable[Any] | None = None,
        datamodule: Any = None,
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
            train_loader: gives batches: a `DataLoader`, a list, or anything that can be iterated once an epoch; or a
                data module. None for the model's own `train_dataloader()`.
            val_loader: the validation set; None for the data module's or the model's own, or none.
            ckpt_path: a checkpoint to go on from, with everything in it; "last" for the newest `last.ckpt` of the runs
                in `default_root_dir`, or the beginning where there is none.
            train_dataloaders, val_dataloaders: Lightning's names of the two loaders.
            datamodule: a `LightningDataModule`, in place of the loaders.
            criterion: makes the loss of (model(x), y).
            optimizer: of the model's parameters.
            lr_scheduler: a schedule, or a dict or list as `configure_optimizers` may return; stepped once an epoch.

        Raises:
            DivergedError: the loss is nan or infinite; the message names the epoch, the batch and the layer.
            CheckpointError: the checkpoint is damaged, no Trainer's, or of another model.
            ValueError: a loader without batches; a metric to monitor that nothing logs.
            TypeError: what should be a model, a criterion or an optimiser is none.
        """
        require_model("fit", model)
        self._start()
        self._run.folder = None
        self._criterion = criterion or self._criterion
        sources = Sources("fit", model, [train_loader, train_dataloaders], datamodule)
        with self._using(model, "fit", sources):
            self._take_loaders(model, sources.loader("train"), sources.loader("val", val_loader, val_dataloaders))
            self._take_optimizer(model, optimizer, lr_scheduler)
            self._call("on_fit_start")
            self._resume(ckpt_path)
            self._strategy.begin(model)
            self._strategy.share_folder(self._run)
            if not model.training:
                model.train()
            with self._watching():
                self._check_validation()
                self._call("on_train_start")
                self._train()
                self._call("on_train_end")
            if not self.interrupted:
                self._call("on_fit_end")
        if self._interrupts.noted == signal.SIGTERM:
            raise SystemExit(128 + signal.SIGTERM)

    def _take_loaders(self, model: Module, train_loader: Any, val_loader: Any) -> None:
        """The parts of the data that this process trains and validates on."""
        require_loader("fit", train_loader)
        own = hasattr(model, "training_step")
        owner = model if own else Plain(model, self._criterion, self.log)
        self._training_step = require_step(owner, "training_step")
        self.train_loader = self._part("train", train_loader)
        if val_loader is not None:
            require_loader("fit", val_loader)
            self.val_loader = self._part("val", val_loader)
        if length(self.val_loader) == 0:  # as limit_val_batches=0 asks for
            self.val_loader = None
        if self.val_loader is not None and own:
            require_step(model, "validation_step")
        self._val_every = self.limits.validates_every(self.train_loader)
        self._generators = randomness.generators(model, [train_loader, val_loader])

    def _take_optimizer(self, model: Module, optimizer: Optimizer | None, lr_scheduler: Any) -> None:
        """The optimiser and its schedules, as they were given or as the model makes them."""
        if optimizer is None:
            self.optimizer, self.schedules = optimizers_of(model)
        elif isinstance(optimizer, Optimizer):
            self.optimizer, self.schedules = optimizer, schedules_of(lr_scheduler, "Trainer.fit")
        else:
            raise TypeError(f"Trainer.fit: optimizer must be one of nn.optim, got {type(optimizer).__name__}")
        if isinstance(self.optimizer, LBFGS) and self.accumulate_grad_batches > 1:
            raise ValueError("Trainer.fit: LBFGS computes its loss again and again; use accumulate_grad_batches=1")

    def validate(
        self,
        model: Module | None = None,
        val_loader: Any = None,
        ckpt_path: str | os.PathLike[str] | None = None,
        *,
        dataloaders: Any = None,
        datamodule: Any = None,
        verbose: bool = True,
        criterion: Callable[[Any, Any], Any] | None = None,
    ) -> list[dict[str, float]]:
        """One pass over a validation set, in evaluation mode and without gradients.

        Args:
            model: as for `fit`; None for the one that it trained, at its best checkpoint where there is one.
            val_loader: gives batches; or a data module. None for the data module's or the model's own.
            ckpt_path: the weights to load first: a file, "best" or "last".
            dataloaders: Lightning's name of the loader.
            datamodule: a `LightningDataModule`, in place of the loader; None for the one of `fit`.
            verbose: whether to tell the metrics on standard error, if the Trainer tells anything.
            criterion: as for `fit`; None for the one that `fit` was given.

        Returns:
            A list of one dict: the metrics that were logged.
        """
        loaders = [val_loader, dataloaders]
        return self._evaluate("validate", "validation", model, loaders, datamodule, ckpt_path, criterion, verbose)

    def test(
        self,
        model: Module | None = None,
        test_loader: Any = None,
        ckpt_path: str | os.PathLike[str] | None = None,
        *,
        dataloaders: Any = None,
        datamodule: Any = None,
        verbose: bool = True,
        criterion: Callable[[Any, Any], Any] | None = None,
    ) -> list[dict[str, float]]:
        """The same over a test set, by `test_step`.

        Args:
            model: as for `validate`, and so are the others.
            test_loader: gives batches; or a data module.
            ckpt_path: the weights to load first: a file, "best" or "last".
            dataloaders: Lightning's name of the loader.
            datamodule: a `LightningDataModule`, in place of the loader.
            verbose: whether to tell the metrics.
            criterion: as for `fit`; None for the one that `fit` was given.

        Returns:
            A list of one dict: the metrics that were logged.
        """
        loaders = [test_loader, dataloaders]
        return self._evaluate("test", "test", model, loaders, datamodule, ckpt_path, criterion, verbose)

    def predict(
        self,
        model: Module | None = None,
        loader: Any = None,
        ckpt_path: str | os.PathLike[str] | None = None,
        *,
        dataloaders: Any = None,
        datamodule: Any = None,
    ) -> list[Any]:
        """The outputs for each batch, by `predict_step`, or else model(x) where a batch is x or a tuple (x, ...).

        Args:
            model: any module; None for the one that was trained.
            loader: gives batches; or a data module.
            ckpt_path: the weights to load first: a file, "best" or "last".
            dataloaders: Lightning's name of the loader.
            datamodule: a `LightningDataModule`, in place of the loader.

        Returns:
            A list with the output for each batch.
        """
        model, ckpt_path = self._model_or_best("predict", model, ckpt_path)
        sources = Sources("predict", model, [loader, dataloaders], datamodule or self.datamodule)
        own = hasattr(model, "predict_step")
        step = require_step(model, "predict_step") if own else lambda batch, index: model(_input_of(batch))
        with self._using(model, "predict", sources):
            require_loader("predict", loader := sources.loader("predict"))
            self._load_weights(ckpt_path)
            self._call("on_predict_start")
            outputs = self._pass("predict", step, self.limits.of("predict", loader))
            self._call("on_predict_end")
            return outputs

    def _evaluate(
        self,
        use: str,
        kind: str,
        model: Module | None,
        loaders: list[Any],
        datamodule: Any,
        ckpt_path: Any,
        criterion: Any,
        verbose: bool,
    ) -> Any:
        model, ckpt_path = self._model_or_best(use, model, ckpt_path)
        self._criterion = criterion or self._criterion
        self._logbook.fresh, self._logbook.means = set(), Means()
        part = "test" if kind == "test" else "val"
        sources = Sources(use, model, loaders, datamodule or self.datamodule)
        with self._using(model, use, sources):
            require_loader(use, loader := sources.loader(part))
            self._load_weights(ckpt_path)
            self._one_evaluation(kind, self._part(part, loader))
            metrics = dict(self._logbook.totals)
        if verbose:
            self.say(f"{use}: {told(metrics)}")
        return [metrics]

    def _model_or_best(self, use: str, model: Module | None, ckpt_path: Any) -> tuple[Module, Any]:
        """The model that was given; or the one that was trained, at its best checkpoint where there is one."""
        if model is None:
            model = getattr(self, "model", None)
            if model is None:
                raise TypeError(f"Trainer.{use}: there is no model yet; give one, or call fit before")
            saver = self.checkpoint_callback
            if ckpt_path is None and saver is not None and saver.best_model_path:
                ckpt_path = "best"
        require_model(use, model)
        return model, ckpt_path

    def _part(self, kind: str, loader: Any) -> Any:
        """What this process takes of a loader, as far as the limits go."""
        return self.limits.of(kind, self._strategy.part(loader))


def _input_of(batch: Any) -> Any:
    """What a model is called with: the batch, or the first part of it."""
    return batch[0] if isinstance(batch, list | tuple) else batch
