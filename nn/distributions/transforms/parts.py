"""Transforms of whole events: axes that count as one event, other shapes, pieces side by side."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nn.distributions import constraints
from nn.distributions.transforms.transform import Shape, Transform
from nn.distributions.utils import sum_rightmost
from nn.errors import ShapeError
from nn.tensors import joining
from nn.tensors.tensor import Tensor

__all__ = [
    "CatTransform",
    "IndependentTransform",
    "ReshapeTransform",
    "StackTransform",
]


class IndependentTransform(Transform):
    """A map whose last axes of the batch are taken as one event: log-determinants are summed over them.

    Args:
        base_transform: the map.
        reinterpreted_batch_ndims: how many axes.
        cache_size: see `Transform`.
    """

    def __init__(self, base_transform: Transform, reinterpreted_batch_ndims: int, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.base_transform = base_transform.with_cache(cache_size) if cache_size else base_transform
        self.reinterpreted_batch_ndims = reinterpreted_batch_ndims

    @property
    def domain(self) -> Any:
        return constraints.independent(self.base_transform.domain, self.reinterpreted_batch_ndims)

    @property
    def codomain(self) -> Any:
        return constraints.independent(self.base_transform.codomain, self.reinterpreted_batch_ndims)

    @property
    def bijective(self) -> Any:
        return self.base_transform.bijective

    @property
    def sign(self) -> Any:
        return self.base_transform.sign

    def _call(self, x: Tensor) -> Tensor:
        if x.ndim < self.domain.event_dim:
            raise ShapeError(f"IndependentTransform: {self.domain.event_dim} axes are expected, got {x.shape}")
        return self.base_transform(x)

    def _inverse(self, y: Tensor) -> Tensor:
        if y.ndim < self.codomain.event_dim:
            raise ShapeError(f"IndependentTransform: {self.codomain.event_dim} axes are expected, got {y.shape}")
        return self.base_transform.inv(y)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return sum_rightmost(self.base_transform.log_abs_det_jacobian(x, y), self.reinterpreted_batch_ndims)

    def forward_shape(self, shape: Any) -> Shape:
        return self.base_transform.forward_shape(shape)

    def inverse_shape(self, shape: Any) -> Shape:
        return self.base_transform.inverse_shape(shape)

    def __repr__(self) -> str:
        return f"IndependentTransform({self.base_transform!r}, {self.reinterpreted_batch_ndims})"


class ReshapeTransform(Transform):
    """The elements of an event in another shape.

    Args:
        in_shape: the shape of an event of x.
        out_shape: that of y, with as many elements.
        cache_size: see `Transform`.

    Raises:
        ShapeError: the shapes have different numbers of elements; an event has another shape.
    """

    bijective = True

    def __init__(self, in_shape: Any, out_shape: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.in_shape, self.out_shape = tuple(in_shape), tuple(out_shape)
        if math.prod(self.in_shape) != math.prod(self.out_shape):
            raise ShapeError(
                f"ReshapeTransform: in_shape and out_shape must have equally many elements, got {self.in_shape} and "
                f"{self.out_shape}"
            )

    @property
    def domain(self) -> Any:
        return constraints.independent(constraints.real, len(self.in_shape))

    @property
    def codomain(self) -> Any:
        return constraints.independent(constraints.real, len(self.out_shape))

    def _call(self, x: Tensor) -> Tensor:
        return x.reshape(self.forward_shape(x.shape))

    def _inverse(self, y: Tensor) -> Tensor:
        return y.reshape(self.inverse_shape(y.shape))

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return x.new_zeros(x.shape[: x.ndim - len(self.in_shape)])

    def forward_shape(self, shape: Any) -> Shape:
        return self._swapped(shape, self.in_shape, self.out_shape)

    def inverse_shape(self, shape: Any) -> Shape:
        return self._swapped(shape, self.out_shape, self.in_shape)

    @staticmethod
    def _swapped(shape: Any, own: Shape, other: Shape) -> Shape:
        cut = len(shape) - len(own)
        if cut < 0 or tuple(shape[cut:]) != own:
            raise ShapeError(f"ReshapeTransform: a shape that ends in {own} is expected, got {tuple(shape)}")
        return (*shape[:cut], *other)


class _Parts(Transform):
    """Several maps, each for a part of x along an axis."""

    def __init__(self, tseq: Sequence[Transform], dim: int, cache_size: int) -> None:
        super().__init__(cache_size)
        self.transforms = [t.with_cache(cache_size) for t in tseq] if cache_size else list(tseq)
        self.dim = dim

    @property
    def bijective(self) -> Any:
        return all(t.bijective for t in self.transforms)

    def _split(self, value: Tensor) -> list[Tensor]:
        raise NotImplementedError

    def _join(self, values: list[Tensor]) -> Tensor:
        raise NotImplementedError

    def _call(self, x: Tensor) -> Tensor:
        return self._join([t(part) for t, part in zip(self.transforms, self._split(x), strict=True)])

    def _inverse(self, y: Tensor) -> Tensor:
        return self._join([t.inv(part) for t, part in zip(self.transforms, self._split(y), strict=True)])

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        event = max(t.domain.event_dim for t in self.transforms)
        slopes = []
        for transform, before, after in zip(self.transforms, self._split(x), self._split(y), strict=True):
            slope = transform.log_abs_det_jacobian(before, after)
            slopes.append(sum_rightmost(slope, event - transform.domain.event_dim))
        return self._join(slopes)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.transforms!r}, dim={self.dim})"


class StackTransform(_Parts):
    """Each map for one place along an axis.

    Args:
        tseq: as many maps as the axis is long.
        dim: the axis.
        cache_size: see `Transform`.

    Example:
        >>> import nn
        >>> d = nn.distributions
        >>> d.StackTransform([d.ExpTransform(), d.AffineTransform(1.0, 2.0)])(nn.zeros(2))
        tensor([1., 1.])
    """

    def __init__(self, tseq: Sequence[Transform], dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(tseq, dim, cache_size)

    @property
    def domain(self) -> Any:
        return constraints.stack([t.domain for t in self.transforms], self.dim)

    @property
    def codomain(self) -> Any:
        return constraints.stack([t.codomain for t in self.transforms], self.dim)

    def _split(self, value: Tensor) -> list[Tensor]:
        if value.shape[self.dim] != len(self.transforms):
            raise ShapeError(
                f"StackTransform: axis {self.dim} must be {len(self.transforms)} long, one place for each map; got "
                f"shape {value.shape}"
            )
        return list(value.unbind(self.dim))

    def _join(self, values: list[Tensor]) -> Tensor:
        return joining.stack(values, self.dim)


class CatTransform(_Parts):
    """Each map for a stretch of an axis.

    Args:
        tseq: the maps.
        dim: the axis.
        lengths: how long each stretch is; None for 1 each.
        cache_size: see `Transform`.
    """

    def __init__(
        self, tseq: Sequence[Transform], dim: int = 0, lengths: Sequence[int] | None = None, cache_size: int = 0
    ) -> None:
        super().__init__(tseq, dim, cache_size)
        self.lengths = [1] * len(self.transforms) if lengths is None else list(lengths)
        if len(self.lengths) != len(self.transforms):
            raise ValueError(
                f"CatTransform: lengths must be {len(self.transforms)} numbers, one for each map; got {self.lengths}"
            )

    @property
    def domain(self) -> Any:
        return constraints.cat([t.domain for t in self.transforms], self.dim, self.lengths)

    @property
    def codomain(self) -> Any:
        return constraints.cat([t.codomain for t in self.transforms], self.dim, self.lengths)

    def _split(self, value: Tensor) -> list[Tensor]:
        if value.shape[self.dim] != sum(self.lengths):
            raise ShapeError(
                f"CatTransform: axis {self.dim} must be {sum(self.lengths)} long, the sum of lengths; got shape "
                f"{value.shape}"
            )
        return list(value.split(self.lengths, self.dim))

    def _join(self, values: list[Tensor]) -> Tensor:
        return joining.cat(values, self.dim)
