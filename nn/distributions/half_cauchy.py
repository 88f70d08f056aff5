"""The half-Cauchy distribution."""

from __future__ import annotations

import math
from typing import Any

from nn.distributions import constraints
from nn.distributions.cauchy import Cauchy
from nn.distributions.transformed_distribution import TransformedDistribution
from nn.distributions.transforms import AbsTransform
from nn.tensors.arithmetic import where
from nn.tensors.tensor import Tensor

__all__ = ["HalfCauchy"]


class HalfCauchy(TransformedDistribution):
    """The distribution of |x|, where x has Cauchy's distribution around 0.

    Args:
        scale: half of the distance between the quartiles of x, above 0: the median.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.HalfCauchy(2.0).cdf(nn.tensor([0.0, 2.0]))
        tensor([0.0000, 0.5000])
    """

    arg_constraints = {"scale": constraints.positive}
    support = constraints.nonnegative
    base_dist: Cauchy

    def __init__(self, scale: Any, validate_args: bool | None = None) -> None:
        super().__init__(Cauchy(0.0, scale, validate_args=validate_args), AbsTransform(), validate_args=validate_args)

    @property
    def scale(self) -> Tensor:
        """The median."""
        return self.base_dist.scale

    @property
    def mean(self) -> Tensor:
        return self.scale.new_full(self.scale.shape, math.inf)

    @property
    def mode(self) -> Tensor:
        return self.scale.new_zeros(self.scale.shape)

    @property
    def variance(self) -> Tensor:
        return self.base_dist.variance

    def log_prob(self, value: Tensor) -> Tensor:
        value = self._valid(value)
        return where(value >= 0, self.base_dist.log_prob(value) + math.log(2), -math.inf)

    def cdf(self, value: Tensor) -> Tensor:
        return 2 / math.pi * (self._valid(value) / self.scale).atan()

    def icdf(self, value: Tensor) -> Tensor:
        return self.scale * (math.pi / 2 * value).tan()

    def entropy(self) -> Tensor:
        return self.base_dist.entropy() - math.log(2)
