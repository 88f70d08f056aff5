"""The tables of names beside this file, and what each of PyTorch's dotted names stands for by them."""

from __future__ import annotations

import ast
import functools
import pkgutil
from pathlib import Path
from types import FunctionType
from typing import Any

from nn.tensors.tensor import Tensor

__all__ = [
    "FILES", "LEFT_OUT", "MODULES", "NOTHING", "PARTLY", "ROOTS", "listed", "meant", "names_in", "sources", "table",
]  # fmt: skip

ROOTS = ("torch", "torchvision", "tensorboardX")
"""The packages that are ours once the layer is installed."""

FILES = ("torch.nn.modules", "torch.optim", "torch.utils.data")
"""Modules whose files, such as `torch.nn.modules.conv`, programs ask for as attributes."""

PARTLY = ("torch.cuda", "torch.distributed", "torch.jit", "torch.multiprocessing", "torch.onnx")
"""Modules of which all names of PyTorch's can be imported, though not all be called."""

NOTHING: Any = object()
"""What a look-up returns that finds nothing: None is a value like others."""


@functools.cache
def table(name: str) -> dict[str, str]:
    """One of the tables: a line each, "name: what is said of it"; lines that begin with # are comments."""
    lines = (Path(__file__).parent / "tables" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    parts = (line.partition(":") for line in lines if not line.startswith("#"))
    return {name: text.strip() for name, _, text in parts}


def _answering(text: str) -> Any:
    answer = ast.literal_eval(text)
    return lambda *args, **named: answer


MODULES: dict[str, tuple[str, ...]] = {module: tuple(found.split()) for module, found in table("modules").items()}
"""Where the names of a module are looked up, in order."""

RENAMED = table("renamed")
"""The source of a name that is called otherwise here."""

ANSWERS: dict[str, Any] = {
    name.removesuffix("()"): _answering(text) if name.endswith("()") else ast.literal_eval(text)
    for name, text in table("answers").items()
}
"""What has one answer, a function or a setting."""

LEFT_OUT = table("left_out")
"""Why a module, and all below it, is not there."""


def sources(module: str) -> tuple[str, ...] | None:
    """Where the names of one of PyTorch's modules are looked up; None for a module that is not there."""
    return MODULES.get(module, MODULES.get(f"{module.rpartition('.')[0]}.*"))


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
    return {name for name in (*listed(module), *found) if not name.startswith(("_", "*"))}


def listed(place: str) -> list[str]:
    """The names that the tables have in one of PyTorch's modules or classes."""
    return [name.rpartition(".")[2] for name in (*MODULES, *RENAMED, *ANSWERS) if name.rpartition(".")[0] == place]


def _found(source: str, name: str) -> Any:
    """What a source has under a name."""
    try:
        return getattr(_opened(source), name)
    except (AttributeError, ModuleNotFoundError) as error:
        if isinstance(error, ModuleNotFoundError) and (error.name or "").partition(".")[0] != "nn":
            raise
        return NOTHING


def _opened(source: str) -> Any:
    """A module of ours, or "module:name" an object in one."""
    return pkgutil.resolve_name(source if ":" in source else f"{source}:")
