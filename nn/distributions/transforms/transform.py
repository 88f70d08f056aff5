"""What a transform is, and the chain of several."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.distributions import constraints
from nn.distributions.utils import sum_rightmost
from nn.tensors.tensor import Tensor

__all__ = [
    "ComposeTransform",
    "Transform",
    "identity_transform",
]

Shape = tuple[int, ...]


class Transform:
    """A map with an inverse. A family gives `domain`, `codomain`, `_call`, `_inverse` and `log_abs_det_jacobian`.

    Args:
        cache_size: 1 to keep the last pair of x and y, else 0.

    Raises:
        ValueError: `cache_size` is neither 0 nor 1.
    """

    bijective: Any = False
    domain: Any
    codomain: Any

    def __init__(self, cache_size: int = 0) -> None:
        if cache_size not in (0, 1):
            raise ValueError(f"{type(self).__name__}: cache_size must be 0 or 1, got {cache_size!r}")
        self._cache_size = cache_size
        self._last: tuple[Any, Any] = (None, None)
        self._inverse_of: Any = None

    @property
    def event_dim(self) -> int:
        """The axes of an event, of a map whose events have as many before as after."""
        if self.domain.event_dim != self.codomain.event_dim:
            raise ValueError(f"{self!r}: events have other axes after than before; use domain.event_dim")
        return int(self.domain.event_dim)

    @property
    def inv(self) -> Transform:
        """The inverse map."""
        return _Inverse(self)

    @property
    def sign(self) -> Any:
        """1 if the map of numbers increases, -1 if it decreases."""
        raise NotImplementedError(f"{self!r}: the map neither increases nor decreases everywhere")

    def with_cache(self, cache_size: int = 1) -> Any:
        """The same map with a cache of this size."""
        if self._cache_size == cache_size:
            return self
        other = copy.copy(self)
        other._cache_size, other._last = cache_size, (None, None)
        return other

    def __call__(self, x: Tensor) -> Tensor:
        if not self._cache_size:
            return self._call(x)
        if x is not self._last[0]:
            self._last = x, self._call(x)
        return self._last[1]

    def _inv_call(self, y: Tensor) -> Tensor:
        if not self._cache_size:
            return self._inverse(y)
        if y is not self._last[1]:
            self._last = self._inverse(y), y
        return self._last[0]

    def _call(self, x: Tensor) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__}: there is no map in this direction")

    def _inverse(self, y: Tensor) -> Tensor:
        raise NotImplementedError(f"{type(self).__name__}: there is no inverse")

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """log |det dy / dx|, for each event."""
        raise NotImplementedError(f"{type(self).__name__}: the map keeps no volumes")

    def forward_shape(self, shape: Any) -> Shape:
        """The shape of y for a shape of x."""
        return tuple(shape)

    def inverse_shape(self, shape: Any) -> Shape:
        """The shape of x for a shape of y."""
        return tuple(shape)

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"


class _Inverse(Transform):
    """The other direction of a map."""

    def __init__(self, transform: Transform) -> None:
        super().__init__()
        self._forward = transform

    @property
    def domain(self) -> Any:
        return self._forward.codomain

    @property
    def codomain(self) -> Any:
        return self._forward.domain

    @property
    def bijective(self) -> Any:
        return self._forward.bijective

    @property
    def sign(self) -> Any:
        return self._forward.sign

    @property
    def inv(self) -> Transform:
        return self._forward

    def with_cache(self, cache_size: int = 1) -> Any:
        return self._forward.with_cache(cache_size).inv

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Inverse) and self._forward == other._forward

    __hash__ = Transform.__hash__

    def __call__(self, x: Tensor) -> Tensor:
        return self._forward._inv_call(x)

    def _inv_call(self, y: Tensor) -> Tensor:
        return self._forward(y)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return -self._forward.log_abs_det_jacobian(y, x)

    def forward_shape(self, shape: Any) -> Shape:
        return self._forward.inverse_shape(shape)

    def inverse_shape(self, shape: Any) -> Shape:
        return self._forward.forward_shape(shape)

    def __repr__(self) -> str:
        return f"Inverse({self._forward!r})"


class ComposeTransform(Transform):
    """Several maps, one after the other.

    Args:
        parts: the maps, the first one first.
        cache_size: see `Transform`; passed on to the parts.

    Example:
        >>> import nn
        >>> d = nn.distributions
        >>> d.ComposeTransform([d.ExpTransform(), d.AffineTransform(1.0, 2.0)])(nn.zeros(1))
        tensor([3.])
    """

    def __init__(self, parts: Sequence[Transform], cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.parts = [part.with_cache(cache_size) for part in parts] if cache_size else list(parts)

    @property
    def domain(self) -> Any:
        """That of the first map, with the axes that later ones need more."""
        if not self.parts:
            return constraints.real
        event = self.parts[-1].codomain.event_dim
        for part in reversed(self.parts):
            event = max(event + part.domain.event_dim - part.codomain.event_dim, part.domain.event_dim)
        return _with_event(self.parts[0].domain, event)

    @property
    def codomain(self) -> Any:
        """That of the last map, with the axes that earlier ones bring."""
        if not self.parts:
            return constraints.real
        event = self.parts[0].domain.event_dim
        for part in self.parts:
            event = max(event + part.codomain.event_dim - part.domain.event_dim, part.codomain.event_dim)
        return _with_event(self.parts[-1].codomain, event)

    @property
    def bijective(self) -> Any:
        return all(part.bijective for part in self.parts)

    @property
    def sign(self) -> Any:
        sign: Any = 1
        for part in self.parts:
            sign = sign * part.sign
        return sign

    def with_cache(self, cache_size: int = 1) -> Any:
        return self if self._cache_size == cache_size else ComposeTransform(self.parts, cache_size)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ComposeTransform) and self.parts == other.parts

    __hash__ = Transform.__hash__

    def __call__(self, x: Tensor) -> Tensor:
        for part in self.parts:
            x = part(x)
        return x

    def _inv_call(self, y: Tensor) -> Tensor:
        for part in reversed(self.parts):
            y = part.inv(y)
        return y

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        if not self.parts:
            return x * 0
        values = [x]
        for part in self.parts[:-1]:
            values.append(part(values[-1]))
        values.append(y)
        event = self.domain.event_dim
        total: Any = 0.0
        for part, before, after in zip(self.parts, values, values[1:], strict=False):
            slope = part.log_abs_det_jacobian(before, after)
            total = total + sum_rightmost(slope, event - part.domain.event_dim)
            event += part.codomain.event_dim - part.domain.event_dim
        return total

    def forward_shape(self, shape: Any) -> Shape:
        for part in self.parts:
            shape = part.forward_shape(shape)
        return tuple(shape)

    def inverse_shape(self, shape: Any) -> Shape:
        for part in reversed(self.parts):
            shape = part.inverse_shape(shape)
        return tuple(shape)

    def __repr__(self) -> str:
        return f"ComposeTransform({self.parts!r})"


identity_transform = ComposeTransform([])


def _with_event(constraint: Any, event: int) -> Any:
    """The constraint of events of more axes."""
    more = event - constraint.event_dim
    return constraints.independent(constraint, more) if more > 0 else constraint


def _same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(_array(a), _array(b)))


def _array(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, Tensor) else value
