"""Modules that hold modules, so that their parameters are found, saved and trained with those of the whole.

- one after another, each called with the result of the one before (`Sequential`)
- a list, which the forward of its owner runs through (`ModuleList`)
- a dictionary, from which that forward chooses (`ModuleDict`)
"""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from typing import Any, TypeVar

from nn.modules.module import Module

__all__ = ["ModuleDict", "ModuleList", "Sequential"]

N = TypeVar("N", bound="_Numbered")


class _Numbered(Module):
    """Modules in a row, named by their numbers. Inserting or deleting a module numbers them again."""

    def _put(self, name: str, module: Any) -> None:
        if not isinstance(module, Module):
            owner, advice = type(self).__name__, ""
            if isinstance(module, type) and issubclass(module, Module):
                advice = f"; call the class: {module.__name__}(...)"
            elif isinstance(module, list | tuple) and all(isinstance(part, Module) for part in module):
                advice = f"; write {owner}(*modules)"
            elif callable(module):
                advice = "; wrap the function in a module of your own, or take the layer that does the same"
            raise TypeError(f"{owner}: entry {name} must be a module, got {type(module).__name__}{advice}")
        self.add_module(name, module)

    def _renew(self, modules: Iterable[Module]) -> None:
        for name, _ in list(self._own_modules()):
            delattr(self, name)
        for number, module in enumerate(modules):
            self._put(str(number), module)

    def __len__(self) -> int:
        return len(list(self._own_modules()))

    def __iter__(self) -> Iterator[Module]:
        return (module for _, module in self._own_modules())

    def _part(self, named: list[tuple[str, Module]]) -> Any:
        """A container of the same class with some of the modules."""
        return type(self)(*(module for _, module in named))

    def __getitem__(self, index: int | slice) -> Any:
        named = list(self._own_modules())
        return self._part(named[index]) if isinstance(index, slice) else named[operator.index(index)][1]

    def __setitem__(self, index: int, module: Module) -> None:
        self._put(list(self._own_modules())[operator.index(index)][0], module)

    def __delitem__(self, index: int | slice) -> None:
        left = list(self)
        del left[index]
        self._renew(left)

    def append(self: N, module: Module) -> N:
        """Add a module at the end; returns self."""
        self._put(str(len(self)), module)
        return self

    def extend(self: N, modules: Iterable[Module]) -> N:
        """Add modules at the end; returns self."""
        if not isinstance(modules, Iterable):
            raise TypeError(
                f"{type(self).__name__}: extend takes several modules in a list, got {type(modules).__name__}"
            )
        for module in list(modules):
            self.append(module)
        return self

    def insert(self: N, index: int, module: Module) -> N:
        """Put a module before the one of this index; returns self."""
        if not -len(self) <= index <= len(self):
            raise IndexError(f"{type(self).__name__}: index {index} is out of range, there are {len(self)} modules")
        modules = list(self)
        modules.insert(index, module)
        self._renew(modules)
        return self

    def pop(self, key: int | slice) -> Any:
        """Take a module out and return it."""
        module = self[key]
        del self[key]
        return module

    def __iadd__(self: N, other: Iterable[Module]) -> N:
        return self.extend(other)


class Sequential(_Numbered):
    """Calls its modules one after another, each with the result of the one before.

    Args:
        args: modules, or one OrderedDict of modules by name.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))
        >>> model
        Sequential(
          (0): Linear(in_features=2, out_features=4, bias=True)
          (1): ReLU()
          (2): Linear(in_features=4, out_features=1, bias=True)
        )
        >>> model(nn.zeros(5, 2)).shape
        (5, 1)
    """

    def __init__(self, *args: Module | OrderedDict[str, Module]) -> None:
        super().__init__()
        named = args[0].items() if len(args) == 1 and isinstance(args[0], dict) else enumerate(args)
        for name, module in named:
            self._put(str(name), module)

    def _part(self, named: list[tuple[str, Module]]) -> Any:
        return type(self)(OrderedDict(named))

    def forward(self, input: Any) -> Any:
        """Apply all modules, one after another."""
        for part in self.__dict__.copy().values():
            if isinstance(part, Module):
                input = part(input)
        return input

    def __add__(self, other: Sequential) -> Sequential:
        return Sequential(*self, *_sequential(other))

    def __iadd__(self, other: Iterable[Module]) -> Any:
        return self.extend(_sequential(other))

    def __mul__(self, other: int) -> Sequential:
        return Sequential(*list(self) * _times(other))

    def __rmul__(self, other: int) -> Sequential:
        return self * other

    def __imul__(self, other: int) -> Any:
        return self.extend(list(self) * (_times(other) - 1))


def _sequential(other: Any) -> Sequential:
    if not isinstance(other, Sequential):
        raise ValueError(f"Sequential: only a Sequential can be added, got {type(other).__name__}; use extend")
    return other


def _times(count: Any) -> int:
    if not isinstance(count, int):
        raise TypeError(f"Sequential: only an integer can multiply it, got {type(count).__name__}")
    if count <= 0:
        raise ValueError(f"Sequential: it must be repeated once or more, got {count}")
    return count


class ModuleList(_Numbered):
    """A list of modules that belong to the module that holds it; it has no forward of its own.

    Args:
        modules: any number of modules.

    Example:
        >>> import nn
        >>> layers = nn.ModuleList(nn.Linear(2, 2) for _ in range(3))
        >>> layers
        ModuleList(
          (0-2): 3 x Linear(in_features=2, out_features=2, bias=True)
        )
        >>> len(list(layers.parameters()))
        6
    """

    def __init__(self, modules: Iterable[Module] | None = None) -> None:
        super().__init__()
        self.extend(modules or ())

    def _part(self, named: list[tuple[str, Module]]) -> Any:
        return type(self)(module for _, module in named)

    def __add__(self, other: Iterable[Module]) -> ModuleList:
        return ModuleList([*self, *other])

    def __repr__(self) -> str:
        rows: list[tuple[int, int, str]] = []  # equal neighbours in one row: first number, last number, text
        for number, module in enumerate(self):
            text = repr(module)
            if rows and rows[-1][2] == text:
                rows[-1] = (rows[-1][0], number, text)
            else:
                rows.append((number, number, text))
        lines = [f"({a}): {t}" if a == b else f"({a}-{b}): {b - a + 1} x {t}" for a, b, t in rows]
        inner = "".join("\n  " + line.replace("\n", "\n  ") for line in lines)
        return f"{type(self).__name__}({inner}{chr(10) if lines else ''})"


class ModuleDict(Module):
    """A dictionary of modules that belong to the module that holds it; it has no forward of its own.

    Args:
        modules: a mapping from names to modules, or pairs of them. The order is kept.

    Example:
        >>> import nn
        >>> heads = nn.ModuleDict({"up": nn.ReLU(), "down": nn.Tanh()})
        >>> list(heads)
        ['up', 'down']
        >>> heads["up"]
        ReLU()
    """

    def __init__(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]] | None = None) -> None:
        super().__init__()
        self.update(modules or {})

    def _all(self) -> dict[str, Module]:
        return dict(self._own_modules())

    def __getitem__(self, key: str) -> Any:
        return self._all()[key]

    def __setitem__(self, key: str, module: Module) -> None:
        self.add_module(key, module)

    def __delitem__(self, key: str) -> None:
        _ = self[key]
        delattr(self, key)

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __contains__(self, key: str) -> bool:
        return key in self._all()

    def clear(self) -> None:
        """Take all modules out."""
        for key in self._all():
            delattr(self, key)

    def pop(self, key: str) -> Any:
        """Take a module out and return it."""
        module = self[key]
        del self[key]
        return module

    def keys(self) -> KeysView[str]:
        """Return the names."""
        return self._all().keys()

    def items(self) -> ItemsView[str, Module]:
        """Return names and modules."""
        return self._all().items()

    def values(self) -> ValuesView[Module]:
        """Return the modules."""
        return self._all().values()

    def update(self, modules: Mapping[str, Module] | Iterable[tuple[str, Module]]) -> None:
        """Add modules, or put them in the place of those of the same names."""
        for key, module in pairs(modules, "ModuleDict"):
            self[key] = module


def pairs(values: Any, owner: str) -> list[tuple[str, Any]]:
    """The items of a mapping, or the pairs in the order given."""
    if not isinstance(values, Iterable):
        raise TypeError(f"{owner}: expected a mapping, or pairs of name and value, got {type(values).__name__}")
    found = list(values.items() if hasattr(values, "items") else values)
    for number, pair in enumerate(found):
        if not isinstance(pair, Iterable):
            raise TypeError(f"{owner}: entry {number} must be a pair of name and value, got {type(pair).__name__}")
        if len(tuple(pair)) != 2:
            raise ValueError(f"{owner}: entry {number} must be a pair of name and value, got {len(tuple(pair))} parts")
    return found
