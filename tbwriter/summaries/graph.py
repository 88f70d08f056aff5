"""Graphs: the nodes that a model names, as a GraphDef."""

import itertools
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

from tbwriter.messages.graph_pb2 import AttrValue, GraphDef, NodeDef, VersionDef
from tbwriter.messages.tensor_pb2 import TensorShapeProto
from tbwriter.values import INT64

_PRODUCER = 22  # the GraphDef version that other writers name, too


class GraphNode(Protocol):
    """One node of a model's graph."""

    @property
    def name(self) -> str:
        """Unique in the graph; its scopes are separated by "/": "Net/fc1/linear"."""

    @property
    def op(self) -> str:
        """What it does, e.g. "linear"; "Parameter" and "IO" for what does nothing."""

    @property
    def inputs(self) -> Sequence[str]:
        """The names of the nodes whose outputs it reads."""

    @property
    def shape(self) -> tuple[int, ...] | None:
        """The shape of its output, shown on the edges; None where it is not known."""

    @property
    def attributes(self) -> Mapping[str, object]:
        """Details: strings, numbers, bools, sequences of one of these."""


@runtime_checkable
class DrawsItsGraph(Protocol):
    """A model that can name the nodes of its graph."""

    def graph_nodes(self, input_to_model: object) -> Iterable[GraphNode]:
        """The nodes of one forward pass on that input."""


def graph(model: object, input_to_model: object = None, verbose: bool = False, use_strict_trace: bool = True) -> bytes:
    """The graph of a model.

    Args:
        model: it has a method ``graph_nodes(input_to_model)``, as `DrawsItsGraph` says; or it is a module of torch.
        input_to_model: what the model is run on.
        verbose: print the graph.
        use_strict_trace: ``strict`` of ``torch.jit.trace``, for a module of torch.

    Returns:
        The serialised GraphDef.

    Raises:
        TypeError: the model cannot name its nodes.
        ImportError: it is a module of torch, and TensorBoard, whose help torch's tracer needs, is not installed.
        ValueError: two nodes have one name, or a node reads from one that is not there.

    Example:
        >>> from types import SimpleNamespace as Node
        >>> class Model:
        ...     def graph_nodes(self, input_to_model):
        ...         yield Node(name="x", op="IO", inputs=[], shape=(1, 2), attributes={})
        ...         yield Node(name="Net/relu", op="relu", inputs=["x"], shape=(1, 2), attributes={})
        >>> [node.name for node in GraphDef.FromString(graph(Model())).node]
        ['x', 'Net/relu']
    """
    if not isinstance(model, DrawsItsGraph):
        torch = sys.modules.get("torch")  # whoever has a module of torch has imported torch
        if torch is not None and isinstance(model, torch.nn.Module):
            return _traced_by_torch(model, input_to_model, verbose, use_strict_trace)
        expected = "a model with a method graph_nodes(input_to_model), such as any nn.Module, or a module of torch"
        raise TypeError(f"add_graph: expected {expected}, got an object of type {type(model).__qualname__}")
    nodes = list(model.graph_nodes(input_to_model))
    names = {node.name for node in nodes}
    if len(names) < len(nodes):
        ordered = sorted(node.name for node in nodes)
        twice = next(a for a, b in itertools.pairwise(ordered) if a == b)
        raise ValueError(f"add_graph: {type(model).__qualname__}.graph_nodes gave two nodes the name {twice!r}")
    for node in nodes:
        for source in node.inputs:
            if source not in names:
                raise ValueError(f"add_graph: node {node.name!r} reads from {source!r}, but no node has that name")
    definition = GraphDef(node=map(_node, nodes), versions=VersionDef(producer=_PRODUCER))
    if verbose:
        print(definition)
    encoded: bytes = definition.SerializeToString(deterministic=True)
    return encoded


def _traced_by_torch(model: object, input_to_model: object, verbose: bool, use_strict_trace: bool) -> bytes:
    try:
        from torch.utils.tensorboard import _pytorch_graph
    except ImportError as error:
        advice = "pip install tensorboard, or give a model with a method graph_nodes(input_to_model)"
        raise ImportError(f"add_graph: torch traces its modules with the help of tensorboard; {advice}") from error
    definition, _ = _pytorch_graph.graph(model, input_to_model, verbose, use_strict_trace)
    encoded: bytes = definition.SerializeToString(deterministic=True)
    return encoded


def _node(node: GraphNode) -> NodeDef:
    attributes = {key: _attribute(value) for key, value in node.attributes.items()}
    if node.shape is not None:
        shape = TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in node.shape])
        attributes["_output_shapes"] = AttrValue(list=AttrValue.ListValue(shape=[shape]))
    return NodeDef(name=node.name, op=node.op, input=node.inputs, attr=attributes)


def _attribute(value: object) -> AttrValue:
    """Whatever has no field of its own is shown as its repr."""
    match value:
        case bool():
            return AttrValue(b=value)
        case int() if value in INT64:
            return AttrValue(i=value)
        case float():
            return AttrValue(f=value)
        case str():
            return AttrValue(s=value.encode())
        case list() | tuple() if value and all(type(item) is int and item in INT64 for item in value):
            return AttrValue(list=AttrValue.ListValue(i=value))
        case _:
            return AttrValue(s=repr(value).encode())
