"""The graph of ONNX nodes that grows while the calls of a trace are read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.onnx.trace import Call, ExportError, Trace

__all__: list[str] = []

Array = NDArray[Any]


class Sizes:
    """The lengths of the dynamic axes in both traces, by which a number that differs is explained."""

    def __init__(self, first: Trace, second: Trace, dynamic: Mapping[int, Sequence[int]]) -> None:
        self.axes = [
            (number, axis, first.inputs[number].shape[axis], second.inputs[number].shape[axis])
            for number, axes in dynamic.items()
            for axis in axes
        ]

    def explain(self, a: int, b: int) -> tuple[int, int, int, int] | None:
        """`(input, axis, factor, constant)` such that the number is factor * length + constant in both traces."""
        found = []
        for number, axis, first, second in self.axes:
            factor, rest = divmod(b - a, second - first)
            constant = a - factor * first
            if rest == 0 and factor > 0 and (constant == 0 or factor == 1):
                found.append((abs(constant), factor, number, axis, constant))
        if not found:
            return None
        _, factor, number, axis, constant = min(found)  # the plainest explanation
        return number, axis, factor, constant


class Graph:
    """Nodes and constants; every array of the first trace by the name of the value that it is.

    Args:
        first: the trace that is read.
        second: the one that it is compared with.
        dynamic: for each input, the axes of any length.
        input_names: of the inputs.
    """

    def __init__(
        self, first: Trace, second: Trace, dynamic: Mapping[int, Sequence[int]], input_names: Sequence[str]
    ) -> None:
        self.first, self.second = first, second
        self.sizes = Sizes(first, second, dynamic)
        self.input_names = list(input_names)
        self.nodes: list[Any] = []
        self.constants: dict[str, Array] = {}
        self._values: dict[int, str] = {id(a): name for a, name in zip(first.inputs, input_names, strict=True)}
        self._matching: dict[int, Array] = {}
        self._alive: list[Any] = list(first.inputs)
        self._spoilt: set[int] = set()
        self._read: list[Array] = []  # constants
        self._parameters: dict[int, str] = {}
        self.call: Call
        self.other: Call

    # -- values -------------------------------------------------------------------------------------------------------
    def name_parameters(self, named: Mapping[str, Any]) -> None:
        """The names that a model's parameters and buffers have in the file: their own."""
        self._parameters = {id(t._array): name for name, t in named.items()}

    def bind(self, array: Array, name: str) -> None:
        """From now on this array is the value of that name."""
        self._values[id(array)] = name
        self._spoilt.discard(id(array))
        self._alive.append(array)

    def known(self, array: Any) -> bool:
        """Whether the array was computed from the input."""
        return id(array) in self._values or id(array) in self._spoilt

    def written(self, array: Array) -> None:
        """The present call changes this array in place: nothing that shares its memory is what it was."""
        if any(np.shares_memory(constant, array) for constant in self._read):
            raise self.error("it changes a constant in place that was read before; change a clone() of it")
        for other in self._alive:
            if np.shares_memory(other, array):
                self._values.pop(id(other), None)
                self._spoilt.add(id(other))

    def operand(self, place: int, like: Any = None) -> str:
        """The value that the present call reads at a place; `like` gives a Python number its dtype."""
        value, other = self.call.operands[place], self.other.operands[place]
        if place in self.call.before and not self.known(value):
            value, other = self.call.before[place], self.other.before[place]
        return self.value(value, other, like)

    def value(self, value: Any, other: Any, like: Any = None) -> str:
        """The name of an array or number that a call read: a value, a parameter, or a constant."""
        if isinstance(value, np.ndarray):
            if id(value) in self._values:
                return self._values[id(value)]
            if id(value) in self._spoilt:
                raise self.error(
                    "it reads a tensor of which a part, or a view, was changed in place before; pick and change it by "
                    "nn.where or nn.cat, which ONNX follows"
                )
            return self._constant_array(value, other)
        dtype = like.dtype if like is not None else None
        if value == other or (value != value and other != other):
            return self.constant(np.asarray(value, dtype))
        if value != int(value) or self.sizes.explain(int(value), int(other)) is None:
            raise self.error(f"the number {value} depends on the input or its shape; ONNX would always take {value}")
        size = self.add("Squeeze", [self._size(int(value), int(other), "a number"), self.ints(0)])
        return self._cast(size, np.zeros(0, dtype))

    def _constant_array(self, value: Array, other: Array) -> str:
        self._read.append(value)
        name = self._parameters.get(id(value))
        if name is not None:
            if name not in self.constants:
                self.constants[name] = value
            return name
        if same(value, other):
            return self.constant(value)
        if value.ndim == other.ndim == 0:
            return self.value(value.item(), other.item(), value)
        if value.ndim == other.ndim == 1 and value.dtype.kind == "i" and _counts(value) and _counts(other):
            return self._range(value, other)
        if value.dtype.kind == "b" and _is_causal(value) and _is_causal(other):
            size = self.sizes_of(value.shape, other.shape, "a length of the mask")
            return str(self.add("Trilu", [self.add("Expand", [self.constant(np.array([[True]])), size])], upper=0))
        small = _shrunk(value)
        if value.ndim == other.ndim and small.shape == _shrunk(other).shape and np.array_equal(small, _shrunk(other)):
            size = self.sizes_of(value.shape, other.shape, "a length of a constant array")  # zeros for each sample, say
            return str(self.add("Expand", [self.constant(small), size]))
        raise self.error(
            f"an array of shape {value.shape} is random, or follows the input or its shape by something that is no "
            "operation on tensors; compute it with tensors, or make the axis static"
        )

    def _range(self, value: Array, other: Array) -> str:
        """Consecutive numbers, as many as a length of the input."""
        bounds = [(int(value[0]), int(other[0])), (int(value[-1]) + 1, int(other[-1]) + 1)]
        sizes = [self.sizes_of([a], [b], "a bound of a range") for a, b in bounds]
        start, end = (self.add("Squeeze", [size, self.ints(0)]) for size in sizes)
        return self._cast(self.add("Range", [start, end, self.constant(np.int64(1))]), value)

    def _cast(self, name: str, like: Array) -> str:
        from onnx import helper

        if like.dtype == np.int64:
            return name
        return str(self.add("Cast", [name], to=helper.np_dtype_to_tensor_dtype(like.dtype)))

    def constant(self, array: Any) -> str:
        """A constant of the file."""
        name = f"constant_{len(self.constants)}"
        self.constants[name] = np.asarray(array)
        return name

    def ints(self, *values: int) -> str:
        """A constant list of integers."""
        return self.constant(np.array(values, np.int64))

    def sizes_of(self, values: Sequence[int], others: Sequence[int], what: str) -> str:
        """A list of integers, some of which are lengths of the input."""
        if list(values) == list(others):
            return self.ints(*values)
        parts = [self._size(a, b, what) for a, b in zip(values, others, strict=True)]
        return parts[0] if len(parts) == 1 else str(self.add("Concat", parts, axis=0))

    def _size(self, a: int, b: int, what: str) -> str:
        if a == b:
            return self.ints(a)
        found = self.sizes.explain(a, b)
        if found is None:
            raise self.error(f"{what} is {a} here and {b} for another length; make that axis static")
        number, axis, factor, constant = found
        size = self.add("Gather", [self.add("Shape", [self.input_names[number]]), self.ints(axis)])
        size = size if factor == 1 else self.add("Mul", [size, self.ints(factor)])
        return size if constant == 0 else self.add("Add", [size, self.ints(constant)])

    # -- nodes --------------------------------------------------------------------------------------------------------
    def add(self, op_type: str, inputs: Sequence[str], outputs: int = 1, **attributes: Any) -> Any:
        """A node; returns the name of its output, or of its outputs."""
        from onnx import helper

        number = len(self.nodes)
        names = [f"{op_type.lower()}_{number}" + (f"_{i}" if outputs > 1 else "") for i in range(outputs)]
        self.nodes.append(helper.make_node(op_type, list(inputs), names, name=f"{op_type}_{number}", **attributes))
        return names[0] if outputs == 1 else names

    def attribute(self, name: str, default: Any = None) -> Any:
        """An attribute of the present call, which must be the same in both traces."""
        value, other = self.call.attributes.get(name, default), self.other.attributes.get(name, default)
        if not isinstance(value, np.ndarray) and value != other:
            raise self.error(f"its {name} is {value} here and {other} for another length; make that axis static")
        return value

    def error(self, reason: str) -> ExportError:
        """An error about the present call."""
        return ExportError(f"export: {self.call.line}: {self.call.name}: {reason}")


def same(a: Any, b: Any) -> bool:
    """Whether two arrays, or numbers, have the same shape and values."""
    a, b = np.asarray(a), np.asarray(b)
    return a.shape == b.shape and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _is_causal(mask: Array) -> bool:
    """Whether a mask lets each position see itself and what is before it."""
    return mask.ndim == 2 and bool((mask == (np.tri(*mask.shape) > 0)).all())


def _counts(array: Array) -> bool:
    """Whether the numbers are consecutive."""
    return len(array) > 0 and bool((np.diff(array) == 1).all())


def _shrunk(array: Array) -> Array:
    """The array with length 1 along every axis on which it does not change."""
    for axis in range(array.ndim):
        one = array.take([0], axis) if array.shape[axis] else array
        if array.shape[axis] and (array == one).all():
            array = one
    return array
