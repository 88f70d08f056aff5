"""What a model computes: every kernel that one forward calls, and what in it depends on the input.

A forward is traced twice, with inputs of other values and, along the axes that are to be dynamic, of other lengths.
The two lists of calls must agree. A number that differs must be one of the lengths, or a multiple of it, or a constant
away from it; an array that differs was computed from the input where no kernel was called, and is refused.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.autograd.grad_mode import no_grad
from nn.autograd.mode import mode
from nn.autograd.op import registry
from nn.autograd.tape import wrap
from nn.errors import FromZeroError
from nn.modules.module import Module
from nn.modules.recurrent import GRU, LSTM, RNN
from nn.tensors.tensor import Tensor

__all__ = ["ExportError"]

Array = NDArray[Any]
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120


HELPERS = {"astype": "cast", "copy": "clone", "array": "clone", "where": "where", "equal": "equal"}
"""Functions and methods of NumPy that are called beside the ops, and the ops that they are."""

WRITE = "__setitem__"


class ExportError(FromZeroError):
    """A model does something that ONNX has no operator for, or that depends on the input in a way not seen."""


class Call:
    """One call of an op's kernel, or of a recurrent layer as a whole."""

    def __init__(
        self, name: str, operands: Sequence[Any], attributes: Mapping[str, Any], results: list[Any], is_op: bool = True
    ) -> None:
        self.name, self.operands, self.attributes, self.results = name, list(operands), dict(attributes), results
        self.made = results
        """What they were, also where a later call has changed them in place."""
        self.is_op = is_op
        self.line = _line()
        self.before: dict[int, Array] = {}
        """Of a call that writes into operands of its own: copies of what they were, by their places."""

    @property
    def written(self) -> Any:
        """The array that the call changes in place; None for nearly all."""
        return self.operands[0] if self.name == WRITE else self.attributes.get("out")


class Trace:
    """The calls of one forward, the arrays that it was given, and those that it returned."""

    def __init__(self, model: Module, inputs: Sequence[Array], keywords: Sequence[str] = ()) -> None:
        self.calls: list[Call] = []
        self.inputs = list(inputs)
        self._names: dict[Any, str] = {}
        with _evaluation(model), self._whole_layers(model), no_grad(), self._door():
            given = [*map(_tensor, self.inputs)]
            count = len(given) - len(keywords)  # the inputs by keyword come last
            result = model(*given[:count], **dict(zip(keywords, given[count:], strict=True)))
        self.outputs = [t._array for t in _tensors(result)]

    @contextmanager
    def _door(self) -> Iterator[None]:
        """Every kernel is called by `mode.ways[0]`; within this block that also notes the call."""
        before = mode.ways
        quiet = before[0]

        def run(function: Callable[..., Any], *operands: Any, **attributes: Any) -> Any:
            own = getattr(function, "__self__", None)
            target: Any = own if function.__name__ == WRITE else attributes.get("out")
            whole = operands if own is None else (own, *operands)
            before = {i: o.copy() for i, o in enumerate(whole) if target is not None and _shares(o, target)}
            for call in self.calls if target is not None else ():
                if call.made is call.results and any(_shares(r, target) for r in call.results):
                    call.made = [r.copy() if isinstance(r, np.ndarray) else r for r in call.results]
            result = quiet(function, *operands, **attributes)
            several = isinstance(result, tuple)
            results = [np.asarray(r) if isinstance(r, np.generic) else r for r in (result if several else (result,))]
            if isinstance(own, np.ndarray):  # a method of an array, such as astype
                operands = whole
            name = self._name(function)
            known = name or HELPERS.get(function.__name__) or ("cast_all" if several else function.__name__)
            self.calls.append(Call(known, operands, attributes, results, is_op=name is not None))
            self.calls[-1].before = before
            return tuple(results) if several else results[0]

        mode.ways = (run, mode.ways[1])
        try:
            yield
        finally:
            mode.ways = (quiet, mode.ways[1])

    def _name(self, function: Any) -> str | None:
        """The name of the op whose kernel it is; ops are declared when they are first used."""
        if len(self._names) != len(registry):
            self._names = {op.kernel: op.name for op in registry.values()}
        return self._names.get(function)

    @contextmanager
    def _whole_layers(self, model: Module) -> Iterator[None]:
        """A recurrent layer is one call: what its steps call is left out."""
        depth: list[int] = []

        def enter(module: Module, args: Any) -> None:
            depth.append(len(self.calls))

        def leave(module: Module, args: Any, output: Any) -> None:
            del self.calls[depth.pop() :]
            given = [t._array for t in _tensors(args)]
            results = [t._array for t in _tensors(output)]
            self.calls.append(Call(type(module).__name__, given, {"module": module}, results))

        handles = []
        for module in model.modules():
            if isinstance(module, RNN | LSTM | GRU):
                handles += [module.register_forward_pre_hook(enter), module.register_forward_hook(leave)]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()


@contextmanager
def _evaluation(model: Module) -> Iterator[None]:
    """Dropout and batch normalisation as in use, whatever the model's mode is."""
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        yield
    finally:
        for module, training in modes:
            module.training = training


def _shares(value: Any, array: Array) -> bool:
    return isinstance(value, np.ndarray) and np.shares_memory(value, array)


def _tensor(array: Array) -> Tensor:
    tensor: Tensor = wrap(array)
    return tensor


def _tensors(value: Any) -> Iterator[Any]:
    """The tensors in what a model is given or returns, however nested."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _tensors(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _tensors(item)


def _line() -> str:
    """The user's line that led here: the nearest one outside this package, or that of a model of `nn.models`."""
    frame: Any = sys._getframe(1)
    while frame is not None:
        file = frame.f_code.co_filename
        if not file.startswith(PACKAGE) or os.sep + "models" + os.sep in file:
            return f"{file}:{frame.f_lineno}"
        frame = frame.f_back
    return "unknown"


def other_inputs(inputs: Sequence[Array], labels: Mapping[int, Mapping[int, str]]) -> list[Array]:
    """Inputs of other values, longer along every dynamic axis; integers stay among those that there are.

    Axes of one label grow alike, others by another prime number, so that a length can be told from another.
    """
    found = list(dict.fromkeys(label for axes in labels.values() for label in axes.values()))
    growth = dict(zip(found, (3, 5, 7, 11, 13, 17, 19, 23), strict=False))
    others = []
    for number, array in enumerate(inputs):
        other = np.roll(array.reshape(-1), 1).reshape(array.shape)
        if array.dtype.kind == "f":
            # of the other sign, so that a branch on a sign goes the other way
            other = other * array.dtype.type(-0.75) if other.any() else other + 1
        for axis, label in labels.get(number, {}).items():
            other = np.concatenate([other, other.take([0] * growth[label], axis)], axis)
        others.append(np.ascontiguousarray(other))
    return others
