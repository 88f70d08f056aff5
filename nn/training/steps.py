"""What the Trainer asks of a model: the steps, and the optimiser with its schedules."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from nn.modules.module import Module
from nn.optim.lr_scheduler.plateau import ReduceLROnPlateau
from nn.optim.lr_scheduler.scheduler import LRScheduler
from nn.optim.optimizer import Optimizer

__all__: list[str] = []


class Schedule(NamedTuple):
    """A schedule, and when it is stepped."""

    scheduler: LRScheduler
    interval: str = "epoch"
    frequency: int = 1
    monitor: str | None = None


class Plain:
    """The steps of a model that has none of its own: criterion(model(x), y), of batches (x, y).

    Args:
        model: any module.
        criterion: makes a loss of (output, target).
        log: takes a name, a value and keywords.
    """

    def __init__(self, model: Module, criterion: Callable[[Any, Any], Any] | None, log: Callable[..., None]) -> None:
        self.model, self.criterion, self.log = model, criterion, log

    def _loss(self, batch: Any, step: str) -> Any:
        if self.criterion is None:
            raise TypeError(
                f"Trainer: {type(self.model).__name__} has no {step}_step; write one, or give a criterion, "
                "e.g. criterion=nn.CrossEntropyLoss()"
            )
        if not isinstance(batch, list | tuple) or len(batch) != 2:
            got = f"{len(batch)} entries" if isinstance(batch, list | tuple) else type(batch).__name__
            raise TypeError(
                f"Trainer: a batch for a criterion must be a pair (x, y), got {got}; "
                f"write a {step}_step for other batches"
            )
        x, y = batch
        return self.criterion(self.model(x), y)

    def training_step(self, batch: Any, batch_idx: int) -> Any:
        """The loss of a batch."""
        loss = self._loss(batch, "training")
        self.log("train_loss", loss, on_step=True, on_epoch=True, prog_bar=True)
        return loss

    def validation_step(self, batch: Any, batch_idx: int) -> None:
        """Log the loss of a batch."""
        self.log("val_loss", self._loss(batch, "validation"), prog_bar=True)

    def test_step(self, batch: Any, batch_idx: int) -> None:
        """Log the loss of a batch."""
        self.log("test_loss", self._loss(batch, "test"))


def require_model(use: str, model: Any) -> None:
    """Refuse what is no model, or one that takes its steps itself.

    Raises:
        TypeError: it is.
    """
    if not isinstance(model, Module):
        raise TypeError(f"Trainer.{use}: model must be an nn.Module, got {type(model).__name__}")
    if getattr(model, "automatic_optimization", True) is False:
        raise TypeError(
            f"Trainer.{use}: automatic_optimization of {type(model).__name__} must be True, got False; write the loop "
            "by hand where a model takes its steps itself, as a GAN's two optimisers do"
        )


def require_loader(use: str, loader: Any) -> None:
    """Refuse what is no loader with data in it.

    Raises:
        TypeError: it is none.
        ValueError: it is empty.
    """
    if not hasattr(loader, "__iter__"):
        raise TypeError(
            f"Trainer.{use}: a loader must be a DataLoader, a list of batches or the like, got {type(loader).__name__}"
        )
    if length(loader) == 0:
        raise ValueError(f"Trainer.{use}: a loader is empty; give one with data in it, or leave it out")


def length(loader: Any) -> int | None:
    """The batches of a loader; None where it does not tell."""
    try:
        return len(loader)
    except TypeError:  # a stream
        return None


def require_step(model: Any, name: str) -> Callable[[Any, int], Any]:
    """A step that the model defines, of a batch and its number; it may leave out the number.

    Raises:
        TypeError: it does not.
    """
    step = getattr(model, name, None)
    if not callable(step):
        raise TypeError(f"Trainer: {type(model).__name__} has no {name}; write {name}(self, batch, batch_idx)")
    try:
        inspect.signature(step).bind(None, 0)
    except TypeError:
        return lambda batch, batch_idx: step(batch)
    return step


def number_of(loss: Any) -> float:
    """The loss of a step as a number.

    Raises:
        TypeError: it is no loss.
    """
    try:
        return float(loss.item())
    except (AttributeError, RuntimeError) as error:
        shape = getattr(loss, "shape", None)
        got = type(loss).__name__ if shape is None else f"one of shape {tuple(shape)}, of which take the mean"
        if isinstance(loss, dict):
            got = f"a dict with {sorted(loss)}"
        raise TypeError(
            "Trainer: training_step must return the loss, a tensor with one number, or a dict with it as 'loss', or "
            f"None to leave the batch out; got {got}"
        ) from error


def optimizers_of(model: Module) -> tuple[Optimizer, list[Schedule]]:
    """What `configure_optimizers` returned, in any form that Lightning takes, with one optimiser.

    Raises:
        TypeError: it is missing, or returned something else.
    """
    owner = f"{type(model).__name__}.configure_optimizers"
    configure = getattr(model, "configure_optimizers", None)
    if not callable(configure):
        raise TypeError(
            f"Trainer: {type(model).__name__} has no configure_optimizers; write one that returns an optimiser, "
            "or give optimizer= to fit"
        )
    made: Any = configure()
    schedules: Any = []
    if isinstance(made, Mapping):
        schedules, monitor = made.get("lr_scheduler"), made.get("monitor")
        if monitor is not None and isinstance(schedules, LRScheduler):
            schedules = {"scheduler": schedules, "monitor": monitor}
        made = made.get("optimizer")
    elif isinstance(made, list | tuple) and len(made) == 2 and all(isinstance(part, list | tuple) for part in made):
        made, schedules = made
    if isinstance(made, list | tuple):
        if len(made) != 1:
            raise TypeError(
                f"{owner}: expected one optimiser, got {len(made)}; "
                "write the loop by hand for several, such as a GAN's, or give one of them several groups"
            )
        made = made[0]
    if not isinstance(made, Optimizer):
        raise TypeError(f"{owner}: expected an optimiser of nn.optim, got {type(made).__name__}")
    return made, schedules_of(schedules, owner)


def schedules_of(given: Any, owner: str) -> list[Schedule]:
    """Schedules in any form: a schedule, a dict with its options, a list of these, or None."""
    found = []
    for entry in given if isinstance(given, list | tuple) else [] if given is None else [given]:
        options = dict(entry) if isinstance(entry, Mapping) else {"scheduler": entry}
        unknown = sorted(set(options) - {"scheduler", "interval", "frequency", "monitor", "name", "strict"})
        if unknown or not isinstance(options.get("scheduler"), LRScheduler):
            got = f"the options {unknown}" if unknown else type(options.get("scheduler")).__name__
            raise TypeError(
                f"{owner}: expected a schedule of nn.optim.lr_scheduler, or a dict with it as 'scheduler' and the "
                f"options 'interval', 'frequency' and 'monitor'; got {got}"
            )
        schedule = Schedule(
            options["scheduler"], options.get("interval", "epoch"), options.get("frequency", 1), options.get("monitor")
        )
        if isinstance(schedule.frequency, bool) or not isinstance(schedule.frequency, int) or schedule.frequency < 1:
            raise ValueError(f"{owner}: frequency must be a whole number of 1 or more, got {schedule.frequency!r}")
        if schedule.interval not in ("epoch", "step"):
            raise ValueError(f"{owner}: interval must be 'epoch' or 'step', got {schedule.interval!r}")
        if isinstance(schedule.scheduler, ReduceLROnPlateau) and schedule.monitor is None:
            raise ValueError(
                f"{owner}: ReduceLROnPlateau looks at a metric; give "
                "{'scheduler': scheduler, 'monitor': 'val_loss'} with its name"
            )
        found.append(schedule)
    return found


def step_schedules(
    schedules: Iterable[Schedule], interval: str, count: int, monitored: Callable[[str, str], float | None]
) -> None:
    """Step the schedules whose turn it is after so many steps or epochs.

    Args:
        schedules: all of them.
        interval: what has ended, "step" or "epoch".
        count: how many of these lie behind.
        monitored: the value of a metric, of its name and of who asks; None to leave it out this time.
    """
    for scheduler, when, frequency, monitor in schedules:
        if when != interval or count % frequency:
            continue
        if isinstance(scheduler, ReduceLROnPlateau):
            value = monitored(str(monitor), "ReduceLROnPlateau")
            if value is not None:
                scheduler.step(value)
        else:
            scheduler.step()
