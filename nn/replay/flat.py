"""Small kernels taken apart: the NumPy functions that one runs, to be called without the Python between them.

A kernel of small arrays spends half its time on Python: its own lines, and fresh arrays for what is in between. So it
is run once with arrays that note each ufunc they meet; these are then called directly, into kept arrays. Arrays have
one shape in a program, so a kernel that does not look at values makes the same calls each time. One that does (`if` on
a result), or that meets anything but ufuncs and views, stays whole.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from typing import Any

import numpy as np

from nn.kernels.threads import LITTLE
from nn.replay.arrays import Array, arrays_in, bits, elements, root
from nn.replay.recorder import Call

__all__: list[str] = []

MOST = 1 << 17
"""Bytes of an array up to which Python's share of a kernel is worth the memory that is kept for what is in between."""

WRITTEN_OUT, ROWS = 1 << 12, 64
"""Elements, and rows, up to which a row or a column is written out to be added to each."""

OTHERS = ((0.625, 0.375), (-1.5, -0.25), (-0.75, 0.125))
"""Factors and terms of the numbers that a kernel is tried with: twice noted, and compared with what was noted.

So no number passes for a constant that was computed, and no result that is still there for one that is computed again.
"""

Action = Callable[[], Any]


class _Opaque(Exception):
    """The kernel does something that is no ufunc."""


def _refuse(*_: Any, **__: Any) -> Any:
    raise _Opaque


class _Live(float):
    """A number that is read again at each replay: ufuncs may take it, Python may only ask whether it is 0."""

    name: str
    asked: dict[str, bool]
    """For the names of such numbers whether they are other than 0, as far as that was asked."""

    def __bool__(self) -> bool:
        self.asked[self.name] = float.__bool__(self)
        return self.asked[self.name]

    def _left_to_numpy(self, other: Any) -> Any:
        if isinstance(other, _Noting):
            return NotImplemented
        raise _Opaque

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _left_to_numpy
    __truediv__ = __rtruediv__ = __pow__ = __rpow__ = _left_to_numpy  # type: ignore[assignment]
    __neg__ = __abs__ = __lt__ = __le__ = __gt__ = __ge__ = __eq__ = __ne__ = _refuse
    __hash__ = float.__hash__


class _Noting(np.ndarray):
    """An array that notes the ufuncs that it is given to."""

    steps: list[tuple[Any, tuple[Any, ...], dict[str, Any]]] | None = None
    known: set[int] | None = None
    """The ids of the memory that holds what a replay has computed by then."""

    def __array_finalize__(self, other: Any) -> None:
        self.steps, self.known = getattr(other, "steps", None), getattr(other, "known", None)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **named: Any) -> Any:
        if method not in ("__call__", "reduce") or self.steps is None or self.known is None:
            raise _Opaque
        out = named.pop("out", None)
        operands = tuple(map(_plain, inputs))
        if any(id(root(array)) not in self.known for array in arrays_in(operands)) or list(arrays_in(named)):
            raise _Opaque
        if ufunc is np.matmul and 2 * operands[0].size * operands[1].shape[-1] >= LITTLE:
            raise _Opaque  # BLAS would take all threads for it, which the kernel does not let it
        if any(isinstance(o, np.generic) and o.dtype.kind != "f" for o in operands):
            raise _Opaque  # computed from an array without axes that noted nothing: no constant of a kernel is of these
        function: Any = ufunc if method == "__call__" else ufunc.reduce
        place = None if out is None or out[0] is None else out[0]
        plain = None if place is None else _plain(place)
        numbers = [float.__float__(o) if isinstance(o, _Live) else o for o in operands]
        result = np.asarray(function(*numbers, **named) if plain is None else function(*numbers, out=plain, **named))
        if result.dtype == object:
            raise _Opaque
        self.known.add(id(root(result)))
        self.steps.append((function, operands, {**named, "out": result if plain is None else plain}))
        return place if place is not None else _noting(result, self.steps, self.known)

    def __array_function__(self, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if function is not np.copyto or kwargs or self.steps is None or self.known is None:
            raise _Opaque
        operands = tuple(map(_plain, args))
        if id(root(operands[1])) not in self.known:
            raise _Opaque
        np.copyto(*operands)
        self.known.add(id(root(operands[0])))
        self.steps.append((function, operands, {}))
        return None

    def dot(self, other: Any, out: Any = None) -> Any:
        """The product of two matrices, noted as the ufunc that it is."""
        return np.matmul(self, other, out=out)

    __bool__ = __float__ = __int__ = __index__ = item = tolist = __setitem__ = fill = _refuse


def _plain(value: Any) -> Any:
    return value.view(np.ndarray) if isinstance(value, _Noting) else value


def _noting(value: Any, steps: Any, known: set[int]) -> Any:
    if not isinstance(value, np.ndarray):
        return value
    noting = value.view(_Noting)
    noting.steps, noting.known = steps, known
    return noting


def taken_apart(
    call: Call, out: Array | None, number: Callable[[Call, str, Any], Array]
) -> tuple[list[Action], dict[str, bool]] | None:
    """The calls that a kernel makes, into `out` or in place; None if it stays whole.

    They are these calls for as long as the options that it asks for are 0, or are not, as they are now.

    Args:
        call: the kernel with its arguments.
        out: where the result belongs, unless the kernel works in place.
        number: gives the array without axes, of a dtype, that holds an option which the call follows.
    """
    kwargs = call.kwargs
    arrays = {id(root(a)): root(a) for a in arrays_in((call.args, kwargs, [] if out is None else [out]))}
    lists = any(isinstance(value, list | tuple | dict) and list(arrays_in(value)) for value in call.args)
    if lists or isinstance(call.function, np.ufunc) or any(array.nbytes > MOST for array in arrays.values()):
        return None
    if any(kwargs[name].__class__ is not float for name in call.followed):
        return None
    noted = _noted(call, out, arrays, OTHERS[0])
    again = _noted(call, out, arrays, OTHERS[1])
    if noted is None or again is None or _numbers(noted[0]) != _numbers(again[0]):
        return None
    steps, asked = noted
    if out is not None and not (steps[-1][0] is not np.copyto and steps[-1][2].get("out") is not None):
        return None
    if out is not None and root(steps[-1][2]["out"]) is not root(out):
        return None
    if any(isinstance(o, _Live) and not _of_type(operands, named) for _, operands, named in steps for o in operands):
        return None
    held = functools.partial(number, call)
    apart = [act for function, operands, named in steps for act in actions(function, operands, named, held)]
    whole = functools.partial(call.function, *call.args, **kwargs, **({} if out is None else {"out": out}))
    expected = _after([whole], arrays.values(), *OTHERS[2])
    return (apart, asked) if expected is not None and expected == _after(apart, arrays.values(), *OTHERS[2]) else None


def _noted(
    call: Call, out: Array | None, arrays: dict[int, Array], others: tuple[float, float]
) -> tuple[list[Any], dict[str, bool]] | None:
    """The ufuncs that the kernel calls, and the options that it asks for; None if it does anything else."""
    steps: list[Any] = []
    asked: dict[str, bool] = {}
    known = set(arrays) if out is None else set(arrays) - {id(root(out))}
    given = [_noting(value, steps, known) for value in call.args]
    named = {name: _noting(value, steps, known) for name, value in call.kwargs.items()}
    named |= {name: _live(name, call.kwargs[name], asked) for name in call.followed}
    if out is not None:
        named["out"] = _noting(out, steps, known)
    done = _after([functools.partial(call.function, *given, **named)], arrays.values(), *others)
    return (steps, asked) if done is not None and steps else None


def _numbers(steps: Sequence[Any]) -> list[Any]:
    """The functions of the steps, and what they are given beside arrays: the same whatever the arrays hold."""
    return [(function, [repr(o) for o in operands if not isinstance(o, np.ndarray)]) for function, operands, _ in steps]


def _after(calls: Sequence[Action], arrays: Collection[Array], factor: float, shift: float) -> list[bytes] | None:
    """What the arrays hold after the calls, from other numbers than are there; all is undone. None if a call fails."""
    before = [(array, array.copy()) for array in arrays]
    try:
        with np.errstate(all="ignore"):
            for array in arrays:
                if array.dtype.kind == "f":
                    array[...] = array * factor + shift
            for act in calls:
                act()
        return [bytes(bits(array)) for array in arrays]
    except Exception:
        return None
    finally:
        for array, values in before:
            np.copyto(array, values)


def _of_type(operands: Sequence[Any], named: dict[str, Any]) -> bool:
    """Whether all arrays have the type of the result: then a number has it too."""
    out = named.get("out")
    return out is not None and all(array.dtype == out.dtype for array in arrays_in(list(operands)))


def _live(name: str, value: float, asked: dict[str, bool]) -> _Live:
    number = _Live(value)
    number.name, number.asked = name, asked
    return number


def actions(
    function: Any, operands: Sequence[Any], named: dict[str, Any], number: Callable[[str, Any], Array] | None = None
) -> list[Action]:
    """A call in its quickest form: single numbers as arrays without axes, products by `dot`, the place last."""
    out = named.get("out")
    if function is np.copyto and not named:
        return [functools.partial(operands[0].__setitem__, ..., operands[1])]
    if out is not None and named.keys() == {"axis", "dtype", "keepdims", "out"}:
        if function == np.add.reduce and _adds_in_order(operands[0], out):
            return _running_sums(operands[0], out)
        return [functools.partial(function, *operands, named["axis"], named["dtype"], out, named["keepdims"])]
    if not isinstance(function, np.ufunc) or out is None:
        return [functools.partial(function, *operands, **named)]
    if _of_type(operands, named):
        operands = [_as_array(operand, out.dtype, number) for operand in operands]
        named = {name: value for name, value in named.items() if name != "dtype" or value != out.dtype}
        if function.signature is None and len(named) == 1:
            return _elementwise(function, operands, out)
    if function is np.matmul and out.ndim == 2 and out.flags.c_contiguous and all(o.ndim == 2 for o in operands):
        return [functools.partial(operands[0].dot, operands[1], out)]
    if len(named) == 1:
        return [_into(function, operands, out)]
    return [functools.partial(function, *operands, **named)]


def _into(function: Any, operands: Sequence[Any], out: Array) -> Action:
    """The call with its place last, which is quicker than by name; NumPy lets two functions have it by name only."""
    if function in (np.maximum, np.minimum):
        return functools.partial(function, *operands, out=out)
    return functools.partial(function, *operands, out)


def _as_array(operand: Any, dtype: Any, number: Callable[[str, Any], Array] | None) -> Any:
    if isinstance(operand, _Live) and number is not None:
        return number(operand.name, dtype)
    return np.asarray(operand, dtype) if isinstance(operand, int | float | np.generic) else operand


def _elementwise(function: Any, operands: Sequence[Array], out: Array) -> list[Action]:
    """The call so that NumPy takes its shortest way: every array in the shape of `out`, or without axes.

    - a row or a column that repeats is written out first: an assignment repeats in a sixth of the time
    - in place, the operand is `out` itself, and not another view of its memory, which NumPy would have to compare
    - in place on a single element, which NumPy always compares, the result takes a way round
    """
    before: list[Action] = []
    given = []
    for operand in operands:
        if operand.size == out.size:
            operand = operand.reshape(out.shape)
            operand = out if elements(operand) == elements(out) else operand
        elif operand.size == 1:
            operand = operand.reshape(())
        elif out.size <= min(WRITTEN_OUT, ROWS * out.shape[-1]):
            repeated = np.empty(out.shape, operand.dtype)
            before.append(functools.partial(repeated.__setitem__, ..., operand))
            operand = repeated
        given.append(operand)
    if out.size == 1 and any(operand is out for operand in given):
        place = np.empty_like(out)
        return [*before, _into(function, given, place), functools.partial(out.__setitem__, ..., place)]
    return [*before, _into(function, given, out)]


def _adds_in_order(operand: Array, out: Array) -> bool:
    """Whether a sum is one of less than 8 numbers, which NumPy adds one after the other, and no more precisely."""
    line = operand.size == max(operand.shape, default=0) and out.size == 1
    return line and 1 < operand.size < 8 and operand.dtype == out.dtype and operand.dtype.char in "fd"


def _running_sums(operand: Array, out: Array) -> list[Action]:
    """The last of the running sums, which NumPy computes in half the time; plus the 0 that a sum starts with."""
    sums = np.empty(operand.size, out.dtype)
    start = np.add.reduce(np.full((1,), -0.0, out.dtype), keepdims=True).reshape(out.shape)
    running = functools.partial(np.add.accumulate, operand.reshape(-1), 0, None, sums)
    return [running, functools.partial(np.add, sums[-1:].reshape(out.shape), start, out)]
