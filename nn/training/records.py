"""What a training logs: the latest value of every metric, and the means of an epoch."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from nn.tensors.tensor import Tensor

__all__: list[str] = []


def size_of(batch: Any) -> int:
    """The samples in a batch: the length of its first tensor or array; 1 where there is none."""
    if isinstance(batch, dict):
        batch = list(batch.values())
    if isinstance(batch, list | tuple):
        return size_of(batch[0]) if batch else 1
    shape = getattr(batch, "shape", ())
    return int(shape[0]) if shape else 1


def number(name: str, value: Any) -> float:
    """A metric as a number.

    Raises:
        TypeError: it is none.
    """
    try:
        return float(value.item() if isinstance(value, Tensor) else value)
    except (TypeError, ValueError, RuntimeError) as error:
        shape = getattr(value, "shape", None)
        got = type(value).__name__ if shape is None else f"shape {tuple(shape)}"
        raise TypeError(f"log: {name} must be one number, got {got}; log its mean") from error


FOLDS: dict[str, Callable[[float, float], float]] = {"mean": operator.add, "sum": operator.add, "min": min, "max": max}
"""How two numbers of a metric become one; means are sums, divided by the weights at the end."""


class Means:
    """The means of an epoch, each batch counted by its samples; or sums, minima, maxima.

    Example:
        >>> means = Means()
        >>> means.add("loss", 1.0, 3)
        >>> means.add("loss", 2.0, 1)
        >>> means.add("largest", 2.0, 1, "max")
        >>> means.add("largest", 1.0, 1, "max")
        >>> means.values()
        {'loss': 1.25, 'largest': 2.0}
    """

    def __init__(self) -> None:
        self.sums: dict[str, list[Any]] = {}

    def add(self, name: str, value: float, weight: int, reduce_fx: str = "mean") -> None:
        """Count one batch."""
        if reduce_fx == "mean":
            self._fold(name, value * weight, weight, reduce_fx)
        else:
            self._fold(name, value, 0, reduce_fx)

    def merge(self, sums: Mapping[str, list[Any]]) -> None:
        """Count those of others."""
        for name, entry in sums.items():
            self._fold(name, *entry)

    def _fold(self, name: str, value: float, weight: int, reduce_fx: str) -> None:
        entry = self.sums.get(name)
        if entry is None:
            self.sums[name] = [value, weight, reduce_fx]
        else:
            entry[0] = FOLDS[reduce_fx](entry[0], value)
            entry[1] += weight

    def values(self) -> dict[str, float]:
        """The means until now."""
        return {name: total / weight if weight else total for name, (total, weight, _) in self.sums.items()}


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint at the name that was probably meant."""
    import difflib

    found = difflib.get_close_matches(name, list(names), 1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else ""
