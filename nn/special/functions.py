"""Error functions, logarithms of normal probabilities, entropies, zeta, and the modified Bessel functions I."""

from __future__ import annotations

from typing import Any

from nn.ops import special as ops
from nn.tensors import checks
from nn.tensors.activation import sigmoid
from nn.tensors.special import (
    digamma,
    i0,
    igamma,
    igammac,
    lgamma,
    mvlgamma,
)
from nn.tensors.tensor import Tensor

__all__ = [
    "entr",
    "erfcx",
    "expit",
    "gammainc",
    "gammaincc",
    "gammaln",
    "i0e",
    "i1",
    "i1e",
    "log_ndtr",
    "modified_bessel_i0",
    "modified_bessel_i1",
    "multigammaln",
    "ndtr",
    "ndtri",
    "psi",
    "xlog1py",
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
    return ops.xlog1py(input, other)


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


modified_bessel_i0, modified_bessel_i1 = i0, i1
