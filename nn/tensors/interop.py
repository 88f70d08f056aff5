"""A tensor's side of NumPy's protocols: it gives its array away, and NumPy's own functions take tensors."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import GradError
from nn.tensors.in_place import InPlace

__all__: list[str] = []

OPERATORS = {
    "absolute": "__abs__", "add": "__add__", "bitwise_and": "__and__", "bitwise_or": "__or__", "divide": "__truediv__",
    "equal": "__eq__", "greater": "__gt__", "greater_equal": "__ge__", "invert": "__invert__", "less": "__lt__",
    "less_equal": "__le__", "matmul": "__matmul__", "multiply": "__mul__", "negative": "__neg__",
    "not_equal": "__ne__", "power": "__pow__", "subtract": "__sub__",
}  # fmt: skip
"""The operators that NumPy's functions of other names stand for."""

KEEPING = frozenset({
    "argmax", "argmin", "argsort", "around", "choose", "clip", "compress", "cumprod", "cumsum", "repeat", "reshape",
    "round", "searchsorted", "squeeze", "swapaxes", "take", "transpose",
})  # fmt: skip
"""Functions of NumPy's that stand for a method of what they are given, and so return a tensor for a tensor."""


class Interop(InPlace):
    """NumPy's protocols, and DLPack's."""

    __slots__ = ()

    def numpy(self) -> NDArray[Any]:
        """The array itself, sharing memory; refused while the tensor requires gradients."""
        if self._needs_grad():
            raise GradError("numpy: this tensor requires gradients, which NumPy cannot follow; use .detach().numpy()")
        if mode.recorder is not None:
            mode.recorder.refuse("numpy takes values out of the tape")
        return self._array

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        array = self.numpy()
        if dtype is not None and array.dtype != dtype:
            if copy is False:
                raise ValueError(f"array: {array.dtype} cannot be shared as {np.dtype(dtype)}; leave copy=False out")
            return array.astype(dtype)
        return array.copy() if copy else array

    def __array_ufunc__(self, ufunc: np.ufunc, how: str, *inputs: Any, **named: Any) -> Any:
        """`numpy.sin(x)` is `x.sin()`, and `array + x` an op too; what has no op is NumPy's, without gradients."""
        name = OPERATORS.get(ufunc.__name__, ufunc.__name__)
        op = getattr(type(self), name, None) if how == "__call__" and not named else None
        if op is not None:
            return op(*(np.asarray(value) if isinstance(value, list | tuple) else value for value in inputs))
        result = getattr(ufunc, how)(*_plain(inputs), **_plain(named))
        return wrap(result) if how == "__call__" and not named and ufunc.nout == 1 else result

    def __array_function__(self, function: Any, types: Any, inputs: Any, named: Any) -> Any:
        """`numpy.stack([x, y])` and all functions that are no ufuncs work on the arrays, without gradients.

        As in PyTorch the result is an array, but a tensor where the function stands for a method (`KEEPING`).
        """
        result = function(*_plain(inputs), **_plain(named))
        return wrap(np.asarray(result)) if function.__name__ in KEEPING and "out" not in named else result

    def __dlpack__(self, **named: Any) -> Any:
        return self.numpy().__dlpack__(**named)

    def __dlpack_device__(self) -> Any:
        return self._array.__dlpack_device__()


def _plain(value: Any) -> Any:
    """The value with tensors, also those within lists, made arrays; one that requires gradients is refused."""
    if isinstance(value, list | tuple):
        return type(value)(_plain(item) for item in value)
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return value.numpy() if isinstance(value, Interop) else value
