"""Cut a tensor into many pieces at once: what belongs to the tensor is looked up once, and not for every piece."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nn.autograd.mode import mode
from nn.autograd.op import Op
from nn.autograd.tape import TensorBase, View, wrap

__all__: list[str] = []

_new = tuple.__new__


def cut(op: Op, operand: TensorBase, attributes: Iterable[dict[str, Any]], several: bool = True) -> tuple[Any, ...]:
    """`op(operand, **a)` for each a of the attributes, of an op whose result is a view of its operand.

    Args:
        op: an op of one operand, without by-products.
        operand: the tensor that is cut.
        attributes: those of each piece.
        several: whether changing a piece in place is refused while recording, as it is for all that one call cuts.
    """
    array = operand._array
    edge: Any = operand._node or (operand if operand._requires_grad else None)
    quiet, recording = mode.ways
    memory = operand._shared or operand._memory()
    kernel, record, remember = op.kernel, op._record, memory.remember
    pieces = []
    for own in attributes:
        piece = wrap(quiet(kernel, array, **own))
        piece._shared = memory
        piece._view = _new(View, (operand, op, own, recording is not False, several))
        remember(piece)
        if edge is not None and recording:
            record(piece, (operand,), [edge], own, 1)
            if recording is not True:
                recording(piece, (operand,))
        pieces.append(piece)
    return tuple(pieces)
