"""Several cores for one kernel: NumPy lets go of the interpreter while it copies, adds and multiplies.

A convolution copies as much as it multiplies. BLAS would use all cores for its products, one after the other, and
leave the copies to one core; here each thread takes pieces of the whole work, with BLAS on one thread meanwhile. How
the work is cut depends on its size alone, and sums are added up piece by piece: the result is the same to the last bit
for any number of threads. A thread that a busy neighbour holds up delays one piece, since the others take the rest; no
thread spins while it waits.
"""

from __future__ import annotations

import functools
import itertools
import math
import os
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nn import settings
from nn.kernels.blas import one_thread

Array = NDArray[Any]
T = TypeVar("T")
R = TypeVar("R")

ENOUGH = 1e8
"""Multiplications and additions from which on a second thread pays: about a millisecond of one core.

A core that sleeps takes up to a third of that to wake, and threads wake each other at the ends of their calls too.
"""

ENOUGH_AT_ONCE = 5e7
"""The same where a piece is a single call to NumPy, which no other thread keeps from the interpreter meanwhile."""

LITTLE = 5e5
"""Multiplications and additions up to which BLAS uses one thread anyway."""

LONG = 8192
"""Numbers of a vector up to which BLAS uses one thread anyway."""

PIECES = 8
"""The most pieces that work is cut into, each with half of `ENOUGH` or more: an even number, for two threads."""

ROWS = 256
"""Rows or columns of a product in a piece, at least: BLAS rearranges the other operand once for each piece."""

AREA = 1 << 15
"""Numbers of a product's result in a piece, at least: BLAS is slow where a result is narrow and short as well."""

SUMS = 4
"""Pieces of sums, at most: each has a result of its own."""


class _Job:
    """Calls that the caller's thread and those that help it take in turn.

    Nobody waits for a thread that has not begun yet: it will find nothing left. So where a busy neighbour has the other
    cores, the caller does all by itself.
    """

    def __init__(self, calls: Sequence[Callable[[], Any]]) -> None:
        self.calls = calls
        self.results: list[Any] = [None] * len(calls)
        self.error: BaseException | None = None
        self._turns = itertools.count()
        self._ended = itertools.count(1)
        self.finished = threading.Lock()  # free when every call has ended
        self.finished.acquire()

    def take(self) -> None:
        """Make one call after another until all are taken; after an error the others are passed over."""
        calls = self.calls
        while (i := next(self._turns)) < len(calls):
            try:
                if self.error is None:
                    self.results[i] = calls[i]()
            except BaseException as error:  # the caller raises it
                self.error = error
            if next(self._ended) == len(calls):
                self.finished.release()


class _Team:
    """The threads that help the caller's."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: Any = None
        self._size = 0

    def run(self, work: Callable[[T], R], pieces: Sequence[T], threads: int) -> list[R]:
        """Every piece, the threads and the caller's among them taking one after another."""
        with self._lock:
            if self._jobs is None:
                from queue import SimpleQueue  # not earlier: `import nn` must stay quick

                self._jobs = SimpleQueue()
            while self._size < threads - 1:
                name = f"fromzero-kernel_{self._size}"
                threading.Thread(target=_help, args=(self._jobs,), name=name, daemon=True).start()
                self._size += 1
        job = _Job([functools.partial(work, piece) for piece in pieces])
        for _ in range(threads - 1):
            self._jobs.put(job)
        job.take()
        job.finished.acquire()  # no other thread may still write to the caller's arrays once this returns
        job.calls = ()  # a thread that comes late must not keep them alive
        if job.error is None:
            return job.results
        try:
            raise job.error
        finally:
            del job  # which the error's own frames hold


def _help(jobs: Any) -> None:
    with np.errstate(all="ignore"):  # as the caller does (see autograd.mode)
        while True:
            jobs.get().take()


_team = _Team()


@functools.cache
def can_start() -> bool:
    """Whether the system lets a thread start: in a browser none can, and all work is then the caller's."""
    thread = threading.Thread(target=int, name="fromzero-trial")
    try:
        thread.start()
    except RuntimeError:
        return False
    thread.join()
    return True


def _new_team() -> None:
    """A forked child has none of the threads."""
    global _team
    _team = _Team()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_team)


def share(
    work: Callable[[Sequence[T]], R],
    items: Sequence[T],
    operations: float,
    least: int = 1,
    most: int = PIECES,
    at_once: bool = False,
) -> list[R]:
    """Call `work` with all items, or, if there are enough operations, with one piece of them after another, in threads.

    Args:
        least: the fewest items in a piece.
        most: the most pieces.
        at_once: whether a call of `work` is a single call to NumPy, so that fewer operations are enough.

    Returns:
        What each call returned, in the order of the pieces.
    """
    if operations < LITTLE:
        return [work(items)]
    pays = operations >= (ENOUGH_AT_ONCE if at_once else ENOUGH)
    count = min(most, PIECES, len(items) // least, max(2, int(2 * operations / ENOUGH))) if pays else 1
    count = count - count % 2 if count > 1 else 1
    bounds = [len(items) * i // count for i in range(count + 1)]
    pieces = [items[a:b] for a, b in pairwise(bounds)]
    with one_thread:
        threads = min(settings.get_num_threads(), count) if one_thread.reaches() else 1
        return _team.run(work, pieces, threads) if threads > 1 and can_start() else [work(piece) for piece in pieces]


def added_up(sums: Sequence[Array]) -> Array:
    """The sums of all pieces together, in the memory of the first, one after another whatever thread was first."""
    first, *others = sums
    for other in others:
        first += other
    return first


def product(x: Array, other: Array, out: Array | None = None) -> Array:
    """x @ other; a large product of two matrices in pieces of its longer side, or of the sums where both are short.

    (..., n, k) @ (k, m) is one product of a tall matrix, where NumPy would make one for each of the leading axes.
    """
    if x.ndim > 2 and other.ndim == 2 and x.shape[-1] == len(other):
        flat = product(x.reshape(math.prod(x.shape[:-1]), len(other)), other)
        result = flat.reshape(*x.shape[:-1], other.shape[1])
        if out is None:
            return result
        np.copyto(out, result)
        return out
    operations = 2 * x.size * (other.shape[-1] if other.ndim > 1 else 1)
    if operations < LITTLE:
        if x.ndim == 2 and other.ndim == 2 and (out is None or out.flags.c_contiguous):
            return x.dot(other, out)  # the same product, and half a microsecond less on the way to it
        return np.matmul(x, other, out=out)
    if x.ndim != 2 or other.ndim != 2 or operations < ENOUGH_AT_ONCE or x.shape[1] != other.shape[0]:
        with one_thread:
            return np.matmul(x, other, out=out)
    rows, columns = len(x), other.shape[1]
    if max(rows, columns) < 2 * ROWS <= len(other):  # a small result: pieces of the sums

        def partial(own: Sequence[int]) -> Array:
            part = slice(own[0], own[-1] + 1)
            return np.matmul(x[:, part], other[part], out=out if own[0] == 0 else None)

        return added_up(share(partial, range(len(other)), operations, ROWS, SUMS, at_once=True))
    y = np.empty((rows, columns), np.result_type(x, other)) if out is None else out

    def work(own: Sequence[int]) -> None:
        part = slice(own[0], own[-1] + 1)
        if rows >= columns:
            np.matmul(x[part], other, out=y[part])
        else:
            np.matmul(x, other[:, part], out=y[:, part])

    least = max(ROWS, AREA // max(1, min(rows, columns)))
    share(work, range(max(rows, columns)), operations, least, at_once=True)
    return y


def dot(x: Array, other: Array) -> Any:
    """The product of two vectors, by one thread of BLAS: to wake another one takes longer, and changes the rounding."""
    with one_thread if x.size > LONG else nullcontext():
        return x.dot(other)
