"""Gumbel's distribution."""

from __future__ import annotations

import math
from typing import Any

from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import EULER, broadcast_all, exponential_noise
from nn.tensors.tensor import Tensor

__all__ = ["Gumbel"]


class Gumbel(Distribution):
    """Gumbel's distribution of the largest of many numbers: with z = (x - loc) / scale, e^(-z - e^-z) / scale.

    Args:
        loc: the mode.
        scale: above 0.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.Gumbel(0.0, 1.0).log_prob(nn.tensor([0.0]))
        tensor([-1.])
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        self.loc, self.scale = broadcast_all(loc, scale)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.loc + EULER * self.scale

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def stddev(self) -> Tensor:
        return math.pi / math.sqrt(6) * self.scale

    @property
    def variance(self) -> Tensor:
        return math.pi**2 / 6 * self.scale**2

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.loc - self.scale * exponential_noise(self._extended_shape(sample_shape), self.loc).log()

    def log_prob(self, value: Tensor) -> Tensor:
        z = (self._valid(value) - self.loc) / self.scale
        return -z - (-z).exp() - self.scale.log()

    def cdf(self, value: Tensor) -> Tensor:
        z = (self._valid(value) - self.loc) / self.scale
        return (-(-z).exp()).exp()

    def icdf(self, value: Tensor) -> Tensor:
        return self.loc - self.scale * (-value.log()).log()

    def entropy(self) -> Tensor:
        return self.scale.log() + (1 + EULER)
