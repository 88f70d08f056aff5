"""Element types: tensors of another type, and what types two operands come to."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn import settings
from nn.errors import DtypeError
from nn.kernels import arithmetic as kernels
from nn.ops import arithmetic
from nn.tensors import checks
from nn.tensors.arguments import as_dtype
from nn.tensors.methods import method
from nn.tensors.place import Device, is_device, preserve_format, require_here
from nn.tensors.shape import clone, contiguous
from nn.tensors.tensor import Tensor

__all__ = [
    "can_cast",
    "finfo",
    "iinfo",
    "is_floating_point",
    "is_signed",
    "promote_types",
    "result_type",
]

CATEGORIES = {"b": 0, "u": 1, "i": 1, "f": 2}


def wanted_dtype(wanted: tuple[Any, ...], device: Device, dtype: Any, caller: str) -> np.dtype[Any] | None:
    """The dtype that the arguments of `to` ask for, if any; every device but the CPU is refused."""
    if wanted and (wanted[0] is None or is_device(wanted[0])):
        device, *wanted = wanted  # type: ignore[assignment]
    require_here({"device": device}, caller)
    parts = [part for part in (dtype, *wanted[:1]) if part is not None and not isinstance(part, bool)]
    target = parts[0] if parts else None
    return target.dtype if isinstance(target, Tensor) else None if target is None else as_dtype(target)


@method
def to(
    input: Tensor,
    *wanted: Any,
    device: Device = None,
    dtype: Any = None,
    copy: bool = False,
    non_blocking: bool = False,
    memory_format: Any = None,
) -> Tensor:
    """The tensor in another element type: itself if it has it, unless a copy is asked for.

    Args:
        input: the tensor.
        wanted: a dtype, or a tensor whose dtype is meant; the device "cpu" may come before it.
        device: the device, by name.
        dtype: the dtype, by name.
        copy: always a new tensor.
        non_blocking: nothing here blocks.
        memory_format: the order in memory, see `contiguous`; by default as it is.

    Example:
        >>> import nn
        >>> nn.tensor([1.0]).to(nn.int64), nn.tensor([1]).to(nn.tensor([0.5]))
        (tensor([1]), tensor([1.]))
    """
    target = wanted_dtype(wanted, device, dtype, "to")
    if target is not None and input.dtype != target:
        input, copy = arithmetic.cast(input, dtype=target), False
    if copy:
        return clone(input, memory_format=memory_format)
    return input if memory_format in (None, preserve_format) else contiguous(input, memory_format)


@method
def type(input: Tensor, dtype: DTypeLike) -> Tensor:
    """As `to`."""
    return to(input, dtype)


@method
def type_as(input: Tensor, other: Tensor) -> Tensor:
    """In the element type of another tensor.

    Example:
        >>> import nn
        >>> nn.tensor([1.5]).type_as(nn.tensor([0]))
        tensor([1])
    """
    return to(input, checks.tensor(other, "type_as", "other"))


@method
def cpu(input: Tensor, memory_format: Any = None) -> Tensor:
    """The tensor itself: it is there already."""
    return input


@method
def cuda(input: Tensor, device: Device = "cuda", non_blocking: bool = False) -> Tensor:
    """Refused: there is no device but the CPU."""
    return to(input, "cuda" if device is None else device)


@method
def pin_memory(input: Tensor, device: Device = None) -> Tensor:
    """The tensor itself: memory is not pinned on a CPU."""
    return input


def _declare(name: str, dtype: Any) -> None:
    def convert(input: Tensor, memory_format: Any = None) -> Tensor:
        return to(input, dtype, memory_format=memory_format)

    convert.__name__, convert.__doc__ = name, f"As {np.dtype(dtype)}."
    method(convert)


for _name, _dtype in {
    "half": np.float16, "float": np.float32, "double": np.float64, "char": np.int8, "short": np.int16, "int": np.int32,
    "long": np.int64, "byte": np.uint8, "bool": np.bool_,
}.items():  # fmt: skip
    _declare(_name, _dtype)


@method
def is_floating_point(input: Tensor) -> bool:
    """Whether the elements are floating-point numbers.

    Example:
        >>> import nn
        >>> nn.is_floating_point(nn.tensor([1.0])), nn.is_floating_point(nn.tensor([1]))
        (True, False)
    """
    return checks.tensor(input, "is_floating_point").dtype.kind == "f"


@method
def is_signed(input: Tensor) -> bool:
    """Whether the element type has negative numbers.

    Example:
        >>> import nn
        >>> nn.is_signed(nn.tensor([1], dtype=nn.uint8))
        False
    """
    return input.dtype.kind in "fi"


def result_type(tensor1: Any, tensor2: Any) -> np.dtype[Any]:
    """The element type of what two operands, tensors or numbers, are computed to.

    Example:
        >>> import nn
        >>> nn.result_type(nn.tensor([1, 2]), 1.5)
        dtype('float32')
    """
    x, other = (v._array if isinstance(v, Tensor) else v for v in (tensor1, tensor2))
    if isinstance(x, np.ndarray) and isinstance(other, np.ndarray):
        return kernels.result_type(x, other)
    if not isinstance(x, np.ndarray) and not isinstance(other, np.ndarray):
        return (
            settings.default_dtype if isinstance(x + other, float) else np.result_type(np.asarray(x), np.asarray(other))
        )
    array, number = (x, other) if isinstance(x, np.ndarray) else (other, x)
    number = number.item() if isinstance(number, np.generic) else number
    return kernels.promote(np.empty((0,), array.dtype), number)[0].dtype


def promote_types(type1: DTypeLike, type2: DTypeLike) -> np.dtype[Any]:
    """The smallest type that both can be promoted to; an integer never widens a float.

    Example:
        >>> import nn
        >>> nn.promote_types(nn.int64, nn.float16)
        dtype('float16')
    """
    return kernels.result_type(np.empty(0, as_dtype(type1)), np.empty(0, as_dtype(type2)))


def can_cast(from_: DTypeLike, to: DTypeLike) -> bool:
    """Whether an in-place operation may put results of one type into a tensor of the other: bool < integer < float.

    Example:
        >>> import nn
        >>> nn.can_cast(nn.float32, nn.int64), nn.can_cast(nn.float64, nn.float16)
        (False, True)
    """
    return CATEGORIES[as_dtype(from_).kind] <= CATEGORIES[as_dtype(to).kind]


class finfo:
    """The limits of a floating-point type, as Python numbers.

    Attributes:
        bits, dtype: its size and its name.
        min, max: the least and the largest finite number.
        eps: the distance from 1 to the next number.
        tiny, smallest_normal: the smallest positive number of full precision.
        resolution: 10 to the power of minus the decimal digits that can be relied on.

    Example:
        >>> import nn
        >>> nn.finfo(nn.float32).eps == 2**-23
        True
    """

    def __init__(self, dtype: DTypeLike | None = None) -> None:
        if as_dtype(dtype).kind != "f":
            raise DtypeError(f"finfo: expected a floating-point type, got {as_dtype(dtype)}; use iinfo")
        found = np.finfo(as_dtype(dtype))
        self.dtype, self.bits = str(found.dtype), found.bits
        self.min, self.max, self.eps = float(found.min), float(found.max), float(found.eps)
        self.tiny = self.smallest_normal = float(found.tiny)
        self.resolution = float(f"1e-{found.precision}")

    def __repr__(self) -> str:
        limits = f"min={self.min:g}, max={self.max:g}, eps={self.eps:g}"
        return f"finfo(resolution={self.resolution}, {limits}, dtype={self.dtype})"


class iinfo:
    """The limits of an integer type, as Python numbers.

    Attributes:
        bits, dtype: its size and its name.
        min, max: the least and the largest number.

    Example:
        >>> import nn
        >>> nn.iinfo(nn.int8)
        iinfo(min=-128, max=127, dtype=int8)
    """

    def __init__(self, dtype: DTypeLike) -> None:
        if as_dtype(dtype).kind not in "iu":
            raise DtypeError(f"iinfo: expected an integer type, got {as_dtype(dtype)}; use finfo")
        found = np.iinfo(as_dtype(dtype))
        self.dtype, self.bits, self.min, self.max = str(found.dtype), found.bits, int(found.min), int(found.max)

    def __repr__(self) -> str:
        return f"iinfo(min={self.min}, max={self.max}, dtype={self.dtype})"
