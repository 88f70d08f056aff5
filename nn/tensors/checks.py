"""Shared checks. Each fails with one sentence: where, what was expected, what was got, what to do."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.errors import DtypeError, OutOfBoundsError, RangeError, ShapeError
from nn.tensors.tensor import Tensor

__all__: list[str] = []


def tensor(value: Any, caller: str, name: str = "input") -> Tensor:
    """`value`, which has to be a tensor."""
    if not isinstance(value, Tensor):
        raise TypeError(f"{caller}: {name} must be a tensor, got {type(value).__name__}; use nn.tensor(...)")
    return value


def floating(value: Any, caller: str, name: str = "input") -> Tensor:
    """`value`, which has to be a floating-point tensor."""
    if tensor(value, caller, name)._array.dtype.kind != "f":
        raise DtypeError(f"{caller}: {name} must be floating-point, it is {value.dtype}; use .float()")
    return value


def integers(value: Any, caller: str, name: str = "index") -> Tensor:
    """`value`, which has to be a tensor of integers."""
    if tensor(value, caller, name)._array.dtype.kind not in "iu":
        raise DtypeError(f"{caller}: {name} must be integers, it is {value.dtype}; use .long()")
    return value


def places(value: Any, caller: str, name: str = "index") -> Tensor:
    """`value`, which has to be a tensor of positions; bytes are a mask everywhere else, so here they are refused."""
    if integers(value, caller, name)._array.dtype == np.uint8:
        raise DtypeError(f"{caller}: {name} must be int32 or int64, got uint8; use .long(), or .bool() and a mask")
    return value


def within(places: Any, size: int, caller: str, of: str, least: int = 0) -> None:
    """Indices, an array, which have to be from `least` to size - 1."""
    if not all_within(places, least, size - 1):
        wrong = places.min() if places.min() < least else places.max()
        raise OutOfBoundsError(f"{caller}: index {wrong} is out of range, {of} has entries 0 to {size - 1}")


def same_dtype(input: Tensor, other: Tensor, caller: str, name: str) -> None:
    """Two tensors, which have to be of one element type."""
    if input._array.dtype != other._array.dtype:
        raise DtypeError(f"{caller}: {name} is {other.dtype}, input is {input.dtype}; convert with .to({input.dtype})")


def matrix(value: Any, caller: str, square: bool = False) -> Tensor:
    """`value`, which has to be a floating-point tensor of matrices, square ones if asked for."""
    if floating(value, caller, "A").ndim < 2 or (square and value.shape[-1] != value.shape[-2]):
        kind = "square matrices" if square else "matrices"
        raise ShapeError(f"{caller}: A must be {kind} in its last two axes, its shape is {value.shape}")
    return value


def same_shape(input: Tensor, target: Tensor, caller: str) -> None:
    """Input and target, which have to be shaped alike."""
    if input._array.shape != target._array.shape:
        raise ShapeError(
            f"{caller}: target has shape {target.shape}, input has {input.shape}; make them equal, "
            f"e.g. target.reshape({', '.join(map(str, input.shape))})"
        )


def choice(value: Any, allowed: tuple[str, ...], caller: str, name: str) -> None:
    """`value`, which has to be one of a few words."""
    if value not in allowed:
        raise RangeError(f"{caller}: {name} must be one of {', '.join(allowed)}; got {value!r}")


def spatial(value: Any, rank: int, caller: str, name: str, least: int = 1) -> tuple[int, ...]:
    """An integer, or one for each of `rank` spatial axes, as a tuple."""
    values = tuple(value) if isinstance(value, tuple | list) and len(value) != 1 else None
    if values is None:
        values = (value if not isinstance(value, tuple | list) else value[0],) * rank
    if len(values) != rank or any(not hasattr(v, "__index__") or _is_fraction(v) or v < least for v in values):
        raise RangeError(f"{caller}: {name} must be an integer >= {least}, or {rank} of them; got {value!r}")
    return tuple(int(v) for v in values)


def _is_fraction(value: Any) -> bool:
    return isinstance(value, Tensor) and (value.dtype.kind not in "iu" or value.numel() != 1)


def pair(input: Any, other: Any, caller: str, name: str) -> tuple[Tensor, Tensor]:
    """Two tensors, which have to be of one element type."""
    x, y = tensor(input, caller), tensor(other, caller, name)
    same_dtype(x, y, caller, name)
    return x, y


def all_within(numbers: np.ndarray, least: float, most: float) -> bool:
    """Whether each of the numbers lies from `least` to `most`: a kernel, so that a captured step asks it again."""
    return bool(mode.quiet(_all_within, numbers, least, most))


def _all_within(numbers: np.ndarray, least: float, most: float) -> bool:
    return not numbers.size or bool(numbers.min() >= least and numbers.max() <= most)
