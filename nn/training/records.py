"""What a training logs: the latest value of every metric, and the means of an epoch."""

from __future__ import annotations

from collections.abc import Iterable
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


class Means:
    """The means of an epoch, each batch counted by its samples.

    Example:
        >>> means = Means()
        >>> means.add("loss", 1.0, 3)
        >>> means.add("loss", 2.0, 1)
        >>> means.values()
        {'loss': 1.25}
    """

    def __init__(self) -> None:
        self.sums: dict[str, list[float]] = {}

    def add(self, name: str, value: float, weight: int) -> None:
        """Count one batch."""
        entry = self.sums.setdefault(name, [0.0, 0])
        entry[0] += value * weight
        entry[1] += weight

    def values(self) -> dict[str, float]:
        """The means until now."""
        return {name: total / weight if weight else total for name, (total, weight) in self.sums.items()}


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint at the name that was probably meant."""
    import difflib

    found = difflib.get_close_matches(name, list(names), 1, cutoff=0.5)
    return f"; did you mean {found[0]!r}?" if found else ""
