"""The gamma distribution."""

from __future__ import annotations

from typing import Any

from nn import special
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import broadcast_all, gamma_noise
from nn.ops import incomplete
from nn.tensors.tensor import Tensor

__all__ = ["Gamma"]


def standard_gamma(concentration: Tensor, shape: tuple[int, ...]) -> Tensor:
    """Numbers of the gamma distribution with rate 1, with gradients by its concentration.

    When the concentration a changes, a number x drawn moves so that the probability F of less than x stays what it was,
    dx/da = -(dF/da) / (dF/dx).

    References:
        Figurnov, Mohamed and Mnih, Implicit Reparameterization Gradients, 2018.
    """
    drawn = gamma_noise(concentration, shape)
    if not concentration.requires_grad:
        return drawn
    a = concentration.expand(shape)
    return incomplete.gamma_moved(a, drawn, at=a.detach().numpy())


class Gamma(Distribution):
    """The gamma distribution, with density rate^a x^(a - 1) e^(-rate x) / Gamma(a), where a is the concentration.

    Samples have gradients by both parameters, of every order.

    Args:
        concentration: above 0.
        rate: above 0; the mean is concentration / rate.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.Gamma(2.0, 1.0).log_prob(nn.tensor([1.0, 2.0]))
        tensor([-1.0000, -1.3069])

    References:
        Figurnov, Mohamed and Mnih, Implicit Reparameterization Gradients, 2018.
    """

    arg_constraints: Any = {"concentration": constraints.positive, "rate": constraints.positive}
    support = constraints.nonnegative
    has_rsample = True

    def __init__(self, concentration: Any, rate: Any, validate_args: bool | None = None) -> None:
        self.concentration, self.rate = broadcast_all(concentration, rate)
        super().__init__(self.concentration.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.rate

    @property
    def mode(self) -> Tensor:
        return ((self.concentration - 1) / self.rate).clamp(min=0)

    @property
    def variance(self) -> Tensor:
        return self.concentration / self.rate**2

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return standard_gamma(self.concentration, self._extended_shape(sample_shape)) / self.rate

    def log_prob(self, value: Tensor) -> Tensor:
        value, a, rate = self._valid(value), self.concentration, self.rate
        return special.xlogy(a, rate) + special.xlogy(a - 1, value) - rate * value - a.lgamma()

    def cdf(self, value: Tensor) -> Tensor:
        return special.gammainc(self.concentration, self.rate * self._valid(value))

    def icdf(self, value: Tensor) -> Tensor:
        return incomplete.gamma_quantile(self.concentration, value) / self.rate

    def entropy(self) -> Tensor:
        a = self.concentration
        return a - self.rate.log() + a.lgamma() + (1 - a) * a.digamma()
