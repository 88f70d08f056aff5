"""The tables of names beside this file: what each of PyTorch's modules and names is here, and why others are not."""

from __future__ import annotations

import ast
import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["ANSWERS", "FILES", "LEFT_OUT", "MODULES", "PARTLY", "RENAMED", "ROOTS", "sources", "table"]

ROOTS = ("torch", "torchvision", "tensorboardX")
"""The packages that are ours once the layer is installed."""

FILES = ("torch.nn.modules", "torch.optim", "torch.utils.data")
"""Modules whose files, such as `torch.nn.modules.conv`, programs ask for as attributes."""

PARTLY = ("torch.cuda", "torch.distributed", "torch.jit", "torch.multiprocessing", "torch.onnx")
"""Modules of which all names of PyTorch's can be imported, though not all be called."""


@functools.cache
def table(name: str) -> dict[str, str]:
    """One of the tables: a line each, "name: what is said of it"; lines that begin with # are comments."""
    lines = (Path(__file__).parent / "tables" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    parts = (line.partition(":") for line in lines if not line.startswith("#"))
    return {name: text.strip() for name, _, text in parts}


def _answering(text: str) -> Any:
    answer = ast.literal_eval(text)
    return lambda *args, **named: answer


MODULES: Mapping[str, tuple[str, ...]] = {module: tuple(found.split()) for module, found in table("modules").items()}
"""Where the names of a module are looked up, in order."""

RENAMED: Mapping[str, str] = table("renamed")
"""The source of a name that is called otherwise here."""

ANSWERS: Mapping[str, Any] = {
    name.removesuffix("()"): _answering(text) if name.endswith("()") else ast.literal_eval(text)
    for name, text in table("answers").items()
}
"""What has one answer, a function or a setting."""

LEFT_OUT: Mapping[str, str] = table("left_out")
"""Why a module, and all below it, is not there."""


def sources(module: str) -> tuple[str, ...] | None:
    """Where the names of one of PyTorch's modules are looked up; None for a module that is not there."""
    if module in MODULES:
        return MODULES[module]
    return MODULES.get(f"{module.rpartition('.')[0]}.*")
