"""Arrays as calls hold them: found in what a call was given, known by their memory, sketched when they are let go."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__: list[str] = []

Array = NDArray[Any]


class Memory:
    """Memory that a kernel has made: freed when the step lets go of it, so that a place in a program is found later."""

    def __init__(self, array: Array) -> None:
        self.nbytes = array.nbytes
        self.array = weakref.ref(array)


class Sketch:
    """An array without its numbers: where it lies in what memory."""

    def __init__(self, array: Array, memory: Memory) -> None:
        self.memory, self.shape, self.strides, self.dtype = memory, array.shape, array.strides, array.dtype
        self.size, self.offset, self.writeable = array.size, offset_of(array), array.flags.writeable


def root(array: Any) -> Any:
    """The array whose memory it is; of a sketch, the memory."""
    if isinstance(array, Sketch):
        return array.memory
    while True:
        base = array.base
        if not isinstance(base, np.ndarray):
            base = getattr(base, "base", None)  # of a view by its strides, which NumPy makes in two steps
        if not isinstance(base, np.ndarray):
            return array
        array = base


def arrays_in(value: Any) -> Iterator[Any]:
    """The arrays in a value and the sketches, also those within lists, tuples and dictionaries."""
    if isinstance(value, np.ndarray | Sketch):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from arrays_in(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from arrays_in(item)


def mapped(value: Any, function: Callable[[Any], Any]) -> Any:
    """A list, a tuple or a dictionary with the function of what is in it; all else as it is."""
    if isinstance(value, list | tuple):
        items = [function(item) for item in value]
        return type(value)(*items) if hasattr(value, "_fields") else type(value)(items)
    if isinstance(value, dict):
        return {name: function(item) for name, item in value.items()}
    return value


def offset_of(array: Array) -> int:
    """Where the array begins in its memory, in bytes."""
    start: int = root(array).__array_interface__["data"][0]
    return array.__array_interface__["data"][0] - start if array.size else 0


def same_bits(one: Array, other: Array) -> bool:
    """Whether two arrays are of one type and shape and hold the same bits."""
    return one.dtype == other.dtype and one.shape == other.shape and bits(one) == bits(other)


def bits(array: Array) -> memoryview:
    """The bytes of an array, without a copy of those that lie in order."""
    return np.ascontiguousarray(array).reshape(array.size).view(np.uint8).data


def spoil(array: Array) -> None:
    """Fill the array with what it does not hold now."""
    np.copyto(array, np.nan if array.dtype.kind in "fc" else np.invert(array))


def elements(array: Array) -> Any:
    """What two views of the same elements have in common."""
    return array.__array_interface__["data"], array.shape, array.strides, array.dtype


def address(array: Array) -> int:
    """Where the array begins, among all memory."""
    start: int = array.__array_interface__["data"][0]
    return start


def moved_to(places: dict[int, tuple[Array, Array]], value: Any) -> Any:
    """The value with arrays in their new places."""
    if not isinstance(value, np.ndarray):
        return mapped(value, functools.partial(moved_to, places))
    before, part = places.get(id(root(value)), (value, value))
    if value is before:
        return part
    view: Array = np.ndarray(value.shape, value.dtype, part, offset_of(value), value.strides)
    view.flags.writeable = value.flags.writeable
    return view


def memories(act: Any) -> set[int]:
    """The ids of the memory that an action mentions."""
    return {id(root(array)) for array in arrays_in([act.args, act.keywords, getattr(act.func, "__self__", None)])}
