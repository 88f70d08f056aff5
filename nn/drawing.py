"""Draw a graph: the nodes behind a tensor, or the layers that a model's inputs go through; a notebook shows it."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.autograd.backward import gradients_of_all, reachable
from nn.autograd.mode import mode
from nn.autograd.tape import Node, TensorBase
from nn.errors import GradError, RangeError
from nn.modules.graph import GraphNode, trace
from nn.modules.module import Module

__all__ = ["Drawing", "draw"]

Array = NDArray[Any]

SMALL = 6
"""Of so many numbers a tensor is written out; of a larger one the shape is."""


class Drawing:
    """A graph as Mermaid's text, which Jupyter and code hosts draw; `print` shows the text.

    Args:
        mermaid: the text.

    Example:
        >>> drawing = Drawing("flowchart TD")
        >>> drawing._repr_markdown_().splitlines()
        ['```mermaid', 'flowchart TD', '```']
    """

    def __init__(self, mermaid: str) -> None:
        self.mermaid = mermaid

    def __repr__(self) -> str:
        return self.mermaid

    def _repr_markdown_(self) -> str:
        return f"```mermaid\n{self.mermaid}\n```"

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """The forms that a notebook may choose from."""
        return {"text/vnd.mermaid": self.mermaid, "text/markdown": self._repr_markdown_(), "text/plain": self.mermaid}


def draw(target: Any, *inputs: Any, names: Any = None, most: int = 100) -> Drawing:
    """Draw the graph behind a tensor, or the layers of a model; in a notebook the result shows itself.

    Behind a tensor there is a box for each op and each leaf, and behind a scalar the gradient by each. Small tensors
    are written out, with their gradients; of larger ones there are the shape and the length of the gradient. No `.grad`
    is touched, and `backward` can follow.

    A model is run once, in evaluation mode, and left as it was. There is a box for each layer, with the shape of what
    it gives on, and with its numbers where they are few; parts that have parts of their own are frames around them.

    Args:
        target: a tensor, as a rule a loss; or a module.
        inputs: what the module is called with.
        names: names for leaves: a module (whose parameters' names are taken) or a dict of tensors by name.
        most: how many boxes are drawn at most, the last ones; for the others one box stands.

    Raises:
        TypeError: the target is neither a tensor nor a module; a tensor is given inputs.
        GradError: nothing behind the tensor, or in the model, requires gradients.
        RangeError: most is below 1.

    Example:
        >>> import nn
        >>> w = nn.tensor([1.0, 2.0], requires_grad=True)
        >>> nn.draw((w * 3).sum(), names={"w": w})
        flowchart TD
            n0(["w (2,)<br/>[1, 2]<br/>gradient [3, 3]"])
            n1["mul (2,)<br/>[3, 6]<br/>gradient [1, 1]"]
            n2["sum ()<br/>9<br/>gradient 1"]
            n0 --> n1
            n1 --> n2
        >>> nn.draw(nn.Sequential(nn.Linear(2, 3), nn.ReLU()), nn.ones(4, 2))
        flowchart TD
            n0(["input (4, 2)"])
            n1["0: Linear (4, 3)<br/>9 parameters"]
            n2["1: ReLU (4, 3)"]
            n3(["output (4, 3)"])
            n0 --> n1
            n1 --> n2
            n2 --> n3
    """
    if most < 1:
        raise RangeError(f"draw: most must be 1 or more, got {most}")
    if isinstance(target, Module):
        return Drawing(_text(*_layers(target, inputs), most))
    if not isinstance(target, TensorBase):
        raise TypeError(f"draw: expected a tensor or a module, got {type(target).__name__}")
    if inputs:
        raise TypeError(
            "draw: a tensor takes no inputs; to draw a model, give the module itself and what it is called with"
        )
    return Drawing(_text(*_nodes(target, names), most))


class Box(NamedTuple):
    """What stands in a graph."""

    lines: tuple[str, ...]
    rounded: bool = False
    frame: tuple[str, ...] = ()
    """The names of the frames around it, from outside to inside."""


Boxes = dict[Any, Box]
Arrows = dict[tuple[Any, Any], None]


# -- behind a tensor ---------------------------------------------------------------------------------------------------
def _nodes(tensor: TensorBase, names: Any) -> tuple[Boxes, Arrows]:
    root = tensor._node or tensor
    if not tensor._needs_grad():
        raise GradError(
            "draw: this tensor does not require gradients, so that there is no graph behind it; "
            "compute it from a tensor made with requires_grad=True, outside nn.no_grad()"
        )
    nodes = [*reversed(reachable([root]))]
    leaves = {edge: None for node in nodes for edge in node.edges if isinstance(edge, TensorBase)} or {tensor: None}
    gradients: Mapping[Any, Array] = {}
    if tensor._array.size == 1:
        with contextlib.suppress(GradError):  # after a backward the graph is freed: the leaves have what it left
            gradients = gradients_of_all(tensor)
    given = names.named_parameters() if hasattr(names, "named_parameters") else (names or {}).items()
    known = {value: name for name, value in given}
    values: dict[Any, Array] = {leaf: leaf._array for leaf in leaves} | _values(nodes) | {root: tensor._array}
    boxes: Boxes = {}
    arrows: Arrows = {}

    def box(edge: Any, name: str, rounded: bool) -> None:
        gradient = gradients.get(edge)
        if gradient is None and isinstance(edge, TensorBase) and edge._grad is not None:
            gradient = edge._grad._array
        boxes[edge] = Box((f"{name} {tuple(edge.shape)}", *_numbers(values.get(edge)), *_slope(gradient)), rounded)

    unnamed = itertools.count(1)
    if not nodes:
        box(root, known.get(root, "leaf 1"), True)
    for node in nodes:
        for source in [edge for edge in node.edges if edge is not None]:
            if source not in boxes:  # a node stands there already: nodes come in the order in which they were made
                box(source, known[source] if source in known else f"leaf {next(unnamed)}", True)
            arrows[source, node] = None
        box(node, node.op.name, False)
    return boxes, arrows


def _values(nodes: Iterable[Node]) -> dict[Any, Array]:
    """The small results of nodes, oldest first: what the graph has kept, or what follows from it."""
    found: dict[Any, Array] = {}
    for node in nodes:
        if node.result is not None:
            found[node] = node.result
            continue
        saved = node.saved if node.saved else [None] * len(node.edges)
        operands = [
            kept if kept is not None else edge._array if isinstance(edge, TensorBase) else found.get(edge)
            for kept, edge in zip(saved, node.edges, strict=True)
        ]
        arrays = [operand._array if isinstance(operand, TensorBase) else operand for operand in operands]
        plain = all(isinstance(value, bool | int | float | str | tuple | None) for value in node.attributes.values())
        if plain and not any(array is None or np.size(array) > 64 for array in arrays):
            with contextlib.suppress(TypeError, ValueError):
                result = mode.quiet(node.op.kernel, *arrays, **node.attributes)
                if np.shape(result) == node.shape:
                    found[node] = result
    return found


def _numbers(array: Array | None) -> tuple[str, ...]:
    return () if array is None or np.size(array) > SMALL else (_written(array),)


def _slope(gradient: Array | None) -> tuple[str, ...]:
    if gradient is None:
        return ()
    if np.size(gradient) <= SMALL:
        return (f"gradient {_written(gradient)}",)
    return (f"gradient's length {np.linalg.norm(np.ravel(gradient)):.3g}",)


def _written(array: Array) -> str:
    """Numbers in brackets, as short as they are."""
    array = np.asarray(array)
    if array.ndim == 0:
        return f"{array.item():.4g}" if array.dtype.kind == "f" else str(array.item())
    return f"[{', '.join(_written(part) for part in array)}]"


# -- a model -----------------------------------------------------------------------------------------------------------
def _layers(model: Module, inputs: Sequence[Any]) -> tuple[Boxes, Arrows]:
    """A box for each call of a layer, and for each op that belongs to none."""
    values: dict[Any, Array] = {}

    def note(result: Any, _operands: Any) -> None:
        if result._array.size <= SMALL:
            values[result._node] = result._array.copy()

    before = mode.watcher, mode.grad
    mode.watcher = mode.grad = note
    try:
        traced = trace(model, tuple(inputs))
    finally:
        mode.watcher, mode.grad = before
    parts = {name: part for name, part in model.named_modules() if not any(True for _ in part.children())}
    last: dict[Any, GraphNode] = {}
    box_of: dict[str, Any] = {}
    arrows: Arrows = {}
    places: dict[Any, tuple[tuple[str, ...], str, Module | None]] = {}
    for node in traced:
        scope = tuple(node.name.split("/")[1:-1])
        layer = parts.get(".".join(part.partition(".")[0] for part in scope))
        if node.op in ("Parameter", "Constant") and (layer is not None or model is layer):
            continue  # it stands in its layer's box
        key = ("layer", scope) if layer is not None and node.source is not None else node.name
        box_of[node.name] = key
        last[key] = node
        places.setdefault(key, (scope[:-1], ".".join(scope), layer) if key != node.name else (scope, node.name, None))
        arrows |= {(box_of[name], key): None for name in node.inputs if name in box_of and box_of[name] != key}
    boxes: Boxes = {}
    for key, node in last.items():
        frame, name, layer = places[key]
        shape = "" if node.shape is None else f" {node.shape}"
        if layer is not None:
            count = sum(parameter.numel() for parameter in layer.parameters())
            size = (f"{count:,} parameter{'s' * (count != 1)}",) if count else ()
            lines = (f"{name}: {type(layer).__name__}{shape}" if name else f"{type(layer).__name__}{shape}", *size)
        else:
            lines = (f"{name.split('/')[-1] if node.op == 'Parameter' else _plain(node)}{shape}",)
        boxes[key] = Box((*lines, *_numbers(values.get(node.source))), node.source is None, frame)
    return boxes, arrows


def _plain(node: GraphNode) -> str:
    """An op's own name; that of an input or an output."""
    return node.op if node.source is not None else node.name


# -- as Mermaid's text -------------------------------------------------------------------------------------------------
def _text(boxes: Boxes, arrows: Arrows, most: int) -> str:
    order = list(boxes)
    hidden = set(order[: max(0, len(order) - most)])
    keys = {key: f"n{i}" for i, key in enumerate(key for key in order if key not in hidden)}
    lines = ["flowchart TD"]
    if hidden:
        lines.append(f'    more(["{len(hidden)} before these"])')
    open_frames: tuple[str, ...] = ()
    for key, name in keys.items():
        box = boxes[key]
        shared = 0
        while shared < min(len(open_frames), len(box.frame)) and open_frames[shared] == box.frame[shared]:
            shared += 1
        lines += ["    " * depth + "end" for depth in range(len(open_frames), shared, -1)]
        for depth in range(shared, len(box.frame)):
            title = _escaped(".".join(box.frame[: depth + 1]))
            lines.append("    " * (depth + 1) + f'subgraph {name}f{depth}["{title}"]')
        open_frames = box.frame
        label = "<br/>".join(_escaped(line) for line in box.lines)
        shape = f'{name}(["{label}"])' if box.rounded else f'{name}["{label}"]'
        lines.append("    " * (len(open_frames) + 1) + shape)
    lines += ["    " * depth + "end" for depth in range(len(open_frames), 0, -1)]
    drawn = {(keys.get(start, "more"), keys.get(end, "more")): None for start, end in arrows}
    lines += [f"    {start} --> {end}" for start, end in drawn if start != end]
    return "\n".join(lines)


def _escaped(line: str) -> str:
    """A line within quotes: Mermaid's own signs as entities."""
    return (
        line.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;").replace("`", "#96;")
    )
