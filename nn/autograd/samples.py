"""Samples: the inputs that an op is declared with, and on which the registry test proves it."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Draw", "Sample"]


class Sample(NamedTuple):
    """One call to test an op with: float64 operands and attributes."""

    operands: tuple[Any, ...]
    attributes: dict[str, Any]


class Draw:
    """Draws samples. Every method takes one shape for each operand, and the attributes by keyword."""

    def __init__(self, rng: np.random.Generator) -> None:
        self.rng = rng

    def of(self, *operands: Any, **attributes: Any) -> Sample:
        """A sample of the given operands (arrays without axes are arrays too; Python numbers stay what they are)."""
        return Sample(tuple(np.asarray(v) if isinstance(v, np.generic) else v for v in operands), attributes)

    def normal(self, *shapes: tuple[int, ...], **attributes: Any) -> Sample:
        """Standard normal values, none of them within 0.05 of zero, where many ops have a kink."""
        values = [self.rng.normal(size=shape) for shape in shapes]
        return self.of(*(np.float64(v) + np.copysign(0.05, v) for v in values), **attributes)

    def positive(self, *shapes: tuple[int, ...], **attributes: Any) -> Sample:
        """Values between 0.5 and 2."""
        return self.of(*(np.float64(self.rng.uniform(0.5, 2, size=shape)) for shape in shapes), **attributes)

    def distinct(self, *shapes: tuple[int, ...], **attributes: Any) -> Sample:
        """Values at least 0.1 apart from each other, over all operands: no ties for max, no kinks at equality."""
        sizes = [math.prod(shape) for shape in shapes]
        values = self.rng.permutation(sum(sizes)) * 0.1 - 0.05 * sum(sizes) + 0.03
        parts = np.split(values, np.cumsum(sizes)[:-1])
        return self.of(*(p.reshape(s) for p, s in zip(parts, shapes, strict=True)), **attributes)
