"""Special functions, with the names of `torch.special`.

References:
    Abramowitz and Stegun, Handbook of Mathematical Functions, 1964: chapters 6 (gamma), 7 (error function), 9 (Bessel).
    Shepherd and Laframboise, Chebyshev Approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < oo, 1981.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.kernels import bessel_functions
from nn.ops import arithmetic
from nn.ops import special as ops
from nn.tensors import checks
from nn.tensors.activation import sigmoid
from nn.tensors.exponential import exp2, expm1, log1p
from nn.tensors.reduction import logsumexp
from nn.tensors.rounding import round
from nn.tensors.softmax import log_softmax, softmax
from nn.tensors.special import (
    digamma,
    erf,
    erfc,
    erfinv,
    i0,
    igamma,
    igammac,
    lgamma,
    logit,
    mvlgamma,
    polygamma,
    sinc,
    xlogy,
)
from nn.tensors.tensor import Tensor, as_tensor

__all__ = [
    "airy_ai",
    "bessel_j0",
    "bessel_j1",
    "bessel_y0",
    "bessel_y1",
    "chebyshev_polynomial_t",
    "chebyshev_polynomial_u",
    "chebyshev_polynomial_v",
    "chebyshev_polynomial_w",
    "digamma",
    "entr",
    "erf",
    "erfc",
    "erfcx",
    "erfinv",
    "exp2",
    "expit",
    "expm1",
    "gammainc",
    "gammaincc",
    "gammaln",
    "hermite_polynomial_h",
    "hermite_polynomial_he",
    "i0",
    "i0e",
    "i1",
    "i1e",
    "laguerre_polynomial_l",
    "legendre_polynomial_p",
    "log1p",
    "log_ndtr",
    "log_softmax",
    "logit",
    "logsumexp",
    "modified_bessel_i0",
    "modified_bessel_i1",
    "modified_bessel_k0",
    "modified_bessel_k1",
    "multigammaln",
    "ndtr",
    "ndtri",
    "polygamma",
    "psi",
    "round",
    "scaled_modified_bessel_k0",
    "scaled_modified_bessel_k1",
    "shifted_chebyshev_polynomial_t",
    "shifted_chebyshev_polynomial_u",
    "shifted_chebyshev_polynomial_v",
    "shifted_chebyshev_polynomial_w",
    "sinc",
    "softmax",
    "spherical_bessel_j0",
    "xlog1py",
    "xlogy",
    "zeta",
]


def erfcx(input: Tensor) -> Tensor:
    """e^(x^2) erfc(x), which falls like 1 / x.

    Example:
        >>> import nn
        >>> nn.special.erfcx(nn.tensor([0.0, 10.0]))
        tensor([1.0000, 0.0561])
    """
    return ops.erfcx(checks.tensor(input, "erfcx"))


def ndtr(input: Tensor) -> Tensor:
    """The normal distribution function: the probability of a standard normal number below x.

    Example:
        >>> import nn
        >>> nn.special.ndtr(nn.tensor([0.0, 1.0]))
        tensor([0.5000, 0.8413])
    """
    return ops.ndtr(checks.tensor(input, "ndtr"))


def ndtri(input: Tensor) -> Tensor:
    """The quantiles of the normal distribution: the inverse of `ndtr`.

    Example:
        >>> import nn
        >>> nn.special.ndtri(nn.tensor([0.5, 0.9]))
        tensor([0.0000, 1.2816])
    """
    return ops.ndtri(checks.tensor(input, "ndtri"))


def log_ndtr(input: Tensor) -> Tensor:
    """ln of `ndtr`, exact where that would round to 0.

    Example:
        >>> import nn
        >>> nn.special.log_ndtr(nn.tensor([0.0, -100.0]))
        tensor([-6.9315e-01, -5.0055e+03])
    """
    return ops.log_ndtr(checks.tensor(input, "log_ndtr"))


def entr(input: Tensor) -> Tensor:
    """-x ln x, 0 at 0 and -inf below: the entropy of one outcome.

    Example:
        >>> import nn
        >>> nn.special.entr(nn.tensor([0.0, 0.5]))
        tensor([-0.0000,  0.3466])
    """
    return ops.entr(checks.tensor(input, "entr"))


def xlog1py(input: Any, other: Any) -> Tensor:
    """x ln(1 + y), and 0 where x is 0.

    Example:
        >>> import nn
        >>> nn.special.xlog1py(nn.tensor([0.0, 2.0]), nn.tensor([-1.0, 1.0]))
        tensor([0.0000, 1.3863])
    """
    outside = (other <= -1) | (other == math.inf)
    safe = arithmetic.where((input == 0) & outside, 0.0, other)
    return input * arithmetic.log1p(safe)


def zeta(input: Any, other: Any) -> Tensor:
    """Hurwitz's zeta function, the sum of (y + k)^-x over k = 0, 1, 2 ...; the gradient by x is not there.

    Example:
        >>> import nn
        >>> nn.special.zeta(nn.tensor([2.0]), nn.tensor([1.0]))
        tensor([1.6449])
    """
    return ops.zeta(input, other)


def i0e(input: Tensor) -> Tensor:
    """e^-|x| i0(x).

    Example:
        >>> import nn
        >>> nn.special.i0e(nn.tensor([0.0, 100.0]))
        tensor([1.0000, 0.0399])
    """
    return ops.i0e(checks.tensor(input, "i0e"))


def i1(input: Tensor) -> Tensor:
    """The modified Bessel function of the first kind, of order 1.

    Example:
        >>> import nn
        >>> nn.special.i1(nn.tensor([0.0, 1.0]))
        tensor([0.0000, 0.5652])
    """
    return ops.i1(checks.tensor(input, "i1"))


def i1e(input: Tensor) -> Tensor:
    """e^-|x| i1(x).

    Example:
        >>> import nn
        >>> nn.special.i1e(nn.tensor([0.0, 100.0]))
        tensor([0.0000, 0.0397])
    """
    return ops.i1e(checks.tensor(input, "i1e"))


expit = sigmoid
gammainc = igamma
gammaincc = igammac
gammaln = lgamma
multigammaln = mvlgamma
psi = digamma


# -- Bessel functions of real order, without a derivative --------------------------------------------------------------
def _plain(kernel: Any, input: Tensor, caller: str, *order: int) -> Tensor:
    x = checks.tensor(input, caller)
    x = (x if x.dtype.kind == "f" else x.float()).detach()
    values = mode.quiet(kernel, np.asarray(x._array, np.float64), *order)
    result: Tensor = wrap(np.asarray(values, x.dtype))
    return result


def bessel_j0(input: Tensor) -> Tensor:
    """The Bessel function of the first kind J_0, without a derivative.

    Example:
        >>> import nn
        >>> nn.special.bessel_j0(nn.tensor([1.0, 2.0]))
        tensor([0.7652, 0.2239])
    """
    return _plain(bessel_functions.bessel_j0, input, "bessel_j0")


def bessel_j1(input: Tensor) -> Tensor:
    """The Bessel function of the first kind J_1, without a derivative.

    Example:
        >>> import nn
        >>> nn.special.bessel_j1(nn.tensor([1.0, 2.0]))
        tensor([0.4401, 0.5767])
    """
    return _plain(bessel_functions.bessel_j1, input, "bessel_j1")


def bessel_y0(input: Tensor) -> Tensor:
    """The Bessel function of the second kind Y_0: -inf at 0, nan below; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.bessel_y0(nn.tensor([1.0, 2.0]))
        tensor([0.0883, 0.5104])
    """
    return _plain(bessel_functions.bessel_y0, input, "bessel_y0")


def bessel_y1(input: Tensor) -> Tensor:
    """The Bessel function of the second kind Y_1: -inf at 0, nan below; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.bessel_y1(nn.tensor([1.0, 2.0]))
        tensor([-0.7812, -0.1070])
    """
    return _plain(bessel_functions.bessel_y1, input, "bessel_y1")


def modified_bessel_k0(input: Tensor) -> Tensor:
    """The modified Bessel function of the second kind K_0: inf at 0, nan below; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.modified_bessel_k0(nn.tensor([1.0, 2.0]))
        tensor([0.4210, 0.1139])
    """
    return _plain(bessel_functions.modified_bessel_k, input, "modified_bessel_k0", 0)


def modified_bessel_k1(input: Tensor) -> Tensor:
    """The modified Bessel function of the second kind K_1: inf at 0, nan below; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.modified_bessel_k1(nn.tensor([1.0, 2.0]))
        tensor([0.6019, 0.1399])
    """
    return _plain(bessel_functions.modified_bessel_k, input, "modified_bessel_k1", 1)


def scaled_modified_bessel_k0(input: Tensor) -> Tensor:
    """e^x K_0(x), which does not vanish for large x; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.scaled_modified_bessel_k0(nn.tensor([1.0, 2.0]))
        tensor([1.1445, 0.8416])
    """
    return _plain(bessel_functions.scaled_modified_bessel_k, input, "scaled_modified_bessel_k0", 0)


def scaled_modified_bessel_k1(input: Tensor) -> Tensor:
    """e^x K_1(x), which does not vanish for large x; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.scaled_modified_bessel_k1(nn.tensor([1.0, 2.0]))
        tensor([1.6362, 1.0335])
    """
    return _plain(bessel_functions.scaled_modified_bessel_k, input, "scaled_modified_bessel_k1", 1)


def spherical_bessel_j0(input: Tensor) -> Tensor:
    """sin(x) / x, and 1 at 0; without a derivative (`sinc` has one).

    Example:
        >>> import nn
        >>> nn.special.spherical_bessel_j0(nn.tensor([1.0, 2.0]))
        tensor([0.8415, 0.4546])
    """
    return _plain(bessel_functions.spherical_bessel_j0, input, "spherical_bessel_j0")


def airy_ai(input: Tensor) -> Tensor:
    """Airy's function Ai, which solves y'' = x y and vanishes for large x; without a derivative.

    Example:
        >>> import nn
        >>> nn.special.airy_ai(nn.tensor([1.0, 2.0]))
        tensor([0.1353, 0.0349])
    """
    return _plain(bessel_functions.airy_ai, input, "airy_ai")


# -- orthogonal polynomials, by their recurrences ----------------------------------------------------------------------
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


modified_bessel_i0, modified_bessel_i1 = i0, i1
