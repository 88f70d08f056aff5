"""The `.safetensors` format, in which PyTorch and others exchange weights; for `nn.save` and `nn.load`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from nn.errors import CheckpointError
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["SUFFIX", "decoded", "encoded"]

SUFFIX = ".safetensors"
DTYPES = {
    **{f"F{bits}": f"<f{bits // 8}" for bits in (16, 32, 64)},
    **{f"I{bits}": f"<i{bits // 8}" for bits in (16, 32, 64)},
    **{f"U{bits}": f"<u{bits // 8}" for bits in (16, 32, 64)},
    "I8": "|i1",
    "U8": "|u1",
    "BOOL": "|b1",
    "BF16": "<u2",
}
"""The file's names for dtypes as NumPy's; bfloat16 is the upper half of a float32."""

WRITTEN = {np.dtype(dtype) for dtype in DTYPES.values()}


def encoded(obj: Any) -> bytes:
    """The file that holds a flat dict of tensors or arrays by name."""
    if not isinstance(obj, Mapping):
        raise TypeError(
            f"save: a {SUFFIX} file holds a dict of tensors by name, got {type(obj).__name__}; "
            "give model.state_dict(), or another suffix"
        )
    arrays = {name: _array(name, value) for name, value in obj.items()}
    return bytes(_library().numpy.save(arrays, metadata={"format": "pt"}))  # names and layouts are PyTorch's


def _array(name: Any, value: Any) -> Any:
    array = value.detach().numpy() if isinstance(value, Tensor) else value
    known = isinstance(array, np.ndarray) and array.dtype.newbyteorder("<") in WRITTEN
    if not isinstance(name, str) or not known:
        kind = f"an array of {array.dtype}" if isinstance(array, np.ndarray) else type(value).__name__
        raise TypeError(
            f"save: a {SUFFIX} file holds tensors of real numbers by name, got {kind} for {name!r}; "
            "leave it out, or give another suffix"
        )
    return np.asarray(array, array.dtype.newbyteorder("<"), order="C")


def decoded(data: bytes, path: str) -> dict[str, Tensor]:
    """The tensors in a file, by name."""
    tensors = {}
    for name, entry in _library().deserialize(data):
        if entry["dtype"] not in DTYPES:
            raise CheckpointError(path, f"{name} has dtype {entry['dtype']}, which NumPy lacks; convert it first")
        array = np.frombuffer(bytearray(entry["data"]), DTYPES[entry["dtype"]]).reshape(entry["shape"])
        if entry["dtype"] == "BF16":
            array = (array.astype(np.uint32) << 16).view(np.float32)
        tensors[name] = from_numpy(array)
    return tensors


def _library() -> Any:
    try:
        import safetensors.numpy
    except ImportError:
        message = f"save, load: {SUFFIX} files need a library of that name; pip install 'fromzero[safetensors]'"
        raise ImportError(message) from None
    return safetensors
