"""What the writers of nodes share: the table of them, and the constants and casts that they add."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nn.onnx.graph import Graph

__all__: list[str] = []

Writer = Callable[[Graph], Any]

WRITERS: dict[str, Writer] = {}
"""By the name of an op: adds the nodes of a call to the graph, and returns the name of the result (or of each)."""


def writes(*names: str) -> Callable[[Writer], Writer]:
    """Makes a function the writer of the ops of these names."""

    def note(writer: Writer) -> Writer:
        WRITERS.update(dict.fromkeys(names, writer))
        return writer

    return note


def like(graph: Graph) -> Any:
    """The first operand that is an array: a Python number takes its dtype."""
    return next(o for o in graph.call.operands if isinstance(o, np.ndarray))


def number(graph: Graph, value: float) -> str:
    """A constant of the result's dtype."""
    return graph.constant(np.asarray(value, graph.call.results[0].dtype))


def cast_to(graph: Graph, name: str, result: Any) -> Any:
    """The value of a name in the dtype of an array."""
    from onnx import helper

    return graph.add("Cast", [name], to=helper.np_dtype_to_tensor_dtype(result.dtype))
