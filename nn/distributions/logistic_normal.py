"""The logistic-normal distribution."""

from __future__ import annotations

from typing import Any

from nn.distributions import constraints
from nn.distributions.independent import Independent
from nn.distributions.normal import Normal
from nn.distributions.transformed_distribution import TransformedDistribution
from nn.distributions.transforms import StickBreakingTransform
from nn.tensors.tensor import Tensor

__all__ = ["LogisticNormal"]


class LogisticNormal(TransformedDistribution):
    """Probabilities made of independent normal numbers by breaking a stick, see `StickBreakingTransform`.

    Args:
        loc: the means, of shape (..., K).
        scale: the standard deviations, above 0.
        validate_args: check parameters and values, see `Distribution`.

    Shape:
        event (K + 1)

    Example:
        >>> import nn
        >>> nn.distributions.LogisticNormal(nn.zeros(2), nn.ones(2)).sample().shape
        (3,)
    """

    arg_constraints = {"loc": constraints.real, "scale": constraints.positive}
    support = constraints.simplex
    base_dist: Independent

    def __init__(self, loc: Any, scale: Any, validate_args: bool | None = None) -> None:
        base = Normal(loc, scale, validate_args=validate_args)
        if not base.batch_shape:
            base = base.expand((1,))
        super().__init__(base, StickBreakingTransform(), validate_args=validate_args)

    @property
    def loc(self) -> Tensor:
        """The means."""
        return self.base_dist.base_dist.loc  # type: ignore[attr-defined]

    @property
    def scale(self) -> Tensor:
        """The standard deviations."""
        return self.base_dist.base_dist.scale  # type: ignore[attr-defined]
