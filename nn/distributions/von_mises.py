"""Von Mises' distribution of angles."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn import special
from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import broadcast_all
from nn.tensors.random import stream
from nn.tensors.tensor import Tensor

__all__ = ["VonMises"]


class VonMises(Distribution):
    """Von Mises' distribution of angles, with density e^(k cos(x - loc)) / (2 pi I0(k)), where k is the concentration.

    Args:
        loc: the mean angle, in radians.
        concentration: k, above 0.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> nn.distributions.VonMises(nn.tensor(0.0), nn.tensor(1.0)).log_prob(nn.tensor(0.0))
        tensor(-1.0738)
    """

    arg_constraints = {"loc": constraints.real, "concentration": constraints.positive}
    support = constraints.real

    def __init__(self, loc: Any, concentration: Any, validate_args: bool | None = None) -> None:
        self.loc, self.concentration = broadcast_all(loc, concentration)
        super().__init__(self.loc.shape, validate_args=validate_args)

    @property
    def mean(self) -> Tensor:
        """The mean angle."""
        return self.loc

    @property
    def mode(self) -> Tensor:
        return self.loc

    @property
    def variance(self) -> Tensor:
        """The circular variance, 1 - I1(k) / I0(k)."""
        return 1 - special.i1e(self.concentration) / special.i0e(self.concentration)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        loc, k = self.loc.detach().numpy(), self.concentration.detach().numpy()
        drawn = stream(None).vonmises(loc, k, self._extended_shape(sample_shape))
        return wrap(np.asarray((drawn + math.pi) % (2 * math.pi) - math.pi).astype(loc.dtype))

    def log_prob(self, value: Tensor) -> Tensor:
        """With I0(k) = e^k i0e(k), so that nothing overflows."""
        k = self.concentration
        return k * ((self._valid(value) - self.loc).cos() - 1) - math.log(2 * math.pi) - special.i0e(k).log()

    def entropy(self) -> Tensor:
        """ln(2 pi I0(k)) - k I1(k) / I0(k)."""
        k = self.concentration
        return math.log(2 * math.pi) + special.i0e(k).log() + k * self.variance
