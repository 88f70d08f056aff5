"""What callers may give for a dtype, a shape or an axis, brought to one form."""

from __future__ import annotations

import math
import operator
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn import settings
from nn.autograd.mode import mode
from nn.autograd.tape import TensorBase
from nn.errors import DtypeError, RangeError

__all__: list[str] = []

Dim = int | tuple[int, ...] | None


def as_dtype(dtype: DTypeLike | None) -> np.dtype[Any]:
    """A NumPy dtype of real numbers or booleans, the default for None, or an error that lists what is possible."""
    if dtype is None:
        return settings.default_dtype
    try:
        found = np.dtype(dtype)
    except TypeError:
        raise DtypeError(f"dtype: {dtype!r} is unknown; use nn.float32, nn.float64, nn.int64, nn.bool ...") from None
    if found.kind not in "fiub":
        raise DtypeError(f"dtype: {found} is not supported; use nn.float32, nn.float64, nn.int64, nn.bool ...")
    return found


def fitting(value: Any, dtype: np.dtype[Any], caller: str, floats: bool = False) -> Any:
    """A Python number as one of an integer dtype, which has to hold it; other values and dtypes are left as they are.

    As in PyTorch a fraction is dropped, and an unsigned dtype takes negative numbers from its own end. With `floats` a
    float dtype has to hold the number too, which would be infinite in it.
    """
    if (
        floats
        and dtype.kind == "f"
        and isinstance(value, int | float)
        and float(np.finfo(dtype).max) < abs(value) < math.inf
    ):
        raise RangeError(
            f"{caller}: {value} does not fit into {dtype}, whose largest is {np.finfo(dtype).max:.5g}; use a wider "
            "dtype, or float('inf')"
        )
    if dtype.kind not in "iu" or not isinstance(value, int | float | np.number):
        return value
    value = value.item() if isinstance(value, np.number) else value
    low, high = np.iinfo(dtype).min, int(np.iinfo(dtype).max)
    if not (-high if dtype.kind == "u" else low) - 1 < value < high + 1:  # so that nan is refused too
        raise RangeError(f"{caller}: {value} does not fit into {dtype}, which holds {low} to {high}; use a wider dtype")
    return int(value) % (high + 1) if dtype.kind == "u" else int(value)


def converted(array: Any, dtype: DTypeLike) -> Any:
    """The numbers of an array in another dtype; what is too large for it is infinite, without a warning."""
    return mode.quiet(np.asarray(array).astype, dtype, copy=False)


def require_float(dtype: np.dtype[Any], caller: str) -> None:
    """Refuse integers and booleans where only floats have a meaning."""
    if dtype.kind != "f":
        raise DtypeError(f"{caller}: only floating-point tensors can do this, this one is {dtype}; use .float() first")


def as_dim(dim: Any) -> Dim:
    """An axis as Python's own integer, a list of them as a tuple."""
    if dim is None or dim.__class__ is int:
        return dim
    return tuple(map(_index, dim)) if isinstance(dim, tuple | list) else _index(dim)


def _index(value: Any) -> Any:
    """The integer that a tensor or a number of NumPy's stands for; what is none is left to whoever needs one."""
    if isinstance(value, np.integer):
        return int(value)
    return value.__index__() if isinstance(value, TensorBase) else value  # type: ignore[attr-defined]


def as_shape(args: tuple[Any, ...]) -> tuple[int, ...]:
    """`f(2, 3)` and `f((2, 3))` alike."""
    shape_: Sequence[Any] = args[0] if len(args) == 1 and not hasattr(args[0], "__index__") else args
    try:
        return tuple(operator.index(n) for n in shape_)
    except TypeError:
        given = args[0] if len(args) == 1 else args
        raise TypeError(f"shape: expected integers, one by one or as a tuple, got {given!r}") from None
