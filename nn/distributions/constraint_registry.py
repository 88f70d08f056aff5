"""Maps from all real numbers into what satisfies a constraint: so that an optimiser may move freely.

Example:
    >>> import nn
    >>> nn.distributions.transform_to(nn.distributions.constraints.positive)(nn.zeros(2))
    tensor([1., 1.])
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from nn.distributions import constraints, transforms
from nn.distributions.constraints import Constraint
from nn.distributions.transforms import Transform

__all__ = ["ConstraintRegistry", "biject_to", "transform_to"]

Factory = Callable[[Any], Transform]


class ConstraintRegistry:
    """Which map leads into each kind of constraint."""

    def __init__(self) -> None:
        self._registry: dict[type[Constraint], Factory] = {}

    def register(self, constraint: Any, factory: Factory | None = None) -> Any:
        """Say which map leads into a constraint, or into all of a class.

        Args:
            constraint: a class of constraints, or one of it.
            factory: a function of the constraint that returns a map; None to decorate it.

        Raises:
            TypeError: `constraint` is none.
        """
        if factory is None:
            return lambda factory: self.register(constraint, factory)
        kind = type(constraint) if isinstance(constraint, Constraint) else constraint
        if not isinstance(kind, type) or not issubclass(kind, Constraint):
            raise TypeError(f"register: constraint must be a Constraint or a class of them, got {constraint!r}")
        self._registry[kind] = factory
        return factory

    def __call__(self, constraint: Constraint) -> Transform:
        """The map into a constraint.

        Raises:
            NotImplementedError: none is registered.
        """
        factory = self._registry.get(type(constraint))
        if factory is None:
            raise NotImplementedError(f"constraints: no map into {constraint} is known; register one")
        return factory(constraint)


biject_to = ConstraintRegistry()
"""Bijections."""

transform_to = ConstraintRegistry()
"""Maps that need not be bijections."""


def _both(*kinds: Any) -> Callable[[Factory], Factory]:
    def register(factory: Factory) -> Factory:
        for kind in kinds:
            biject_to.register(kind, factory)
            transform_to.register(kind, factory)
        return factory

    return register


def _one(registry: ConstraintRegistry, kind: Any) -> Callable[[Factory], Factory]:
    return registry.register(kind)


@_both(constraints.real)
def _from_real(constraint: Any) -> Transform:
    return transforms.identity_transform


@_one(biject_to, constraints.independent)
def _biject_independent(constraint: Any) -> Transform:
    base = biject_to(constraint.base_constraint)
    return transforms.IndependentTransform(base, constraint.reinterpreted_batch_ndims)


@_one(transform_to, constraints.independent)
def _transform_independent(constraint: Any) -> Transform:
    base = transform_to(constraint.base_constraint)
    return transforms.IndependentTransform(base, constraint.reinterpreted_batch_ndims)


@_both(constraints.greater_than, constraints.greater_than_eq)
def _above(constraint: Any) -> Transform:
    shift = transforms.AffineTransform(constraint.lower_bound, 1)
    return _chain(transforms.ExpTransform(), shift, _is(constraint.lower_bound, 0))


@_both(constraints.less_than)
def _below(constraint: Any) -> Transform:
    return _chain(transforms.ExpTransform(), transforms.AffineTransform(constraint.upper_bound, -1), False)


@_both(constraints.interval, constraints.half_open_interval)
def _between(constraint: Any) -> Transform:
    low, high = constraint.lower_bound, constraint.upper_bound
    unit = _is(low, 0) and _is(high, 1)
    return _chain(transforms.SigmoidTransform(), transforms.AffineTransform(low, high - low), unit)


@_one(biject_to, constraints.simplex)
def _biject_simplex(constraint: Any) -> Transform:
    return transforms.StickBreakingTransform()


@_one(transform_to, constraints.simplex)
def _transform_simplex(constraint: Any) -> Transform:
    return transforms.SoftmaxTransform()


@_one(transform_to, constraints.lower_cholesky)
def _lower_cholesky(constraint: Any) -> Transform:
    return transforms.LowerCholeskyTransform()


@_one(transform_to, constraints.positive_definite)
@_one(transform_to, constraints.positive_semidefinite)
def _positive_definite(constraint: Any) -> Transform:
    return transforms.PositiveDefiniteTransform()


@_both(constraints.corr_cholesky)
def _corr_cholesky(constraint: Any) -> Transform:
    return transforms.CorrCholeskyTransform()


@_one(biject_to, constraints.cat)
def _biject_cat(constraint: Any) -> Transform:
    return transforms.CatTransform([biject_to(c) for c in constraint.cseq], constraint.dim, constraint.lengths)


@_one(transform_to, constraints.cat)
def _transform_cat(constraint: Any) -> Transform:
    return transforms.CatTransform([transform_to(c) for c in constraint.cseq], constraint.dim, constraint.lengths)


@_one(biject_to, constraints.stack)
def _biject_stack(constraint: Any) -> Transform:
    return transforms.StackTransform([biject_to(c) for c in constraint.cseq], constraint.dim)


@_one(transform_to, constraints.stack)
def _transform_stack(constraint: Any) -> Transform:
    return transforms.StackTransform([transform_to(c) for c in constraint.cseq], constraint.dim)


def _is(bound: Any, value: float) -> bool:
    return isinstance(bound, int | float) and bound == value


def _chain(first: Transform, second: Transform, alone: bool) -> Transform:
    return first if alone else transforms.ComposeTransform([first, second])
