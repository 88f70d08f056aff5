"""A model as a table: what each layer gets, gives, holds and costs. One forward is run to find out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

from nn.autograd.grad_mode import no_grad
from nn.errors import RangeError
from nn.modules.lazy import is_lazy
from nn.modules.module import Module
from nn.rng import Generator
from nn.tensors.tensor import Tensor, tensor

__all__ = ["LayerInfo", "ModelSummary", "summary"]

Shape = tuple[int, ...]
HEADINGS = ("Layer (type: depth)", "Input Shape", "Output Shape", "Param #", "Trainable", "Mult-Adds", "Bytes")


class LayerInfo(NamedTuple):
    """One row of the table."""

    name: str
    """The layer's dotted name in the model; "" for the model itself."""
    type: str
    depth: int
    input_size: Shape
    output_size: Shape
    params: int
    """The elements of its own parameters (and, of a layer with parts, of theirs)."""
    trainable: bool | None
    """Whether they all are trained; None where there are none, or some are and some are not."""
    mult_adds: int
    param_bytes: int
    output_bytes: int
    leaf: bool
    again: bool
    """Whether the layer has been run before: then its parameters are not counted again."""


class ModelSummary:
    """What `summary` returns: print it, or read its fields.

    Attributes:
        layers: one `LayerInfo` for each call of a layer, in order.
        total_params, trainable_params: elements of parameters.
        total_mult_adds: multiplications with an addition, of all layers without parts.
        input_bytes, output_bytes, param_bytes: what the inputs, all layers' outputs and the parameters take.
    """

    def __init__(self, model: Module, layers: list[LayerInfo], input_bytes: int) -> None:
        parameters = list(model.parameters())
        self.layers = layers
        self.total_params = sum(_count(p) for p in parameters)
        self.trainable_params = sum(_count(p) for p in parameters if p._requires_grad)
        self.total_mult_adds = sum(layer.mult_adds for layer in layers if layer.leaf)
        self.input_bytes = input_bytes
        self.output_bytes = sum(layer.output_bytes for layer in layers if layer.leaf)
        self.param_bytes = sum(_bytes(p) for p in parameters)

    @property
    def total_bytes(self) -> int:
        """Inputs, parameters, and the outputs of a forward and a backward pass."""
        return self.input_bytes + self.param_bytes + 2 * self.output_bytes

    def __str__(self) -> str:
        rows = [HEADINGS, *(_row(layer) for layer in self.layers)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(HEADINGS))]
        lines = ["  ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))])
                 for row in rows]  # fmt: skip
        rule = "=" * len(lines[0])
        totals = [
            f"Total params: {self.total_params:,}",
            f"Trainable params: {self.trainable_params:,}",
            f"Non-trainable params: {self.total_params - self.trainable_params:,}",
            f"Total mult-adds: {self.total_mult_adds:,}",
            f"Input bytes: {self.input_bytes:,}",
            f"Forward/backward pass bytes: {2 * self.output_bytes:,}",
            f"Params bytes: {self.param_bytes:,}",
            f"Estimated total bytes: {self.total_bytes:,}",
        ]
        return "\n".join([rule, lines[0], rule, *lines[1:], rule, *totals[:4], rule, *totals[4:], rule])

    __repr__ = __str__


def summary(
    model: Module,
    input_size: Sequence[Any] | None = None,
    input_data: Any = None,
    *,
    dtypes: DTypeLike | Sequence[DTypeLike] | None = None,
    depth: int | None = None,
    mode: str = "eval",
) -> ModelSummary:
    """Run the model once and tell, layer by layer, shapes, parameters, mult-adds and bytes.

    Mult-adds count one for each use of a weight: a convolution's weights are used at every place of its output, a
    linear layer's for every row, a recurrent layer's at every time, all others once a sample. (These are torchinfo's
    counts, except that it takes a linear layer of (N, L, C) to be used N times instead of N L.)

    Args:
        model: a module; its mode, hooks and running values are left as they were.
        input_size: the shape of the input, batch included; or several shapes, of as many inputs.
        input_data: in place of it, the input itself: a tensor, an array, or a list of them.
        dtypes: the element type of random inputs, or one for each; None for that of the parameters.
        depth: show layers down to this depth; None for all.
        mode: "eval" or "train".

    Raises:
        RangeError: neither an input size nor input data, or both; an unknown mode.

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
        >>> print(nn.summary(model, input_size=(16, 4)))
        ====================================================================================
        Layer (type: depth)  Input Shape  Output Shape  Param #  Trainable  Mult-Adds  Bytes
        ====================================================================================
        Sequential: 0            [16, 4]       [16, 2]       58        yes         --    360
          Linear (0): 1          [16, 4]       [16, 8]       40        yes        640    672
          ReLU (1): 1            [16, 8]       [16, 8]       --         --         --    512
          Linear (2): 1          [16, 8]       [16, 2]       18        yes        288    200
        ====================================================================================
        Total params: 58
        ...
    """
    if (input_size is None) == (input_data is None):
        raise RangeError("summary: expected either input_size or input_data; give one of them")
    if isinstance(input_size, Tensor):
        raise TypeError("summary: input_size must be a shape, got a tensor; pass it as input_data, or pass its shape")
    if mode not in ("eval", "train"):
        raise RangeError(f"summary: mode must be eval or train, got {mode!r}")
    inputs = _given(input_data) if input_size is None else _random(model, input_size, dtypes)
    layers = _watched(model, inputs, mode)
    shown = [layer for layer in layers if depth is None or layer.depth <= depth]
    result = ModelSummary(model, layers, sum(_bytes(x) for x in inputs))
    result.layers = shown
    return result


def _watched(model: Module, inputs: list[Any], mode: str) -> list[LayerInfo]:
    """One forward with a hook on every module; afterwards everything is as it was."""
    names = {id(module): name for name, module in reversed(list(model.named_modules(remove_duplicate=False)))}
    calls: list[Any] = []
    running: list[int] = []
    seen: set[int] = set()

    def before(module: Module, _args: Any, _kwargs: Any) -> None:
        running.append(len(calls))
        calls.append((module, len(running) - 1, id(module) in seen))
        seen.add(id(module))

    def after(module: Module, args: Any, kwargs: Any, output: Any) -> None:
        place = running.pop()
        _, depth, again = calls[place]
        inputs, outputs = _tensors([*args, *kwargs.values()]), _tensors([output])
        calls[place] = _info(module, names[id(module)], depth, again, inputs, outputs)

    handles = []
    for module in model.modules():
        handles += [
            module.register_forward_pre_hook(before, with_kwargs=True),
            module.register_forward_hook(after, with_kwargs=True),
        ]
    modes = [(module, module.training) for module in model.modules()]
    buffers = [(b, b._array.copy()) for b in model.buffers() if not is_lazy(b)]
    try:
        model.train(mode == "train")
        with no_grad():
            model(*inputs)
            for buffer, array in buffers:
                buffer.copy_(array)
    finally:
        for handle in handles:
            handle.remove()
        for module, training in modes:
            module.training = training
    return calls


def _info(module: Module, name: str, depth: int, again: bool, inputs: list[Any], outputs: list[Any]) -> LayerInfo:
    parameters = list(module.parameters())
    own = list(module.named_parameters(recurse=False))
    trained = {p._requires_grad for p in parameters}
    shape = outputs[0].shape if outputs else ()
    return LayerInfo(
        name,
        type(module).__name__,
        depth,
        inputs[0].shape if inputs else (),
        shape,
        sum(_count(p) for p in parameters),
        trained.pop() if len(trained) == 1 else None,
        sum(_uses(module, p_name, p, shape) for p_name, p in own),
        sum(_bytes(p) for p in parameters),
        sum(_bytes(y) for y in outputs),
        next(module.children(), None) is None,
        again,
    )


def _uses(module: Module, name: str, parameter: Any, output: Shape) -> int:
    """How often the elements of a parameter are multiplied or added in one call."""
    kind, count = type(module).__name__, _count(parameter)
    if not output:
        return count
    if name not in ("weight", "bias"):  # of a recurrent or attention layer: once for each sample and time
        return count * math.prod(output[:2]) if "weight" in name or "bias" in name else 0
    if "Conv" in kind:
        return count * output[0] * math.prod(output[2:])
    return count * (math.prod(output[:-1]) if "Linear" in kind else output[0])


def _row(layer: LayerInfo) -> tuple[str, ...]:
    label = layer.name.rpartition(".")[2]
    text = f"{layer.type} ({label}): {layer.depth}" if label else f"{layer.type}: {layer.depth}"
    trainable = {True: "yes", False: "no", None: "partly" if layer.params else "--"}[layer.trainable]
    own = "(again)" if layer.again and layer.params else f"{layer.params:,}" if layer.params else "--"
    return (
        "  " * layer.depth + text,
        _size(layer.input_size),
        _size(layer.output_size),
        own,
        trainable,
        f"{layer.mult_adds:,}" if layer.leaf and layer.mult_adds else "--",
        f"{layer.output_bytes + (0 if layer.again else layer.param_bytes):,}",
    )


def _size(shape: Shape) -> str:
    return str(list(shape))


def _tensors(values: Iterable[Any]) -> list[Any]:
    """All tensors in nested lists, tuples and dicts."""
    found: list[Any] = []
    for value in values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, dict):
            found += _tensors(value.values())
        elif isinstance(value, list | tuple):
            found += _tensors(value)
    return found


def _count(value: Any) -> int:
    return 0 if is_lazy(value) else int(value._array.size)


def _bytes(value: Any) -> int:
    return 0 if is_lazy(value) else int(value._array.nbytes)


def _given(data: Any) -> list[Any]:
    values = list(data) if isinstance(data, list | tuple) else [data]
    return [value if isinstance(value, Tensor) else tensor(value) for value in values]


def _random(model: Module, size: Sequence[Any], dtypes: Any) -> list[Any]:
    """Random inputs of one shape, or of several."""
    sizes = [tuple(s) for s in size] if size and not isinstance(size[0], int | np.integer) else [tuple(size)]
    if dtypes is None:
        dtypes = next((p.dtype for p in model.parameters()), np.dtype(np.float32))
    kinds = list(dtypes) if isinstance(dtypes, list | tuple) else [dtypes] * len(sizes)
    if len(kinds) != len(sizes):
        raise RangeError(f"summary: expected {len(sizes)} dtypes, one for each input, got {len(kinds)}")
    numbers = Generator().manual_seed(0).numpy  # its own: the global one stays where it is
    return [tensor(numbers.random(s), dtype=kind) for s, kind in zip(sizes, kinds, strict=True)]
