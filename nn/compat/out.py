"""Functions of `torch` as programs call them: with `out=`, which saves nothing here, and named results in its print."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any

from nn.autograd.mode import mode
from nn.tensors.conversion import can_cast
from nn.tensors.reduction import ValuesIndices
from nn.tensors.tensor import Tensor

__all__ = ["WITH_OUT", "taking_out"]

WITH_OUT = ("torch", "torch.linalg", "torch.special", "torch.fft")
"""PyTorch's modules whose functions take it."""

OURS = ("nn.tensors", "nn.linalg", "nn.special", "nn.fft", "nn.functional")


def taking_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with `out=`: a tensor, or a tuple of them, for what it returns."""
    name, file = function.__name__, function.__module__
    if not file.startswith(OURS) or "out" in inspect.signature(function).parameters:
        return function
    prefix = "linalg_" if file.startswith("nn.linalg") and not file.endswith("older_names") else ""

    @functools.wraps(function)
    def call(*args: Any, out: Any = None, **named: Any) -> Any:
        result = function(*args, **named)
        if out is None:
            return _printing(prefix + name, result) if hasattr(result, "_fields") else result
        if not isinstance(result, tuple):
            return _written(name, out, result)
        if not isinstance(out, tuple | list) or len(out) != len(result):
            raise TypeError(f"{name}: out must be a tuple of {len(result)} tensors, got {out!r}")
        places = [_written(name, place, value) for place, value in zip(out, result, strict=True)]
        return type(result)(*places) if hasattr(result, "_fields") else tuple(places)

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

    body = {"__slots__": (), "__repr__": show, "__reduce__": lambda self: (base, (*self,))}
    return type(base.__name__, (base,), body)


def _written(name: str, out: Any, result: Tensor) -> Tensor:
    """The tensor of `out=`, with the result in it; one without elements takes the result's shape."""
    if not isinstance(out, Tensor):
        raise TypeError(f"{name}: out must be a tensor, got {type(out).__name__}")
    if mode.grad and (out.requires_grad or result.requires_grad):
        raise RuntimeError(
            f"{name}: a result in out= has no gradient, and a tensor here requires one; leave out= away, or write "
            "under torch.no_grad()"
        )
    if not can_cast(result.dtype, out.dtype):
        raise RuntimeError(f"{name}: the result is {result.dtype} and does not go into out, which is {out.dtype}")
    if out.shape == result.shape:
        return out.copy_(result)
    if out.numel():
        shapes = f"{tuple(result.shape)}, or no elements, got {tuple(out.shape)}"
        raise ValueError(f"{name}: out must have the shape of the result, {shapes}")
    out.data = result.to(out.dtype)
    return out
