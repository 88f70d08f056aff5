"""The chi-squared distribution."""

from __future__ import annotations

from typing import Any

from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.gamma import Gamma
from nn.distributions.utils import broadcast_all
from nn.tensors.tensor import Tensor

__all__ = ["Chi2"]


class Chi2(Gamma):
    """The chi-squared distribution: of the sum of `df` squares of standard normal numbers; Gamma(df / 2, 1 / 2).

    Args:
        df: the degrees of freedom, above 0.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.Chi2(nn.tensor([1.0, 3.0])).mean
        tensor([1., 3.])
    """

    arg_constraints: Any = {"df": constraints.positive}

    def __init__(self, df: Any, validate_args: bool | None = None) -> None:
        (self.df,) = broadcast_all(df)
        Distribution.__init__(self, self.df.shape, validate_args=validate_args)

    @property
    def concentration(self) -> Tensor:  # type: ignore[override]
        """Half of the degrees of freedom."""
        return self.df / 2

    @property
    def rate(self) -> Tensor:  # type: ignore[override]
        """1 / 2."""
        return self.df.new_ones(self.df.shape) / 2
