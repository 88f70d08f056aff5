"""What all schedules share: the count of epochs, the rates they start from, saving and loading."""

from __future__ import annotations

import functools
import types
import warnings
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, cast

from nn.autograd.mode import mode, outside
from nn.optim.optimizer import Optimizer

__all__ = ["LRScheduler", "RatioLR"]


Step = TypeVar("Step", bound=Callable[..., Any])


def _told(step: Step) -> Step:
    """A step that a recorder is told of: a captured training step makes it again at each replay."""

    @functools.wraps(step)
    def told(self: LRScheduler, *args: Any, **kwargs: Any) -> Any:
        if mode.recorder is None:
            return step(self, *args, **kwargs)
        return outside(step, self, *args, **kwargs)

    return cast(Step, told)


class LRScheduler:
    """Base of the schedules: write `get_lr`, which reads `self.last_epoch`.

    Making one does its first step, to epoch 0 (or, resuming, to last_epoch + 1).

    Args:
        optimizer: whose rates are changed.
        last_epoch: the epoch to resume after; -1 to begin.

    Raises:
        TypeError: not an optimiser.
        KeyError: resuming with an optimiser whose state, with its initial rates, was not loaded.
    """

    _is_initial = False

    def __init__(self, optimizer: Optimizer, last_epoch: int = -1) -> None:
        self.optimizer = require_optimizer(self, optimizer)
        for i, group in enumerate(optimizer.param_groups):
            if last_epoch == -1:
                group.setdefault("initial_lr", group["lr"])
            elif "initial_lr" not in group:
                raise KeyError(
                    f"{type(self).__name__}: group {i} has no initial_lr to resume from; "
                    "load the optimiser's state first"
                )
        self.base_lrs = [group["initial_lr"] for group in optimizer.param_groups]
        self.last_epoch = last_epoch
        self._initial_step()

    def __init_subclass__(cls) -> None:
        """Tell a recorder of a step that a subclass writes, too."""
        if "step" in vars(cls):
            cls.step = _told(cls.step)  # type: ignore[method-assign]

    def _initial_step(self) -> None:
        self._step_count = 0
        self._is_initial = True
        self.step()
        self._is_initial = False

    def get_lr(self) -> list[float]:
        """The rate of each group at `self.last_epoch`; called by `step`."""
        raise NotImplementedError(f"{type(self).__name__}: write get_lr(self), which returns a rate for each group")

    def get_last_lr(self) -> list[float]:
        """The rate of each group, as the last step set it."""
        return self._last_lr

    @_told
    def step(self, epoch: int | None = None) -> None:
        """Go on to the next epoch; call it after the optimiser's steps.

        Args:
            epoch: the epoch to jump to; deprecated, because a schedule in a chain cannot jump.
        """
        counted = type(self.optimizer).step is Optimizer.step  # a step of one's own is not counted
        if self._step_count == 1 and counted and not self.optimizer._stepped:
            warn(
                self,
                "step() was called before the optimiser's, so the first rate was not used; call optimizer.step() first",
            )
        self._step_count += 1
        if epoch is not None:
            warn(self, "step(epoch) is deprecated; call step() once an epoch")
        self._update_lr(epoch)

    def _update_lr(self, epoch: int | None = None) -> None:
        self.last_epoch = self.last_epoch + 1 if epoch is None else epoch
        self._set_lr(self.get_lr() if epoch is None else self._closed_form())

    def _closed_form(self) -> list[float]:
        """The rates at `self.last_epoch`, whatever they were before."""
        return self.get_lr()

    def _set_lr(self, rates: list[float]) -> None:
        for group, lr in zip(self.optimizer.param_groups, rates, strict=True):
            group["lr"] = lr
        self._last_lr = rates_of(self.optimizer)

    def state_dict(self) -> dict[str, Any]:
        """Everything but the optimiser, and functions; of callable objects their attributes."""
        return {name: _state_of(value) for name, value in self.__dict__.items() if name != "optimizer"}

    def load_state_dict(self, state_dict: Mapping[str, Any]) -> None:
        """Take over what `state_dict` of a schedule with the same arguments returned."""
        for name, value in state_dict.items():
            self.__dict__[name] = _loaded(self.__dict__.get(name), value)


class RatioLR(LRScheduler):
    """A schedule given by the share of the initial rate at each epoch, less a floor.

    It multiplies the rates by the ratio of two shares, so that other schedules can change them too.
    """

    eta_min = 0.0
    _waits = True
    """Whether, made in the middle of a training, it leaves the rate as it was loaded."""

    def _share(self, epoch: int) -> float:
        raise NotImplementedError

    def get_lr(self) -> list[float]:
        """The rate of each group at `self.last_epoch`."""
        epoch, rates = self.last_epoch, rates_of(self.optimizer)
        now = self._share(epoch)
        before = self._share(epoch - 1) if epoch > 0 or not self._is_initial else 1.0
        if now == before or (self._is_initial and epoch > 0 and self._waits):
            return rates
        if before == 0:
            return [lr + (base - self.eta_min) * now for lr, base in zip(rates, self.base_lrs, strict=True)]
        return [self.eta_min + (lr - self.eta_min) * (now / before) for lr in rates]

    def _closed_form(self) -> list[float]:
        share = self._share(self.last_epoch)
        return [self.eta_min + (lr - self.eta_min) * share for lr in self.base_lrs]


def rates_of(optimizer: Optimizer) -> list[float]:
    """The rate of each group."""
    return [group["lr"] for group in optimizer.param_groups]


def require_optimizer(scheduler: LRScheduler, optimizer: Any) -> Optimizer:
    """The optimiser, if it is one."""
    if not isinstance(optimizer, Optimizer):
        raise TypeError(f"{type(scheduler).__name__}: expected an optimiser, got {type(optimizer).__name__}")
    return optimizer


def for_each_group(scheduler: LRScheduler, optimizer: Optimizer, name: str, value: Any) -> list[Any]:
    """One value for each group: the list given, or the one value repeated."""
    count = len(optimizer.param_groups)
    if not isinstance(value, list | tuple):
        return [value] * count
    if len(value) != count:
        raise ValueError(
            f"{type(scheduler).__name__}: {name} has {len(value)} entries, the optimiser has {count} groups; "
            "give one for each"
        )
    return list(value)


def require_member(scheduler: LRScheduler, name: str, value: str, members: tuple[str, ...]) -> None:
    """Refuse words that are not in the list."""
    if value not in members:
        raise ValueError(f"{type(scheduler).__name__}: {name} must be {' or '.join(members)}, got {value!r}")


def warn(scheduler: LRScheduler, message: str) -> None:
    """A warning that points to the line that called the schedule's method."""
    warnings.warn(f"{type(scheduler).__name__}: {message}", UserWarning, stacklevel=4)


def _state_of(value: Any) -> Any:
    """What is kept of a value: all of it, of a schedule its state, of an object that is called its attributes."""
    if isinstance(value, LRScheduler):
        return value.state_dict()
    if isinstance(value, list):
        return [_state_of(item) for item in value]
    if not callable(value):
        return value
    return None if isinstance(value, types.FunctionType) else dict(getattr(value, "__dict__", {})) or None


def _loaded(own: Any, saved: Any) -> Any:
    """The value with what was kept of it put back."""
    if isinstance(own, LRScheduler):
        own.load_state_dict(saved)
        return own
    if isinstance(own, list) and len(own) == len(saved):
        return [_loaded(one, other) for one, other in zip(own, saved, strict=True)]
    if callable(own):
        if saved is not None:
            own.__dict__.update(saved)
        return own
    return saved
