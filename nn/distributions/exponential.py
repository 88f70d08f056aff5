"""The exponential distribution."""

from __future__ import annotations

from typing import Any

from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import broadcast_all, exponential_noise
from nn.tensors.tensor import Tensor

__all__ = ["Exponential"]


class Exponential(Distribution):
    """The exponential distribution, with density rate e^(-rate x) for x >= 0.

    Args:
        rate: 1 over the mean, above 0.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.Exponential(2.0).log_prob(nn.tensor([0.0, 1.0]))
        tensor([ 0.6931, -1.3069])
    """

    arg_constraints = {"rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return 1 / self.rate

    @property
    def mode(self) -> Tensor:
        return self.rate.new_zeros(self.rate.shape)

    @property
    def stddev(self) -> Tensor:
        return 1 / self.rate

    @property
    def variance(self) -> Tensor:
        return 1 / self.rate**2

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return exponential_noise(self._extended_shape(sample_shape), self.rate) / self.rate

    def log_prob(self, value: Tensor) -> Tensor:
        return self.rate.log() - self.rate * self._valid(value)

    def cdf(self, value: Tensor) -> Tensor:
        return -(-self.rate * self._valid(value)).expm1()

    def icdf(self, value: Tensor) -> Tensor:
        return -(-value).log1p() / self.rate

    def entropy(self) -> Tensor:
        return 1 - self.rate.log()
