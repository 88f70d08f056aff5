"""Tensors made from a shape: constants, ranges and random numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn.autograd.tape import wrap
from nn.errors import RangeError
from nn.kernels.arithmetic import FLOAT
from nn.rng import Generator, default_generator
from nn.tensor import Tensor, as_dtype, as_shape, require_float

__all__ = [
    "arange",
    "empty",
    "eye",
    "full",
    "full_like",
    "linspace",
    "ones",
    "ones_like",
    "rand",
    "randint",
    "randn",
    "randperm",
    "zeros",
    "zeros_like",
]


def _made(array: Any, dtype: DTypeLike, requires_grad: bool) -> Tensor:
    array = np.asarray(array).astype(as_dtype(dtype), copy=False)
    if requires_grad:
        require_float(array.dtype, "requires_grad")
    return wrap(array, requires_grad=requires_grad)


def _size(args: tuple[Any, ...]) -> tuple[int, ...]:
    """The shape; no axis may have a negative length."""
    shape = as_shape(args)
    if any(n < 0 for n in shape):
        raise RangeError(f"creation: lengths must be 0 or more, shape {shape} came")
    return shape


def zeros(*size: Any, dtype: DTypeLike = FLOAT, requires_grad: bool = False) -> Tensor:
    """Zeros of a shape, given as integers or as one tuple.

    Example:
        >>> import nn
        >>> nn.zeros(2, 3).shape, nn.zeros((2,)).dtype
        ((2, 3), dtype('float32'))
    """
    return _made(np.zeros(_size(size), as_dtype(dtype)), dtype, requires_grad)


def ones(*size: Any, dtype: DTypeLike = FLOAT, requires_grad: bool = False) -> Tensor:
    """Ones of a shape, given as integers or as one tuple.

    Example:
        >>> import nn
        >>> nn.ones(2)
        tensor([1., 1.])
    """
    return _made(np.ones(_size(size), as_dtype(dtype)), dtype, requires_grad)


def empty(*size: Any, dtype: DTypeLike = FLOAT, requires_grad: bool = False) -> Tensor:
    """A tensor of a shape whose elements are whatever the memory held.

    Example:
        >>> import nn
        >>> nn.empty(2, 3).shape
        (2, 3)
    """
    return _made(np.empty(_size(size), as_dtype(dtype)), dtype, requires_grad)


def full(size: Any, fill_value: Any, *, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """One number everywhere; a float makes float32, an integer int64.

    Example:
        >>> import nn
        >>> nn.full((2,), 7)
        tensor([7, 7])
    """
    if dtype is None:
        dtype = FLOAT if isinstance(fill_value, float) else np.asarray(fill_value).dtype
    return _made(np.full(_size((size,)), fill_value, dtype), dtype, requires_grad)


def zeros_like(input: Tensor, dtype: DTypeLike | None = None) -> Tensor:
    """Zeros of the shape of `input`, and of its dtype unless told.

    Example:
        >>> import nn
        >>> nn.zeros_like(nn.tensor([1, 2]))
        tensor([0, 0])
    """
    return zeros(input.shape, dtype=dtype or input.dtype)


def ones_like(input: Tensor, dtype: DTypeLike | None = None) -> Tensor:
    """Ones of the shape of `input`, and of its dtype unless told.

    Example:
        >>> import nn
        >>> nn.ones_like(nn.tensor([1, 2]))
        tensor([1, 1])
    """
    return ones(input.shape, dtype=dtype or input.dtype)


def full_like(input: Tensor, fill_value: Any, dtype: DTypeLike | None = None) -> Tensor:
    """One number everywhere, in the shape of `input`, and in its dtype unless told.

    Example:
        >>> import nn
        >>> nn.full_like(nn.zeros(2), 3)
        tensor([3., 3.])
    """
    return full(input.shape, fill_value, dtype=dtype or input.dtype)


def eye(n: int, m: int | None = None, *, dtype: DTypeLike = FLOAT, requires_grad: bool = False) -> Tensor:
    """Ones on the diagonal of an (n, m) matrix; m is n by default.

    Example:
        >>> import nn
        >>> nn.eye(2)
        tensor([[1., 0.],
                [0., 1.]])
    """
    return _made(np.eye(n, m), dtype, requires_grad)


def arange(*bounds: Any, dtype: DTypeLike | None = None, requires_grad: bool = False) -> Tensor:
    """`arange(end)`, `arange(start, end)` or `arange(start, end, step)`, without the end; a float makes float32.

    Example:
        >>> import nn
        >>> nn.arange(3), nn.arange(0.0, 1.0, 0.5)
        (tensor([0, 1, 2]), tensor([0.0000, 0.5000]))
    """
    if dtype is None:
        dtype = FLOAT if any(isinstance(b, float) for b in bounds) else np.dtype(np.int64)
    start, end, step = (0, *bounds, 1) if len(bounds) == 1 else (*bounds, 1)[:3]
    if step == 0 or (end - start) * step < 0:
        raise RangeError(f"arange: {start} cannot be counted to {end} in steps of {step}; change the sign of the step")
    return _made(np.arange(start, end, step), dtype, requires_grad)


def linspace(start: float, end: float, steps: int, *, dtype: DTypeLike = FLOAT, requires_grad: bool = False) -> Tensor:
    """`steps` numbers at equal distances, from start to end, both included.

    Example:
        >>> import nn
        >>> nn.linspace(0, 1, 3)
        tensor([0.0000, 0.5000, 1.0000])
    """
    return _made(np.linspace(start, end, _size((steps,))[0]), dtype, requires_grad)


def rand(
    *size: Any, generator: Generator | None = None, dtype: DTypeLike = FLOAT, requires_grad: bool = False
) -> Tensor:
    """Uniform numbers in [0, 1).

    Example:
        >>> import nn
        >>> x = nn.rand(1000)
        >>> bool((x >= 0).all()) and bool((x < 1).all())
        True
    """
    return _made((generator or default_generator).numpy.random(_size(size), FLOAT), dtype, requires_grad)


def randn(
    *size: Any, generator: Generator | None = None, dtype: DTypeLike = FLOAT, requires_grad: bool = False
) -> Tensor:
    """Normal numbers of mean 0 and variance 1.

    Example:
        >>> import nn
        >>> _ = nn.manual_seed(0)
        >>> nn.randn(2, 3).shape
        (2, 3)
    """
    return _made((generator or default_generator).numpy.standard_normal(_size(size)), dtype, requires_grad)


def randint(
    low: int, high: Any, size: Any = None, *, generator: Generator | None = None, dtype: DTypeLike = np.int64
) -> Tensor:
    """`randint(high, size)` or `randint(low, high, size)`: integers in [low, high), from 0 unless told.

    Raises:
        RangeError: there is no integer in [low, high).

    Example:
        >>> import nn
        >>> nn.randint(3, 4, (2,))
        tensor([3, 3])
        >>> nn.randint(1, (2,))
        tensor([0, 0])
    """
    if size is None:
        low, high, size = 0, low, high
    if low >= high:
        raise RangeError(f"randint: low must be below high, {low} and {high} came")
    return _made((generator or default_generator).numpy.integers(low, high, _size((size,))), dtype, False)


def randperm(n: int, *, generator: Generator | None = None) -> Tensor:
    """The integers from 0 to n - 1 in random order.

    Example:
        >>> import nn
        >>> sorted(nn.randperm(3).tolist())
        [0, 1, 2]
    """
    return _made((generator or default_generator).numpy.permutation(n), np.int64, False)
