"""The face of a package: one table of its names by file; a file is loaded when one of its names is asked for.

    show("nn.functional", {"linear": "bilinear linear", ...})

What is asked for once is then an attribute like any other. A name that is in no file loads nothing.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterable, Mapping
from types import ModuleType
from typing import Any

__all__: list[str] = []


def show(package: str, files: Mapping[str, str], folders: Iterable[str] | Mapping[str, str] = ()) -> None:
    """Give a package its names: those of each file, and the folders and files that are asked for whole.

    `folders` are those of the package itself, or names for modules anywhere.
    """
    module: Any = sys.modules[package]
    module.__class__ = Face
    vars(module).update(
        _files={name: file for file, names in files.items() for name in names.split()},
        _folders=folders if isinstance(folders, Mapping) else {name: f"{package}.{name}" for name in folders},
    )
    module.__all__ = dir(module)


def show_methods(cls: type, files: Mapping[str, str]) -> None:
    """Give a class the methods that files declare with `@method`: each is loaded when it is first asked for."""
    for file, names in files.items():
        for name in names.split():
            if name not in vars(cls):
                setattr(cls, name, Later(file, name))


class Later:
    """Stands in for a method until somebody asks for it: its file is loaded, which puts the method in this place."""

    __slots__ = ("_file", "_name")

    def __init__(self, file: str, name: str) -> None:
        self._file, self._name = file, name

    def __get__(self, instance: Any, owner: type) -> Any:
        importlib.import_module(self._file)
        return getattr(owner if instance is None else instance, self._name)


class Face(ModuleType):
    """A package whose names are fetched from its files when they are first asked for."""

    _files: Mapping[str, str]
    _folders: Mapping[str, str]

    def __getattr__(self, name: str) -> Any:
        if name in self._folders:
            return importlib.import_module(self._folders[name])
        if name not in self._files:
            message = f"module {self.__name__!r} has no attribute {name!r}{self._nearest(name)}"
            raise AttributeError(message, name=name, obj=None)  # with an object Python would add a guess of its own
        value = getattr(importlib.import_module(self._files[name]), name)
        setattr(self, name, value)
        return value

    def __setattr__(self, name: str, value: Any) -> None:
        if isinstance(value, ModuleType) and name in self._files:
            value = getattr(value, name)  # the file `linear` must not hide the function `linear`
        super().__setattr__(name, value)

    def __dir__(self) -> list[str]:
        own = [name for name, value in vars(self).items() if name[0] != "_" and not isinstance(value, ModuleType)]
        return sorted({*own, *self._files, *self._folders})

    def _nearest(self, name: str) -> str:
        import difflib  # only for somebody who mistyped

        near = difflib.get_close_matches(name, dir(self), 1) if name[0] != "_" else []
        return f"; did you mean {near[0]!r}?" if near else ""
