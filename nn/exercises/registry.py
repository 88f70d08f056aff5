"""Exercises by name: those of the catalogue, each loaded when it is first asked for, and those of teachers."""

from __future__ import annotations

import difflib
import importlib
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from nn.exercises.catalogue import CHAPTERS
from nn.exercises.declaration import REGISTRY, Exercise, Text

__all__ = ["UnknownExercise", "catalogue", "exercise", "exercises", "load"]


class UnknownExercise(KeyError):
    """There is no exercise of this name; `text` says so in English and in Chinese."""

    def __init__(self, name: str, near: str | None) -> None:
        advice = f"did you mean {near}?" if near else "fromzero exercise list shows all"
        hint = f"是不是 {near}？" if near else "全部练习见 fromzero exercise list"
        self.text: Text = (
            f"exercise: there is no exercise {name!r}; {advice}",
            f"没有名为 {name!r} 的练习；{hint}",
        )
        super().__init__(self.text[0])


def catalogue() -> list[str]:
    """The ids of the package's own exercises, in their order."""
    return [id for ids in CHAPTERS.values() for id in ids]


def exercise(name: str) -> Exercise:
    """An exercise by its id, by its number, or by the name of a function that it asks for.

    Raises:
        UnknownExercise: (a KeyError) there is none; the message names the nearest.

    Example:
        >>> exercise("softmax_backward")
        <Exercise softmax: softmax, softmax_backward>
        >>> exercise("4").title
        ('Softmax and its backward', 'softmax 及其反向')
    """
    own = catalogue()
    if name.isdigit() and 1 <= int(name) <= len(own):
        name = own[int(name) - 1]
    if name in own:
        importlib.import_module(f"nn.exercises.catalogue.{name}")
    if name in REGISTRY:
        return REGISTRY[name]
    known = exercises()
    for candidate in known:
        if name in candidate.required or (candidate.layer and name == candidate.layer):
            return candidate
    names = [n for candidate in known for n in (candidate.id, *candidate.required)]
    raise UnknownExercise(name, next(iter(difflib.get_close_matches(name, names, 1)), None))


def exercises() -> list[Exercise]:
    """All of them: the catalogue in its order, then what was declared elsewhere.

    Example:
        >>> [found.id for found in exercises()][:3]
        ['numerical_gradient', 'sigmoid', 'activations']
    """
    own = catalogue()
    for id in own:
        importlib.import_module(f"nn.exercises.catalogue.{id}")
    return [REGISTRY[id] for id in own] + [found for id, found in REGISTRY.items() if id not in own]


def load(path: str | Path) -> list[Exercise]:
    """Run a teacher's file, and give the exercises that it declares.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: it declares no exercise.
    """
    file = Path(path).resolve()
    name = f"fromzero_exercises_{file.stem}"
    if not file.is_file():
        raise FileNotFoundError(f"exercises: there is no file {path}")
    spec = spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise ValueError(f"exercises: expected a Python file, got {path}")
    module = module_from_spec(spec)
    sys.modules[name] = module  # so that `inspect` finds the source of its functions
    spec.loader.exec_module(module)
    found = [declared for declared in REGISTRY.values() if declared.module == name]
    if not found:
        raise ValueError(f"exercises: {path} declares no exercise; write `Exercise(...)` from nn.exercises")
    return found
