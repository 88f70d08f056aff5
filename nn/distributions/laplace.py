"""Laplace's distribution."""

from __future__ import annotations

import math
from typing import Any

from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import broadcast_all, uniform_noise
from nn.tensors.tensor import Tensor

__all__ = ["Laplace"]


class Laplace(Distribution):
    """Laplace's distribution, with density e^(-|x - loc| / scale) / (2 scale).

    Args:
        loc: the mean.
        scale: the mean distance from it, above 0.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.Laplace(0.0, 1.0).log_prob(nn.tensor([0.0, -1.0]))
        tensor([-0.6931, -1.6931])
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        return 2 * self.scale**2

    @property
    def stddev(self) -> Tensor:
        return math.sqrt(2) * self.scale

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = uniform_noise(self._extended_shape(sample_shape), self.loc)
        return self.loc + self.scale * _standard_quantile(u)

    def log_prob(self, value: Tensor) -> Tensor:
        return -(self._valid(value) - self.loc).abs() / self.scale - (2 * self.scale).log()

    def cdf(self, value: Tensor) -> Tensor:
        z = (self._valid(value) - self.loc) / self.scale
        return 0.5 - 0.5 * z.sign() * (-z.abs()).expm1()

    def icdf(self, value: Tensor) -> Tensor:
        return self.loc + self.scale * _standard_quantile(value)

    def entropy(self) -> Tensor:
        return 1 + (2 * self.scale).log()


def _standard_quantile(p: Tensor) -> Tensor:
    """ln(2 p) below 1/2, mirrored above."""
    side = p - 0.5
    return -side.sign() * (-2 * side.abs()).log1p()
