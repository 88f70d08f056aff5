"""Where a nan comes from: the batch, a parameter, or the first layer whose output has one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from nn.autograd.grad_mode import no_grad
from nn.modules.module import Module
from nn.tensors.tensor import Tensor

__all__: list[str] = []


def tensors(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """The tensors and arrays in a structure of tuples, lists and dicts, each with its place."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from tensors(entry, f"{place}[{key!r}]")
    elif isinstance(value, list | tuple):
        for i, entry in enumerate(value):
            yield from tensors(entry, f"{place}[{i}]")
    elif isinstance(value, Tensor | np.ndarray):
        yield place, value


def _array(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, Tensor) else value


def is_finite(value: Any) -> bool:
    """Whether no number of a tensor or an array is nan or infinite."""
    array = _array(value)
    return array.dtype.kind != "f" or bool(np.isfinite(array).all())


def origin(model: Module, batch: Any, forward: Callable[[], Any]) -> tuple[str | None, str]:
    """The layer that first made a nan or an infinity, if one did, and a sentence part that says where it was seen.

    The forward runs once more; buffers that it changes are put back.
    """
    for place, value in tensors(batch):
        if not is_finite(value):
            return None, f"the batch itself has nan or inf in batch{place}; clean the data"
    for name, parameter in model.named_parameters():
        if not is_finite(parameter):
            layer = name.rpartition(".")[0]
            kind = type(model.get_submodule(layer)).__name__
            return layer, (
                f"layer {layer!r} ({kind}) has nan or inf in its {name.rpartition('.')[2]} since an earlier step; "
                "lower the learning rate or clip the gradients (gradient_clip_val=1.0)"
            )
    found: list[tuple[str, str]] = []
    sizes: dict[str, float] = {}
    handles = [
        module.register_forward_hook(_noting(name, found, sizes))
        for name, module in model.named_modules()
        if not any(True for _ in module.children())
    ]
    try:
        _run(model, forward)
    finally:
        for handle in handles:
            handle.remove()
    if found:
        layer, kind = found[0]
        return layer, (
            f"layer {layer!r} ({kind}) is the first whose output has nan or inf; "
            "look at what it is given, lower the learning rate or clip the gradients (gradient_clip_val=1.0)"
        )
    largest = max(sizes, key=lambda place: sizes[place], default=None)
    told = "" if largest is None else f", the largest is {sizes[largest]:.2g} in {largest}"
    return None, (
        f"the outputs of all layers are finite{told}; "
        "lower the learning rate, or look at how the loss is computed, at a log or a division"
    )


def _noting(name: str, found: list[tuple[str, str]], sizes: dict[str, float]) -> Callable[..., None]:
    def hook(module: Module, args: Any, output: Any) -> None:
        kind = type(module).__name__
        for _, value in tensors(output):
            if not is_finite(value):
                found.append((name, kind))
            elif value.dtype.kind == "f" and _array(value).size:
                sizes[f"layer {name!r} ({kind})"] = float(np.abs(_array(value)).max())

    return hook


def _run(model: Module, forward: Callable[[], Any]) -> None:
    buffers = [(buffer, buffer.detach().clone()) for buffer in model.buffers()]
    with no_grad(), np.errstate(all="ignore"):
        try:
            forward()
        finally:
            for buffer, before in buffers:
                buffer.copy_(before)
