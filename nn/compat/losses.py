"""Losses with `size_average` and `reduce`, which `reduction` has stood for since 2018; softmax without an axis."""

from __future__ import annotations

import functools
import inspect
from types import SimpleNamespace
from typing import Any

import nn.functional as F
from nn.modules import loss, margin_loss, regression_loss, softmax

__all__ = ["LogSoftmax", "Softmax", "Softmin", "functional", "reduction_of"]


def reduction_of(size_average: bool | None, reduce: bool | None) -> str:
    """The one word for the two flags."""
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def _translated(named: dict[str, Any]) -> dict[str, Any]:
    flags = [named.pop(name, None) for name in ("size_average", "reduce")]
    return named if flags == [None, None] else {**named, "reduction": reduction_of(*flags)}


def _older(function: Any) -> Any:
    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        return function(*args, **_translated(named))

    return call


def _takes_reduction(function: Any) -> bool:
    return "reduction" in inspect.signature(function).parameters


def _implicit_dim(function: Any) -> Any:
    @functools.wraps(function)
    def call(input: Any, dim: int | None = None, _stacklevel: int = 3, dtype: Any = None) -> Any:
        if dim is None:  # what PyTorch chose before it asked
            dim = 0 if input.ndim in (0, 1, 3) else 1
        return function(input, dim, dtype=dtype)

    return call


def _implicit_class(cls: Any, function: Any) -> Any:
    def forward(self: Any, input: Any) -> Any:
        return function(input, self.dim)

    def __init__(self: Any, dim: int | None = None) -> None:
        cls.__init__(self, dim)

    body = {"__init__": __init__, "forward": forward, "__doc__": cls.__doc__, "__module__": cls.__module__}
    return type(cls.__name__, (cls,), body)


SOFTMAX = {name: _implicit_dim(getattr(F, name)) for name in ("softmax", "log_softmax", "softmin")}
Softmax = _implicit_class(softmax.Softmax, SOFTMAX["softmax"])
LogSoftmax = _implicit_class(softmax.LogSoftmax, SOFTMAX["log_softmax"])
Softmin = _implicit_class(softmax.Softmin, SOFTMAX["softmin"])

functional = SimpleNamespace(**SOFTMAX, **{
    name: _older(getattr(F, name))
    for name in dir(F)
    if (name.endswith(("_loss", "entropy", "_logits", "_div"))) and _takes_reduction(getattr(F, name))
})  # fmt: skip


def _older_class(cls: Any) -> Any:
    """The same class, whose constructor takes the two flags too."""

    def __init__(self: Any, *args: Any, **named: Any) -> None:
        cls.__init__(self, *args, **_translated(named))

    return type(cls.__name__, (cls,), {"__init__": __init__, "__doc__": cls.__doc__, "__module__": cls.__module__})


for _file in (loss, margin_loss, regression_loss):
    for _name in _file.__all__:
        if _takes_reduction(getattr(_file, _name).__init__):
            globals()[_name] = _older_class(getattr(_file, _name))
