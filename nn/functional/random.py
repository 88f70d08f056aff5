"""Random numbers, from the generator given or from the global one."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from nn.autograd.tape import wrap
from nn.errors import DtypeError, RangeError, ShapeError
from nn.functional import checks
from nn.functional.creation import made, size_of
from nn.kernels.arithmetic import FLOAT
from nn.rng import Generator, default_generator
from nn.tensor import Tensor, as_dtype, method

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


def _stream(generator: Generator | None) -> np.random.Generator:
    return (default_generator if generator is None else generator).numpy


def _float_dtype(dtype: DTypeLike, caller: str) -> np.dtype[Any]:
    """A dtype, which has to be of floats."""
    found = as_dtype(dtype)
    if found.kind != "f":
        raise DtypeError(f"{caller}: only floating-point numbers are drawn, {found} came; use randint for integers")
    return found


def _uniform(shape: tuple[int, ...], dtype: np.dtype[Any], generator: Generator | None) -> Array:
    """Numbers in [0, 1), with the bits that the dtype has."""
    drawn = _stream(generator).random(shape, np.float64 if dtype == np.float64 else np.float32)
    if dtype != np.float16:
        return np.asarray(drawn)
    return np.minimum(drawn, 1 - 2.0**-11).astype(np.float16)  # nothing may be rounded up to 1


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
    return made(_uniform(size_of(size), _float_dtype(dtype, "rand"), generator), dtype, requires_grad)


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
    return made(_stream(generator).standard_normal(size_of(size)), _float_dtype(dtype, "randn"), requires_grad)


def randint(
    low: int,
    high: Any,
    size: Any = None,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike = np.int64,
    requires_grad: bool = False,
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
    return made(_stream(generator).integers(low, high, size_of((size,))), dtype, requires_grad)


def randperm(n: int, *, generator: Generator | None = None, dtype: DTypeLike = np.int64) -> Tensor:
    """The integers from 0 to n - 1 in random order.

    Example:
        >>> import nn
        >>> sorted(nn.randperm(3).tolist())
        [0, 1, 2]
    """
    return made(_stream(generator).permutation(size_of((n,))[0]), dtype, False)


def rand_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Uniform numbers in [0, 1), in the shape of `input`, and in its dtype unless told.

    Example:
        >>> import nn
        >>> nn.rand_like(nn.zeros(2, 3)).shape
        (2, 3)
    """
    return rand(input.shape, generator=generator, dtype=dtype or input.dtype, requires_grad=requires_grad)


def randn_like(
    input: Tensor,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """Normal numbers, in the shape of `input`, and in its dtype unless told.

    Example:
        >>> import nn
        >>> nn.randn_like(nn.zeros(2, 3)).shape
        (2, 3)
    """
    return randn(input.shape, generator=generator, dtype=dtype or input.dtype, requires_grad=requires_grad)


def randint_like(
    input: Tensor,
    low: int,
    high: int | None = None,
    *,
    generator: Generator | None = None,
    dtype: DTypeLike | None = None,
    requires_grad: bool = False,
) -> Tensor:
    """`randint_like(x, high)` or `randint_like(x, low, high)`: integers in [low, high), shaped as `input`.

    Example:
        >>> import nn
        >>> nn.randint_like(nn.zeros(2), 3, 4)
        tensor([3., 3.])
    """
    low, high = (0, low) if high is None else (low, high)
    dtype = dtype or input.dtype
    return randint(low, high, input.shape, generator=generator, dtype=dtype, requires_grad=requires_grad)


def normal(
    mean: Any, std: Any = 1.0, size: Any = None, *, generator: Generator | None = None, dtype: DTypeLike | None = None
) -> Tensor:
    """Normal numbers; mean and std are tensors (broadcast), or numbers with a size.

    Raises:
        RangeError: std is negative; two numbers and no size came.

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
        raise RangeError("normal: of two numbers the size is wanted too; give it")
    if np.any(np.less(arrays[1], 0)):
        raise RangeError(f"normal: std must be 0 or more, {np.min(arrays[1])} came")
    shape = size_of((size,)) if size is not None else np.broadcast_shapes(*(v.shape for v in given))
    dtype = dtype or (np.result_type(*given) if given else FLOAT)
    drawn = _stream(generator).standard_normal(shape)
    return made(drawn * arrays[1] + arrays[0], _float_dtype(dtype, "normal"), False)


@method
def bernoulli(input: Tensor, p: float | None = None, *, generator: Generator | None = None) -> Tensor:
    """1 with the probability that `input` says, else 0; or with probability p everywhere, in the shape of `input`.

    Example:
        >>> import nn
        >>> nn.bernoulli(nn.tensor([0.0, 1.0]))
        tensor([0., 1.])
    """
    chance = checks.floating(input, "bernoulli")._array if p is None else p
    return made(_coins(chance, input.shape, generator, "bernoulli"), input.dtype, False)


def _coins(chance: Any, shape: tuple[int, ...], generator: Generator | None, caller: str) -> Array:
    if not np.all((np.asarray(chance) >= 0) & (np.asarray(chance) <= 1)):
        raise RangeError(f"{caller}: probabilities must be from 0 to 1, others came")
    return _stream(generator).random(shape) < chance


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
        raise ShapeError(f"multinomial: a vector or a matrix is wanted, input has shape {input.shape}; use reshape")
    count = weights.shape[-1]
    if num_samples < 1 or (not replacement and num_samples > count):
        raise RangeError(f"multinomial: from 1 to {count} can be drawn without replacement, {num_samples} is wanted")
    if not np.all(np.isfinite(weights) & (weights >= 0)) or np.any(weights.sum(-1) <= 0):
        raise RangeError("multinomial: weights must be finite, 0 or more, and not all 0; others came")
    stream = _stream(generator)
    rows = weights.reshape(-1, count)
    if replacement:
        heights = stream.random((len(rows), num_samples)) * rows.sum(1, keepdims=True)
        drawn = np.array([_steps(row, h) for row, h in zip(rows, heights, strict=True)], np.int64)
    else:  # the first to arrive, of arrivals at these rates
        with np.errstate(divide="ignore"):
            drawn = np.argsort(stream.standard_exponential(rows.shape) / rows, axis=1, kind="stable")[:, :num_samples]
    return wrap(drawn.reshape(*weights.shape[:-1], num_samples))


def _steps(weights: Array, heights: Array) -> Array:
    """The step of the staircase, each as high as its weight, that each height falls on: never one of no height."""
    stairs = np.cumsum(weights)
    return np.minimum(np.searchsorted(stairs, heights, "right"), np.searchsorted(stairs, stairs[-1], "left"))


def poisson(input: Tensor, generator: Generator | None = None) -> Tensor:
    """Poisson numbers, whose means are the elements of `input`.

    Example:
        >>> import nn
        >>> nn.poisson(nn.zeros(2))
        tensor([0., 0.])
    """
    rates = checks.floating(input, "poisson")._array
    if not np.all(rates >= 0):
        raise RangeError("poisson: rates must be 0 or more, others came")
    return made(_stream(generator).poisson(rates), input.dtype, False)


# -- in place ---------------------------------------------------------------------------------------------------------
def _continuous(self: Tensor, caller: str) -> tuple[int, ...]:
    checks.floating(self, caller)
    return self.shape


def _positive(value: float, caller: str, name: str) -> float:
    if not value > 0:
        raise RangeError(f"{caller}: {name} must be above 0, {value} came")
    return value


@method
def uniform_(self: Tensor, low: float = 0.0, high: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Uniform numbers in [low, high), in place.

    Example:
        >>> import nn
        >>> nn.zeros(2).uniform_(3, 3)
        tensor([3., 3.])
    """
    shape = _continuous(self, "uniform_")
    if low > high:
        raise RangeError(f"uniform_: low must not be above high, {low} and {high} came")
    return self._overwrite("uniform_", ..., _uniform(shape, self.dtype, generator) * (high - low) + low)


@method
def normal_(self: Tensor, mean: float = 0.0, std: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Normal numbers, in place.

    Example:
        >>> import nn
        >>> nn.zeros(2).normal_(1, 0)
        tensor([1., 1.])
    """
    shape = _continuous(self, "normal_")
    if std < 0:
        raise RangeError(f"normal_: std must be 0 or more, {std} came")
    return self._overwrite("normal_", ..., _stream(generator).standard_normal(shape) * std + mean)


@method
def log_normal_(self: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None) -> Tensor:
    """e to the power of normal numbers of this mean and std, in place.

    Example:
        >>> import nn
        >>> bool((nn.zeros(9).log_normal_() > 0).all())
        True
    """
    shape, std = _continuous(self, "log_normal_"), _positive(std, "log_normal_", "std")
    return self._overwrite("log_normal_", ..., _stream(generator).lognormal(mean, std, shape))


@method
def exponential_(self: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Exponential numbers of rate lambd (of mean 1 / lambd), in place.

    Example:
        >>> import nn
        >>> bool((nn.zeros(9).exponential_() >= 0).all())
        True
    """
    shape, rate = _continuous(self, "exponential_"), _positive(lambd, "exponential_", "lambd")
    return self._overwrite("exponential_", ..., _stream(generator).standard_exponential(shape) / rate)


@method
def cauchy_(self: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Cauchy numbers, in place.

    Example:
        >>> import nn
        >>> nn.zeros(2).cauchy_().shape
        (2,)
    """
    shape, sigma = _continuous(self, "cauchy_"), _positive(sigma, "cauchy_", "sigma")
    return self._overwrite("cauchy_", ..., _stream(generator).standard_cauchy(shape) * sigma + median)


@method
def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """1 with probability p (a number, or a tensor that broadcasts), else 0, in place.

    Example:
        >>> import nn
        >>> nn.zeros(2).bernoulli_(1.0)
        tensor([1., 1.])
    """
    chance = p._array if isinstance(p, Tensor) else p
    return self._overwrite("bernoulli_", ..., _coins(chance, self.shape, generator, "bernoulli_"))


@method
def geometric_(self: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """The number of trials up to the first success, each of probability p, in place.

    Example:
        >>> import nn
        >>> bool((nn.zeros(9).geometric_(0.5) >= 1).all())
        True
    """
    if not 0 < p < 1:
        raise RangeError(f"geometric_: p must be between 0 and 1, {p} came")
    return self._overwrite("geometric_", ..., _stream(generator).geometric(p, self.shape))


@method
def random_(self: Tensor, low: int = 0, high: int | None = None, *, generator: Generator | None = None) -> Tensor:
    """`random_()`, `random_(high)` or `random_(low, high)`: integers in [low, high), in place.

    Without bounds: all that the dtype can hold, of floats those up to which every integer can be told apart.

    Example:
        >>> import nn
        >>> nn.zeros(2).random_(3, 4)
        tensor([3., 3.])
    """
    if self.dtype.kind == "f":
        top = 2 ** (np.finfo(self.dtype).nmant + 1)
    else:
        top = 1 if self.dtype == np.bool_ else int(np.iinfo(self.dtype).max)
    if high is None:
        low, high = (0, top + (self.dtype.kind != "f" and top < 2**63 - 1)) if low == 0 else (0, low)
    if low >= high:
        raise RangeError(f"random_: low must be below high, {low} and {high} came")
    if self.dtype.kind != "f" and high - 1 > top:
        raise RangeError(f"random_: {high - 1} is more than {self.dtype} can hold; give a lower bound")
    return self._overwrite("random_", ..., _stream(generator).integers(low, high, self.shape))
