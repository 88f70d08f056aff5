"""Names from PyTorch's history, and those that only PyTorch has a use for."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import settings as defaults
from nn.compat import settings
from nn.tensors.creation import arange, empty
from nn.tensors.tensor import Tensor, tensor

__all__ = [
    "BoolTensor", "ByteTensor", "CharTensor", "DoubleTensor", "FloatTensor", "HalfTensor", "IntTensor", "LongTensor",
    "ShortTensor", "Variable", "channels_last", "contiguous_format", "layout", "newaxis",
    "preserve_format", "range", "set_default_tensor_type", "strided",
]  # fmt: skip


class _Old(type):
    """The class of former constructors: whether a tensor is one of theirs is a question of its element type."""

    dtype: np.dtype[Any]

    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, Tensor) and value.dtype == cls.dtype

    def __call__(cls, *args: Any, **named: Any) -> Tensor:
        named.pop("device", None)
        if len(args) == 1 and not isinstance(args[0], int | np.integer):
            return tensor(args[0], dtype=cls.dtype)
        return empty(*(args or (0,)), dtype=cls.dtype).zero_()


def _old(name: str, dtype: str) -> Any:
    return _Old(name, (), {"dtype": np.dtype(dtype), "__doc__": f"`{name}(data)` or `{name}(2, 3)`: {dtype}."})


FloatTensor = _old("FloatTensor", "float32")
DoubleTensor = _old("DoubleTensor", "float64")
HalfTensor = _old("HalfTensor", "float16")
LongTensor = _old("LongTensor", "int64")
IntTensor = _old("IntTensor", "int32")
ShortTensor = _old("ShortTensor", "int16")
CharTensor = _old("CharTensor", "int8")
ByteTensor = _old("ByteTensor", "uint8")
BoolTensor = _old("BoolTensor", "bool")

OLD = {c.__name__: c for c in (FloatTensor, DoubleTensor, HalfTensor, LongTensor, IntTensor, ShortTensor, CharTensor,
                               ByteTensor, BoolTensor)}  # fmt: skip


def dtype_of(value: Any) -> Any:
    """A dtype, an old constructor or its name ("torch.LongTensor") as a dtype."""
    if isinstance(value, str) and value.rpartition(".")[2] in OLD:
        value = OLD[value.rpartition(".")[2]]
    return value.dtype if isinstance(value, _Old) else value


def old_name(dtype: np.dtype[Any]) -> str:
    """What `x.type()` says: "torch.FloatTensor"."""
    return next((f"torch.{name}" for name, cls in OLD.items() if cls.dtype == dtype), f"torch.{dtype}")


class _Tensors(type):
    def __instancecheck__(cls, value: Any) -> bool:
        return isinstance(value, Tensor)


class Variable(metaclass=_Tensors):
    """Since 2018 a tensor is what a Variable was: `Variable(x)` is x, apart from its history."""

    def __new__(cls, data: Any, requires_grad: bool = False, volatile: bool = False) -> Any:
        """The tensor itself; the old flag `volatile` is taken without effect: use `no_grad`."""
        if volatile:
            settings.say_once("Variable(volatile=True) has no effect since PyTorch 0.4; use torch.no_grad()")
        value = data if isinstance(data, Tensor) else tensor(data)
        return value.detach().requires_grad_() if requires_grad else value


def set_default_tensor_type(t: Any) -> None:
    """Set the default dtype by an old constructor or its name."""
    defaults.set_default_dtype(dtype_of(t))


def range(start: Any = 0, end: Any = None, step: Any = 1, **named: Any) -> Tensor:
    """As `arange`, with the end included."""
    start, end = (0, start) if end is None else (start, end)
    return arange(start, end + step / 2, step, **{"dtype": np.float32, **named})


newaxis = None


class layout:
    """How elements lie in memory: nothing that one could choose here."""

    def __init__(self, name: str = "torch.strided") -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


strided = layout()
contiguous_format, channels_last, preserve_format = (
    layout(f"torch.{name}") for name in ("contiguous_format", "channels_last", "preserve_format")
)


def __getattr__(name: str) -> Any:
    if name == "bfloat16":
        settings.say_once("NumPy has no bfloat16; torch.bfloat16 is float32 here")
        return np.dtype(np.float32)
    raise AttributeError(name)
