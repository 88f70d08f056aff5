"""What can be asked of a tensor besides its elements: what it is, and how its memory lies."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.ops import shape
from nn.tensors import checks
from nn.tensors.methods import method
from nn.tensors.tensor import Tensor

__all__ = ["is_complex", "is_nonzero", "is_same_size", "is_tensor", "numel"]


def is_tensor(obj: Any) -> bool:
    """Whether an object is a tensor.

    Example:
        >>> import nn
        >>> nn.is_tensor(nn.zeros(1)), nn.is_tensor(1.0)
        (True, False)
    """
    return isinstance(obj, Tensor)


def numel(input: Tensor) -> int:
    """The number of elements.

    Example:
        >>> import nn
        >>> nn.numel(nn.zeros(2, 3))
        6
    """
    return int(checks.tensor(input, "numel")._array.size)


method(numel, "nelement")


@method
def ndimension(input: Tensor) -> int:
    """The number of axes."""
    return input.ndim


@method
def is_nonzero(input: Tensor) -> bool:
    """Whether the one element is not 0.

    Example:
        >>> import nn
        >>> nn.is_nonzero(nn.tensor([0.0]))
        False
    """
    return bool(checks.tensor(input, "is_nonzero"))


@method
def is_complex(input: Tensor) -> bool:
    """Whether the elements are complex numbers, which no tensor here has.

    Example:
        >>> import nn
        >>> nn.is_complex(nn.zeros(2))
        False
    """
    return checks.tensor(input, "is_complex").dtype.kind == "c"


@method
def is_same_size(input: Tensor, other: Tensor) -> bool:
    """Whether two tensors are of one shape.

    Example:
        >>> import nn
        >>> nn.is_same_size(nn.zeros(2), nn.zeros(3))
        False
    """
    return checks.tensor(input, "is_same_size").shape == checks.tensor(other, "is_same_size", "other").shape


@method
def element_size(input: Tensor) -> int:
    """The bytes of one element."""
    return input.itemsize


@method
def stride(input: Tensor, dim: int | None = None) -> Any:
    """How many elements of memory lie between neighbours along each axis, or along one.

    Example:
        >>> import nn
        >>> nn.zeros(2, 3).stride()
        (3, 1)
    """
    steps = tuple(step // input.itemsize for step in input._array.strides)
    return steps if dim is None else steps[shape.axis(dim, input.ndim, "stride")]


@method
def data_ptr(input: Tensor) -> int:
    """The address of the first element: equal for tensors that begin in the same memory."""
    return int(input._array.ctypes.data)


@method
def storage_offset(input: Tensor) -> int:
    """How many elements of the shared memory lie before the first one.

    Example:
        >>> import nn
        >>> nn.zeros(2, 3)[1].storage_offset()
        3
    """
    whole = input._array
    while isinstance(whole.base, np.ndarray):
        whole = whole.base
    return int((input._array.ctypes.data - whole.ctypes.data) // input.itemsize)
