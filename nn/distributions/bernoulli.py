"""Bernoulli's distribution, and what the families of a probability or a logit share."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import broadcast_all, lazy_property, logits_to_probs, probs_to_logits
from nn.functional.loss import binary_cross_entropy_with_logits
from nn.tensors.arithmetic import where
from nn.tensors.random import stream
from nn.tensors.tensor import Tensor

__all__ = ["Bernoulli"]


class OfProbability(Distribution):
    """A distribution whose parameter is a probability `probs`, or `logits` = ln (p / (1 - p)), besides others."""

    def _set_probability(self, probs: Any, logits: Any, *others: Any) -> tuple[Tensor, ...]:
        """Keep the one that is given; returns the other parameters broadcast with it."""
        if (probs is None) == (logits is None):
            raise ValueError(f"{type(self).__name__}: exactly one of probs and logits must be given")
        parameter, *rest = broadcast_all(logits if probs is None else probs, *others)
        self.__dict__["logits" if probs is None else "probs"] = parameter
        return tuple(rest)

    @property
    def _param(self) -> Tensor:
        """The parameter that was given."""
        return self.__dict__["probs" if "probs" in self._given else "logits"]

    @property
    def param_shape(self) -> tuple[int, ...]:
        """The shape of the parameter."""
        return self._param.shape

    @lazy_property
    def logits(self) -> Tensor:
        """ln (p / (1 - p)); of given probabilities clamped, so that it is finite."""
        return probs_to_logits(self.probs, is_binary=True)

    @lazy_property
    def probs(self) -> Tensor:
        """The probability."""
        return logits_to_probs(self.logits, is_binary=True)


class Bernoulli(OfProbability):
    """Bernoulli's distribution: 1 with probability p, else 0.

    Args:
        probs: p.
        logits: ln (p / (1 - p)), instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Raises:
        ValueError: not exactly one of `probs` and `logits` is given.

    Example:
        >>> import nn
        >>> nn.distributions.Bernoulli(nn.tensor([0.25, 1.0])).log_prob(nn.tensor(1.0)).exp()
        tensor([0.2500, 1.0000])
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.boolean
    has_enumerate_support = True

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._set_probability(probs, logits)
        shape = (self.logits if probs is None else self.probs).shape
        super().__init__(shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def mode(self) -> Tensor:
        """nan where both values are equally likely."""
        return where(self.probs == 0.5, math.nan, (self.probs >= 0.5).to(self.probs.dtype))

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        p = self.probs.detach().numpy()
        return wrap((stream(None).random(self._extended_shape(sample_shape)) < p).astype(p.dtype))

    def log_prob(self, value: Tensor) -> Tensor:
        value, logits = broadcast_all(self._valid(value), self.logits)
        return -binary_cross_entropy_with_logits(logits, value, reduction="none")

    def entropy(self) -> Tensor:
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none")

    def enumerate_support(self, expand: bool = True) -> Tensor:
        return counted(self, 2, expand)


def counted(distribution: OfProbability, count: int, expand: bool) -> Tensor:
    """The numbers 0 to count - 1 along a new first axis, as a distribution enumerates them."""
    batch = distribution.batch_shape
    values = wrap(np.arange(count).astype(distribution._param.dtype).reshape(count, *(1 for _ in batch)))
    return values.expand((count, *batch)) if expand else values
