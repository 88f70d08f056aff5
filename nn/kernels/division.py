"""Division with a rest, of float32 by way of float64, where a quotient that is a whole number is exact.

`np.fmod` and its kin subtract shifted divisors bit by bit. In float64 the quotient of two float32 numbers is never
rounded up to a whole number, and the divisor times it is exact, as long as the quotient has few enough digits.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.kernels.blocks import in_blocks

Array = NDArray[Any]

MANY = 1024
"""Elements from which on blocks pay."""

LIMIT = 2.0**28
"""Quotients below this are exact: 24 digits of the divisor and 28 of the quotient are fewer than 53."""


def floor_divide(x: Any, other: Any, *, out: Array | None = None) -> Array:
    """The largest whole number that is not above x / other."""
    return _divided(np.floor_divide, np.floor, x, other, out, rest=False)


def remainder(x: Any, other: Any, *, out: Array | None = None) -> Array:
    """x - other floor(x / other), with the sign of other."""
    return _divided(np.remainder, np.floor, x, other, out, rest=True)


def fmod(x: Any, other: Any, *, out: Array | None = None) -> Array:
    """x - other trunc(x / other), with the sign of x."""
    return _divided(np.fmod, np.trunc, x, other, out, rest=True)


def _divided(
    exact: Callable[..., Any], whole: Callable[..., Any], x: Any, other: Any, out: Array | None, rest: bool
) -> Array:
    """Block by block; NumPy's own function `exact` for what is not float32, is small, or holds special values."""
    shape = np.broadcast_shapes(np.shape(x), np.shape(other))
    kinds = {getattr(v, "dtype", None) for v in (x, other) if isinstance(v, np.ndarray)}
    if kinds != {np.dtype(np.float32)} or np.prod(shape, dtype=int) < MANY:
        return np.asarray(exact(x, other, out=out))

    def work(a: Array, b: Array, y: Array) -> None:
        wide = b.astype(np.float64)
        quotient = whole(a / wide)
        if not (np.abs(quotient).max() < LIMIT and np.isfinite(b).all()):
            exact(a, b, out=y)
        elif rest:
            quotient *= wide
            np.subtract(a, quotient, out=y, casting="same_kind")
        else:
            np.copyto(y, quotient, casting="same_kind")

    operands = [np.broadcast_to(np.asarray(v, np.float32), shape) for v in (x, other)]
    if out is None:
        out = np.empty(shape, np.float32)
    return in_blocks(work, *operands, out=(out,))[0]
