"""The two bases that PyTorch Lightning's users know: of a model with its steps, and of data with their loaders."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from nn.modules.module import Module
from nn.training import restoring
from nn.training.hyperparameters import HasHyperparameters, arguments_from

__all__ = ["LightningDataModule", "LightningModule"]

M = TypeVar("M", bound="LightningModule")


class LightningModule(HasHyperparameters, Module):
    """Base of a model of Lightning's form: it keeps its hyperparameters, and knows where its training stands.

    It has `training_step(batch, batch_idx)`, `configure_optimizers()` and whatever else `Trainer` calls. Any other
    `Module` may have these too; what this one adds is `save_hyperparameters`, `load_from_checkpoint` and the
    properties below.

    Example:
        >>> import tempfile, nn
        >>> class Line(nn.training.LightningModule):
        ...     def __init__(self, width=1, lr=0.1):
        ...         super().__init__()
        ...         self.save_hyperparameters()
        ...         self.layer = nn.Linear(2, width)
        ...
        ...     def training_step(self, batch, batch_idx):
        ...         loss = nn.functional.mse_loss(self.layer(batch[0]), batch[1])
        ...         self.log("train_loss", loss)
        ...         return loss
        ...
        ...     def configure_optimizers(self):
        ...         return nn.optim.SGD(self.parameters(), lr=self.hparams.lr)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     trainer = nn.training.Trainer(max_epochs=1, default_root_dir=folder, enable_progress_bar=False)
        ...     trainer.fit(Line(width=3), [(nn.ones(4, 2), nn.ones(4, 3))])
        ...     again = Line.load_from_checkpoint(trainer.checkpoint_callback.best_model_path)
        >>> again.hparams, again.layer.out_features
        ({'width': 3, 'lr': 0.1}, 3)
    """

    trainer: Any = None
    """The `Trainer` that works with the model; None at other times."""

    automatic_optimization = True
    """Whether the Trainer takes the steps of the optimiser, which it always does."""

    @property
    def current_epoch(self) -> int:
        """How many epochs lie behind; 0 where no Trainer works with the model."""
        return 0 if self.trainer is None else int(self.trainer.current_epoch)

    @property
    def global_step(self) -> int:
        """How many steps of the optimiser lie behind; 0 where no Trainer works with the model."""
        return 0 if self.trainer is None else int(self.trainer.global_step)

    @property
    def logger(self) -> Any:
        """The Trainer's writer; None where there is none."""
        return None if self.trainer is None else self.trainer.logger

    @property
    def device(self) -> str:
        """The place of the parameters, which is always "cpu"."""
        return "cpu"

    def log(self, name: str, value: Any, prog_bar: bool = False, **options: Any) -> None:
        """Log one number, with the options of `Trainer.log`; nothing is done where no Trainer works with the model."""
        if self.trainer is not None:
            self.trainer.log(name, value, prog_bar=prog_bar, **options)

    def log_dict(self, metrics: Mapping[str, Any], prog_bar: bool = False, **options: Any) -> None:
        """Log several numbers by name."""
        for name, value in metrics.items():
            self.log(name, value, prog_bar, **options)

    def print(self, *args: Any, **options: Any) -> None:
        """Print, in the main process alone."""
        if self.trainer is None or self.trainer.is_global_zero:
            print(*args, **options)

    def optimizers(self) -> Any:
        """The optimiser that the Trainer steps."""
        return self.trainer.optimizer

    def lr_schedulers(self) -> Any:
        """The schedules: one, or a list of several, or None."""
        found = [schedule.scheduler for schedule in self.trainer.schedules]
        return found if len(found) > 1 else found[0] if found else None

    def freeze(self) -> None:
        """Train no parameter any more, and stay in evaluation mode."""
        self.requires_grad_(False).eval()

    def unfreeze(self) -> None:
        """Train all parameters."""
        self.requires_grad_(True).train()

    @classmethod
    def load_from_checkpoint(
        cls: type[M],
        checkpoint_path: str | os.PathLike[str],
        map_location: Any = None,
        hparams_file: None = None,
        strict: bool = True,
        **changed: Any,
    ) -> M:
        """Make the model that a checkpoint of a Trainer holds: with its hyperparameters and its weights.

        Args:
            checkpoint_path: the file.
            map_location: taken without effect.
            hparams_file: taken without effect, since the file holds them.
            strict: whether the names of the weights must be the model's own.
            changed: arguments of `__init__` that differ, or were not saved.

        Raises:
            CheckpointError: the file is damaged, no Trainer's, or of another model.
            TypeError: `__init__` needs an argument that neither the checkpoint nor the call gives.
        """
        path = Path(checkpoint_path)
        checkpoint = restoring.read(path)
        kept, name = checkpoint.get("hyper_parameters", {}), checkpoint.get("hparams_name")
        try:
            model = cls(**arguments_from(cls, kept, name, changed))
        except TypeError as error:
            raise TypeError(
                f"{cls.__name__}.load_from_checkpoint: {error}; {path} has the hyperparameters {sorted(kept)}: "
                "give others by name, or call self.save_hyperparameters() in __init__"
            ) from error
        hook = getattr(model, "on_load_checkpoint", None)
        if callable(hook):
            hook(checkpoint)
        restoring.put_weights(model, checkpoint, path, strict)
        return model


class LightningDataModule(HasHyperparameters):
    """Base of data with their loaders: give one to `Trainer.fit(model, datamodule=data)`.

    Override the loaders that there are; `prepare_data` is called once, by one process, and `setup(stage)` before each
    use, by all, with "fit", "validate", "test" or "predict"; `teardown(stage)` after it.

    Example:
        >>> import nn
        >>> class Digits(nn.training.LightningDataModule):
        ...     def setup(self, stage):
        ...         images, labels = nn.data.datasets.load_digits()
        ...         self.train = nn.data.TensorDataset(images[:100], labels[:100])
        ...
        ...     def train_dataloader(self):
        ...         return nn.data.DataLoader(self.train, batch_size=50, shuffle=True)
        >>> model = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
        >>> trainer = nn.training.Trainer(max_epochs=2, enable_checkpointing=False, enable_progress_bar=False)
        >>> optimizer = nn.optim.Adam(model.parameters())
        >>> trainer.fit(model, datamodule=Digits(), criterion=nn.CrossEntropyLoss(), optimizer=optimizer)
        >>> trainer.global_step
        4
    """

    trainer: Any = None
    """The `Trainer` that works with the data; None at other times."""

    def prepare_data(self) -> None:
        """Put the data where `setup` finds them; leave no state, since one process alone is called."""

    def setup(self, stage: str) -> None:
        """Make the data sets of a use."""

    def teardown(self, stage: str) -> None:
        """Let them go again."""
