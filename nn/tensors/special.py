"""Special functions: those that `nn` and `Tensor` have too, as `torch` does. `nn.special` has all."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.errors import RangeError
from nn.ops import arithmetic, incomplete
from nn.ops import special as ops
from nn.ops.precision import in_single
from nn.ops.shape import whole
from nn.tensors import checks
from nn.tensors.methods import in_place, method
from nn.tensors.tensor import Tensor

__all__ = [
    "digamma",
    "erf",
    "erfc",
    "erfinv",
    "i0",
    "igamma",
    "igammac",
    "lgamma",
    "logit",
    "mvlgamma",
    "polygamma",
    "sinc",
    "xlogy",
]


@in_place
@method
def erf(input: Tensor) -> Tensor:
    """The error function, 2 / sqrt(pi) times the integral of e^(-t^2) from 0 to x.

    Example:
        >>> import nn
        >>> nn.erf(nn.tensor([0.0, 1.0]))
        tensor([0.0000, 0.8427])
    """
    return ops.erf(checks.tensor(input, "erf"))


@in_place
@method
def erfc(input: Tensor) -> Tensor:
    """1 - erf(x), exact to the last digits where that would round to 0.

    Example:
        >>> import nn
        >>> nn.erfc(nn.tensor([0.0, 10.0]))
        tensor([1.0000e+00, 2.8026e-45])
    """
    return ops.erfc(checks.tensor(input, "erfc"))


@in_place
@method
def erfinv(input: Tensor) -> Tensor:
    """The inverse of erf: infinite at -1 and 1, nan beyond.

    Example:
        >>> import nn
        >>> nn.erfinv(nn.tensor([0.0, 0.5, 1.0]))
        tensor([0.0000, 0.4769,    inf])
    """
    return ops.erfinv(checks.tensor(input, "erfinv"))


@in_place
@method
def lgamma(input: Tensor) -> Tensor:
    """ln |Gamma(x)|, the logarithm of (x - 1)!; infinite at 0, -1, -2 ...

    Example:
        >>> import nn
        >>> nn.lgamma(nn.tensor([1.0, 5.0]))
        tensor([0.0000, 3.1781])
    """
    return ops.lgamma(checks.tensor(input, "lgamma"))


@in_place
@method
def digamma(input: Tensor) -> Tensor:
    """The derivative of ln Gamma(x).

    Example:
        >>> import nn
        >>> nn.digamma(nn.tensor([1.0, 2.0]))
        tensor([-0.5772,  0.4228])
    """
    return ops.digamma(checks.tensor(input, "digamma"))


def polygamma(n: int, input: Tensor) -> Tensor:
    """The n-th derivative of digamma; n = 1 is called trigamma.

    Raises:
        RangeError: n is negative.

    Example:
        >>> import nn
        >>> nn.polygamma(1, nn.tensor([1.0]))
        tensor([1.6449])
    """
    if n < 0:
        raise RangeError(f"polygamma: n must be 0 or more, got {n}")
    return ops.polygamma(checks.tensor(input, "polygamma"), n=n)


def _polygamma(self: Tensor, n: int) -> Tensor:
    """The n-th derivative of digamma; see `nn.polygamma`."""
    return polygamma(n, self)


in_place(method(_polygamma, "polygamma"), "polygamma")


@in_place
@method
def mvlgamma(input: Tensor, p: int) -> Tensor:
    """The logarithm of the multivariate gamma function: p (p - 1) / 4 ln pi + the sum of ln Gamma(x - i / 2), i < p.

    Raises:
        RangeError: p is not positive, or an element not above (p - 1) / 2.

    Example:
        >>> import nn
        >>> nn.mvlgamma(nn.tensor([2.0, 3.0]), 2)
        tensor([0.4516, 1.5502])
    """
    x, p = checks.tensor(input, "mvlgamma"), whole(p, "mvlgamma", "p")
    if p < 1:
        raise RangeError(f"mvlgamma: p must be 1 or more, got {p}")
    if not mode.quiet(_all_above, x._array, (p - 1) / 2):
        raise RangeError(f"mvlgamma: all elements must be above (p - 1) / 2 = {(p - 1) / 2}")
    total = ops.lgamma(x)
    for i in range(1, p):
        total = total + ops.lgamma(x - i / 2)
    return total + p * (p - 1) / 4 * math.log(math.pi)


def _all_above(x: np.ndarray, least: float) -> bool:
    return bool((x > least).all())


@in_place
@method
def i0(input: Tensor) -> Tensor:
    """The modified Bessel function of the first kind, of order 0.

    Example:
        >>> import nn
        >>> nn.i0(nn.tensor([0.0, 1.0]))
        tensor([1.0000, 1.2661])
    """
    return ops.i0(checks.tensor(input, "i0"))


@in_place
@method
def igamma(input: Tensor, other: Tensor) -> Tensor:
    """The regularised lower incomplete gamma function P(a, x), with a the input and x the other tensor.

    P(a, x) is the integral of t^(a - 1) e^-t from 0 to x, over Gamma(a): the probability that a number of the gamma
    distribution with concentration a is below x. Both operands have gradients; nan where one of them is negative.

    Example:
        >>> import nn
        >>> nn.igamma(nn.tensor([1.0, 4.0]), nn.tensor([2.0, 4.0]))
        tensor([0.8647, 0.5665])
    """
    return incomplete.igamma(checks.tensor(input, "igamma"), checks.tensor(other, "igamma", "other"))


@in_place
@method
def igammac(input: Tensor, other: Tensor) -> Tensor:
    """The regularised upper incomplete gamma function, 1 - `igamma`, exact where that would round to 0.

    Example:
        >>> import nn
        >>> nn.igammac(nn.tensor([1.0, 4.0]), nn.tensor([2.0, 40.0]))
        tensor([1.3534e-01, 4.8889e-14])
    """
    return incomplete.igammac(checks.tensor(input, "igammac"), checks.tensor(other, "igammac", "other"))


@in_place
@method
@in_single
def logit(input: Tensor, eps: float | None = None) -> Tensor:
    """ln(x / (1 - x)), the inverse of the sigmoid; with `eps`, x is first held within [eps, 1 - eps].

    Example:
        >>> import nn
        >>> nn.logit(nn.tensor([0.0, 0.5, 1.0]), eps=0.1)
        tensor([-2.1972,  0.0000,  2.1972])
    """
    x = checks.tensor(input, "logit")
    x = x if x.dtype.kind == "f" else x.float()
    if eps is not None:
        x = arithmetic.clamp(x, min=float(eps), max=1 - eps)
    y = arithmetic.log(x) - arithmetic.log1p(-x)
    outside = (x.detach() < 0) | (x.detach() > 1)
    return y * arithmetic.where(outside, math.nan, 1.0) if bool(outside.any()) else y


@in_place
@method
@in_single
def sinc(input: Tensor) -> Tensor:
    """sin(pi x) / (pi x), and 1 at 0.

    Example:
        >>> import nn
        >>> nn.sinc(nn.tensor([0.0, 0.5]))
        tensor([1.0000, 0.6366])
    """
    x = checks.tensor(input, "sinc")
    x = x if x.dtype.kind == "f" else x.float()
    small = arithmetic.abs(x) < 0.1  # where the derivative of the quotient would be the difference of two large numbers
    angle = math.pi * arithmetic.where(small, 1.0, x)
    square = (math.pi * arithmetic.where(small, x, 0.0)) ** 2
    series: Any = 1.0
    for n in range(14, 0, -2):  # 1 - square / (2 3) (1 - square / (4 5) (1 - ...
        series = 1 - square / (n * (n + 1)) * series
    return arithmetic.where(small, series, arithmetic.sin(angle) / angle)


@in_place
@method
def xlogy(input: Any, other: Any) -> Tensor:
    """x ln y, and 0 where x is 0.

    Example:
        >>> import nn
        >>> nn.xlogy(nn.tensor([0.0, 2.0]), nn.tensor([0.0, 3.0]))
        tensor([0.0000, 2.1972])
    """
    return ops.xlogy(input, other)
