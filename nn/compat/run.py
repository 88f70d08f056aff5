"""Running a program as Python would: a script, a module, or the cells of a notebook, as `__main__`."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import runpy
import sys
import tokenize
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

from nn.compat.hook import install
from nn.compat.settings import say_once
from nn.distributed.mpi import LAUNCHERS, launched

__all__ = ["cells", "require_module", "require_script", "run_module", "run_script"]


def run_script(script: str, arguments: Sequence[str] = (), *, offline_data: bool = False) -> None:
    """Run a script or a notebook with PyTorch's names meaning ours.

    Args:
        script: a path; one that ends in `.ipynb` is a notebook, whose cells of code are run in order.
        arguments: what the program finds in `sys.argv[1:]`.
        offline_data: see `install`.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the notebook cannot be read.
    """
    path = require_script(script)
    _prepare(offline_data)
    sys.argv = [script, *arguments]
    sys.path.insert(0, str(path.resolve().parent))
    if path.suffix == ".ipynb":
        _run_notebook(path)
    else:
        runpy.run_path(script, run_name="__main__")


def run_module(module: str, arguments: Sequence[str] = (), *, offline_data: bool = False) -> None:
    """The same for a module, as `python -m` does."""
    require_module(module)
    _prepare(offline_data)
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _prepare(offline_data: bool) -> None:
    """Put our names in place, and what `mpiexec` says into the variables that `torchrun` would set."""
    install(offline_data=offline_data)
    for name in LAUNCHERS:
        if launched(name) is not None:
            os.environ.setdefault(name, str(launched(name)))


def require_script(script: str) -> Path:
    """The path of a script, which has to be there."""
    if not Path(script).is_file():
        raise FileNotFoundError(f"run: there is no file {script}; give a script, or -m and a module")
    return Path(script)


def require_module(module: str) -> None:
    """Refuse a module that cannot be imported from the working directory or from where Python looks."""
    if str(Path.cwd()) not in sys.path:
        sys.path.insert(0, str(Path.cwd()))
    if importlib.util.find_spec(module.partition(".")[0]) is None:
        raise ModuleNotFoundError(f"run: there is no module {module}; give a module that can be imported from here")


def cells(path: Path) -> list[str]:
    """The cells of code of a notebook, without the lines that only Jupyter understands."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        found = [cell["source"] for cell in document["cells"] if cell["cell_type"] == "code"]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"run: {path} is no notebook of format 4 ({error}); save it again in Jupyter") from error
    return [_plain("".join(source).split("\n")) for source in found]


def _plain(lines: Sequence[str]) -> str:
    """A cell, in which a magic command or a shell command became `pass`, with the same indentation."""
    plain: list[str] = []
    for line in lines:
        bare = line.lstrip()
        if bare.startswith(("%", "!")) and not _goes_on(plain):
            say_once("lines of the notebook that begin with % or ! are left out")
            line = f"{line[: len(line) - len(bare)]}pass  # {bare}"
        plain.append(line)
    return "\n".join(plain)


def _goes_on(lines: Sequence[str]) -> bool:
    """Whether a bracket, a string or a backslash carries the last statement on into the next line."""
    try:
        list(tokenize.generate_tokens(iter([f"{line}\n" for line in lines]).__next__))
    except tokenize.TokenError:
        return True
    except SyntaxError:  # of the program, which Python reports
        return False
    return bool(lines) and lines[-1].endswith("\\")


def _run_notebook(path: Path) -> None:
    main = ModuleType("__main__")
    names: dict[str, Any] = vars(main)
    names.update(__file__=str(path), display=print)
    sys.modules["__main__"] = main
    for number, source in enumerate(cells(path), 1):
        place = f"{path.name}, cell {number}"
        tree = ast.parse(source, place)
        last = tree.body[-1] if tree.body and not source.rstrip().endswith(";") else None
        shown: list[ast.stmt] = [tree.body.pop()] if isinstance(last, ast.Expr) else []
        exec(compile(tree, place, "exec"), names)
        exec(compile(ast.Interactive(shown), place, "single"), names)  # shows a value, as Jupyter does
