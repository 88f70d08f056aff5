"""The text of an exercise: the file that a learner starts with, and the solution to look up."""

from __future__ import annotations

import ast
import inspect
import textwrap
from typing import Any

from nn.exercises.declaration import Exercise

__all__ = ["shown", "signatures", "solution_file", "start_file"]


def signatures(exercise: Exercise) -> list[str]:
    """A line for each function and class: its signature, and the shapes that its docstring tells."""
    lines = []
    for name, written in exercise.required.items():
        head = f"{name}{inspect.signature(written)}" if inspect.isroutine(written) else f"class {name}"
        doc = inspect.getdoc(written)
        lines.append(f"{head}    {doc.splitlines()[0]}" if doc else head)
    return lines


def shown(exercise: Exercise, lang: str) -> str:
    """The statement with title and signatures, to be read on a terminal."""
    k = lang == "zh"
    heads = (("Write", "One class with forward(*inputs) and backward(g) may stand for both"),
             ("请编写", "也可以写成一个类，带 forward(*inputs) 和 backward(g)"))[k]  # fmt: skip
    lines = [f"{exercise.id}: {exercise.title[k]}", "", exercise.statement[k], "", f"{heads[0]}{'：' if k else ':'}"]
    lines += [f"    {line}" for line in signatures(exercise)]
    if exercise.layer:
        lines.append(f"    ({heads[1]}: {exercise.layer})")
    return "\n".join(lines)


def start_file(exercise: Exercise, lang: str) -> str:
    """What a learner starts with: the statement as comments, and functions still to be written or repaired."""
    head = _commented(f"{exercise.title[lang == 'zh']}\n\n{exercise.statement[lang == 'zh']}")
    if exercise.given:
        return f"{head}\n\n{textwrap.dedent(exercise.given).strip()}\n"
    parts = [_emptied(_source(written)) for written in exercise.required.values()]
    return "\n\n\n".join([f"{head}\n\nimport numpy as np", *parts]) + "\n"


def solution_file(exercise: Exercise) -> str:
    """The reference as a file of its own, after its derivation."""
    head = [_commented(exercise.derivation) + "\n"] if exercise.derivation else []
    written = [*exercise.helpers.values(), *exercise.required.values()]
    return "\n\n\n".join(["\n".join([*head, "import numpy as np"]), *map(_source, written)]) + "\n"


def _commented(text: str) -> str:
    return "\n".join(f"# {line}".rstrip() for line in text.splitlines())


def _source(written: Any) -> str:
    """The text of a function or class without its decorators."""
    text = textwrap.dedent(inspect.getsource(written))
    node = ast.parse(text).body[0]
    return "\n".join(text.splitlines()[node.lineno - 1 :]).rstrip()


def _emptied(source: str) -> str:
    """Signatures and docstrings stay, bodies go."""
    lines, kept = source.splitlines(), []
    node = ast.parse(source).body[0]
    functions = [node] if isinstance(node, ast.FunctionDef) else [
        inner for inner in getattr(node, "body", []) if isinstance(inner, ast.FunctionDef)
    ]  # fmt: skip
    at = 0
    for function in functions:
        first = function.body[0]
        has_doc = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
        end = (first.end_lineno or first.lineno) if has_doc else first.lineno - 1
        if at:
            kept.append("")
        kept += lines[at:end] if at == 0 else lines[function.lineno - 1 : end]
        indent = " " * (function.col_offset + 4)
        kept.append(f'{indent}raise NotImplementedError("{function.name}")')
        at = function.end_lineno or end
    return "\n".join(kept)
