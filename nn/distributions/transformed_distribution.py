"""What a distribution becomes under invertible maps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.autograd.grad_mode import no_grad
from nn.distributions import constraints
from nn.distributions.distribution import Distribution
from nn.distributions.independent import Independent
from nn.distributions.transforms import ComposeTransform, Transform
from nn.distributions.utils import sum_rightmost
from nn.tensors.tensor import Tensor

__all__ = ["TransformedDistribution"]


class TransformedDistribution(Distribution):
    """The distribution of y = f(x), where x has the base distribution and f is a chain of invertible maps.

    With J the Jacobian of f, log p(y) = log p(x) - log |det J|, at x = f^-1(y).

    Args:
        base_distribution: of x.
        transforms: a `Transform`, or a list of them, applied in order.
        validate_args: check parameters and values, see `Distribution`.

    Raises:
        ValueError: a transform is none, or takes events of more axes than the base distribution has axes.

    Example:
        >>> import nn
        >>> d = nn.distributions
        >>> logistic = d.TransformedDistribution(d.Uniform(0.0, 1.0), d.SigmoidTransform().inv)
        >>> logistic.log_prob(nn.tensor(0.0)).exp()
        tensor(0.2500)
    """

    arg_constraints: Any = {}

    def __init__(
        self,
        base_distribution: Distribution,
        transforms: Transform | Sequence[Transform],
        validate_args: bool | None = None,
    ) -> None:
        self.transforms = [transforms] if isinstance(transforms, Transform) else list(transforms)
        if wrong := [t for t in self.transforms if not isinstance(t, Transform)]:
            raise ValueError(f"TransformedDistribution: transforms must be Transforms, got {type(wrong[0]).__name__}")
        chain = ComposeTransform(self.transforms)
        shape = base_distribution.batch_shape + base_distribution.event_shape
        if len(shape) < chain.domain.event_dim:
            raise ValueError(
                f"TransformedDistribution: the base distribution must have at least {chain.domain.event_dim} axes for "
                f"{chain}, got shape {shape}; use expand"
            )
        # the base takes on the axes that the chain's result has more than itself
        needed = chain.inverse_shape(chain.forward_shape(shape))
        if needed != shape:
            batch = needed[: len(needed) - len(base_distribution.event_shape)]
            base_distribution = base_distribution.expand(batch)
        more = chain.domain.event_dim - len(base_distribution.event_shape)
        self.base_dist = Independent(base_distribution, more) if more > 0 else base_distribution
        self._spread()
        super().__init__(self._batch_shape, self._event_shape, validate_args=validate_args)

    def _spread(self) -> None:
        """The shapes of the result, from those of the base."""
        chain = ComposeTransform(self.transforms)
        base = self.base_dist.batch_shape + self.base_dist.event_shape
        shape = chain.forward_shape(base)
        event = chain.codomain.event_dim + max(len(self.base_dist.event_shape) - chain.domain.event_dim, 0)
        cut = len(shape) - event
        self._batch_shape, self._event_shape = shape[:cut], shape[cut:]

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        new = self._get_checked_instance(TransformedDistribution, _instance) if _instance is None else _instance
        new.__dict__.update(self.__dict__)
        shape = ComposeTransform(self.transforms).inverse_shape(tuple(batch_shape) + self._event_shape)
        new.base_dist = self.base_dist.expand(shape[: len(shape) - len(self.base_dist.event_shape)])
        new._batch_shape = tuple(batch_shape)
        return new

    def _get_checked_instance(self, cls: type, _instance: Any = None) -> Any:
        return type(self).__new__(type(self)) if _instance is None else _instance

    @property
    def has_rsample(self) -> bool:  # type: ignore[override]
        """Whether the base distribution's samples have gradients."""
        return self.base_dist.has_rsample

    @constraints.dependent_property(is_discrete=False)
    def support(self) -> Any:
        """Where the last transform leads to."""
        if not self.transforms:
            return self.base_dist.support
        found = self.transforms[-1].codomain
        more = len(self._event_shape) - found.event_dim
        return constraints.independent(found, more) if more > 0 else found

    def sample(self, sample_shape: Any = ()) -> Tensor:
        with no_grad():
            return self._moved(self.base_dist.sample(sample_shape))

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self._moved(self.base_dist.rsample(sample_shape))

    def _moved(self, x: Tensor) -> Tensor:
        for transform in self.transforms:
            x = transform(x)
        return x

    def log_prob(self, value: Tensor) -> Tensor:
        y = self._valid(value)
        event = len(self._event_shape)
        total: Any = 0.0
        for transform in reversed(self.transforms):
            x = transform.inv(y)
            event += transform.domain.event_dim - transform.codomain.event_dim
            slope = transform.log_abs_det_jacobian(x, y)
            total = total - sum_rightmost(slope, event - transform.domain.event_dim)
            y = x
        return total + sum_rightmost(self.base_dist.log_prob(y), event - len(self.base_dist.event_shape))

    def cdf(self, value: Tensor) -> Tensor:
        value = self._valid(value)
        for transform in reversed(self.transforms):
            value = transform.inv(value)
        return self._monotone(self.base_dist.cdf(value))

    def icdf(self, value: Tensor) -> Tensor:
        return self._moved(self.base_dist.icdf(self._monotone(value)))

    def _monotone(self, p: Tensor) -> Tensor:
        """A probability, or 1 minus it where the transforms decrease."""
        sign: Any = 1
        for transform in self.transforms:
            sign = sign * transform.sign
        return p if isinstance(sign, int) and sign == 1 else sign * (p - 0.5) + 0.5

    def __repr__(self) -> str:
        if type(self) is not TransformedDistribution:
            return super().__repr__()
        return f"TransformedDistribution({self.base_dist!r}, {self.transforms!r})"
