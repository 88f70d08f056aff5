"""The categorical distribution relaxed to vectors of probabilities."""

from __future__ import annotations

import math
from typing import Any

from nn.distributions import constraints
from nn.distributions.categorical import OfProbabilities
from nn.distributions.transformed_distribution import TransformedDistribution
from nn.distributions.transforms import ExpTransform
from nn.distributions.utils import exponential_noise
from nn.tensors.tensor import Tensor

__all__ = ["ExpRelaxedCategorical", "RelaxedOneHotCategorical"]


class ExpRelaxedCategorical(OfProbabilities):
    """The distribution of ln x, where x has the distribution `RelaxedOneHotCategorical`.

    Args:
        temperature: above 0.
        probs: p, of shape (..., K), 0 or more; normalised to add up to 1.
        logits: ln p up to a constant, instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> ExpRelaxedCategorical(nn.tensor(1.0), nn.ones(3)).sample((2,)).shape
        (2, 3)
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.real_vector
    has_rsample = True

    def __init__(
        self,
        temperature: Any,
        probs: Tensor | None = None,
        logits: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        self.temperature = temperature
        shape = self._set_probabilities(probs, logits).shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        gumbel = -exponential_noise(self._extended_shape(sample_shape), self._param).log()
        return ((self.logits + gumbel) / self.temperature).log_softmax(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        k = self._num_events
        scores = (self.logits - self._valid(value) * self.temperature).log_softmax(-1)
        temperature = self.temperature if isinstance(self.temperature, Tensor) else scores.new_tensor(self.temperature)
        return math.lgamma(k) + (k - 1) * temperature.log() + scores.sum(-1)


class RelaxedOneHotCategorical(TransformedDistribution):
    """The categorical distribution relaxed to the simplex, so that samples have gradients: Gumbel's softmax.

    A sample is softmax((logits + Gumbel noise) / temperature).

    Args:
        temperature: above 0; towards 0 the values go to one-hot vectors.
        probs: p, of shape (..., K), 0 or more; normalised to add up to 1.
        logits: ln p up to a constant, instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Shape:
        event (K)

    Example:
        >>> import nn
        >>> nn.distributions.RelaxedOneHotCategorical(nn.tensor(1.0), nn.ones(3)).sample((2,)).shape
        (2, 3)

    References:
        Jang, Gu and Poole, Categorical Reparameterization with Gumbel-Softmax, 2016.
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.simplex
    base_dist: ExpRelaxedCategorical

    def __init__(
        self,
        temperature: Any,
        probs: Tensor | None = None,
        logits: Tensor | None = None,
        validate_args: bool | None = None,
    ) -> None:
        base = ExpRelaxedCategorical(temperature, probs, logits, validate_args=validate_args)
        super().__init__(base, ExpTransform(), validate_args=validate_args)

    @property
    def temperature(self) -> Any:
        """How soft the choice is."""
        return self.base_dist.temperature

    @property
    def logits(self) -> Tensor:
        """ln p."""
        return self.base_dist.logits

    @property
    def probs(self) -> Tensor:
        """The probabilities of the classes."""
        return self.base_dist.probs
