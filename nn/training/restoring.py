"""The checkpoints of a training: what they say of its parts, which file is meant, and how the parts are put back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from nn.checkpoint import load
from nn.errors import CheckpointError
from nn.modules.module import Module
from nn.optim.optimizer import Optimizer
from nn.training.callback import Callback
from nn.training.checkpoints import ModelCheckpoint
from nn.training.steps import Schedule

__all__: list[str] = []


def states_of(
    model: Module, optimizer: Optimizer, schedules: Iterable[Schedule], callbacks: Iterable[Callback]
) -> dict[str, Any]:
    """The states of a training's parts, as a checkpoint has them."""
    return {
        "state_dict": model.state_dict(),
        "optimizer_states": [_named(optimizer)],
        "lr_schedulers": [_named(schedule.scheduler) for schedule in schedules],
        "callbacks": {key: callback.state_dict() for key, callback in _keyed(callbacks)},
    }


def gradients_of(model: Module) -> dict[str, Any]:
    """The gradients, for a checkpoint that is taken between the batches of one step."""
    return {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}


def put_back(
    checkpoint: Mapping[str, Any],
    path: Path,
    model: Module,
    optimizer: Optimizer,
    schedules: Iterable[Schedule],
    callbacks: Iterable[Callback],
) -> None:
    """Put the states of a training's parts back, and the gradients.

    Raises:
        CheckpointError: they are of other parts.
    """
    try:
        _require_same([optimizer], checkpoint["optimizer_states"])
        model.load_state_dict(checkpoint["state_dict"])
        for key, callback in _keyed(callbacks):
            if key in checkpoint["callbacks"]:
                callback.load_state_dict(checkpoint["callbacks"][key])
        schedulers = [schedule.scheduler for schedule in schedules]
        _require_same(schedulers, checkpoint["lr_schedulers"])
        optimizer.load_state_dict(checkpoint["optimizer_states"][0]["state"])
        for scheduler, saved in zip(schedulers, checkpoint["lr_schedulers"], strict=True):
            scheduler.load_state_dict(saved["state"])
        for name, gradient in checkpoint["gradients"].items():
            model.get_parameter(name).grad = gradient
    except (RuntimeError, ValueError, LookupError, TypeError, AttributeError) as error:
        raise CheckpointError(str(path), f"it is of another model or training; {error}") from error


def load_weights(model: Module, path: Path) -> None:
    """Put the weights alone back.

    Raises:
        CheckpointError: the file is damaged, no Trainer's, or of another model.
    """
    put_weights(model, read(path), path)


def put_weights(model: Module, checkpoint: Mapping[str, Any], path: Path, strict: bool = True) -> None:
    """Put the weights of a checkpoint into a model.

    Raises:
        CheckpointError: they are another model's.
    """
    try:
        model.load_state_dict(checkpoint["state_dict"], strict=strict)
    except (RuntimeError, ValueError) as error:
        raise CheckpointError(str(path), f"it is of another model; {error}") from error


def read(path: Path) -> dict[str, Any]:
    """A checkpoint as it was saved.

    Raises:
        CheckpointError: the file is damaged, or no Trainer's.
    """
    checkpoint = load(path)
    if not isinstance(checkpoint, dict) or not {"state_dict", "optimizer_states"} <= set(checkpoint):
        raise CheckpointError(
            str(path), "it is no checkpoint of a Trainer; put a state_dict back by model.load_state_dict(nn.load(path))"
        )
    return checkpoint


def find(ckpt_path: Any, callbacks: Iterable[Callback], root: Path, *, needed: bool) -> Path | None:
    """The file that is meant by a path, "best", "last" or None; None for none.

    Args:
        ckpt_path: what the Trainer was given.
        callbacks: those of the Trainer, which know their own folders and files.
        root: where runs are put.
        needed: whether to refuse "last" where there is none.

    Raises:
        ValueError: there is no such checkpoint yet.
        FileNotFoundError: there is no such file.
    """
    if ckpt_path is None:
        return None
    if ckpt_path not in ("last", "best"):
        if not Path(ckpt_path).exists():
            raise FileNotFoundError(
                f"Trainer: there is no checkpoint {str(ckpt_path)!r}; give the path of a file, 'last' or 'best'"
            )
        return Path(ckpt_path)
    savers = [callback for callback in callbacks if isinstance(callback, ModelCheckpoint)]
    if ckpt_path == "best":
        best = next((saver.best_model_path for saver in savers if saver.best_model_path), "")
        if not best:
            raise ValueError("Trainer: there is no best checkpoint yet; call fit with a ModelCheckpoint first")
        return Path(best)
    found = [saver.dirpath / "last.ckpt" for saver in savers if saver.dirpath is not None]
    runs = [run for run in root.glob("version_*") if re.fullmatch(r"version_\d+", run.name)]
    runs.sort(key=lambda run: -int(run.name.rpartition("_")[2]))
    found += [run / "checkpoints" / "last.ckpt" for run in runs]
    last = next((path for path in found if path.exists()), None)
    if last is None and needed:
        raise ValueError(f"Trainer: there is no last.ckpt in {root}; call fit first")
    return last


def run_of(path: Path, root: Path) -> Path | None:
    """The folder of the run that saved a checkpoint; None if it is no run of `root`."""
    run = path.resolve().parent.parent
    if re.fullmatch(r"version_\d+", run.name) and run.parent == root.resolve():
        return root / run.name
    return None


def _keyed(callbacks: Iterable[Callback]) -> Iterator[tuple[str, Callback]]:
    counts: dict[str, int] = {}
    for callback in callbacks:
        name = type(callback).__name__
        counts[name] = counts.get(name, 0) + 1
        yield (name if counts[name] == 1 else f"{name}#{counts[name]}"), callback


def _named(part: Any) -> dict[str, Any]:
    return {"class": type(part).__name__, "state": part.state_dict()}


def _require_same(parts: Sequence[Any], saved: Sequence[Mapping[str, Any]]) -> None:
    """Refuse the state of another class, which would be taken for this one's."""
    own, theirs = [type(part).__name__ for part in parts], [entry["class"] for entry in saved]
    if own != theirs:
        raise ValueError(f"it was trained with {theirs or 'no schedule'}, got {own or 'no schedule'}; use the same")
