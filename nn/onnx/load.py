"""An ONNX file as a module: its layers are those of `nn` where they exist, its other nodes are calls of functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

import nn
from nn.errors import CheckpointError
from nn.modules.module import Module
from nn.onnx.as_functions import FUNCTIONS
from nn.onnx.as_layers import LAYERS
from nn.onnx.export import library
from nn.onnx.node import Node
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["LoadedModel", "load"]


class LoadedModel(Module):
    """What `load` returns: the nodes of an ONNX graph, run in order.

    Attributes:
        layers: the nodes that are modules, with their parameters, by the names of the nodes.
        input_names: of the arguments of `forward`, in order.
        output_names: of what it returns: one tensor, or a tuple of them.
    """

    def __init__(self, nodes: Sequence[Node], constants: dict[str, Any], inputs: list[str], outputs: list[str]) -> None:
        super().__init__()
        self.layers = nn.ModuleDict()
        self.input_names, self.output_names = inputs, outputs
        self._constants = constants
        self._steps: list[tuple[Node, Callable[..., Any]]] = []
        made: dict[tuple[str, tuple[str, ...]], Any] = {}
        for number, node in enumerate(nodes):
            layer = None
            if node.op in LAYERS:
                key = (node.op, tuple(name for name in node.inputs if name in constants))
                layer = made.get(key) if key[1] else None  # a layer that is called twice is one layer
                if layer is None:
                    layer = made[key] = LAYERS[node.op](node, constants)
                if layer is not None:
                    self.layers[f"{node.op.lower()}_{number}"] = layer
            if layer is None and node.op not in FUNCTIONS:
                raise CheckpointError(
                    node.file, f"its node {node.name or number} is {node.op}, for which nn has nothing"
                )
            self._steps.append((node, layer if layer is not None else FUNCTIONS[node.op]))

    def forward(self, *inputs: Any) -> Any:
        """Run the nodes; the inputs are in the order of `input_names`."""
        if len(inputs) != len(self.input_names):
            raise TypeError(
                f"expected {len(self.input_names)} inputs ({', '.join(self.input_names)}), got {len(inputs)}"
            )
        values: dict[str, Any] = {**self._constants, **dict(zip(self.input_names, inputs, strict=True)), "": None}
        for node, function in self._steps:
            if isinstance(function, Module):  # it has the constants, and reads the inputs that are none
                made = function(*(values[name] for name in node.inputs if name and name not in self._constants))
            else:
                made = function(node, *(values[name] for name in node.inputs))
            values.update(zip(node.outputs, made if isinstance(made, tuple) else (made,), strict=False))
        results = tuple(values[name] for name in self.output_names)
        return results[0] if len(results) == 1 else results


def load(f: Any) -> LoadedModel:
    """The model in an ONNX file, with layers of `nn` where they exist, which can be trained on.

    Args:
        f: the path of the file.

    Raises:
        CheckpointError: it is no ONNX file, or has a node for which `nn` has nothing.
        ImportError: the package onnx is not installed.

    Example:
        >>> import nn, nn.onnx, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.onnx"
        >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.Tanh())
        >>> nn.onnx.export(model, nn.ones(1, 2, 2), path)  # doctest: +SKIP
        >>> nn.onnx.load(path).layers  # doctest: +SKIP
        ModuleDict(
          (gemm_1): Linear(in_features=4, out_features=2, bias=True)
          (tanh_2): Tanh()
        )
    """
    onnx = library()
    try:
        model = onnx.load_model_from_string(Path(f).read_bytes())
        onnx.checker.check_model(model)
    except OSError:
        raise
    except Exception as error:  # protobuf's and onnx's own, which have no common class
        raise CheckpointError(str(f), f"it is no valid ONNX file ({str(error).splitlines()[0]})") from None
    graph = model.graph
    constants: dict[str, Any] = {c.name: _tensor(onnx.numpy_helper.to_array(c)) for c in graph.initializer}
    nodes = []
    for node in graph.node:
        attributes = {a.name: _attribute(onnx, a) for a in node.attribute}
        if node.op_type == "Constant":
            constants[node.output[0]] = _constant(attributes)
        else:
            nodes.append(Node(node.op_type, node.name, list(node.input), list(node.output), attributes, str(f)))
    inputs = [value.name for value in graph.input if value.name not in constants]
    return LoadedModel(nodes, constants, inputs, [value.name for value in graph.output])


def _tensor(array: Any) -> Tensor:
    return from_numpy(np.array(array))


def _attribute(onnx: Any, attribute: Any) -> Any:
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list) and value and isinstance(value[0], bytes):
        return [item.decode() for item in value]
    return onnx.numpy_helper.to_array(value) if isinstance(value, onnx.TensorProto) else value


def _constant(attributes: dict[str, Any]) -> Tensor:
    ((name, value),) = attributes.items()
    dtype = {"value_float": np.float32, "value_floats": np.float32}.get(name)
    return _tensor(np.asarray(value, dtype))
