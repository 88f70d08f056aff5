"""float16 has room for 65504 at most: what squares and adds is computed in float32 and rounded once, at the end."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np

from nn.autograd.tape import TensorBase
from nn.kernels.summation import HALF, SINGLE
from nn.ops import arithmetic

F = TypeVar("F", bound=Callable[..., Any])

_ARRAY = np.ndarray


def in_single(composite: F) -> F:
    """The function computed in float32 where its floats are all float16; its results are float16 again.

    Where a wider float type is among them, it is computed in that type, which is the result's too.
    """
    return in_single_like()(composite)


def in_single_like(*names: str) -> Callable[[F], F]:
    """As `in_single`, but the result has the float type that the arguments of these names have together.

    The other arguments (labels, weights) only lend their values: they do not decide the type of a loss.
    """

    def decorated(composite: F) -> F:
        parameters: Any = composite.__code__.co_varnames
        deciding = [(parameters.index(name), name) for name in names]

        @functools.wraps(composite)
        def run(*args: Any, **kwargs: Any) -> Any:
            values = (*args, *kwargs.values()) if kwargs else args
            for value in values:
                if value.__class__ is not _ARRAY:  # a rule works on arrays, all else on tensors
                    if not isinstance(value, TensorBase):
                        continue
                    value = value._array
                if value.dtype is not SINGLE and value.dtype == HALF:
                    break
            else:
                result = composite(*args, **kwargs)
                return _typed(result, deciding, args, kwargs) if deciding else result
            arrays = [value._array if isinstance(value, TensorBase) else value for value in values]
            given = [array for array in arrays if array.__class__ is _ARRAY and array.dtype.kind == "f"]
            floats = {array.dtype for array in [a for a in given if a.ndim] or given}  # without axes none widens
            wide = np.result_type(SINGLE, *floats)
            result = composite(
                *(_cast(v, HALF, wide) for v in args), **{k: _cast(v, HALF, wide) for k, v in kwargs.items()}
            )
            if deciding:
                return _typed(result, deciding, args, kwargs)
            return _narrow(result) if floats == {HALF} else result

        return cast(F, run)

    return decorated


def _typed(result: Any, deciding: list[tuple[int, str]], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """The result in the type of the arguments that decide; it was computed in that type or in a wider one."""
    found = (args[place] if place < len(args) else kwargs.get(name) for place, name in deciding)
    given = [value.dtype for value in found if value is not None]
    if result.dtype == given[0]:
        return result
    wanted = np.result_type(*given)
    return arithmetic.cast(result, dtype=wanted) if wanted.kind == "f" else result


def _cast(value: Any, old: Any, new: Any) -> Any:
    """An array or a tensor of the old type, in the new type; all else as it is."""
    return arithmetic.cast(value, dtype=new) if hasattr(value, "dtype") and value.dtype == old else value


def _narrow(result: Any) -> Any:
    if isinstance(result, tuple):
        return type(result)(*map(_narrow, result)) if hasattr(result, "_fields") else tuple(map(_narrow, result))
    return _cast(result, SINGLE, HALF)
