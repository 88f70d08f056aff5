"""Draw random numbers, from the generator that is given or from the global one: `rand`, `randn`, `randint` and more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nn.autograd.mode import outside
from nn.autograd.tape import wrap
from nn.errors import DtypeError, RangeError, ShapeError
from nn.rng import Generator, default_generator
from nn.tensors import checks
from nn.tensors.arguments import as_dtype, fitting
from nn.tensors.creation import made, size_of
from nn.tensors.methods import method
from nn.tensors.place import Place, Shaped
from nn.tensors.tensor import Tensor

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = [
    "bernoulli",
    "multinomial",
    "normal",
    "poisson",
    "rand",
    "rand_like",
    "randint",
    "randint_like",
    "randn",
    "randn_like",
    "randperm",
]

Array = NDArray[Any]


def stream(generator: Generator | None) -> np.random.Generator:
    return (default_generator if generator is None else generator).numpy


def drawn(generator: Generator | None, name: str, *args: Any, **named: Any) -> Any:
    """What the generator's method of this name draws; a captured step draws again at each replay."""
    return outside(_draw, default_generator if generator is None else generator, name, *args, **named)


def _draw(generator: Generator, name: str, *args: Any, **named: Any) -> Any:
    return getattr(generator.numpy, name)(*args, **named)


def _float_dtype(dtype: DTypeLike | None, caller: str) -> np.dtype[Any]:
    """A dtype, which has to be of floats."""
    found = as_dtype(dtype)
    if found.kind != "f":
        raise DtypeError(f"{caller}: only floating-point numbers are drawn, got {found}; use randint for integers")
    return found


def uniform(shape: tuple[int, ...], dtype: np.dtype[Any], generator: Generator | None) -> Array:
    """Numbers in [0, 1), with the bits that the dtype has."""
    numbers = drawn(generator, "random", shape, np.float64 if dtype == np.float64 else np.float32)
    if dtype != np.float16:
        return np.asarray(numbers)
    return np.minimum(numbers, 1 - 2.0**-11).astype(np.float16)  # nothing may be rounded up to 1


def rand(
    *sizes: Any,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Shaped],
) -> Tensor:
    """Uniform numbers in [0, 1).

    Example:
        >>> import nn
        >>> x = nn.rand(1000)
        >>> bool((x >= 0).all()) and bool((x < 1).all())
        True
    """
    return made(
        uniform(size_of(sizes, place), _float_dtype(dtype, "rand"), generator), dtype, requires_grad, place, "rand"
    )


def randn(
    *sizes: Any,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Shaped],
) -> Tensor:
    """Normal numbers of mean 0 and variance 1.

    Example:
        >>> import nn
        >>> _ = nn.manual_seed(0)
        >>> nn.randn(2, 3).shape
        (2, 3)
    """
    numbers = drawn(generator, "standard_normal", size_of(sizes, place))
    return made(numbers, _float_dtype(dtype, "randn"), requires_grad, place, "randn")


def randint(
    low: Any = 0,
    high: Any = None,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike | None = np.int64,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """`randint(high, size)` or `randint(low, high, size)`: integers in [low, high); `low` is 0 by default.

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
    elif high is None:
        low, high = 0, low
    low, high = (bound.item() if isinstance(bound, Tensor) else bound for bound in (low, high))
    if low >= high:
        raise RangeError(f"randint: low must be below high, got {low} and {high}")
    for number in low, high - 1:
        fitting(number, np.dtype(np.int64), "randint")
    return made(
        drawn(generator, "integers", low, high, size_of((size,))), dtype or np.int64, requires_grad, place, "randint"
    )


def randperm(
    n: int,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike | None = np.int64,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """The integers from 0 to n - 1 in random order.

    Example:
        >>> import nn
        >>> sorted(nn.randperm(3).tolist())
        [0, 1, 2]
    """
    return made(drawn(generator, "permutation", size_of((n,))[0]), dtype or np.int64, requires_grad, place, "randperm")


def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """Uniform numbers in [0, 1), in the shape of `input`, and by default in its dtype.

    Example:
        >>> import nn
        >>> nn.rand_like(nn.zeros(2, 3)).shape
        (2, 3)
    """
    return rand(input.shape, generator=generator, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """Normal numbers, in the shape of `input`, and by default in its dtype.

    Example:
        >>> import nn
        >>> nn.randn_like(nn.zeros(2, 3)).shape
        (2, 3)
    """
    return randn(input.shape, generator=generator, dtype=dtype or input.dtype, requires_grad=requires_grad, **place)


def randint_like(
    input: Tensor,
    low: int,
    high: int | None = None,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """`randint_like(x, high)` or `randint_like(x, low, high)`: integers in [low, high), shaped as `input`.

    Example:
        >>> import nn
        >>> nn.randint_like(nn.zeros(2), 3, 4)
        tensor([3., 3.])
    """
    low, high = (0, low) if high is None else (low, high)
    dtype = dtype or input.dtype
    return randint(low, high, input.shape, generator=generator, dtype=dtype, requires_grad=requires_grad, **place)


def normal(
    mean: Any = 0.0,
    std: Any = 1.0,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
    **place: Unpack[Place],
) -> Tensor:
    """Normal numbers; mean and std are tensors (broadcast), or numbers with a size.

    Raises:
        RangeError: std is negative; mean and std are two numbers and size is None.

    Example:
        >>> import nn
        >>> nn.normal(nn.tensor([1.0, 2.0]), 0.0)
        tensor([1., 2.])
        >>> nn.normal(0.0, 1.0, (2, 3)).shape
        (2, 3)
    """
    arrays = [v._array if isinstance(v, Tensor) else v for v in (mean, std)]
    given = [v for v in arrays if isinstance(v, np.ndarray)]
    if size is None and not given:
        raise RangeError("normal: expected a size with two numbers, got None; give it")
    if np.any(np.less(arrays[1], 0)):
        raise RangeError(f"normal: std must be 0 or more, got {np.min(arrays[1])}")
    shape = size_of((size,)) if size is not None else np.broadcast_shapes(*(v.shape for v in given))
    dtype = dtype or (np.result_type(*given) if given else None)
    numbers = stream(generator).standard_normal(shape)
    return made(numbers * arrays[1] + arrays[0], _float_dtype(dtype, "normal"), requires_grad, place, "normal")


@method
def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that `input` says, else 0; or with probability p everywhere, in the shape of `input`.

    Example:
        >>> import nn
        >>> nn.bernoulli(nn.tensor([0.0, 1.0]))
        tensor([0., 1.])
    """
    chance = checks.floating(input, "bernoulli")._array if p is None else p
    return made(coins(chance, input.shape, generator, "bernoulli"), input.dtype, False)


def coins(chance: Any, shape: tuple[int, ...], generator: Generator | None, caller: str) -> Array:
    if not np.all((np.asarray(chance) >= 0) & (np.asarray(chance) <= 1)):
        raise RangeError(f"{caller}: probabilities must be from 0 to 1, got one outside")
    return stream(generator).random(shape) < chance


@method
def multinomial(
    input: Tensor, num_samples: int, replacement: bool = False, *, generator: Generator | None = None
) -> Tensor:
    """Indices drawn with the weights in each row of `input`, which need not add up to 1.

    Args:
        input: a vector or a matrix of weights of 0 or more.
        num_samples: how many to draw from each row.
        replacement: whether an index can be drawn twice.

    Shape:
        (C) -> (num_samples); (N, C) -> (N, num_samples)

    Raises:
        RangeError: a weight is negative, infinite or nan; all are 0; more are drawn than there are.

    Example:
        >>> import nn
        >>> nn.multinomial(nn.tensor([0.0, 3.0]), 4, replacement=True)
        tensor([1, 1, 1, 1])
    """
    weights = checks.floating(input, "multinomial")._array.astype(np.float64)
    if weights.ndim not in (1, 2):
        raise ShapeError(f"multinomial: expected a vector or a matrix, input has shape {input.shape}; use reshape")
    count = weights.shape[-1]
    if num_samples < 1 or (not replacement and num_samples > count):
        raise RangeError(f"multinomial: num_samples must be from 1 to {count} without replacement, got {num_samples}")
    if not np.all(np.isfinite(weights) & (weights >= 0)) or np.any(weights.sum(-1) <= 0):
        raise RangeError("multinomial: weights must be finite, 0 or more, and not all 0; got weights that are not")
    draws = stream(generator)
    rows = weights.reshape(-1, count)
    if replacement:
        heights = draws.random((len(rows), num_samples)) * rows.sum(1, keepdims=True)
        drawn = _steps(rows, heights)
    else:  # the first to arrive, of arrivals at these rates
        with np.errstate(divide="ignore"):
            drawn = np.argsort(draws.standard_exponential(rows.shape) / rows, axis=1, kind="stable")[:, :num_samples]
    return wrap(drawn.reshape(*weights.shape[:-1], num_samples))


def _steps(weights: Array, heights: Array) -> Array:
    """In each row the step of the staircase, each as high as its weight, that each height falls on.

    It is never one of no height: what rounding puts beyond the top falls on the last step that leads there.
    """
    stairs = np.cumsum(weights, axis=1)
    drawn = np.array([row.searchsorted(h, "right") for row, h in zip(stairs, heights, strict=True)], np.int64)
    beyond = drawn == stairs.shape[1]
    return np.where(beyond, (stairs < stairs[:, -1:]).sum(1, keepdims=True), drawn) if beyond.any() else drawn


def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Poisson numbers, whose means are the elements of `input`.

    Example:
        >>> import nn
        >>> nn.poisson(nn.zeros(2))
        tensor([0., 0.])
    """
    rates = checks.floating(input, "poisson")._array
    if not np.all(rates >= 0):
        raise RangeError(f"poisson: rates must be 0 or more, got {rates.min()}")
    return made(stream(generator).poisson(rates), input.dtype, False)
