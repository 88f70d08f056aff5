"""What a step depends on beside its arguments: found once by following what it refers to, compared before each replay.

A captured step has frozen every Python number, every branch and every object that it met. So all that it can reach is
watched: the variables that its functions hold, the attributes of models and optimisers (whether they train, how many
layers there are), the options of groups, and which array each parameter has. The values inside arrays are read again
by each replay and need no watching; neither do the rates that a schedule moves.
"""

from __future__ import annotations

import operator
import types
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from operator import is_
from typing import Any

import numpy as np

from nn.autograd.tape import TensorBase
from nn.modules.module import Module, attributes_set
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
END = (object(),)
"""What stands after a dictionary or a list: one that has grown or shrunk pushes it to another place."""

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
        self._sized: list[tuple[str, Any, list[Any], bool]] = []  # name, dictionary or list, what of it; calm?
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
            if isinstance(value, list | set):
                self._sized.append((name, value, [value], all(map(_is_exact, value))))
            return [(f"{name}[{i}]", item) for i, item in enumerate(value)] if len(value) <= MANY else []
        own = value if isinstance(value, dict) else getattr(value, "__dict__", None)
        if not isinstance(own, dict):
            return []
        if isinstance(own.get("params"), list):  # a group of an optimiser
            self.groups.append(own)
        else:
            name = name if own is value else type(value).__name__
            parts = [own, own.values()] if own is value else [own.values()]
            calm = isinstance(value, Module | Optimizer) or all(map(_is_empty, own.values()))
            self._sized.append((name, own, parts, calm))
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
            if getattr(value, "_step", None) is function:
                continue  # the captured step itself, which has the name of `optimizer.step`; it must not hold itself
            if name in function.__globals__ and not isinstance(value, types.ModuleType | type):
                self._globals.append((name, function.__globals__))
                found.append((name, value))
        return found

    def _take(self) -> None:
        """Keep what is there now, flat, so that it can be compared without a loop in Python."""
        self._labels: list[str] = []
        calm = [entry for entry in self._sized if entry[3]]
        self._calm, self._calm_parts = [own for _, own, _, _ in calm], self._parts(calm)
        self._live = self._parts([entry for entry in self._sized if not entry[3]])
        self._held, self._spaces = [cell for _, cell in self._cells], [space for _, space in self._globals]
        self._names = [name for name, _ in self._globals]
        self._labels += [name for name, _ in self._cells] + self._names
        shapes = [array.shape for array in map(_array, self.tensors)]
        self._labels += [f"the memory of a tensor of shape {shape}" for shape in shapes]
        self._chosen = []
        for group in self.groups:
            names = ["params", *(name for name, v in group.items() if v.__class__ not in (float, tuple))]
            self._labels += [f"the option {name}" for name in names]
            self._chosen.append((operator.itemgetter(*names), group))
        self._labels += [f"whether a tensor of shape {shape} requires a gradient" for shape in shapes]
        self._keep([*self._all()])

    def _parts(self, entries: Sequence[tuple[str, Any, list[Any], bool]]) -> list[Any]:
        """What to go through for the contents of dictionaries and lists, one after the other; and labels for it."""
        parts: list[Any] = []
        for name, own, of_it, _ in entries:
            keys = [_label(name, key) for key in own] if isinstance(own, dict) else [name] * len(own)
            self._labels += [*keys * len(of_it), name]
            parts += [*of_it, END]
        return parts

    def _keep(self, now: list[Any]) -> None:
        """Make this what is compared with."""
        self._before = now
        self._lively, self._before_options = [*self._now()], self._options()
        self._copies = [_copy(own) for own in self._calm]
        self._set = attributes_set[0]

    def _all(self) -> Iterator[Any]:
        """What there is now, one object after the other."""
        return chain(chain.from_iterable(self._calm_parts), self._now(), *self._options())

    def _now(self) -> Iterator[Any]:
        """The same without what is calm."""
        held, found = map(_contents, self._held), map(dict.get, self._spaces, self._names)
        return chain.from_iterable((*self._live, held, found, map(_array, self.tensors)))

    def _options(self) -> list[Iterable[Any]]:
        """The options of the groups, but for those that a schedule may move; which tensors require gradients."""
        return [*[read(group) for read, group in self._chosen], [*map(_requires_grad, self.tensors)]]

    def holds(self) -> bool:
        """Whether all is as it was, object for object.

        What modules hold changes where an attribute is set, which is counted, or else in a way that makes their
        dictionaries unequal to what they were: so for them no object need be looked at. Equal options are as good.
        """
        try:
            return (
                attributes_set[0] == self._set
                and self._calm == self._copies
                and self._options() == self._before_options
                and all(map(is_, self._now(), self._lively))
            )
        except Exception:  # an option is gone, or what a variable held; or two objects cannot be compared
            return False

    def change(self) -> str | None:
        """What is no longer as it was, by name; None if all is, or equal to it."""
        try:
            now = [*self._all()]
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
