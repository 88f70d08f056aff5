"""Scalars and time series: numbers that say how to title their chart, or that are stored as tensors.

Plain numbers have a faster way: `tbwriter.messages.encode`.
"""

import numpy as np

from tbwriter.messages.summary_pb2 import DATA_CLASS_SCALAR, Summary
from tbwriter.messages.tensor_pb2 import DT_FLOAT, TensorProto, TensorShapeProto
from tbwriter.summaries.tensor import metadata, summary


def titled_scalar(
    tag: str,
    number: float,
    display_name: str = "",
    description: str = "",
    as_tensor: bool = False,
    double_precision: bool = False,
) -> bytes:
    """A Summary of one scalar with all that there is to say about it.

    TensorBoard's default loader shows no tag that holds a tensor of float64. So a tensor is always one of float32; its
    field for doubles, which TensorBoard does not read then, keeps all digits.

    Args:
        tag: its name in the run.
        number: stored as float32; what is too large for that becomes infinite.
        display_name: the chart's title instead of the tag.
        description: Markdown, shown beside the title.
        as_tensor: store the number in the style of TensorFlow 2.
        double_precision: store all digits, too, as a tensor.

    Returns:
        The serialised Summary.

    Example:
        >>> Summary.FromString(titled_scalar("acc", 0.5, "Accuracy", "on unseen digits")).value[0].simple_value
        0.5
        >>> tensor = Summary.FromString(titled_scalar("acc", 0.1, double_precision=True)).value[0].tensor
        >>> tensor.float_val[0], tensor.double_val[0]
        (0.10000000149011612, 0.1)
    """
    with np.errstate(over="ignore"):
        single = float(np.float32(number))
    # Without plugin name and data class the default loader drops the titles of a simple_value.
    titled = metadata("scalars", b"", DATA_CLASS_SCALAR)
    titled.display_name, titled.summary_description = display_name, description
    if not as_tensor and not double_precision:
        return summary(Summary.Value(tag=tag, simple_value=single, metadata=titled))
    doubles = [number] if double_precision else []
    tensor = TensorProto(dtype=DT_FLOAT, tensor_shape=TensorShapeProto(), float_val=[single], double_val=doubles)
    return summary(Summary.Value(tag=tag, tensor=tensor, metadata=titled))
