"""What a program asks of PyTorch that is not here, found by reading it, without running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nn.compat import absent
from nn.compat.lookup import NOTHING, meant
from nn.compat.methods import METHODS
from nn.compat.names import MODULES, ROOTS, sources
from nn.compat.run import cells
from nn.tensors.tensor import Tensor

__all__ = ["Missing", "check"]

BUILT_IN = (str, bytes, list, dict, set, int, float, Path)


class Missing(NamedTuple):
    """A name that is not there."""

    file: str
    line: int
    sentence: str


def check(script: str) -> list[Missing]:
    """The names that a program, and the files beside it that it imports, takes from PyTorch and that are not here.

    A method is found by its name alone: one that PyTorch's tensors have, and neither ours nor Python's own objects.

    Args:
        script: a path of a script or a notebook.

    Raises:
        FileNotFoundError: there is no such file.
        SyntaxError: the program is no Python.
    """
    if not Path(script).is_file():
        raise FileNotFoundError(f"check: there is no file {script}")
    seen: set[Path] = set()
    return sorted(set(_missing(Path(script), seen)), key=lambda missing: (missing.file != script, *missing))


def _missing(path: Path, seen: set[Path]) -> Iterator[Missing]:
    if path in seen:
        return
    seen.add(path)
    source = "\n".join(cells(path)) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
    tree = ast.parse(source, str(path))
    reader = _Reader(path)
    reader.visit(tree)
    yield from reader.missing
    for name in reader.beside:
        for other in (path.parent / f"{name}.py", path.parent / name / "__init__.py"):
            if other.is_file():
                yield from _missing(other, seen)


class _Reader(ast.NodeVisitor):
    """Follows the names under which a program has imported PyTorch's modules."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.modules: dict[str, str] = {}  # a name in the program -> the dotted name that it stands for
        self.missing: list[Missing] = []
        self.beside: list[str] = []

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            self._module(alias.name, node.lineno)
            if alias.name.partition(".")[0] in ROOTS:
                short = alias.asname or alias.name.partition(".")[0]
                self.modules[short] = alias.name if alias.asname else short

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level or module.partition(".")[0] not in ROOTS:
            self.beside += [module.replace(".", "/")] if module else [alias.name for alias in node.names]
        elif self._module(module, node.lineno):
            for alias in node.names:
                if alias.name != "*" and self._name(f"{module}.{alias.name}", node.lineno):
                    self.modules[alias.asname or alias.name] = f"{module}.{alias.name}"

    def visit_Call(self, node: ast.Call) -> None:
        """What can be imported, and would refuse to be called."""
        dotted = self._dotted(node.func)
        if dotted is not None and meant(dotted) is NOTHING and absent.refusal(dotted):
            self._note(dotted, node.lineno)
        if dotted is None and isinstance(node.func, ast.Attribute):
            self._method(node.func)
        self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        dotted = self._dotted(node)
        if dotted is None:
            self.generic_visit(node)
        else:
            self._name(dotted, node.lineno)

    def _method(self, node: ast.Attribute) -> None:
        """A method that PyTorch's tensors have and ours have not; what Python's own objects have may be theirs."""
        name = node.attr
        there = hasattr(Tensor, name) or name in METHODS[Tensor] or any(hasattr(kind, name) for kind in BUILT_IN)
        if not there and absent.known_to_pytorch(f"torch.Tensor.{name}"):
            self._note(f"torch.Tensor.{name}", node.lineno)

    def _dotted(self, node: ast.expr) -> str | None:
        """`nn.functional.relu` as "torch.nn.functional.relu", if `nn` is one of PyTorch's modules."""
        if isinstance(node, ast.Attribute):
            base = self._dotted(node.value)
            return None if base is None else f"{base}.{node.attr}"
        return self.modules.get(node.id) if isinstance(node, ast.Name) else None

    def _module(self, name: str, line: int) -> bool:
        if name.partition(".")[0] not in ROOTS:
            self.beside.append(name.replace(".", "/"))
            return True
        if sources(name) is None:
            self._note(name, line)
            return False
        return True

    def _name(self, dotted: str, line: int) -> bool:
        """Whether a dotted name is here; only the part that is a module's own name can be known to be missing."""
        parts = dotted.split(".")
        for end in range(1, len(parts)):
            module, name = ".".join(parts[:end]), parts[end]
            if f"{module}.{name}" in MODULES:
                continue
            if meant(f"{module}.{name}") is NOTHING:
                if absent.refusal(f"{module}.{name}"):
                    return True  # it is noted where it is called
                if end < len(parts) - 1 and sources(f"{module}.{name}") is not None:
                    continue  # a file of PyTorch's, whose names are found in one place here
                self._note(".".join(parts[: end + 1]), line)
                return False
            return True
        return True

    def _note(self, dotted: str, line: int) -> None:
        self.missing.append(Missing(str(self.path), line, absent.reason(dotted)))
