"""What several distributions share: common shapes, noise, and the two ways to say a probability."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, TypeVar, overload

import numpy as np

from nn import settings
from nn.autograd.grad_mode import enable_grad
from nn.autograd.tape import wrap
from nn.functional.activation import logsigmoid
from nn.tensors.joining import cat
from nn.tensors.random import stream, uniform
from nn.tensors.tensor import Tensor, as_tensor

__all__ = [
    "broadcast_all",
    "clamp_probs",
    "lazy_property",
    "logits_to_probs",
    "probs_to_logits",
    "tril_matrix_to_vec",
    "vec_to_tril_matrix",
]

EULER = 0.5772156649015329
"""Euler's constant, the mean of Gumbel's distribution."""

LOG_2PI = math.log(2 * math.pi)

T = TypeVar("T")


def broadcast_all(*values: Any) -> tuple[Tensor, ...]:
    """Numbers and tensors as floating-point tensors of one shape and one element type.

    Raises:
        ValueError: a value is neither a number nor a tensor.

    Example:
        >>> import nn
        >>> nn.distributions.utils.broadcast_all(nn.zeros(2), 1.0)
        (tensor([0., 0.]), tensor([1., 1.]))
    """
    for v in values:
        if not isinstance(v, Tensor | int | float | np.number):
            raise ValueError(
                f"distributions: parameters must be numbers or tensors, got {type(v).__name__}; use nn.tensor(...)"
            )
    floats = [v.dtype for v in values if isinstance(v, Tensor) and v.dtype.kind == "f"]
    dtype = np.result_type(*floats) if floats else settings.default_dtype  # integers follow the others
    tensors = [v.to(dtype) if isinstance(v, Tensor) else as_tensor(v, dtype=dtype) for v in values]
    shape = np.broadcast_shapes(*(t.shape for t in tensors))
    return tuple(t if t.shape == shape else t.expand(shape) for t in tensors)


class lazy_property:
    """A property that is computed when it is first asked for, and then kept as an attribute of its own name.

    Example:
        >>> import nn
        >>> class Square:
        ...     @nn.distributions.utils.lazy_property
        ...     def area(self):
        ...         return print("computing") or 4
        >>> square = Square()
        >>> square.area, square.area
        computing
        (4, 4)
    """

    def __init__(self, wrapped: Callable[[Any], Any]) -> None:
        self.wrapped = wrapped
        functools.update_wrapper(self, wrapped)  # type: ignore[arg-type]

    @overload
    def __get__(self, instance: None, owner: Any = None) -> lazy_property: ...

    @overload
    def __get__(self, instance: object, owner: Any = None) -> Any: ...

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        if instance is None:
            return self
        with enable_grad():  # for later uses, though the first one may need no gradient
            value = self.wrapped(instance)
        instance.__dict__[self.wrapped.__name__] = value
        return value


def clamp_probs(probs: Tensor) -> Tensor:
    """Probabilities held within [eps, 1 - eps], so that their logarithms are finite; eps is that of the element type.

    Example:
        >>> import nn
        >>> nn.distributions.utils.clamp_probs(nn.tensor([0.0, 0.5]))
        tensor([1.1921e-07, 5.0000e-01])
    """
    eps = float(np.finfo(probs.dtype).eps)
    return probs.clamp(min=eps, max=1 - eps)


def probs_to_logits(probs: Tensor, is_binary: bool = False) -> Tensor:
    """ln p, or ln (p / (1 - p)) of binary probabilities, which are clamped first.

    Example:
        >>> import nn
        >>> nn.distributions.utils.probs_to_logits(nn.tensor([0.5, 0.75]), is_binary=True)
        tensor([0.0000, 1.0986])
    """
    p = clamp_probs(probs)
    return p.log() - (-p).log1p() if is_binary else p.log()


def logits_to_probs(logits: Tensor, is_binary: bool = False) -> Tensor:
    """The softmax along the last axis, or the sigmoid of binary logits.

    Example:
        >>> import nn
        >>> nn.distributions.utils.logits_to_probs(nn.tensor([0.0, 0.0]))
        tensor([0.5000, 0.5000])
    """
    return logits.sigmoid() if is_binary else logits.softmax(-1)


def vec_to_tril_matrix(vec: Tensor, diag: int = 0) -> Tensor:
    """Vectors (..., n) as lower triangular matrices, filled row by row; `diag` is the highest diagonal that is filled.

    Example:
        >>> import nn
        >>> nn.distributions.utils.vec_to_tril_matrix(nn.tensor([1.0, 2.0, 3.0]))
        tensor([[1., 0.],
                [2., 3.]])
    """
    count = vec.shape[-1]
    n = (-(1 + 2 * diag) + math.isqrt((1 + 2 * diag) ** 2 + 8 * count + 4 * abs(diag) * (diag + 1))) // 2
    rows, columns = np.tril_indices(n, diag)
    if len(rows) != count:
        raise ValueError(f"vec_to_tril_matrix: {count} elements fill no lower triangle with diagonal {diag}")
    places = np.full((n, n), count)
    places[rows, columns] = np.arange(count)
    padded = cat([vec, vec.new_zeros(*vec.shape[:-1], 1)], -1)
    return padded[..., places.ravel()].reshape(*vec.shape[:-1], n, n)


def tril_matrix_to_vec(mat: Tensor, diag: int = 0) -> Tensor:
    """The lower triangles of matrices as vectors, row by row: the inverse of `vec_to_tril_matrix`.

    Example:
        >>> import nn
        >>> nn.distributions.utils.tril_matrix_to_vec(nn.tensor([[1.0, 0.0], [2.0, 3.0]]))
        tensor([1., 2., 3.])
    """
    rows, columns = np.tril_indices(mat.shape[-1], diag)
    return mat[..., rows, columns]


# -- noise: tensors without history, from the global generator --------------------------------------------------------
def normal_noise(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Standard normal numbers."""
    return wrap(np.asarray(stream(None).standard_normal(shape)).astype(like.dtype))


def exponential_noise(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Numbers of the exponential distribution with mean 1, none of them 0."""
    return wrap(above_zero(stream(None).standard_exponential(shape), like.dtype))


def unit_noise(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Uniform numbers in [0, 1)."""
    return wrap(uniform(shape, like.dtype, None))


def uniform_noise(shape: tuple[int, ...], like: Tensor) -> Tensor:
    """Uniform numbers in (0, 1): neither end is met, where logarithms are infinite."""
    return wrap(above_zero(uniform(shape, like.dtype, None), like.dtype))


def gamma_noise(concentration: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Numbers of the gamma distribution with rate 1, none of them 0."""
    return wrap(above_zero(stream(None).standard_gamma(concentration.detach().numpy(), shape), concentration.dtype))


def above_zero(values: Any, dtype: Any) -> Any:
    """Values of at least the smallest normal number of a type."""
    return np.maximum(values, np.finfo(dtype).tiny).astype(dtype)


def off_the_ends(probs: Tensor) -> Tensor:
    """Numbers in [0, 1] moved off 0 and 1, where densities and logarithms may be infinite."""
    limits = np.finfo(probs.dtype)
    return probs.clamp(min=float(limits.tiny), max=1 - float(limits.epsneg))


# -- functions --------------------------------------------------------------------------------------------------------
def softplus(x: Tensor) -> Tensor:
    """ln(1 + e^x)."""
    return -logsigmoid(-x)


def counts(value: Tensor, like: Tensor) -> Tensor:
    """Integers as numbers of the type of a parameter: their logarithms must not be of less."""
    return value if value.dtype.kind == "f" else value.to(like.dtype)


def lbeta(a: Tensor, b: Tensor) -> Tensor:
    """ln B(a, b) = ln Gamma(a) + ln Gamma(b) - ln Gamma(a + b)."""
    return a.lgamma() + b.lgamma() - (a + b).lgamma()


def sum_rightmost(value: Tensor, count: int) -> Tensor:
    """The sum over the last `count` axes."""
    return value.sum(tuple(range(-count, 0))) if count else value
