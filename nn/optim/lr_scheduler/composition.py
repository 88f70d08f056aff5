"""Schedules made of schedules: all at once, or one after another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from nn.optim.lr_scheduler.plateau import ReduceLROnPlateau
from nn.optim.lr_scheduler.scheduler import LRScheduler, rates_of
from nn.optim.optimizer import Optimizer

__all__ = ["ChainedScheduler", "SequentialLR"]


class ChainedScheduler(LRScheduler):
    """Several schedules at once: each changes what the others have left.

    Args:
        schedulers: schedules of one optimiser.
        optimizer: that optimiser; may be left out.

    Raises:
        ValueError: there are no schedules; they belong to several optimisers; one of them needs a metric.

    Example:
        >>> import nn
        >>> from nn.optim.lr_scheduler import ChainedScheduler, ConstantLR, ExponentialLR
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = ChainedScheduler([ConstantLR(optimizer, 0.5, total_iters=2), ExponentialLR(optimizer, 0.5)])
        >>> for epoch in range(3):
        ...     optimizer.step()
        ...     print(scheduler.get_last_lr())
        ...     scheduler.step()
        [0.4]
        [0.2]
        [0.2]
    """

    def __init__(self, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None = None) -> None:
        self.optimizer = _common_optimizer(self, schedulers, optimizer)
        self._schedulers = list(schedulers)
        self._last_lr = rates_of(self.optimizer)

    def step(self) -> None:  # type: ignore[override]
        """Go on to the next epoch with each."""
        for scheduler in self._schedulers:
            scheduler.step()
        self._last_lr = rates_of(self.optimizer)

    def _initial_step(self) -> None:
        self._step_count, self._is_initial = 0, False
        self.step()

    def _update_lr(self, epoch: int | None = None) -> None:
        for scheduler in self._schedulers:
            scheduler._update_lr(epoch)
        self._last_lr = rates_of(self.optimizer)


class SequentialLR(LRScheduler):
    """One schedule after another, each beginning at its epoch 0.

    Args:
        optimizer: whose rates are changed.
        schedulers: schedules of this optimiser. As in PyTorch, a `ChainedScheduler` that comes first begins with one
            step of each of its parts, not with their rates at epoch 0.
        milestones: the epochs at which the second, third ... begin.
        last_epoch: the epoch to resume after; -1 to begin.

    Raises:
        ValueError: there are no schedules; one belongs to another optimiser, or needs a metric; the number of
            milestones is not len(schedulers) - 1.

    Example:
        >>> import nn
        >>> from nn.optim.lr_scheduler import CosineAnnealingLR, LinearLR, SequentialLR
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> warm_up = LinearLR(optimizer, start_factor=0.5, total_iters=2)
        >>> scheduler = SequentialLR(optimizer, [warm_up, CosineAnnealingLR(optimizer, T_max=2)], milestones=[2])
        >>> for epoch in range(5):
        ...     optimizer.step()
        ...     print([round(lr, 4) for lr in scheduler.get_last_lr()])
        ...     scheduler.step()
        [0.4]
        [0.6]
        [0.8]
        [0.4]
        [0.0]
    """

    def __init__(
        self, optimizer: Optimizer, schedulers: Sequence[LRScheduler], milestones: Sequence[int], last_epoch: int = -1
    ) -> None:
        self.optimizer = _common_optimizer(self, schedulers, optimizer)
        if len(milestones) != len(schedulers) - 1:
            raise ValueError(
                f"SequentialLR: {len(schedulers)} schedulers need {len(schedulers) - 1} milestones, "
                f"got {len(milestones)}"
            )
        self._schedulers, self._milestones = list(schedulers), list(milestones)
        self.last_epoch = last_epoch + 1
        for group in optimizer.param_groups:
            group["lr"] = group["initial_lr"]
        for scheduler in self._schedulers:
            _undo(scheduler)
        first = self._schedulers[bisect_right(self._milestones, 0)]
        _begin(first)
        first._initial_step()
        self._last_lr = first.get_last_lr()

    def step(self) -> None:  # type: ignore[override]
        """Go on to the next epoch."""
        self.last_epoch += 1
        number = bisect_right(self._milestones, self.last_epoch)
        scheduler = self._schedulers[number]
        if number > 0 and self._milestones[number - 1] == self.last_epoch:
            scheduler._update_lr(0)
        else:
            scheduler.step()
        self._last_lr = scheduler.get_last_lr()

    def _update_lr(self, epoch: int | None = None) -> None:
        """Go to an epoch: as part of another sequence, to its own first one."""
        if epoch is None:
            self.step()
            return
        self.last_epoch = epoch
        number = bisect_right(self._milestones, epoch)
        self._schedulers[number]._update_lr(epoch - self._milestones[number - 1] if number else epoch)
        self._last_lr = self._schedulers[number].get_last_lr()


def _undo(scheduler: LRScheduler) -> None:
    """Take back the step that making a schedule did; one that is made of others keeps its own count, as in PyTorch."""
    for part in getattr(scheduler, "_schedulers", ()):
        _undo(part)
    if not hasattr(scheduler, "_schedulers"):
        scheduler.last_epoch -= 1


def _begin(scheduler: LRScheduler) -> None:
    """Let the parts of a schedule take a step again before the optimiser's, without a warning."""
    for part in getattr(scheduler, "_schedulers", ()):
        part._step_count = 0
        _begin(part)


def _common_optimizer(owner: LRScheduler, schedulers: Sequence[LRScheduler], optimizer: Optimizer | None) -> Optimizer:
    """The one optimiser that all the schedules belong to."""
    name = type(owner).__name__
    if not schedulers:
        raise ValueError(f"{name}: expected at least one scheduler, got none")
    for i, scheduler in enumerate(schedulers):
        if not hasattr(scheduler, "optimizer"):
            raise TypeError(f"{name}: entry {i} must be a scheduler, got {type(scheduler).__name__}")
        if isinstance(scheduler, ReduceLROnPlateau):
            raise ValueError(f"{name}: entry {i} is a ReduceLROnPlateau, which needs a metric; step it by itself")
        optimizer = optimizer or scheduler.optimizer
        if scheduler.optimizer is not optimizer:
            raise ValueError(f"{name}: entry {i} belongs to another optimiser; make all schedulers with the same one")
    return optimizer  # type: ignore[return-value]
