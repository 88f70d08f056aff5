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

_PLAIN = (str, type(None), bool, float, int)


def in_single(composite: F) -> F:
    """The function computed in float32 where its tensors are float16; its results are float16 again."""

    @functools.wraps(composite)
    def run(*args: Any, **kwargs: Any) -> Any:
        for value in (*args, *kwargs.values()) if kwargs else args:
            if value.__class__ in _PLAIN:
                continue
            array = value._array if isinstance(value, TensorBase) else value
            if isinstance(array, np.ndarray) and array.dtype is HALF:
                return _narrow(composite(*map(_wide, args), **{k: _wide(v) for k, v in kwargs.items()}))
        return composite(*args, **kwargs)

    return cast(F, run)


def _is(value: Any, dtype: Any) -> bool:
    """Whether it is an array (a rule works on arrays) or a tensor of the type."""
    return getattr(value, "dtype", None) is dtype


def _wide(value: Any) -> Any:
    return arithmetic.cast(value, dtype=SINGLE) if _is(value, HALF) else value


def _narrow(result: Any) -> Any:
    if isinstance(result, tuple):
        return type(result)(*map(_narrow, result)) if hasattr(result, "_fields") else tuple(map(_narrow, result))
    return arithmetic.cast(result, dtype=HALF) if _is(result, SINGLE) else result
