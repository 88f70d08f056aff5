"""Hooks: functions called on the way, kept in order, each with a handle to take it away again."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import Any

__all__ = ["Hooks", "RemovableHandle"]

_numbers = itertools.count().__next__

Hooks = dict[float, Callable[..., Any]]
"""By number, lower ones first."""

LAST = math.inf

awaited = False
"""Whether any leaf has had a hook that waits for its gradient: until then, backward does not look for one."""

ending: list[Callable[[], None]] = []
"""Called once, when the `backward()` that is under way has added all gradients."""


class RemovableHandle:
    """What registering a hook returns; `remove()` takes the hook away, as does the end of a `with` block.

    Args:
        hooks: where the hook is put.
        hook: the function.
    """

    def __init__(self, hooks: Hooks, hook: Callable[..., Any]) -> None:
        self._hooks = hooks
        self._key = _numbers()
        hooks[self._key] = hook

    def remove(self) -> None:
        """Take the hook away; a second call does nothing."""
        self._hooks.pop(self._key, None)

    def __enter__(self) -> RemovableHandle:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()
