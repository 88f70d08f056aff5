"""The options of a Trainer: which are refused, and which callbacks it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.training.callback import Callback
from nn.training.checkpoints import ModelCheckpoint
from nn.training.progress import ProgressBar

__all__: list[str] = []


def require_whole(name: str, value: Any, least: int) -> None:
    """Refuse what is no whole number of at least so much.

    Raises:
        ValueError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise ValueError(f"Trainer: {name} must be a whole number of {least} or more, got {value!r}")


def require_clipping(largest: float | None, algorithm: str) -> None:
    """Refuse an unknown way to clip gradients, or a limit below 0.

    Raises:
        ValueError: it is one of these.
    """
    if algorithm not in ("norm", "value"):
        raise ValueError(f"Trainer: gradient_clip_algorithm must be 'norm' or 'value', got {algorithm!r}")
    if largest is not None and not largest >= 0:
        raise ValueError(f"Trainer: gradient_clip_val must be 0 or more, got {largest}")


def require_logger(logger: Any) -> None:
    """Refuse what neither is a writer nor makes one.

    Raises:
        TypeError: it is of another kind.
    """
    if logger not in (None, False) and not callable(logger) and not hasattr(logger, "add_scalar"):
        raise TypeError(
            "Trainer: logger must be a writer with add_scalar, or a class that makes one of a folder, "
            f"got {type(logger).__name__}; give logger=SummaryWriter"
        )


def with_models_own(callbacks: Sequence[Callback], model: Any) -> list[Callback]:
    """The callbacks, and those of the model's `configure_callbacks`, which replace others of their class.

    Raises:
        TypeError: one of them is no callback.
    """
    configure = getattr(model, "configure_callbacks", None)
    own = completed(configure() if callable(configure) else None, saver=False, bar=False)
    kinds = {type(callback) for callback in own}
    return _savers_last([*(callback for callback in callbacks if type(callback) not in kinds), *own])


def _savers_last(callbacks: list[Callback]) -> list[Callback]:
    """They save the rest."""
    return sorted(callbacks, key=lambda callback: isinstance(callback, ModelCheckpoint))


def completed(callbacks: Callback | Sequence[Callback] | None, *, saver: bool, bar: bool) -> list[Callback]:
    """The callbacks in the order in which they are called, with a saver and a progress bar where there is none.

    Args:
        callbacks: one, several, or None.
        saver: whether to add a `ModelCheckpoint`.
        bar: whether to add a `ProgressBar`.

    Raises:
        TypeError: one of them is no callback.
    """
    given = [callbacks] if isinstance(callbacks, Callback) else list(callbacks or [])
    for callback in given:
        if not isinstance(callback, Callback):
            raise TypeError(f"Trainer: a callback must be a nn.training.Callback, got {type(callback).__name__}")
    if bar and not any(isinstance(callback, ProgressBar) for callback in given):
        given.append(ProgressBar())
    if saver and not any(isinstance(callback, ModelCheckpoint) for callback in given):
        given.append(ModelCheckpoint())
    return _savers_last(given)
