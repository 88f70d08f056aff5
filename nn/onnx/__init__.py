"""Models for other tools, and from them: ONNX files (extra `onnx`)."""

from nn.onnx.export import export
from nn.onnx.load import LoadedModel, load
from nn.onnx.trace import ExportError

__all__ = ["ExportError", "LoadedModel", "export", "load"]
