"""Calls that are made together: one number by several arrays which lie side by side in memory is one call.

`lr * g` for each parameter is a good part of what plain SGD does to a small model. So the gradients that a step leaves
are laid side by side, and so are these products.
"""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Container, Sequence
from typing import Any

import numpy as np

from nn.replay.arrays import Array, address, memories, moved_to, root
from nn.replay.recorder import LEAST, Recorder

__all__: list[str] = []


def gather(recording: Recorder, tensors: Sequence[Any], kept: Container[int]) -> None:
    """Lay the small arrays of these tensors side by side, also in the calls that made them.

    Args:
        kept: the ids of memory that stays where it is.
    """
    seen = Counter(id(root(tensor._array)) for tensor in tensors)
    found: dict[Any, list[Any]] = {}
    for tensor in tensors:
        array = tensor._array
        movable = seen[id(array)] == 1 and id(array) not in kept and recording.makes(array)
        if movable and array.flags.c_contiguous and 0 < array.nbytes <= LEAST:
            found.setdefault(array.dtype, []).append(tensor)
    places: dict[int, tuple[Array, Array]] = {}
    for several in found.values():
        _, parts = _side_by_side([tensor._array for tensor in several])
        for tensor, part in zip(several, parts, strict=True):
            before, tensor._array = tensor._array, part
            recording.made[id(part)] = recording.made.pop(id(before))
            places[id(before)] = before, part

    moved = functools.partial(moved_to, places)
    for call in recording.calls:
        call.args, call.kwargs, call.result = moved(call.args), moved(call.kwargs), moved(call.result)


def together(actions: Sequence[Any], known: Container[int]) -> list[Any]:
    """The actions, those that multiply arrays side by side by one number as one.

    Args:
        known: the ids of memory that others refer to as well.
    """
    made: list[Any] = list(actions)
    mentions = Counter(memory for act in made for memory in memories(act))
    groups: dict[int, list[int]] = {}
    for number, (act, reader) in enumerate(itertools.pairwise(made)):
        if _scales(act) and _reads_whole(reader, act.args[2]):
            product = id(root(act.args[2]))
            if mentions[product] == 2 and product not in known:
                groups.setdefault(id(root(act.args[0])), []).append(number)
    for group in groups.values():
        group.sort(key=lambda number: address(made[number].args[1]))
        scaled = [made[number].args[1] for number in group]
        near = all(address(a) + a.nbytes == address(b) for a, b in itertools.pairwise(scaled))
        others = [act for n, act in enumerate(made[min(group) : max(group)], min(group)) if n not in group]
        read = {id(root(array)) for array in (*scaled, made[group[0]].args[0])}
        untouched = read.isdisjoint(memory for act in others for memory in memories(act))
        if len(group) > 1 and near and untouched:
            _merge(made, group)
    return [act for act in made if act is not None]


def _merge(made: list[Any], group: Sequence[int]) -> None:
    """Make the calls of a group one, at the place of the first, and let their readers have its parts."""
    number, begin, _ = made[group[0]].args
    products, parts = _side_by_side([made[place].args[2] for place in group])
    together = np.lib.stride_tricks.as_strided(begin.reshape(-1), products.shape, writeable=False)
    for place, part in zip(group, parts, strict=True):
        reader, product = made[place + 1], made[place].args[2]
        args = [part.reshape(a.shape) if root(a) is root(product) else a for a in reader.args]
        made[place], made[place + 1] = None, functools.partial(reader.func, *args)
    made[min(group)] = functools.partial(np.multiply, number.reshape(()), together, products)


def _side_by_side(arrays: Sequence[Array]) -> tuple[Array, list[Array]]:
    """Copies of arrays of one type, one after the other in memory: all as one, and each as an array of its own."""
    memory = bytearray(np.concatenate([array.reshape(-1) for array in arrays]))  # no array, which would be their root
    starts = itertools.accumulate((array.nbytes for array in arrays), initial=0)
    parts = [np.ndarray(a.shape, a.dtype, memory, start) for a, start in zip(arrays, starts, strict=False)]
    return np.frombuffer(memory, arrays[0].dtype), parts


def _scales(act: Any) -> bool:
    """Whether it multiplies an array by a number, into another array."""
    if act.func is not np.multiply or act.keywords or len(act.args) != 3:
        return False
    number, array, out = act.args
    if not number.dtype == array.dtype == out.dtype or root(number).size != 1 or array.shape != out.shape:
        return False
    return array.flags.c_contiguous and out.flags.c_contiguous and out.size == root(out).size


def _reads_whole(act: Any, array: Array) -> bool:
    """Whether a ufunc is given the array, and no part of it."""
    if not isinstance(act.func, np.ufunc) or act.keywords:
        return False
    read = [value for value in act.args if isinstance(value, np.ndarray) and root(value) is root(array)]
    return bool(read) and all(value.size == array.size and value.flags.c_contiguous for value in read)
