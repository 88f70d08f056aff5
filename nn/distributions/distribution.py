"""The base of all distributions."""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from nn.autograd.grad_mode import no_grad
from nn.distributions import constraints
from nn.distributions.utils import lazy_property
from nn.tensors.place import Size
from nn.tensors.tensor import Tensor

__all__ = ["Distribution"]

Shape = tuple[int, ...]


class Distribution:
    """A probability distribution, or a batch of independent ones.

    A sample has shape sample_shape + batch_shape + event_shape: one event of a `MultivariateNormal` is a vector, one of
    a `Normal` a number, and the batch is the shape of the parameters.

    A family gives `arg_constraints` (what each parameter must satisfy), `support` (what its samples satisfy), `sample`
    or `rsample`, and `log_prob`. Parameters are attributes of their own names, set before `super().__init__`.

    Args:
        batch_shape: the shape of the parameters, without the axes of an event.
        event_shape: the shape of one event.
        validate_args: check parameters and values; None: as `set_default_validate_args` says, at first yes.

    Raises:
        ValueError: a parameter does not satisfy its constraint.
    """

    has_rsample = False
    has_enumerate_support = False
    arg_constraints: Any = {}
    support: Any
    _validate_args: ClassVar[bool] = True

    @staticmethod
    def set_default_validate_args(value: bool) -> None:
        """Say whether distributions that are made without `validate_args` check their parameters and values.

        Example:
            >>> import nn
            >>> nn.distributions.Distribution.set_default_validate_args(True)
        """
        if value not in (True, False):
            raise ValueError(f"set_default_validate_args: value must be True or False, got {value!r}")
        Distribution._validate_args = bool(value)

    def __init__(self, batch_shape: Any = (), event_shape: Any = (), validate_args: bool | None = None) -> None:
        self._batch_shape: Shape = tuple(batch_shape)
        self._event_shape: Shape = tuple(event_shape)
        self._given = [name for name in self.arg_constraints if name in self.__dict__]
        if validate_args is not None:
            self.__dict__["_validate_args"] = validate_args
        if self._validate_args:
            self._check_parameters()

    def _check_parameters(self) -> None:
        for name in self._given:
            constraint = self.arg_constraints[name]
            if not constraints.is_dependent(constraint):
                value = getattr(self, name)
                self._refuse_outside(constraint, value, f"parameter {name} of shape {value.shape} of {self!r}")

    @staticmethod
    def _refuse_outside(constraint: Any, value: Tensor, what: str) -> None:
        good = constraint.check(value)
        if not bool(good.all()):
            raise ValueError(f"distributions: {what} must satisfy {constraint}, got {value.detach()}")

    def expand(self, batch_shape: Any, _instance: Any = None) -> Any:
        """The distribution with its parameters broadcast to a larger batch; memory is shared.

        Example:
            >>> import nn
            >>> nn.distributions.Normal(nn.zeros(2), 1.0).expand((3, 2)).batch_shape
            (3, 2)
        """
        new = self._get_checked_instance(type(self), _instance)
        batch_shape = tuple(batch_shape)
        for name, value in self.__dict__.items():
            if name in self._given:
                event = self.arg_constraints[name].event_dim
                new.__dict__[name] = value.expand(batch_shape + value.shape[value.ndim - event :])
            elif isinstance(value, Distribution):
                new.__dict__[name] = value.expand(batch_shape)
            elif not isinstance(getattr(type(self), name, None), lazy_property):
                new.__dict__[name] = value
        new._batch_shape = batch_shape
        return new

    @property
    def batch_shape(self) -> Size:
        """The shape over which the parameters are batched."""
        return Size(self._batch_shape)

    @property
    def event_shape(self) -> Size:
        """The shape of one event, () for a number."""
        return Size(self._event_shape)

    @property
    def mean(self) -> Tensor:
        """The mean."""
        raise self._missing("mean")

    @property
    def mode(self) -> Tensor:
        """The value of the highest density."""
        raise self._missing("mode")

    @property
    def variance(self) -> Tensor:
        """The variance."""
        raise self._missing("variance")

    @property
    def stddev(self) -> Tensor:
        """The standard deviation."""
        return self.variance.sqrt()

    def sample(self, sample_shape: Any = ()) -> Tensor:
        """Random values, of shape sample_shape + batch_shape + event_shape, without gradients.

        Example:
            >>> import nn
            >>> nn.distributions.Normal(nn.zeros(2), 1.0).sample((3,)).shape
            (3, 2)
        """
        with no_grad():
            return self.rsample(sample_shape)

    def rsample(self, sample_shape: Any = ()) -> Tensor:
        """Random values with gradients by the parameters, where the family has them (`has_rsample`)."""
        raise NotImplementedError(
            f"{type(self).__name__}.rsample: its samples have no gradient by the parameters; use sample() and log_prob"
        )

    def sample_n(self, n: int) -> Tensor:
        """`sample((n,))`."""
        return self.sample((n,))

    def log_prob(self, value: Tensor) -> Tensor:
        """The logarithm of the density, or of the probability, of each event.

        Shape:
            sample_shape + batch_shape + event_shape -> sample_shape + batch_shape

        Raises:
            ValueError: the value does not broadcast with batch_shape + event_shape, or lies outside the support.
        """
        raise self._missing("log_prob")

    def cdf(self, value: Tensor) -> Tensor:
        """The probability of a number of at most `value`."""
        raise self._missing("cdf")

    def icdf(self, value: Tensor) -> Tensor:
        """The number that lies above a sample with probability `value`: the inverse of `cdf`."""
        raise self._missing("icdf")

    def enumerate_support(self, expand: bool = True) -> Tensor:
        """All values of a discrete distribution, along a new first axis.

        Args:
            expand: broadcast them over the batch; else the axes of the batch have length 1.
        """
        raise self._missing("enumerate_support")

    def entropy(self) -> Tensor:
        """The mean of -log_prob, in nats."""
        raise self._missing("entropy")

    def perplexity(self) -> Tensor:
        """e to the entropy."""
        return self.entropy().exp()

    def _missing(self, what: str) -> NotImplementedError:
        return NotImplementedError(f"{type(self).__name__}.{what}: there is no formula for this distribution")

    def _extended_shape(self, sample_shape: Any = ()) -> Shape:
        """The shape of a sample."""
        return tuple(sample_shape) + self._batch_shape + self._event_shape

    def _validate_sample(self, value: Any) -> None:
        """Refuse what is no sample of this distribution."""
        name = type(self).__name__
        if not isinstance(value, Tensor):
            raise ValueError(f"{name}: value must be a tensor, got {type(value).__name__}; use nn.tensor(...)")
        shape = self._batch_shape + self._event_shape
        event = len(self._event_shape)
        try:
            np.broadcast_shapes(value.shape, shape)
            fits = value.shape[value.ndim - event :] == self._event_shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(
                f"{name}: value must broadcast with batch_shape + event_shape {shape}, got shape {value.shape}"
            )
        try:
            support = self.support
        except (NotImplementedError, AttributeError):
            return
        self._refuse_outside(support, value, f"value of shape {value.shape} for {self!r}")

    def _valid(self, value: Tensor) -> Tensor:
        """The value, which has to be one of this distribution if arguments are checked."""
        if self._validate_args:
            self._validate_sample(value)
        return value

    def _get_checked_instance(self, cls: Any, _instance: Any = None) -> Any:
        if _instance is None and type(self).__init__ is not cls.__init__:
            raise NotImplementedError(
                f"{type(self).__name__}.expand: a subclass of {cls.__name__} with a constructor of its own must define "
                "expand"
            )
        return type(self).__new__(type(self)) if _instance is None else _instance

    def __repr__(self) -> str:
        names = getattr(self, "_given", [name for name in self.arg_constraints if name in self.__dict__])
        return f"{type(self).__name__}({', '.join(f'{name}: {_shown(getattr(self, name))}' for name in names)})"


def _shown(value: Tensor) -> Any:
    """A number as it is, a tensor of several by its shape."""
    return value.item() if not value.ndim else value if value.numel() == 1 else value.shape
