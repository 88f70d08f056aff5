"""Student's t distribution."""

from __future__ import annotations

import math
from typing import Any

from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.gamma import standard_gamma
from nn.distributions.utils import broadcast_all, lbeta, normal_noise
from nn.ops import incomplete
from nn.tensors.arithmetic import where
from nn.tensors.tensor import Tensor

__all__ = ["StudentT"]


class StudentT(Distribution):
    """Student's t distribution: its density is proportional to (1 + z^2 / df)^(-(df + 1) / 2).

    Here z = (x - loc) / scale. Samples, a normal number over the root of a chi-squared one by df, have gradients by all
    parameters.

    Args:
        df: the degrees of freedom, above 0.
        loc: the centre.
        scale: above 0.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.StudentT(1.0).cdf(nn.tensor([0.0, 1.0]))
        tensor([0.5000, 0.7500])
    """

    arg_constraints = {"df": constraints.positive, "loc": constraints.real, "scale": constraints.positive}
    support = constraints.real
    has_rsample = True

    def __init__(self, df: Any, loc: Any = 0.0, scale: Any = 1.0, validate_args: bool | None = None) -> None:
        self.df, self.loc, self.scale = broadcast_all(df, loc, scale)
        super().__init__(self.df.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """nan for df <= 1."""
        return where(self.df > 1, self.loc, math.nan)

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        """Infinite for df <= 2, nan for df <= 1."""
        wide = self.df <= 2
        finite = self.scale**2 * self.df / (where(wide, 3.0, self.df) - 2)
        return where(self.df <= 1, math.nan, where(wide, math.inf, finite))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        z = normal_noise(shape, self.df)
        chi2 = 2 * standard_gamma(self.df / 2, shape)
        return self.loc + self.scale * z * (self.df / chi2).sqrt()

    def log_prob(self, value: Tensor) -> Tensor:
        z, df = (self._valid(value) - self.loc) / self.scale, self.df
        log_normaliser = self.scale.log() + df.log() / 2 + lbeta(df / 2, df.new_tensor(0.5))
        return -(df + 1) / 2 * (z**2 / df).log1p() - log_normaliser

    def cdf(self, value: Tensor) -> Tensor:
        z, df = (self._valid(value) - self.loc) / self.scale, self.df
        tail = incomplete.betainc(*broadcast_all(df / 2, 0.5, df / (df + z**2))) / 2
        return where(z > 0, 1 - tail, tail)

    def entropy(self) -> Tensor:
        half = (self.df + 1) / 2
        spread = half * (half.digamma() - (self.df / 2).digamma())
        return self.scale.log() + self.df.log() / 2 + spread + lbeta(self.df / 2, self.df.new_tensor(0.5))
