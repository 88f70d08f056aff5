"""A learner's answer, in whatever form it is handed over, as names that checks can call."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from nn.exercises.declaration import Exercise

__all__ = ["Absent", "Given", "Unfit", "names_of"]


class Absent(Exception):
    """The solution has no such name."""


class Unfit(TypeError):
    """What was handed over is no solution in any form."""


class Given:
    """What the learner wrote: `given.softmax(x)` calls it with copies of the arrays, so that no check is spoilt."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self._names = names

    def __getattr__(self, name: str) -> Any:
        if name not in self._names:
            raise Absent(name)
        value = self._names[name]
        return _Copying(value, name) if callable(value) and not isinstance(value, type) else value


class _Copying:
    """A function of the learner's that gets copies; the function itself is `itself`."""

    def __init__(self, itself: Callable[..., Any], name: str) -> None:
        self.itself, self.__name__ = itself, name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.itself(*map(_copied, args), **{key: _copied(value) for key, value in kwargs.items()})


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    if type(value) in (list, tuple):
        return type(value)(_copied(inner) for inner in value)
    if type(value) is dict:
        return {key: _copied(inner) for key, inner in value.items()}
    return value


def names_of(exercise: Exercise, solution: Any) -> dict[str, Any]:
    """The names of a function, a class, a module, a dict such as `globals()`, or the file at a path.

    Raises:
        Unfit: (a TypeError) it is none of these.
        Exception: whatever the file raises while it is loaded.
    """
    if isinstance(solution, Mapping):
        names = dict(solution)
    elif isinstance(solution, ModuleType):
        names = dict(vars(solution))
    elif isinstance(solution, str | os.PathLike):
        names = _loaded(Path(solution))
    elif callable(solution):
        name = getattr(solution, "__name__", "")
        only = next(iter(exercise.required)) if len(exercise.required) == 1 else name
        names = {name if name in exercise.required or name == exercise.layer else only: solution}
    else:
        raise Unfit(
            f"check: expected a function, a class, a module, a dict such as globals(), or the path of a file, got "
            f"{type(solution).__name__}"
        )
    return _with_layer(exercise, names)


def _loaded(path: Path) -> dict[str, Any]:
    """Exactly what stands in the file, compiled and run; its folder can be imported from."""
    names: dict[str, Any] = {"__name__": path.stem, "__file__": str(path), "__builtins__": __builtins__}
    module = ModuleType(path.stem)
    module.__dict__.update(names)
    code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    folder = str(path.resolve().parent)
    sys.path.append(folder)
    try:
        exec(code, module.__dict__)
    finally:
        sys.path.remove(folder)
    return module.__dict__


def _with_layer(exercise: Exercise, names: dict[str, Any]) -> dict[str, Any]:
    """A class with `forward` and `backward`, where the exercise allows one, as the two functions."""
    layer: Any = names.get(exercise.layer)
    if not exercise.layer or not isinstance(layer, type):
        return names
    first, second = list(exercise.required)[:2]
    if first in names or second in names:
        return names

    def forward(*inputs: Any) -> Any:
        return layer().forward(*inputs)

    def backward(g: Any, *inputs: Any) -> Any:
        made = layer()
        made.forward(*inputs)
        return made.backward(g)

    return {**names, first: forward, second: backward}
