"""The multinomial distribution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.binomial import Binomial
from nn.distributions.categorical import Categorical, OfProbabilities
from nn.distributions.utils import counts
from nn.tensors.arithmetic import where
from nn.tensors.random import stream
from nn.tensors.tensor import Tensor

__all__ = ["Multinomial"]


class Multinomial(OfProbabilities):
    """The multinomial distribution: how often each of K classes comes out of n independent draws.

    Args:
        total_count: n, a whole number of 0 or more.
        probs: p, of shape (..., K), 0 or more; normalised to add up to 1.
        logits: ln p up to a constant, instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Shape:
        event (K)

    Raises:
        ValueError: not exactly one of `probs` and `logits` is given, or it has no axis.
        NotImplementedError: `total_count` is a tensor.

    Example:
        >>> import nn
        >>> nn.distributions.Multinomial(2, nn.tensor([1.0, 1.0])).log_prob(nn.tensor([1.0, 1.0])).exp()
        tensor(0.5000)
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}

    def __init__(
        self,
        total_count: int = 1,
        probs: Tensor | None = None,
        logits: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(total_count, int | np.integer) or total_count < 0:
            raise NotImplementedError(
                f"Multinomial: total_count must be one whole number of 0 or more for all, got {total_count!r}"
            )
        self.total_count = int(total_count)
        shape = self._set_probabilities(probs, logits).shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=1)
    def support(self) -> Any:
        """Counts that add up to at most n."""
        return constraints.multinomial(self.total_count)

    @property
    def mean(self) -> Tensor:
        return self.total_count * self.probs

    @property
    def variance(self) -> Tensor:
        return self.total_count * self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        p = self.probs.detach().numpy().astype(np.float64)
        shape = tuple(sample_shape) + self._batch_shape
        drawn = stream(None).multinomial(self.total_count, p / p.sum(-1, keepdims=True), shape)
        return wrap(np.asarray(drawn).astype(self._param.dtype))

    def log_prob(self, value: Tensor) -> Tensor:
        value = counts(self._valid(value), self.logits)
        never = (value == 0) & (self.logits == -math.inf)
        chosen = value * where(never, 0.0, self.logits)
        return (value.sum(-1) + 1).lgamma() - (value + 1).lgamma().sum(-1) + chosen.sum(-1)

    def entropy(self) -> Tensor:
        """By the marginal distributions: n H(p) - ln n! + the sum over the classes of E ln k!."""
        n = self.total_count
        each = Binomial(n, probs=self.probs, validate_args=False)
        counts = each.enumerate_support(False)
        repeats = (each.log_prob(counts).exp() * (counts + 1).lgamma()).sum(0).sum(-1)
        return n * Categorical.entropy(self) - math.lgamma(n + 1) + repeats  # type: ignore[arg-type]
