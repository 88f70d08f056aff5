"""The categorical distribution of one-hot vectors."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.categorical import Categorical, OfProbabilities, draw_classes
from nn.tensors.tensor import Tensor

__all__ = ["OneHotCategorical", "OneHotCategoricalStraightThrough"]


class OneHotCategorical(OfProbabilities):
    """The categorical distribution of vectors with a 1 in the place of the class, and 0 elsewhere.

    Args:
        probs: p, of shape (..., K), 0 or more; normalised to add up to 1.
        logits: ln p up to a constant, instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Shape:
        event (K)

    Raises:
        ValueError: not exactly one of `probs` and `logits` is given, or it has no axis.

    Example:
        >>> import nn
        >>> nn.distributions.OneHotCategorical(nn.tensor([0.0, 1.0])).sample()
        tensor([0., 1.])
    """

    arg_constraints = {"probs": constraints.simplex, "logits": constraints.real_vector}
    support = constraints.one_hot
    has_enumerate_support = True

    def __init__(
        self, probs: Tensor | None = None, logits: Tensor | None = None, validate_args: bool | None = None
    ) -> None:
        shape = self._set_probabilities(probs, logits).shape
        super().__init__(shape[:-1], shape[-1:], validate_args=validate_args)

    @property
    def _categorical(self) -> Categorical:
        return Categorical(logits=self.logits, validate_args=False)

    @property
    def mean(self) -> Tensor:
        return self.probs

    @property
    def mode(self) -> Tensor:
        return self._vectors(self.probs.argmax(-1).numpy())

    @property
    def variance(self) -> Tensor:
        return self.probs * (1 - self.probs)

    def sample(self, sample_shape: Any = ()) -> Tensor:
        return self._vectors(draw_classes(self.probs, tuple(sample_shape) + self._batch_shape))

    def log_prob(self, value: Tensor) -> Tensor:
        return self._categorical.log_prob(self._valid(value).argmax(-1))

    def entropy(self) -> Tensor:
        return Categorical.entropy(self)  # type: ignore[arg-type]

    def enumerate_support(self, expand: bool = True) -> Tensor:
        k, batch = self._num_events, self._batch_shape
        values = self._vectors(np.arange(k)).reshape(k, *(1 for _ in batch), k)
        return values.expand((k, *batch, k)) if expand else values

    def _vectors(self, classes: Any) -> Tensor:
        return wrap(np.eye(self._num_events, dtype=self._param.dtype)[classes])


class OneHotCategoricalStraightThrough(OneHotCategorical):
    """As `OneHotCategorical`, with samples whose gradient is that of the probabilities: straight through the choice.

    Args:
        probs: p, of shape (..., K), 0 or more; normalised to add up to 1.
        logits: ln p up to a constant, instead of `probs`.
        validate_args: check parameters and values, see `Distribution`.

    Example:
        >>> import nn
        >>> p = nn.tensor([0.5, 0.5], requires_grad=True)
        >>> nn.distributions.OneHotCategoricalStraightThrough(p).rsample().requires_grad
        True

    References:
        Bengio, Leonard and Courville, Estimating or Propagating Gradients Through Stochastic Neurons, 2013.
    """

    has_rsample = True

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        return self.sample(sample_shape) + (self.probs - self.probs.detach())
