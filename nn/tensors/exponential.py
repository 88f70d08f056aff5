"""Powers, exponentials and logarithms, element by element: `pow`, `exp`, `log`, `sqrt`, `logaddexp` and more."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nn.autograd.tape import wrap
from nn.ops import arithmetic
from nn.ops import exponential as ops
from nn.ops.precision import in_single
from nn.tensors import checks
from nn.tensors.methods import in_place, method
from nn.tensors.tensor import Tensor

__all__ = [
    "exp",
    "exp2",
    "expm1",
    "float_power",
    "frexp",
    "ldexp",
    "log",
    "log1p",
    "log2",
    "log10",
    "logaddexp",
    "logaddexp2",
    "pow",
    "rsqrt",
    "sqrt",
    "square",
]


@in_place
@method
def exp(input: Tensor) -> Tensor:
    """e^x.

    Example:
        >>> import nn
        >>> nn.exp(nn.tensor([0.0, 1.0]))
        tensor([1.0000, 2.7183])
    """
    return arithmetic.exp(checks.tensor(input, "exp"))


@in_place
@method
def exp2(input: Tensor) -> Tensor:
    """2^x.

    Example:
        >>> import nn
        >>> nn.exp2(nn.tensor([0.0, 3.0]))
        tensor([1., 8.])
    """
    return ops.exp2(checks.tensor(input, "exp2"))


@in_place
@method
def expm1(input: Tensor) -> Tensor:
    """e^x - 1, exact for small x.

    Example:
        >>> import nn
        >>> nn.expm1(nn.tensor([0.0, 1.0]))
        tensor([0.0000, 1.7183])
    """
    return ops.expm1(checks.tensor(input, "expm1"))


@in_place
@method
def log(input: Tensor) -> Tensor:
    """The natural logarithm: -inf at 0, nan below.

    Example:
        >>> import nn
        >>> nn.log(nn.tensor([1.0, 0.0]))
        tensor([0., -inf])
    """
    return arithmetic.log(checks.tensor(input, "log"))


@in_place
@method
def log2(input: Tensor) -> Tensor:
    """The logarithm to base 2.

    Example:
        >>> import nn
        >>> nn.log2(nn.tensor([1.0, 8.0]))
        tensor([0., 3.])
    """
    return ops.log2(checks.tensor(input, "log2"))


@in_place
@method
def log10(input: Tensor) -> Tensor:
    """The logarithm to base 10.

    Example:
        >>> import nn
        >>> nn.log10(nn.tensor([1.0, 1000.0]))
        tensor([0.0000, 3.0000])
    """
    return ops.log10(checks.tensor(input, "log10"))


@in_place
@method
def log1p(input: Tensor) -> Tensor:
    """ln(1 + x), exact for small x.

    Example:
        >>> import nn
        >>> nn.log1p(nn.tensor([0.0]))
        tensor([0.])
    """
    return arithmetic.log1p(checks.tensor(input, "log1p"))


@in_place
@method
def sqrt(input: Tensor) -> Tensor:
    """The square root; nan below 0.

    Example:
        >>> import nn
        >>> nn.sqrt(nn.tensor([4.0, 9.0]))
        tensor([2., 3.])
    """
    return arithmetic.sqrt(checks.tensor(input, "sqrt"))


@in_place
@method
@in_single
def rsqrt(input: Tensor) -> Tensor:
    """1 / sqrt(x); infinite at 0, nan below.

    Example:
        >>> import nn
        >>> nn.rsqrt(nn.tensor([4.0, 0.0]))
        tensor([0.5000,    inf])
    """
    return 1 / arithmetic.sqrt(checks.tensor(input, "rsqrt"))


@in_place
@method
def square(input: Tensor) -> Tensor:
    """x^2.

    Example:
        >>> import nn
        >>> nn.square(nn.tensor([3.0]))
        tensor([9.])
    """
    return checks.tensor(input, "square") ** 2


@in_place
@method
def pow(input: Any, exponent: Any) -> Tensor:
    """x^a, broadcast; x^0 is 1 with derivative 0, at x = 0 too.

    Example:
        >>> import nn
        >>> nn.pow(nn.tensor([2.0, 3.0]), 2)
        tensor([4., 9.])
    """
    return arithmetic.pow(input, exponent)


@in_place
@method
def float_power(input: Any, exponent: Any) -> Tensor:
    """x^a, computed in float64.

    Example:
        >>> import nn
        >>> nn.float_power(nn.tensor([2, 3]), -1)
        tensor([0.5000, 0.3333], dtype=float64)
    """
    return _double(input) ** _double(exponent)


@method
def logaddexp(input: Any, other: Any) -> Tensor:
    """ln(e^x + e^y), which does not overflow.

    Example:
        >>> import nn
        >>> nn.logaddexp(nn.tensor([1000.0]), nn.tensor([1000.0]))
        tensor([1000.6932])
    """
    return ops.logaddexp(input, other)


@method
@in_single
def logaddexp2(input: Any, other: Any) -> Tensor:
    """log2(2^x + 2^y), which does not overflow.

    Example:
        >>> import nn
        >>> nn.logaddexp2(nn.tensor([1000.0]), nn.tensor([1000.0]))
        tensor([1001.])
    """
    return ops.logaddexp2(input, other)


@in_place
@method
def ldexp(input: Tensor, other: Tensor) -> Tensor:
    """x 2^other.

    Example:
        >>> import nn
        >>> nn.ldexp(nn.tensor([1.5]), nn.tensor([3]))
        tensor([12.])
    """
    power = 2.0**other
    return input * (power.to(input.dtype) if input.dtype.kind == "f" and other.dtype.kind != "f" else power)


class MantissaExponent(NamedTuple):
    """What `frexp` returns."""

    mantissa: Tensor
    exponent: Tensor


@method
def frexp(input: Tensor) -> MantissaExponent:
    """x = mantissa 2^exponent, with 1/2 <= |mantissa| < 1 and a whole exponent (int32).

    Example:
        >>> import nn
        >>> nn.frexp(nn.tensor([3.0]))
        MantissaExponent(mantissa=tensor([0.7500]), exponent=tensor([2], dtype=int32))
    """
    x = checks.floating(input, "frexp")
    exponent = np.frexp(x._array)[1]
    first = exponent // 2  # in two steps, as 2^-exponent alone may be infinite
    mantissa = x * _power(-first, x) * _power(first - exponent, x)
    return MantissaExponent(mantissa, wrap(exponent))


def _power(exponent: Any, x: Tensor) -> Tensor:
    return wrap(np.exp2(exponent.astype(x.dtype)))


def _double(x: Any) -> Any:
    return x.double() if isinstance(x, Tensor) else float(x)
