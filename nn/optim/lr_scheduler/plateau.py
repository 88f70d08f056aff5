"""A rate that falls when a metric has stopped getting better."""

from __future__ import annotations

import math
from typing import Any, Literal

from nn.optim.lr_scheduler.scheduler import (
    LRScheduler,
    for_each_group,
    rates_of,
    require_member,
    require_optimizer,
    warn,
)
from nn.optim.optimizer import Optimizer

__all__ = ["ReduceLROnPlateau"]


class ReduceLROnPlateau(LRScheduler):
    """The rate times `factor` when a metric has not improved for more than `patience` epochs.

    Args:
        optimizer: whose rates are changed.
        mode: "min" if less is better, "max" if more is.
        factor: what the rate is multiplied by, below 1.
        patience: how many epochs without improvement are borne.
        threshold: what counts as better.
        threshold_mode: "rel" for a share of the best value, "abs" for a difference.
        cooldown: how many epochs after a change are not counted.
        min_lr: the least rate, or a list with one for each group.
        eps: a change smaller than this is not made.

    Raises:
        ValueError: a factor of 1 or more; an unknown mode; a list of another length than the groups.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
        >>> for loss in (3.0, 2.0, 2.0, 2.0, 2.0):
        ...     scheduler.step(loss)
        ...     print(scheduler.get_last_lr())
        [0.8]
        [0.8]
        [0.8]
        [0.4]
        [0.4]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        mode: Literal["min", "max"] = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: Literal["rel", "abs"] = "rel",
        cooldown: int = 0,
        min_lr: float | list[float] = 0,
        eps: float = 1e-8,
    ) -> None:
        if not factor < 1:
            raise ValueError(f"ReduceLROnPlateau: factor must be below 1, got {factor}")
        require_member(self, "mode", mode, ("min", "max"))
        require_member(self, "threshold_mode", threshold_mode, ("rel", "abs"))
        self.optimizer = require_optimizer(self, optimizer)
        self.min_lrs = for_each_group(self, optimizer, "min_lr", min_lr)
        self.mode, self.threshold_mode = mode, threshold_mode
        self.factor, self.patience, self.threshold, self.cooldown, self.eps = factor, patience, threshold, cooldown, eps
        self.last_epoch = 0
        self.best = math.inf if mode == "min" else -math.inf
        self.cooldown_counter = self.num_bad_epochs = 0
        self._last_lr = rates_of(optimizer)

    def step(self, metrics: Any, epoch: int | None = None) -> None:  # type: ignore[override]
        """Look at the metric of this epoch.

        Args:
            metrics: a number, or a tensor with one.
            epoch: the number of the epoch; deprecated.
        """
        if epoch is not None:
            warn(self, "step(metrics, epoch) is deprecated; call step(metrics) once an epoch")
        current = float(metrics)
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        if self._is_better(current):
            self.best, self.num_bad_epochs = current, 0
        else:
            self.num_bad_epochs += 1
        if self.in_cooldown:
            self.cooldown_counter -= 1
            self.num_bad_epochs = 0
        if self.num_bad_epochs > self.patience:
            self._reduce()
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
        self._last_lr = rates_of(self.optimizer)

    @property
    def in_cooldown(self) -> bool:
        """Whether a change was made so recently that epochs are not counted."""
        return self.cooldown_counter > 0

    def _is_better(self, value: float) -> bool:
        margin = -self.threshold if self.mode == "min" else self.threshold
        bar = self.best * (1 + margin) if self.threshold_mode == "rel" else self.best + margin
        return value < bar if self.mode == "min" else value > bar

    def _reduce(self) -> None:
        groups = self.optimizer.param_groups
        least = self.min_lrs + [self.min_lrs[-1]] * (len(groups) - len(self.min_lrs))  # groups may have been added
        for group, min_lr in zip(groups, least, strict=True):
            lr = max(group["lr"] * self.factor, min_lr)
            if group["lr"] - lr > self.eps:
                group["lr"] = lr
