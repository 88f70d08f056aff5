"""`torch.onnx`: export as programs for PyTorch call it."""

from __future__ import annotations

import inspect
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from nn import onnx as ours
from nn.compat import settings
from nn.onnx.export import OPSET

__all__ = ["ONNXProgram", "OnnxExporterError", "TrainingMode", "export"]

OnnxExporterError = ours.ExportError
TrainingMode = SimpleNamespace(EVAL=0, PRESERVE=1, TRAINING=2)


class ONNXProgram(bytes):
    """A file of ONNX in memory."""

    def save(self, destination: Any, **named: Any) -> None:
        """Write the file: to a path, or to a binary file that is open."""
        if hasattr(destination, "write"):
            destination.write(self)
        else:
            Path(destination).write_bytes(self)


def export(
    model: Any, args: Any = (), f: Any = None, *, kwargs: Any = None, input_names: Any = None, output_names: Any = None,
    opset_version: int | None = None, dynamic_shapes: Any = None, dynamic_axes: Any = None, training: int = 0,
    **named: Any,
) -> ONNXProgram:  # fmt: skip
    """See `nn.onnx.export`; how PyTorch traces has no effect, and the file is of one opset.

    Raises:
        NotImplementedError: the model is to be exported as it trains.
    """
    if training == TrainingMode.TRAINING:
        raise NotImplementedError("export: a model is written as it evaluates, got training=TrainingMode.TRAINING")
    if opset_version not in (None, OPSET):
        settings.say_once(f"ONNX files are of opset {OPSET}")
    args = args if isinstance(args, tuple) else (args,)
    bound = inspect.signature(model.forward).bind(*args, **(kwargs or {}))
    if dynamic_shapes:  # by the names of the arguments, or in their order
        shapes = dynamic_shapes.values() if isinstance(dynamic_shapes, dict) else dynamic_shapes
        input_names = input_names or [*list(bound.arguments)[: len(bound.args)], *bound.kwargs]
        dynamic_axes = {name: _labels(axes) for name, axes in zip(input_names, shapes, strict=False) if axes}
    file = io.BytesIO()
    ours.export(
        model, bound.args, file, kwargs=bound.kwargs, input_names=input_names, output_names=output_names,
        dynamic_axes=dynamic_axes,
    )  # fmt: skip
    program = ONNXProgram(file.getvalue())
    if f is not None:
        program.save(f)
    return program


def _labels(axes: Any) -> dict[int, str]:
    given = axes.items() if isinstance(axes, dict) else enumerate(axes)
    return {axis: str(getattr(label, "__name__", label)) for axis, label in given if label is not None}
