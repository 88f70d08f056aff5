"""float16 has room for 65504 at most: what squares and adds is computed in float32 and rounded once, at the end."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

from nn.autograd.tape import TensorBase
from nn.kernels.summation import HALF, SINGLE
from nn.ops import arithmetic

F = TypeVar("F", bound=Callable[..., Any])


def in_single(composite: F) -> F:
    """The function computed in float32 where its tensors are float16; its results are float16 again."""

    @functools.wraps(composite)
    def run(*args: Any, **kwargs: Any) -> Any:
        for value in args:
            if isinstance(value, TensorBase):
                if value._array.dtype is not HALF:
                    break  # all are of one type, or an error says so
                return _narrow(composite(*map(_wide, args), **{k: _wide(v) for k, v in kwargs.items()}))
        return composite(*args, **kwargs)

    return cast(F, run)


def _wide(value: Any) -> Any:
    if isinstance(value, TensorBase) and value._array.dtype is HALF:
        return arithmetic.cast(value, dtype=SINGLE)
    return value


def _narrow(result: Any) -> Any:
    if isinstance(result, tuple):
        return type(result)(*map(_narrow, result)) if hasattr(result, "_fields") else tuple(map(_narrow, result))
    if isinstance(result, TensorBase) and result._array.dtype is SINGLE:
        return arithmetic.cast(result, dtype=HALF)
    return result
