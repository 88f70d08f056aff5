"""What takes other arguments in PyTorch's programs than in ours.

Each is made when it is first asked for, so that a program pays for what it uses.

- losses: `size_average` and `reduce`, which `reduction` has stood for since 2018, in their old places
- softmax without an axis
- `torch.batch_norm`, `torch.instance_norm` and `torch.embedding`, whose order is another than in `nn.functional`
"""

from __future__ import annotations

import functools
import inspect
from typing import Any

import nn.functional as F
from nn.compat.lookup import NOTHING, found, ours

__all__ = ["functional", "top"]


def __getattr__(name: str) -> Any:
    cls = found("nn", name) if name.endswith("Loss") else NOTHING
    if name in ("Softmax", "LogSoftmax", "Softmin"):
        globals()[name] = _implicit_class(ours(name))
    elif cls is not NOTHING and _takes_reduction(cls.__init__):
        globals()[name] = _older_class(cls)
    else:
        raise AttributeError(name)
    return globals()[name]


class _Functions:
    """Functions under the names that they have in PyTorch's module, made by `make` as they are asked for."""

    def __init__(self, make: Any) -> None:
        self._make = make

    def __getattr__(self, name: str) -> Any:
        made = None if name.startswith("_") else self._make(name)
        if made is None:
            raise AttributeError(name)
        setattr(self, name, made)
        return made


def _functional(name: str) -> Any:
    """A function of `torch.nn.functional`, or None where ours takes the same."""
    if name in ("softmax", "log_softmax", "softmin"):
        return _implicit_dim(getattr(F, name))
    if name.endswith(("_loss", "entropy", "_logits", "_div")) and hasattr(F, name):
        function = getattr(F, name)
        return _older(function) if _takes_reduction(function) else None
    return None


ORDERS = {
    "batch_norm": "input weight bias running_mean running_var training momentum eps cudnn_enabled",
    "instance_norm": "input weight bias running_mean running_var use_input_stats momentum eps cudnn_enabled",
    "embedding": "weight input padding_idx scale_grad_by_freq sparse",
}
"""The arguments of functions of `torch` itself, where those of `nn.functional` come in another order."""


def _top(name: str) -> Any:
    """A function of `torch` itself, or None where ours takes the same."""
    if name not in ORDERS:
        return None

    def call(*args: Any, **named: Any) -> Any:
        named = {**dict(zip(ORDERS[name].split(), args, strict=False)), **named}
        named = {k.replace("indices", "input"): v for k, v in named.items() if k != "cudnn_enabled"}
        return getattr(F, name)(**{k: v for k, v in named.items() if (k, v) != ("padding_idx", -1)})

    return call


functional, top = _Functions(_functional), _Functions(_top)


def reduction_of(size_average: bool | None, reduce: bool | None) -> str:
    """The one word for the two flags."""
    if reduce is False:
        return "none"
    return "sum" if size_average is False else "mean"


def _in_pytorchs_order(function: Any) -> list[str]:
    """The arguments with the two flags in their places, before `reduction` or one earlier."""
    names = [name for name in inspect.signature(function).parameters if name != "self"]
    place = names.index("reduction")
    early = place - 1 if place and names[place - 1] in ("ignore_index", "eps") else place
    return [*names[:early], "size_average", *names[early:place], "reduce", *names[place:]]


def _translated(order: list[str], args: Any, named: dict[str, Any]) -> dict[str, Any]:
    """Arguments as PyTorch takes them, as ours take them by name."""
    if len(args) > len(order):
        raise TypeError(f"expected at most {len(order)} arguments ({', '.join(order)}), got {len(args)}")
    named = {**dict(zip(order, args, strict=False)), **named}
    if named.get("reduction") == "elementwise_mean":  # what "mean" was called in 2018
        named["reduction"] = "mean"
    flags = [named.pop(name, None) for name in ("size_average", "reduce")]
    return named if flags == [None, None] else {**named, "reduction": reduction_of(*flags)}


def _older(function: Any) -> Any:
    order = _in_pytorchs_order(function)

    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        return function(**_translated(order, args, named))

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


def _renamed(cls: Any, **body: Any) -> Any:
    """A subclass that goes by the name of its base."""
    return type(cls.__name__, (cls,), {**body, "__doc__": cls.__doc__, "__module__": cls.__module__})


def _implicit_class(cls: Any) -> Any:
    """A softmax whose axis may be left out."""
    function = getattr(
        functional, {"Softmax": "softmax", "LogSoftmax": "log_softmax", "Softmin": "softmin"}[cls.__name__]
    )

    def forward(self: Any, input: Any) -> Any:
        return function(input, self.dim)

    def __init__(self: Any, dim: int | None = None) -> None:
        cls.__init__(self, dim)

    return _renamed(cls, __init__=__init__, forward=forward)


def _older_class(cls: Any) -> Any:
    """The same class, whose constructor takes the two flags too."""
    order = _in_pytorchs_order(cls.__init__)

    def __init__(self: Any, *args: Any, **named: Any) -> None:
        cls.__init__(self, **_translated(order, args, named))

    return _renamed(cls, __init__=__init__)
