"""Methods that fill a tensor with random numbers, in place: `uniform_`, `normal_`, `random_` and more."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.errors import RangeError
from nn.rng import Generator
from nn.tensors import checks
from nn.tensors.methods import method
from nn.tensors.random import coins, stream, uniform
from nn.tensors.tensor import Tensor

__all__: list[str] = []


def _continuous(self: Tensor, caller: str) -> tuple[int, ...]:
    checks.floating(self, caller)
    return self.shape


def _positive(value: float, caller: str, name: str) -> float:
    if not value > 0:
        raise RangeError(f"{caller}: {name} must be above 0, got {value}")
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
        raise RangeError(f"uniform_: low must not be above high, got {low} and {high}")
    largest = float(np.finfo(self.dtype).max)
    if not (-largest <= low and high - low <= largest and high <= largest):  # so that nan is refused too
        raise RangeError(
            f"uniform_: low, high and their distance must be numbers of {self.dtype}, at most {largest:g}, got {low} "
            f"and {high}"
        )
    return self._overwrite("uniform_", ..., uniform(shape, self.dtype, generator) * (high - low) + low)


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
        raise RangeError(f"normal_: std must be 0 or more, got {std}")
    return self._overwrite("normal_", ..., stream(generator).standard_normal(shape) * std + mean)


@method
def log_normal_(self: Tensor, mean: float = 1.0, std: float = 2.0, *, generator: Generator | None = None) -> Tensor:
    """e to the power of normal numbers of this mean and std, in place.

    Example:
        >>> import nn
        >>> bool((nn.zeros(9).log_normal_() > 0).all())
        True
    """
    shape, std = _continuous(self, "log_normal_"), _positive(std, "log_normal_", "std")
    return self._overwrite("log_normal_", ..., stream(generator).lognormal(mean, std, shape))


@method
def exponential_(self: Tensor, lambd: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Exponential numbers of rate lambd (of mean 1 / lambd), in place.

    Example:
        >>> import nn
        >>> bool((nn.zeros(9).exponential_() >= 0).all())
        True
    """
    shape, rate = _continuous(self, "exponential_"), _positive(lambd, "exponential_", "lambd")
    return self._overwrite("exponential_", ..., stream(generator).standard_exponential(shape) / rate)


@method
def cauchy_(self: Tensor, median: float = 0.0, sigma: float = 1.0, *, generator: Generator | None = None) -> Tensor:
    """Cauchy numbers, in place.

    Example:
        >>> import nn
        >>> nn.zeros(2).cauchy_().shape
        (2,)
    """
    shape, sigma = _continuous(self, "cauchy_"), _positive(sigma, "cauchy_", "sigma")
    return self._overwrite("cauchy_", ..., stream(generator).standard_cauchy(shape) * sigma + median)


@method
def bernoulli_(self: Tensor, p: Any = 0.5, *, generator: Generator | None = None) -> Tensor:
    """1 with probability p (a number, or a tensor that broadcasts), else 0, in place.

    Example:
        >>> import nn
        >>> nn.zeros(2).bernoulli_(1.0)
        tensor([1., 1.])
    """
    chance = p._array if isinstance(p, Tensor) else p
    return self._overwrite("bernoulli_", ..., coins(chance, self.shape, generator, "bernoulli_"))


@method
def geometric_(self: Tensor, p: float, *, generator: Generator | None = None) -> Tensor:
    """The number of trials up to the first success, each of probability p, in place.

    Example:
        >>> import nn
        >>> bool((nn.zeros(9).geometric_(0.5) >= 1).all())
        True
    """
    if not 0 < p < 1:
        raise RangeError(f"geometric_: p must be between 0 and 1, got {p}")
    return self._overwrite("geometric_", ..., stream(generator).geometric(p, self.shape))


@method
def random_(self: Tensor, low: int = 0, high: int | None = None, *, generator: Generator | None = None) -> Tensor:
    """`random_()`, `random_(high)` or `random_(low, high)`: integers in [low, high), in place.

    Without bounds: all that the dtype can hold; for floats, the integers up to which each can be told from the next.

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
        raise RangeError(f"random_: low must be below high, got {low} and {high}")
    if self.dtype.kind != "f" and high - 1 > top:
        raise RangeError(f"random_: {high - 1} is more than {self.dtype} can hold; give a lower bound")
    return self._overwrite("random_", ..., stream(generator).integers(low, high, self.shape))
