"""Parts of a model by patterns of their dotted names: `conv1`, `layer?`, `*.bias`."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from nn.modules.module import Module

__all__: list[str] = []


def flat(patterns: Iterable[str | Iterable[str]], caller: str) -> list[str]:
    """Patterns and lists of them as one list.

    Raises:
        TypeError: one is no text.
    """
    found: list[str] = []
    for pattern in patterns:
        several = [pattern] if isinstance(pattern, str) else pattern
        if isinstance(several, Module) or not isinstance(several, Iterable):
            raise TypeError(
                f"{caller}: a pattern must be a text such as 'layer1.*', got {type(pattern).__name__}; "
                "give the dotted name that named_modules() lists"
            )
        found += several
    return found


def matched(model: Module, patterns: list[str], caller: str) -> set[str]:
    """The names of the parameters and of the modules that the patterns match, with all that lies below.

    Raises:
        ValueError: a pattern that matches nothing.
    """
    names = [name for name, _ in model.named_modules(remove_duplicate=False) if name]
    names += [name for name, _ in model.named_parameters(remove_duplicate=False)]
    found: set[str] = set()
    for pattern in patterns:
        hits = {name for name in names if any(fnmatchcase(path, pattern) for path in _upward(name))}
        if not hits:
            raise ValueError(
                f"{caller}: {pattern!r} matches no module and no parameter of {type(model).__name__}"
                f"{nearest(pattern, names)}; model.named_modules() lists the names, and * stands for any part of one"
            )
        found |= hits
    return found


def _upward(name: str) -> Iterator[str]:
    """The name, and those of the modules that it lies in."""
    while name:
        yield name
        name = name.rpartition(".")[0]


def nearest(name: str, names: Iterable[str]) -> str:
    """A question with the name that is nearest, or nothing where none is near."""
    near = difflib.get_close_matches(name.strip("*."), list(names), 1, 0.5)
    return f"; did you mean {near[0]!r}?" if near else ""
