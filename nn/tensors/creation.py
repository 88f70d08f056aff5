"""Make tensors from a shape: constants (`zeros`, `full`), ranges (`arange`, `linspace`), and the like of others."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import DTypeLike

from nn.autograd.mode import constant
from nn.autograd.tape import wrap
from nn.errors import RangeError, ShapeError
from nn.ops.shape import in_rows
from nn.tensors import checks
from nn.tensors.arguments import as_dtype, as_shape, converted, fitting, require_float
from nn.tensors.methods import method
from nn.tensors.place import Place, Shaped, contiguous_format, require_here
from nn.tensors.shape import unsqueeze
from nn.tensors.tensor import Tensor, from_numpy, tensor

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = [
    "arange",
    "empty",
    "empty_like",
    "eye",
    "from_dlpack",
    "frombuffer",
    "full",
    "full_like",
    "linspace",
    "logspace",
    "ones",
    "ones_like",
    "scalar_tensor",
    "vander",
    "zeros",
    "zeros_like",
]

MOST = np.iinfo(np.intp).max // 8
"""Elements of eight bytes that NumPy can count."""

NOWHERE: Mapping[str, Any] = {}
"""No word about the place."""


def made(
    array: Any, dtype: DTypeLike | None, requires_grad: bool, place: Mapping[str, Any] = NOWHERE, caller: str = ""
) -> Tensor:
    """The array as a new tensor of a dtype, the default one for None."""
    if place:
        require_here(place, caller or "a new tensor")
    array = converted(array, as_dtype(dtype))
    if requires_grad:
        require_float(array.dtype, "requires_grad")
    return wrap(array, requires_grad=requires_grad)


def size_of(args: tuple[Any, ...], place: Mapping[str, Any] = NOWHERE) -> tuple[int, ...]:
    """The shape, which may also be among the words for the place; no axis may have a negative length."""
    shape = as_shape((place["size"],) if "size" in place else args)
    if any(n < 0 for n in shape):
        raise RangeError(f"creation: lengths must be 0 or more, got shape {shape}")
    if math.prod(shape) > MOST:
        raise RangeError(f"creation: a tensor of shape {shape} has more elements than memory can hold; make it smaller")
    return shape


def _constant(array: Any, *details: Any) -> Tensor:
    """As `made`, of an array that only numbers went into."""
    return made(constant(np.asarray(array)), *details)


def _order(input: Tensor, place: Mapping[str, Any]) -> Literal["C", "K"]:
    """The order in memory of what is like the input: its own, unless elements of it share memory, or told otherwise."""
    return "C" if 0 in input._array.strides or place.get("memory_format") is contiguous_format else "K"


def zeros(*sizes: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Shaped]) -> Tensor:
    """Zeros of a shape, given as integers or as one tuple.

    Example:
        >>> import nn
        >>> nn.zeros(2, 3).shape, nn.zeros((2,)).dtype
        ((2, 3), dtype('float32'))
    """
    return _constant(np.zeros(size_of(sizes, place), as_dtype(dtype)), dtype, requires_grad, place, "zeros")


def ones(*sizes: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Shaped]) -> Tensor:
    """Ones of a shape, given as integers or as one tuple.

    Example:
        >>> import nn
        >>> nn.ones(2)
        tensor([1., 1.])
    """
    return _constant(np.ones(size_of(sizes, place), as_dtype(dtype)), dtype, requires_grad, place, "ones")


def empty(*sizes: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Shaped]) -> Tensor:
    """A tensor of a shape whose elements are whatever the memory held.

    Example:
        >>> import nn
        >>> nn.empty(2, 3).shape
        (2, 3)
    """
    return _constant(np.empty(size_of(sizes, place), as_dtype(dtype)), dtype, requires_grad, place, "empty")


def full(
    size: Any, fill_value: Any, *, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Place]
) -> Tensor:
    """One number everywhere; a float makes float32, an integer int64.

    Example:
        >>> import nn
        >>> nn.full((2,), 7)
        tensor([7, 7])
    """
    if isinstance(fill_value, Tensor | np.number):  # whose own dtype counts for nothing, as in PyTorch
        fill_value = fill_value.item()
    if dtype is None:
        kind = np.dtype(np.int64) if type(fill_value) is int else np.asarray(fill_value).dtype  # whatever its size
        dtype = None if isinstance(fill_value, float) else kind
    fill_value = fitting(fill_value, as_dtype(dtype), "full", floats=True)
    return _constant(np.full(size_of((size,)), fill_value), dtype, requires_grad, place, "full")


def zeros_like(
    input: Tensor, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Place]
) -> Tensor:
    """Zeros of the shape of `input`, and of its dtype by default.

    Example:
        >>> import nn
        >>> nn.zeros_like(nn.tensor([1, 2]))
        tensor([0, 0])
    """
    array = np.zeros_like(input._array, as_dtype(dtype or input.dtype), _order(input, place))
    return _constant(array, dtype or input.dtype, requires_grad, place, "zeros_like")


def ones_like(
    input: Tensor, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Place]
) -> Tensor:
    """Ones of the shape of `input`, and of its dtype by default.

    Example:
        >>> import nn
        >>> nn.ones_like(nn.tensor([1, 2]))
        tensor([1, 1])
    """
    array = np.ones_like(input._array, as_dtype(dtype or input.dtype), _order(input, place))
    return _constant(array, dtype or input.dtype, requires_grad, place, "ones_like")


def empty_like(
    input: Tensor, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Place]
) -> Tensor:
    """A tensor of the shape of `input`, and by default of its dtype, that holds whatever the memory held.

    Example:
        >>> import nn
        >>> nn.empty_like(nn.tensor([1, 2])).dtype
        dtype('int64')
    """
    array = np.empty_like(input._array, as_dtype(dtype or input.dtype), _order(input, place))
    return _constant(array, dtype or input.dtype, requires_grad, place, "empty_like")


def full_like(
    input: Tensor, fill_value: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Place]
) -> Tensor:
    """One number everywhere, in the shape of `input`, and in its dtype by default.

    Example:
        >>> import nn
        >>> nn.full_like(nn.zeros(2), 3)
        tensor([3., 3.])
    """
    new = full((), fill_value, dtype=dtype or input.dtype)._array
    array = np.full_like(input._array, new, new.dtype, _order(input, place))
    return _constant(array, new.dtype, requires_grad, place, "full_like")


@method
def new_zeros(
    input: Tensor, *sizes: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Shaped]
) -> Tensor:
    """Zeros of another shape, by default in the dtype of `input`.

    Example:
        >>> import nn
        >>> nn.tensor([1, 2]).new_zeros(3)
        tensor([0, 0, 0])
    """
    return zeros(*sizes, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


@method
def new_ones(
    input: Tensor, *sizes: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Shaped]
) -> Tensor:
    """Ones of another shape, by default in the dtype of `input`.

    Example:
        >>> import nn
        >>> nn.tensor([1, 2]).new_ones(3)
        tensor([1, 1, 1])
    """
    return ones(*sizes, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


@method
def new_empty(
    input: Tensor, *sizes: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Shaped]
) -> Tensor:
    """Whatever the memory held, in another shape, by default in the dtype of `input`.

    Example:
        >>> import nn
        >>> nn.tensor([1, 2]).new_empty(3).shape
        (3,)
    """
    return empty(*sizes, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


@method
def new_full(
    input: Tensor,
    size: Any,
    fill_value: Any,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """One number everywhere, in another shape, by default in the dtype of `input`.

    Example:
        >>> import nn
        >>> nn.tensor([1, 2]).new_full((3,), 7)
        tensor([7, 7, 7])
    """
    return full(size, fill_value, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


@method
def new_tensor(
    input: Tensor, data: Any, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Place]
) -> Tensor:
    """A tensor of other data, by default in the dtype of `input`.

    Example:
        >>> import nn
        >>> nn.tensor([1.0]).new_tensor([2, 3])
        tensor([2., 3.])
    """
    return tensor(data, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


def scalar_tensor(
    s: Any, *, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Place]
) -> Tensor:
    """A number as a tensor without axes; without `dtype` it has the default one.

    Raises:
        ShapeError: s has more than one element.

    Example:
        >>> import nn
        >>> nn.scalar_tensor(3)
        tensor(3.)
    """
    array = np.array(s)
    if array.size != 1:
        raise ShapeError(f"scalar_tensor: s must be one number, got shape {array.shape}; use nn.tensor")
    number = fitting(array.reshape(())[()], as_dtype(dtype), "scalar_tensor")
    return _constant(number, dtype, requires_grad, place, "scalar_tensor")


def eye(
    n: int, m: int | None = None, *, dtype: DTypeLike | None = None, requires_grad: bool = False, **place: Unpack[Place]
) -> Tensor:
    """Ones on the diagonal of an (n, m) matrix; m is n by default.

    Example:
        >>> import nn
        >>> nn.eye(2)
        tensor([[1., 0.],
                [0., 1.]])
    """
    rows, columns = size_of((n, n if m is None else m))
    return _constant(np.eye(rows, columns), dtype, requires_grad, place, "eye")


def _number(value: Any) -> Any:
    return value.item() if isinstance(value, Tensor | np.generic) else value


def arange(
    start: Any = 0,
    end: Any = None,
    step: Any = 1,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """`arange(end)`, `arange(start, end)` or `arange(start, end, step)`, without the end; a float makes float32.

    Example:
        >>> import nn
        >>> nn.arange(3), nn.arange(0.0, 1.0, 0.5)
        (tensor([0, 1, 2]), tensor([0.0000, 0.5000]))
    """
    start, end, step = (_number(v) for v in ((0, start, step) if end is None else (start, end, step)))
    if dtype is None:
        dtype = None if any(isinstance(b, float) for b in (start, end, step)) else np.dtype(np.int64)
    if dtype is not None and as_dtype(dtype).kind in "iu":  # whole numbers are counted, as in PyTorch
        start, end, step = int(start), int(end), int(step)
    if step == 0 or (end - start) * step < 0:
        raise RangeError(f"arange: {start} cannot be counted to {end} in steps of {step}; change the sign of the step")
    start, end, step = (
        fitting(number, np.dtype(np.int64), "arange") if isinstance(number, int) else number
        for number in (start, end, step)
    )
    return _constant(np.arange(start, end, step), dtype, requires_grad, place, "arange")


def linspace(
    start: Any,
    end: Any,
    steps: int,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """`steps` numbers at equal distances, from start to end, both included.

    Example:
        >>> import nn
        >>> nn.linspace(0, 1, 3)
        tensor([0.0000, 0.5000, 1.0000])
    """
    return _constant(
        np.linspace(_number(start), _number(end), size_of((steps,))[0]), dtype, requires_grad, place, "linspace"
    )


def logspace(
    start: Any,
    end: Any,
    steps: int,
    base: float = 10.0,
    *,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """base to the power of `steps` numbers at equal distances, from start to end, both included.

    Example:
        >>> import nn
        >>> nn.logspace(0, 2, 3)
        tensor([  1.,  10., 100.])
    """
    exponents = np.linspace(_number(start), _number(end), size_of((steps,))[0])
    return _constant(np.power(float(base), exponents), dtype, requires_grad, place, "logspace")


def vander(x: Tensor, N: int | None = None, increasing: bool = False) -> Tensor:
    """The powers N - 1, ..., 1, 0 of the elements of a vector, as rows (the Vandermonde matrix).

    Args:
        x: the vector.
        N: how many powers; as many as there are elements by default.
        increasing: 0, 1, ..., N - 1 instead.

    Example:
        >>> import nn
        >>> nn.vander(nn.tensor([2, 3]), 3).tolist()
        [[4, 2, 1], [9, 3, 1]]
    """
    if checks.tensor(x, "vander", "x").ndim != 1:
        raise ShapeError(f"vander: expected a vector, x has shape {x.shape}; use ravel()")
    powers = np.arange(len(x) if N is None else size_of((N,))[0])
    result: Tensor = in_rows(unsqueeze(x, 1) ** (powers if increasing else powers[::-1]))
    return result


def frombuffer(
    buffer: Any, *, dtype: DTypeLike, count: int = -1, offset: int = 0, requires_grad: bool = False
) -> Tensor:
    """The bytes of an object as a tensor with one axis; what can be written to is shared, other bytes are copied.

    Args:
        buffer: bytes, a bytearray, an `array.array` ...
        dtype: of the elements.
        count: how many; -1 for all.
        offset: of the first one, in bytes.
        requires_grad: whether backward leaves a gradient in it.

    Example:
        >>> import nn
        >>> nn.frombuffer(bytes([1, 2, 3]), dtype=nn.uint8, offset=1)
        tensor([2, 3], dtype=uint8)
    """
    array = np.frombuffer(buffer, as_dtype(dtype), count, offset)
    made = from_numpy(array if array.flags.writeable else array.copy())
    return made.requires_grad_() if requires_grad else made


def from_dlpack(ext_tensor: Any, *, device: Any = None, copy: bool | None = None) -> Tensor:
    """A tensor that shares the memory of another library's, by DLPack; with `copy` it has its own.

    Example:
        >>> import nn, numpy as np
        >>> nn.from_dlpack(np.ones(2))
        tensor([1., 1.], dtype=float64)
    """
    require_here({"device": device}, "from_dlpack")
    array = np.from_dlpack(ext_tensor)
    if isinstance(ext_tensor, Tensor) and not copy:
        return ext_tensor.detach()  # a view that the tape knows of
    return from_numpy(array if array.flags.writeable and not copy else array.copy())
