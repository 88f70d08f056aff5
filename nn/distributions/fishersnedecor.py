"""The F distribution of Fisher and Snedecor."""

from __future__ import annotations

import math
from typing import Any

from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.gamma import standard_gamma
from nn.distributions.utils import broadcast_all, lbeta
from nn.ops import incomplete
from nn.tensors.arithmetic import where
from nn.tensors.tensor import Tensor

__all__ = ["FisherSnedecor"]


class FisherSnedecor(Distribution):
    """The F distribution: of (x1 / df1) / (x2 / df2), where x1 and x2 are chi-squared with df1 and df2.

    Args:
        df1: the degrees of freedom above, above 0.
        df2: the degrees of freedom below, above 0.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.FisherSnedecor(2.0, 4.0).mean
        tensor(2.)
    """

    arg_constraints = {"df1": constraints.positive, "df2": constraints.positive}
    support = constraints.positive
    has_rsample = True

    def __init__(self, df1: Any, df2: Any, validate_args: bool | None = None) -> None:
        self.df1, self.df2 = broadcast_all(df1, df2)
        super().__init__(self.df1.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """nan for df2 <= 2."""
        return where(self.df2 <= 2, math.nan, self.df2 / (self.df2 - 2))

    @property
    def mode(self) -> Tensor:
        """nan for df1 <= 2."""
        df1, df2 = self.df1, self.df2
        return where(df1 <= 2, math.nan, (df1 - 2) / df1 * df2 / (df2 + 2))

    @property
    def variance(self) -> Tensor:
        """nan for df2 <= 4."""
        df1, df2 = self.df1, self.df2
        return where(df2 <= 4, math.nan, 2 * df2**2 * (df1 + df2 - 2) / (df1 * (df2 - 2) ** 2 * (df2 - 4)))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        shape = self._extended_shape(sample_shape)
        x1, x2 = standard_gamma(self.df1 / 2, shape), standard_gamma(self.df2 / 2, shape)
        return (x1 / self.df1) / (x2 / self.df2)

    def log_prob(self, value: Tensor) -> Tensor:
        value, a, b, ratio = self._valid(value), self.df1 / 2, self.df2 / 2, self.df1 / self.df2
        return a * ratio.log() + (a - 1) * value.log() - (a + b) * (ratio * value).log1p() - lbeta(a, b)

    def cdf(self, value: Tensor) -> Tensor:
        x = self.df1 * self._valid(value)
        return incomplete.betainc(*broadcast_all(self.df1 / 2, self.df2 / 2, x / (x + self.df2)))

    def icdf(self, value: Tensor) -> Tensor:
        x = incomplete.beta_quantile(*broadcast_all(self.df1 / 2, self.df2 / 2, value))
        return self.df2 * x / (self.df1 * (1 - x))
