"""A model as a graph of plain nodes: one forward is run, and what the tape recorded is read back.

Scopes are the modules' names: a node was made inside a module if the clock ticked for it while the module ran. A module
that runs several times has a scope for each call, "fc", "fc.2" and so on; one scope for all would be drawn as a loop.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from nn.autograd.backward import reachable
from nn.autograd.grad_mode import enable_grad
from nn.autograd.tape import TensorBase, tick, wrap
from nn.errors import GradError

__all__ = ["GraphNode", "trace"]


class GraphNode(NamedTuple):
    """One box of the picture: an op, a parameter or an input."""

    name: str
    """Unique; the scopes are separated by "/"."""
    op: str
    inputs: tuple[str, ...] = ()
    shape: tuple[int, ...] | None = None
    attributes: Mapping[str, Any] = MappingProxyType({})
    source: Any = None
    """The node of the tape; None for an input, an output, a parameter or a constant."""


def trace(model: Any, inputs: tuple[Any, ...]) -> list[GraphNode]:
    """The graph of `model(*inputs)`: inputs first, then each node after those that it reads.

    Args:
        model: a module.
        inputs: tensors or arrays; a list or tuple alone stands for several inputs.

    Raises:
        GradError: nothing that the model computes depends on its inputs or parameters.
    """
    if len(inputs) == 1 and isinstance(inputs[0], list | tuple):
        inputs = tuple(inputs[0])
    dtype = next((p._array.dtype for p in model.parameters()), None)
    leaves = [_leaf(value, dtype) for value in inputs]
    spans, outputs = _run(model, leaves)
    root = type(model).__name__
    names: dict[Any, str] = {}
    nodes = []
    for number, leaf in enumerate(leaves):
        names[leaf] = f"input/{number}" if len(leaves) > 1 else "input"
        nodes.append(GraphNode(names[leaf], "Placeholder", shape=leaf._array.shape))
    parameters = {parameter: name for name, parameter in model.named_parameters()}
    used: dict[str, int] = {}
    for node in reversed(reachable(output._node for output in outputs)):
        scope = _scope(node.order, spans)
        sources = []
        for edge in node.edges:
            if edge is None:
                continue
            if edge not in names and isinstance(edge, TensorBase):
                name = parameters.get(edge)
                label = name.replace(".", "/") if name is not None else "constant"
                names[edge] = _unique(f"{root}/{label}", used)
                nodes.append(GraphNode(names[edge], "Parameter" if name else "Constant", shape=edge._array.shape))
            sources.append(names[edge])
        names[node] = _unique("/".join([root, *scope, node.op.name]), used)
        plain = {k: v for k, v in node.attributes.items() if isinstance(v, str | int | float | bool | tuple)}
        nodes.append(GraphNode(names[node], node.op.name, tuple(sources), node.shape, plain, node))
    for number, output in enumerate(outputs):
        name = f"output/{number}" if len(outputs) > 1 else "output"
        nodes.append(GraphNode(name, "Identity", (names[output._node],), output._array.shape))
    return nodes


def _leaf(value: Any, dtype: Any) -> Any:
    """The input as a leaf of its own; a float one requires gradients, so that what reads it is recorded.

    An array (not a tensor, which has its dtype on purpose) of floats is taken in the model's dtype.
    """
    array = np.asarray(value._array if isinstance(value, TensorBase) else value)
    if dtype is not None and array.dtype.kind == "f" and not isinstance(value, TensorBase):
        array = array.astype(dtype, copy=False)
    return wrap(array, requires_grad=array.dtype.kind == "f")


def _run(model: Any, leaves: list[Any]) -> tuple[list[tuple[int, int, tuple[str, ...]]], list[Any]]:
    """One forward in evaluation mode: (first tick, last tick, scope) of every module that ran, and the outputs."""
    spans: list[tuple[int, int, tuple[str, ...]]] = []
    running: list[tuple[int, tuple[str, ...], tuple[str, ...]]] = []  # when it started, the module's name, its scope
    calls: dict[tuple[str, ...], int] = {}
    handles = []
    for name, module in model.named_modules():
        path = tuple(name.split(".")) if name else ()

        def before(_module: Any, _args: Any, path: tuple[str, ...] = path) -> None:
            _, above, scope = running[-1] if running else (0, (), ())
            inside = path[: len(above)] == above  # not so for a module that stands elsewhere and is called from here
            scope = (*scope, *path[len(above) :]) if inside else path
            calls[scope] = number = calls.get(scope, 0) + 1
            if number > 1 and scope:
                scope = (*scope[:-1], f"{scope[-1]}.{number}")  # no attribute has a "." in its name
            running.append((tick(), path, scope))

        def after(_module: Any, _args: Any, _result: Any) -> None:
            started, _, scope = running.pop()
            spans.append((started, tick(), scope))

        handles += [module.register_forward_pre_hook(before), module.register_forward_hook(after)]
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        with enable_grad():
            result = model(*leaves)
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training
    outputs = [r for r in (result if isinstance(result, tuple | list) else [result]) if isinstance(r, TensorBase)]
    outputs = [r for r in outputs if r._node is not None]
    if not outputs:
        raise GradError(
            f"graph: {type(model).__name__} returned nothing that was computed from its inputs or parameters"
        )
    return spans, outputs


def _scope(order: int, spans: list[tuple[int, int, tuple[str, ...]]]) -> tuple[str, ...]:
    """The innermost module that was running when the clock showed `order`."""
    inside = [(stop - start, scope) for start, stop, scope in spans if start < order < stop]
    return min(inside)[1] if inside else ()


def _unique(name: str, used: dict[str, int]) -> str:
    """The name, with a number behind it from the second time on."""
    used[name] = used.get(name, 0) + 1
    return name if used[name] == 1 else f"{name}_{used[name] - 1}"
