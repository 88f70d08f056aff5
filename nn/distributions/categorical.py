"""The categorical distribution, of one of K classes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import lazy_property, logits_to_probs, probs_to_logits
from nn.tensors.random import stream
from nn.tensors.tensor import Tensor

__all__ = ["Categorical"]


class OfProbabilities(Distribution):
    """A distribution whose parameter is `probs`, or `logits`, of K classes: both are normalised along the last axis."""

    def _set_probabilities(self, probs: Tensor | None, logits: Tensor | None) -> Tensor:
        """Keep the one that is given, normalised, and return it."""
        name = type(self).__name__
        if (probs is None) == (logits is None):
            raise ValueError(f"{name}: exactly one of probs and logits must be given")
        given: Any = logits if probs is None else probs
        if given.ndim < 1:
            raise ValueError(f"{name}: probs or logits must have at least one axis, that of the classes; got a number")
        if probs is None:
            self.logits = given - given.logsumexp(-1, keepdim=True)
        else:
            self.probs = given / given.sum(-1, keepdim=True)
        return self.logits if probs is None else self.probs

    @property
    def _param(self) -> Tensor:
        """The parameter that was given, normalised."""
        return self.__dict__["probs" if "probs" in self._given else "logits"]

    @property
    def param_shape(self) -> tuple[int, ...]:
        """The shape of the parameter."""
        return self._param.shape

    @property
    def _num_events(self) -> int:
        """K."""
        return self._param.shape[-1]

    @lazy_property
    def logits(self) -> Tensor:
        """ln p; of given probabilities clamped, so that it is finite."""
        return probs_to_logits(self.probs)

    @lazy_property
    def probs(self) -> Tensor:
        """The probabilities, which add up to 1."""
        return logits_to_probs(self.logits)


class Categorical(OfProbabilities):
    """The categorical distribution: class k of 0 ... K - 1 with probability p_k.

    Args:
        probs: p, of shape (..., K), 0 or more; normalised to add up to 1.
        logits: ln p up to a constant, instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Raises:
        ValueError: not exactly one of `probs` and `logits` is given, or it has no axis.

    Example:
        >>> import nn
        >>> classes = nn.distributions.Categorical(nn.tensor([1.0, 3.0]))
        >>> classes.log_prob(nn.tensor([0, 1])).exp()
        tensor([0.2500, 0.7500])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    has_enumerate_support = True

    def __init__(
        self, probs: Tensor | None = None, logits: Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        shape = self._set_probabilities(probs, logits).shape
        super().__init__(shape[:-1], validate_args=validate_args)

    @constraints.dependent_property(is_discrete=True, event_dim=0)
    def support(self) -> Any:
        """The whole numbers from 0 to K - 1."""
        return constraints.integer_interval(0, self._num_events - 1)

    @property
    def mean(self) -> Tensor:
        """nan: classes are no numbers."""
        return wrap(np.full(self._batch_shape, math.nan, self._param.dtype))

    @property
    def mode(self) -> Tensor:
        return self.probs.argmax(-1)

    @property
    def variance(self) -> Tensor:
        """nan: classes are no numbers."""
        return self.mean

    def sample(self, sample_shape: Any = ()) -> Tensor:
        return wrap(draw_classes(self.probs, self._extended_shape(sample_shape)))

    def log_prob(self, value: Tensor) -> Tensor:
        value = self._valid(value).long()
        shape = np.broadcast_shapes(value.shape, self._batch_shape)
        logits = self.logits.expand((*shape, self._num_events))
        return logits.gather(-1, value.expand(shape).unsqueeze(-1)).squeeze(-1)

    def entropy(self) -> Tensor:
        lowest = float(np.finfo(self.logits.dtype).min)
        return -(self.logits.clamp(min=lowest) * self.probs).sum(-1)

    def enumerate_support(self, expand: bool = True) -> Tensor:
        k, batch = self._num_events, self._batch_shape
        values = wrap(np.arange(k).reshape(k, *(1 for _ in batch)))
        return values.expand((k, *batch)) if expand else values


def draw_classes(probs: Tensor, shape: tuple[int, ...]) -> Any:
    """Classes drawn with probabilities (..., K), as an array of this shape: the step of their sum that u falls on."""
    stairs = np.cumsum(probs.detach().numpy().astype(np.float64), -1)
    heights = stream(None).random(shape) * stairs[..., -1]
    below = stairs <= heights[..., None]  # a step of no height is never met
    return np.minimum(below.sum(-1), np.argmax(stairs == stairs[..., -1:], -1))
