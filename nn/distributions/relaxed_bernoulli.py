"""Bernoulli's distribution relaxed to numbers between 0 and 1."""

from __future__ import annotations

from typing import Any

from nn.distributions import constraints
from nn.distributions.bernoulli import OfProbability
from nn.distributions.transformed_distribution import TransformedDistribution
from nn.distributions.transforms import SigmoidTransform
from nn.distributions.utils import softplus, uniform_noise
from nn.tensors.tensor import Tensor

__all__ = ["LogitRelaxedBernoulli", "RelaxedBernoulli"]


class LogitRelaxedBernoulli(OfProbability):
    """The distribution of ln (x / (1 - x)), where x has the distribution `RelaxedBernoulli`.

    Args:
        temperature: above 0.
        probs: the probability of 1.
        logits: ln (p / (1 - p)), instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.relaxed_bernoulli.LogitRelaxedBernoulli(nn.tensor(1.0), 0.5).log_prob(nn.tensor(0.0)).exp()
        tensor(0.2500)
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.real
    has_rsample = True

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        self.temperature = temperature
        self._set_probability(probs, logits)
        shape = (self.logits if probs is None else self.probs).shape
        super().__init__(shape, validate_args=validate_args)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        u = uniform_noise(self._extended_shape(sample_shape), self._param)
        return (u.log() - (-u).log1p() + self.logits) / self.temperature

    def log_prob(self, value: Tensor) -> Tensor:
        z = self.logits - self._valid(value) * self.temperature
        temperature = self.temperature if isinstance(self.temperature, Tensor) else z.new_tensor(self.temperature)
        return temperature.log() + z - 2 * softplus(z)


class RelaxedBernoulli(TransformedDistribution):
    """Bernoulli's distribution relaxed to (0, 1), so that samples have gradients: sigmoid((logits + noise) / T).

    Args:
        temperature: T, above 0; towards 0 the values go to 0 and 1.
        probs: the probability of 1.
        logits: ln (p / (1 - p)), instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.RelaxedBernoulli(nn.tensor(1.0), probs=0.5).log_prob(nn.tensor(0.5))
        tensor(0.)

    References:
        Maddison, Mnih and Teh, The Concrete Distribution, 2016.
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.unit_interval
    base_dist: LogitRelaxedBernoulli

    def __init__(
        self, temperature: Any, probs: Any = None, logits: Any = None, validate_args: bool | None = None
    ) -> None:
        base = LogitRelaxedBernoulli(temperature, probs, logits, validate_args=validate_args)
        super().__init__(base, SigmoidTransform(), validate_args=validate_args)

    @property
    def temperature(self) -> Any:
        """How soft the choice is."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Tensor:
        """ln (p / (1 - p))."""
        return self.base_dist.logits

    @property
    def probs(self) -> Tensor:
        """The probability of 1."""
        return self.base_dist.probs
