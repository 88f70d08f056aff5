"""Rates along half a cosine, once or with restarts."""

from __future__ import annotations

import math

from nn.optim.lr_scheduler.scheduler import LRScheduler, RatioLR
from nn.optim.optimizer import Optimizer

__all__ = ["CosineAnnealingLR", "CosineAnnealingWarmRestarts"]


class CosineAnnealingLR(RatioLR):
    """eta_min + (lr - eta_min) (1 + cos(pi epoch / T_max)) / 2: it falls in T_max epochs and rises in the next.

    Args:
        optimizer: whose rates are changed.
        T_max: the epochs of the way down.
        eta_min: the least rate.
        last_epoch: the epoch to resume after; -1 to begin.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2)
        >>> for epoch in range(3):
        ...     optimizer.step()
        ...     print([round(lr, 4) for lr in scheduler.get_last_lr()])
        ...     scheduler.step()
        [0.8]
        [0.4]
        [0.0]

    References:
        Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017.
    """

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0, last_epoch: int = -1) -> None:
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer, last_epoch)

    def _share(self, epoch: int) -> float:
        return (1 + math.cos(math.pi * epoch / self.T_max)) / 2


class CosineAnnealingWarmRestarts(LRScheduler):
    """The rate falls along half a cosine to eta_min, and jumps up again; each fall lasts T_mult times the one before.

    Args:
        optimizer: whose rates are changed.
        T_0: the epochs of the first way down.
        T_mult: how many times longer each is than the one before.
        eta_min: the least rate.
        last_epoch: the epoch to resume after; -1 to begin.

    Raises:
        ValueError: T_0 or T_mult is no integer of 1 or more.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.lr_scheduler.CosineAnnealingWarmRestarts(optimizer, T_0=2)
        >>> for epoch in range(3):
        ...     optimizer.step()
        ...     print([round(lr, 4) for lr in scheduler.get_last_lr()])
        ...     scheduler.step()
        [0.8]
        [0.4]
        [0.8]

    References:
        Loshchilov and Hutter, SGDR: Stochastic Gradient Descent with Warm Restarts, ICLR 2017.
    """

    def __init__(
        self, optimizer: Optimizer, T_0: int, T_mult: int = 1, eta_min: float = 0.0, last_epoch: int = -1
    ) -> None:
        for name, value in (("T_0", T_0), ("T_mult", T_mult)):
            if not isinstance(value, int) or value < 1:
                raise ValueError(f"CosineAnnealingWarmRestarts: {name} must be an integer of 1 or more, got {value}")
        self.T_0, self.T_mult, self.eta_min = T_0, T_mult, eta_min
        self.T_i = T_0
        self.T_cur: float = last_epoch
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rate of each group, `self.T_cur` epochs into a way of `self.T_i`."""
        share = (1 + math.cos(math.pi * self.T_cur / self.T_i)) / 2
        return [self.eta_min + (lr - self.eta_min) * share for lr in self.base_lrs]

    def step(self, epoch: float | None = None) -> None:
        """Go on to the next epoch, or to any, which may be a fraction: epoch + batch / batches.

        Args:
            epoch: where to go, 0 or more.
        """
        if epoch is None and self.last_epoch >= 0:
            epoch = self.last_epoch + 1
            self.T_cur += 1
            if self.T_cur >= self.T_i:
                self.T_cur %= self.T_i
                self.T_i *= self.T_mult
        else:
            epoch = epoch or 0
            if epoch < 0:
                raise ValueError(f"CosineAnnealingWarmRestarts.step: epoch must be 0 or more, got {epoch}")
            self.T_cur, self.T_i = epoch, self.T_0
            if self.T_mult == 1:
                self.T_cur %= self.T_0
            while self.T_cur >= self.T_i:
                self.T_cur -= self.T_i
                self.T_i *= self.T_mult
        self.last_epoch = math.floor(epoch)
        self._set_lr(self.get_lr())
