"""Pareto's distribution."""

from __future__ import annotations

import math
from typing import Any

from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import broadcast_all, exponential_noise
from nn.tensors.arithmetic import where
from nn.tensors.tensor import Tensor

__all__ = ["Pareto"]


class Pareto(Distribution):
    """Pareto's distribution, of which P(X > x) = (scale / x)^alpha for x >= scale.

    Args:
        scale: the least value, above 0.
        alpha: how fast the tail falls, above 0.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.Pareto(1.0, 2.0).cdf(nn.tensor([1.0, 2.0]))
        tensor([0.0000, 0.7500])
    """

    arg_constraints = {"scale": constraints.positive, "alpha": constraints.positive}
    has_rsample = True

    def __init__(self, scale: Any, alpha: Any, validate_args: bool | None = None) -> None:
        self.scale, self.alpha = broadcast_all(scale, alpha)
        super().__init__(self.scale.shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=False, event_dim=0)
    def support(self) -> Any:
        """From scale upward."""
        return constraints.greater_than_eq(self.scale)

    @property
    def mean(self) -> Tensor:
        """Infinite for alpha <= 1."""
        heavy = self.alpha <= 1
        alpha = where(heavy, 2.0, self.alpha)
        return where(heavy, math.inf, self.scale * alpha / (alpha - 1))

    @property
    def mode(self) -> Tensor:
        return self.scale

    @property
    def variance(self) -> Tensor:
        """Infinite for alpha <= 2."""
        heavy = self.alpha <= 2
        alpha = where(heavy, 3.0, self.alpha)
        return where(heavy, math.inf, self.scale**2 * alpha / ((alpha - 1) ** 2 * (alpha - 2)))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        noise = exponential_noise(self._extended_shape(sample_shape), self.scale)
        return self.scale * (noise / self.alpha).exp()

    def log_prob(self, value: Tensor) -> Tensor:
        value, alpha = self._valid(value), self.alpha
        inside = alpha.log() + alpha * self.scale.log() - (alpha + 1) * value.log()
        return where(value >= self.scale, inside, -math.inf)

    def cdf(self, value: Tensor) -> Tensor:
        ratio = (self._valid(value) / self.scale).clamp(min=1)
        return -(-self.alpha * ratio.log()).expm1()

    def icdf(self, value: Tensor) -> Tensor:
        return self.scale * (-(-value).log1p() / self.alpha).exp()

    def entropy(self) -> Tensor:
        return (self.scale / self.alpha).log() + 1 + 1 / self.alpha
