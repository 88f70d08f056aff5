"""freeze, unfreeze: which parts of a model are trained, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nn.modules.batchnorm import _ChannelNorm
from nn.modules.module import Module
from nn.tuning.patterns import flat, matched

__all__ = ["freeze", "trainable", "unfreeze"]


def freeze(model: Module, *patterns: str | Iterable[str]) -> list[str]:
    """Train these parts no more: their parameters require no gradient, and their batch norms stay in evaluation.

    A frozen parameter has no gradient, so no optimiser moves it, whatever its momentum or weight decay. A batch (or
    instance) norm with running values stays in evaluation mode through every `model.train()`, so that its running
    values stay as they were learned too.

    Args:
        model: any module.
        patterns: dotted names of parameters or modules, a module's with all below it; `*` stands for any part of a
            name, `?` for one character. None for the whole model.

    Returns:
        The names of the parameters that are frozen by this.

    Raises:
        ValueError: a pattern that matches nothing, or only layers without parameters.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))
        >>> nn.tuning.freeze(model, "0", "1")
        ['0.weight', '0.bias', '1.weight', '1.bias']
        >>> model.train()[1].training
        False
    """
    return _set(model, patterns, False, "freeze")


def unfreeze(model: Module, *patterns: str | Iterable[str]) -> list[str]:
    """Train these parts again: the contrary of `freeze`, with the same patterns.

    A batch norm goes back to the mode of the model.

    Returns:
        The names of the parameters that are trained again by this.

    Raises:
        ValueError: a pattern that matches nothing, or only layers without parameters.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2))
        >>> names = nn.tuning.freeze(model)
        >>> nn.tuning.unfreeze(model, "*.bias")
        ['0.bias', '1.bias']
    """
    return _set(model, patterns, True, "unfreeze")


def trainable(model: Module) -> tuple[int, int]:
    """How many numbers of a model are trained, and how many it has; what is shared counts once.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 2))
        >>> names = nn.tuning.freeze(model, "0")
        >>> nn.tuning.trainable(model)
        (18, 58)
    """
    counts = [(p.numel() if p.requires_grad else 0, p.numel()) for p in model.parameters()]
    return sum(count for count, _ in counts), sum(count for _, count in counts)


def _set(model: Module, patterns: tuple[str | Iterable[str], ...], train: bool, caller: str) -> list[str]:
    if not isinstance(model, Module):
        raise TypeError(f"{caller}: model must be an nn.Module, got {type(model).__name__}")
    listed = flat(patterns, caller) or (["*"] if not patterns else [])
    names = matched(model, listed, caller)
    changed = [name for name, _ in model.named_parameters(remove_duplicate=False) if name in names]
    norms = list(_norms(model, names))
    if listed and not changed and not norms:
        raise ValueError(
            f"{caller}: {', '.join(map(repr, listed))} matches only layers without parameters; name one that has some"
        )
    parameters = dict(model.named_parameters(remove_duplicate=False))
    changed = [name for name in changed if parameters[name].requires_grad != train]
    for name in changed:
        parameters[name].requires_grad_(train)
        parameters[name].grad = None
    for norm in norms:
        norm._stays_in_eval = not train
        norm.training = train and model.training
    return changed


def _norms(model: Module, names: set[str]) -> Iterator[_ChannelNorm]:
    """The norms with running values that are matched whole: by their own name, or by all of their parameters."""
    for path, module in model.named_modules(remove_duplicate=False):
        if isinstance(module, _ChannelNorm) and module.track_running_stats:
            own = {f"{path}.{name}" if path else name for name, _ in module.named_parameters(recurse=False)}
            if path in names or (own and own <= names):
                yield module
