"""A node of an ONNX graph, as it was read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nn.tensors.tensor import Tensor

__all__: list[str] = []


@dataclass
class Node:
    """A node of an ONNX graph."""

    op: str
    name: str
    inputs: list[str]
    outputs: list[str]
    attributes: dict[str, Any]
    file: str

    def get(self, name: str, default: Any = None) -> Any:
        """An attribute."""
        return self.attributes.get(name, default)


def numbers(value: Any) -> list[int]:
    """A list of integers that a tensor holds."""
    return [int(v) for v in np.asarray(value.detach().numpy() if isinstance(value, Tensor) else value).reshape(-1)]
