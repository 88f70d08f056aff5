"""The geometric distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import special
from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.bernoulli import OfProbability
from nn.functional.loss import binary_cross_entropy_with_logits
from nn.tensors.random import stream
from nn.tensors.tensor import Tensor

__all__ = ["Geometric"]


class Geometric(OfProbability):
    """The geometric distribution: how many trials with probability p fail before the first success, (1 - p)^k p.

    Args:
        probs: p, above 0.
        logits: ln (p / (1 - p)), instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Raises:
        ValueError: not exactly one of `probs` and `logits` is given.

    Example:
        >>> import nn
        >>> nn.distributions.Geometric(0.5).log_prob(nn.tensor([0.0, 2.0])).exp()
        tensor([0.5000, 0.1250])
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.nonnegative_integer

    def __init__(self, probs: Any = None, logits: Any = None, validate_args: bool | None = None) -> None:
        self._set_probability(probs, logits)
        shape = (self.logits if probs is None else self.probs).shape
        super().__init__(shape, validate_args=validate_args)
        if self._validate_args and probs is not None and not bool((self.probs > 0).all()):
            raise ValueError(f"Geometric: probs must be above 0, got {self.probs.detach()}")

    @property
    def mean(self) -> Tensor:
        return 1 / self.probs - 1

    @property
    def mode(self) -> Tensor:
        return self.probs.new_zeros(self.probs.shape)

    @property
    def variance(self) -> Tensor:
        return (1 / self.probs - 1) / self.probs

    def sample(self, sample_shape: Any = ()) -> Tensor:
        p = self.probs.detach().numpy()
        return wrap(np.asarray(stream(None).geometric(p, self._extended_shape(sample_shape)) - 1).astype(p.dtype))

    def log_prob(self, value: Tensor) -> Tensor:
        return special.xlog1py(self._valid(value), -self.probs) + self.probs.log()

    def entropy(self) -> Tensor:
        return binary_cross_entropy_with_logits(self.logits, self.probs, reduction="none") / self.probs
