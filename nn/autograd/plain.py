"""Plain ops, of one or two operands and nothing else: most calls of a program, where the bookkeeping shows.

Their calls are `Op.__call__` written out for tensors of one float type and for numbers beside them, step by step the
same; all else goes to `Op`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd import tape
from nn.autograd.mode import mode
from nn.autograd.op import Op
from nn.autograd.tape import Node, TensorBase, tick
from nn.errors import FromZeroError

__all__ = ["Binary", "Unary"]

FLOAT32, FLOAT64 = np.dtype(np.float32), np.dtype(np.float64)

LARGE = 1 << 24
"""Integers below this are float32 numbers."""

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


def _lies_by_rows(array: Any) -> bool:
    """Whether the steps in memory shrink from axis to axis, as in a part of rows: NumPy writes results so anyway."""
    steps = array.strides
    return len(steps) == 2 and steps[0] > steps[1] > 0


class Binary(Op):
    """An op of two operands, without attributes, by-products or views.

    `prepare` leaves alone floats of one type that lie alike, and a Python number beside a float array that has axes.
    """

    def __call__(self, x: Any, other: Any) -> Any:
        """As `Op.__call__`."""
        a: Any = x._array if isinstance(x, TensorBase) else x
        b: Any = other._array if isinstance(other, TensorBase) else other
        left, right = a is not x, b is not other  # which of them are tensors
        if left and right:
            kind = a.dtype
            plain = kind is b.dtype and (a.flags.c_contiguous or a.strides == b.strides or _lies_by_rows(a))
        elif left or right:
            array, number = (a, b) if left else (b, a)
            kind = array.dtype
            plain = array.ndim > 0 and (number.__class__ is float or (number.__class__ is int and abs(number) < LARGE))
            if plain:
                a, b = (a, float(b)) if left else (float(a), b)
        else:
            return self.kernel(x, other)  # a rule at work on arrays
        if not plain or (kind is not FLOAT32 and kind is not FLOAT64):
            return Op.__call__(self, x, other)
        quiet, recording = mode.ways
        try:
            result = quiet(self.kernel, a, b)
        except FromZeroError:
            raise
        except (ValueError, TypeError, OverflowError, IndexError) as error:
            raise self._misfit((a if left else x, b if right else other), _NOTHING, error) from error
        tensor = _new(tape.tensor_class)
        tensor._array = result if result.__class__ is _ARRAY else np.asarray(result)
        edge: Any = x._node if left else None
        other_edge: Any = other._node if right else None
        if edge is None and left and x._requires_grad:
            edge = x
        if other_edge is None and right and other._requires_grad:
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
