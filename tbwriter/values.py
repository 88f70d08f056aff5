"""What callers hand over, turned into what an event holds: tags, steps, times, numbers and arrays.

Every error names the method and the tag, and says what was expected, what it got and what to do.
"""

import functools
import math
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

INT64 = range(-(2**63), 2**63)


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
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


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


def check_step(where: str, tag: str, step: object) -> int:
    """A step as int: None counts as 0, a float or an array is taken if it is one whole number.

    Args:
        where: the method at work, for the message.
        tag: the tag at work, for the message.
        step: the value to check.

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
        number = scalar(where, tag, step, what="global_step")
        if not number.is_integer():
            advice = "; count batches or epochs, for example"
            raise ValueError(f"{where}: tag {tag!r}: global_step must be whole, got {describe(step)}{advice}") from None
        index = int(number)
    if index not in INT64:
        raise ValueError(f"{where}: tag {tag!r}: global_step must fit into 64 bits, got {index}; count from 0")
    return index


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
        raise ValueError(f"{where}: tag {tag!r}: walltime must be finite, got {seconds}{advice}")
    return seconds


def array(where: str, tag: str, value: object, what: str = "the value") -> npt.NDArray[Any]:
    """Numbers as an array of bools, integers or floats (bfloat16 and float8 become float32).

    Takes numbers, lists, NumPy arrays, and tensors of any library that has ``__array__`` or ``.numpy()``; one that
    records gradients is detached first.

    Args:
        where: the method at work, for the message.
        tag: the tag at work, for the message.
        value: what the caller gave.
        what: which argument it is, for the message.

    Returns:
        An array of kind b, i, u or f; it may share memory with ``value``.

    Raises:
        TypeError: these are not real numbers.
        ValueError: a list whose rows differ in length.

    Example:
        >>> array("add_histogram", "weights", [[1, 2], [3, 4]])
        array([[1, 2],
               [3, 4]])
    """
    try:
        result = _as_array(value)
    except (TypeError, ValueError) as error:
        kind = ValueError if isinstance(error, ValueError) else TypeError
        raise kind(f"{where}: tag {tag!r}: {what} must be real numbers, got {describe(value)}: {error}") from error
    if result.dtype.kind == "V" and "float" in result.dtype.name:  # bfloat16, float8_*: NumPy knows them as void
        result = result.astype(np.float32)
    if result.dtype.kind not in "biuf":
        advice = "; log its real and imaginary parts, or abs(value)" if result.dtype.kind == "c" else ""
        raise TypeError(f"{where}: tag {tag!r}: {what} must be real numbers, got {describe(value)}{advice}")
    return result


def _as_array(value: Any) -> npt.NDArray[Any]:
    if isinstance(value, (list, tuple)):
        return np.asarray([v if isinstance(v, (int, float)) else _as_array(v) for v in value])
    if hasattr(value, "detach"):
        value = value.detach()
    if hasattr(value, "cpu"):
        value = value.cpu()
    if hasattr(value, "float") and "bfloat16" in str(getattr(value, "dtype", "")):
        value = value.float()  # torch has no NumPy dtype to export it as
    if not hasattr(value, "__array__") and callable(getattr(value, "numpy", None)):
        value = value.numpy()
    return np.asarray(value)


def scalar(where: str, tag: str, value: object, what: str = "the value") -> float:
    """One real number as float; an array of one element counts as its element.

    Args:
        where: the method at work, for the message.
        tag: the tag at work, for the message.
        value: what the caller gave.
        what: which argument it is, for the message.

    Returns:
        A float; NaN and infinities are numbers.

    Raises:
        TypeError: it is not a real number.
        ValueError: there is none, or there are several.

    Example:
        >>> scalar("add_scalar", "loss", np.array([[0.5]], np.float32))
        0.5
    """
    if isinstance(value, float):
        return float(value)
    numbers = array(where, tag, value, what)
    if numbers.size != 1:
        advice = "; log its mean, or the whole of it by add_histogram" if what == "the value" else ""
        raise ValueError(f"{where}: tag {tag!r}: {what} must be one number, got {describe(numbers)}{advice}")
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
        context = f"{where}: tag {main_tag!r}" if main_tag else where
        raise TypeError(f"{context}: expected a dictionary of numbers by name, got {describe(values)}")
    return [
        (check_tag(where, tag), value if type(value) is float else scalar(where, tag, value))
        for tag, value in values.items()
    ]
