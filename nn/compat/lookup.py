"""Looking up a name in the sources that the table of names gives."""

from __future__ import annotations

import importlib
from types import FunctionType
from typing import Any

from nn.compat.names import RENAMED, sources
from nn.tensors.tensor import Tensor

__all__ = ["NOTHING", "found", "meant", "names_of", "ours"]

METHODS_TOO = ("detach", "get_device", "is_conj", "is_distributed", "is_inference", "is_neg")
"""Methods that are functions of `torch` too, as are all that end in an underscore."""

NOTHING: Any = object()
"""What a look-up returns that finds nothing: None is a value like others."""


def found(source: str, name: str) -> Any:
    """What a source has under a name."""
    try:
        return getattr(_opened(source), name)
    except (AttributeError, ModuleNotFoundError) as error:
        if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] != "nn":
            raise
        return NOTHING


def meant(dotted: str) -> Any:
    """What one of PyTorch's dotted names, such as "torch.nn.Linear", stands for here."""
    if dotted in RENAMED:
        return _opened(RENAMED[dotted])
    module, _, name = dotted.rpartition(".")
    for source in sources(module) or ():
        value = found(source, name)
        if value is not NOTHING and not (module == "torch.nn.modules" and isinstance(value, FunctionType)):
            return value
    if module == "torch" and (name in METHODS_TOO or (name.endswith("_") and not name.startswith("_"))):
        return getattr(Tensor, name, NOTHING)
    return NOTHING


def ours(name: str) -> Any:
    """What `nn` has under a name, whose file is loaded when it is first asked for."""
    return getattr(_opened("nn"), name)


def names_of(source: str) -> list[str]:
    """The public names that a source has."""
    return [name for name in dir(_opened(source)) if not name.startswith("_")]


def _opened(source: str) -> Any:
    module, _, path = source.partition(":")
    value: Any = importlib.import_module(module)
    for name in path.split(".") if path else ():
        value = getattr(value, name)
    return value
