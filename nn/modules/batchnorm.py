"""Batch and instance normalisation: layers that keep running values for each channel, and their lazy counterparts."""

from __future__ import annotations

import warnings

from numpy.typing import DTypeLike

from nn.errors import ShapeError
from nn.functional import normalization as F
from nn.modules.fields import Bare, Shown
from nn.modules.lazy import LazyModuleMixin, UninitializedBuffer, UninitializedParameter, is_lazy
from nn.modules.normalization import AffineNorm
from nn.modules.parameter import Parameter
from nn.ops.shape import squeeze, unsqueeze
from nn.tensors.creation import ones, zeros
from nn.tensors.place import Device, Factory
from nn.tensors.tensor import Tensor, tensor

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LazyBatchNorm1d",
    "LazyBatchNorm2d",
    "LazyBatchNorm3d",
    "LazyInstanceNorm1d",
    "LazyInstanceNorm2d",
    "LazyInstanceNorm3d",
]


class _ChannelNorm(AffineNorm):
    """Batch and instance normalisation: parameters and running values for each channel."""

    num_features: Bare[int]
    eps: Shown[float]
    momentum: Shown[float | None]
    affine: Shown[bool]
    bias: Shown[Parameter | None]
    track_running_stats: Shown[bool]
    running_mean: Tensor | None
    running_var: Tensor | None
    num_batches_tracked: Tensor | None

    ranks: tuple[int, ...]
    _may_be_missing = ("num_batches_tracked",)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(**factory)
        self.num_features = num_features
        self.eps = eps
        self.momentum = momentum
        self.affine = affine
        self.track_running_stats = track_running_stats
        self._make((num_features,), affine, bias, **factory)
        for name, make in (("running_mean", zeros), ("running_var", ones)):
            self.register_buffer(name, make(num_features, **factory) if track_running_stats else None)
        self.register_buffer("num_batches_tracked", tensor(0) if track_running_stats else None)

    def reset_running_stats(self) -> None:
        """Forget what the running values have learned."""
        if self.track_running_stats:
            for value, first in ((self.running_mean, 0), (self.running_var, 1), (self.num_batches_tracked, 0)):
                if value is not None:
                    value.fill_(first)

    def _check(self, input: Tensor) -> None:
        if input.ndim not in self.ranks:
            wanted = " or ".join(map(str, self.ranks))
            raise ShapeError(f"{type(self).__name__}: input must have {wanted} axes, its shape is {input.shape}")


class _BatchNorm(_ChannelNorm):
    """What the batch normalisations of every rank share."""

    def forward(self, input: Tensor) -> Tensor:
        self._check(input)
        momentum = 0.0 if self.momentum is None else self.momentum
        if self.training and self.track_running_stats and self.num_batches_tracked is not None:
            self.num_batches_tracked.add_(1)
            if self.momentum is None:  # the plain average over all batches
                momentum = 1 / int(self.num_batches_tracked)
        training = self.training or (self.running_mean is None and self.running_var is None)
        used = not self.training or self.track_running_stats
        mean, var = (self.running_mean, self.running_var) if used else (None, None)
        return F.batch_norm(input, mean, var, self.weight, self.bias, training, momentum, self.eps)


class _InstanceNorm(_ChannelNorm):
    """What the instance normalisations of every rank share."""

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        device: Device = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias=bias, **factory)

    def forward(self, input: Tensor) -> Tensor:
        self._check(input)
        batched = input.ndim == self.ranks[1]
        channels = input.shape[1 if batched else 0]
        if channels != self.num_features:
            text = f"{type(self).__name__}: input must have {self.num_features} channels, its shape is {input.shape}"
            if self.affine:
                raise ShapeError(text)
            warnings.warn(f"{text}; num_features is not used, since affine=False", stacklevel=2)
        y = F.instance_norm(
            input if batched else unsqueeze(input, 0),
            self.running_mean,
            self.running_var,
            self.weight,
            self.bias,
            self.training or not self.track_running_stats,
            0.0 if self.momentum is None else self.momentum,
            self.eps,
        )
        return y if batched else squeeze(y, 0)


class _LazyNorm(LazyModuleMixin, _ChannelNorm):
    """What the lazy normalisations share: `num_features` is read from the first input."""

    def __init__(
        self,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        device: Device = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        factory = Factory(device=device, dtype=dtype)
        super().__init__(0, eps, momentum, affine, track_running_stats, bias=bias, **factory)
        for name in ("weight", "bias"):
            if getattr(self, name) is not None:
                setattr(self, name, UninitializedParameter(**factory))
        for name in ("running_mean", "running_var"):
            if getattr(self, name) is not None:
                self.register_buffer(name, UninitializedBuffer(**factory))

    def initialize_parameters(self, input: Tensor) -> None:
        """Take `num_features` from the input's channels."""
        if not self.num_features:
            self.num_features = input.shape[1]
            for name in ("weight", "bias", "running_mean", "running_var"):
                if is_lazy(getattr(self, name)):
                    getattr(self, name).materialize((self.num_features,))
            self.reset_parameters()
            self.reset_running_stats()


class BatchNorm1d(_BatchNorm):
    """Batch normalisation of (N, C) or (N, C, L); arguments as for `BatchNorm2d`.

    Example:
        >>> import nn
        >>> nn.BatchNorm1d(2)(nn.tensor([[1.0, 5.0], [3.0, 5.0]]))
        tensor([[-1.0000,  0.0000],
                [ 1.0000,  0.0000]], grad_fn=<AddBackward0>)
    """

    ranks = (2, 3)


class BatchNorm2d(_BatchNorm):
    """Batch normalisation of images; see `nn.functional.batch_norm` for the formula.

    In training each channel is normalised with the batch's mean and variance, and the running ones follow; in
    evaluation the running ones are used.

    Args:
        num_features: channels C.
        eps: keeps the root away from 0.
        momentum: how far the running values move at each batch; None for the plain average over all batches.
        affine: whether there are a weight and a bias for each channel; they start at 1 and 0.
        track_running_stats: whether there are running values; without them the batch's are used in evaluation too.
        bias: whether there is a bias, where `affine`.

    Shape:
        (N, C, H, W) -> (N, C, H, W); weight, bias, running_mean, running_var (C,), num_batches_tracked ().

    Example:
        >>> import nn
        >>> nn.BatchNorm2d(8)
        BatchNorm2d(8, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
        >>> nn.BatchNorm2d(8)(nn.zeros(4, 8, 3, 3)).shape
        (4, 8, 3, 3)

    References:
        Ioffe and Szegedy, Batch Normalization, ICML 2015.
    """

    ranks = (4,)


class BatchNorm3d(_BatchNorm):
    """Batch normalisation of (N, C, D, H, W); arguments as for `BatchNorm2d`.

    Example:
        >>> import nn
        >>> nn.BatchNorm3d(2)(nn.zeros(1, 2, 3, 3, 3)).shape
        (1, 2, 3, 3, 3)
    """

    ranks = (5,)


class InstanceNorm1d(_InstanceNorm):
    """Instance normalisation of (N, C, L) or (C, L); arguments as for `BatchNorm2d`, but neither affine nor tracking.

    Example:
        >>> import nn
        >>> nn.InstanceNorm1d(1)(nn.tensor([[[1.0, 3.0]]]))
        tensor([[[-1.0000,  1.0000]]])

    References:
        Ulyanov et al., Instance Normalization, 2016.
    """

    ranks = (2, 3)


class InstanceNorm2d(_InstanceNorm):
    """Instance normalisation of (N, C, H, W) or (C, H, W); see `InstanceNorm1d`.

    Example:
        >>> import nn
        >>> nn.InstanceNorm2d(3)(nn.zeros(2, 3, 4, 4)).shape
        (2, 3, 4, 4)
    """

    ranks = (3, 4)


class InstanceNorm3d(_InstanceNorm):
    """Instance normalisation of (N, C, D, H, W) or (C, D, H, W); see `InstanceNorm1d`.

    Example:
        >>> import nn
        >>> nn.InstanceNorm3d(3)(nn.zeros(2, 3, 4, 4, 4)).shape
        (2, 3, 4, 4, 4)
    """

    ranks = (4, 5)


class LazyBatchNorm1d(_LazyNorm, _BatchNorm):
    """A `BatchNorm1d` that takes `num_features` from its first input.

    Example:
        >>> import nn
        >>> nn.LazyBatchNorm1d()(nn.zeros(2, 3, 4)).shape
        (2, 3, 4)
    """

    ranks, cls_to_become = BatchNorm1d.ranks, BatchNorm1d


class LazyBatchNorm2d(_LazyNorm, _BatchNorm):
    """A `BatchNorm2d` that takes `num_features` from its first input.

    Example:
        >>> import nn
        >>> nn.LazyBatchNorm2d()(nn.zeros(2, 3, 4, 4)).shape
        (2, 3, 4, 4)
    """

    ranks, cls_to_become = BatchNorm2d.ranks, BatchNorm2d


class LazyBatchNorm3d(_LazyNorm, _BatchNorm):
    """A `BatchNorm3d` that takes `num_features` from its first input.

    Example:
        >>> import nn
        >>> nn.LazyBatchNorm3d()(nn.zeros(2, 3, 4, 4, 4)).shape
        (2, 3, 4, 4, 4)
    """

    ranks, cls_to_become = BatchNorm3d.ranks, BatchNorm3d


class LazyInstanceNorm1d(_LazyNorm, _InstanceNorm):
    """An `InstanceNorm1d` that takes `num_features` from its first input.

    Example:
        >>> import nn
        >>> nn.LazyInstanceNorm1d()(nn.zeros(2, 3, 4)).shape
        (2, 3, 4)
    """

    ranks, cls_to_become = InstanceNorm1d.ranks, InstanceNorm1d


class LazyInstanceNorm2d(_LazyNorm, _InstanceNorm):
    """An `InstanceNorm2d` that takes `num_features` from its first input.

    Example:
        >>> import nn
        >>> nn.LazyInstanceNorm2d()(nn.zeros(2, 3, 4, 4)).shape
        (2, 3, 4, 4)
    """

    ranks, cls_to_become = InstanceNorm2d.ranks, InstanceNorm2d


class LazyInstanceNorm3d(_LazyNorm, _InstanceNorm):
    """An `InstanceNorm3d` that takes `num_features` from its first input.

    Example:
        >>> import nn
        >>> nn.LazyInstanceNorm3d()(nn.zeros(2, 3, 4, 4, 4)).shape
        (2, 3, 4, 4, 4)
    """

    ranks, cls_to_become = InstanceNorm3d.ranks, InstanceNorm3d
