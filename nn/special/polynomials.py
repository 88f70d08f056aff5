"""Orthogonal polynomials, by their recurrences."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.ops import arithmetic
from nn.tensors.tensor import Tensor, as_tensor

__all__ = [
    "chebyshev_polynomial_t",
    "chebyshev_polynomial_u",
    "chebyshev_polynomial_v",
    "chebyshev_polynomial_w",
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
    "shifted_chebyshev_polynomial_t",
    "shifted_chebyshev_polynomial_u",
    "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w",
]


def _polynomial(input: Any, n: Any, caller: str, first: Any, step: Any) -> Tensor:
    """p_n(x) from p_0 = 1, p_1 = first(x) and p_(k+1) = step(k, x, p_k, p_(k-1)); 0 for a negative degree.

    The degrees may differ from element to element; the gradient by x is that of the recurrence.
    """
    if not isinstance(input, Tensor) and not isinstance(n, Tensor):
        raise TypeError(f"{caller}: input or n must be a tensor, got {type(input).__name__} and {type(n).__name__}")
    degree = np.trunc(np.asarray(n._array if isinstance(n, Tensor) else n, np.float64))
    x: Any = (
        input
        if isinstance(input, Tensor)
        else as_tensor(np.asarray(input, n.dtype if n.dtype.kind == "f" else np.float32))
    )
    x = x if x.dtype.kind == "f" else x.float()
    x = x.expand(np.broadcast_shapes(x.shape, degree.shape))
    degree = np.broadcast_to(degree, x.shape)
    before, now = x * 0 + 1, first(x)
    result = arithmetic.where(degree == 0, before, arithmetic.where(degree == 1, now, 0.0 * x))
    for k in range(1, int(degree.max(initial=0))):
        before, now = now, step(k, x, now, before)
        result = arithmetic.where(degree == k + 1, now, result)
    value: Tensor = result
    return value


def chebyshev_polynomial_t(input: Any, n: Any) -> Tensor:
    """Chebyshev's polynomial of the first kind, T_n(cos a) = cos(n a).

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.chebyshev_polynomial_t(nn.tensor([0.5, 1.0]), 3)
        tensor([-1.,  1.])
    """
    return _polynomial(input, n, "chebyshev_polynomial_t", lambda x: x, lambda n, x, now, before: 2 * x * now - before)


def shifted_chebyshev_polynomial_t(input: Any, n: Any) -> Tensor:
    """`chebyshev_polynomial_t` of 2 x - 1: for x in [0, 1].

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.shifted_chebyshev_polynomial_t(nn.tensor([0.5, 1.0]), 3)
        tensor([-0.,  1.])
    """
    return chebyshev_polynomial_t(input * 2 - 1, n)


def chebyshev_polynomial_u(input: Any, n: Any) -> Tensor:
    """Chebyshev's polynomial of the second kind, U_n(cos a) = sin((n + 1) a) / sin(a).

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.chebyshev_polynomial_u(nn.tensor([0.5, 1.0]), 3)
        tensor([-1.,  4.])
    """
    return _polynomial(
        input, n, "chebyshev_polynomial_u", lambda x: 2 * x, lambda n, x, now, before: 2 * x * now - before
    )


def shifted_chebyshev_polynomial_u(input: Any, n: Any) -> Tensor:
    """`chebyshev_polynomial_u` of 2 x - 1: for x in [0, 1].

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.shifted_chebyshev_polynomial_u(nn.tensor([0.5, 1.0]), 3)
        tensor([-0.,  4.])
    """
    return chebyshev_polynomial_u(input * 2 - 1, n)


def chebyshev_polynomial_v(input: Any, n: Any) -> Tensor:
    """Chebyshev's polynomial of the third kind, V_n(cos a) = cos((n + 1/2) a) / cos(a / 2).

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.chebyshev_polynomial_v(nn.tensor([0.5, 1.0]), 3)
        tensor([-1.,  1.])
    """
    return _polynomial(
        input, n, "chebyshev_polynomial_v", lambda x: 2 * x - 1, lambda n, x, now, before: 2 * x * now - before
    )


def shifted_chebyshev_polynomial_v(input: Any, n: Any) -> Tensor:
    """`chebyshev_polynomial_v` of 2 x - 1: for x in [0, 1].

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.shifted_chebyshev_polynomial_v(nn.tensor([0.5, 1.0]), 3)
        tensor([1., 1.])
    """
    return chebyshev_polynomial_v(input * 2 - 1, n)


def chebyshev_polynomial_w(input: Any, n: Any) -> Tensor:
    """Chebyshev's polynomial of the fourth kind, W_n(cos a) = sin((n + 1/2) a) / sin(a / 2).

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.chebyshev_polynomial_w(nn.tensor([0.5, 1.0]), 3)
        tensor([-1.,  7.])
    """
    return _polynomial(
        input, n, "chebyshev_polynomial_w", lambda x: 2 * x + 1, lambda n, x, now, before: 2 * x * now - before
    )


def shifted_chebyshev_polynomial_w(input: Any, n: Any) -> Tensor:
    """`chebyshev_polynomial_w` of 2 x - 1: for x in [0, 1].

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.shifted_chebyshev_polynomial_w(nn.tensor([0.5, 1.0]), 3)
        tensor([-1.,  7.])
    """
    return chebyshev_polynomial_w(input * 2 - 1, n)


def hermite_polynomial_h(input: Any, n: Any) -> Tensor:
    """The physicists' Hermite polynomial, of weight e^(-x^2).

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.hermite_polynomial_h(nn.tensor([0.5, 1.0]), 3)
        tensor([-5., -4.])
    """
    return _polynomial(
        input, n, "hermite_polynomial_h", lambda x: 2 * x, lambda n, x, now, before: 2 * x * now - 2 * n * before
    )


def hermite_polynomial_he(input: Any, n: Any) -> Tensor:
    """The probabilists' Hermite polynomial, of weight e^(-x^2 / 2).

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.hermite_polynomial_he(nn.tensor([0.5, 1.0]), 3)
        tensor([-1.3750, -2.0000])
    """
    return _polynomial(input, n, "hermite_polynomial_he", lambda x: x, lambda n, x, now, before: x * now - n * before)


def laguerre_polynomial_l(input: Any, n: Any) -> Tensor:
    """Laguerre's polynomial, of weight e^-x on the positive numbers.

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.laguerre_polynomial_l(nn.tensor([0.5, 1.0]), 3)
        tensor([-0.1458, -0.6667])
    """
    return _polynomial(
        input,
        n,
        "laguerre_polynomial_l",
        lambda x: 1 - x,
        lambda n, x, now, before: ((2 * n + 1 - x) * now - n * before) / (n + 1),
    )


def legendre_polynomial_p(input: Any, n: Any) -> Tensor:
    """Legendre's polynomial, of weight 1 on [-1, 1].

    Args:
        input: x.
        n: the degree, a number or a tensor.

    Example:
        >>> import nn
        >>> nn.special.legendre_polynomial_p(nn.tensor([0.5, 1.0]), 3)
        tensor([-0.4375,  1.0000])
    """
    return _polynomial(
        input,
        n,
        "legendre_polynomial_p",
        lambda x: x,
        lambda n, x, now, before: ((2 * n + 1) * x * now - n * before) / (n + 1),
    )
