"""Plain ops, of one or two operands and nothing else: most calls of a program, where the bookkeeping shows.

Their calls are `Op.__call__` written out for tensors of one float type, step by step the same; all else goes to `Op`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd import tape
from nn.autograd.mode import mode
from nn.autograd.op import Op
from nn.autograd.tape import Node, TensorBase, tick

__all__ = ["Binary", "Unary"]

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)

_ARRAY = np.ndarray
_new = object.__new__
_NOTHING: dict[str, Any] = {}


class Unary(Op):
    """An op of one operand, without attributes, by-products or views; `prepare` leaves floats as they are."""

    def __call__(self, x: Any) -> Any:
        """As `Op.__call__`."""
        if not isinstance(x, TensorBase):
            return self.kernel(x)  # a rule at work on an array
        array = x._array
        kind = array.dtype
        if kind is not FLOAT32 and kind is not FLOAT64:
            return Op.__call__(self, x)
        quiet, recording = mode.ways
        result = quiet(self.kernel, array)
        tensor = _new(tape.tensor_class)
        tensor._array = result if result.__class__ is _ARRAY else np.asarray(result)
        edge: Any = x._node
        if edge is None and x._requires_grad:
            edge = x
        if edge is None or not recording or not self.vjp:
            tensor._node = None
            return tensor
        try:
            _, keeps, keeps_result = self._plans[1]
        except KeyError:
            _, keeps, keeps_result = self._plan(1, 1)
        tensor._node = node = _new(Node)
        node.op = self
        node.attributes = _NOTHING
        node.edges = [edge]
        node.saved = (x,) if keeps is None else ()
        if keeps_result:
            node.result, node.memory = tensor._array, tensor._memory()
        node.order = tick()
        node.shape = result.shape
        node.dtype = kind
        if recording is not True:
            recording(tensor, (x,))
        return tensor


class Binary(Op):
    """An op of two operands, without attributes, by-products or views; `prepare` leaves floats of one type alone."""

    def __call__(self, x: Any, other: Any) -> Any:
        """As `Op.__call__`."""
        if not isinstance(x, TensorBase) or not isinstance(other, TensorBase):
            if isinstance(x, TensorBase) or isinstance(other, TensorBase):
                return Op.__call__(self, x, other)
            return self.kernel(x, other)  # a rule at work on arrays
        a, b = x._array, other._array
        kind = a.dtype
        if kind is not b.dtype or (kind is not FLOAT32 and kind is not FLOAT64):
            return Op.__call__(self, x, other)
        quiet, recording = mode.ways
        try:
            result = quiet(self.kernel, a, b)
        except ValueError as error:
            raise self._misfit((a, b), _NOTHING, error) from error
        tensor = _new(tape.tensor_class)
        tensor._array = result if result.__class__ is _ARRAY else np.asarray(result)
        edge: Any = x._node
        other_edge: Any = other._node
        if edge is None and x._requires_grad:
            edge = x
        if other_edge is None and other._requires_grad:
            other_edge = other
        needs = (3 if other_edge is not None else 1) if edge is not None else 2 if other_edge is not None else 0
        if not needs or not recording or not self.vjp:
            tensor._node = None
            return tensor
        try:
            has_rule, keeps, keeps_result = self._plans[needs]
        except KeyError:
            has_rule, keeps, keeps_result = self._plan(needs, 2)
        tensor._node = node = _new(Node)
        node.op = self
        node.attributes = _NOTHING
        node.edges = [edge, other_edge]
        if has_rule is not None:
            node.edges = [e if i in has_rule else None for i, e in enumerate(node.edges)]
        if keeps is None:
            node.saved = (x, other)
        else:
            node.saved = (x if 0 in keeps else None, other if 1 in keeps else None) if keeps else ()
        if keeps_result:
            node.result, node.memory = tensor._array, tensor._memory()
        node.order = tick()
        node.shape = result.shape
        node.dtype = kind
        if recording is not True:
            recording(tensor, (x, other))
        return tensor
