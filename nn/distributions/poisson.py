"""Poisson's distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import special
from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import broadcast_all, counts
from nn.tensors.random import stream
from nn.tensors.tensor import Tensor

__all__ = ["Poisson"]


class Poisson(Distribution):
    """Poisson's distribution of a number of events: rate^k e^-rate / k!.

    Args:
        rate: the mean, 0 or more.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.Poisson(1.0).log_prob(nn.tensor([0.0, 1.0, 2.0]))
        tensor([-1.0000, -1.0000, -1.6931])
    """

    arg_constraints = {"rate": constraints.nonnegative}
    support = constraints.nonnegative_integer

    def __init__(self, rate: Any, validate_args: bool | None = None) -> None:
        (self.rate,) = broadcast_all(rate)
        super().__init__(self.rate.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.rate

    @property
    def mode(self) -> Tensor:
        return self.rate.floor()

    @property
    def variance(self) -> Tensor:
        return self.rate

    def sample(self, sample_shape: Any = ()) -> Tensor:
        rate = self.rate.detach().numpy()
        return wrap(np.asarray(stream(None).poisson(rate, self._extended_shape(sample_shape))).astype(rate.dtype))

    def log_prob(self, value: Tensor) -> Tensor:
        value = counts(self._valid(value), self.rate)
        return special.xlogy(value, self.rate) - self.rate - (value + 1).lgamma()
