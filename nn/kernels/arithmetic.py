"""Elementwise kernels that are not a NumPy function as they stand, and the rules of type promotion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import settings
from nn.errors import DtypeError, RangeError
from nn.kernels.layout import beside, copy_of, laid_out_as

Array = NDArray[Any]

MANY = 4096
"""Elements from which on a choice between floats is made bit by bit; below, calls count."""

_INTEGERS: dict[int, Any] = {2: np.dtype(np.int16), 4: np.dtype(np.int32), 8: np.dtype(np.int64)}


def promote(x: Any, other: Any) -> tuple[Any, Any]:
    """Two operands in PyTorch's common type: a scalar, or an array without axes, never widens an array with axes."""
    if x.__class__ is np.ndarray and other.__class__ is np.ndarray and x.dtype is other.dtype:
        return x, other if x.flags.c_contiguous else beside(x, other)
    if isinstance(other, np.ndarray):
        if not isinstance(x, np.ndarray):
            return _scalar(x, other), _widened(other, x)
        if x.dtype != other.dtype:
            common = result_type(x, other)
            x, other = x.astype(common, copy=False), other.astype(common, copy=False)
        return x, other if x.flags.c_contiguous else beside(x, other)
    if isinstance(x, np.ndarray):
        return _widened(x, other), _scalar(other, x)
    return x, other


def promote_scalars(x: Any, other: Any) -> tuple[Any, Any]:
    """As `promote`; and of two scalars, a float makes the default float."""
    if not isinstance(x, np.ndarray) and not isinstance(other, np.ndarray) and isinstance(x + other, float):
        return settings.default_dtype.type(x), settings.default_dtype.type(other)
    return promote(x, other)


def promote_difference(x: Any, other: Any) -> tuple[Any, Any]:
    """As `promote`; booleans are refused."""
    refuse_booleans(x, other, "sub")
    return promote(x, other)


def refuse_booleans(x: Any, other: Any, caller: str) -> None:
    """A difference with a boolean is nearly always a mask that was to be turned round, or compared."""
    if _is_boolean(x) or _is_boolean(other):
        raise DtypeError(
            f"{caller}: there is no difference of booleans; use logical_not (~) to turn a mask round, logical_xor (^) "
            "for where two of them differ, or .long() to count"
        )


def _is_boolean(x: Any) -> bool:
    return x.dtype.kind == "b" if isinstance(x, np.ndarray) else x.__class__ is bool


def promote_float(x: Any, other: Any) -> tuple[Any, Any]:
    """As `promote`, and integers become the default float: for true division."""
    x, other = promote(x, other)
    return _to_float(x), _to_float(other)


def promote_divisor(x: Any, other: Any) -> tuple[Any, Any]:
    """As `promote`; an integer 0 to divide by is refused, as are booleans."""
    x, other = promote(x, other)
    kinds = {getattr(v, "dtype", np.dtype(type(v))).kind for v in (x, other)}
    if kinds == {"b"}:
        raise DtypeError("division: there is no quotient of booleans; convert them with .long()")
    if "f" not in kinds and not np.all(other):
        raise RangeError("division: integers cannot be divided by 0, a divisor is 0; use .float() for infinities")
    return x, other


def to_float(x: Any) -> tuple[Any]:
    """Integers become the default float: for exp, sqrt and all whose values are not whole numbers."""
    return (_to_float(x),)


def _to_float(x: Any) -> Any:
    return x.astype(settings.default_dtype) if isinstance(x, np.ndarray | np.generic) and x.dtype.kind in "iub" else x


def result_type(x: Any, other: Any) -> np.dtype[Any]:
    """PyTorch's common type of two arrays: the higher category wins, then arrays with axes, then the wider type."""
    category = {"b": 0, "u": 1, "i": 1, "f": 2, "c": 3}
    a, b = category.get(x.dtype.kind, 4), category.get(other.dtype.kind, 4)
    if (x.ndim == 0) != (other.ndim == 0):
        first = x if other.ndim == 0 else other
        if max(a, b) == category.get(first.dtype.kind, 4):
            return np.dtype(first.dtype)
    if a != b:
        return np.dtype(x.dtype if a > b else other.dtype)
    return np.promote_types(x.dtype, other.dtype)


def common_type(arrays: Sequence[Array]) -> np.dtype[Any]:
    """PyTorch's common type of several arrays with axes."""
    dtype = arrays[0].dtype
    for array in arrays[1:]:
        dtype = result_type(np.empty(0, dtype), array)
    return dtype


def _widened(x: Any, scalar: Any) -> Any:
    """An integer array becomes the default float beside a Python float, a boolean one int64 beside an integer."""
    kind = x.dtype.kind
    if kind in "iub" and isinstance(scalar, float):
        return x.astype(settings.default_dtype)
    if kind == "b" and isinstance(scalar, int) and not isinstance(scalar, bool):
        return x.astype(np.int64)
    return x


def _scalar(scalar: Any, array: Any) -> Any:
    """The scalar, in the array's type where NumPy before version 2 would have let the scalar's type win."""
    if array.ndim == 0 and isinstance(scalar, bool | int | float):
        return _widened(array, scalar).dtype.type(scalar)
    if isinstance(scalar, int) and array.dtype.char in "fd":  # an integer beyond 65,535 made float64 of float32
        return array.dtype.type(scalar)
    if isinstance(scalar, list | tuple):  # of which NumPy would make an array, of float64 or int64
        raise TypeError("lists are no operands")
    return scalar


def pow(x: Array, other: Any, *, out: Array | None = None) -> Array:
    """x ** other; by products, a root and a quotient for the exponents that need no logarithm.

    Of roots, as PyTorch: (-inf) ** 0.5 is nan and (-0.0) ** 0.5 is -0.0, but (-inf) ** 1.5 is inf.
    """
    if other.__class__ is not np.ndarray:
        if other == 2:
            return np.square(x, out=out)
        if other == 1:
            return np.positive(x, out=out)
        if other in _POWERS and x.dtype.char in "fd" and (other not in _THREE_HALVES or _has_roots(x)):
            return _POWERS[other](x, out)
    return np.power(x, other, out=out)


_POWERS: dict[float, Callable[[Array, Array | None], Array]] = {
    3: lambda x, out: np.multiply(np.square(x), x, out=out),
    4: lambda x, out: np.square(np.square(x), out=out),
    0.5: lambda x, out: np.sqrt(x, out=out),
    1.5: lambda x, out: np.multiply(np.sqrt(x), x, out=out),
    -0.5: lambda x, out: np.reciprocal(np.sqrt(x), out=out),
    -1: lambda x, out: np.reciprocal(x, out=out),
    -1.5: lambda x, out: np.reciprocal(np.sqrt(x) * x, out=out),
    -2: lambda x, out: np.reciprocal(np.square(x), out=out),
}


_THREE_HALVES = frozenset((1.5, -1.5))


def _has_roots(x: Array) -> bool:
    """Whether its powers may be had from roots: -inf has a power and no root; of few, NumPy's own cost no more."""
    return x.size > 256 and bool(np.fmin.reduce(x, axis=None) != -np.inf)


def log(x: Array, *, out: Array | None = None) -> Array:
    """ln x; -inf at 0, nan below, without a warning."""
    return np.log(x, out=out)


def sqrt(x: Array, *, out: Array | None = None) -> Array:
    """The square root; nan below 0, without a warning."""
    return np.sqrt(x, out=out)


def root(x: Array, *, out: Array | None = None) -> Array:
    """The square root, whose gradient is 0 at 0; nan below 0, without a warning."""
    return np.sqrt(x, out=out)


def exp(x: Array, *, out: Array | None = None) -> Array:
    """e^x; inf where it is too large, without a warning."""
    return np.exp(x, out=out)


def div(x: Any, other: Any, *, out: Array | None = None) -> Array:
    """x / other; inf or nan where other is 0, without a warning."""
    return np.true_divide(x, other, out=out)


def trunc_divide(x: Any, other: Any, *, out: Array | None = None) -> Array:
    """x / other without its fraction; exact for integers."""
    dtype = np.result_type(x, other)
    if dtype.kind == "f":
        return np.trunc(np.true_divide(x, other), out=out)
    quotient = np.floor_divide(np.abs(x), np.abs(other), dtype=dtype)
    return np.multiply(quotient, np.sign(x) * np.sign(other), out=out, dtype=dtype, casting="unsafe")


def xlogy(x: Any, other: Any, *, out: Array | None = None) -> Array:
    """x ln(other), and 0 where x is 0 unless other is nan."""
    dtype = np.result_type(x, other)
    zero = np.equal(x, 0) & ~np.isnan(other)
    return where(zero, dtype.type(0), np.multiply(x, np.log(np.where(zero, 1, other), dtype=dtype)), out=out)


def xlog1py(x: Any, other: Any, *, out: Array | None = None) -> Array:
    """x ln(1 + other), and 0 where x is 0 unless other is nan."""
    dtype = np.result_type(x, other)
    zero = np.equal(x, 0) & ~np.isnan(other)
    return where(zero, dtype.type(0), np.multiply(x, np.log1p(np.where(zero, 0, other), dtype=dtype)), out=out)


def entr(x: Array, *, out: Array | None = None) -> Array:
    """-x ln x, 0 at 0, -inf below."""
    positive = np.where(x > 0, x, x.dtype.type(1))
    inside = np.where(np.isnan(x), x, -np.where(x > 0, x, x.dtype.type(0)) * np.log(positive))
    return where(x < 0, x.dtype.type(-np.inf), inside, out=out)


def where(condition: Array, x: Any, other: Any, *, out: Array | None = None) -> Array:
    """x where the condition holds, other elsewhere."""
    if isinstance(condition, np.ndarray) and condition.size >= MANY and condition.dtype == bool:
        dtype = np.result_type(x, other)
        if dtype.kind == "f" and dtype.itemsize in _INTEGERS and (out is None or out.dtype == dtype):
            return _chosen(condition, np.asarray(x, dtype), np.asarray(other, dtype), out)
    if out is None:
        return np.where(condition, x, other)
    np.copyto(out, other)
    np.copyto(out, x, where=condition)
    return out


def _chosen(condition: Array, x: Array, other: Array, out: Array | None) -> Array:
    """The choice made bit by bit, other ^ ((x ^ other) & mask), without a branch that would be mispredicted."""
    mask = np.negative(condition.view(np.int8))  # all bits, or none
    if other.ndim == 0 and not _bits(other):
        return keep_bits(x, mask, out)
    if x.ndim == 0 and not _bits(x):
        return keep_bits(other, np.invert(mask, out=mask), out)
    chosen = np.bitwise_and(np.bitwise_xor(_bits(x), _bits(other)), mask)
    if out is None:
        return np.bitwise_xor(chosen, _bits(other), out=chosen).view(x.dtype)
    np.bitwise_xor(chosen, _bits(other), out=_bits(out))
    return out


def keep_bits(g: Array, mask: Array, out: Array | None = None) -> Array:
    """g where the mask, of int8, is -1, which is all bits; 0 where it is 0, even where g is infinite or nan."""
    if mask.shape == g.shape:
        if out is None:
            out = np.empty_like(mask, dtype=g.dtype)  # it lies as what the mask was made from, and so will what follows
        if g.strides != out.strides:
            g = laid_out_as(out, g)  # a copy can be made in the best order, but NumPy calculates in a slow one
    elif out is None:
        return np.bitwise_and(_bits(g), mask).view(g.dtype)
    np.bitwise_and(_bits(g), mask, out=_bits(out))
    return out


def _bits(x: Array) -> Array:
    """The same memory as integers."""
    return x.view(_INTEGERS[x.dtype.itemsize])


def clamp(x: Array, *, min: float | None = None, max: float | None = None, out: Array | None = None) -> Array:
    """x, but not below min nor above max; nan stays nan."""
    for bound in (min, max):
        x = x if bound is None else _widened(x, bound)
    if x.size >= MANY and x.dtype.kind == "f":  # one pass instead of two, and faster than either
        kind = x.dtype.type
        low, high = kind(-np.inf if min is None else min), kind(np.inf if max is None else max)
        return np.asarray(x.clip(low, high, out))
    # a number of NumPy's, np.float64(0.5), would widen float32
    low, high = (x.dtype.type(b) if isinstance(b, np.generic) else _scalar(b, x) for b in (min, max))
    y = x if min is None else np.maximum(x, low, out=out)
    y = y if max is None else np.minimum(y, high, out=out)
    return np.positive(y, out=out) if y is x else y


def clamp_backward(
    g: Array,
    x: Array,
    *,
    min: float | None = None,
    max: float | None = None,
    at_bounds: bool = True,
    at_nan: bool = False,
    out: Array | None = None,
) -> Array:
    """g where x lies within the bounds, and at a bound or nan if told so; 0 elsewhere."""
    above, below = (np.greater_equal, np.less_equal) if at_bounds else (np.greater, np.less)
    inside = [above(x, min)] if min is not None else []
    inside += [below(x, max)] if max is not None else []
    keep = np.asarray(inside[0] if len(inside) == 1 else inside[0] & inside[1])
    if at_nan:
        keep |= np.isnan(x)
    return masked(g, keep, out=out)


def nan_to_num(
    x: Array,
    *,
    nan: float = 0.0,
    posinf: float | None = None,
    neginf: float | None = None,
    out: Array | None = None,
) -> Array:
    """x, with numbers in place of nan, inf and -inf: for these by default the largest and the smallest of the type."""
    largest = np.finfo(x.dtype).max
    y = np.asarray(np.clip(x, -largest, largest, out=out))
    for value, found in ((nan, np.isnan), (posinf, np.isposinf), (neginf, np.isneginf)):
        if value is not None:
            place = found(x)
            if place.any():
                np.copyto(y, x.dtype.type(value), where=place)
    return y


def masked(g: Array, keep: Array, *, out: Array | None = None) -> Array:
    """g where `keep` holds, and 0 elsewhere, even where g is infinite or nan."""
    if g.dtype.itemsize not in _INTEGERS:
        return where(keep, g, g.dtype.type(0), out=out)
    return keep_bits(g, np.negative(keep.view(np.int8)), out)


def wins(x: Array, other: Array, *, out: Array | None = None) -> Array:
    """1 unless x < other, 1/2 at a tie, 0 elsewhere, in the dtype of x."""
    dtype = np.result_type(x, other) if out is None else out.dtype
    won = np.logical_not(np.less(x, other)).astype(dtype)  # both win where one is nan
    won -= 0.5 * np.equal(x, other).astype(dtype)
    if out is None:
        return won
    np.copyto(out, won)
    return out


def sign(x: Array, *, out: Array | None = None) -> Array:
    """-1, 0 or 1, 0 of nan; of a boolean, itself."""
    if x.dtype.kind == "b":
        return np.logical_and(x, x, out=out)
    if x.dtype.kind == "f" and x.size >= MANY:  # of nan neither holds
        steps = np.subtract((x > 0).view(np.int8), (x < 0).view(np.int8))
        return cast(steps, dtype=x.dtype, out=out)
    y = np.asarray(np.sign(x, out=out))
    if x.dtype.kind == "f":
        np.copyto(y, 0, where=np.isnan(x))
    return y


def zeros_like(x: Array, *, out: Array | None = None) -> Array:
    """Zeros of the shape and dtype of x."""
    if out is None:
        return np.zeros_like(x, order="C" if 0 in x.strides else "K")
    out[...] = 0
    return out


def cast(x: Array, *, dtype: Any, out: Array | None = None) -> Array:
    """x in another element type."""
    if out is None:
        return copy_of(x, dtype)
    np.copyto(out, x, casting="unsafe")
    return out


def finite_or_zero(x: Array) -> Array:
    """x, with 0 in place of what is infinite or nan."""
    return np.where(np.isfinite(x), x, np.zeros((), x.dtype))
