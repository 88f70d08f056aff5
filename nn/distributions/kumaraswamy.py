"""Kumaraswamy's distribution."""

from __future__ import annotations

import math
from typing import Any

from nn import special
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import EULER, broadcast_all, exponential_noise, lbeta, off_the_ends
from nn.tensors.arithmetic import where
from nn.tensors.tensor import Tensor

__all__ = ["Kumaraswamy"]


class Kumaraswamy(Distribution):
    """Kumaraswamy's distribution on (0, 1), of which P(X > x) = (1 - x^a)^b: like a beta distribution.

    Args:
        concentration1: a, above 0.
        concentration0: b, above 0.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.Kumaraswamy(2.0, 1.0).cdf(nn.tensor([0.5]))
        tensor([0.2500])
    """

    arg_constraints = {"concentration1": constraints.positive, "concentration0": constraints.positive}
    support = constraints.unit_interval
    has_rsample = True

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        self.concentration1, self.concentration0 = broadcast_all(concentration1, concentration0)
        super().__init__(self.concentration1.shape, validate_args=validate_args)

    def _moment(self, n: int) -> Tensor:
        """E x^n = b B(1 + n / a, b)."""
        return self.concentration0 * lbeta(1 + n / self.concentration1, self.concentration0).exp()

    @property
    def mean(self) -> Tensor:
        return self._moment(1)

    @property
    def mode(self) -> Tensor:
        """((a - 1) / (a b - 1))^(1 / a); nan where a or b is below 1."""
        a, b = self.concentration1, self.concentration0
        return where((a < 1) | (b < 1), math.nan, ((a - 1) / (a * b - 1)) ** (1 / a))

    @property
    def variance(self) -> Tensor:
        return self._moment(2) - self._moment(1) ** 2

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        noise = exponential_noise(self._extended_shape(sample_shape), self.concentration1)
        return off_the_ends((-(-noise / self.concentration0).expm1()) ** (1 / self.concentration1))

    def log_prob(self, value: Tensor) -> Tensor:
        value, a, b = self._valid(value), self.concentration1, self.concentration0
        return a.log() + b.log() + special.xlogy(a - 1, value) + special.xlog1py(b - 1, -(value**a))

    def cdf(self, value: Tensor) -> Tensor:
        return -special.xlog1py(self.concentration0, -(self._valid(value) ** self.concentration1)).expm1()

    def icdf(self, value: Tensor) -> Tensor:
        return (-((-value).log1p() / self.concentration0).expm1()) ** (1 / self.concentration1)

    def entropy(self) -> Tensor:
        a, b = self.concentration1, self.concentration0
        harmonic = (b + 1).digamma() + EULER
        return (1 - 1 / b) + (1 - 1 / a) * harmonic - a.log() - b.log()
