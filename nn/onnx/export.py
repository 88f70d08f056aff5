"""A model as an ONNX file, which other tools run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nn.errors import FromZeroError
from nn.modules.module import Module
from nn.onnx import elementwise, layers, shapes  # noqa: F401 - they put their writers into the table
from nn.onnx.graph import Graph, same
from nn.onnx.trace import WRITE, Array, Call, ExportError, Trace, other_inputs
from nn.onnx.writers import WRITERS
from nn.tensors.tensor import Tensor

__all__ = ["export"]

OPSET = 20
IR_VERSION = 10


def export(
    model: Module,
    args: Any,
    f: Any,
    *,
    kwargs: Mapping[str, Any] | None = None,
    input_names: Sequence[str] | None = None,
    output_names: Sequence[str] | None = None,
    dynamic_axes: Mapping[str, Mapping[int, str] | Sequence[int]] | None = None,
) -> None:
    """Write what `model(*args, **kwargs)` computes, in evaluation mode, as an ONNX file of opset 20.

    The forward runs twice, on `args` and on other values; each kernel that it calls becomes a node. What depends on the
    input where ONNX cannot follow (a branch of Python, a number taken out of a tensor) is refused, with its line. The
    file keeps the names of the parameters, and is checked by `onnx.checker` before it is written.

    Args:
        model: a module.
        args: an input of the model, or a tuple of them; integers must be in range for what the model does with them.
        f: the path of the file, or a binary file that is open.
        kwargs: inputs by keyword; in the file they follow those of `args`.
        input_names: of all inputs; None for "input" or "input_0", "input_1" ..., and the keywords.
        output_names: of the outputs; None for "output" or "output_0", "output_1" ...
        dynamic_axes: for each input, its axes that may have any length in use, e.g. `{"input": {0: "batch"}}` or
            `{"input": [0]}`; the other lengths are those of `args`. Axes of outputs follow from these, and may be
            given without effect.

    Raises:
        ExportError: something has no operator in ONNX, or depends on the input in a way that ONNX cannot follow.
        ImportError: the package onnx is not installed.
        TypeError: an input is no tensor.
        ValueError: a name in `dynamic_axes` is not that of an input; names are too many, too few, or the same.

    Example:
        >>> import nn, nn.onnx, tempfile, pathlib
        >>> path = pathlib.Path(tempfile.mkdtemp()) / "model.onnx"
        >>> model = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2))
        >>> nn.onnx.export(model, nn.ones(5, 3), path, dynamic_axes={"input": {0: "batch"}})  # doctest: +SKIP
        >>> nn.onnx.load(path)(nn.ones(1, 3)).shape  # doctest: +SKIP
        (1, 2)
    """
    onnx = library()
    args, keywords = args if isinstance(args, tuple) else (args,), dict(kwargs or {})
    inputs = [_array(value) for value in (*args, *keywords.values())]
    if input_names is None:
        input_names = [*_names("input", None, len(args)), *keywords]
    names = _names("input", input_names, len(inputs))
    results = output_names or ["output"]
    axes = _dynamic({n: a for n, a in (dynamic_axes or {}).items() if n not in results}, names, inputs)
    dynamic = {number: list(labels) for number, labels in axes.items()}
    first = Trace(model, inputs, list(keywords))
    try:
        second = Trace(model, other_inputs(inputs, axes), list(keywords))
    except (FromZeroError, ValueError, TypeError, IndexError) as error:
        raise ExportError(
            f"export: with other values, or longer along the dynamic axes, the model fails: {error}; make fewer axes "
            "dynamic, or give other args"
        ) from error
    _require_same_calls(first, second)
    graph = Graph(first, second, dynamic, names)
    graph.name_parameters({**dict(model.named_parameters()), **dict(model.named_buffers())})
    _write_calls(graph)
    results = _names("output", output_names, len(first.outputs))
    for output, other, name in zip(first.outputs, second.outputs, results, strict=True):
        graph.call = graph.other = Call("the output", [], {}, [output])
        graph.nodes.append(onnx.helper.make_node("Identity", [graph.value(output, other)], [name], name=name))
    made = onnx.helper.make_graph(
        graph.nodes,
        type(model).__name__,
        [_described(onnx, name, a, axes.get(i, {})) for i, (name, a) in enumerate(zip(names, inputs, strict=True))],
        [
            _described(onnx, n, a, _changed(a, b))
            for n, a, b in zip(results, first.outputs, second.outputs, strict=True)
        ],
        [onnx.numpy_helper.from_array(np.asarray(a, order="C"), name) for name, a in graph.constants.items()],
    )
    _drop_unused(made)
    opset = onnx.helper.make_opsetid("", OPSET)
    whole = onnx.helper.make_model(made, opset_imports=[opset], producer_name="fromzero", ir_version=IR_VERSION)
    onnx.checker.check_model(whole, full_check=True)
    if hasattr(f, "write"):
        f.write(whole.SerializeToString())
    else:
        Path(f).write_bytes(whole.SerializeToString())


def library() -> Any:
    """The package onnx."""
    try:
        import onnx
        import onnx.checker
        import onnx.helper
        import onnx.numpy_helper
    except ImportError:
        raise ImportError("nn.onnx: the package onnx is not installed; pip install 'fromzero[onnx]'") from None
    return onnx


def _array(value: Any) -> Array:
    if not isinstance(value, Tensor | np.ndarray | np.generic | int | float):
        raise TypeError(
            f"export: an input must be a tensor, got {type(value).__name__}; give inputs by keyword in kwargs={{...}}, "
            "and let the model hold what is no tensor"
        )
    return value.detach()._array if isinstance(value, Tensor) else np.asarray(value)


def _names(kind: str, given: Sequence[str] | None, count: int) -> list[str]:
    if given is None:
        return [kind] if count == 1 else [f"{kind}_{i}" for i in range(count)]
    if len(given) != count or len(set(given)) != count:
        raise ValueError(f"export: expected {count} different {kind}_names, one for each {kind}; got {list(given)}")
    return list(given)


def _dynamic(
    dynamic_axes: Mapping[str, Mapping[int, str] | Sequence[int]], names: Sequence[str], inputs: Sequence[Array]
) -> dict[int, dict[int, str]]:
    """The labels of the dynamic axes by the number of the input."""
    found: dict[int, dict[int, str]] = {}
    for name, axes in dynamic_axes.items():
        if name not in names:
            raise ValueError(f"export: dynamic_axes names {name!r}, which is no input; those are {', '.join(names)}")
        number = names.index(name)
        shape = inputs[number].shape
        for axis in axes:
            if not 0 <= axis < len(shape):
                raise ValueError(f"export: dynamic_axes of {name!r} must be from 0 to {len(shape) - 1}, got {axis}")
        found[number] = dict(axes) if isinstance(axes, Mapping) else {a: f"axis_{a}_{shape[a]}" for a in axes}
    return found


def _require_same_calls(first: Trace, second: Trace) -> None:
    for i, (a, b) in enumerate(zip(first.calls, second.calls, strict=False)):
        if a.name != b.name:
            one, other = (next((c.name for c in t.calls[i:] if c.is_op), "nothing") for t in (first, second))
            raise ExportError(
                f"export: {a.line}: the model calls {one} here, and {other} for another input; ONNX has one way for "
                "all inputs, so choose by nn.where instead of by if"
            )
    if len(first.calls) != len(second.calls):
        raise ExportError(
            f"export: the model calls {len(first.calls)} operations, and {len(second.calls)} for another input; make "
            "the axis that a loop runs over static"
        )


def _write_calls(graph: Graph) -> None:
    """Turn every call that follows the input, or its lengths, into nodes; the others gave constants."""
    for call, other in zip(graph.first.calls, graph.second.calls, strict=True):
        graph.call, graph.other = call, other
        read = [*call.operands, *call.attributes.values()]
        follows = any(isinstance(value, np.ndarray) and graph.known(value) for value in read)
        target = call.written
        if target is not None and not follows:
            graph.written(target)
        if not follows and (call.name not in WRITERS or all(map(same, call.made, other.made))):
            continue
        if call.name not in WRITERS and not call.is_op:
            continue  # a check of values, say; what makes something of the input is told where that is used
        if call.name not in WRITERS:
            raise graph.error("ONNX has no operator for it that this export knows")
        made = WRITERS[call.name](graph)
        if target is not None:
            graph.written(target)
        results = [target] if call.name == WRITE else call.results
        for array, name in zip(results, made if isinstance(made, list) else [made], strict=False):
            if name is not None:
                graph.bind(array, name)


def _described(onnx: Any, name: str, array: Array, labels: Mapping[int, str]) -> Any:
    shape = [labels.get(axis, length) for axis, length in enumerate(array.shape)]
    return onnx.helper.make_tensor_value_info(name, onnx.helper.np_dtype_to_tensor_dtype(array.dtype), shape)


def _changed(a: Array, b: Array) -> dict[int, str]:
    """Labels for the axes of an output that follow the input's."""
    return {axis: f"any_{axis}" for axis, (n, m) in enumerate(zip(a.shape, b.shape, strict=True)) if n != m}


def _drop_unused(graph: Any) -> None:
    """Leave out nodes and constants that no output needs."""
    needed = {output.name for output in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed & set(node.output):
            kept.append(node)
            needed |= set(node.input)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    constants = [constant for constant in graph.initializer if constant.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(constants)
