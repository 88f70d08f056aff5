"""The arrays of a program laid over each other: two that are never needed at the same time share their memory.

In an eager step an array is freed when nothing refers to it, and the next one takes its place. A program keeps its
arrays from replay to replay, so each is given a place in one block of memory instead: the largest first, at the lowest
offset where all that is there already is needed at other times. What an array held before it was moved is overwritten,
so that a program in which something still reads it there gives other bits, and is not used.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.replay.recorder import KERNEL, Array, Call, Recorder, arrays_in, root

__all__: list[str] = []

LEAST = 1 << 15
"""Bytes up to which an array stays where it is. (A kernel that is taken apart has none beyond.)"""

ALIGNED = 64
"""Bytes of a line of the cache, which no two arrays share."""


def overlay(recording: Recorder, calls: Sequence[Call], kept: set[int]) -> Array:
    """Move the arrays of a recording into one block of memory, which is returned, and let go of what is not needed.

    Args:
        calls: those of the recording that are needed.
        kept: the ids of memory that stays where it is.
    """
    lifetimes = _lifetimes(recording, calls, kept)
    places, size = _places({key: (array.nbytes, first, last) for key, (array, first, last) in lifetimes.items()})
    block = np.empty(size + ALIGNED, np.uint8)
    block = block[-block.__array_interface__["data"][0] % ALIGNED :][:size]
    whole = block.data  # and not an array, so that each place is the root of the arrays in it
    memory: dict[int, Array] = {
        key: np.frombuffer(whole[places[key] : places[key] + array.nbytes], np.uint8)
        for key, (array, _, _) in lifetimes.items()
    }
    for before, _, _ in lifetimes.values():
        np.copyto(before, np.nan if before.dtype.kind in "fc" else np.invert(before))
    moved = _Moved(memory)
    there = [(call, moved(call.args), moved(call.kwargs), moved(call.result)) for call in calls]
    for call in recording.calls:
        call.args, call.kwargs, call.result = (), {}, None
    for call, *values in there:
        call.args, call.kwargs, call.result = values
    for key, place in memory.items():
        recording.made[id(place)] = recording.made.pop(key)
    return block


def _lifetimes(recording: Recorder, calls: Sequence[Call], kept: set[int]) -> dict[int, tuple[Array, int, int]]:
    """Of the memory that kernels have made: itself, and the first and the last call that meets it, by its id."""
    found: dict[int, tuple[Array, int, int]] = {}
    for number, call in enumerate(calls):
        for array in arrays_in((call.args, call.kwargs, call.result)):
            memory = root(array)
            key = id(memory)
            if key in kept or key not in recording.made or memory.nbytes <= LEAST or not memory.flags.owndata:
                continue
            if recording.calls[recording.made[key][0]].kind == KERNEL:
                found[key] = memory, found[key][1] if key in found else number, number
    return found


def _places(lifetimes: dict[int, tuple[int, int, int]]) -> tuple[dict[int, int], int]:
    """An offset for each of (bytes, first, last), and the bytes of all together."""
    placed: list[tuple[int, int, int, int]] = []
    offsets: dict[int, int] = {}
    for key, (size, first, last) in sorted(lifetimes.items(), key=lambda item: -item[1][0]):
        offset = 0
        for start, end, a, b in sorted(placed):
            if b < first or last < a:
                continue
            if start - offset >= size:
                break
            offset = max(offset, end)
        offsets[key] = offset
        placed.append((offset, -(-(offset + size) // ALIGNED) * ALIGNED, first, last))
    return offsets, max((end for _, end, _, _ in placed), default=0)


class _Moved:
    """Arrays, and calls with them, in other memory: the same shapes, strides and offsets."""

    def __init__(self, memory: dict[int, Array]) -> None:
        self._memory = memory
        self._arrays: dict[int, Array] = {}

    def __call__(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return self._array(value)
        if isinstance(value, list | tuple):
            items = [self(item) for item in value]
            return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
        if isinstance(value, dict):
            return {name: self(item) for name, item in value.items()}
        return value

    def _array(self, array: Array) -> Array:
        before = root(array)
        if id(before) not in self._memory:
            return array
        if id(array) not in self._arrays:
            offset = array.__array_interface__["data"][0] - before.__array_interface__["data"][0] if array.size else 0
            memory: Any = self._memory[id(before)]
            moved: Array = np.ndarray(array.shape, array.dtype, memory, offset, array.strides)
            moved.flags.writeable = array.flags.writeable
            self._arrays[id(array)] = moved
        return self._arrays[id(array)]
