"""The world: which process this is among how many, and what all of them compute together, on arrays.

There is one process alone until `nn.distributed.init` has found others; the same calls then do nothing or copy, so
that code for many processes runs, with the same numbers, in one.
"""

from __future__ import annotations

import sys
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

__all__: list[str] = []

Array = NDArray[Any]


class Pending:
    """A call that all processes take part in, on its way."""

    def wait(self) -> None:
        """Return when the result is there."""

    def done(self) -> bool:
        """Whether the result is there; asking also moves the call along."""
        return True


class World:
    """One process alone; also the calls that every other world has."""

    rank = 0
    """The number of this process, from 0."""
    size = 1
    """How many processes there are."""
    backend = "single"

    def all_reduce(self, array: Array, op: str = "sum") -> Pending:
        """Put the sum (product, min, max) of every process's `array`, which is contiguous, in its place."""
        return Pending()

    def broadcast(self, array: Array, source: int) -> Pending:
        """Put the `array` of the process `source` into everyone's."""
        return Pending()

    def all_gather(self, array: Array) -> Array:
        """Everyone's `array`, along a new first axis; all have the same shape."""
        return np.array(array)[None]

    def barrier(self) -> None:
        """Return when every process has come here."""

    def abort(self, status: int) -> NoReturn:
        """End every process with this exit status."""
        sys.exit(status)


class _Current:
    world = World()


def world() -> World:
    """The world that this process is part of."""
    return _Current.world


def enter(other: World) -> None:
    """Make this process part of another world."""
    _Current.world = other


def broadcast_arrays(arrays: list[Array], source: int = 0) -> None:
    """Put the arrays of one process into everyone's, with one message for each dtype."""
    if world().size == 1:
        return
    for dtype in sorted({array.dtype for array in arrays}, key=str):
        group = [array for array in arrays if array.dtype == dtype]
        flat = np.concatenate([array.reshape(-1) for array in group])
        world().broadcast(flat, source).wait()
        start = 0
        for array in group:
            array[...] = flat[start : start + array.size].reshape(array.shape)
            start += array.size
