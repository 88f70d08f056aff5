"""The normal distribution."""

from __future__ import annotations

from typing import Any

from nn import special
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import LOG_2PI, broadcast_all, normal_noise
from nn.tensors.tensor import Tensor

__all__ = ["Normal"]


class Normal(Distribution):
    """The normal distribution, with density e^(-((x - loc) / scale)^2 / 2) / (scale sqrt(2 pi)).

    Args:
        loc: the mean.
        scale: the standard deviation, above 0.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.Normal(0.0, 1.0).log_prob(nn.tensor([0.0, 1.0]))
        tensor([-0.9189, -1.4189])
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
    def stddev(self) -> Tensor:
        return self.scale

    @property
    def variance(self) -> Tensor:
        return self.scale**2

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.loc + self.scale * normal_noise(self._extended_shape(sample_shape), self.loc)

    def log_prob(self, value: Tensor) -> Tensor:
        z = (self._valid(value) - self.loc) / self.scale
        return -(z**2) / 2 - self.scale.log() - LOG_2PI / 2

    def cdf(self, value: Tensor) -> Tensor:
        return special.ndtr((self._valid(value) - self.loc) / self.scale)

    def icdf(self, value: Tensor) -> Tensor:
        return self.loc + self.scale * special.ndtri(value)

    def entropy(self) -> Tensor:
        return self.scale.log() + (LOG_2PI + 1) / 2
