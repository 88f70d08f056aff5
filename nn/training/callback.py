"""Callback: what a class overrides to do something at a moment of a training; the loop knows no more of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

__all__ = ["Callback"]


class Callback:
    """Base of the callbacks: override the moments that matter; all others cost nothing.

    Each method is given the trainer and the model. `trainer.current_epoch`, `trainer.global_step` and
    `trainer.callback_metrics` tell where the training stands, `trainer.log(name, value)` logs, and
    `trainer.should_stop = True` ends it. A model may define the same methods, without these two arguments.

    Example:
        >>> import nn
        >>> class Tell(nn.training.Callback):
        ...     def on_train_epoch_end(self, trainer, model):
        ...         print(trainer.current_epoch, trainer.global_step)
        >>> model, data = nn.Linear(2, 1), [(nn.ones(4, 2), nn.zeros(4, 1))] * 3
        >>> trainer = nn.training.Trainer(
        ...     max_epochs=2, callbacks=[Tell()], enable_checkpointing=False, enable_progress_bar=False
        ... )
        >>> trainer.fit(model, data, criterion=nn.MSELoss(), optimizer=nn.optim.SGD(model.parameters(), lr=0.1))
        0 3
        1 6
    """

    judges_last = False
    """Whether `on_train_epoch_end` is called after the model's own, whose metrics are then known."""

    def setup(self, trainer: Any, model: Any, stage: str) -> None:
        """Before a use of the Trainer, "fit", "validate", "test" or "predict", and before `configure_optimizers`."""

    def teardown(self, trainer: Any, model: Any, stage: str) -> None:
        """After a use of the Trainer, unless it has failed."""

    def on_fit_start(self, trainer: Any, model: Any) -> None:
        """Before anything else of `fit`; a checkpoint to go on from is not loaded yet."""

    def on_fit_end(self, trainer: Any, model: Any) -> None:
        """After all of `fit`, unless it was interrupted or failed."""

    def on_sanity_check_start(self, trainer: Any, model: Any) -> None:
        """Before the validation is tried, with `num_sanity_val_steps`; `trainer.sanity_checking` is true meanwhile."""

    def on_sanity_check_end(self, trainer: Any, model: Any) -> None:
        """After it was tried."""

    def on_train_start(self, trainer: Any, model: Any) -> None:
        """Before the first epoch, with the checkpoint loaded."""

    def on_train_end(self, trainer: Any, model: Any) -> None:
        """After the last epoch."""

    def on_train_epoch_start(self, trainer: Any, model: Any) -> None:
        """Before an epoch, or before the rest of one that a checkpoint was taken in."""

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """After an epoch, its validation and the step of its schedules."""

    def on_train_batch_start(self, trainer: Any, model: Any, batch: Any, batch_idx: int) -> None:
        """Before a batch."""

    def on_train_batch_end(self, trainer: Any, model: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """After a batch; `outputs` is its loss, and the gradients are still there."""

    def on_before_zero_grad(self, trainer: Any, model: Any, optimizer: Any) -> None:
        """Before the gradients of the last step are dropped."""

    def on_before_backward(self, trainer: Any, model: Any, loss: Any) -> None:
        """With the loss of a batch, before its backward."""

    def on_after_backward(self, trainer: Any, model: Any) -> None:
        """After the backward of a batch."""

    def on_before_optimizer_step(self, trainer: Any, model: Any, optimizer: Any) -> None:
        """When the gradients are complete, before they are clipped."""

    def on_validation_start(self, trainer: Any, model: Any) -> None:
        """Before a pass over the validation set, with the model still in its own mode."""

    def on_validation_epoch_start(self, trainer: Any, model: Any) -> None:
        """Before its first batch; the same moment for most."""

    def on_validation_batch_start(self, trainer: Any, model: Any, batch: Any, batch_idx: int) -> None:
        """Before each of its batches."""

    def on_validation_batch_end(self, trainer: Any, model: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """After each of them; `outputs` is what the step returned."""

    def on_validation_epoch_end(self, trainer: Any, model: Any) -> None:
        """After its last batch; what is logged here counts as a metric of the pass."""

    def on_validation_end(self, trainer: Any, model: Any) -> None:
        """After it, with its metrics logged."""

    def on_test_start(self, trainer: Any, model: Any) -> None:
        """Before a pass over the test set, with the model still in its own mode."""

    def on_test_epoch_start(self, trainer: Any, model: Any) -> None:
        """Before its first batch; the same moment for most."""

    def on_test_batch_start(self, trainer: Any, model: Any, batch: Any, batch_idx: int) -> None:
        """Before each of its batches."""

    def on_test_batch_end(self, trainer: Any, model: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """After each of them; `outputs` is what the step returned."""

    def on_test_epoch_end(self, trainer: Any, model: Any) -> None:
        """After its last batch; what is logged here counts as a metric of the pass."""

    def on_test_end(self, trainer: Any, model: Any) -> None:
        """After it, with its metrics logged."""

    def on_predict_start(self, trainer: Any, model: Any) -> None:
        """Before a pass over what is predicted, with the model still in its own mode."""

    def on_predict_epoch_start(self, trainer: Any, model: Any) -> None:
        """Before its first batch; the same moment for most."""

    def on_predict_batch_start(self, trainer: Any, model: Any, batch: Any, batch_idx: int) -> None:
        """Before each of its batches."""

    def on_predict_batch_end(self, trainer: Any, model: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """After each of them; `outputs` is what the step returned."""

    def on_predict_epoch_end(self, trainer: Any, model: Any) -> None:
        """After its last batch."""

    def on_predict_end(self, trainer: Any, model: Any) -> None:
        """After it, with all outputs."""

    def on_exception(self, trainer: Any, model: Any, exception: BaseException) -> None:
        """When the training was interrupted (KeyboardInterrupt) or has failed."""

    def on_save_checkpoint(self, trainer: Any, model: Any, checkpoint: dict[str, Any]) -> None:
        """Before a checkpoint is written; the dict may be changed."""

    def on_load_checkpoint(self, trainer: Any, model: Any, checkpoint: dict[str, Any]) -> None:
        """After one was read and before any of it is put back; the dict may be changed."""

    def state_dict(self) -> dict[str, Any]:
        """What the callback has to know to go on; it is a part of every checkpoint."""
        return {}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take back what `state_dict` returned."""


MOMENTS = ["setup", "teardown", *(name for name in vars(Callback) if name.startswith("on_"))]


def hooks_of(callbacks: Iterable[Callback], trainer: Any, model: Any) -> dict[str, list[Callable[..., Any]]]:
    """What is called at each moment: the callbacks that define it, then the model's own method."""
    hooks: dict[str, list[Callable[..., Any]]] = {}
    for name in MOMENTS:
        own = [callback for callback in callbacks if getattr(type(callback), name) is not getattr(Callback, name)]
        last = [callback for callback in own if callback.judges_last and name == "on_train_epoch_end"]
        hooks[name] = [partial(getattr(callback, name), trainer, model) for callback in own if callback not in last]
        own_kind = name.startswith("on_") or hasattr(model, "training_step")  # else its `setup` may be anything
        if own_kind and callable(getattr(model, name, None)):
            hooks[name].append(getattr(model, name))
        hooks[name] += [partial(getattr(callback, name), trainer, model) for callback in last]
    return hooks
