"""Rates that fall by steps, by factors, along a line or a power."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from nn.optim.lr_scheduler.scheduler import RatioLR
from nn.optim.optimizer import Optimizer

__all__ = ["ConstantLR", "ExponentialLR", "LinearLR", "MultiStepLR", "PolynomialLR", "StepLR"]


class StepLR(RatioLR):
    """The rate times gamma every `step_size` epochs.

    Args:
        optimizer: whose rates are changed.
        step_size: the epochs between two changes.
        gamma: the factor.
        last_epoch: the epoch to resume after; -1 to begin.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.lr_scheduler.StepLR(optimizer, step_size=2, gamma=0.5)
        >>> for epoch in range(4):
        ...     optimizer.step()  # for each batch
        ...     print(scheduler.get_last_lr())
        ...     scheduler.step()
        [0.8]
        [0.8]
        [0.4]
        [0.4]
    """

    _waits = False

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1, last_epoch: int = -1) -> None:
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer, last_epoch)

    def _share(self, epoch: int) -> float:
        return float(self.gamma ** (max(0, epoch) // self.step_size))


class MultiStepLR(RatioLR):
    """The rate times gamma at each milestone.

    Args:
        optimizer: whose rates are changed.
        milestones: epochs; one given twice counts twice.
        gamma: the factor.
        last_epoch: the epoch to resume after; -1 to begin.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[1, 3], gamma=0.5)
        >>> for epoch in range(4):
        ...     optimizer.step()
        ...     print(scheduler.get_last_lr())
        ...     scheduler.step()
        [0.8]
        [0.4]
        [0.4]
        [0.2]
    """

    _waits = False

    def __init__(
        self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1, last_epoch: int = -1
    ) -> None:
        self.milestones, self.gamma = dict(Counter(milestones)), gamma
        super().__init__(optimizer, last_epoch)

    def _share(self, epoch: int) -> float:
        return float(self.gamma ** sum(times for passed, times in self.milestones.items() if passed <= epoch))


class ConstantLR(RatioLR):
    """The rate times `factor` until epoch `total_iters`, then the rate itself.

    Args:
        optimizer: whose rates are changed.
        factor: a number in [0, 1].
        total_iters: how many epochs the factor holds.
        last_epoch: the epoch to resume after; -1 to begin.

    Raises:
        ValueError: a factor outside [0, 1].

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.lr_scheduler.ConstantLR(optimizer, factor=0.5, total_iters=2)
        >>> for epoch in range(3):
        ...     optimizer.step()
        ...     print(scheduler.get_last_lr())
        ...     scheduler.step()
        [0.4]
        [0.4]
        [0.8]
    """

    _waits = False

    def __init__(self, optimizer: Optimizer, factor: float = 1 / 3, total_iters: int = 5, last_epoch: int = -1) -> None:
        if not 0 <= factor <= 1:
            raise ValueError(f"ConstantLR: factor must be in [0, 1], got {factor}")
        self.factor, self.total_iters = factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _share(self, epoch: int) -> float:
        return self.factor if 0 <= epoch < self.total_iters else 1.0


class LinearLR(RatioLR):
    """The rate's share goes along a line from `start_factor` to `end_factor`: a warm-up, or a decay.

    Args:
        optimizer: whose rates are changed.
        start_factor: the share at epoch 0, in (0, 1].
        end_factor: the share from epoch total_iters on, in [0, 1].
        total_iters: the epoch at which the line ends.
        last_epoch: the epoch to resume after; -1 to begin.

    Raises:
        ValueError: a factor out of its range.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.lr_scheduler.LinearLR(optimizer, start_factor=0.5, total_iters=2)
        >>> for epoch in range(3):
        ...     optimizer.step()
        ...     print([round(lr, 4) for lr in scheduler.get_last_lr()])
        ...     scheduler.step()
        [0.4]
        [0.6]
        [0.8]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        start_factor: float = 1 / 3,
        end_factor: float = 1.0,
        total_iters: int = 5,
        last_epoch: int = -1,
    ) -> None:
        if not 0 < start_factor <= 1:
            raise ValueError(f"LinearLR: start_factor must be above 0 and at most 1, got {start_factor}")
        if not 0 <= end_factor <= 1:
            raise ValueError(f"LinearLR: end_factor must be in [0, 1], got {end_factor}")
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer, last_epoch)

    def _share(self, epoch: int) -> float:
        if epoch < 0:
            return 1.0
        way = min(epoch, self.total_iters) / max(self.total_iters, 1)
        return self.start_factor + (self.end_factor - self.start_factor) * way


class ExponentialLR(RatioLR):
    """The rate times gamma at every epoch.

    Args:
        optimizer: whose rates are changed.
        gamma: the factor.
        last_epoch: the epoch to resume after; -1 to begin.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.5)
        >>> for epoch in range(3):
        ...     optimizer.step()
        ...     print(scheduler.get_last_lr())
        ...     scheduler.step()
        [0.8]
        [0.4]
        [0.2]
    """

    def __init__(self, optimizer: Optimizer, gamma: float, last_epoch: int = -1) -> None:
        self.gamma = gamma
        super().__init__(optimizer, last_epoch)

    def _share(self, epoch: int) -> float:
        return float(self.gamma**epoch)


class PolynomialLR(RatioLR):
    """The rate times (1 - epoch / total_iters)^power, 0 from epoch `total_iters` on.

    Args:
        optimizer: whose rates are changed.
        total_iters: the epoch at which the rate is 0.
        power: 1 for a line.
        last_epoch: the epoch to resume after; -1 to begin.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.lr_scheduler.PolynomialLR(optimizer, total_iters=2)
        >>> for epoch in range(3):
        ...     optimizer.step()
        ...     print(scheduler.get_last_lr())
        ...     scheduler.step()
        [0.8]
        [0.4]
        [0.0]
    """

    def __init__(self, optimizer: Optimizer, total_iters: int = 5, power: float = 1.0, last_epoch: int = -1) -> None:
        self.total_iters, self.power = total_iters, power
        super().__init__(optimizer, last_epoch)

    def _share(self, epoch: int) -> float:
        return float((1 - min(epoch, self.total_iters) / self.total_iters) ** self.power)
