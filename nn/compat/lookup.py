"""Looking up a name in the tables, and in the sources that they give."""

from __future__ import annotations

import importlib
from types import FunctionType
from typing import Any

from nn.compat.names import ANSWERS, RENAMED, sources
from nn.tensors.tensor import Tensor

__all__ = ["NOTHING", "listed", "meant", "names_in"]

NOTHING: Any = object()
"""What a look-up returns that finds nothing: None is a value like others."""


def meant(dotted: str) -> Any:
    """What one of PyTorch's dotted names, such as "torch.nn.Linear", stands for here."""
    if dotted in RENAMED:
        return _opened(RENAMED[dotted])
    if dotted in ANSWERS:
        return ANSWERS[dotted]
    module, _, name = dotted.rpartition(".")
    for source in sources(module) or ():
        value = _found(source, name)
        if value is not NOTHING and not (module == "torch.nn.modules" and isinstance(value, FunctionType)):
            return value
    in_place = module == "torch" and name.endswith("_") and not name.startswith("_")
    return getattr(Tensor, name, NOTHING) if in_place else NOTHING  # `torch.relu_(x)` is `x.relu_()`


def names_in(module: str) -> set[str]:
    """The public names that one of PyTorch's modules has here."""
    found = (name for source in sources(module) or () for name in dir(_opened(source)))
    return {name for name in (*listed(module), *found) if not name.startswith("_")}


def listed(place: str) -> list[str]:
    """The names that the tables have in one of PyTorch's modules or classes."""
    return [name.rpartition(".")[2] for name in (*RENAMED, *ANSWERS) if name.rpartition(".")[0] == place]


def _found(source: str, name: str) -> Any:
    """What a source has under a name."""
    try:
        return getattr(_opened(source), name)
    except (AttributeError, ModuleNotFoundError) as error:
        if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] != "nn":
            raise
        return NOTHING


def _opened(source: str) -> Any:
    module, _, path = source.partition(":")
    value: Any = importlib.import_module(module)
    for name in path.split(".") if path else ():
        value = getattr(value, name)
    return value
