"""What a step depends on beside its arguments: found once by following what it refers to, compared before each replay.

A captured step has frozen every Python number, every branch and every object that it met. So all that it can reach is
watched: the variables that its functions hold, the attributes of models and optimisers (whether they train, how many
layers there are), the options of groups, and which array each parameter has. The values inside arrays are read again
by each replay and need no watching; neither do the rates that a schedule moves.
"""

from __future__ import annotations

import functools
import os
import sys
import types
from collections.abc import Callable
from itertools import chain
from operator import is_
from pathlib import Path
from typing import Any

import numpy as np

from nn.autograd.tape import TensorBase
from nn.modules.module import Module, attributes_set
from nn.optim.lr_scheduler.scheduler import LRScheduler
from nn.optim.optimizer import Optimizer
from nn.replay.chance import is_generator
from nn.replay.recorder import is_own
from nn.replay.straight import Lines
from nn.rng import Generator

__all__: list[str] = []

NOT_LOOKED_INTO = ("site-packages", *(f"{Path(str(module.__file__)).parent}{os.sep}" for module in (os, np)))
"""Where installed packages, Python and NumPy are: what a step uses of them does not change."""
NUMBERS = (int, float, complex, str, bytes)
PLAIN = (*NUMBERS, type(None))
FAR = (*PLAIN, type, types.ModuleType, types.BuiltinFunctionType, np.ndarray, np.dtype, np.generic, Generator)
"""What is compared and not looked into."""
MANY = 1000
"""A longer list of anything is data: it is not watched item by item."""
BOOKKEEPING = ("_buffers", "defaults")
"""Attributes that no step computes with."""
CALLED = frozenset({"forward", "backward", "__call__"})
"""Methods that are called although no text of the user's names them."""
END = (object(),)
"""What stands after a dictionary or a list: one that has grown or shrunk pushes it to another place."""


class Watch:
    """What a function can reach, as it is now.

    Attributes:
        tensors: each tensor that was found.
        groups: the groups of the optimisers.
        schedules: the schedules, whose counts may change, since they make their own step at each replay.
        generators: what draws random numbers and is not of `nn`, with names.
    """

    def __init__(self, function: Any) -> None:
        self.tensors: dict[TensorBase, None] = {}
        self.groups: list[dict[str, Any]] = []
        self.schedules: list[LRScheduler] = []
        self.generators: list[tuple[str, Any]] = []
        self._looked_up: set[tuple[int, str]] = set()
        self._sized: list[tuple[str, Any, bool]] = []  # name, dictionary or list; calm?
        self._facts: list[tuple[str, Any, str]] = []  # a label, and whose attribute or item it is
        self._names: set[str] = set()  # all that the text of the user's functions asks for
        self._spaces: dict[int, tuple[str, Any]] = {}  # classes and modules, which are asked for by name
        kept: dict[int, Any] = {}  # so that no id is given to another object
        waiting = [("the step", function)]
        while waiting:
            while waiting:
                name, value = waiting.pop()
                if isinstance(value, type | types.ModuleType) and _is_users(value):
                    self._spaces.setdefault(id(value), (name, value))
                elif id(value) not in kept and not isinstance(value, FAR):
                    kept[id(value)] = value
                    waiting += self._look_into(name, value)
            waiting = self._asked_for()
        self._take()

    def _asked_for(self) -> list[tuple[str, Any]]:
        """Watch what is asked for by name in classes and modules, and was not yet: methods, constants, functions."""
        found = []
        for label, space in list(self._spaces.values()):
            own = vars(space)
            for name in sorted(own.keys() & (self._names | CALLED)):
                if (id(space), name) in self._looked_up:
                    continue
                self._looked_up.add((id(space), name))
                value = own[name]
                if isinstance(value, property):
                    value = value.fget
                elif isinstance(value, staticmethod | classmethod):
                    value = value.__func__
                if not isinstance(own[name], classmethod):  # which is another object each time that it is asked for
                    self._facts.append((f"{label}.{name}", own if isinstance(own, dict) else space, name))
                found.append((f"{label}.{name}", value))
        return found

    def _look_into(self, name: str, value: Any) -> list[tuple[str, Any]]:
        """Watch what a value holds, and return that, with names."""
        if isinstance(value, TensorBase):
            self.tensors[value] = None
            return []
        if is_generator(value):
            self.generators.append((name, value))
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
        if isinstance(value, functools.partial):
            return [(name, value.func), *((name, item) for item in (*value.args, *value.keywords.values()))]
        if isinstance(value, list | tuple | set | frozenset):
            if isinstance(value, list | set):
                self._sized.append((name, value, all(map(_is_exact, value))))
            return [(f"{name}[{i}]", item) for i, item in enumerate(value)] if len(value) <= MANY else []
        own = value if isinstance(value, dict) else getattr(value, "__dict__", None)
        found: list[tuple[str, Any]] = [] if own is value else self._of_class(name, value)
        if not isinstance(own, dict):
            return found
        if isinstance(own.get("params"), list):  # a group of an optimiser
            self.groups.append(own)
        else:
            name = name if own is value else type(value).__name__
            calm = isinstance(value, Module | Optimizer) or all(map(_is_empty, own.values()))
            self._sized.append((name, own, calm))
        return found + [(_label(name, key), item) for key, item in own.items() if key not in BOOKKEEPING]

    def _of_class(self, name: str, value: Any) -> list[tuple[str, Any]]:
        """The user's classes of an object, whose methods and constants it has, and what it holds in slots."""
        found: list[tuple[str, Any]] = []
        for kind in filter(_is_users, type(value).__mro__):
            found.append((kind.__name__, kind))
            slots = kind.__dict__.get("__slots__", ())
            for slot in [slots] if isinstance(slots, str) else slots:
                if hasattr(value, slot):
                    self._facts.append((f"{name}.{slot}", value, slot))
                    found.append((f"{name}.{slot}", getattr(value, slot)))
        return found

    def _of_function(self, function: Any) -> list[tuple[str, Any]]:
        """What a function holds: its variables, its defaults, and the globals it names, unless it is of `nn` itself."""
        defaults = [*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values()]
        found = [(f"{function.__name__}'s default", value) for value in defaults]
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            if _is_filled(cell):
                self._facts.append((name, cell, "cell_contents"))
                found.append((name, cell.cell_contents))
        names = [] if is_own(function.__code__.co_filename) else _names(function.__code__)
        self._names.update(names)
        for name in names:
            value = function.__globals__.get(name)
            if getattr(value, "_step", None) is function:
                continue  # the captured step itself, which has the name of `optimizer.step`; it must not hold itself
            if name in function.__globals__:
                if not isinstance(value, types.ModuleType | type):
                    self._facts.append((name, function.__globals__, name))
                found.append((name, value))
        return found

    def _take(self) -> None:
        """Keep what there is now, in one list with a label for each, and write out how it is compared."""
        tensors = [(f"a tensor of shape {tensor._array.shape}", tensor) for tensor in self.tensors]
        self._facts += [(f"the memory of {label}", tensor, "_array") for label, tensor in tensors]
        for group in self.groups:
            names = ["params", *(name for name, v in group.items() if v.__class__ not in (float, tuple))]
            self._facts += [(f"the option {name}", group, name) for name in names]
        self._facts += [(f"whether {label} requires a gradient", tensor, "_requires_grad") for label, tensor in tensors]
        self._labels = [label for label, _, _ in self._facts]
        self._parts: list[Any] = []
        for name, own, _ in self._sized:
            if isinstance(own, dict):
                self._labels += [_label(name, key) for key in own] * 2
                self._parts += [own, own.values(), END]
            else:
                self._labels += [name] * len(own)
                self._parts += [own, END]
            self._labels.append(name)
        self._calm, self._copies = [own for _, own, calm in self._sized if calm], list[Any]()
        self._before: list[Any] = []
        self._ids: list[tuple[Any, list[int]]] = []
        self._set = [0]
        self._lines = Lines()
        self._tests = self._written_out(self._lines)
        self._keep(self._now())

    def _written_out(self, lines: Lines) -> list[str]:
        """What compares each thing: object for object, or where that is as good, by equality or by a count."""
        before, now = lines.name(self._before), self._now()

        def kept(place: int) -> str:
            """What was there: an object by its name, a number by its place, since an equal one may take it."""
            value = now[place]
            numbers = isinstance(value, NUMBERS) and value.__class__ is not bool
            return f"{before}[{place}]" if numbers else lines.name(value)

        tests = [f"{lines.name(attributes_set)} == {lines.name(self._set)}"]
        tests += [f"{lines.name(self._calm)} == {lines.name(self._copies)}"]
        for place, (_, own, name) in enumerate(self._facts):
            look = f"[{lines.name(name)}]" if isinstance(own, dict) else f".{name}"
            tests.append(f"{lines.name(own)}{look} is {kept(place)}")
        place = len(self._facts)
        for _, own, calm in self._sized:
            if not calm:
                tests.append(self._same_objects(lines, own))
            place += len(own)
            if isinstance(own, dict):
                if not calm and all(isinstance(key, str) for key in own):
                    looks = [f"{lines.name(own)}[{lines.name(key)}]" for key in own]
                    tests += [f"{look} is {kept(number)}" for number, look in enumerate(looks, place)]
                elif not calm:
                    tests.append(self._same_objects(lines, own.values()))
                place += len(own)
            place += len(END)
        return tests

    def _same_objects(self, lines: Lines, part: Any) -> str:
        self._ids.append((part, []))
        return f"[*map(id, {lines.name(part)})] == {lines.name(self._ids[-1][1])}"

    @functools.cached_property
    def _same(self) -> Callable[[], Any]:
        return self._lines.function("return " + " and ".join(self._tests))

    def _now(self) -> list[Any]:
        """What there is now, one object after the other."""
        facts = [own[name] if isinstance(own, dict) else getattr(own, name) for _, own, name in self._facts]
        return [*facts, *chain.from_iterable(self._parts)]

    def _keep(self, now: list[Any]) -> None:
        """Make this what is compared with."""
        self._before[:] = now
        self._copies[:] = map(_copy, self._calm)
        for part, ids in self._ids:
            ids[:] = map(id, part)
        self._set[:] = attributes_set

    def holds(self) -> bool:
        """Whether all is as it was.

        What modules hold changes where an attribute is set, which is counted, or else in a way that makes their
        dictionaries unequal to what they were: so for them no object need be looked at.
        """
        try:
            return bool(self._same())
        except Exception:  # an option is gone, or what a variable held; or two objects cannot be compared
            return False

    def change(self) -> str | None:
        """What is no longer as it was, by name; None if all is, or equal to it."""
        try:
            now = self._now()
        except (KeyError, ValueError):
            return "a variable or an option, which is gone,"
        if len(now) != len(self._before) or not all(map(is_, now, self._before)):
            for new, old, label in zip(now, self._before, self._labels, strict=False):
                if not _alike(new, old):
                    return label
        self._keep(now)  # equal numbers that are other objects
        return None


def _is_empty(value: Any) -> bool:
    return isinstance(value, dict) and not value


def _is_users(value: Any) -> bool:
    """Whether a class or a module is the user's: not of `nn`, NumPy or Python itself."""
    module = value if isinstance(value, types.ModuleType) else sys.modules.get(value.__module__)
    file = getattr(module, "__file__", None)
    if module is None or module.__name__ == "__main__":
        return module is not None
    return file is not None and not is_own(file) and not any(place in file for place in NOT_LOOKED_INTO)


def _is_exact(value: Any) -> bool:
    """Whether nothing else is equal to the value, or only the same text."""
    return value is None or isinstance(value, str | types.FunctionType | Module)


def _alike(one: Any, other: Any) -> bool:
    """Whether it is the same object, or a number with the same bits, or the same text."""
    return one is other or (isinstance(one, PLAIN) and type(one) is type(other) and repr(one) == repr(other))


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


def _copy(own: Any) -> Any:
    return dict(own) if isinstance(own, dict) else set(own) if isinstance(own, set) else list(own)
