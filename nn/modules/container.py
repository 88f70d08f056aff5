"""Modules that hold modules."""

from __future__ import annotations

import operator
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from nn.modules.module import Module

__all__ = ["Sequential"]


class Sequential(Module):
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

    def _put(self, name: str, module: Any) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"Sequential: entry {name} must be a module, {type(module).__name__} came")
        self.add_module(name, module)

    def forward(self, input: Any) -> Any:
        """The composition of all modules."""
        for _, module in self._own_modules():
            input = module(input)
        return input

    def __len__(self) -> int:
        return len(list(self._own_modules()))

    def __iter__(self) -> Iterator[Module]:
        return (module for _, module in self._own_modules())

    def __getitem__(self, index: int | slice) -> Any:
        named = list(self._own_modules())
        if isinstance(index, slice):
            return type(self)(OrderedDict(named[index]))
        return named[operator.index(index)][1]

    def append(self, module: Module) -> Sequential:
        """Add a module at the end; returns self."""
        self._put(str(len(self)), module)
        return self
