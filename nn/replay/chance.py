"""Random numbers that a step draws outside of `nn`: a replay would not draw them, and so they are found out.

A number drawn is another one at each call, which two recordings show. What is decided by it (`if random.random() <
0.5`) may be decided alike twice, and be frozen; but the generator has moved on.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Iterable
from typing import Any

__all__: list[str] = []


class Chance:
    """The state of Python's generator, of NumPy's, and of those that a step can reach, as it is now.

    Args:
        reached: the generators, each with the name that it was found by.
    """

    def __init__(self, reached: Iterable[tuple[str, Any]]) -> None:
        self._sources: list[tuple[str, Callable[[], Any]]] = [("Python's `random`", random.getstate)]
        numpy = sys.modules.get("numpy.random")  # which loads when it is first asked for
        if numpy is not None:
            self._sources.append(("`numpy.random`", lambda: repr(numpy.get_state(legacy=False))))
        self._sources += [(f"the generator {name}", _state_of(generator)) for name, generator in reached]
        self._states = [state() for _, state in self._sources]

    def drawn(self) -> str | None:
        """The name of one that has moved on since."""
        for (name, state), before in zip(self._sources, self._states, strict=True):
            if state() != before:
                return name
        return None


def is_generator(value: Any) -> bool:
    """Whether it draws numbers: of Python's, or of NumPy's old or new kind."""
    numpy = sys.modules.get("numpy.random")
    return isinstance(value, random.Random) or (
        numpy is not None and isinstance(value, numpy.Generator | numpy.RandomState)
    )


def _state_of(generator: Any) -> Callable[[], Any]:
    if isinstance(generator, random.Random):
        return generator.getstate
    bits = getattr(generator, "bit_generator", None) or generator._bit_generator
    return lambda: repr(bits.state)
