"""Functions of `torch` as programs call them: with `out=`, which saves nothing here, and named results in its print."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from types import FunctionType
from typing import Any

from nn.autograd.mode import mode
from nn.tensors.conversion import can_cast
from nn.tensors.reduction import ValuesIndices
from nn.tensors.tensor import Tensor

__all__ = ["taking_out"]

MODULES = ("torch", "torch.linalg", "torch.special", "torch.fft")
"""PyTorch's modules whose functions take it."""


def taking_out(function: Any) -> Any:
    """The function with `out=`: a tensor, or a tuple of them, for what it returns; anything else as it is."""
    if not isinstance(function, FunctionType) or not function.__module__.startswith(
        ("nn.tensors", "nn.linalg", "nn.special", "nn.fft", "nn.functional")
    ):
        return function
    if "out" in inspect.signature(function).parameters:
        return function
    return _with_out(function)


def _with_out(function: Callable[..., Any]) -> Callable[..., Any]:
    of_linalg = function.__module__.startswith("nn.linalg") and not function.__module__.endswith("older_names")
    name = f"linalg_{function.__name__}" if of_linalg else function.__name__

    @functools.wraps(function)
    def call(*args: Any, out: Any = None, **named: Any) -> Any:
        result = function(*args, **named)
        if out is None:
            return _printing(name, result) if hasattr(result, "_fields") else result
        if isinstance(result, tuple):
            if not isinstance(out, tuple | list) or len(out) != len(result):
                raise TypeError(f"{function.__name__}: out must be a tuple of {len(result)} tensors, got {out!r}")
            for place, value in zip(out, result, strict=True):
                _write(function.__name__, place, value)
            return type(result)(*out) if hasattr(result, "_fields") else tuple(out)
        _write(function.__name__, out, result)
        return out

    return call


def _printing(name: str, result: Any) -> Any:
    """A named tuple that prints as PyTorch's; those of `max` and its kin do so by themselves."""
    kind: Any = type(result)
    return result if isinstance(result, ValuesIndices) else _returned(name, kind)(*result)


@functools.cache
def _returned(name: str, base: Any) -> Any:
    def show(self: Any) -> str:
        fields = ",\n".join(f"{field}={value!r}" for field, value in zip(self._fields, self, strict=True))
        return f"torch.return_types.{name}(\n{fields})"

    return type(
        base.__name__, (base,), {"__slots__": (), "__repr__": show, "__reduce__": lambda self: (base, (*self,))}
    )


def _write(name: str, out: Any, result: Tensor) -> None:
    if not isinstance(out, Tensor):
        raise TypeError(f"{name}: out must be a tensor, got {type(out).__name__}")
    if mode.grad and (out.requires_grad or result.requires_grad):
        raise RuntimeError(
            f"{name}: a result in out= has no gradient, and a tensor here requires one; leave out= away, or write "
            "under torch.no_grad()"
        )
    if not can_cast(result.dtype, out.dtype):
        raise RuntimeError(f"{name}: the result is {result.dtype} and does not go into out, which is {out.dtype}")
    if out.shape != result.shape:
        if out.numel():
            raise ValueError(
                f"{name}: out must have the shape of the result, {tuple(result.shape)}, or no elements, got "
                f"{tuple(out.shape)}"
            )
        out.data = result.to(out.dtype)
    else:
        out.copy_(result)
