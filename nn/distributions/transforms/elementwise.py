"""Transforms of each element by itself: exponentials, powers, affine maps, distribution functions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.distributions import constraints
from nn.distributions.constraints import Constraint
from nn.distributions.transforms.transform import Shape, Transform, _same
from nn.distributions.utils import off_the_ends, softplus, sum_rightmost
from nn.tensors.tensor import Tensor

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "CumulativeDistributionTransform",
    "ExpTransform",
    "PowerTransform",
    "SigmoidTransform",
    "SoftplusTransform",
    "TanhTransform",
]


class _Elementwise(Transform):
    """An increasing map of numbers, without parameters: all of its kind are equal."""

    domain: Constraint = constraints.real
    bijective = True
    sign: Any = 1

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    __hash__ = Transform.__hash__


class ExpTransform(_Elementwise):
    """y = e^x."""

    codomain = constraints.positive

    def _call(self, x: Tensor) -> Tensor:
        return x.exp()

    def _inverse(self, y: Tensor) -> Tensor:
        return y.log()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return x


class SigmoidTransform(_Elementwise):
    """y = 1 / (1 + e^-x); the inverse of an end is that of the number next to it."""

    codomain = constraints.unit_interval

    def _call(self, x: Tensor) -> Tensor:
        return off_the_ends(x.sigmoid())

    def _inverse(self, y: Tensor) -> Tensor:
        y = off_the_ends(y)
        return y.log() - (-y).log1p()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return -softplus(-x) - softplus(x)


class TanhTransform(_Elementwise):
    """y = tanh x. With `cache_size=1` the inverse of the map's own values stays exact where they round to 1."""

    codomain = constraints.interval(-1.0, 1.0)

    def _call(self, x: Tensor) -> Tensor:
        return x.tanh()

    def _inverse(self, y: Tensor) -> Tensor:
        return y.atanh()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """ln(1 - tanh(x)^2), without the cancellation."""
        return 2 * (math.log(2) - x - softplus(-2 * x))


class SoftplusTransform(_Elementwise):
    """y = ln(1 + e^x)."""

    codomain = constraints.positive

    def _call(self, x: Tensor) -> Tensor:
        return softplus(x)

    def _inverse(self, y: Tensor) -> Tensor:
        return y + (-(-y).expm1()).log()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return -softplus(-x)


class AbsTransform(_Elementwise):
    """y = |x|, whose inverse takes the positive number."""

    codomain = constraints.positive
    bijective = False

    @property
    def sign(self) -> Any:
        return Transform.sign.fget(self)  # type: ignore[attr-defined]

    def _call(self, x: Tensor) -> Tensor:
        return x.abs()

    def _inverse(self, y: Tensor) -> Tensor:
        return y


class PowerTransform(Transform):
    """y = x^exponent, of positive numbers.

    Args:
        exponent: a number or a tensor, not 0.
        cache_size: see `Transform`.
    """

    domain = constraints.positive
    codomain = constraints.positive
    bijective = True

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.exponent = exponent

    @property
    def sign(self) -> Any:
        return self.exponent.sign() if isinstance(self.exponent, Tensor) else int(math.copysign(1, self.exponent))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PowerTransform) and _same(self.exponent, other.exponent)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        return x**self.exponent

    def _inverse(self, y: Tensor) -> Tensor:
        return y ** (1 / self.exponent)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return (self.exponent * y / x).abs().log()

    def forward_shape(self, shape: Any) -> Shape:
        return np.broadcast_shapes(tuple(shape), np.shape(self.exponent))

    inverse_shape = forward_shape


class AffineTransform(Transform):
    """y = loc + scale x.

    Args:
        loc: a number or a tensor.
        scale: a number or a tensor, not 0.
        event_dim: how many of the last axes are one event.
        cache_size: see `Transform`.
    """

    bijective = True

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.loc, self.scale, self._event_dim = loc, scale, event_dim

    @property
    def event_dim(self) -> int:
        return self._event_dim

    @property
    def domain(self) -> Any:
        return constraints.independent(constraints.real, self._event_dim) if self._event_dim else constraints.real

    codomain = domain

    @property
    def sign(self) -> Any:
        return self.scale.sign() if isinstance(self.scale, Tensor) else (self.scale > 0) - (self.scale < 0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AffineTransform) and _same(self.loc, other.loc) and _same(self.scale, other.scale)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        return self.loc + self.scale * x

    def _inverse(self, y: Tensor) -> Tensor:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        scale = self.scale if isinstance(self.scale, Tensor) else x.new_tensor(self.scale)
        return sum_rightmost(scale.abs().log().expand(x.shape), self._event_dim)

    def forward_shape(self, shape: Any) -> Shape:
        return np.broadcast_shapes(tuple(shape), np.shape(self.loc), np.shape(self.scale))

    inverse_shape = forward_shape


class CumulativeDistributionTransform(Transform):
    """y = the distribution function of a distribution, at x.

    Args:
        distribution: one of numbers, with `cdf` and `icdf`.
        cache_size: see `Transform`.
    """

    bijective = True
    codomain = constraints.unit_interval
    sign: Any = 1

    def __init__(self, distribution: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.distribution = distribution

    @property
    def domain(self) -> Any:
        return self.distribution.support

    def _call(self, x: Tensor) -> Tensor:
        return self.distribution.cdf(x)

    def _inverse(self, y: Tensor) -> Tensor:
        return self.distribution.icdf(y)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return self.distribution.log_prob(x)
