"""Tensors as TensorBoard stores them, and the summaries that hold one for a dashboard."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tbwriter.messages.summary_pb2 import DATA_CLASS_TENSOR, DataClass, Summary, SummaryMetadata
from tbwriter.messages.tensor_pb2 import (
    DT_BOOL,
    DT_DOUBLE,
    DT_FLOAT,
    DT_HALF,
    DT_INT8,
    DT_INT16,
    DT_INT32,
    DT_INT64,
    DT_STRING,
    DT_UINT8,
    DT_UINT16,
    DT_UINT32,
    DT_UINT64,
    TensorProto,
    TensorShapeProto,
)
from tbwriter.values import array

_TYPES = {
    "b1": DT_BOOL, "i1": DT_INT8, "i2": DT_INT16, "i4": DT_INT32, "i8": DT_INT64, "u1": DT_UINT8, "u2": DT_UINT16,
    "u4": DT_UINT32, "u8": DT_UINT64, "f2": DT_HALF, "f4": DT_FLOAT, "f8": DT_DOUBLE,
}  # fmt: skip


def number_tensor(values: npt.NDArray[Any]) -> TensorProto:
    """A TensorProto of an array.

    Args:
        values: of any shape; bools, integers or floats of at most 64 bits, longer floats become float64.

    Returns:
        The message, with the elements' bytes.

    Example:
        >>> tensor = number_tensor(np.zeros((2, 3), np.float16))
        >>> tensor.dtype == DT_HALF, len(tensor.tensor_content)
        (True, 12)
    """
    name = f"{values.dtype.kind}{values.dtype.itemsize}"
    if name not in _TYPES:
        name = "f8"
    content = np.ascontiguousarray(values, f"<{name}").tobytes()
    return TensorProto(dtype=_TYPES[name], tensor_shape=_shape(values.shape), tensor_content=content)


def string_tensor(items: Sequence[bytes], shape: tuple[int, ...]) -> TensorProto:
    """A TensorProto of byte strings, e.g. encoded pictures.

    Args:
        items: in C order.
        shape: () for one.

    Returns:
        The message.

    Example:
        >>> string_tensor([b"one", b"two"], (2,)).string_val[1]
        b'two'
    """
    return TensorProto(dtype=DT_STRING, tensor_shape=_shape(shape), string_val=items)


def _shape(shape: tuple[int, ...]) -> TensorShapeProto:
    return TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in shape])


def tensor_value(
    tag: str, tensor: TensorProto, plugin: str, content: bytes = b"", data_class: DataClass = DATA_CLASS_TENSOR
) -> Summary.Value:
    """One value of a Summary: a tensor, and the dashboard that shows it.

    Args:
        tag: its name in the run.
        tensor: the value.
        plugin: the dashboard's name.
        content: what the dashboard needs to know besides the value, serialised.
        data_class: how TensorBoard's default loader should keep it.

    Returns:
        The message.

    Example:
        >>> tensor_value("x", string_tensor([b"one"], ()), "text").metadata.plugin_data.plugin_name
        'text'
    """
    return Summary.Value(tag=tag, tensor=tensor, metadata=metadata(plugin, content, data_class))


def metadata(plugin: str, content: bytes, data_class: DataClass) -> SummaryMetadata:
    """What TensorBoard learns of a tag besides its values.

    Args:
        plugin: the dashboard's name.
        content: what the dashboard needs to know, serialised.
        data_class: how the default loader should keep the values.

    Returns:
        The message.

    Example:
        >>> metadata("text", b"", DATA_CLASS_TENSOR).plugin_data.plugin_name
        'text'
    """
    plugin_data = SummaryMetadata.PluginData(plugin_name=plugin, content=content)
    return SummaryMetadata(plugin_data=plugin_data, data_class=data_class)


def summary(*values: Summary.Value) -> bytes:
    """A serialised Summary.

    Args:
        values: what it holds.

    Returns:
        The bytes.

    Example:
        >>> summary(Summary.Value(tag="loss", simple_value=0.5)).hex()
        '0a0b0a046c6f7373150000003f'
    """
    encoded: bytes = Summary(value=values).SerializeToString()
    return encoded


def tensor_summary(tag: str, values: object) -> bytes:
    """A Summary of an array, every element as it is, for readers of the file: no stock dashboard draws it.

    Args:
        tag: its name in the run.
        values: numbers of any shape; bfloat16 and float8 become float32.

    Returns:
        The serialised Summary.

    Raises:
        TypeError: these are not real numbers.

    Example:
        >>> Summary.FromString(tensor_summary("weights", [[1.5], [2.5]])).value[0].tensor.tensor_shape.dim[0].size
        2
    """
    return summary(tensor_value(tag, number_tensor(array("add_tensor", tag, values)), "tensor"))
