"""Functions and classes that programs give other arguments than ours take: each is made when it is first asked for.

- losses: `size_average` and `reduce`, which `reduction` has stood for since 2018, in their old places
- a softmax without an axis
- functions of `torch` itself whose order is another than that of ours in `nn.functional`
- functions of `torch` with `out=`, which saves nothing here, and named results in its print
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from nn.autograd.mode import mode
from nn.compat.names import table
from nn.tensors.conversion import can_cast
from nn.tensors.reduction import ValuesIndices
from nn.tensors.tensor import Tensor

__all__ = ["as_called"]

WITHOUT_FLAGS = ("CTCLoss", "DiceLoss", "FocalLoss", "GaussianNLLLoss", "HuberLoss", "TripletMarginWithDistanceLoss",
                 "ctc_loss", "gaussian_nll_loss", "huber_loss", "triplet_margin_with_distance_loss")  # fmt: skip
"""Losses that never had the two flags."""

WITH_OUT = ("torch", "torch.linalg", "torch.special", "torch.fft")
"""PyTorch's modules whose functions take `out=`."""

OURS = ("nn.tensors", "nn.linalg", "nn.special", "nn.fft", "nn.functional")


def as_called(module: str, name: str, value: Any) -> Any:
    """What one of PyTorch's modules has under a name, as programs call it."""
    if module.startswith("torch.nn"):
        return _older(value) if isinstance(value, type | FunctionType) and name[0] != "_" else value
    if f"{module}.{name}" in table("orders"):
        return _adapted(value, table("orders")[f"{module}.{name}"].split(), _of_torch)
    return _taking_out(value) if module in WITH_OUT and isinstance(value, FunctionType) else value


@functools.cache
def _older(value: Any) -> Any:
    """The loss with the two flags, or the softmax that chooses an axis; anything else as it is."""
    if isinstance(value, type):
        init: Any = vars(value).get("__init__", object.__init__)
        older = _older(init) if value.__name__ not in WITHOUT_FLAGS else init
        body = {"__init__": older, "__doc__": value.__doc__, "__module__": value.__module__}
        return value if older is init else type(value.__name__, (value,), body)
    if value.__name__ in ("softmax", "log_softmax", "softmin"):
        return _adapted(value, ["input", "dim", "_stacklevel", "dtype"], _with_an_axis)
    flags = value.__name__ not in WITHOUT_FLAGS and "reduction" in inspect.signature(value).parameters
    return _adapted(value, in_pytorchs_order(value), _by_one_word) if flags else value


def _adapted(function: Any, order: Sequence[str], edit: Callable[[dict[str, Any]], dict[str, Any]]) -> Any:
    """A function that takes its arguments in another order; `edit` gives them as ours take them, by name."""

    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        if len(args) > len(order):
            own = order.count("self")
            names = ", ".join(order[own:])
            raise TypeError(f"expected at most {len(order) - own} arguments ({names}), got {len(args) - own}")
        return function(**edit({**dict(zip(order, args, strict=False)), **named}))

    return call


def in_pytorchs_order(function: Any) -> list[str]:
    """The arguments of a loss with the two flags in their places, before `reduction` or one earlier."""
    names = list(inspect.signature(function).parameters)
    place = names.index("reduction")
    early = place - 1 if place and names[place - 1] in ("ignore_index", "eps") else place
    return [*names[:early], "size_average", *names[early:place], "reduce", *names[place:]]


def _by_one_word(named: dict[str, Any]) -> dict[str, Any]:
    """Say by `reduction` what the two flags say."""
    if named.get("reduction") == "elementwise_mean":  # what "mean" was called in 2018
        named["reduction"] = "mean"
    size_average, reduce = named.pop("size_average", None), named.pop("reduce", None)
    if (size_average, reduce) == (None, None):
        return named
    return {**named, "reduction": "none" if reduce is False else "sum" if size_average is False else "mean"}


def _with_an_axis(named: dict[str, Any]) -> dict[str, Any]:
    """Choose the axis that PyTorch chose before it asked."""
    named.pop("_stacklevel", None)
    if named.get("dim") is None:
        named["dim"] = 0 if getattr(named.get("input"), "ndim", 0) in (0, 1, 3) else 1
    return named


def _of_torch(named: dict[str, Any]) -> dict[str, Any]:
    """Leave out what has no effect, and say `input` for `indices`."""
    kept = [item for item in named.items() if item[0] != "cudnn_enabled" and item != ("padding_idx", -1)]
    return {name.replace("indices", "input"): value for name, value in kept}


def _taking_out(function: Callable[..., Any]) -> Callable[..., Any]:
    """The function with `out=`: a tensor, or a tuple of them, for what it returns."""
    name, file = function.__name__, function.__module__
    if not file.startswith(OURS) or "out" in inspect.signature(function).parameters:
        return function
    prefix = "linalg_" if file.startswith("nn.linalg") and not file.endswith("older_names") else ""

    @functools.wraps(function)
    def call(*args: Any, out: Any = None, **named: Any) -> Any:
        result = function(*args, **named)
        if out is None:
            named_result = hasattr(result, "_fields") and not isinstance(result, ValuesIndices)  # it prints by itself
            return _returned(prefix + name, result.__class__)(*result) if named_result else result
        if not isinstance(result, tuple):
            return _written(name, out, result)
        if not isinstance(out, tuple | list) or len(out) != len(result):
            raise TypeError(f"{name}: out must be a tuple of {len(result)} tensors, got {out!r}")
        places = [_written(name, place, value) for place, value in zip(out, result, strict=True)]
        return type(result)(*places) if hasattr(result, "_fields") else tuple(places)

    return call


@functools.cache
def _returned(name: str, base: Any) -> Any:
    """The class of a named tuple that prints as PyTorch's."""

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
