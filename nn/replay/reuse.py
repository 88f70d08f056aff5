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

from nn.replay.arrays import Array, Memory, Sketch, arrays_in, mapped, root, spoil
from nn.replay.recorder import Call, Recorder

__all__: list[str] = []

ALIGNED = 64
"""Bytes of a line of the cache, which no two arrays share."""


def overlay(recording: Recorder, calls: Sequence[Call], kept: set[int]) -> Array:
    """Move the arrays of a recording into one block of memory, which is returned, and let go of what is not needed.

    Args:
        calls: those of the recording that are needed.
        kept: the ids of memory that stays where it is.
    """
    lifetimes = _lifetimes(calls)
    places, size = _places({key: (m.nbytes, a, b) for key, (m, a, b) in lifetimes.items() if key not in kept})
    block = np.empty(size + ALIGNED, np.uint8)
    block = block[-block.__array_interface__["data"][0] % ALIGNED :][:size]
    whole = block.data  # and not an array, so that each place is the root of the arrays in it
    memory: dict[int, Array] = {}
    for key, (before, _, _) in lifetimes.items():
        array: Any = before.array()  # which somebody else has kept
        if key in kept:
            memory[key] = array.ravel(order="K").view(np.uint8)
        else:
            memory[key] = np.frombuffer(whole[places[key] : places[key] + before.nbytes], np.uint8)
            recording.made[id(memory[key])] = recording.made[key]
            if array is not None:
                spoil(array)
    moved = _Moved(memory)
    there = [(call, moved(call.args), moved(call.kwargs), moved(call.result)) for call in calls]
    for call in recording.calls:
        call.args, call.kwargs, call.result = (), {}, None
    for call, *values in there:
        call.args, call.kwargs, call.result = values
    return block


def _lifetimes(calls: Sequence[Call]) -> dict[int, tuple[Memory, int, int]]:
    """Of the memory that kernels have made: itself, and the first and the last call that meets it, by its id."""
    found: dict[int, tuple[Memory, int, int]] = {}
    for number, call in enumerate(calls):
        for array in arrays_in((call.args, call.kwargs, call.result)):
            memory = root(array)
            if isinstance(memory, Memory):
                found[id(memory)] = memory, found[id(memory)][1] if id(memory) in found else number, number
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
    """Arrays for the sketches in a value: the same shapes, strides and offsets, in memory of its own."""

    def __init__(self, memory: dict[int, Array]) -> None:
        self._memory = memory
        self._arrays: dict[Any, Array] = {}

    def __call__(self, value: Any) -> Any:
        return self._array(value) if isinstance(value, Sketch) else mapped(value, self)

    def _array(self, sketch: Sketch) -> Array:
        key = id(sketch.memory), sketch.offset, sketch.shape, sketch.strides, sketch.dtype, sketch.writeable
        if key not in self._arrays:
            memory: Any = self._memory[id(sketch.memory)]
            moved: Array = np.ndarray(sketch.shape, sketch.dtype, memory, sketch.offset, sketch.strides)
            moved.flags.writeable = sketch.writeable
            self._arrays[key] = moved
        return self._arrays[key]
