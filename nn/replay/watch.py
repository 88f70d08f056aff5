"""What a step depends on beside its arguments: found once by following what it refers to, compared before each replay.

A captured step has frozen every Python number, every branch and every object that it met. So all that it can reach is
watched: the variables that its functions hold, the attributes of models and optimisers (whether they train, how many
layers there are), the options of groups, and which array each parameter has. The values inside arrays are read again
by each replay and need no watching; neither do the rates that a schedule moves.
"""

from __future__ import annotations

import operator
import types
from itertools import chain
from operator import is_
from typing import Any

import numpy as np

from nn.autograd.tape import TensorBase
from nn.optim.lr_scheduler.scheduler import LRScheduler
from nn.optim.optimizer import Optimizer
from nn.replay.recorder import is_own
from nn.rng import Generator

__all__: list[str] = []

PLAIN = (bool, int, float, complex, str, bytes, type(None))
FAR = (*PLAIN, type, types.ModuleType, types.BuiltinFunctionType, np.ndarray, np.dtype, np.generic, Generator)
"""What is compared and not looked into."""
MANY = 1000
"""A longer list of anything is data: it is not watched item by item."""
BOOKKEEPING = ("_buffers", "defaults")
"""Attributes that no step computes with."""

_array = operator.attrgetter("_array")
_contents = operator.attrgetter("cell_contents")
_requires_grad = operator.attrgetter("_requires_grad")


class Watch:
    """What a function can reach, as it is now.

    Attributes:
        tensors: each tensor that was found.
        groups: the groups of the optimisers.
        schedules: the schedules, whose counts may change, since they make their own step at each replay.
    """

    def __init__(self, function: Any) -> None:
        self.tensors: dict[TensorBase, None] = {}
        self.groups: list[dict[str, Any]] = []
        self.schedules: list[LRScheduler] = []
        self._dicts: list[tuple[str, dict[Any, Any]]] = []
        self._lists: list[tuple[str, list[Any]]] = []
        self._cells: list[tuple[str, Any]] = []
        self._globals: list[tuple[str, dict[str, Any]]] = []
        kept: dict[int, Any] = {}  # so that no id is given to another object
        waiting = [("the step", function)]
        while waiting:
            name, value = waiting.pop()
            if id(value) not in kept and not isinstance(value, FAR):
                kept[id(value)] = value
                waiting += self._look_into(name, value)
        self._take()

    def _look_into(self, name: str, value: Any) -> list[tuple[str, Any]]:
        """Watch what a value holds, and return that, with names."""
        if isinstance(value, TensorBase):
            self.tensors[value] = None
            return []
        if type(value).__module__ == "nn.replay.capture":  # itself (`optimizer.step` names it too), or a part of this
            return [(name, value._step)] if hasattr(value, "_step") else []
        if isinstance(value, LRScheduler):
            self.schedules.append(value)
            return [(f"{name}.{k}", v) for k, v in vars(value).items() if isinstance(v, Optimizer | LRScheduler | list)]
        if isinstance(value, types.FunctionType):
            return self._of_function(value)
        if isinstance(value, types.MethodType):
            return [(name, value.__self__), (name, value.__func__)]
        if isinstance(value, list | tuple | set | frozenset):
            if isinstance(value, list):
                self._lists.append((name, value))
            return [(f"{name}[{i}]", item) for i, item in enumerate(value)] if len(value) <= MANY else []
        own = value if isinstance(value, dict) else getattr(value, "__dict__", None)
        if not isinstance(own, dict):
            return []
        if isinstance(own.get("params"), list):  # a group of an optimiser
            self.groups.append(own)
        else:
            name = name if own is value else type(value).__name__
            self._dicts.append((name, own))
        return [(_label(name, key), item) for key, item in own.items() if key not in BOOKKEEPING]

    def _of_function(self, function: Any) -> list[tuple[str, Any]]:
        """What a function holds: its variables, its defaults, and the globals it names, unless it is of `nn` itself."""
        found = [(f"{function.__name__}'s default", value) for value in function.__defaults__ or ()]
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            if _is_filled(cell):
                self._cells.append((name, cell))
                found.append((name, cell.cell_contents))
        for name in () if is_own(function.__code__.co_filename) else _names(function.__code__):
            value = function.__globals__.get(name)
            if value is not None and not isinstance(value, types.ModuleType | type):
                self._globals.append((name, function.__globals__))
                found.append((name, value))
        return found

    def _take(self) -> None:
        """Keep what is there now, flat, so that it can be compared without a loop in Python."""
        dicts, lists = [d for _, d in self._dicts], [v for _, v in self._lists]
        self._lengths = [*map(len, dicts), *map(len, lists)]
        self._sized = [*dicts, *lists]
        self._values = [*(d.values() for d in dicts), *lists]
        self._before = [*chain.from_iterable(self._values)]
        self._held = [cell for _, cell in self._cells]
        self._spaces = [(name, space, space.get(name)) for name, space in self._globals]
        self._contents = [*map(_contents, self._held)]
        self._arrays = [*map(_array, self.tensors)]
        self._require = [*map(_requires_grad, self.tensors)]
        self._options = [
            (group, name, value)
            for group in self.groups
            for name, value in group.items()
            if value.__class__ not in (float, tuple)
        ]
        found = [(space, name, value) for name, space, value in self._spaces] + self._options
        self._looked_up: Any = [*zip(*found, strict=True)] or [(), (), ()]

    def holds(self) -> bool:
        """Whether all is as it was, object for object."""
        if [*map(len, self._sized)] != self._lengths:
            return False
        return (
            all(map(is_, map(dict.get, *self._looked_up[:2]), self._looked_up[2]))
            and all(map(is_, chain.from_iterable(self._values), self._before))
            and all(map(is_, map(_contents, self._held), self._contents))
            and all(map(is_, map(_array, self.tensors), self._arrays))
            and all(map(is_, map(_requires_grad, self.tensors), self._require))
        )

    def change(self) -> str | None:
        """What is no longer as it was, by name; None if all is, or equal to it."""
        if self.holds():
            return None
        before = iter(self._before)
        for name, own in self._dicts:
            mine = [next(before) for _ in range(self._lengths[self._place(own)])]
            for (key, value), old in zip(own.items(), mine, strict=False):
                if not _alike(value, old):
                    return _label(name, key)
            if len(own) != len(mine):
                return name
        for name, items in self._lists:
            mine = [next(before) for _ in range(self._lengths[self._place(items)])]
            if len(items) != len(mine) or not all(map(_alike, items, mine)):
                return name
        for (name, cell), old in zip(self._cells, self._contents, strict=True):
            if not _alike(cell.cell_contents, old):
                return name
        for name, space, old in self._spaces:
            if not _alike(space.get(name), old):
                return name
        for group, name, old in self._options:
            if not _alike(group.get(name), old):
                return f"the option {name}"
        for tensor, array, required in zip(self.tensors, self._arrays, self._require, strict=True):
            if tensor._array is not array or tensor._requires_grad is not required:
                return f"the memory of a tensor of shape {array.shape}, or whether it requires a gradient,"
        self._take()  # equal numbers that are other objects
        return None

    def _place(self, sized: Any) -> int:
        return next(i for i, other in enumerate(self._sized) if other is sized)


def _alike(one: Any, other: Any) -> bool:
    return one is other or (isinstance(one, PLAIN) and type(one) is type(other) and one == other)


def _label(name: str, key: Any) -> str:
    return f"{name}.{key}" if isinstance(key, str) else name


def _names(code: types.CodeType) -> list[str]:
    """The globals that a function names, also within the functions that it defines."""
    inner = [name for const in code.co_consts if isinstance(const, types.CodeType) for name in _names(const)]
    return list(dict.fromkeys([*code.co_names, *inner]))


def _is_filled(cell: Any) -> bool:
    try:
        cell.cell_contents  # noqa: B018  (an empty cell raises)
    except ValueError:
        return False
    return True
