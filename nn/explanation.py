"""Show what a backward does, node by node: as a table, or as a graph for Mermaid or Graphviz."""

from __future__ import annotations

import sys
from typing import Any, Literal, TextIO

import numpy as np

from nn.autograd.backward import gradients_of_all
from nn.autograd.tape import Node, TensorBase
from nn.derivatives import rule_text
from nn.errors import RangeError

__all__ = ["explain"]

Form = Literal["table", "mermaid", "graphviz"]


def explain(
    tensor: Any,
    gradient: Any = None,
    *,
    names: Any = None,
    form: Form = "table",
    file: TextIO | None = None,
) -> None:
    """Print what `tensor.backward(gradient)` does: each node in the order of the walk, its rules and its gradients.

    No `.grad` is touched and the graph is kept, so `backward` can follow.

    Args:
        tensor: where the backward starts, as a rule a loss.
        gradient: the gradient by it; None for a scalar.
        names: names for leaves: a module (whose parameters' names are taken) or a dict of tensors by name.
        form: "table"; or the text of a graph, for "mermaid" or "graphviz".
        file: where to print; None for standard output.

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, 2.0], requires_grad=True)
        >>> nn.explain((w * 3).sum(), names={"w": w})
        node  op    shapes        |gradient|  passes on
        #1    sum   (2,) -> ()             1  by x to #2: _spread(g, x_shape, dim)...
        #2    mul   (2,) -> (2,)     1.41421  by x to w: g * other
        w     leaf  (2,)             4.24264
    """
    forms = {"table": _table, "mermaid": _mermaid, "graphviz": _graphviz}
    if form not in forms:
        raise RangeError(f"explain: form must be one of {', '.join(forms)}; got {form!r}")
    print(forms[form](_Story(tensor, gradient, names)), file=file or sys.stdout)


class _Story:
    """The nodes of a backward and the leaves it reaches, each with a name and the norm of its gradient."""

    def __init__(self, tensor: Any, gradient: Any, names: Any) -> None:
        found = gradients_of_all(tensor, gradient)
        self.nodes = [edge for edge in found if isinstance(edge, Node)]
        self.leaves = [edge for edge in found if isinstance(edge, TensorBase)]
        self.norms = {edge: float(np.linalg.norm(np.ravel(g))) for edge, g in found.items()}
        given = names.named_parameters() if hasattr(names, "named_parameters") else (names or {}).items()
        known = {value: name for name, value in given}
        self.names: dict[Any, str] = {node: f"#{i + 1}" for i, node in enumerate(self.nodes)}
        self.names |= {leaf: known.get(leaf, f"leaf {i + 1}") for i, leaf in enumerate(self.leaves)}

    def shape(self, edge: Any) -> tuple[int, ...]:
        """Of the result of a node, or of a leaf."""
        return tuple(edge.shape)

    def arrows(self, node: Node) -> list[tuple[Any, str, str]]:
        """Where the gradient goes from a node: the edge, the operand's name, the rule."""
        arrows = []
        for position, edge in enumerate(node.edges):
            if edge is not None:
                operand = node.op.operands[0 if node.op.variadic else position]
                name = f"{operand}[{position}]" if node.op.variadic else operand
                arrows.append((edge, name, rule_text(node.op, operand)))
        return arrows


def _table(story: _Story) -> str:
    rows = [("node", "op", "shapes", "|gradient|", "passes on")]
    for node in story.nodes:
        arrows = story.arrows(node)
        shapes = f"{', '.join(str(story.shape(edge)) for edge, _, _ in arrows)} -> {story.shape(node)}"
        first, *others = [f"by {name} to {story.names[edge]}: {rule}" for edge, name, rule in arrows]
        rows.append((story.names[node], node.op.name, shapes, f"{story.norms[node]:.6g}", first))
        rows += [("", "", "", "", other) for other in others]
    for leaf in story.leaves:
        rows.append((story.names[leaf], "leaf", str(story.shape(leaf)), f"{story.norms[leaf]:.6g}", ""))
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    lines = []
    for row in rows:
        cells = [row[i].rjust(widths[i]) if i == 3 else row[i].ljust(widths[i]) for i in range(4)]
        lines.append("  ".join([*cells, row[4]]).rstrip())
    return "\n".join(lines)


def _boxes(story: _Story) -> tuple[list[tuple[str, str, bool]], list[tuple[str, str, str]]]:
    """(key, text, whether it is a leaf) of every box, and (from, to, text) of every arrow."""
    keys = {edge: f"n{i}" for i, edge in enumerate([*story.nodes, *story.leaves])}
    boxes = [
        (key, f"{edge.op.name if isinstance(edge, Node) else story.names[edge]} {story.shape(edge)}", edge not in nodes)
        for nodes in [set(story.nodes)]
        for edge, key in keys.items()
    ]
    arrows = [
        (keys[node], keys[edge], f"{name}: {story.norms[edge]:.3g}" if edge in story.norms else name)
        for node in story.nodes
        for edge, name, _ in story.arrows(node)
    ]
    return boxes, arrows


def _mermaid(story: _Story) -> str:
    boxes, arrows = _boxes(story)
    lines = ["flowchart TD"]
    lines += [f'    {key}(["{text}"])' if leaf else f'    {key}["{text}"]' for key, text, leaf in boxes]
    lines += [f'    {start} -->|"{text}"| {end}' for start, end, text in arrows]
    return "\n".join(lines)


def _graphviz(story: _Story) -> str:
    boxes, arrows = _boxes(story)
    lines = ["digraph backward {"]
    lines += [f'    {key} [label="{text}", shape={"ellipse" if leaf else "box"}];' for key, text, leaf in boxes]
    lines += [f'    {start} -> {end} [label="{text}"];' for start, end, text in arrows]
    return "\n".join([*lines, "}"])
