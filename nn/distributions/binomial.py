"""The binomial distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.bernoulli import OfProbability, counted
from nn.distributions.utils import counts, softplus
from nn.tensors.random import stream
from nn.tensors.tensor import Tensor

__all__ = ["Binomial"]


class Binomial(OfProbability):
    """The binomial distribution: how many of n independent trials with probability p come out as 1.

    Args:
        total_count: n, a whole number of 0 or more, or a tensor of such.
        probs: p.
        logits: ln (p / (1 - p)), instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Raises:
        ValueError: not exactly one of `probs` and `logits` is given.

    Example:
        >>> import nn
        >>> nn.distributions.Binomial(2, 0.5).log_prob(nn.tensor([0.0, 1.0, 2.0])).exp()
        tensor([0.2500, 0.5000, 0.2500])
    """

    arg_constraints = {
        "total_count": constraints.nonnegative_integer,
        "probs": constraints.unit_interval,
        "logits": constraints.real,
    }
    has_enumerate_support = True

    def __init__(
        self, total_count: Any = 1, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        (self.total_count,) = self._set_probability(probs, logits, total_count)
        super().__init__(self.total_count.shape, validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        """The whole numbers from 0 to n."""
        return constraints.integer_interval(0, self.total_count)

    @property
    def mean(self) -> Tensor:
        return self.total_count * self.probs

    @property
    def mode(self) -> Tensor:
        return ((self.total_count + 1) * self.probs).floor().minimum(self.total_count)

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        n, p = self.total_count.detach().numpy(), self.probs.detach().numpy()
        drawn = stream(None).binomial(n.astype(np.int64), p, self._extended_shape(sample_shape))
        return wrap(np.asarray(drawn).astype(p.dtype))

    def log_prob(self, value: Tensor) -> Tensor:
        k, n = counts(self._valid(value), self.total_count), self.total_count
        ways = (n + 1).lgamma() - (k + 1).lgamma() - (n - k + 1).lgamma()
        return ways + k * self.logits - n * softplus(self.logits)

    def entropy(self) -> Tensor:
        log_prob = self.log_prob(self.enumerate_support(False))
        return -(log_prob.exp() * log_prob).sum(0)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        highest = self.total_count.detach().numpy()
        if np.ptp(highest):
            raise NotImplementedError("Binomial: the values of batches with unequal total_count cannot be enumerated")
        return counted(self, int(highest.max()) + 1, expand)
