"""The beta distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import special
from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import broadcast_all, lbeta, off_the_ends
from nn.ops import incomplete
from nn.tensors.arithmetic import where
from nn.tensors.random import stream
from nn.tensors.tensor import Tensor

__all__ = ["Beta"]


class Beta(Distribution):
    """The beta distribution on (0, 1), with density x^(a - 1) (1 - x)^(b - 1) / B(a, b).

    Samples have gradients by both parameters, of every order.

    Args:
        concentration1: a, above 0.
        concentration0: b, above 0; the mean is a / (a + b).
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.Beta(2.0, 2.0).log_prob(nn.tensor([0.5])).exp()
        tensor([1.5000])

    References:
        Figurnov, Mohamed and Mnih, Implicit Reparameterization Gradients, 2018.
    """

    arg_constraints = {"concentration1": constraints.positive, "concentration0": constraints.positive}
    support = constraints.unit_interval
    has_rsample = True

    def __init__(self, concentration1: Any, concentration0: Any, validate_args: bool | None = None) -> None:
        self.concentration1, self.concentration0 = broadcast_all(concentration1, concentration0)
        super().__init__(self.concentration1.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.concentration1 / (self.concentration1 + self.concentration0)

    @property
    def mode(self) -> Tensor:
        """(a - 1) / (a + b - 2); where a and b are below 1 the end with the higher density, both being infinite."""
        a, b = self.concentration1, self.concentration0
        left, right = (a - 1).clamp(min=0), (b - 1).clamp(min=0)
        both = (a < 1) & (b < 1)
        return where(both, (a >= b).to(a.dtype), left / where(both, 1.0, left + right))

    @property
    def variance(self) -> Tensor:
        total = self.concentration1 + self.concentration0
        return self.concentration1 * self.concentration0 / (total**2 * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        a, b = self.concentration1, self.concentration0
        shape = self._extended_shape(sample_shape)
        values = stream(None).beta(a.detach().numpy(), b.detach().numpy(), shape)
        drawn = off_the_ends(wrap(np.asarray(values).astype(a.dtype)))
        if not (a.requires_grad or b.requires_grad):
            return drawn
        a, b = a.expand(shape), b.expand(shape)
        return incomplete.beta_moved(a, b, drawn, at=(a.detach().numpy(), b.detach().numpy()))

    def log_prob(self, value: Tensor) -> Tensor:
        value, a, b = self._valid(value), self.concentration1, self.concentration0
        return special.xlogy(a - 1, value) + special.xlog1py(b - 1, -value) - lbeta(a, b)

    def cdf(self, value: Tensor) -> Tensor:
        return incomplete.betainc(self.concentration1, self.concentration0, self._valid(value))

    def icdf(self, value: Tensor) -> Tensor:
        return incomplete.beta_quantile(self.concentration1, self.concentration0, value)

    def entropy(self) -> Tensor:
        a, b = self.concentration1, self.concentration0
        total = a + b
        return lbeta(a, b) - (a - 1) * a.digamma() - (b - 1) * b.digamma() + (total - 2) * total.digamma()
