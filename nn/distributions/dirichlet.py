"""Dirichlet's distribution."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn import special
from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.utils import off_the_ends
from nn.errors import ShapeError
from nn.functional.embedding import one_hot
from nn.ops import incomplete
from nn.tensors.arithmetic import where
from nn.tensors.random import stream
from nn.tensors.tensor import Tensor

__all__ = ["Dirichlet"]


class Dirichlet(Distribution):
    """Dirichlet's distribution of probabilities x_1 ... x_K, with density proportional to the product of x_k^(a_k - 1).

    Samples have gradients of first order: where a_k grows, x_k moves as a number of its own Beta(a_k, the other a's)
    does, and the others shrink in proportion.

    Args:
        concentration: a, of shape (..., K), above 0.
        validate_args: check parameters and values, see `Distribution`.

    Shape:
        event (K)

    Example:
        >>> import nn
        >>> nn.distributions.Dirichlet(nn.tensor([1.0, 3.0])).mean
        tensor([0.2500, 0.7500])

    References:
        Jankowiak and Obermeyer, Pathwise Derivatives Beyond the Reparameterization Trick, 2018.
    """

    arg_constraints = {"concentration": constraints.independent(constraints.positive, 1)}
    support = constraints.simplex
    has_rsample = True

    def __init__(self, concentration: Tensor, validate_args: bool | None = None) -> None:
        if concentration.ndim < 1:
            raise ShapeError("Dirichlet: concentration must have at least one axis, got a number; give a vector")
        self.concentration = concentration
        super().__init__(concentration.shape[:-1], concentration.shape[-1:], validate_args)

    @property
    def mean(self) -> Tensor:
        return self.concentration / self.concentration.sum(-1, keepdim=True)

    @property
    def mode(self) -> Tensor:
        """In proportion to a - 1 where that is positive; where no a is above 1, all on the largest one."""
        above = (self.concentration - 1).clamp(min=0)
        corner = (self.concentration < 1).all(-1, keepdim=True)
        largest = one_hot(self.concentration.argmax(-1), self.concentration.shape[-1]).to(above.dtype)
        return where(corner, largest, above / where(corner, 1.0, above.sum(-1, keepdim=True)))

    @property
    def variance(self) -> Tensor:
        total = self.concentration.sum(-1, keepdim=True)
        return self.concentration * (total - self.concentration) / (total**2 * (total + 1))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        a, shape = self.concentration, self._extended_shape(sample_shape)
        array = a.detach().numpy()
        gammas = stream(None).standard_gamma(np.broadcast_to(array, shape).astype(np.float64))
        gammas = np.maximum(gammas, np.finfo(np.float64).tiny)
        drawn = off_the_ends(wrap((gammas / gammas.sum(-1, keepdims=True)).astype(a.dtype)))
        if not a.requires_grad:
            return drawn
        # each x_k as a number of its beta distribution; to first order, the others keep their proportions
        wide = a.expand(shape)
        at = wide.detach()
        others = at.sum(-1, keepdim=True) - at
        moved = incomplete.beta_moved(wide, others, drawn, at=(at.numpy(), others.numpy()))
        shrunk = ((1 - moved) / (1 - drawn)).log()
        return moved * (shrunk.sum(-1, keepdim=True) - shrunk).exp()

    def log_prob(self, value: Tensor) -> Tensor:
        value, a = self._valid(value), self.concentration
        return special.xlogy(a - 1, value).sum(-1) + a.sum(-1).lgamma() - a.lgamma().sum(-1)

    def entropy(self) -> Tensor:
        a, total, k = self.concentration, self.concentration.sum(-1), self.concentration.shape[-1]
        log_normaliser = a.lgamma().sum(-1) - total.lgamma()
        return log_normaliser + (total - k) * total.digamma() - ((a - 1) * a.digamma()).sum(-1)
