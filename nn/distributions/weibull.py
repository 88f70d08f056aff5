"""Weibull's distribution."""

from __future__ import annotations

from typing import Any

from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import EULER, broadcast_all, exponential_noise
from nn.tensors.tensor import Tensor

__all__ = ["Weibull"]


class Weibull(Distribution):
    """Weibull's distribution, of which P(X > x) = e^(-(x / scale)^k), where k is the concentration.

    Args:
        scale: above 0.
        concentration: k, above 0; 1 gives the exponential distribution.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.Weibull(1.0, 2.0).cdf(nn.tensor([1.0]))
        tensor([0.6321])
    """

    arg_constraints = {"scale": constraints.positive, "concentration": constraints.positive}
    support = constraints.positive
    has_rsample = True

    def __init__(self, scale: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.scale, self.concentration = broadcast_all(scale, concentration)
        super().__init__(self.scale.shape, validate_args=validate_args)

    def _moment(self, n: int) -> Tensor:
        """E x^n = scale^n Gamma(1 + n / k)."""
        return self.scale**n * (1 + n / self.concentration).lgamma().exp()

    @property
    def mean(self) -> Tensor:
        return self._moment(1)

    @property
    def mode(self) -> Tensor:
        """0 for k <= 1."""
        k = self.concentration
        return self.scale * ((k - 1) / k).clamp(min=0) ** (1 / k)

    @property
    def variance(self) -> Tensor:
        return self._moment(2) - self._moment(1) ** 2

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        noise = exponential_noise(self._extended_shape(sample_shape), self.scale)
        return self.scale * noise ** (1 / self.concentration)

    def log_prob(self, value: Tensor) -> Tensor:
        k = self.concentration
        log_z = self._valid(value).log() - self.scale.log()
        return k.log() - self.scale.log() + (k - 1) * log_z - (k * log_z).exp()

    def cdf(self, value: Tensor) -> Tensor:
        return -(-((self._valid(value) / self.scale) ** self.concentration)).expm1()

    def icdf(self, value: Tensor) -> Tensor:
        return self.scale * (-(-value).log1p()) ** (1 / self.concentration)

    def entropy(self) -> Tensor:
        k = self.concentration
        return EULER * (1 - 1 / k) + (self.scale / k).log() + 1
