"""replace_head: the last layer of a pretrained model, made for other classes."""

from __future__ import annotations

from typing import Any

from nn.modules.convolution import Conv2d
from nn.modules.linear import Linear
from nn.modules.module import Module
from nn.tuning.patterns import nearest

__all__ = ["replace_head"]


def replace_head(model: Module, head: int | Module, name: str | None = None) -> str:
    """Put a fresh layer in the place of a model's head.

    Args:
        model: any module; it is changed in place.
        head: how many outputs the new layer has, which is then of the old one's kind, a `Linear` or a `Conv2d`, with
            its other sizes; or a module to put there.
        name: the dotted name of the old head; None for the last `Linear` or `Conv2d` in order of assignment.

    Returns:
        The name of the head, e.g. for `freeze` and `unfreeze`.

    Raises:
        ValueError: there is no such layer, or it is of another kind and `head` is a number.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 10))
        >>> nn.tuning.replace_head(model, 3)
        '2'
        >>> model[2]
        Linear(in_features=8, out_features=3, bias=True)
    """
    modules = {path: module for path, module in model.named_modules(remove_duplicate=False) if path}
    if name is None:
        fitting = [path for path, module in modules.items() if isinstance(module, Linear | Conv2d)]
        if not fitting:
            raise ValueError(f"replace_head: {type(model).__name__} has no Linear and no Conv2d; give the head's name")
        name = fitting[-1]
    elif name not in modules:
        raise ValueError(f"replace_head: {type(model).__name__} has no module {name!r}{nearest(name, modules)}")
    made = head if isinstance(head, Module) else _like(modules[name], head, name)
    made.train(model.training)
    parent, _, last = name.rpartition(".")
    setattr(modules[parent] if parent else model, last, made)
    return name


def _like(old: Module, outputs: Any, name: str) -> Module:
    """A fresh layer of the old one's kind."""
    if isinstance(outputs, bool) or not isinstance(outputs, int) or outputs < 1:
        raise ValueError(f"replace_head: head must be a number of outputs, 1 or more, or a module, got {outputs!r}")
    if isinstance(old, Linear):
        return Linear(old.in_features, outputs, old.bias is not None, dtype=old.weight.dtype)
    if isinstance(old, Conv2d):
        return Conv2d(
            old.in_channels,
            outputs,
            old.kernel_size,
            old.stride,
            old.padding,
            old.dilation,
            old.groups,
            old.bias is not None,
            old.padding_mode,
            dtype=old.weight.dtype,
        )
    raise ValueError(
        f"replace_head: {name!r} is a {type(old).__name__}, from which no number of outputs makes a new layer; "
        "give the module to put there"
    )
