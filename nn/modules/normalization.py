"""Normalisation layers without running values; those with them are in `batchnorm`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from numpy.typing import DTypeLike

from nn import init
from nn.errors import ShapeError
from nn.functional import normalization as F
from nn.modules.fields import Bare, Shown
from nn.modules.module import Module
from nn.modules.parameter import Parameter
from nn.tensors.creation import empty, ones
from nn.tensors.place import Device, Factory
from nn.tensors.tensor import Tensor

if TYPE_CHECKING:
    from nn.tensors.place import Unpack

__all__ = ["GroupNorm", "LayerNorm", "LocalResponseNorm", "RMSNorm"]


class AffineNorm(Module):
    """A layer with a weight that starts at 1 and a bias that starts at 0, or without one or both."""

    weight: Parameter | None

    def _make(self, shape: tuple[int, ...], weight: bool, bias: bool, **factory: Unpack[Factory]) -> None:
        for name, wanted in (("weight", weight), ("bias", weight and bias)):
            self.register_parameter(name, Parameter(empty(shape, **factory)) if wanted else None)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Set the weight to 1 and the bias to 0."""
        for name, fill in (("weight", init.ones_), ("bias", init.zeros_)):
            if getattr(self, name) is not None:
                fill(getattr(self, name))


class LayerNorm(AffineNorm):
    """Normalises over the last axes; see `nn.functional.layer_norm` for the formula.

    Args:
        normalized_shape: the lengths of the last axes, one number or several.
        eps: keeps the root away from 0.
        elementwise_affine: whether there are a weight and a bias of that shape; they start at 1 and 0.
        bias: whether there is a bias, where `elementwise_affine`.

    Example:
        >>> import nn
        >>> nn.LayerNorm(4)
        LayerNorm((4,), eps=1e-05, elementwise_affine=True, bias=True)
        >>> nn.LayerNorm([3, 4])(nn.zeros(2, 3, 4)).shape
        (2, 3, 4)

    References:
        Ba, Kiros and Hinton, Layer Normalization, 2016.
    """

    normalized_shape: Bare[tuple[int, ...]]
    eps: Shown[float]
    elementwise_affine: Shown[bool]
    bias: Shown[Parameter | None]

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        self.normalized_shape = _as_tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        self._make(self.normalized_shape, elementwise_affine, bias, **factory)

    def forward(self, input: Tensor) -> Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


class RMSNorm(AffineNorm):
    """Divides by the root of the mean square over the last axes; see `nn.functional.rms_norm`.

    Args:
        normalized_shape: the lengths of the last axes, one number or several.
        eps: keeps the root away from 0; None for the step from 1 to the next number of the input's type.
        elementwise_affine: whether there is a weight of that shape; it starts at 1.

    Example:
        >>> import nn
        >>> nn.RMSNorm(4)
        RMSNorm((4,), eps=None, elementwise_affine=True)

    References:
        Zhang and Sennrich, Root Mean Square Layer Normalization, NeurIPS 2019.
    """

    normalized_shape: Bare[tuple[int, ...]]
    eps: Shown[float | None]
    elementwise_affine: Shown[bool]

    def __init__(
        self,
        normalized_shape: int | Sequence[int],
        eps: float | None = None,
        elementwise_affine: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        self.normalized_shape = _as_tuple(normalized_shape)
        self.eps = eps
        self.elementwise_affine = elementwise_affine
        weight = Parameter(ones(self.normalized_shape, **factory))
        self.register_parameter("weight", weight if elementwise_affine else None)

    def reset_parameters(self) -> None:
        """Set the weight to 1."""
        if self.weight is not None:
            init.ones_(self.weight)

    def forward(self, input: Tensor) -> Tensor:
        return F.rms_norm(input, self.normalized_shape, self.weight, self.eps)


class GroupNorm(AffineNorm):
    """Normalises each group of channels of each sample; see `nn.functional.group_norm`.

    Args:
        num_groups: how many groups the channels are split into.
        num_channels: channels C.
        eps: keeps the root away from 0.
        affine: whether there are a weight and a bias for each channel; they start at 1 and 0.
        bias: whether there is a bias, where `affine`.

    Raises:
        ShapeError: the groups do not divide the channels.

    Example:
        >>> import nn
        >>> nn.GroupNorm(2, 4)
        GroupNorm(2, 4, eps=1e-05, affine=True, bias=True)

    References:
        Wu and He, Group Normalization, ECCV 2018.
    """

    num_groups: Bare[int]
    num_channels: Bare[int]
    eps: Shown[float]
    affine: Shown[bool]
    bias: Shown[Parameter | None]

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        if num_channels % num_groups:
            raise ShapeError(f"GroupNorm: num_groups={num_groups} must divide num_channels={num_channels}")
        self.num_groups = num_groups
        self.num_channels = num_channels
        self.eps = eps
        self.affine = affine
        self._make((num_channels,), affine, bias, **factory)

    def forward(self, input: Tensor) -> Tensor:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


class LocalResponseNorm(Module):
    """Divides by a power of the mean square over neighbouring channels; see `nn.functional.local_response_norm`.

    Example:
        >>> import nn
        >>> nn.LocalResponseNorm(2)
        LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1.0)
    """

    size: Bare[int]
    alpha: Shown[float]
    beta: Shown[float]
    k: Shown[float]

    def __init__(self, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> None:
        super().__init__()
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.k = k

    def forward(self, input: Tensor) -> Tensor:
        return F.local_response_norm(input, self.size, self.alpha, self.beta, self.k)


def _as_tuple(shape: int | Sequence[int]) -> tuple[int, ...]:
    return (shape,) if isinstance(shape, int) else tuple(shape)
