"""Kernels for integers and bools alone: bits, shifts and common divisors."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.errors import DtypeError
from nn.kernels.arithmetic import promote


def promote_integers(x: Any, other: Any) -> tuple[Any, Any]:
    """As `promote`; what is no integer is refused."""
    x, other = promote(x, other)
    for value in (x, other):
        if getattr(value, "dtype", np.dtype(type(value))).kind not in "iu":
            raise DtypeError(f"shift: expected integers, got {getattr(value, 'dtype', value)}; use .long()")
    return x, other
