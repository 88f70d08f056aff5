"""The inverse gamma distribution."""

from __future__ import annotations

import math
from typing import Any

from nn.distributions import constraints
from nn.distributions.gamma import Gamma
from nn.distributions.transformed_distribution import TransformedDistribution
from nn.distributions.transforms import PowerTransform
from nn.tensors.arithmetic import where
from nn.tensors.tensor import Tensor

__all__ = ["InverseGamma"]


class InverseGamma(TransformedDistribution):
    """The distribution of 1 / x, where x has a gamma distribution.

    Args:
        concentration: that of x, above 0.
        rate: that of x, above 0.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.InverseGamma(3.0, 2.0).mean
        tensor(1.)
    """

    arg_constraints = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.positive
    base_dist: Gamma

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        base = Gamma(concentration, rate, validate_args=validate_args)
        super().__init__(base, PowerTransform(-1), validate_args=validate_args)

    @property
    def concentration(self) -> Tensor:
        """That of 1 / x."""
        return self.base_dist.concentration

    @property
    def rate(self) -> Tensor:
        """That of 1 / x."""
        return self.base_dist.rate

    @property
    def mean(self) -> Tensor:
        """Infinite for a concentration of at most 1."""
        heavy = self.concentration <= 1
        return where(heavy, math.inf, self.rate / (where(heavy, 2.0, self.concentration) - 1))

    @property
    def mode(self) -> Tensor:
        return self.rate / (self.concentration + 1)

    @property
    def variance(self) -> Tensor:
        """Infinite for a concentration of at most 2."""
        heavy = self.concentration <= 2
        a = where(heavy, 3.0, self.concentration)
        return where(heavy, math.inf, self.rate**2 / ((a - 1) ** 2 * (a - 2)))

    def entropy(self) -> Tensor:
        a = self.concentration
        return a + self.rate.log() + a.lgamma() - (1 + a) * a.digamma()
