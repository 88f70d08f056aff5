"""What PyTorch prints of the node of each op, where one op here is one there: `MmBackward0`."""

from __future__ import annotations

from typing import Any

__all__: list[str] = []

NAMES = {
    "amax": "Max1", "amin": "Min1", "avg_pool": "AvgPool2D0", "cast": "ToCopy0", "clamp": "Clamp1",
    "concatenate": "Cat0", "conv": "Convolution0", "conv_input_backward": "Convolution0", "det": "LinalgDet0",
    "im2col": "Im2Col0", "inv": "LinalgInvEx0", "log1p": "Log1P0", "max_pool": "MaxPool2DWithIndices0",
    "mean_squared_error": "MseLoss0", "narrow": "Slice0", "reshape": "View0",
}  # fmt: skip
BY_AXES = {
    "linear": {1: "View0", 2: "Addmm0"},  # PyTorch flattens the batch, multiplies, and views the result
    "matmul": {1: "Mv0", 2: "Mm0", 3: "UnsafeView0", 4: "UnsafeView0"},
    "mean": {0: "Mean0"},
    "prod": {0: "Prod0"},
    "sum": {0: "Sum0"},
}
"""By the number of axes of the result."""


def of(op: str, axes: int, attributes: dict[str, Any]) -> str:
    """The name of a node that an op has made."""
    name = NAMES.get(op)
    if op in BY_AXES:
        name = BY_AXES[op].get(axes) or ("View0" if op == "linear" else f"{op.capitalize()}1")
    elif op == "getitem":
        name = _indexing(attributes.get("index"))
    if name is None:
        name = "".join(part[:1].upper() + part[1:] for part in op.split("_")) + "0"
    return f"{name[:-1]}Backward{name[-1]}"


def _indexing(index: Any) -> str:
    """PyTorch takes an index apart; the node that is printed is that of its last part."""
    parts = index if isinstance(index, tuple) else (index,)
    if any(part is None for part in parts):
        return "Unsqueeze0"
    if all(isinstance(part, slice | int) or part is Ellipsis for part in parts):
        return "Slice0" if isinstance(parts[-1], slice) else "Select0"
    return "Index0"
