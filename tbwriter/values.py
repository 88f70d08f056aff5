"""What callers hand over, turned into what an event holds: tags, steps, times, numbers and arrays.

Every error names the method and the tag, and says what was expected, what it got and what to do.
"""

import contextlib
import functools
import math
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

INT64 = range(-(2**63), 2**63)

# NumPy imports the Python half of some methods when they are first called, and fails to when the interpreter ends; a
# ``__del__`` that logs may be the first to call them.
_one = np.zeros(1)
for _method in (_one.min, _one.max, _one.sum, _one.prod, _one.any, _one.all, _one.mean, _one.std):
    _method()
_one.clip(0, 1)


class NotNumbersError(TypeError, ValueError, NotImplementedError):
    """What should be numbers is none: an error of each kind that the other writers raise, for callers that catch it."""


class NotOneNumberError(ValueError, AssertionError):
    """What should be one number is none or several; the other writers raise an AssertionError."""


def _context(where: str, tag: str) -> str:
    return f"{where}: tag {tag!r}" if tag else where


def describe(value: object) -> str:
    """A few words for a message: type, and shape and dtype where there are any.

    Example:
        >>> describe(np.zeros((2, 3)))
        'float64 array of shape (2, 3)'
        >>> describe("seven")
        "str 'seven'"
    """
    if isinstance(value, np.ndarray):
        return f"{value.dtype} array of shape {value.shape}" if value.ndim else f"{value.dtype} value {value}"
    try:
        text = "of freed storage" if _is_freed(value) else repr(value)
    except Exception:  # of an integer of thousands of digits, or a tensor that was deleted
        return f"{type(value).__name__} that cannot be shown"
    text = " ".join(text.split()) if "\n" in text else text
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


def _is_freed(tensor: Any) -> bool:
    """Whether a tensor of torch has lost its memory: torch then gives whatever stands at no address, or crashes."""
    if not hasattr(tensor, "untyped_storage"):
        return False
    try:
        return not tensor.data_ptr() and tensor.numel() > 0 and not tensor.untyped_storage().size()
    except Exception:  # of one that never had any
        return False


@functools.lru_cache(maxsize=4096)
def _is_tag(tag: str) -> bool:
    try:
        return bool(tag.encode())
    except UnicodeEncodeError:
        return False


def check_tag(where: str, tag: object) -> str:
    """Check a tag: a string, not empty, that UTF-8 can hold.

    Args:
        where: the method at work, for the message.
        tag: the value to check.

    Returns:
        The tag.

    Raises:
        TypeError: it is not a string.
        ValueError: it is empty or holds half a surrogate pair.

    Example:
        >>> check_tag("add_scalar", "loss/train")
        'loss/train'
    """
    if not isinstance(tag, str):
        raise TypeError(f"{where}: the tag must be a string such as 'loss/train', got {describe(tag)}")
    if not _is_tag(tag):
        what = "not valid Unicode" if tag else "empty"
        raise ValueError(f"{where}: the tag {tag!r} is {what}; give it a name such as 'loss/train'")
    return tag


def check_step(where: str, tag: str, step: object, what: str = "global_step") -> int:
    """A step as int: None counts as 0, any other number, array or numeric string is taken if it is one whole number.

    Args:
        where: the method at work, for the message.
        tag: the tag at work, for the message; "" where there is none.
        step: the value to check.
        what: which argument it is, for the message.

    Returns:
        An integer of 64 bits.

    Raises:
        TypeError: it is not a number.
        ValueError: it is not whole, or too large.

    Example:
        >>> check_step("add_scalar", "loss", np.int32(7)), check_step("add_scalar", "loss", None)
        (7, 0)
    """
    if step is None:
        return 0
    number: Any = step
    try:
        index = operator.index(number)
    except TypeError:
        exact = _whole(number)
        if exact is None:
            value = scalar(where, tag, step, what)
            if not value.is_integer():
                got = f"got {describe(step)}; count batches or epochs, for example"
                raise ValueError(f"{_context(where, tag)}: {what} must be whole, {got}") from None
            numbers = array(where, tag, step, what)
            exact = int(numbers.item() if numbers.dtype.kind in "iu" else value)
        index = exact
    if index not in INT64:
        raise ValueError(f"{_context(where, tag)}: {what} must fit into 64 bits, got {describe(index)}; count from 0")
    return index


def _whole(number: Any) -> int | None:
    """What has more digits than a float, exactly; None for anything else."""
    if type(number) is np.ndarray and number.dtype == object and number.size == 1:
        number = number.item()
    if isinstance(number, str):
        try:
            return int(number)
        except ValueError:
            return None
    try:
        numerator, denominator = number.as_integer_ratio()  # of a fraction or a decimal
    except (AttributeError, OverflowError, ValueError):  # it is neither, infinite, or NaN
        return None
    return int(numerator) if denominator == 1 else None


def check_wall_time(where: str, tag: str, wall_time: object) -> float:
    """A wall time in seconds as float; a NaN would make TensorBoard drop the rest of the file.

    Args:
        where: the method at work, for the message.
        tag: the tag at work, for the message.
        wall_time: the value to check.

    Returns:
        A finite float.

    Raises:
        TypeError: it is not a number.
        ValueError: it is not finite.

    Example:
        >>> check_wall_time("add_scalar", "loss", 1700000000)
        1700000000.0
    """
    seconds = scalar(where, tag, wall_time, what="walltime")
    if not math.isfinite(seconds):
        advice = "; give seconds since 1970, as time.time() does, or leave it out"
        raise ValueError(f"{_context(where, tag)}: walltime must be finite, got {seconds}{advice}")
    return seconds


def array(where: str, tag: str, value: object, what: str = "the value") -> npt.NDArray[Any]:
    """Numbers as an array of bools, integers or floats (bfloat16 and float8 become float32).

    Takes numbers, among them Python's of any size, fractions and decimals; numeric strings; lists; NumPy arrays, also
    of objects, and masked ones, whose masked elements are NaN; and tensors of any library that has ``__array__`` or
    ``.numpy()``. One that records gradients is detached.

    Args:
        where: the method at work, for the message.
        tag: the tag at work, for the message; "" where there is none.
        value: what the caller gave.
        what: which argument it is, for the message.

    Returns:
        An array of kind b, i, u or f; it may share memory with ``value``.

    Raises:
        NotNumbersError: these are not real numbers; it is a TypeError, a ValueError and a NotImplementedError.

    Example:
        >>> array("add_histogram", "weights", [[1, 2], [3, 4]])
        array([[1, 2],
               [3, 4]])
        >>> from fractions import Fraction
        >>> array("add_histogram", "weights", np.array([Fraction(1, 4), 10**30], object))
        array([2.5e-01, 1.0e+30])
    """
    try:
        result = _as_array(value)
    except Exception as error:  # each library has its own for a tensor that has no data, such as one that was deleted
        reason = f"{type(error).__name__}: {error}" if isinstance(error, RuntimeError) else str(error)
        got = f"{_context(where, tag)}: {what} must be real numbers, got {describe(value)}"
        raise NotNumbersError(f"{got}: {reason}") from error
    if result.dtype.kind in "OUS":
        with contextlib.suppress(TypeError, ValueError):
            result = _numbers(result)
    if result.dtype.kind == "V" and ("float" in result.dtype.name or "int" in result.dtype.name):
        # bfloat16, float8_*, int4: NumPy knows them as void
        result = result.astype(np.float32)
    if result.dtype.kind == "f" and result.dtype.itemsize > 8:
        with np.errstate(over="ignore"):  # what is beyond all floats is infinite
            result = result.astype(np.float64)
    if result.dtype.kind not in "biuf":
        advice = "; log its real and imaginary parts, or abs(value)" if result.dtype.kind == "c" else ""
        raise NotNumbersError(f"{_context(where, tag)}: {what} must be real numbers, got {describe(value)}{advice}")
    return result


def _as_array(value: Any) -> npt.NDArray[Any]:
    if isinstance(value, (list, tuple)):
        return np.asarray([v if isinstance(v, (int, float)) else _as_array(v) for v in value])
    for method in "detach", "cpu", "resolve_conj", "resolve_neg":  # what torch has lazily signed it does not export
        if hasattr(value, method):
            value = getattr(value, method)()
    if hasattr(value, "float") and any(name in str(getattr(value, "dtype", "")) for name in ("bfloat16", "float8")):
        value = value.float()  # torch has no NumPy dtype to export it as
    if _is_freed(value):
        raise RuntimeError("its storage was freed")
    if not hasattr(value, "__array__") and callable(getattr(value, "numpy", None)):
        value = value.numpy()
    if isinstance(value, bytearray):
        value = bytes(value)  # digits, as in bytes and in strings; NumPy takes it for a buffer
    mask = getattr(value, "mask", False) if isinstance(value, np.ndarray) else False
    values = np.asarray(value)
    return np.where(mask, np.nan, values) if np.any(mask) else values


def _numbers(items: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Objects and strings as floats, one by one."""
    return np.array([_number(item) for item in items.ravel().tolist()], np.float64).reshape(items.shape)


def _number(item: Any) -> float:
    try:
        return float(item)
    except OverflowError:  # an integer or a fraction beyond all floats
        return math.inf if item > 0 else -math.inf


def without_nan(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """The values with 0 for NaN; unlike NumPy's own function it imports nothing, which a ``__del__`` could not.

    Example:
        >>> without_nan(np.array([1.5, np.nan])).tolist()
        [1.5, 0.0]
    """
    return np.where(np.isnan(values), values.dtype.type(0), values) if values.dtype.kind == "f" else values


def scalar(where: str, tag: str, value: object, what: str = "the value") -> float:
    """One real number as float; an array of one element counts as its element.

    Args:
        where: the method at work, for the message.
        tag: the tag at work, for the message; "" where there is none.
        value: what the caller gave.
        what: which argument it is, for the message.

    Returns:
        A float; NaN and infinities are numbers, and what is beyond all floats is infinite.

    Raises:
        NotNumbersError: it is not a real number.
        NotOneNumberError: there is none, or there are several; it is a ValueError and an AssertionError.

    Example:
        >>> scalar("add_scalar", "loss", np.array([[0.5]], np.float32))
        0.5
        >>> from decimal import Decimal
        >>> scalar("add_scalar", "loss", Decimal("0.25")), scalar("add_scalar", "loss", "1e3")
        (0.25, 1000.0)
    """
    if isinstance(value, float):
        return float(value)
    if isinstance(value, int):
        return _number(value)
    numbers = array(where, tag, value, what)
    if numbers.size != 1:
        advice = "; log its mean, or the whole of it by add_histogram" if what == "the value" else ""
        raise NotOneNumberError(f"{_context(where, tag)}: {what} must be one number, got {describe(numbers)}{advice}")
    return float(numbers.item())


def scalars_by_tag(where: str, main_tag: str, values: object) -> list[tuple[str, float]]:
    """Pairs of tag and number.

    Args:
        where: the method at work, for the message.
        main_tag: what they have in common, for the message; "" for nothing.
        values: what the caller gave.

    Returns:
        A list.

    Raises:
        TypeError, ValueError: it is not a dictionary, a key is not a tag, or a value is not a real number.

    Example:
        >>> scalars_by_tag("log", "", {"loss": 0.5, "accuracy": np.float32(0.75)})
        [('loss', 0.5), ('accuracy', 0.75)]
    """
    if not isinstance(values, Mapping):
        raise TypeError(
            f"{_context(where, main_tag)}: expected a dictionary of numbers by name, got {describe(values)}"
        )
    return [
        (name, value if type(value) is float else _one_of(where, main_tag, name, value))
        for name, value in ((check_tag(_context(where, main_tag), tag), value) for tag, value in values.items())
    ]


def _one_of(where: str, main_tag: str, tag: str, value: object) -> float:
    return scalar(where, main_tag, value, f"the value of {tag!r}") if main_tag else scalar(where, tag, value)
