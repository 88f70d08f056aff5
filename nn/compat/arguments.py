"""Functions and classes that programs give other arguments than ours take: each is made when it is first asked for.

- losses: `size_average` and `reduce`, which `reduction` has stood for since 2018, in their old places
- a softmax without an axis
- functions of `torch` itself whose order is another than that of ours in `nn.functional`
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Sequence
from types import FunctionType
from typing import Any

from nn.compat.out import WITH_OUT, taking_out

__all__ = ["as_called"]

WITHOUT_FLAGS = ("CTCLoss", "DiceLoss", "FocalLoss", "GaussianNLLLoss", "HuberLoss", "TripletMarginWithDistanceLoss",
                 "ctc_loss", "gaussian_nll_loss", "huber_loss", "triplet_margin_with_distance_loss")  # fmt: skip
"""Losses that never had the two flags."""

ORDERS = {
    "batch_norm": "input weight bias running_mean running_var training momentum eps cudnn_enabled",
    "instance_norm": "input weight bias running_mean running_var use_input_stats momentum eps cudnn_enabled",
    "embedding": "weight indices padding_idx scale_grad_by_freq sparse",
    "constant_pad_nd": "input pad value",
}
"""The arguments of functions of `torch` itself, where those of `nn.functional` come in another order."""


def as_called(module: str, name: str, value: Any) -> Any:
    """What one of PyTorch's modules has under a name, as programs call it."""
    if module.startswith("torch.nn"):
        return _older(value) if isinstance(value, type | FunctionType) and name[0] != "_" else value
    if module == "torch" and name in ORDERS:
        return _adapted(value, ORDERS[name].split(), _of_torch)
    return taking_out(value) if module in WITH_OUT and isinstance(value, FunctionType) else value


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
