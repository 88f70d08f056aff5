"""Mixtures of distributions of one family."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.distributions import constraints
from nn.distributions.categorical import Categorical
from nn.distributions.distribution import Distribution
from nn.tensors.tensor import Tensor

__all__ = ["MixtureSameFamily"]


class MixtureSameFamily(Distribution):
    """The mixture sum over k of w_k p_k(x) of the distributions along the last axis of a batch.

    Args:
        mixture_distribution: a `Categorical` of the K weights w.
        component_distribution: the p_k: a distribution whose batch ends in an axis of length K.
        validate_args: check parameters and values, see `Distribution`.

    Shape:
        batch (..., K) of the components -> batch (...)

    Raises:
        ValueError: the weights are no `Categorical`, or do not fit the components.

    Example:
        >>> import nn
        >>> d = nn.distributions
        >>> two = d.MixtureSameFamily(d.Categorical(nn.ones(2)), d.Normal(nn.tensor([-1.0, 1.0]), 1.0))
        >>> two.mean, two.variance
        (tensor(0.), tensor(2.))
    """

    arg_constraints: Any = {}

    def __init__(
        self,
        mixture_distribution: Categorical,
        component_distribution: Distribution,
        validate_args: bool | None = None,
    ) -> None:
        if not isinstance(mixture_distribution, Categorical):
            raise ValueError(
                "MixtureSameFamily: mixture_distribution must be a Categorical, "
                f"got {type(mixture_distribution).__name__}"
            )
        if not isinstance(component_distribution, Distribution):
            raise ValueError(
                "MixtureSameFamily: component_distribution must be a Distribution, "
                f"got {type(component_distribution).__name__}"
            )
        weights = (*mixture_distribution.batch_shape, mixture_distribution._num_events)
        batch = component_distribution.batch_shape
        if not batch or batch[-1] != weights[-1] or not _broadcasts(weights, batch):
            raise ValueError(
                f"MixtureSameFamily: the components' batch_shape must end in the axis of the {weights[-1]} weights and "
                f"broadcast with their shape {weights}, got {batch}"
            )
        self._mixture_distribution = mixture_distribution
        self._component_distribution = component_distribution
        super().__init__(batch[:-1], component_distribution.event_shape, validate_args=validate_args)

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(MixtureSameFamily, _instance)
        new.__dict__.update(self.__dict__)
        batch_shape = tuple(batch_shape)
        k = self._component_distribution.batch_shape[-1]
        new._component_distribution = self._component_distribution.expand((*batch_shape, k))
        new._mixture_distribution = self._mixture_distribution.expand(batch_shape)
        new._batch_shape = batch_shape
        return new

    @property
    def mixture_distribution(self) -> Categorical:
        """The weights."""
        return self._mixture_distribution

    @property
    def component_distribution(self) -> Distribution:
        """The components."""
        return self._component_distribution

    @constraints.dependent_property
    def support(self) -> Any:
        """That of the components, which may not depend on which one it is."""
        return self._component_distribution.support

    def _validate_sample(self, value: Any) -> None:
        super()._validate_sample(value) if not _differs(self.support) else None

    def _weights(self, event: int = 0) -> Tensor:
        probs = self._mixture_distribution.probs
        return probs.reshape(*probs.shape, *(1 for _ in range(event)))

    @property
    def mean(self) -> Tensor:
        event = len(self._event_shape)
        return (self._weights(event) * self._component_distribution.mean).sum(-1 - event)

    @property
    def variance(self) -> Tensor:
        """The mean of the variances and the variance of the means."""
        event = len(self._event_shape)
        weights, parts = self._weights(event), self._component_distribution
        spread = parts.mean - self.mean.unsqueeze(-1 - event)
        return (weights * (parts.variance + spread**2)).sum(-1 - event)

    def cdf(self, value: Tensor) -> Tensor:
        return (self._weights() * self._component_distribution.cdf(self._valid(value).unsqueeze(-1))).sum(-1)

    def log_prob(self, value: Tensor) -> Tensor:
        value = self._valid(value).unsqueeze(-1 - len(self._event_shape))
        log_weights = self._mixture_distribution.logits.log_softmax(-1)
        return (self._component_distribution.log_prob(value) + log_weights).logsumexp(-1)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        event = len(self._event_shape)
        chosen = self._mixture_distribution.expand(self._batch_shape).sample(sample_shape)
        values = self._component_distribution.sample(sample_shape)
        place = chosen.reshape(*chosen.shape, *(1 for _ in range(event + 1)))
        axis = chosen.ndim
        place = place.expand((*chosen.shape, 1, *self._event_shape))
        return values.gather(axis, place).squeeze(axis)

    def __repr__(self) -> str:
        return f"MixtureSameFamily(\n  {self._mixture_distribution!r},\n  {self._component_distribution!r})"


def _broadcasts(weights: tuple[int, ...], batch: tuple[int, ...]) -> bool:
    """Whether the weights broadcast to the batch of the components."""
    try:
        return np.broadcast_shapes(weights, batch) == batch
    except ValueError:
        return False


def _differs(support: Any) -> bool:
    """Whether a support has bounds that are tensors, one for each component."""
    return any(isinstance(bound, Tensor) and bound.ndim for bound in vars(support).values())
