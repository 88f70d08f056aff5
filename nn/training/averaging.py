"""Callbacks that average the weights along a training: exponentially, or as the mean of the last epochs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from nn.autograd.grad_mode import no_grad
from nn.modules.module import Module
from nn.optim.swa_utils import SWALR, AveragedModel, MultiAverage, get_ema_multi_avg_fn, update_bn
from nn.training.callback import Callback
from nn.training.steps import Schedule

__all__ = ["EMAWeightAveraging", "StochasticWeightAveraging", "WeightAveraging"]


class WeightAveraging(Callback):
    """Keep an average of the weights beside the model; validation sees it, and at the end the model takes it over.

    The training itself goes on with the weights as they are. In checkpoints `state_dict` holds the average, which
    `validate`, `test` and `predict` load; what the training goes on from stands beside it.

    Args:
        multi_avg_fn: changes the averages in place, given the lists (averages, currents) and how many were averaged;
            None for the mean.
        use_buffers: average the buffers too; otherwise they are taken over as they are.

    Example:
        >>> import nn
        >>> model, data = nn.Linear(2, 1), [(nn.ones(4, 2), nn.zeros(4, 1))]
        >>> trainer = nn.training.Trainer(
        ...     max_epochs=3, callbacks=[nn.training.WeightAveraging()],
        ...     enable_checkpointing=False, enable_progress_bar=False,
        ... )
        >>> trainer.fit(model, data, criterion=nn.MSELoss(), optimizer=nn.optim.SGD(model.parameters(), lr=0.1))
    """

    def __init__(self, multi_avg_fn: MultiAverage | None = None, use_buffers: bool = False) -> None:
        self._multi_avg_fn, self._use_buffers = multi_avg_fn, use_buffers
        self._averaged: AveragedModel | None = None
        self._steps = 0
        self._own: dict[str, Any] | None = None

    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        """Whether to average after this step, or at the end of this epoch; override it for another rhythm."""
        return step_idx is not None

    @property
    def has_average(self) -> bool:
        """Whether anything was averaged yet."""
        return self._averaged is not None and int(self._averaged.n_averaged) > 0

    def on_fit_start(self, trainer: Any, model: Any) -> None:
        """Make the average, of nothing yet."""
        self._averaged = AveragedModel(model, multi_avg_fn=self._multi_avg_fn, use_buffers=self._use_buffers)
        self._averaged.requires_grad_(False)
        self._steps = trainer.global_step

    def on_train_batch_end(self, trainer: Any, model: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        """Average, after a step."""
        if trainer.global_step != self._steps:
            self._steps = trainer.global_step
            if self.should_update(step_idx=self._steps - 1):
                self._update(model)

    def on_train_epoch_end(self, trainer: Any, model: Any) -> None:
        """Average, after an epoch."""
        if self.should_update(epoch_idx=trainer.current_epoch):
            self._update(model)

    def _update(self, model: Any) -> None:
        assert self._averaged is not None
        self._averaged.update_parameters(model)

    def on_validation_start(self, trainer: Any, model: Any) -> None:
        """Let the validation see the average."""
        if trainer.training and self.has_average:
            assert self._averaged is not None
            self._own = _copied(model)
            _put(model, self._averaged.module.state_dict())

    def on_validation_end(self, trainer: Any, model: Any) -> None:
        """Go on with the weights themselves."""
        if self._own is not None:
            _put(model, self._own)
            self._own = None

    def on_exception(self, trainer: Any, model: Any, exception: BaseException) -> None:
        """Leave the model with its own weights, also if the validation was broken off."""
        self.on_validation_end(trainer, model)

    def on_train_end(self, trainer: Any, model: Any) -> None:
        """Let the model take the average over."""
        if self.has_average:
            assert self._averaged is not None
            _put(model, self._averaged.module.state_dict())

    def on_save_checkpoint(self, trainer: Any, model: Any, checkpoint: dict[str, Any]) -> None:
        """Show the average as the state, and put the weights that the training goes on from beside it."""
        if self.has_average:
            assert self._averaged is not None
            checkpoint["current_state_dict"] = self._own or checkpoint["state_dict"]
            checkpoint["state_dict"] = self._averaged.module.state_dict()

    def on_load_checkpoint(self, trainer: Any, model: Any, checkpoint: dict[str, Any]) -> None:
        """Go on from the weights themselves."""
        if "current_state_dict" in checkpoint:
            checkpoint["average"] = checkpoint["state_dict"]
            checkpoint["state_dict"] = checkpoint["current_state_dict"]
            assert self._averaged is not None
            self._averaged.module.load_state_dict(checkpoint["average"])

    def state_dict(self) -> dict[str, Any]:
        """How much was averaged; the average itself is the checkpoint's `state_dict`."""
        return {"n_averaged": 0 if self._averaged is None else int(self._averaged.n_averaged), "steps": self._steps}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take it back."""
        assert self._averaged is not None
        self._averaged.n_averaged.fill_(state_dict["n_averaged"])
        self._steps = state_dict["steps"]


class EMAWeightAveraging(WeightAveraging):
    """The exponential moving average: average = decay average + (1 - decay) weights, after each step.

    Args:
        decay: from 0, no memory, to 1.
        update_every_n_steps: average after every so many steps.
        update_starting_at_step: the first step to average after, counted from 0.

    Raises:
        ValueError: a decay outside [0, 1]; update_every_n_steps below 1.

    Example:
        >>> import nn
        >>> ema = nn.training.EMAWeightAveraging(decay=0.99, update_every_n_steps=2)
        >>> [ema.should_update(step_idx=step) for step in range(4)]
        [False, True, False, True]

    References:
        Polyak and Juditsky, Acceleration of Stochastic Approximation by Averaging, SIAM J. Control Optim. 1992.
    """

    def __init__(
        self,
        decay: float = 0.999,
        update_every_n_steps: int = 1,
        update_starting_at_step: int = 0,
        use_buffers: bool = False,
    ) -> None:
        if update_every_n_steps < 1:
            raise ValueError(f"EMAWeightAveraging: update_every_n_steps must be 1 or more, got {update_every_n_steps}")
        super().__init__(get_ema_multi_avg_fn(decay), use_buffers)
        self._every, self._first = update_every_n_steps, update_starting_at_step

    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        """After every so many steps."""
        return step_idx is not None and step_idx >= self._first and (step_idx + 1) % self._every == 0


class StochasticWeightAveraging(WeightAveraging):
    """The mean of the weights at the end of each of the last epochs, at a rate that stays high.

    From `swa_epoch_start` on the model's schedules are replaced by `SWALR`. At the end the batch norms learn their
    statistics again, in one more pass over the training set.

    Args:
        swa_lrs: the rate to go to, or a list with one for each parameter group.
        swa_epoch_start: the first epoch to average: its number, counted from 0, or a share of `max_epochs`.
        annealing_epochs: how many epochs the way to that rate takes.
        annealing_strategy: "cos" or "linear".

    Raises:
        ValueError: swa_epoch_start is no share in [0, 1] and no number of an epoch.

    Example:
        >>> import nn
        >>> swa = nn.training.StochasticWeightAveraging(swa_lrs=0.05, swa_epoch_start=0.5)

    References:
        Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization, UAI 2018.
    """

    def __init__(
        self,
        swa_lrs: float | list[float],
        swa_epoch_start: int | float = 0.8,
        annealing_epochs: int = 10,
        annealing_strategy: Literal["cos", "linear"] = "cos",
    ) -> None:
        super().__init__()
        if swa_epoch_start < 0 or (isinstance(swa_epoch_start, float) and not swa_epoch_start <= 1):
            raise ValueError(
                "StochasticWeightAveraging: swa_epoch_start must be the number of an epoch, or a share from 0.0 to "
                f"1.0 of them, got {swa_epoch_start}"
            )
        self._lrs, self._start, self._epochs = swa_lrs, swa_epoch_start, annealing_epochs
        self._strategy: Literal["cos", "linear"] = annealing_strategy
        self._first: int | None = None
        self._started = False

    def should_update(self, step_idx: int | None = None, epoch_idx: int | None = None) -> bool:
        """After each of the last epochs."""
        return epoch_idx is not None and self._first is not None and epoch_idx >= self._first

    def on_fit_start(self, trainer: Any, model: Any) -> None:
        """Find the first epoch to average."""
        super().on_fit_start(trainer, model)
        share = isinstance(self._start, float)
        if share and trainer.max_epochs == -1:
            raise ValueError(
                "StochasticWeightAveraging: swa_epoch_start must be the number of an epoch where max_epochs is -1, "
                f"got the share {self._start}"
            )
        self._first = int(self._start * trainer.max_epochs) if share else int(self._start)
        self._started = False
        self._trainer = trainer

    def on_train_epoch_start(self, trainer: Any, model: Any) -> None:
        """Replace the schedules, once."""
        if not self._started and self._first is not None and trainer.current_epoch >= self._first:
            self._replace_schedules(trainer)

    def _replace_schedules(self, trainer: Any) -> None:
        swalr = SWALR(trainer.optimizer, self._lrs, self._epochs, self._strategy)
        trainer.schedules[:] = [Schedule(swalr)]
        self._started = True

    def on_train_end(self, trainer: Any, model: Any) -> None:
        """Let the model take the average over, and its batch norms learn their statistics."""
        super().on_train_end(trainer, model)
        if self.has_average:
            update_bn(([batch] for batch in trainer.train_loader), _ByStep(model, trainer.rerun))

    def state_dict(self) -> dict[str, Any]:
        """Also whether the schedules were replaced."""
        return {**super().state_dict(), "started": self._started}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take it back; the new schedule is made, so that its state can be loaded."""
        super().load_state_dict(state_dict)
        if state_dict["started"]:
            self._replace_schedules(self._trainer)


class _ByStep(Module):
    """A model that is called with a whole batch, and runs its training step."""

    def __init__(self, model: Module, step: Callable[[Any], Any]) -> None:
        super().__init__()
        self.model, self._step = model, step

    def forward(self, batch: Any) -> Any:
        return self._step(batch)


def _copied(model: Module) -> dict[str, Any]:
    return {name: value.clone() if hasattr(value, "clone") else value for name, value in model.state_dict().items()}


@no_grad()
def _put(model: Module, state: Mapping[str, Any]) -> None:
    model.load_state_dict(state)
