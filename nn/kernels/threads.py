"""Several cores for one kernel: NumPy lets go of the interpreter while it copies, adds and multiplies.

A convolution copies as much as it multiplies. BLAS would use all cores for its products, one after the other, and
leave the copies to one core; here each core takes its share of the whole work, with BLAS on one thread meanwhile. Large
matrix products go the same way, since BLAS's own threads keep a core busy for a while after each. To tell BLAS so takes
`threadpoolctl` (extra `fast`); without it, BLAS's threads do the products and the caller's thread all else.
"""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nn import settings

Array = NDArray[Any]
T = TypeVar("T")
R = TypeVar("R")

ENOUGH = 5e7
"""Multiplications and additions from which on a second thread pays: about half a millisecond of one core."""


LITTLE = 2e6
"""Multiplications and additions up to which BLAS uses one thread anyway, or others for a moment only."""


class _Team:
    """The threads, and how many of BLAS's own it had before they took over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._busy = 0
        self._blas: Any = None
        self._limit: Any = None
        self._pool: Any = None
        self._width = 0

    def width(self) -> int:
        """As many threads as BLAS was told to use (OPENBLAS_NUM_THREADS ...) and `set_num_threads` allows.

        1 if BLAS cannot be told to use fewer.
        """
        if not self._width:
            try:
                from threadpoolctl import ThreadpoolController
            except ImportError:
                self._width = 1
            else:
                self._blas = ThreadpoolController().select(user_api="blas")
                self._width = max([1, *(library["num_threads"] for library in self._blas.info())])
        return self._width if settings.threads is None else min(settings.threads, self._width)

    def run(self, work: Callable[[T], R], shares: Sequence[T]) -> list[R]:
        """Every share at the same time, the first in the caller's thread."""
        with self._lock:  # threads of the user may be here together: the first limits BLAS, the last frees it
            if self._busy == 0:
                self._limit = self._blas.limit(limits=1)
            self._busy += 1
            if self._pool is None:
                from concurrent.futures import ThreadPoolExecutor  # not earlier: `import nn` must stay quick

                self._pool = ThreadPoolExecutor(max(1, self.width() - 1), "fromzero-kernel")
            others = [self._pool.submit(_quietly, work, share) for share in shares[1:]]
        try:
            return [work(shares[0]), *(other.result() for other in others)]
        finally:
            for other in others:
                other.exception()  # wait: no worker may still write to the caller's arrays once this returns
            with self._lock:
                self._busy -= 1
                if self._busy == 0:
                    self._limit.restore_original_limits()


def _quietly(work: Callable[[T], R], share: T) -> R:
    with np.errstate(all="ignore"):  # as the caller does (see autograd.mode)
        return work(share)


_team = _Team()


def _new_team() -> None:
    """A forked child has none of the threads."""
    global _team
    _team = _Team()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_team)


def share(work: Callable[[Sequence[T]], R], items: Sequence[T], operations: float) -> list[R]:
    """Call `work` with all items, or, if there are enough operations, with a share of them in each of several threads.

    Returns:
        What each call returned.
    """
    if operations < LITTLE or _team.width() == 1:
        return [work(items)]
    pieces = max(1, min(_team.width(), len(items))) if operations >= ENOUGH else 1
    bounds = [len(items) * i // pieces for i in range(pieces + 1)]
    return _team.run(work, [items[a:b] for a, b in pairwise(bounds)])


def product(x: Array, other: Array, out: Array | None = None) -> Array:
    """x @ other; a large product of two matrices in shares of its longer side.

    (..., n, k) @ (k, m) is one product of a tall matrix, where NumPy would make one for each of the leading axes.
    """
    if x.ndim > 2 and other.ndim == 2 and x.shape[-1] == len(other):
        flat = product(x.reshape(math.prod(x.shape[:-1]), len(other)), other)
        result = flat.reshape(*x.shape[:-1], other.shape[1])
        if out is None:
            return result
        np.copyto(out, result)
        return out
    if x.ndim != 2 or other.ndim != 2 or 2 * x.size * other.shape[1] < ENOUGH or x.shape[1] != other.shape[0]:
        return np.matmul(x, other, out=out)
    rows, columns = len(x), other.shape[1]
    y = np.empty((rows, columns), np.result_type(x, other)) if out is None else out

    def work(own: Sequence[int]) -> None:
        part = slice(own[0], own[-1] + 1)
        if rows >= columns:
            np.matmul(x[part], other, out=y[part])
        else:
            np.matmul(x, other[:, part], out=y[:, part])

    share(work, range(max(rows, columns)), 2 * x.size * columns)
    return y
