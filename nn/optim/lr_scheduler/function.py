"""Rates given by functions of the epoch."""

from __future__ import annotations

from collections.abc import Callable

from nn.optim.lr_scheduler.scheduler import LRScheduler, for_each_group, rates_of, require_optimizer
from nn.optim.optimizer import Optimizer

__all__ = ["LambdaLR", "MultiplicativeLR"]


class LambdaLR(LRScheduler):
    """The initial rate times a function of the epoch.

    Args:
        optimizer: whose rates are changed.
        lr_lambda: the function, or a list with one for each group.
        last_epoch: the epoch to resume after; -1 to begin.

    Raises:
        ValueError: a list of another length than the groups.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.lr_scheduler.LambdaLR(optimizer, lambda epoch: 1 / (1 + epoch))
        >>> optimizer.step()
        >>> scheduler.step()
        >>> scheduler.get_last_lr()
        [0.4]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        lr_lambda: Callable[[int], float] | list[Callable[[int], float]],
        last_epoch: int = -1,
    ) -> None:
        self.lr_lambdas = for_each_group(self, require_optimizer(self, optimizer), "lr_lambda", lr_lambda)
        for function in self.lr_lambdas:
            if not callable(function):
                raise TypeError(
                    f"{type(self).__name__}: lr_lambda must be a function of the epoch, got {type(function).__name__}"
                )
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rate of each group at `self.last_epoch`."""
        return [lr * function(self.last_epoch) for lr, function in zip(self.base_lrs, self.lr_lambdas, strict=True)]


class MultiplicativeLR(LambdaLR):
    """The last rate times a function of the epoch.

    Args:
        optimizer: whose rates are changed.
        lr_lambda: the function, or a list with one for each group.
        last_epoch: the epoch to resume after; -1 to begin.

    Raises:
        ValueError: a list of another length than the groups.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.lr_scheduler.MultiplicativeLR(optimizer, lambda epoch: 0.5)
        >>> optimizer.step()
        >>> scheduler.step()
        >>> scheduler.get_last_lr()
        [0.4]
    """

    def get_lr(self) -> list[float]:
        """The rate of each group at `self.last_epoch`."""
        rates = rates_of(self.optimizer)
        if self._is_initial:
            return rates
        return [lr * function(self.last_epoch) for lr, function in zip(rates, self.lr_lambdas, strict=True)]
