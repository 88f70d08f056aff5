"""The table of derivatives, read from the registry: every op, and every rule as it stands in the source.

The page `nn/ops/README.md` is this table; `fromzero ops --markdown > nn/ops/README.md` writes it again.
"""

from __future__ import annotations

import ast
import functools
import importlib
import inspect
import re
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from nn.autograd.op import Op, Rule, registry
from nn.composition import near

__all__ = ["Entry", "entries", "legend", "markdown", "rule_text"]


class Entry(NamedTuple):
    """One op of the table."""

    op: Op
    formula: str
    """The first sentence of its documentation, with the shapes where the kernel names them."""
    rules: dict[str, str]
    """The gradient by each operand: an expression, or what the rule's function says of itself."""
    noun: str
    """The file in `nn/ops` that declares it."""


def entries(names: Iterable[str] = ()) -> list[Entry]:
    """The ops of these names, or all of them, in order of declaration.

    Raises:
        KeyError: there is no op of that name.

    Example:
        >>> import nn
        >>> [entry] = nn.derivatives.entries(["mul"])
        >>> entry.rules
        {'x': 'g * other', 'other': 'g * x'}
    """
    nouns = _nouns()  # which loads every op
    wanted = list(names)
    if unknown := [name for name in wanted if name not in registry]:
        alike = near(unknown[0])
        advice = f"near names are {', '.join(alike)}; " if alike else ""
        raise KeyError(f"ops: there is no op {unknown[0]!r}; {advice}`fromzero ops` lists all {len(registry)}")
    return [
        Entry(op, _formula(op), {name: rule_text(op, name) for name in op.vjp}, nouns.get(op.name, ""))
        for op in (registry[name] for name in wanted or registry)
    ]


def rule_text(op: Op, operand: str) -> str:
    """The rule of one operand, as an expression if it is one."""
    rule: Rule = op.vjp[operand]
    function = rule.function
    file, line = function.__code__.co_filename, function.__code__.co_firstlineno
    arguments = [*inspect.signature(function).parameters]
    if function.__name__ != "<lambda>":
        return _told(function) or f"{function.__name__}({', '.join(arguments)})"
    found = [
        node.body
        for name, node in _lambdas(file)
        if name in (operand, None) and node.lineno == line and _arguments(node.args) == arguments
    ]
    if not found:  # no source at hand: made in a session, say
        return f"a rule of ({', '.join(arguments)})"
    names = [node.id for node in ast.walk(found[0]) if isinstance(node, ast.Name) and node.id.startswith("_")]
    helpers = [function.__globals__.get(name) for name in names]
    told = dict.fromkeys(_told(helper, named=True) for helper in helpers if inspect.isfunction(helper))
    return ": ".join([_source(file, found[0]), *(sentence for sentence in told if sentence)])


def _source(file: str, node: ast.expr) -> str:
    """An expression as the file has it, on one line."""
    text = ast.get_source_segment(Path(file).read_text(encoding="utf-8"), node) or ast.unparse(node)
    return re.sub(r",? *([)\]])", r"\1", re.sub(r"([(\[]) +", r"\1", " ".join(text.split())))


def _told(function: Any, named: bool = False) -> str:
    """What a function says of itself; if it says nothing and is a formula, the formula, after its name if asked for."""
    said = _sentence(function.__doc__)
    if said:
        return said
    try:
        [definition] = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function)))).body
    except (OSError, ValueError, SyntaxError):
        return ""
    body = getattr(definition, "body", [])
    plain = len(body) <= 3 and all(isinstance(line, ast.Assign | ast.Return) for line in body)
    formula = "; ".join(ast.unparse(line).removeprefix("return ") for line in body) if plain else ""
    head = f"{function.__name__}({', '.join(inspect.signature(function).parameters)}) = "
    return head + formula if named and formula else formula


def _arguments(arguments: ast.arguments) -> list[str]:
    last = [arguments.kwarg] if arguments.kwarg else []
    return [a.arg for a in (*arguments.args, *arguments.kwonlyargs, *last)]


def legend(of: Iterable[Entry]) -> list[str]:
    """What the letters in the rules of these ops mean, a line for each letter that occurs.

    Example:
        >>> import nn
        >>> nn.derivatives.legend(nn.derivatives.entries(["exp"]))
        ['g: the gradient by the result', 'y: the result', 'other names: operands and attributes of the op, and ops']
    """
    letters: dict[str, None] = {}
    for entry in of:
        for rule in entry.rules.values():
            letters.update(dict.fromkeys(re.findall(r"\b(?:g|u|y|a|\w+_shape)\b", rule)))
    meanings = {
        "g": "the gradient by the result",
        "u": "the gradient by the result, where g is an operand",
        "y": "the result",
        "a": "the attributes: what the op takes by keyword",
    }
    lines = [f"{letter}: {meanings[letter]}" for letter in meanings if letter in letters]
    shapes = [letter for letter in letters if letter.endswith("_shape")]
    lines += [f"{letter}: the shape of {letter.removesuffix('_shape')}" for letter in shapes]
    return [*lines, "other names: operands and attributes of the op, and ops"] if letters else []


def markdown(of: Iterable[Entry] | None = None) -> str:
    """The table as a page."""
    lines = [
        "# The table of derivatives",
        "",
        "Every op, with the gradient by each of its operands. `g` is the gradient by the result (`u` where the op has",
        "an operand g of its own), `y` the result; other names are operands and attributes. The engine undoes",
        "broadcasting. Rules are made of ops, so each of them can be differentiated again. Made by",
        "`fromzero ops --markdown > nn/ops/README.md`.",
    ]
    noun = ""
    for entry in sorted(of or entries(), key=lambda entry: entry.noun):
        if entry.noun != noun:
            noun = entry.noun
            lines += ["", f"## {noun}", "", "| op | what it is | gradient by |", "|---|---|---|"]
        rules = "<br>".join(f"{name}: `{rule}`" for name, rule in entry.rules.items()) or "constant"
        signature = f"`{entry.op.name}({', '.join(entry.op.operands)})`"
        lines.append(f"| {signature} | {_cell(entry.formula)} | {_cell(rules)} |")
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _formula(op: Op) -> str:
    """What the kernel says of itself; if it is NumPy's own, what the public function of that name says."""
    if getattr(op.kernel, "__module__", "").startswith("nn."):
        return _sentence(op.kernel.__doc__)
    for noun in sorted(Path(__file__).parent.joinpath("tensors").glob("*.py")):
        module: Any = importlib.import_module(f"nn.tensors.{noun.stem}") if noun.stem != "__init__" else None
        if op.name in getattr(module, "__all__", ()):
            return _sentence(getattr(module, op.name).__doc__)
    return _sentence(op.kernel.__doc__)


def _sentence(text: str | None) -> str:
    """The first paragraph, on one line; of NumPy's documentation what follows the signature."""
    paragraphs = [" ".join(p.split()) for p in (text or "").strip().split("\n\n")]
    return next((p for p in paragraphs if p and ", /" not in p), "")


@functools.cache
def _lambdas(file: str) -> list[tuple[str | None, ast.Lambda]]:
    """Every lambda of a file, with the keyword that it is given by, if by one."""
    if not Path(file).exists():  # an op made in a session
        return []
    tree = ast.parse(Path(file).read_text(encoding="utf-8"))
    names = {id(node.value): node.arg for node in ast.walk(tree) if isinstance(node, ast.keyword)}
    return [(names.get(id(node)), node) for node in ast.walk(tree) if isinstance(node, ast.Lambda)]


@functools.cache
def _nouns() -> dict[str, str]:
    """The file that declares each op."""
    found: dict[str, str] = {}
    for path in sorted(Path(__file__).parent.joinpath("ops").glob("[!_]*.py")):
        module = importlib.import_module(f"nn.ops.{path.stem}")
        for statement in ast.parse(path.read_text(encoding="utf-8")).body:
            for target in statement.targets if isinstance(statement, ast.Assign) else ():
                value = getattr(module, target.id, None) if isinstance(target, ast.Name) else None
                if isinstance(value, Op):
                    found[value.name] = path.stem
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
