"""Averages of a model's parameters along the training: stochastic weight averaging, and exponential moving averages."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, Literal

from nn.autograd.grad_mode import no_grad
from nn.kernels.update import lerp_
from nn.modules.module import Module
from nn.optim.lr_scheduler.scheduler import LRScheduler, for_each_group, require_member, require_optimizer
from nn.optim.optimizer import Optimizer
from nn.tensors.tensor import Tensor, tensor

__all__ = [
    "SWALR",
    "AveragedModel",
    "get_ema_avg_fn",
    "get_ema_multi_avg_fn",
    "get_swa_avg_fn",
    "get_swa_multi_avg_fn",
    "update_bn",
]

Average = Callable[[Tensor, Tensor, Any], Any]
MultiAverage = Callable[[Sequence[Tensor], Sequence[Tensor], Any], Any]


def get_ema_avg_fn(decay: float = 0.999) -> Average:
    """decay average + (1 - decay) current, as a new tensor.

    Raises:
        ValueError: a decay outside [0, 1].
    """
    _require_decay("get_ema_avg_fn", decay)
    return no_grad()(lambda averaged, current, num_averaged: decay * averaged + (1 - decay) * current)


def get_swa_avg_fn() -> Average:
    """The mean of all so far, as a new tensor: average + (current - average) / (n + 1)."""
    return no_grad()(lambda averaged, current, n: averaged + (current - averaged) / (int(n) + 1))


def get_ema_multi_avg_fn(decay: float = 0.999) -> MultiAverage:
    """As `get_ema_avg_fn`, for lists of tensors, in place.

    Raises:
        ValueError: a decay outside [0, 1].
    """
    _require_decay("get_ema_multi_avg_fn", decay)
    return lambda averaged, current, num_averaged: _blend_(averaged, current, 1 - decay)


def get_swa_multi_avg_fn() -> MultiAverage:
    """As `get_swa_avg_fn`, for lists of tensors, in place."""
    return lambda averaged, current, num_averaged: _blend_(averaged, current, 1 / (int(num_averaged) + 1))


class AveragedModel(Module):
    """A copy of a model whose parameters are the average of the model's, each time `update_parameters` is called.

    Args:
        model: what is averaged; it is copied.
        avg_fn: makes the new average of a tensor from (average, current, n); the mean by default.
        multi_avg_fn: changes the averages in place, given the lists (averages, currents) and n.
        use_buffers: average the buffers too; otherwise they are taken over as they are.

    Raises:
        ValueError: both functions are given.

    Example:
        >>> import nn
        >>> model = nn.Linear(1, 1, bias=False)
        >>> averaged = nn.optim.swa_utils.AveragedModel(model)
        >>> for value in (1.0, 2.0, 6.0):
        ...     _ = nn.init.constant_(model.weight, value)
        ...     averaged.update_parameters(model)
        >>> averaged.module.weight.item()
        3.0

    References:
        Izmailov et al., Averaging Weights Leads to Wider Optima and Better Generalization, UAI 2018.
    """

    def __init__(
        self,
        model: Module,
        *,
        avg_fn: Average | None = None,
        multi_avg_fn: MultiAverage | None = None,
        use_buffers: bool = False,
    ) -> None:
        super().__init__()
        if avg_fn is not None and multi_avg_fn is not None:
            raise ValueError("AveragedModel: give avg_fn or multi_avg_fn, not both")
        self.module = copy.deepcopy(model)
        self.register_buffer("n_averaged", tensor(0))
        self.avg_fn, self.multi_avg_fn, self.use_buffers = avg_fn, multi_avg_fn, use_buffers

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        """What the averaged model computes."""
        return self.module(*args, **kwargs)

    @no_grad()
    def update_parameters(self, model: Module) -> None:
        """Take the model's parameters, as they are now, into the average."""
        averaged, current = (
            [*m.parameters(), *(m.buffers() if self.use_buffers else ())] for m in (self.module, model)
        )
        averaged, current = [t.detach() for t in averaged], [t.detach() for t in current]
        if int(self.n_averaged) == 0:
            for mine, other in zip(averaged, current, strict=True):
                mine.copy_(other)
        elif self.avg_fn is not None:
            for mine, other in zip(averaged, current, strict=True):
                mine.copy_(self.avg_fn(mine, other, self.n_averaged))
        else:
            (self.multi_avg_fn or get_swa_multi_avg_fn())(averaged, current, self.n_averaged)
        if not self.use_buffers:
            for mine, other in zip(self.module.buffers(), model.buffers(), strict=True):
                mine.copy_(other)
        self.n_averaged.add_(1)


@no_grad()
def update_bn(loader: Iterable[Any], model: Module) -> None:
    """Learn the statistics of a model's batch normalisations again, as the mean over all batches.

    Args:
        loader: batches, or lists whose first entry is the batch.
        model: a model, usually an averaged one, that has layers with `running_mean`; its mode is kept.

    Example:
        >>> import nn
        >>> nn.optim.swa_utils.update_bn([nn.zeros(2, 3)], nn.Linear(3, 1))  # nothing to do here
    """
    layers = [layer for layer in model.modules() if getattr(layer, "running_mean", None) is not None]
    if not layers:
        return
    momenta, training = [layer.momentum for layer in layers], model.training
    for layer in layers:
        layer.reset_running_stats()
        layer.momentum = None
    model.train()
    for batch in loader:
        model(batch[0] if isinstance(batch, list | tuple) else batch)
    for layer, momentum in zip(layers, momenta, strict=True):
        layer.momentum = momentum
    model.train(training)


class SWALR(LRScheduler):
    """The rate goes to `swa_lr` within some epochs, along half a cosine or a line, and stays there.

    Args:
        optimizer: whose rates are changed.
        swa_lr: where the rate goes, or a list with one for each group.
        anneal_epochs: how many epochs it takes.
        anneal_strategy: "cos" or "linear".
        last_epoch: the epoch to resume after; -1 to begin.

    Raises:
        ValueError: an unknown strategy; anneal_epochs is no integer of 0 or more.

    Example:
        >>> import nn
        >>> optimizer = nn.optim.SGD([nn.ones(1, requires_grad=True)], lr=0.8)
        >>> scheduler = nn.optim.swa_utils.SWALR(optimizer, swa_lr=0.2, anneal_epochs=2, anneal_strategy="linear")
        >>> for epoch in range(4):
        ...     optimizer.step()
        ...     print([round(lr, 4) for lr in scheduler.get_last_lr()])
        ...     scheduler.step()
        [0.8]
        [0.5]
        [0.2]
        [0.2]
    """

    def __init__(
        self,
        optimizer: Optimizer,
        swa_lr: float | list[float],
        anneal_epochs: int = 10,
        anneal_strategy: Literal["cos", "linear"] = "cos",
        last_epoch: int = -1,
    ) -> None:
        require_member(self, "anneal_strategy", anneal_strategy, ("cos", "linear"))
        if not isinstance(anneal_epochs, int) or anneal_epochs < 0:
            raise ValueError(f"SWALR: anneal_epochs must be an integer of 0 or more, got {anneal_epochs}")
        rates = for_each_group(self, require_optimizer(self, optimizer), "swa_lr", swa_lr)
        for group, rate in zip(optimizer.param_groups, rates, strict=True):
            group["swa_lr"] = rate
        self._anneal_strategy, self.anneal_epochs = anneal_strategy, anneal_epochs
        super().__init__(optimizer, last_epoch)

    def get_lr(self) -> list[float]:
        """The rate of each group: the one that the last mixture was made of, mixed again."""
        step = self._step_count - 1 if self.anneal_epochs else max(1, self._step_count - 1)
        before, now = self._mixture(step - 1), self._mixture(step)
        rates = []
        for group in self.optimizer.param_groups:
            target = group["swa_lr"]
            start = target if before == 1 else (group["lr"] - before * target) / (1 - before)
            rates.append(target * now + start * (1 - now))
        return rates

    def _mixture(self, step: int) -> float:
        """The share of swa_lr."""
        way = max(0, min(1, step / max(1, self.anneal_epochs)))
        return way if self._anneal_strategy == "linear" else (1 - math.cos(math.pi * way)) / 2


def _require_decay(caller: str, decay: float) -> None:
    if not 0 <= decay <= 1:
        raise ValueError(f"{caller}: decay must be in [0, 1], got {decay}")


def _blend_(averaged: Sequence[Tensor], current: Sequence[Tensor], weight: float) -> None:
    for mine, other in zip(averaged, current, strict=True):
        a, b = mine._array, other._array
        if a.dtype.kind == "f":
            lerp_(a, b, weight)
        else:
            a[...] = a * (1 - weight) + b * weight
        mine._touch()
