"""What notes a step's calls while the step runs as ever, and how two such recordings are compared.

Every kernel is called by `mode.quiet`; while a step is recorded that is `Recorder.run`. So a recording is a list of
calls, each with the arrays that it read and the arrays that it made: a program without a branch.

- an array that a call made, and every view of it, is known by the number of that call;
- an array from `constant` was made of numbers alone, and keeps its values;
- any other array was there before: a parameter, a buffer, the state of an optimiser. Two recordings of one step must
  agree on it; where they do not, the array was made by something that no recorder can see, and replay would freeze it.
"""

from __future__ import annotations

import functools
import os
import sys
import weakref
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.replay.arrays import Array, Memory, Sketch, arrays_in, mapped, offset_of, root, same_bits
from nn.rng import Generator

__all__: list[str] = []

_OWN = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120  (pathlib imports slowly)
_EXAMPLES = os.path.join(_OWN, "examples")  # noqa: PTH118

KERNEL, OUTSIDE, CONSTANT = "kernel", "outside", "constant"


class Call:
    """One call: the function, what it was called with, what it returned, and the user's line that led to it."""

    __slots__ = ("args", "followed", "function", "key", "kind", "kwargs", "line", "result")

    def __init__(
        self, kind: str, function: Any, args: Sequence[Any], kwargs: dict[str, Any], result: Any, line: str
    ) -> None:
        self.kind, self.function, self.args, self.kwargs = kind, function, tuple(args), kwargs
        self.result, self.line = result, line
        self.key: Any = None  # what it is compared by, once it is known
        self.followed: dict[str, Any] = {}  # of the keyword arguments those that an optimiser's group holds: the group

    @property
    def name(self) -> str:
        """The function's name."""
        return getattr(self.function, "__name__", repr(self.function)).lstrip("_")

    @property
    def written(self) -> list[Array]:
        """The arrays that the call may change: kernels in place end in `_`, the others say so by `out`."""
        if self.kind != KERNEL:
            return []
        if self.kwargs.get("out") is not None:
            return list(arrays_in(self.kwargs["out"]))
        if self.function is np.ndarray.__setitem__:
            return list(arrays_in(self.args[0]))
        return list(arrays_in((self.args, self.kwargs))) if self.name.endswith("_") else []


LEAST = 1 << 15
"""Bytes up to which an array is kept as it is."""


class Recorder:
    """Notes the calls of this thread while its block runs.

    Args:
        keep: keep the calls with sketches of the arrays, for a program; else only what they are compared by.

    Attributes:
        calls: in order.
        reason: why the step cannot be captured; None if it can.
        nodes: what a backward has walked.
    """

    def __init__(self, keep: bool) -> None:
        self.calls: list[Call] = []
        self.reason: str | None = None
        self.nodes: set[Any] = set()
        self.made: dict[int, tuple[int, int]] = {}  # by the root's id: which call made it, and which of its results
        self._groups: list[dict[str, Any]] = []
        self._keep = keep
        self._memories: dict[int, Memory] = {}  # of the arrays that are still there, by the root's id
        self._ends: dict[int, weakref.ref[Array]] = {}

    def __enter__(self) -> Recorder:
        self._quiet = mode.ways[0]
        self._start()
        return self

    def __exit__(self, *error: object) -> None:
        self._stop()

    def _start(self) -> None:
        mode.recorder = self
        mode.ways = (self.run, mode.ways[1])

    def _stop(self) -> None:
        mode.recorder = None
        mode.ways = (self._quiet, mode.ways[1])

    def refuse(self, reason: str) -> None:
        """The step cannot be replayed: record no more of it, and let it run on."""
        if self.reason is None:
            self.reason = f"{user_line()}: {reason}"
        self._stop()

    # -- what is told to a recorder -----------------------------------------------------------------------------------
    def run(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Call a kernel, quietly, and note the call."""
        own = getattr(function, "__self__", None)
        if isinstance(own, np.ndarray):  # a method of an array
            function, args = getattr(np.ndarray, function.__name__), (own, *args)
        if any(isinstance(value, np.bool_) for value in (*args, *kwargs.values())):
            self.refuse("a truth value is asked for that no op has made")
        result = as_arrays(self._quiet(function, *args, **kwargs), args)
        self._note(KERNEL, function, args, kwargs, result)
        return result

    def outside(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """Call what is no kernel, without looking inside, and note the call."""
        self._stop()
        try:
            result = as_arrays(function(*args, **kwargs), args)
        finally:
            self._start()
        self._note(OUTSIDE, function, args, kwargs, result)
        return result

    def constant(self, array: Array) -> None:
        """Note an array that only numbers went into."""
        self._note(CONSTANT, None, (), {}, array)

    def follow(self, group: dict[str, Any]) -> None:
        """The calls from now on take the options of this group: its numbers are read again at each replay."""
        self._groups.append(group)

    def walked(self, nodes: Sequence[Any]) -> None:
        """A backward goes through these nodes."""
        self.nodes.update(nodes)

    def _note(self, kind: str, function: Any, args: Sequence[Any], kwargs: dict[str, Any], result: Any) -> None:
        call = Call(kind, function, args, kwargs, result, user_line())
        for name, value in kwargs.items() if self._groups and call.name.endswith("_") else ():
            if value.__class__ in (float, tuple) and self._groups[-1].get(name) is value:
                call.followed[name] = self._groups[-1]
        read = {id(root(array)) for array in arrays_in((args, kwargs))}
        for place, array in enumerate(arrays_in(result)):
            owner = id(root(array))
            if owner not in read and owner not in self.made:
                self.made[owner] = (len(self.calls), place)
                self._release(owner, root(array), kind)
        self.calls.append(call)
        if self._keep:
            call.args, call.kwargs, call.result = map(self._sketched, (call.args, call.kwargs, call.result))
        else:
            self._let_go(call)

    def _release(self, owner: int, array: Array, kind: str) -> None:
        """Do not keep an array: note a large one as memory, and forget its id, which a later one may get."""
        if self._keep:
            if kind != KERNEL or array.nbytes <= LEAST or not array.flags.owndata:
                return
            memory = self._memories[owner] = Memory(array)
            self.made[id(memory)] = self.made[owner]
        known = (self.made, self._memories)  # and not the recorder itself, which holds this
        self._ends[owner] = weakref.ref(array, functools.partial(_forget, owner, known))

    def _sketched(self, value: Any) -> Any:
        """The value with sketches for the arrays in memory that is not kept."""
        if isinstance(value, np.ndarray):
            memory = self._memories.get(id(root(value)))
            return value if memory is None else Sketch(value, memory)
        return mapped(value, self._sketched)

    def owner(self, array: Array) -> int:
        """The id of an array's memory, as the calls have it."""
        key = id(root(array))
        return id(self._memories.get(key, root(array)))

    # -- what a recording says ----------------------------------------------------------------------------------------
    def makes(self, array: Any) -> bool:
        """Whether the step made the memory of the array."""
        return id(root(array)) in self.made

    def computes(self, array: Any) -> bool:
        """Whether the step made the memory of the array, and not of numbers alone."""
        return self.makes(array) and self.calls[self.made[id(root(array))][0]].kind != CONSTANT

    def from_before(self) -> Iterator[tuple[Array, Call]]:
        """The arrays that the step reads or writes and has not made."""
        for call in self.calls:
            for array in arrays_in((call.args, call.kwargs)):
                if not self.makes(array):
                    yield array, call

    def fold(self, exposed: set[int]) -> None:
        """Make constants of what is computed from constants alone: a mask, a position, the factor of a mean.

        Args:
            exposed: the ids of memory that others get to see, and may change.
        """
        changing = exposed | {id(root(array)) for call in self.calls for array in call.written}
        drawn = [(call.args, call.kwargs) for call in self.calls if call.kind == OUTSIDE]
        changing |= {id(root(array)) for array in arrays_in(drawn)}
        constant: set[int] = set()
        for number, call in enumerate(self.calls):
            made, read = list(arrays_in(call.result)), list(arrays_in((call.args, call.kwargs)))
            new = all(self.made.get(id(root(a)), (None,))[0] == number and id(root(a)) not in changing for a in made)
            if call.kind == KERNEL and made and read and new and all(id(root(a)) in constant for a in read):
                random = any(isinstance(value, Generator) for value in (*call.args, *call.kwargs.values()))
                if not random and not call.written and not call.followed:
                    call.kind, call.function, call.args, call.kwargs = CONSTANT, None, (), {}
            if call.kind == CONSTANT and new:
                constant.update(id(root(array)) for array in made)

    def differs(self, other: Recorder) -> str | None:
        """Why another recording is not of the same program; None if it is."""
        for mine, theirs in zip(self.calls, other.calls, strict=False):
            if mine.kind != theirs.kind or not _same_function(mine.function, theirs.function):
                return f"{theirs.line}: {theirs.name} is called where {mine.name} was called before"
            if mine.kind == CONSTANT:
                if not same_bits(mine.result, theirs.result):
                    return f"{theirs.line}: an array is made of numbers that change from call to call"
                continue
            mine_given, mine_made = self._keys(mine)
            given, made = other._keys(theirs)
            if mine_given != given:
                return (
                    f"{theirs.line}: {theirs.name} is called with something else than before (a number, a shape, or an "
                    "array that no op has made)"
                )
            if mine_made != made:
                return f"{theirs.line}: {theirs.name} has decided otherwise, or made another shape"
        if len(self.calls) != len(other.calls):
            return f"the step makes {len(other.calls)} calls, and made {len(self.calls)} before"
        return None

    def let_go(self) -> None:
        """Keep what the calls are compared by, and let go of the arrays that the step has made."""
        for call in self.calls:
            self._let_go(call)

    def _let_go(self, call: Call) -> None:
        if call.kind != CONSTANT:
            call.key = self._keys(call)
            call.args, call.kwargs, call.result = map(self._not_made, (call.args, call.kwargs, call.result))

    def _not_made(self, value: Any) -> Any:
        """The value without the arrays that the step has made; all else stays, so that no other object gets its id."""
        if isinstance(value, np.ndarray | Sketch):
            return None if self.makes(value) else value
        return mapped(value, self._not_made)

    def _keys(self, call: Call) -> Any:
        """What a call was given and what it made, as something that compares equal in another recording."""
        return call.key or (self._key((call.args, _plain(call))), self._key(call.result))

    def _key(self, value: Any) -> Any:
        """The value as something that compares equal in another recording of the same program."""
        if isinstance(value, np.ndarray | Sketch):
            place = self.made.get(id(root(value)), id(root(value)))
            offset = value.offset if isinstance(value, Sketch) else offset_of(value)
            return place, offset, value.shape, value.strides, value.dtype
        if isinstance(value, list | tuple):
            return type(value), tuple(map(self._key, value))
        if isinstance(value, dict):
            return tuple((name, self._key(item)) for name, item in value.items())
        if isinstance(value, slice):
            return value.start, value.stop, value.step
        if isinstance(value, np.generic):
            return value.dtype, value.tobytes()
        if isinstance(value, float):
            return float, value.hex()
        if isinstance(value, bool | int | str | np.dtype | type | None):
            return type(value), value
        return id(value)


def _forget(owner: int, known: Sequence[dict[int, Any]], _: Any) -> None:
    """What is known of an array that is gone."""
    for found in known:
        found.pop(owner, None)


def _plain(call: Call) -> dict[str, Any]:
    """The keyword arguments that are not followed."""
    return {name: value for name, value in call.kwargs.items() if name not in call.followed}


def _same_function(one: Any, other: Any) -> bool:
    return one is other or bool(one == other)


def as_arrays(result: Any, args: Sequence[Any]) -> Any:
    """NumPy's scalars as arrays, so that a replay has somewhere to write them.

    One beside others, of a call with a Python number, is that number promoted, and stays.
    """
    if isinstance(result, tuple):
        number = any(isinstance(a, bool | int | float) for a in args)
        return result if number else tuple(as_arrays(item, ()) for item in result)
    return np.asarray(result) if isinstance(result, np.generic) else result


def user_line() -> str:
    """The line outside of `nn` that the current call comes from."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        if not is_own(frame.f_code.co_filename):
            return f"{frame.f_code.co_filename}:{frame.f_lineno}"
        frame = frame.f_back
    return "the step"


def is_own(filename: str) -> bool:
    """Whether a file is part of `nn`; its examples count as a user's."""
    return filename.startswith(_OWN) and not filename.startswith(_EXAMPLES)
