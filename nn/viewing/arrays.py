"""What callers hand over, as arrays: tensors, arrays, lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.errors import DtypeError, RangeError, ShapeError

__all__: list[str] = []

Array = NDArray[Any]


def as_array(where: str, name: str, values: Any) -> Array:
    """Numbers as an array; a tensor gives its own.

    Raises:
        DtypeError: they are no real numbers.
    """
    array = np.asarray(values.detach().numpy() if hasattr(values, "detach") else values)
    if array.dtype.kind not in "fiub":
        raise DtypeError(f"{where}: {name} must be real numbers, got {array.dtype}")
    return array.astype(np.float64) if array.dtype == np.float16 or array.dtype.kind == "b" else array


def limits(
    where: str, values: Array, low: float | None, high: float | None, centred: bool = False
) -> tuple[float, float]:
    """Where a scale of colours begins and ends: as given, or at the least and the greatest finite value.

    Raises:
        RangeError: the given ones are the wrong way round.
    """
    finite = values[np.isfinite(values)]
    least, most = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    if centred:  # a scale on both sides of 0
        most = max(abs(least), abs(most))
        least = -most
    low, high = least if low is None else float(low), most if high is None else float(high)
    if low > high:
        raise RangeError(f"{where}: low must not be above high, got {low:g} and {high:g}")
    return low, high


def labels_of(where: str, name: str, labels: Sequence[Any] | None, count: int) -> list[str] | None:
    """Labels as texts.

    Raises:
        ShapeError: there are not as many as there must be.
    """
    if labels is None:
        return None
    if len(labels) != count:
        raise ShapeError(f"{where}: {name} must have {count} entries, got {len(labels)}")
    return [str(label) for label in labels]
