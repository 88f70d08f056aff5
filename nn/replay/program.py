"""A program: the calls of a step, to be made again into the arrays that they made when they were recorded.

A call whose result is a view costs nothing: the view is there. A call whose result nobody reads is left out. All
others are kept with their arrays, so that a replay is a loop over functions without arguments.
"""

from __future__ import annotations

import functools
import operator
import sys
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.tape import TensorBase, tick, wrap
from nn.replay.arrays import Array, arrays_in, root
from nn.replay.fewer import without_repeats
from nn.replay.flat import actions, taken_apart
from nn.replay.recorder import CONSTANT, KERNEL, OUTSIDE, Call, Recorder, as_arrays
from nn.replay.straight import Lines
from nn.replay.together import together
from nn.rng import Generator

__all__: list[str] = []

Action = Callable[[], Any]

_array = operator.attrgetter("_array")


class Diverged(Exception):
    """A decision that the step takes by its values had another outcome; all changes are undone."""


class Program:
    """What replaces a step for arguments of certain shapes.

    Args:
        recording: of one run of the step.
        calls: those of the recording that are needed.
        block: the memory that their arrays share.
        inputs: the arrays that arguments are copied into.
        results: the arrays of what the step returned.
        grads: each leaf and the gradient that it had at the end (a tensor, or None).
        owners: the tensors that were there before, by the id of their array's root.
        flat: take small kernels apart.
    """

    def __init__(
        self,
        recording: Recorder,
        calls: list[Call],
        block: Array,
        inputs: Sequence[Array],
        results: Sequence[Array],
        grads: Sequence[tuple[TensorBase, Any]],
        owners: dict[int, list[TensorBase]],
        flat: bool,
    ) -> None:
        self.inputs, self.results, self.grads = list(inputs), list(results), list(grads)
        self.calls = calls
        exposed = {id(g._array) for _, g in grads if g is not None}
        own = [b for b in _buffers(recording, calls) if b.flags.owndata or id(b) in exposed]
        self.buffers = own + [block] * (block.size > 0)
        changed = {id(root(a)): root(a) for c in calls for a in c.written if not recording.makes(a)}
        self._changed = list(dict.fromkeys(owner for key in changed for owner in owners.get(key, ())))
        self._prepare(recording, calls, flat)

    def _prepare(self, recording: Recorder, calls: Sequence[Call], flat: bool) -> None:
        """The actions, in runs of kernels and of other calls; and what to put back should a decision change."""
        self.segments: list[tuple[bool, list[Action]]] = []
        self._live: list[tuple[dict[str, Any], str, dict[str, Any]]] = []
        self.asked: dict[Any, tuple[dict[str, Any], str, bool]] = {}  # options, and whether they are other than 0
        self._numbers: dict[Any, tuple[Array, str, dict[str, Any]]] = {}
        shared: dict[Any, dict[str, Any]] = {}
        written = {id(root(array)) for call in calls for array in call.written}
        written |= {id(root(g._array)) for _, g in self.grads if g is not None}  # others may change these
        decisions = [number for number, call in enumerate(calls) if _decides(call)]
        last = decisions[-1] if decisions else -1
        before = calls[:last] if decisions else []
        touched = {id(root(a)): root(a) for c in before for a in c.written if not recording.makes(a)}
        self._saved = list(touched.values())
        self._generators = list({id(g): g for c in before for g in c.args if isinstance(g, Generator)}.values())
        for call in calls:
            quiet = call.kind != OUTSIDE
            if not self.segments or self.segments[-1][0] is not quiet:
                self.segments.append((quiet, []))
            self.segments[-1][1].extend(self._actions(recording, call, shared, written, flat))
        if flat:
            known = written | {id(root(a)) for call in calls for a in arrays_in((call.args, call.kwargs, call.result))}
            ends = [*self.inputs, *self.results, *(g._array for _, g in self.grads if g is not None)]
            others = {id(root(array)) for array in ends} | (known - recording.made.keys())
            for number, (quiet, actions) in enumerate(self.segments):
                once = without_repeats(actions, others if len(self.segments) == 1 else known, known)
                self.segments[number] = quiet, together(once, known)
        self._runs = [(quiet, self._in_a_row(quiet, actions)) for quiet, actions in self.segments]

    def _actions(
        self, recording: Recorder, call: Call, shared: dict[Any, dict[str, Any]], written: set[int], flat: bool
    ) -> Sequence[Action]:
        """What a call is at a replay: itself, or the functions that a small kernel consists of."""
        if call.kind == CONSTANT:
            return [functools.partial(np.copyto, a, a.copy()) for a in arrays_in(call.result) if id(root(a)) in written]
        made = [array for array in arrays_in(call.result) if _first(recording, call, array)]
        if _decides(call):
            return (functools.partial(_decide, call.function, call.args, call.kwargs, call.result),)
        out = made and made[0] is call.result and _takes_out(call.function) and not call.written
        if flat and call.kind == KERNEL and (call.written or out):
            apart = taken_apart(call, call.result if out else None, self._number)
            if apart is not None:
                parts, asked = apart
                for name, other_than_0 in asked.items():
                    self.asked[id(call.followed[name]), name] = call.followed[name], name, other_than_0
                return parts
        kwargs = self._shared(call, shared) if call.followed else call.kwargs
        if flat and out and isinstance(call.function, np.ufunc) and not call.followed:
            return actions(call.function, call.args, {**call.kwargs, "out": call.result})
        if call.kind == KERNEL and (out or (flat and _fills(call, made))):
            return (functools.partial(call.function, *call.args, **kwargs, out=call.result),)
        if not made and not call.followed:
            return (functools.partial(call.function, *call.args, **kwargs),)
        places = [array if _first(recording, call, array) else None for array in arrays_in(call.result)]
        return (functools.partial(_copied, call.function, call.args, kwargs, places),)

    def _shared(self, call: Call, shared: dict[Any, dict[str, Any]]) -> dict[str, Any]:
        """One dictionary of options for all calls of a group, whose numbers are read again by each replay."""
        key = tuple((name, id(value), id(call.followed.get(name))) for name, value in call.kwargs.items())
        if key not in shared:
            shared[key] = dict(call.kwargs)
            self._live += [(shared[key], name, group) for name, group in call.followed.items()]
        return shared[key]

    def _number(self, call: Call, name: str, dtype: Any) -> Array:
        """The array without axes that holds an option of a group, in the dtype that it is computed with."""
        key = (id(call.followed[name]), name, dtype)
        if key not in self._numbers:
            self._numbers[key] = (np.array(call.followed[name][name], dtype), name, call.followed[name])
        return self._numbers[key][0]

    def _in_a_row(self, quiet: bool, actions: Sequence[Any]) -> Callable[[], Any]:
        """A function that makes the calls one after the other, kernels with the numbers that groups hold by then."""
        lines = Lines()
        text = []
        if quiet:
            text += [f"{lines.name(own)}[{name!r}] = {lines.name(group)}[{name!r}]" for own, name, group in self._live]
            numbers = self._numbers.values()
            text += [f"{lines.name(array)}[...] = {lines.name(group)}[{name!r}]" for array, name, group in numbers]
        for act in actions:
            named = [f"{name}={lines.name(value)}" for name, value in act.keywords.items()]
            text.append(f"{lines.name(act.func)}({', '.join([*map(lines.name, act.args), *named])})")
        return lines.function(*text)

    # -- replay -------------------------------------------------------------------------------------------------------
    def run(self, given: Sequence[TensorBase]) -> None:
        """Copy the arguments in and make every call again.

        Raises:
            Diverged: a decision had another outcome; nothing has been changed.
        """
        if given:
            for array, tensor in zip(self.inputs, given, strict=True):
                array[...] = tensor._array
        undo = self._undo() if self._saved or self._generators else ()
        quiet = mode.ways[0]
        try:
            for is_quiet, act in self._runs:
                if is_quiet:
                    quiet(act)
                else:
                    act()
        except Diverged:
            for act in undo:
                act()
            raise
        for leaf, g in self.grads:
            leaf._grad = g
        now = tick()
        for tensor in self._changed:
            memory = tensor._shared
            if memory is not None:
                memory.changed = now

    def _undo(self) -> list[Action]:
        """What puts back, as it is now, all that is changed before the last decision."""
        arrays: list[Action] = [functools.partial(np.copyto, array, array.copy()) for array in self._saved]
        drawn = [g.numpy.bit_generator for g in self._generators]
        return arrays + [functools.partial(setattr, source, "state", source.state) for source in drawn]

    def let_go(self) -> bool:
        """Leave to others the gradients of the last step that they have kept; False where their memory is held too.

        A gradient that somebody keeps becomes a copy, and a new tensor takes its place here.
        """
        if self._all_let_go():
            return True
        counts = [*map(sys.getrefcount, self._exposed)]
        half = len(self._leaves)
        for place, leaf in enumerate(self._leaves):  # counted while the leaf had it
            counts[place] += leaf._grad is not self._exposed[place]
        held = [now > then for now, then in zip(counts, self._counts, strict=True)]
        if any(held[half:]):
            return False
        for place, leaf in enumerate(self._leaves):
            if held[place]:
                kept, array = self._exposed[place], self._exposed[half + place]
                kept._array = array.copy()
                self._exposed[place] = wrap(array)
                self.grads = [(x, self._exposed[place] if x is leaf else g) for x, g in self.grads]
        return True

    def settle(self) -> None:
        """Count who refers to the gradients and to their arrays, while that is only the program and the leaves."""
        self._leaves = [leaf for leaf, g in self.grads if g is not None]
        gradients = [g for _, g in self.grads if g is not None]
        self._exposed: list[Any] = [*gradients, *map(_array, gradients)]
        del gradients
        self._counts = [*map(sys.getrefcount, self._exposed)]
        lines = Lines()
        exposed, counts = lines.name(self._exposed), lines.name(self._counts)
        had = [f"{lines.name(leaf)}._grad is {exposed}[{place}]" for place, leaf in enumerate(self._leaves)]
        counted = f"[*map({lines.name(sys.getrefcount)}, {exposed})] == {counts}"
        self._all_let_go = lines.function("return " + " and ".join([counted, *had]))


def _decide(function: Any, args: Sequence[Any], kwargs: dict[str, Any], expected: Any) -> None:
    if function(*args, **kwargs) != expected:
        raise Diverged


def _copied(function: Any, args: Sequence[Any], kwargs: dict[str, Any], places: Sequence[Array | None]) -> None:
    for place, value in zip(places, arrays_in(as_arrays(function(*args, **kwargs), args)), strict=True):
        if place is not None:
            np.copyto(place, value)


def _decides(call: Call) -> bool:
    """Whether the call's result is something that Python can branch on."""
    return call.kind == KERNEL and isinstance(call.result, bool | int | float | str)


def _first(recording: Recorder, call: Call, array: Array) -> bool:
    """Whether it was this call that made the array's memory."""
    number = recording.made.get(id(root(array)))
    return number is not None and recording.calls[number[0]] is call


def _takes_out(function: Any) -> bool:
    if isinstance(function, np.ufunc):
        return True
    code = getattr(getattr(function, "__wrapped__", function), "__code__", None)
    if code is None:
        return False
    first = code.co_argcount
    return "out" in code.co_varnames[first : first + code.co_kwonlyargcount]


def _fills(call: Call, made: Sequence[Array]) -> bool:
    """Whether the call makes all of several results, and takes the places for them."""
    several = call.result.__class__ is tuple and len(call.result) == len(made) == len({id(root(a)) for a in made})
    return several and _takes_out(call.function) and not call.written


def needed(recording: Recorder, wanted: Sequence[Array]) -> list[Call]:
    """The calls that change what was there before, decide something, or make what is read later or returned."""
    read = {recording.owner(array) for array in wanted}
    kept = []
    for call in reversed(recording.calls):
        makes = [array for array in arrays_in(call.result) if _first(recording, call, array)]
        acts = call.kind == OUTSIDE or call.result is None or _decides(call) or call.written
        if acts or any(id(root(array)) in read for array in makes):
            kept.append(call)
            read.update(id(root(array)) for array in arrays_in((call.args, call.kwargs)))
    return kept[::-1]


def _buffers(recording: Recorder, calls: Sequence[Call]) -> list[Array]:
    """The memory that the calls write their results to."""
    found = {id(root(a)): root(a) for c in calls for a in arrays_in(c.result) if _first(recording, c, a)}
    return list(found.values())
