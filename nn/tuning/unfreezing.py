"""GradualUnfreezing: a callback that trains the head first, and more of the model epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from nn.training.callback import Callback
from nn.tuning.freezing import freeze, unfreeze

__all__ = ["GradualUnfreezing"]


class GradualUnfreezing(Callback):
    """Freeze the whole model, and unfreeze parts of it as epochs go by.

    What is trained depends on the epoch alone, so a training that goes on from a checkpoint trains the same parts.

    Args:
        schedule: which patterns (see `nn.tuning.freeze`) are unfrozen at the start of which epoch, counted from 0.

    Raises:
        ValueError: the schedule is empty, an epoch is negative; in `fit`, nothing is trained in the first epoch, a
            pattern matches nothing, or the optimiser lacks a parameter that is to be trained.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
        >>> gradual = nn.tuning.GradualUnfreezing({0: "2", 3: "0"})
        >>> trainer = nn.training.Trainer(
        ...     max_epochs=3, callbacks=[gradual], enable_checkpointing=False, enable_progress_bar=False
        ... )
        >>> data = [(nn.ones(4, 4), nn.zeros(4, 2))]
        >>> trainer.fit(model, data, criterion=nn.MSELoss(), optimizer=nn.optim.SGD(model.parameters(), lr=0.1))
        >>> model[0].weight.requires_grad, model[2].weight.requires_grad
        (False, True)

    References:
        Howard and Ruder, Universal Language Model Fine-tuning for Text Classification, ACL 2018.
    """

    def __init__(self, schedule: Mapping[int, str | Iterable[str]]) -> None:
        if not isinstance(schedule, Mapping) or not schedule:
            raise ValueError(
                f"GradualUnfreezing: schedule must say which patterns are trained from which epoch on, got {schedule!r}"
            )
        for epoch in schedule:
            if isinstance(epoch, bool) or not isinstance(epoch, int) or epoch < 0:
                raise ValueError(f"GradualUnfreezing: an epoch must be a whole number of 0 or more, got {epoch!r}")
        self.schedule = dict(sorted(schedule.items()))
        self._epoch = 0  # the last one that changed what is trained

    def on_fit_start(self, trainer: Any, model: Any) -> None:
        """Try every pattern, then freeze all that the first epoch does not train."""
        for patterns in self.schedule.values():
            unfreeze(model, patterns)
        self._set(trainer, model, 0)
        if not any(parameter.requires_grad for parameter in model.parameters()):
            raise ValueError(
                f"GradualUnfreezing: nothing is trained before epoch {min(self.schedule)}; "
                "give the patterns of the head for epoch 0"
            )

    def on_load_checkpoint(self, trainer: Any, model: Any, checkpoint: dict[str, Any]) -> None:
        """Train what belongs to the epoch that goes on, before its gradients are put back."""
        self._set(trainer, model, checkpoint["epoch"])

    def on_train_epoch_start(self, trainer: Any, model: Any) -> None:
        """Train what belongs to this epoch, if that changes now."""
        if any(self._epoch < epoch <= trainer.current_epoch for epoch in self.schedule):
            self._set(trainer, model, trainer.current_epoch)

    def _set(self, trainer: Any, model: Any, now: int) -> None:
        self._epoch = now
        due = [patterns for epoch, patterns in self.schedule.items() if epoch <= now]
        before = {name for name, parameter in model.named_parameters() if parameter.requires_grad}
        freeze(model)
        for patterns in due:
            unfreeze(model, patterns)
        held = {id(p) for group in trainer.optimizer.param_groups for p in group["params"]}
        for name, parameter in model.named_parameters():
            if parameter.requires_grad and name not in before and id(parameter) not in held:
                raise ValueError(
                    f"GradualUnfreezing: the optimiser does not have {name!r}, which is trained from epoch {now} on; "
                    "give it model.parameters()"
                )
