"""A look into a model that leaves it as it was: in evaluation mode, at the outputs of its layers."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nn.autograd.grad_mode import no_grad
from nn.autograd.tape import wrap
from nn.errors import RangeError, ShapeError
from nn.modules.module import Module
from nn.tensors.tensor import Tensor
from nn.viewing.arrays import Array, as_array

__all__ = ["activations"]


def activations(model: Module, *inputs: Any, layers: Sequence[str] | None = None) -> dict[str, Array]:
    """The outputs of a model's layers for some inputs, by name; it is run in evaluation mode, and left as it was.

    Args:
        model: any module.
        inputs: what it is called with.
        layers: the names of the layers, such as "conv1" or "blocks.0.mlp"; by default all that have no parts. A layer
            that is called several times has the output of its last call.

    Returns:
        Arrays, in the order in which the layers were called; what is no tensor is left out.

    Raises:
        TypeError: the model is no module.
        RangeError: there is no such layer.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(2, 3), nn.ReLU())
        >>> {name: output.shape for name, output in nn.viewing.activations(model, nn.ones(4, 2)).items()}
        {'0': (4, 3), '1': (4, 3)}
    """
    where = "activations"
    parts = {name: part for name, part in named_modules(where, model) if not any(True for _ in part.children())}
    if layers is not None:
        parts = {name: layer_of(where, model, name) for name in layers}
    found: dict[str, Array] = {}

    def note(name: str) -> Any:
        def hook(_part: Module, _args: Any, output: Any) -> None:
            if isinstance(output, Tensor):
                found.pop(name, None)
                found[name] = output.detach().numpy().copy()

        return hook

    handles = [part.register_forward_hook(note(name)) for name, part in parts.items()]
    try:
        with evaluating(model), no_grad():
            model(*inputs)
    finally:
        for handle in handles:
            handle.remove()
    return found


@contextlib.contextmanager
def evaluating(model: Module) -> Iterator[None]:
    """In evaluation mode; afterwards each part is in the mode that it was in."""
    modes = [(part, part.training) for part in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for part, training in modes:
            part.training = training


def named_modules(where: str, model: Any) -> list[tuple[str, Module]]:
    """The model's parts by name.

    Raises:
        TypeError: it is no module.
    """
    if not isinstance(model, Module):
        raise TypeError(f"{where}: model must be an nn.Module, got {type(model).__name__}")
    return list(model.named_modules())


def layer_of(where: str, model: Module, name: Any) -> Module:
    """The layer of that name; a layer itself is taken as it is.

    Raises:
        RangeError: the model has no such layer; the message names the nearest.
    """
    parts = dict(named_modules(where, model))
    if isinstance(name, Module):
        if any(part is name for part in parts.values()):
            return name
        raise RangeError(f"{where}: this {type(name).__name__} is no part of the model {type(model).__name__}")
    if name not in parts:
        near = difflib.get_close_matches(str(name), [*parts], n=1, cutoff=0.4) or [n for n in list(parts)[-1:] if n]
        advice = f"; did you mean {near[0]!r}?" if near else ""
        raise RangeError(f"{where}: {type(model).__name__} has no layer {name!r}{advice}")
    return parts[name]


def pictures(where: str, x: Any) -> Any:
    """A batch as a leaf of its own that requires gradients.

    Raises:
        ShapeError: it holds no floats, so that there are no gradients by it.
    """
    array = as_array(where, "x", x)
    if array.dtype.kind != "f":
        raise ShapeError(
            f"{where}: x must hold floats, for a gradient by it; got {array.dtype}: "
            "give what the embedding makes of it, to the layers behind"
        )
    return wrap(np.array(array), requires_grad=True)


def chosen(where: str, scores: Any, target: Any) -> tuple[Any, Array]:
    """The sum of each sample's score of its class, and the classes: those given, or the ones with the highest scores.

    Raises:
        ShapeError: the scores are not (N, C); there is not one class, or one for each sample.
        RangeError: there is no such class.
    """
    if not isinstance(scores, Tensor) or scores.ndim != 2:
        got = scores.shape if isinstance(scores, Tensor) else type(scores).__name__
        raise ShapeError(f"{where}: the model must return scores (N, C), a column for each class; got {got}")
    count, classes = scores.shape
    given = scores.detach().numpy().argmax(1) if target is None else as_array(where, "target", target)
    if given.dtype.kind not in "iu" or given.shape not in ((), (count,)):
        raise ShapeError(f"{where}: target must be a class, or one for each of {count} samples; got {given.tolist()}")
    if given.size and (given.min() < 0 or given.max() >= classes):
        raise RangeError(f"{where}: target must be a class from 0 to {classes - 1}, got {given.tolist()}")
    numbers = np.broadcast_to(given, (count,))
    return scores[np.arange(count), numbers].sum(), numbers
