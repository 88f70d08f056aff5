"""How a training that was broken off goes on: with the options it was started with, from what it saved last.

A `Trainer` saves by itself; a loop by hand has a `Keeper`.
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import nn
from nn.examples.console import Options
from nn.training import randomness

__all__ = ["Keeper", "recalled", "remember"]

REMEMBERED = {"lr": None, "seed": 0, "seeds": 1, "quick": False, "env": None}
"""What must be the same when a training goes on, and what each is where nobody chose."""


def remember(example: str, options: Options) -> None:
    """Write down what a run was started with, so that `--resume` needs its directory only."""
    options.log_dir.mkdir(parents=True, exist_ok=True)
    chosen = {name: value for name, value in asdict(options).items() if name in (*REMEMBERED, "epochs")}
    _file(options.log_dir).write_text(json.dumps({"example": example, **chosen}) + "\n", encoding="utf-8")


def recalled(example: str, options: Options) -> Options:
    """The options that the run in `log_dir` was started with; more epochs may be asked for.

    Raises:
        FileNotFoundError: there is no run.
        ValueError: it is a run of another example, or an option was given that is not the run's.
    """
    folder = options.log_dir
    if not _file(folder).exists():
        raise FileNotFoundError(f"train: {folder} holds no run to go on with; leave out --resume to begin one")
    saved = json.loads(_file(folder).read_text(encoding="utf-8"))
    begun = saved.pop("example")
    if begun != example:
        raise ValueError(f"train: {folder} holds a run of {begun}, got {example}; name {begun} to go on with it")
    for name, usual in REMEMBERED.items():
        if getattr(options, name) not in (usual, saved[name]):
            raise ValueError(
                f"train: the run in {folder} was begun with {name} {saved[name]}, got {getattr(options, name)}; "
                f"leave out --{name}, since a run goes on as it began"
            )
    if options.epochs is not None:
        saved["epochs"] = options.epochs
    return replace(options, **saved)


def _file(folder: Path) -> Path:
    return folder / "options.json"


class Keeper:
    """The state of a training by hand in one file: whatever has a `state_dict`, counters, and the random generators.

    Args:
        path: the file.
        parts: models, optimisers, schedules ..., by name.

    Example:
        >>> import tempfile, nn
        >>> model = nn.Linear(2, 1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     keeper = Keeper(Path(folder, "last.ckpt"), model=model)
        ...     before = keeper.load()
        ...     keeper.save(epoch=3)
        ...     print(before, keeper.load())
        {} {'epoch': 3}
    """

    def __init__(self, path: Path, **parts: Any) -> None:
        self.path, self.parts = path, parts

    def save(self, **counters: Any) -> None:
        """Write everything; the file takes its place when it is whole."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        parts = {name: part.state_dict() for name, part in self.parts.items()}
        nn.save({"parts": parts, "counters": counters, "random": randomness.snapshot([])}, self.path)

    def load(self) -> dict[str, Any]:
        """Put everything back, and return the counters; an empty dict, and nothing changed, where there is no file."""
        if not self.path.exists():
            return {}
        saved = nn.load(self.path)
        for name, part in self.parts.items():
            part.load_state_dict(saved["parts"][name])
        randomness.restore(saved["random"], [])
        return dict(saved["counters"])
