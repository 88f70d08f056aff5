"""Calls that a program can do without, although the kernel that makes them could not.

Kernels know nothing of each other: a squared error subtracts the target, and so does its gradient. Side by side in a
program the two calls can be seen to be the same.
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Container, Sequence
from typing import Any

import numpy as np

from nn.replay.arrays import Array, arrays_in, elements, memories, moved_to, root

__all__: list[str] = []

SUM = 3
"""Where a sum has the place for its result, after the numbers, the axis and the type."""


def without_repeats(actions: Sequence[Any], known: Container[int], lent: Container[int]) -> list[Any]:
    """The actions without those that compute again what is there: who reads that has the first result instead.

    Nothing else may write to either result, and what is read must not change in between.

    Args:
        known: the ids of memory that others refer to as well: it keeps its numbers.
        lent: the ids of memory that is given to other arrays later: its numbers cannot serve for longer.
    """
    writers = Counter(id(root(array)) for act in actions for array in _written(act))
    made: dict[Any, list[Array]] = {}
    places: dict[int, tuple[Array, Array]] = {}
    kept = []
    for act in actions:
        if not places.keys().isdisjoint(memories(act)):
            act = _moved(act, places)
        written, key = _written(act), None
        if _is_elementwise(act):
            *operands, out = act.args
            memory = root(out)
            if writers[id(memory)] == 1 and id(memory) not in known:
                key = (act.func, *map(elements, operands), out.shape, out.dtype)
                if key in made:
                    places[id(memory)] = memory, root(made[key][-1])
                    continue
                if id(memory) in lent or _meet(operands, written):
                    key = None
        kept.append(act)
        made = {k: arrays for k, arrays in made.items() if not _meet(arrays, written)}
        if key is not None:
            made[key] = list(act.args)
    return kept


def _is_elementwise(act: Any) -> bool:
    """Whether it is a ufunc of arrays only, whose result fills memory of its own, in order."""
    if not isinstance(act.func, np.ufunc) or act.keywords or len(act.args) != act.func.nin + 1:
        return False
    out = act.args[-1]
    arrays = all(isinstance(value, np.ndarray) for value in act.args)
    return arrays and out.size == root(out).size and out.flags.c_contiguous


def _written(act: Any) -> list[Array]:
    """The arrays that an action may write to: of a call that is not known here, all that it mentions."""
    function, owner = act.func, getattr(act.func, "__self__", None)
    if isinstance(function, np.ufunc) and len(act.args) == function.nin + function.nout:
        return list(act.args[function.nin :])
    if isinstance(owner, np.ndarray) and function.__name__ in ("__setitem__", "dot"):
        return [owner] if function.__name__ == "__setitem__" else [act.args[-1]]
    if isinstance(owner, np.ufunc) and len(act.args) > SUM:  # a sum, or running sums
        return [act.args[SUM]]
    return list(arrays_in([owner, act.args, act.keywords]))


def _meet(some: Sequence[Array], others: Sequence[Array]) -> bool:
    return any(np.may_share_memory(root(a), root(b)) for a in some for b in others)


def _moved(act: Any, places: dict[int, tuple[Array, Array]]) -> Any:
    """The action with arrays in their new places."""
    owner = getattr(act.func, "__self__", None)
    function = getattr(moved_to(places, owner), act.func.__name__) if isinstance(owner, np.ndarray) else act.func
    return functools.partial(function, *moved_to(places, act.args), **moved_to(places, act.keywords))
