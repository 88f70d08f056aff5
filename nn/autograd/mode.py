"""What is a thread's own: how it calls kernels, and whether it records."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

__all__ = ["Watcher", "constant", "mode", "outside", "quietly"]


def _ignoring() -> contextvars.Context | None:
    """A context in which NumPy ignores infinities and nan; None before NumPy 2, whose error state is no variable."""
    if np.lib.NumpyVersion(np.__version__) < "2.0.0":
        return None
    context = contextvars.copy_context()
    context.run(np.seterr, all="ignore")
    return context


def _quiet() -> Callable[..., Any]:
    """A way to call kernels so that infinities and nan, which are results like others, raise no warning.

    A context in which NumPy ignores them is entered in 20 ns; `np.errstate` takes fifty times as long.
    """
    context = _ignoring()
    if context is not None:
        return context.run

    def run(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        with np.errstate(all="ignore"):
            return function(*args, **kwargs)

    return run


class quietly:
    """A block in which infinities and nan raise no warning, for code that calls `mode.quiet` itself.

    It is `np.errstate(all="ignore")` in a third of the time: the variable that `np.seterr` would set is set at once.
    """

    __slots__ = ("_before",)

    def __enter__(self) -> None:
        if _STATE is None:
            self._before: Any = np.seterr(all="ignore")
        else:
            self._before = _STATE[0].set(_STATE[1])

    def __exit__(self, *error: object) -> None:
        if _STATE is None:
            np.seterr(**self._before)
        else:
            _STATE[0].reset(self._before)


def _error_state() -> tuple[contextvars.ContextVar[Any], Any] | None:
    """The variable that `np.seterr` sets, and the value that ignores all."""
    context, as_it_is = _ignoring(), contextvars.copy_context()
    changed = [] if context is None else [v for v in context if as_it_is.get(v) is not context[v]]
    return (changed[0], context[changed[0]]) if context is not None and changed else None


_STATE = _error_state()


Watcher: TypeAlias = Callable[[Any, Sequence[Any]], None]
"""A function that is called with each result that is recorded, and the operands it was computed from."""


class _Mode(threading.local):
    """What is a thread's own: how it calls kernels, whether it records, and which function watches that."""

    watcher: Watcher | None = None
    recorder: Any = None
    """What notes each call while a step is captured (see `nn.replay`): then `quiet` is its `run`, the one door."""

    def __init__(self) -> None:
        self.plain = _quiet()
        self.ways: tuple[Callable[..., Any], bool | Watcher] = (self.plain, True)
        """`quiet` and `grad`, read at once: a thread's own attributes are slow to look up."""

    @property
    def noted(self) -> bool:
        """Whether somebody who calls the kernels notes each call: a recorder, or an export."""
        return self.ways[0] is not self.plain

    @property
    def quiet(self) -> Callable[..., Any]:
        """Calls a kernel without NumPy's warnings."""
        return self.ways[0]

    @property
    def grad(self) -> bool | Watcher:
        """False, True, or (which counts as True) a function that is called with each result recorded."""
        return self.ways[1]

    @grad.setter
    def grad(self, value: bool | Watcher) -> None:
        self.ways = (self.ways[0], value)


mode = _Mode()


def constant(array: Any) -> Any:
    """The array, which was made of nothing but the numbers in the program's text; a recorder keeps it as it is."""
    if mode.recorder is not None:
        mode.recorder.constant(array)
    return array


def outside(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """Call what is no kernel: a draw of random numbers, a schedule. A recorder notes the call, to make it again."""
    if mode.recorder is None:
        return function(*args, **kwargs)
    return mode.recorder.outside(function, *args, **kwargs)
