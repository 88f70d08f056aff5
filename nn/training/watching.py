"""watch: what happens inside a model while it trains, logged without touching its code or the loop's."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from types import TracebackType
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.autograd.hooks import RemovableHandle
from nn.autograd.mode import mode
from nn.modules.activation import ReLU, Sigmoid, Tanh
from nn.modules.module import Module
from nn.modules.piecewise import Hardsigmoid, Hardtanh, ReLU6
from nn.tensors.tensor import Tensor

__all__ = ["Watch", "watch"]

Array = NDArray[Any]

BOUNDS: dict[str, tuple[float, float]] = {"sigmoid": (0.01, 0.99), "tanh": (-0.99, 0.99)}
"""Outputs beyond these are saturated: the slope there is at most a twenty-fifth of the steepest."""

CALLED = frozenset({"relu", "leaky_relu", "elu", "gelu", "silu", *BOUNDS})
"""The ops that are noted wherever a model's code calls them, as `F.relu(x)` or as `x.relu()`."""

KINDS: dict[type[Module], str] = {ReLU: "relu", Sigmoid: "sigmoid", Tanh: "tanh"}


class Output(NamedTuple):
    """What an activation gave: of which layer, by which op, and the numbers."""

    part: Module | None
    op: str
    array: Array


class Call:
    """A layer at work.

    Args:
        name: of the layer.
        part: the layer.
    """

    def __init__(self, name: str, part: Module) -> None:
        self.name, self.part = name, part
        self.counts = Counter[str]()  # how often it has called each op
        self.latest: tuple[Any, str] = (None, "")  # the node that the last of these calls has made, and its tag


def watch(model: Module, writer: Any, every: int = 100, step: Callable[[], int] | None = None) -> Watch:
    """Log the inside of a model at every so many training steps.

    A step is a forward in training mode with gradients; it is written when the next one begins, or at `close`. For a
    parameter NAME and a layer LAYER (an activation, a linear layer ...: whatever has no parts) there are the tags
    below. An activation that a module's code calls as a function counts as a layer too: the second `F.relu(x)` of the
    module `block` is `block.F.relu_2`.

        weights/NAME, gradients/NAME, activations/LAYER     histograms
        gradient_norm/NAME, gradient_norm/all               |g|
        update_to_weight/NAME                               |new weight - weight| / |weight|
        dead/LAYER                                          share of the units of a ReLU that are 0 for the whole batch
        saturated/LAYER                                     share of the outputs of a bounded activation at its bounds

    Gradients are those that backward leaves, before they are clipped. A usual ratio of update to weight is 0.001.

    Args:
        model: any module; its code and its results stay as they are.
        writer: needs `add_scalar(tag, value, step)`; histograms are written if it has `add_histogram`.
        every: how many steps lie between those that are logged.
        step: tells the number of a step, e.g. `lambda: trainer.global_step`; None to count from 0.

    Returns:
        A handle: `close()`, or the end of a `with` block, writes the last step and takes all hooks away.

    Raises:
        TypeError: the model is no module, the writer has no add_scalar.
        ValueError: every is no whole number of 1 or more.

    Example:
        >>> import nn
        >>> class Printer:
        ...     def add_scalar(self, tag, value, step):
        ...         print(f"{tag} at {step}: {value:.3g}")
        >>> model = nn.Sequential(nn.Linear(1, 2, bias=False), nn.ReLU())
        >>> model[0].weight.data.copy_(nn.tensor([[1.0], [-1.0]])).shape
        (2, 1)
        >>> with nn.training.watch(model, Printer()):
        ...     model(nn.ones(4, 1)).sum().backward()
        ...     nn.optim.SGD(model.parameters(), lr=0.1).step()
        gradient_norm/0.weight at 0: 4
        update_to_weight/0.weight at 0: 0.283
        gradient_norm/all at 0: 4
        dead/1 at 0: 0.5
    """
    if not isinstance(model, Module):
        raise TypeError(f"watch: model must be an nn.Module, got {type(model).__name__}")
    if not hasattr(writer, "add_scalar"):
        raise TypeError(f"watch: writer must have add_scalar, got {type(writer).__name__}; give a SummaryWriter")
    if isinstance(every, bool) or not isinstance(every, int) or every < 1:
        raise ValueError(f"watch: every must be a number of steps, 1 or more, got {every!r}")
    return Watch(model, writer, every, step)


class Watch:
    """What `watch` returns; it waits at the model's entrance, and looks into it at the steps that are logged.

    Args:
        model: as for `watch`.
        writer: as for `watch`.
        every: as for `watch`.
        step: as for `watch`.
    """

    def __init__(self, model: Module, writer: Any, every: int, step: Callable[[], int] | None) -> None:
        self._model, self._writer, self._every, self._step = model, writer, every, step
        self._count = 0
        self._last: int | None = None  # the number of the latest step
        self._number: int | None = None  # of the step that is being looked at
        self._hooks: list[RemovableHandle] = []
        self._weights: dict[str, Array] = {}
        self._gradients: dict[str, Array] = {}
        self._outputs: dict[str, Output] = {}
        self._calls: list[Call] = []  # the layers that are at work, each within the one before
        self._before: tuple[Any, Any] = (None, True)  # who watched what is recorded
        self._entrance = _entrance(model)
        name = next(name for name, part in model.named_modules() if part is self._entrance)
        self._standing = [
            self._entrance.register_forward_pre_hook(partial(self._begin, name)),
            self._entrance.register_forward_hook(self._leave, prepend=True, always_call=True),
        ]

    def __enter__(self) -> Watch:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Write the last step, and leave the model as it was."""
        self.flush()
        for hook in self._standing:
            hook.remove()

    def _begin(self, name: str, module: Module, args: Any) -> None:
        """A forward begins: if it is one of training, the step before is over."""
        if module.training and mode.grad and not self._calls:
            self.flush()
            number = self._count if self._step is None else self._step()
            if number % self._every == 0 and number != self._last:  # several forwards may make one step
                self._look(number)
            self._last = number
            self._count += 1
        if self._number is not None:
            self._enter(name, module, args)

    def _look(self, number: int) -> None:
        """Keep the weights as they are now, and note outputs and gradients as they come."""
        self._number = number
        for name, parameter in self._model.named_parameters():
            if parameter.requires_grad:
                self._weights[name] = parameter.detach().numpy().copy()
                self._hooks.append(parameter.register_post_accumulate_grad_hook(self._noting_gradient(name)))
        for name, part in self._model.named_modules():
            if part is not self._entrance:
                self._hooks.append(part.register_forward_pre_hook(partial(self._enter, name)))
                self._hooks.append(part.register_forward_hook(self._leave, prepend=True, always_call=True))

    def _noting_gradient(self, name: str) -> Callable[[Tensor], None]:
        def note(parameter: Any) -> None:
            self._gradients[name] = parameter.grad.numpy().copy()

        return note

    def _enter(self, name: str, part: Module, args: Any) -> None:
        """A layer is at work; while one is, this sees each result that is recorded."""
        if not self._calls:
            self._before = mode.watcher, mode.grad
            mode.watcher = self._note
            mode.grad = mode.grad and self._note
        self._calls.append(Call(name, part))

    def _leave(self, part: Module, args: Any, output: Any) -> None:
        """A layer is done: note what comes out of one without parts."""
        if not self._calls:
            return
        call = self._calls.pop()
        if not self._calls:
            mode.watcher, mode.grad = self._before
        if any(True for _ in part.children()) or not (part.training and mode.grad and _is_noted(output)):
            return
        node, tag = call.latest
        if node is not None and output._node is node:  # what it called last is its output, under its own name
            del self._outputs[tag]
        made = "" if output._node is None else output._node.op.name
        op = next((op for kind, op in KINDS.items() if isinstance(part, kind)), made)
        self._outputs[call.name or type(self._model).__name__] = Output(part, op, output.detach().numpy().copy())

    def _note(self, result: Any, operands: Any) -> None:
        """An op was recorded: note it if it is an activation."""
        watcher, call, op = self._before[0], self._calls[-1], result._node.op.name
        if watcher is not None:
            watcher(result, operands)
        if op in CALLED and call.part.training and _is_noted(result):
            call.counts[op] += 1
            number = f"_{call.counts[op]}" if call.counts[op] > 1 else ""
            tag = f"{call.name}.F.{op}{number}".removeprefix(".")
            call.latest = result._node, tag
            self._outputs[tag] = Output(None, op, result.detach().numpy().copy())

    def flush(self) -> None:
        """Write what was noted, and look no longer."""
        if self._number is None:
            return
        for hook in self._hooks:
            hook.remove()
        self._hooks.clear()
        square = 0.0
        for name, parameter in self._model.named_parameters():
            if name in self._weights:
                before = self._weights[name]
                self._histogram(f"weights/{name}", before)
                if name in self._gradients:
                    norm = _norm(self._gradients[name])
                    square += norm * norm
                    self._histogram(f"gradients/{name}", self._gradients[name])
                    self._scalar(f"gradient_norm/{name}", norm)
                    size = _norm(before)
                    if size > 0:
                        now = parameter.detach().numpy()
                        self._scalar(f"update_to_weight/{name}", _norm(now - before) / size)
        if self._gradients:
            self._scalar("gradient_norm/all", square**0.5)
        for tag, (part, op, output) in self._outputs.items():
            self._histogram(f"activations/{tag}", output)
            if (op == "relu" or isinstance(part, ReLU6)) and output.size:
                self._scalar(f"dead/{tag}", dead_share(output))
            bounds = _bounds(part, op)
            if bounds is not None and output.size:
                self._scalar(f"saturated/{tag}", float(np.mean((output <= bounds[0]) | (output >= bounds[1]))))
        self._weights, self._gradients, self._outputs = {}, {}, {}
        self._number = None

    def _scalar(self, tag: str, value: float) -> None:
        self._writer.add_scalar(tag, value, self._number)

    def _histogram(self, tag: str, values: Array) -> None:
        if hasattr(self._writer, "add_histogram") and values.size:
            self._writer.add_histogram(tag, values, self._number)


def dead_share(output: Array) -> float:
    """The share of the units that are 0 for all samples; a unit is a column, or a channel (N, C, ...).

    Example:
        >>> dead_share(np.array([[0.0, 1.0], [0.0, 0.0]]))
        0.5
    """
    if output.ndim == 1:
        return float(np.mean(output == 0))
    channel = 1 if output.ndim != 3 else 2  # (N, C, H, W) and (N, features), but (N, time, features)
    others = tuple(axis for axis in range(output.ndim) if axis != channel)
    return float(np.mean(~(output != 0).any(axis=others)))


def _norm(array: Array) -> float:
    """The Euclidean norm, summed in float64."""
    flat = array.ravel().astype(np.float64)
    return float(np.sqrt(flat @ flat))


def _is_noted(output: Any) -> bool:
    return isinstance(output, Tensor) and output.dtype.kind == "f" and bool(output.shape)


def _bounds(part: Module | None, op: str) -> tuple[float, float] | None:
    if isinstance(part, Hardtanh):  # and ReLU6, whose lower bound is what `dead` tells
        return (-np.inf if isinstance(part, ReLU6) else part.min_val, part.max_val)
    return (0.0, 1.0) if isinstance(part, Hardsigmoid) else BOUNDS.get(op)


def _entrance(model: Module) -> Module:
    """The module whose call begins a step: the model, or its first part where only parts are called."""
    while type(model).forward is Module.forward:
        first = next(iter(model.children()), None)
        if first is None:
            return model
        model = first
    return model
