"""Rates that rise and fall within bounds, while the momentum falls and rises: `CyclicLR`, `OneCycleLR`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, Literal

from nn.optim.lr_scheduler.scheduler import LRScheduler, for_each_group, require_member, require_optimizer
from nn.optim.optimizer import Optimizer

__all__ = ["CyclicLR", "OneCycleLR"]


class CyclicLR(LRScheduler):
    """The rate goes up and down between two bounds, a step at each batch; the momentum goes down and up.

    The height may change: "triangular" keeps it, "triangular2" halves it at every cycle, "exp_range" multiplies it by
    gamma at every step.

    Args:
        optimizer: whose rates are changed.
        base_lr: the lower bound, or a list with one for each group.
        max_lr: the upper bound, or a list with one for each group.
        step_size_up: the steps of the way up.
        step_size_down: the steps of the way down; None for as many.
        mode: what becomes of the height.
        gamma: the factor of "exp_range".
        scale_fn: a factor of the height, as a function, in place of the mode.
        scale_mode: what `scale_fn` is given: the number of the "cycle" (from 1), or of the step ("iterations").
        cycle_momentum: whether momentum (or the first of the betas) is cycled too.
        base_momentum: its lower bound, where the rate is highest.
        max_momentum: its upper bound.
        last_epoch: the step to resume after; -1 to begin.

    Raises:
        ValueError: an unknown mode; an optimiser without momentum; a list of another length than the groups.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.1, momentum=0.9)
        >>> scheduler = nn.optim.lr_scheduler.CyclicLR(optimizer, base_lr=0.1, max_lr=0.3, step_size_up=2)
        >>> for batch in range(5):
        ...     optimizer.step()
        ...     print([round(lr, 4) for lr in scheduler.get_last_lr()])
        ...     scheduler.step()
        [0.1]
        [0.2]
        [0.3]
        [0.2]
        [0.1]

    References:
        Smith, Cyclical Learning Rates for Training Neural Networks, WACV 2017.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        base_lr: float | list[float],
        max_lr: float | list[float],
        step_size_up: int = 2000,
        step_size_down: int | None = None,
        mode: Literal["triangular", "triangular2", "exp_range"] = "triangular",
        gamma: float = 1.0,
        scale_fn: Callable[[float], float] | None = None,
        scale_mode: Literal["cycle", "iterations"] = "cycle",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.8,
        max_momentum: float | list[float] = 0.9,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = require_optimizer(self, optimizer)
        if scale_fn is None:
            require_member(self, "mode", mode, ("triangular", "triangular2", "exp_range"))
            scale_mode = "iterations" if mode == "exp_range" else "cycle"
        base_lrs = for_each_group(self, optimizer, "base_lr", base_lr)
        self.max_lrs = for_each_group(self, optimizer, "max_lr", max_lr)
        down = step_size_up if step_size_down is None else step_size_down
        self.total_size = float(step_size_up + down)
        self.step_ratio = step_size_up / self.total_size
        self.mode, self.gamma, self.scale_mode, self._scale_fn_custom = mode, gamma, scale_mode, scale_fn
        self.cycle_momentum = cycle_momentum
        if last_epoch == -1:
            for lr, group in zip(base_lrs, optimizer.param_groups, strict=True):
                group["lr"] = lr
        if cycle_momentum:
            self.base_momentums = for_each_group(self, optimizer, "base_momentum", base_momentum)
            self.max_momentums = for_each_group(self, optimizer, "max_momentum", max_momentum)
            start_momentum(self, self.base_momentums, self.max_momentums, last_epoch)
        super().__init__(optimizer, last_epoch)
        self.base_lrs = base_lrs

    def scale_fn(self, x: float) -> float:
        """The factor of the height at a cycle or a step."""
        if self._scale_fn_custom is not None:
            return self._scale_fn_custom(x)
        return float({"triangular": 1.0, "triangular2": 0.5 ** (x - 1), "exp_range": self.gamma**x}[self.mode])

    def get_lr(self) -> list[float]:
        """The rate of each group at `self.last_epoch`; sets the momentum."""
        cycle = math.floor(1 + self.last_epoch / self.total_size)
        x = 1 + self.last_epoch / self.total_size - cycle
        height = x / self.step_ratio if x <= self.step_ratio else (x - 1) / (self.step_ratio - 1)
        scale = self.scale_fn(cycle if self.scale_mode == "cycle" else self.last_epoch)
        if self.cycle_momentum:
            bounds = zip(self.base_momentums, self.max_momentums, strict=True)
            set_momentum(self.optimizer, [high - (high - low) * height * scale for low, high in bounds])
        return [low + (high - low) * height * scale for low, high in zip(self.base_lrs, self.max_lrs, strict=True)]


MOMENTUM_AT = {"initial_lr": "max_momentum", "max_lr": "base_momentum", "min_lr": "max_momentum"}


class OneCycleLR(LRScheduler):
    """The rate rises from low to the highest and falls to almost 0, a step a batch; the momentum falls and rises.

    Args:
        optimizer: whose rates are changed.
        max_lr: the highest rate, or a list with one for each group.
        total_steps: the steps of the training; or
        epochs: its epochs, and
        steps_per_epoch: the steps of one.
        pct_start: the part of the steps that goes up, a float in [0, 1].
        anneal_strategy: "cos" or "linear".
        cycle_momentum: whether momentum (or the first of the betas) is cycled too.
        base_momentum: its lower bound, where the rate is highest.
        max_momentum: its upper bound.
        div_factor: the first rate is max_lr / div_factor.
        final_div_factor: the last rate is the first one / final_div_factor.
        three_phase: go down to the first rate as fast as up, and only then to the last.
        last_epoch: the step to resume after; -1 to begin.

    Raises:
        ValueError: no number of steps, or one below 1; pct_start out of range; an unknown strategy; an optimiser
            without momentum; a step too many.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.1, momentum=0.9)
        >>> scheduler = nn.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=1.0, total_steps=5, pct_start=0.4)
        >>> for batch in range(5):
        ...     optimizer.step()
        ...     print([round(lr, 4) for lr in scheduler.get_last_lr()])
        ...     if batch < 4:
        ...         scheduler.step()
        [0.04]
        [1.0]
        [0.75]
        [0.25]
        [0.0]

    References:
        Smith and Topin, Super-Convergence: Very Fast Training of Neural Networks Using Large Learning Rates, 2017.
    """

    def __init__(
        self,
        optimizer: Optimizer,
        max_lr: float | list[float],
        total_steps: int | None = None,
        epochs: int | None = None,
        steps_per_epoch: int | None = None,
        pct_start: float = 0.3,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        cycle_momentum: bool = True,
        base_momentum: float | list[float] = 0.85,
        max_momentum: float | list[float] = 0.95,
        div_factor: float = 25.0,
        final_div_factor: float = 1e4,
        three_phase: bool = False,
        last_epoch: int = -1,
    ) -> None:
        self.optimizer = require_optimizer(self, optimizer)
        self.total_steps = self._counted(total_steps, epochs, steps_per_epoch)
        if not isinstance(pct_start, float) or not 0 <= pct_start <= 1:
            raise ValueError(f"OneCycleLR: pct_start must be a float in [0, 1], got {pct_start}")
        require_member(self, "anneal_strategy", anneal_strategy, ("cos", "linear"))
        self._anneal_func_type = anneal_strategy
        top, end = pct_start * self.total_steps - 1, self.total_steps - 1
        middle = [(2 * pct_start * self.total_steps - 2, "max_lr", "initial_lr")] if three_phase else []
        last = (end, middle[0][2] if middle else "max_lr", "min_lr")
        self._phases: list[tuple[float, str, str]] = [(top, "initial_lr", "max_lr"), *middle, last]
        max_lrs = for_each_group(self, optimizer, "max_lr", max_lr)
        if last_epoch == -1:
            for group, highest in zip(optimizer.param_groups, max_lrs, strict=True):
                first = highest / div_factor
                group.update(initial_lr=first, max_lr=highest, min_lr=first / final_div_factor)
        self.cycle_momentum = cycle_momentum
        if cycle_momentum:
            low = for_each_group(self, optimizer, "base_momentum", base_momentum)
            start_momentum(self, low, for_each_group(self, optimizer, "max_momentum", max_momentum), last_epoch)
        super().__init__(optimizer, last_epoch)

    def _counted(self, total_steps: int | None, epochs: int | None, steps_per_epoch: int | None) -> int:
        counts = dict(epochs=epochs, steps_per_epoch=steps_per_epoch)
        counts = counts if total_steps is None else dict(total_steps=total_steps)
        for name, count in counts.items():
            if count is None:
                raise ValueError("OneCycleLR: give total_steps, or both epochs and steps_per_epoch")
            if not isinstance(count, int) or count < 1:
                raise ValueError(f"OneCycleLR: {name} must be an integer of 1 or more, got {count}")
        return math.prod(counts.values())  # type: ignore[arg-type]

    def get_lr(self) -> list[float]:
        """The rate of each group at `self.last_epoch`; sets the momentum."""
        step = self.last_epoch
        if step > self.total_steps:
            raise ValueError(f"OneCycleLR.step: {self.total_steps} steps are planned, this would be number {step}")
        ends = [end for end, _, _ in self._phases]
        number = next((i for i, end in enumerate(ends[:-1]) if step <= end), len(ends) - 1)
        begin = ends[number - 1] if number else 0
        end, from_lr, to_lr = self._phases[number]
        way = (step - begin) / (end - begin) if end > begin else 1.0
        groups = self.optimizer.param_groups
        if self.cycle_momentum:
            bounds = [(group[MOMENTUM_AT[from_lr]], group[MOMENTUM_AT[to_lr]]) for group in groups]
            set_momentum(self.optimizer, [self._annealed(a, b, way) for a, b in bounds])
        return [self._annealed(group[from_lr], group[to_lr], way) for group in groups]

    def _annealed(self, start: float, end: float, way: float) -> float:
        if self._anneal_func_type == "linear":
            return (end - start) * way + start
        return end + (start - end) / 2 * (math.cos(math.pi * way) + 1)


def start_momentum(scheduler: LRScheduler, low: list[float], high: list[float], last_epoch: int) -> None:
    """Note the bounds in the groups and begin at the upper one."""
    optimizer = scheduler.optimizer
    if "momentum" not in optimizer.defaults and "betas" not in optimizer.defaults:
        raise ValueError(
            f"{type(scheduler).__name__}: {type(optimizer).__name__} has neither momentum nor betas; "
            "pass cycle_momentum=False"
        )
    if last_epoch == -1:
        set_momentum(optimizer, high)
        for group, base, top in zip(optimizer.param_groups, low, high, strict=True):
            group.update(base_momentum=base, max_momentum=top)


def set_momentum(optimizer: Optimizer, values: list[Any]) -> None:
    """Set the momentum of each group, or the first of its betas."""
    for group, value in zip(optimizer.param_groups, values, strict=True):
        if "betas" in optimizer.defaults:
            group["betas"] = (value, *group["betas"][1:])
        else:
            group["momentum"] = value
