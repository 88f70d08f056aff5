"""layerwise_groups: parameter groups whose rates fall from the head of a model to its input."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from nn.errors import RangeError
from nn.modules.container import ModuleList, Sequential
from nn.modules.module import Module
from nn.tuning.patterns import flat, matched

__all__ = ["layerwise_groups"]


def layerwise_groups(
    model: Module,
    lr: float,
    decay: float = 0.75,
    weight_decay: float | None = None,
    layers: Sequence[str | Iterable[str]] | None = None,
) -> list[dict[str, Any]]:
    """Parameter groups for an optimiser, one a layer: the nearer to the input, the lower the rate.

    lr_i = lr decay^(L - 1 - i)     for layer i = 0, ..., L - 1, from the input to the head

    Frozen parameters are in the groups too, so that they can be unfrozen later: without a gradient no step moves them.

    Args:
        model: any module.
        lr: the rate of the last layer.
        decay: what one layer's rate is of the next one's, from 0 (exclusive) to 1.
        weight_decay: of matrices and filters, while parameters with one axis (biases, norms) get 0; None to leave it
            to the optimiser.
        layers: patterns, or lists of them, one for each layer, from the input to the head; what none of them matches is
            trained with the last. None for the parts of the model in order of assignment, each entry of a `Sequential`
            or `ModuleList` by itself.

    Returns:
        A list of dicts with "params", "lr", "name" and perhaps "weight_decay".

    Raises:
        RangeError: lr or decay is out of range.
        ValueError: a pattern that matches nothing; a model without parameters.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 2))
        >>> groups = nn.tuning.layerwise_groups(model, lr=0.1, decay=0.5)
        >>> [(group["name"], group["lr"]) for group in groups]
        [('0', 0.025), ('2', 0.05), ('4', 0.1)]
        >>> optimizer = nn.optim.SGD(groups)

    References:
        Howard and Ruder, Universal Language Model Fine-tuning for Text Classification, ACL 2018.
    """
    if not lr >= 0:
        raise RangeError(f"layerwise_groups: lr must be 0 or more, got {lr}")
    if not 0 < decay <= 1:
        raise RangeError(f"layerwise_groups: decay must be above 0 and at most 1, got {decay}")
    named = dict(model.named_parameters())
    if layers is None:
        depths = [(name, set(names)) for name, names in _parts(model)]
    else:
        listed = [flat([layer], "layerwise_groups") for layer in layers]
        depths = [(", ".join(layer), matched(model, layer, "layerwise_groups")) for layer in listed]
        depths[-1:] = [(depths[-1][0], depths[-1][1] | set(named))]
    groups: list[dict[str, Any]] = []
    grouped = [(label, [named.pop(name) for name in list(named) if name in names]) for label, names in depths]
    filled = [(label, parameters) for label, parameters in grouped if parameters]
    if not filled:
        raise ValueError(f"layerwise_groups: {type(model).__name__} has no parameters to group")
    for depth, (label, parameters) in enumerate(filled):
        rate = lr * decay ** (len(filled) - 1 - depth)
        if weight_decay is None:
            groups.append({"params": parameters, "lr": rate, "name": label})
            continue
        for several, amount, suffix in ((True, weight_decay, ""), (False, 0.0, " (1 axis)")):
            chosen = [p for p in parameters if (p.ndim > 1) == several]
            if chosen:
                groups.append({"params": chosen, "lr": rate, "name": label + suffix, "weight_decay": amount})
    return groups


def _parts(module: Module, prefix: str = "") -> Iterator[tuple[str, list[str]]]:
    """The names of the parameters of each part; lists of parts are taken apart, and what holds only lists."""
    own = [prefix + name for name, _ in module.named_parameters(recurse=False)]
    if own:
        yield prefix.rstrip("."), own
    for name, child in module.named_children():
        path = f"{prefix}{name}"
        opened = isinstance(child, Sequential | ModuleList) or any(
            isinstance(inner, Sequential | ModuleList) for inner in child.children()
        )
        if opened:
            yield from _parts(child, f"{path}.")
        else:
            yield path, [f"{path}.{inner}" for inner, _ in child.named_parameters()]
