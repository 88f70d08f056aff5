"""Names from PyTorch's history, and those that only PyTorch has a use for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from nn import rng
from nn import settings as defaults
from nn.compat import settings
from nn.compat.names import table
from nn.tensors.creation import arange, empty
from nn.tensors.place import Size
from nn.tensors.tensor import Tensor, from_numpy, tensor

__all__ = ["Variable", "get_rng_state", "range", "set_default_tensor_type", "typename"]


class _Tensors(type):
    """The class of classes to which tensors belong: those of an element type, or all."""

    dtype: np.dtype[Any] | None = None

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, Tensor) and (cls.dtype is None or value.dtype == cls.dtype)


class _Old(metaclass=_Tensors):
    """The base of former constructors."""

    def __new__(cls, *args: Any, **named: Any) -> Any:
        return of_dtype(cls.dtype, args)


def of_dtype(dtype: np.dtype[Any] | None, args: tuple[Any, ...]) -> Tensor:
    """What former constructors, and `x.new(...)`, make: of data, or of a shape."""
    if len(args) == 1 and not isinstance(args[0], int | np.integer):
        return empty(*args[0], dtype=dtype).zero_() if isinstance(args[0], Size) else tensor(args[0], dtype=dtype)
    return empty(*(args or (0,)), dtype=dtype).zero_()


OLD: dict[str, Any] = {
    name: _Tensors(name, (_Old,), {"dtype": np.dtype(dtype), "__doc__": f"`{name}(data)` or `{name}(2, 3)`: {dtype}."})
    for name, dtype in table("constructors").items()
}
globals().update(OLD)


def dtype_of(value: Any) -> Any:
    """A dtype, an old constructor or its name ("torch.LongTensor") as a dtype."""
    if isinstance(value, str):
        value = OLD.get(value.rpartition(".")[2], value)
    return value.dtype if isinstance(value, _Tensors) else value


def old_name(dtype: np.dtype[Any]) -> str:
    """What `x.type()` says: "torch.FloatTensor"."""
    return next((f"torch.{name}" for name, cls in OLD.items() if cls.dtype == dtype), f"torch.{dtype}")


class Variable(metaclass=_Tensors):
    """Since 2018 a tensor is what a Variable was: `Variable(x)` is x, apart from its history."""

    def __new__(cls, data: Any, requires_grad: bool = False, volatile: bool = False) -> Any:
        """The tensor itself; the old flag `volatile` is taken without effect: use `no_grad`."""
        if volatile:
            settings.say_once("Variable(volatile=True) has no effect since PyTorch 0.4; use torch.no_grad()")
        value = data if isinstance(data, Tensor) else tensor(data)
        return value.detach().requires_grad_() if requires_grad else value


def get_rng_state() -> Tensor:
    """Where the global generator stands, as a tensor of bytes."""
    return from_numpy(rng.get_rng_state())


def _repeated(count: int) -> Any:
    return lambda value: tuple(value) if isinstance(value, Iterable) else (value,) * count


_single, _pair, _triple = map(_repeated, (1, 2, 3))
required = object()


def typename(obj: Any) -> str:
    """The name of a tensor's old type, or of an object's class."""
    cls = type(obj)
    return old_name(obj.dtype) if isinstance(obj, Tensor) else f"{cls.__module__}.{cls.__qualname__}"


def set_default_tensor_type(t: Any) -> None:
    """Set the default dtype by an old constructor or its name."""
    defaults.set_default_dtype(dtype_of(t))


def range(start: Any = 0, end: Any = None, step: Any = 1, **named: Any) -> Tensor:
    """As `arange`, with the end included."""
    start, end = (0, start) if end is None else (start, end)
    return arange(start, end + step / 2, step, **{"dtype": np.float32, **named})


def bfloat16_type() -> np.dtype[Any]:
    """What stands for bfloat16."""
    settings.say_once("NumPy has no bfloat16; torch.bfloat16 is float32 here")
    return np.dtype(np.float32)


def __getattr__(name: str) -> Any:
    if name == "bfloat16":
        return bfloat16_type()
    raise AttributeError(name)
