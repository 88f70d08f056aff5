"""The errors of a backward that cannot go on: what it needs is gone or was changed (`spoilt`), or has nan."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.autograd.tape import Node, TensorBase
from nn.errors import GradError


def spoilt(node: Node) -> GradError:
    """Why a node can compute no gradient: what it saved is gone, or is no longer what the forward saw."""
    if node.saved is None:
        return GradError(
            f"backward: the graph behind {node.op.name} was already freed by an earlier backward; "
            "pass retain_graph=True to that one to go through the graph twice"
        )
    for operand, name in zip(node.saved, node.op.operands, strict=False):
        if isinstance(operand, TensorBase) and operand._memory().changed > node.order:
            return GradError(
                f"backward: operand {name} of {node.op.name}, shape {operand._array.shape}, was changed in place after "
                "the forward needed it; change a clone() instead, or change it after backward"
            )
    return GradError(
        f"backward: the result of {node.op.name}, shape {node.shape}, was changed in place and its gradient needs "
        "it; change a clone() instead, or change it after backward"
    )


def refuse_unlike(other: Any, g: Any) -> None:
    """Refuse what a hook gives in the place of a gradient, unless it is a tensor of the same shape and dtype."""
    if not isinstance(other, TensorBase):
        raise TypeError(
            f"backward: a hook must return a tensor, or None to keep the gradient, got {type(other).__name__}; wrap it "
            "in nn.tensor(...)"
        )
    if (other._array.shape, other._array.dtype) != (g.shape, g.dtype):
        raise GradError(
            f"backward: a hook must return a gradient of shape {g.shape} and {g.dtype} as it was given, got shape "
            f"{other._array.shape} and {other._array.dtype}; use expand_as(g) or to(g.dtype)"
        )


def nan_value(nodes: Sequence[Node]) -> GradError:
    """The op that made the nan that the tensor has (nodes newest first; see `detect_anomaly`)."""
    first = next(node for node in reversed(nodes) if node.nan)
    return GradError(
        f"backward: the tensor has nan, which {first.op.name} {first.nan} first; it was called at {first.made_at}"
    )


def refuse_nan(node: Node, position: int, g: Any, pulled: Any) -> None:
    """Name the rule that makes the first nan, and the line of the forward that called its op."""
    given, made = (np.isnan(t._array if isinstance(t, TensorBase) else t) for t in (g, pulled))
    if made.any() and not given.any():
        names = node.op.operands
        name = names[position] if position < len(names) else f"{names[-1]}[{position}]"
        first = tuple(int(i) for i in np.argwhere(made)[0])
        raise GradError(
            f"backward: the gradient of {node.op.name} by its operand {name}, shape {made.shape}, has nan at {first} "
            f"although the gradient by its result has none; the op was called at {node.made_at}"
        )
