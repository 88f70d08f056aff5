"""What a program asks of PyTorch that is not here, found by reading it, without running it."""

from __future__ import annotations

import ast
from itertools import accumulate
from pathlib import Path
from typing import NamedTuple

from nn.compat import absent
from nn.compat.methods import METHODS
from nn.compat.names import MODULES, NOTHING, ROOTS, meant, sources
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
    missing: set[Missing] = set()
    seen: set[Path] = set()
    waiting = [Path(script)]
    while waiting:
        path = waiting.pop()
        if path in seen or not path.is_file():
            continue
        seen.add(path)
        source = "\n".join(cells(path)) if path.suffix == ".ipynb" else path.read_text(encoding="utf-8")
        reader = _Reader(path)
        reader.visit(ast.parse(source, str(path)))
        missing.update(reader.missing)
        waiting += [path.parent / f"{name}{end}" for name in reader.beside for end in (".py", "/__init__.py")]
    return sorted(missing, key=lambda missing: (missing.file != script, *missing))


class _Reader(ast.NodeVisitor):
    """Follows the names under which a program has imported PyTorch's modules."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.modules: dict[str, str] = {}  # a name in the program -> the dotted name that it stands for
        self.missing: list[Missing] = []
        self.beside: list[str] = []

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            root = alias.name.partition(".")[0]
            if root not in ROOTS:
                self.beside.append(alias.name.replace(".", "/"))
            else:
                self._module(alias.name, node.lineno)
                self.modules[alias.asname or root] = alias.name if alias.asname else root

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        module = node.module or ""
        if node.level or module.partition(".")[0] not in ROOTS:
            self.beside += [module.replace(".", "/")] if module else [alias.name for alias in node.names]
        elif self._module(module, node.lineno):
            for alias in node.names:
                if alias.name != "*" and self._name(f"{module}.{alias.name}", node.lineno):
                    self.modules[alias.asname or alias.name] = f"{module}.{alias.name}"

    def visit_Attribute(self, node: ast.Attribute) -> None:
        dotted = self._dotted(node)
        if dotted is None:
            self.generic_visit(node)
        else:
            self._name(dotted, node.lineno)

    def visit_Call(self, node: ast.Call) -> None:
        """What can be imported, and would refuse to be called; and methods that PyTorch's tensors alone have."""
        dotted = self._dotted(node.func)
        if dotted is not None and meant(dotted) is NOTHING and absent.refusal(dotted):
            self._note(dotted, node.lineno)
        if dotted is None and isinstance(node.func, ast.Attribute) and not _is_method(node.func.attr):
            self._note(f"torch.Tensor.{node.func.attr}", node.lineno)
        self.generic_visit(node)

    def _dotted(self, node: ast.expr) -> str | None:
        """`nn.functional.relu` as "torch.nn.functional.relu", if `nn` is one of PyTorch's modules."""
        if isinstance(node, ast.Attribute):
            base = self._dotted(node.value)
            return None if base is None else f"{base}.{node.attr}"
        return self.modules.get(node.id) if isinstance(node, ast.Name) else None

    def _module(self, name: str, line: int) -> bool:
        if sources(name) is None:
            self._note(name, line)
        return sources(name) is not None

    def _name(self, dotted: str, line: int) -> bool:
        """Whether a dotted name is here; only the part that is a module's own name can be known to be missing."""
        for name in accumulate(dotted.split("."), "{}.{}".format):
            if name in MODULES:
                continue
            if meant(name) is not NOTHING or absent.refusal(name):  # a refusal is noted where it is called
                return True
            if name == dotted or sources(name) is None:  # else a file of PyTorch's: its names are in one place here
                self._note(name, line)
                return False
        return True

    def _note(self, dotted: str, line: int) -> None:
        self.missing.append(Missing(str(self.path), line, absent.reason(dotted)))


def _is_method(name: str) -> bool:
    """Whether a method is here; one that Python's own objects have may be theirs, an unknown one the program's."""
    there = name in METHODS[Tensor] or any(hasattr(kind, name) for kind in (Tensor, *BUILT_IN))
    return there or not absent.known_to_pytorch(f"torch.Tensor.{name}")
