"""The negative binomial distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.bernoulli import OfProbability
from nn.distributions.utils import counts, softplus
from nn.tensors.arithmetic import where
from nn.tensors.random import stream
from nn.tensors.tensor import Tensor

__all__ = ["NegativeBinomial"]


class NegativeBinomial(OfProbability):
    """The negative binomial distribution: how many trials with probability p succeed before `total_count` have failed.

    Args:
        total_count: above 0 or 0, not necessarily whole.
        probs: p, below 1.
        logits: ln (p / (1 - p)), instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Raises:
        ValueError: not exactly one of `probs` and `logits` is given.

    Example:
        >>> import nn
        >>> nn.distributions.NegativeBinomial(1, 0.5).log_prob(nn.tensor([0.0, 1.0])).exp()
        tensor([0.5000, 0.2500])
    """

    arg_constraints = {
        "total_count": constraints.greater_than_eq(0),
        "probs": constraints.half_open_interval(0.0, 1.0),
        "logits": constraints.real,
    }
    support = constraints.nonnegative_integer

    def __init__(
        self, total_count: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        (self.total_count,) = self._set_probability(probs, logits, total_count)
        super().__init__(self.total_count.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.total_count * self.logits.exp()

    @property
    def mode(self) -> Tensor:
        return ((self.total_count - 1) * self.logits.exp()).floor().clamp(min=0)

    @property
    def variance(self) -> Tensor:
        return self.mean / (-self.logits).sigmoid()

    def sample(self, sample_shape: Any = ()) -> Tensor:
        n, odds = self.total_count.detach().numpy(), self.logits.detach().exp().numpy()
        draws = stream(None)
        rate = draws.standard_gamma(np.broadcast_to(n, self._extended_shape(sample_shape))) * odds
        return wrap(np.asarray(draws.poisson(rate)).astype(odds.dtype))

    def log_prob(self, value: Tensor) -> Tensor:
        k, n = counts(self._valid(value), self.total_count), self.total_count
        none = n + k == 0  # no trials, one way
        ways = where(none, 1.0, n + k).lgamma() - (k + 1).lgamma() - where(none, 1.0, n).lgamma()
        return ways - n * softplus(self.logits) - k * softplus(-self.logits)
