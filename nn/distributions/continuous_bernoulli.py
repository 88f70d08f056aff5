"""The continuous Bernoulli distribution."""

from __future__ import annotations

from typing import Any

from nn.distributions import constraints
from nn.distributions.bernoulli import OfProbability
from nn.distributions.utils import uniform_noise
from nn.tensors.arithmetic import where
from nn.tensors.tensor import Tensor

__all__ = ["ContinuousBernoulli"]


class ContinuousBernoulli(OfProbability):
    """The continuous Bernoulli distribution on [0, 1], with density proportional to p^x (1 - p)^(1 - x).

    With t = ln (p / (1 - p)) the density is e^(t x) / Z, where Z = (e^t - 1) / t; near t = 0 all is a series in t.

    Args:
        probs: p, in (0, 1).
        logits: t, instead of `probs`.
        lims: accepted and not needed: between these probabilities PyTorch takes its series.
        validate_args: check parameters and values, see `Distribution`.

    Raises:
        ValueError: not exactly one of `probs` and `logits` is given.

    Example:
        >>> import nn
        >>> nn.distributions.ContinuousBernoulli(0.5).log_prob(nn.tensor([0.0, 1.0]))
        tensor([0., 0.])

    References:
        Loaiza-Ganem and Cunningham, The Continuous Bernoulli: Fixing a Pervasive Error in Variational Autoencoders,
        2019.
    """

    arg_constraints = {"probs": constraints.unit_interval, "logits": constraints.real}
    support = constraints.unit_interval
    has_rsample = True

    def __init__(
        self,
        probs: Any = None,
        logits: Any = None,
        lims: tuple[float, float] = (0.499, 0.501),
        validate_args: bool | None = None,
    ) -> None:
        self._set_probability(probs, logits)
        shape = (self.logits if probs is None else self.probs).shape
        super().__init__(shape, validate_args=validate_args)

    def _near_and_far(self) -> tuple[Tensor, Tensor, Tensor]:
        """Whether t is near 0; and t where it is not, else 1."""
        near = self.logits.abs() < 0.3
        return near, self.logits, where(near, 1.0, self.logits)

    def _log_normaliser(self) -> Tensor:
        """ln((e^t - 1) / t), with the larger power of e taken out."""
        near, t, far = self._near_and_far()
        u = t**2
        series = t / 2 + u * (1 / 24 - u * (1 / 2880 - u * (1 / 181440 - u / 9676800)))
        return where(near, series, far.clamp(min=0) + (-(-far.abs()).expm1() / far.abs()).log())

    @property
    def mean(self) -> Tensor:
        """1 / (1 - e^-t) - 1 / t."""
        near, t, far = self._near_and_far()
        u = t**2
        series = 0.5 + t * (1 / 12 - u * (1 / 720 - u * (1 / 30240 - u * (1 / 1209600 - u / 47900160))))
        return where(near, series, -1 / (-far).expm1() - 1 / far)

    @property
    def variance(self) -> Tensor:
        """1 / t^2 - 1 / (4 sinh(t / 2)^2)."""
        near, t, far = self._near_and_far()
        u = t**2
        series = 1 / 12 - u * (1 / 240 - u * (1 / 6048 - u * (1 / 172800 - u / 5322240)))
        shrunk = (-far.abs()).exp() / (-far.abs()).expm1() ** 2
        return where(near, series, 1 / far**2 - shrunk)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.icdf(uniform_noise(self._extended_shape(sample_shape), self._param))

    def log_prob(self, value: Tensor) -> Tensor:
        return self.logits * self._valid(value) - self._log_normaliser()

    def cdf(self, value: Tensor) -> Tensor:
        """(e^(t x) - 1) / (e^t - 1), for x held within [0, 1]."""
        near, small, up, rising, falling = self._slopes()
        x = self._valid(value).clamp(min=0, max=1)
        above = (rising * (x - 1)).exp() * (-rising * x).expm1() / (-rising).expm1()  # by e^t, which may be large
        below = (falling * x).expm1() / falling.expm1()
        return where(near, x * _mean_exp(small * x) / _mean_exp(small), where(up, above, below))

    def icdf(self, value: Tensor) -> Tensor:
        """ln(1 + p (e^t - 1)) / t."""
        near, small, up, rising, falling = self._slopes()
        above = 1 + ((1 - value) * (-rising).expm1()).log1p() / rising  # by e^t, which may be large
        below = (value * falling.expm1()).log1p() / falling
        grown = value * _mean_exp(small)
        return where(near, grown * _mean_log1p(grown * small), where(up, above, below))

    def _slopes(self) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Whether t is near 0, and t there; whether it is positive, t where it is, and where it is not."""
        near, t, far = self._near_and_far()
        up = far > 0
        return near, where(near, t, 0.0), up, where(up, far, 1.0), where(up, -1.0, far)

    def entropy(self) -> Tensor:
        return self._log_normaliser() - self.logits * self.mean


def _mean_exp(s: Tensor) -> Tensor:
    """(e^s - 1) / s for |s| < 0.3, as a series."""
    total: Any = 1.0
    for k in range(12, 1, -1):
        total = 1 + s / k * total
    return total


def _mean_log1p(z: Tensor) -> Tensor:
    """ln(1 + z) / z, and 1 at 0."""
    zero = z == 0
    safe = where(zero, 1.0, z)
    return where(zero, 1 - z / 2, safe.log1p() / safe)
