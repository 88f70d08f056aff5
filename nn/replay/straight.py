"""Straight-line Python: calls and comparisons of known values, written out as one function without a loop.

A small step makes some twenty calls and some thirty comparisons, each in a few hundredths of a microsecond; a loop over
them, with its tuples and partial functions, takes as long again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__: list[str] = []


class Lines:
    """Source text over values, each of which has a name in it."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._values: dict[str, Any] = {}

    def name(self, value: Any) -> str:
        """What the value is called in the text; it is kept, so that its id is not given to another one."""
        name = self._names.setdefault(id(value), f"value_{len(self._names)}")
        self._values[name] = value
        return name

    def function(self, *lines: str) -> Callable[[], Any]:
        """The lines as a function, in which the values are local variables, the quickest that there are."""
        parameters = ", ".join(f"{name}={name}" for name in self._values)
        found: dict[str, Any] = {}
        exec("\n    ".join([f"def written({parameters}):", *lines, "..."]), self._values, found)
        written: Callable[[], Any] = found["written"]
        return written
