"""Graphs of ONNX models; the package `onnx` reads them, and is imported when one is asked for."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from tbwriter.values import describe


@dataclass(frozen=True)
class FileNode:
    """One node, as `tbwriter.GraphNode` says."""

    name: str
    op: str
    inputs: list[str]
    shape: tuple[int, ...] | None
    attributes: dict[str, object]


class OnnxModel:
    """The graph of an ONNX file, as `tbwriter.DrawsItsGraph` says.

    Args:
        path: the file.

    Raises:
        ImportError: the package `onnx` is not installed.
        OSError, TypeError: there is no such file, or it is not a path.

    References:
        https://onnx.ai/onnx/repo-docs/IR.html
    """

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise TypeError(f"add_onnx_graph: expected the path of an ONNX file, got {describe(path)}")
        try:
            import onnx
        except ImportError as error:
            advice = "pip install onnx, or call add_graph with the model itself"
            raise ImportError(f"add_onnx_graph: the package onnx reads ONNX files; {advice}") from error
        self._graph = onnx.load(os.fspath(path)).graph

    def graph_nodes(self, input_to_model: object = None) -> Iterable[FileNode]:
        """A node for each input, parameter and operation; the values between them have the names of their makers."""
        graph = self._graph
        shapes = {value.name: _shape(value) for value in [*graph.input, *graph.value_info, *graph.output]}
        shapes.update({parameter.name: tuple(parameter.dims) for parameter in graph.initializer})
        parameters = {parameter.name for parameter in graph.initializer}
        makers: dict[str, str] = {}  # the name of a value -> the name of the node that makes it
        taken: set[str] = set()

        def named(name: str, values: Iterable[str]) -> str:
            stem = name.strip("/") or "node"
            name, number = stem, 1
            while name in taken:
                name, number = f"{stem}_{number}", number + 1
            taken.add(name)
            makers.update(dict.fromkeys(values, name))
            return name

        sources = sorted(parameters | {value.name for value in graph.input})
        source_names = [named(value, [value]) for value in sources]
        node_names = [named(node.name or node.op_type, node.output) for node in graph.node]
        for name, value in zip(source_names, sources, strict=True):
            yield FileNode(name, "Parameter" if value in parameters else "IO", [], shapes.get(value), {})
        for name, node in zip(node_names, graph.node, strict=True):
            inputs = [makers[value] for value in node.input if value]  # an optional input may have no name
            shape = next((shapes[value] for value in node.output if shapes.get(value) is not None), None)
            yield FileNode(name, node.op_type, inputs, shape, _attributes(node))


def _shape(value: Any) -> tuple[int, ...] | None:
    """The sizes of a value; -1 for one that is not known before it is run."""
    kind = value.type.tensor_type
    if not kind.HasField("shape"):
        return None
    return tuple(dim.dim_value if dim.HasField("dim_value") else -1 for dim in kind.shape.dim)


def _attributes(node: Any) -> dict[str, object]:
    """Those that fit into a line."""
    from onnx.helper import get_attribute_value

    result: dict[str, object] = {}
    for attribute in node.attribute:
        value = get_attribute_value(attribute)
        if isinstance(value, bytes):
            result[attribute.name] = value.decode("utf-8", "replace")
        elif isinstance(value, (int, float, list)):  # the others are tensors and graphs
            result[attribute.name] = value
    return result
