"""How many threads BLAS uses, held at one while our own threads work or where its own would cost more than they bring.

BLAS's threads wait for each other by spinning: beside other busy processes a product takes many times as long as on
one thread. NumPy's wheels bring an OpenBLAS, which is told by a call of its own; for any other BLAS there is
`threadpoolctl` (extra `fast`). Without either, BLAS does as the environment says (`OMP_NUM_THREADS`).
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np


class Dial(NamedTuple):
    """Where a library's number of threads is read and set."""

    get: Callable[[], int]
    set: Callable[[int], Any]


def _bundled() -> Iterator[Dial]:
    """The OpenBLAS in NumPy's own wheel."""
    package = np.__path__[0]
    for folder in (f"{package}.libs", f"{package}/.dylibs"):
        files = os.scandir(folder) if os.access(folder, os.R_OK) else ()
        for file in sorted(files, key=lambda file: file.name):
            if "openblas" not in file.name:
                continue
            try:
                library = ctypes.CDLL(file.path)  # which is loaded already
            except OSError:  # where no library can be loaded at all
                continue
            for prefix in ("scipy_openblas", "openblas"):
                for suffix in ("64_", "_64", ""):
                    try:
                        get = getattr(library, f"{prefix}_get_num_threads{suffix}")
                        yield Dial(get, getattr(library, f"{prefix}_set_num_threads{suffix}"))
                    except AttributeError:
                        continue


def _any_other() -> Iterator[Dial]:
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:
        return
    for library in ThreadpoolController().select(user_api="blas").lib_controllers:
        yield Dial(library.get_num_threads, library.set_num_threads)


class _OneThread:
    """A context in which BLAS uses one thread. Threads may be in it together: the last one out sets BLAS free."""

    def __init__(self) -> None:
        self._dials: list[Dial] | None = None
        self._turned: list[tuple[Dial, int]] = []
        self.forget()

    def forget(self) -> None:
        """Begin with nobody inside, as a forked child does: the threads that were have stayed with its parent."""
        self._lock = threading.Lock()
        self._inside = 0

    def reaches(self) -> bool:
        """Whether there is a BLAS that can be told."""
        if self._dials is None:
            self._dials = list(_bundled()) or list(_any_other())
        return bool(self._dials)

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0 and self.reaches():
                found = [(dial, dial.get()) for dial in self._dials or ()]
                self._turned = [(dial, number) for dial, number in found if number != 1]  # the others are left alone
                for dial, _ in self._turned:
                    dial.set(1)
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                for dial, number in self._turned:
                    dial.set(number)


one_thread = _OneThread()
"""`with one_thread:` BLAS computes in the thread that calls it."""

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=one_thread.forget)
