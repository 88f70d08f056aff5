"""load_pretrained: weights from a file into a model, by name, with a report of what matched."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from nn.checkpoint import load
from nn.errors import CheckpointError, ShapeError
from nn.modules.module import Module
from nn.tuning.patterns import nearest

__all__ = ["LoadReport", "load_pretrained"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class LoadReport:
    """What `load_pretrained` did; as a text, a line for each name that did not match.

    Attributes:
        matched: the names that were loaded.
        missing: names of the model that the file lacks; they stay as they are.
        unexpected: names of the file that the model lacks.
        mismatched: by name the shapes in the model and in the file, where they differ; they stay as they are.

    Example:
        >>> import nn
        >>> report = nn.tuning.load_pretrained(nn.Linear(2, 3), {"weight": nn.ones(3, 2), "bias": nn.ones(4)})
        >>> print(report)
        loaded 1 of 2
        other shape: bias is (3,) here and (4,) in the file
    """

    matched: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    mismatched: dict[str, tuple[Shape, Shape]] = field(default_factory=dict)

    def __str__(self) -> str:
        wanted = len(self.matched) + len(self.missing) + len(self.mismatched)
        lines = [f"loaded {len(self.matched)} of {wanted}"]
        lines += [f"not in the file: {name}" for name in self.missing]
        lines += [f"not in the model: {name}" for name in self.unexpected]
        lines += [
            f"other shape: {k} is {own} here and {other} in the file" for k, (own, other) in self.mismatched.items()
        ]
        return "\n".join(lines)


def load_pretrained(
    model: Module,
    source: str | os.PathLike[str] | Mapping[str, Any],
    rename: Mapping[str, str] | Callable[[str], str | None] | None = None,
    strict: bool = False,
) -> LoadReport:
    """Load the weights whose name and shape fit, and tell of the others.

    Args:
        model: any module; it is changed in place.
        source: a file that `nn.load` reads (`.safetensors` among them), with a state or a Trainer's checkpoint in it;
            or a state, a dict of tensors by name.
        rename: from the names in the file to those in the model: beginnings of names and what to put there, such as
            {"backbone.": ""}, or a function, which returns None for what is to be left out.
        strict: whether to refuse anything that does not fit, before the model is changed.

    Raises:
        ValueError: nothing fits; with strict, something does not (a `CheckpointError` for a file).

    Example:
        >>> import nn
        >>> pretrained = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 10))
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.Linear(8, 3))
        >>> report = nn.tuning.load_pretrained(model, pretrained.state_dict())
        >>> report.matched, list(report.mismatched)
        (['0.weight', '0.bias'], ['1.weight', '1.bias'])
    """
    if not isinstance(model, Module):
        raise TypeError(f"load_pretrained: model must be an nn.Module, got {type(model).__name__}")
    state = load(source) if isinstance(source, str | os.PathLike) else source
    if isinstance(state, Module):
        state = state.state_dict()
    if isinstance(state, Mapping) and isinstance(state.get("state_dict"), Mapping):
        state = state["state_dict"]  # of a Trainer's checkpoint
    if not isinstance(state, Mapping):
        raise TypeError(
            f"load_pretrained: source must hold a dict of tensors by name, got {type(state).__name__}; "
            "give a file with model.state_dict()"
        )
    renamed = {old: new for old in state if (new := _renamed(old, rename)) is not None}
    own = model.state_dict()
    report, fitting = LoadReport(), {}
    for old, name in renamed.items():
        if name not in own:
            report.unexpected.append(name)
            continue
        shape = tuple(getattr(state[old], "shape", ()))
        if shape != tuple(own[name].shape):
            report.mismatched[name] = tuple(own[name].shape), shape
        else:
            fitting[name] = state[old]
            report.matched.append(name)
    report.missing.extend(name for name in own if name not in set(renamed.values()))
    _require_match(report, own, source, model, strict)
    model.load_state_dict(fitting, strict=False)
    return report


def _require_match(report: LoadReport, own: Mapping[str, Any], source: Any, model: Module, strict: bool) -> None:
    """Refuse a state of which nothing fits, or with strict not all."""
    reason, owner = "", type(model).__name__
    if not report.matched:
        name = next(iter(report.unexpected), "")
        seen = f"the first name is {name!r}{nearest(name, own)}" if name else "every shape differs, or it is empty"
        reason = f"none of its tensors fits {owner}: {seen}; rename its names with rename="
    elif strict and (report.missing or report.unexpected or report.mismatched):
        reason = f"it does not fit {owner}: {'; '.join(str(report).splitlines())}; pass strict=False to load the rest"
    if reason and isinstance(source, str | os.PathLike):
        raise CheckpointError(str(source), reason)
    if reason:
        raise ShapeError(f"load_pretrained: {reason}")


def _renamed(name: str, rename: Mapping[str, str] | Callable[[str], str | None] | None) -> str | None:
    if rename is None:
        return name
    if not isinstance(rename, Mapping):
        return rename(name)
    start = next((start for start in rename if name.startswith(start)), None)
    return name if start is None else rename[start] + name[len(start) :]
