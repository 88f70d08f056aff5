"""Capture a training step: run it as ever while its calls are noted, then make the same calls without the step."""

from __future__ import annotations

import functools
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import Any
from zlib import crc32

import numpy as np

from nn import settings
from nn.autograd.mode import mode
from nn.autograd.tape import TensorBase, wrap
from nn.errors import CaptureWarning
from nn.kernels.memory import empty_cache
from nn.replay.arrays import bits, root, same_bits, spoil
from nn.replay.chance import Chance
from nn.replay.program import Diverged, Program, needed
from nn.replay.recorder import Recorder
from nn.replay.reuse import overlay
from nn.replay.together import gather
from nn.replay.watch import PLAIN, Watch
from nn.rng import Generator

__all__ = ["Captured", "capture"]

ATTEMPTS = 6
"""Recordings of arguments of one kind, before it is said that no two agree."""
VARIANTS = 16
"""Programs for arguments of one kind, before it is said that they are too many."""
UNUSED = ("initial_lr",)
"""Numbers in an optimiser's group that only schedules read."""


def capture(step: Callable[..., Any]) -> Captured:
    """Replay a training step instead of running its Python: the same numbers to the last bit, in a part of the time.

    The first call runs the step and records its kernels; the second records again, compares, and verifies that a
    replay gives the same bits. From then on only the kernels run, into the same arrays. Pass what changes from call to
    call, such as a batch, as arguments (tensors). Arguments of other shapes, another mode (`model.eval()`) or a
    replaced layer are noticed and recorded again; rates that a schedule moves are followed; dropout draws fresh numbers
    from the same stream. What cannot be replayed (a value that leaves the tape by `.item()`, a hook, an array that no
    op made) runs as it was, with one warning that names the line.

    Args:
        step: a function of tensors: forward, loss, backward, the optimiser's step, all of it or any part. It may return
            tensors, in tuples, lists or dictionaries; they come back as copies without history.

    Returns:
        The step as it is to be called; `print` says what it holds.

    Example:
        >>> import nn
        >>> model = nn.Linear(2, 1)
        >>> optimizer = nn.optim.SGD(model.parameters(), lr=0.1)
        >>> @nn.capture
        ... def step(x, y):
        ...     optimizer.zero_grad()
        ...     loss = nn.functional.mse_loss(model(x), y)
        ...     loss.backward()
        ...     optimizer.step()
        ...     return loss
        >>> for _ in range(3):
        ...     loss = step(nn.ones(4, 2), nn.zeros(4, 1))
        >>> step
        captured step: 1 program; 9 calls, 9 arrays, 116 bytes
    """
    return Captured(step)


class Captured:
    """A step that is replayed; made by `capture`.

    Attributes:
        reason: why it is not replayed; None while it is.
    """

    def __init__(self, step: Callable[..., Any]) -> None:
        self.reason: str | None = None
        self._step = step
        self._kinds: dict[Any, _Kind] = {}
        self._lock = threading.RLock()  # a program has one set of arrays
        functools.update_wrapper(self, step)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the step, or replay it."""
        if self.reason is not None or mode.recorder is not None:
            return self._step(*args, **kwargs)
        given: list[TensorBase] = []
        described = _described((args, kwargs), given) if args or kwargs else None
        key = (mode.ways[1] is not False, settings.default_dtype, described)
        with self._lock:
            kind = self._kinds.get(key)
            if kind is None:
                kind = self._kinds[key] = _Kind((args, kwargs), given)
            for variant in kind.variants:
                if variant.fits():
                    try:
                        return variant.replay(given)
                    except Diverged:
                        continue
            programs = len(kind.variants)
            result = self._record(kind, args, kwargs, given)
            if len(kind.variants) > programs:
                kind.variants[0].program.settle()  # now that nobody else has the gradients
                empty_cache()  # of what was recorded, which is much more than a program holds
            return result

    def _record(self, kind: _Kind, args: Any, kwargs: Any, given: Sequence[TensorBase]) -> Any:
        """Run the step with an eye on its calls; if a recording agrees with an earlier one, verify it and keep it."""
        if any(tensor._needs_grad() for tensor in given):
            self._say("an argument requires gradients, which a replay could not bring it")
            return self._step(*args, **kwargs)
        for buffer, tensor in zip(kind.inputs, given, strict=True):
            np.copyto(buffer._array, tensor._array)
        before = _State(self._step, kind.recordings)
        with Recorder(keep=bool(kind.recordings)) as recorder:
            buffers = iter(kind.inputs)
            args, kwargs = _mapped((args, kwargs), lambda _: next(buffers))
            result = self._step(*args, **kwargs)
        reason = recorder.reason or self._unfit(kind, recorder, before, result)
        if reason is None:
            take = _Recording(recorder, before, Watch(self._step), result)
            reason = kind.add(take)
        if reason is not None:
            self._say(reason)
        return _returned(result, {id(tensor) for tensor in before.watch.tensors})

    def _unfit(self, kind: _Kind, recorder: Recorder, before: _State, result: Any) -> str | None:
        """Why what was recorded cannot be replayed."""
        source = before.chance.drawn()
        if source is not None:
            return f"the step draws from {source}, which a replay would not; draw with nn.rand and the like"
        change = before.watch.change() if kind.recordings else None
        if change is not None:
            return f"the step itself changes {change}, which a replay would not"
        known = {id(root(tensor._array)) for tensor in kind.inputs}
        for call in recorder.calls:
            for array in call.written:
                if id(root(array)) in known:
                    return f"{call.line}: {call.name} changes an argument in place"
        seen = {id(root(array)) for call in recorder.calls for array in call.written}
        for tensor, memory, mark in before.marks:
            if id(memory) not in seen and crc32(bits(tensor._array)) != mark:
                return f"the step changes a tensor of shape {tensor._array.shape} by something that is no op"
        there = known | {id(root(tensor._array)) for tensor in before.watch.tensors}
        for tensor in _tensors_in(result):
            if not recorder.makes(tensor._array) and id(root(tensor._array)) not in there:
                return f"a result of shape {tensor._array.shape} is made by something that is no op"
            if tensor._node is not None and tensor._node not in recorder.nodes:
                return "a result still has a history; call backward inside of the step, or run it in nn.no_grad()"
        return None

    def _say(self, reason: str) -> None:
        self.reason = reason
        self._kinds.clear()
        name = getattr(self._step, "__name__", "step")
        warnings.warn(f"capture: {name} is not replayed and runs as it is: {reason}", CaptureWarning, stacklevel=4)

    def __repr__(self) -> str:
        name = getattr(self._step, "__name__", "step")
        if self.reason is not None:
            return f"captured {name}: not replayed, {self.reason}"
        programs = [variant.program for kind in self._kinds.values() for variant in kind.variants]
        calls = sum(len(program.calls) for program in programs)
        buffers = {id(b): b for program in programs for b in (*program.buffers, *program.inputs)}
        size = sum(buffer.nbytes for buffer in buffers.values())
        return (
            f"captured {name}: {len(programs)} program{'s' * (len(programs) != 1)}; {calls} calls, "
            f"{len(buffers)} arrays, {size:,} bytes"
        )


class _State:
    """What a step starts from, and what has to be put back to run it twice."""

    def __init__(self, step: Any, recordings: Sequence[_Recording]) -> None:
        self.watch = Watch(step)
        self.chance = Chance(self.watch.generators)
        self.grads = {tensor: tensor._grad for tensor in self.watch.tensors}
        arrays = {id(root(a)): root(a) for r in recordings for a in r.changed}
        self.arrays = [(array, array.copy()) for array in arrays.values()]
        self.generators = [(g, g.numpy.bit_generator.state) for r in recordings for g in r.generators]
        self.marks = [(t, root(t._array), crc32(bits(t._array))) for t in self.watch.tensors] if recordings else []
        self.numbers = _Numbers([*map(vars, self.watch.schedules), *self.watch.groups])

    def put_back(self) -> None:
        for array, values in self.arrays:
            np.copyto(array, values)
        for generator, state in self.generators:
            generator.numpy.bit_generator.state = state
        self.numbers.put_back()
        for tensor, grad in self.grads.items():
            tensor._grad = grad


class _Numbers:
    """What dictionaries hold now, also in the lists that are in them."""

    def __init__(self, owners: Sequence[dict[str, Any]]) -> None:
        self.owners = owners
        self._values = [dict(own) for own in owners]
        self._lists = [(v, v[:]) for own in owners for v in own.values() if isinstance(v, list)]

    def put_back(self) -> None:
        for own, values in zip(self.owners, self._values, strict=True):
            own.update(values)
        for items, before in self._lists:
            items[:] = before


class _Recording:
    """One run of the step."""

    def __init__(self, recorder: Recorder, before: _State, watch: Watch, result: Any) -> None:
        self.recorder, self.before, self.watch, self.result = recorder, before, watch, result
        self.grads = {tensor: tensor._grad for tensor in watch.tensors}
        self.changed = [a for call in recorder.calls for a in call.written if not recorder.makes(a)]
        drawn = {id(g): g for call in recorder.calls for g in call.args if isinstance(g, Generator)}
        self.generators = list(drawn.values())

    def owners(self) -> dict[int, list[TensorBase]]:
        """The tensors that were there before the step, by the memory that they have."""
        found: dict[int, list[TensorBase]] = {}
        for tensor in (*self.watch.tensors, *self.before.watch.tensors, *self.before.grads.values()):
            if tensor is not None:
                found.setdefault(id(root(tensor._array)), []).append(tensor)
        return found


class _Kind:
    """Arguments of one kind: their buffers, the recordings that wait for one that agrees, and the programs."""

    def __init__(self, arguments: Any, given: Sequence[TensorBase]) -> None:
        self.inputs: list[Any] = [wrap(tensor._array.copy(order="K")) for tensor in given]
        self.objects = arguments  # so that no id in the key is given to another object
        self.recordings: list[_Recording] = []
        self.variants: list[_Variant] = []

    def add(self, take: _Recording) -> str | None:
        """Keep a recording; with an earlier one that agrees it makes a program. Returns why there will be none."""
        reason = None
        for other in self.recordings:
            reason = other.recorder.differs(take.recorder)
            if reason is None:
                variant = _Variant(self.inputs, other, take)
                reason = variant.unsafe() or variant.made_wrong()
                if reason is None:
                    self.recordings.clear()
                    self.variants.insert(0, variant)
                    return None if len(self.variants) <= VARIANTS else "it needs another program at nearly every call"
                return reason
        take.recorder.let_go()
        self.recordings.append(take)
        return reason if len(self.recordings) >= ATTEMPTS else None


class _Variant:
    """A program, and what must be so that it may be used."""

    def __init__(self, inputs: Sequence[Any], other: _Recording, take: _Recording) -> None:
        self._take, self._inputs = take, inputs
        self._owners = take.owners()
        before = take.before.grads
        ends = [
            (leaf, grad)
            for leaf, grad in take.grads.items()
            if grad is not before.get(leaf) or (grad is not None and take.recorder.makes(grad._array))
        ]
        read = {id(root(array)) for array, _ in take.recorder.from_before()}
        begins = [leaf for leaf, grad in before.items() if grad is not None and id(root(grad._array)) in read]
        leaves = dict.fromkeys([*begins, *(leaf for leaf, _ in ends)])
        self._begins = [(x, before.get(x)) for x in leaves if other.before.grads.get(x) is before.get(x)]
        followed = {(id(group), name) for call in take.recorder.calls for name, group in call.followed.items()}
        self._frozen = [
            (group, name, value)
            for group in take.watch.groups
            for name, value in group.items()
            if value.__class__ in (float, tuple) and (id(group), name) not in followed and name not in UNUSED
        ]
        self.watch, self.result = take.watch, take.result
        self._kept = {id(t): t for t in _tensors_in(self.result) if t in take.before.watch.tensors}
        self._single = isinstance(self.result, TensorBase) and not self._kept
        self._ends = ends

    def unsafe(self) -> str | None:
        """What the program reads that cannot be watched."""
        own = {id(root(tensor._array)) for tensor in self._inputs}
        for array, call in self._take.recorder.from_before():
            if id(root(array)) not in own and id(root(array)) not in self._owners:
                return (
                    f"{call.line}: {call.name} reads an array of shape {array.shape} that no op has made and no "
                    "variable of the step holds; compute it with nn's functions, or pass it as an argument"
                )
        return None

    def made_wrong(self) -> str | None:
        """Make the program, and say if it does not give the same bits: not even plainly, with every kernel whole."""
        take, results = self._take, [tensor._array for tensor in _tensors_in(self.result)]
        inputs = [tensor._array for tensor in self._inputs]
        others = self._owners.keys() | {id(root(array)) for array in results}
        gather(take.recorder, [grad for _, grad in self._ends if grad is not None], others)
        take.recorder.fold({take.recorder.owner(grad._array) for _, grad in self._ends if grad is not None})
        wanted = [*results, *(grad._array for _, grad in self._ends if grad is not None)]
        calls = needed(take.recorder, wanted)
        block = overlay(take.recorder, calls, {take.recorder.owner(array) for array in wanted})
        empty_cache()  # of the arrays of the recording, before a replay fills those of the program
        for flat in (True, False):
            self.program = Program(take.recorder, calls, block, inputs, results, self._ends, self._owners, flat)
            if self._same_bits(take):
                self.watch.change()
                del self._take
                return None
        return "a replay does not give the same bits as the step"

    def _same_bits(self, take: _Recording) -> bool:
        """Replay what was just run, and compare bit by bit; afterwards all is as the step has left it."""
        ends = [tensor._array for tensor in _tensors_in(self.result)]
        ends += [grad._array for _, grad in self.program.grads if grad is not None]
        arrays = [root(array) for array in (*take.changed, *ends)]
        expected = [(array, array.copy()) for array in {id(a): a for a in (*arrays, *ends)}.values()]
        states = [(g, g.numpy.bit_generator.state) for g in take.generators]
        numbers = _Numbers(take.before.numbers.owners)
        for array in ends:
            if take.recorder.computes(array):  # so that only a program that computes it, too, has its bits
                spoil(array if array.flags.writeable else root(array))
        take.before.put_back()
        same = True
        try:
            self.program.run(self._inputs)
            same = all(same_bits(array, values) for array, values in expected)
            same = same and all(g.numpy.bit_generator.state == state for g, state in states)
        except Exception:
            same = False
        for array, values in expected:
            if array.flags.writeable:  # and if not, its root is
                np.copyto(array, values)
        for generator, state in states:
            generator.numpy.bit_generator.state = state
        numbers.put_back()
        for leaf, grad in take.grads.items():
            leaf._grad = grad
        return same

    def fits(self) -> bool:
        """Whether all that the program depends on is as it was when it was recorded."""
        if not self.watch.holds() and self.watch.change() is not None:
            return False
        for leaf, grad in self._begins:
            if leaf._grad is not grad:
                return False
        for group, name, value in self._frozen:
            if group.get(name) != value:
                return False
        for group, name, other_than_0 in self.program.asked.values():
            if bool(group.get(name)) is not other_than_0:
                return False
        return self.program.let_go()

    def replay(self, given: Sequence[TensorBase]) -> Any:
        """The results of a run with these arguments."""
        self.program.run(given)
        return wrap(self.result._array.copy()) if self._single else _returned(self.result, self._kept)


def _described(value: Any, tensors: list[Any]) -> Any:
    """What two calls must have in common to use one program; the tensors are gathered."""
    if isinstance(value, TensorBase):
        tensors.append(value)
        array = value._array
        return array.shape, array.strides, array.dtype
    if isinstance(value, list | tuple):
        return (type(value), *[_described(item, tensors) for item in value])
    if isinstance(value, dict):
        return (dict, *[(name, _described(item, tensors)) for name, item in value.items()])
    if isinstance(value, float):
        return float, value.hex()
    return (type(value), value) if isinstance(value, PLAIN) else id(value)


def _mapped(value: Any, function: Callable[[Any], Any]) -> Any:
    """The value with every tensor in it replaced."""
    if isinstance(value, TensorBase):
        return function(value)
    if isinstance(value, list | tuple):
        items = [_mapped(item, function) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, dict):
        return {name: _mapped(item, function) for name, item in value.items()}
    return value


def _tensors_in(value: Any) -> list[Any]:
    found: list[Any] = []
    _mapped(value, found.append)
    return found


def _returned(result: Any, kept: Any) -> Any:
    """The results as copies without history; a tensor that was there before is returned as it is."""
    if isinstance(result, TensorBase) and id(result) not in kept:
        return wrap(result._array.copy())
    return _mapped(result, lambda tensor: tensor if id(tensor) in kept else wrap(tensor._array.copy()))
