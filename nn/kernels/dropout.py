"""Which elements a dropout keeps."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

Array = NDArray[Any]


def kept(numbers: Array, *, p: float, dtype: Any, factor: float = 1.0) -> Array:
    """`factor` where a number drawn from [0, 1) is p or more, 0 elsewhere."""
    keep = (numbers >= p).astype(dtype)
    if factor != 1:
        keep *= factor
    return keep
