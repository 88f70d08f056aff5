"""Maps between spaces, with the logarithms of how much they stretch volumes: for `TransformedDistribution`.

With y = f(x) and J its Jacobian, `f(x)` is y, `f.inv(y)` is x, and `f.log_abs_det_jacobian(x, y)` is log |det J|, one
number for each event of `domain`. `cache_size=1` keeps the last pair, so that `f.inv(f(x))` is x itself.

Example:
    >>> import nn
    >>> f = nn.distributions.AffineTransform(1.0, 2.0)
    >>> x = nn.tensor([0.0, 1.0])
    >>> f(x), f.inv(f(x)), f.log_abs_det_jacobian(x, f(x))
    (tensor([1., 3.]), tensor([0., 1.]), tensor([0.6931, 0.6931]))
"""

from __future__ import annotations

import copy
import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.autograd.tape import wrap
from nn.distributions import constraints
from nn.distributions.constraints import Constraint
from nn.distributions.utils import off_the_ends, softplus, sum_rightmost, tril_matrix_to_vec, vec_to_tril_matrix
from nn.errors import ShapeError
from nn.tensors import joining
from nn.tensors.tensor import Tensor

__all__ = [
    "AbsTransform",
    "AffineTransform",
    "CatTransform",
    "ComposeTransform",
    "CorrCholeskyTransform",
    "CumulativeDistributionTransform",
    "ExpTransform",
    "IndependentTransform",
    "LowerCholeskyTransform",
    "PositiveDefiniteTransform",
    "PowerTransform",
    "ReshapeTransform",
    "SigmoidTransform",
    "SoftmaxTransform",
    "SoftplusTransform",
    "StackTransform",
    "StickBreakingTransform",
    "TanhTransform",
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


class _Elementwise(Transform):
    """An increasing map of numbers, without parameters: all of its kind are equal."""

    domain: Constraint = constraints.real
    bijective = True
    sign: Any = 1

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other)

    __hash__ = Transform.__hash__


class ExpTransform(_Elementwise):
    """y = e^x."""

    codomain = constraints.positive

    def _call(self, x: Tensor) -> Tensor:
        return x.exp()

    def _inverse(self, y: Tensor) -> Tensor:
        return y.log()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return x


class SigmoidTransform(_Elementwise):
    """y = 1 / (1 + e^-x); the inverse of an end is that of the number next to it."""

    codomain = constraints.unit_interval

    def _call(self, x: Tensor) -> Tensor:
        return off_the_ends(x.sigmoid())

    def _inverse(self, y: Tensor) -> Tensor:
        y = off_the_ends(y)
        return y.log() - (-y).log1p()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return -softplus(-x) - softplus(x)


class TanhTransform(_Elementwise):
    """y = tanh x. With `cache_size=1` the inverse of the map's own values stays exact where they round to 1."""

    codomain = constraints.interval(-1.0, 1.0)

    def _call(self, x: Tensor) -> Tensor:
        return x.tanh()

    def _inverse(self, y: Tensor) -> Tensor:
        return y.atanh()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        """ln(1 - tanh(x)^2), without the cancellation."""
        return 2 * (math.log(2) - x - softplus(-2 * x))


class SoftplusTransform(_Elementwise):
    """y = ln(1 + e^x)."""

    codomain = constraints.positive

    def _call(self, x: Tensor) -> Tensor:
        return softplus(x)

    def _inverse(self, y: Tensor) -> Tensor:
        return y + (-(-y).expm1()).log()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return -softplus(-x)


class AbsTransform(_Elementwise):
    """y = |x|, whose inverse takes the positive number."""

    codomain = constraints.positive
    bijective = False

    @property
    def sign(self) -> Any:
        return Transform.sign.fget(self)  # type: ignore[attr-defined]

    def _call(self, x: Tensor) -> Tensor:
        return x.abs()

    def _inverse(self, y: Tensor) -> Tensor:
        return y


class PowerTransform(Transform):
    """y = x^exponent, of positive numbers.

    Args:
        exponent: a number or a tensor, not 0.
        cache_size: see `Transform`.
    """

    domain = constraints.positive
    codomain = constraints.positive
    bijective = True

    def __init__(self, exponent: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.exponent = exponent

    @property
    def sign(self) -> Any:
        return self.exponent.sign() if isinstance(self.exponent, Tensor) else int(math.copysign(1, self.exponent))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PowerTransform) and _same(self.exponent, other.exponent)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        return x**self.exponent

    def _inverse(self, y: Tensor) -> Tensor:
        return y ** (1 / self.exponent)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return (self.exponent * y / x).abs().log()

    def forward_shape(self, shape: Any) -> Shape:
        return np.broadcast_shapes(tuple(shape), np.shape(self.exponent))

    inverse_shape = forward_shape


class AffineTransform(Transform):
    """y = loc + scale x.

    Args:
        loc: a number or a tensor.
        scale: a number or a tensor, not 0.
        event_dim: how many of the last axes are one event.
        cache_size: see `Transform`.
    """

    bijective = True

    def __init__(self, loc: Any, scale: Any, event_dim: int = 0, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.loc, self.scale, self._event_dim = loc, scale, event_dim

    @property
    def event_dim(self) -> int:
        return self._event_dim

    @property
    def domain(self) -> Any:
        return constraints.independent(constraints.real, self._event_dim) if self._event_dim else constraints.real

    codomain = domain

    @property
    def sign(self) -> Any:
        return self.scale.sign() if isinstance(self.scale, Tensor) else (self.scale > 0) - (self.scale < 0)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AffineTransform) and _same(self.loc, other.loc) and _same(self.scale, other.scale)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        return self.loc + self.scale * x

    def _inverse(self, y: Tensor) -> Tensor:
        return (y - self.loc) / self.scale

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        scale = self.scale if isinstance(self.scale, Tensor) else x.new_tensor(self.scale)
        return sum_rightmost(scale.abs().log().expand(x.shape), self._event_dim)

    def forward_shape(self, shape: Any) -> Shape:
        return np.broadcast_shapes(tuple(shape), np.shape(self.loc), np.shape(self.scale))

    inverse_shape = forward_shape


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


class SoftmaxTransform(Transform):
    """y = softmax(x) along the last axis; no bijection, for x + c has the same y. The inverse is ln y."""

    domain = constraints.real_vector
    codomain = constraints.simplex

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SoftmaxTransform)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        return x.softmax(-1)

    def _inverse(self, y: Tensor) -> Tensor:
        return y.log()


class StickBreakingTransform(Transform):
    """K numbers as K + 1 probabilities: each breaks its share off what is left of a stick of length 1.

    With k = 1 ... K the share is z_k = sigmoid(x_k - ln(K + 1 - k)), so that x = 0 gives equal probabilities.

    References:
        Carpenter et al., Stan: A Probabilistic Programming Language, 2017.
    """

    domain = constraints.real_vector
    codomain = constraints.simplex
    bijective = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StickBreakingTransform)

    __hash__ = Transform.__hash__

    @staticmethod
    def _offset(like: Tensor, count: int) -> Tensor:
        return wrap(np.log(np.arange(count, 0, -1)).astype(like.dtype))

    def _call(self, x: Tensor) -> Tensor:
        shifted = x - self._offset(x, x.shape[-1])
        log_left = (-softplus(shifted)).cumsum(-1)  # ln of what is left after each break
        one = x.new_ones(*x.shape[:-1], 1)
        left = joining.cat([one, log_left.exp()], -1)
        share = joining.cat([off_the_ends(shifted.sigmoid()), one], -1)
        return share * left

    def _inverse(self, y: Tensor) -> Tensor:
        k = y.shape[-1] - 1
        left = (1 - y[..., :k].cumsum(-1)).clamp(min=float(np.finfo(y.dtype).tiny))
        return y[..., :k].log() - left.log() + self._offset(y, k)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        shifted = x - self._offset(x, x.shape[-1])
        return (-softplus(shifted) + y[..., :-1].log()).sum(-1)

    def forward_shape(self, shape: Any) -> Shape:
        return (*shape[:-1], shape[-1] + 1)

    def inverse_shape(self, shape: Any) -> Shape:
        return (*shape[:-1], shape[-1] - 1)


class LowerCholeskyTransform(Transform):
    """A square matrix as a lower triangular one with a positive diagonal: e^x there; what lies above it is dropped."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.lower_cholesky

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LowerCholeskyTransform)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        return x.tril(-1) + x.diagonal(dim1=-2, dim2=-1).exp().diag_embed()

    def _inverse(self, y: Tensor) -> Tensor:
        return y.tril(-1) + y.diagonal(dim1=-2, dim2=-1).log().diag_embed()


class PositiveDefiniteTransform(Transform):
    """A square matrix as a positive definite one, L L^T with the L of `LowerCholeskyTransform`."""

    domain = constraints.independent(constraints.real, 2)
    codomain = constraints.positive_definite

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PositiveDefiniteTransform)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        lower = LowerCholeskyTransform()(x)
        return lower @ lower.mT

    def _inverse(self, y: Tensor) -> Tensor:
        return LowerCholeskyTransform().inv(y.cholesky())


class CorrCholeskyTransform(Transform):
    """D (D - 1) / 2 numbers as the Cholesky factor of a correlation matrix: lower triangular, its rows of length 1.

    tanh of the numbers are partial correlations; each takes its share of what is left of the row's length.

    References:
        Lewandowski, Kurowicka and Joe, Generating Random Correlation Matrices Based on Vines and Extended Onion Method,
        2009.
    """

    domain = constraints.real_vector
    codomain = constraints.corr_cholesky
    bijective = True

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CorrCholeskyTransform)

    __hash__ = Transform.__hash__

    def _call(self, x: Tensor) -> Tensor:
        eps = float(np.finfo(x.dtype).eps)
        partial = vec_to_tril_matrix(x.tanh().clamp(min=-1 + eps, max=1 - eps), diag=-1)
        left = (1 - partial**2).sqrt().cumprod(-1)  # the length that is left after each place
        before = joining.cat([left.new_ones(*left.shape[:-1], 1), left[..., :-1]], -1)
        identity = wrap(np.eye(partial.shape[-1], dtype=x.dtype))
        return (partial + identity) * before

    def _inverse(self, y: Tensor) -> Tensor:
        square = (y**2).cumsum(-1)
        before = (1 - joining.cat([y.new_zeros(*y.shape[:-1], 1), square[..., :-1]], -1)).clamp(min=0)
        return tril_matrix_to_vec(y, -1).div(tril_matrix_to_vec(before.sqrt(), -1)).atanh()

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        n = y.shape[-1]
        rest = 1 - (y**2).cumsum(-1)
        lengths = tril_matrix_to_vec(rest[..., : n - 1][..., 1:, :], -1) if n > 2 else x[..., :0]
        slopes = -2 * (x + softplus(-2 * x) - math.log(2)).sum(-1)
        return lengths.log().sum(-1) / 2 + slopes

    def forward_shape(self, shape: Any) -> Shape:
        count = shape[-1]
        n = (1 + math.isqrt(1 + 8 * count)) // 2
        if n * (n - 1) // 2 != count:
            raise ShapeError(f"CorrCholeskyTransform: {count} numbers fill no lower triangle")
        return (*shape[:-1], n, n)

    def inverse_shape(self, shape: Any) -> Shape:
        n = shape[-1]
        return (*shape[:-2], n * (n - 1) // 2)


class CumulativeDistributionTransform(Transform):
    """y = the distribution function of a distribution, at x.

    Args:
        distribution: one of numbers, with `cdf` and `icdf`.
        cache_size: see `Transform`.
    """

    bijective = True
    codomain = constraints.unit_interval
    sign: Any = 1

    def __init__(self, distribution: Any, cache_size: int = 0) -> None:
        super().__init__(cache_size)
        self.distribution = distribution

    @property
    def domain(self) -> Any:
        return self.distribution.support

    def _call(self, x: Tensor) -> Tensor:
        return self.distribution.cdf(x)

    def _inverse(self, y: Tensor) -> Tensor:
        return self.distribution.icdf(y)

    def log_abs_det_jacobian(self, x: Tensor, y: Tensor) -> Tensor:
        return self.distribution.log_prob(x)


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


def _with_event(constraint: Any, event: int) -> Any:
    """The constraint of events of more axes."""
    more = event - constraint.event_dim
    return constraints.independent(constraint, more) if more > 0 else constraint


def _same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(_array(a), _array(b)))


def _array(value: Any) -> Any:
    return value.detach().numpy() if isinstance(value, Tensor) else value
