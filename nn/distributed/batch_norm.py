"""Batch normalisation with the mean and variance of all processes' samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from nn.autograd.function import Function
from nn.distributed.communication import require_all
from nn.errors import ShapeError
from nn.modules.batchnorm import BatchNorm1d, BatchNorm2d, BatchNorm3d, _BatchNorm
from nn.modules.module import Module
from nn.tensors.place import Device
from nn.tensors.tensor import Tensor
from nn.world import world

__all__ = ["SyncBatchNorm"]


class _SumOverRanks(Function):
    """The sum of everyone's tensor; its gradient by one's own is everyone's gradient, weighted by their samples.

    `DistributedDataParallel` weighs the gradients of process r by its samples n_r. What this process's tensor gets from
    the loss of process r must have that weight too: g = sum_r n_r g_r / n.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, samples: int) -> Tensor:
        ctx.samples = samples
        return _sum(x)

    @staticmethod
    def backward(ctx: Any, g: Tensor) -> tuple[Tensor, None]:
        return _sum(g * ctx.samples) / ctx.samples, None


def _sum(x: Tensor) -> Tensor:
    total = x.detach().clone()
    world().all_reduce(total._array).wait()
    return total


class SyncBatchNorm(_BatchNorm):
    """Batch normalisation over (N, C, ...) whose statistics, in training, are of the batches of all processes.

    With S the sum over all processes and positions, and n their number:

        mean = S(x) / n
        var = S((x - mean)**2) / n
        y = (x - mean) / sqrt(var + eps) * weight + bias

    In evaluation, and in one process alone, it is `BatchNorm2d` and its kin. Arguments and state are theirs too;
    `process_group` is None, for all processes.

    Shape:
        (N, C, ...) -> (N, C, ...)

    Example:
        >>> import nn
        >>> model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4))
        >>> nn.distributed.SyncBatchNorm.convert_sync_batchnorm(model)[1]
        SyncBatchNorm(4, eps=1e-05, momentum=0.1, affine=True, bias=True, track_running_stats=True)
    """

    ranks = (2, 3, 4, 5)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        process_group: None = None,
        device: Device = None,
        dtype: DTypeLike | None = None,
        *,
        bias: bool = True,
    ) -> None:
        require_all("SyncBatchNorm", process_group)
        super().__init__(num_features, eps, momentum, affine, track_running_stats, device, dtype, bias=bias)

    def forward(self, input: Tensor) -> Tensor:
        if not self.training or world().size == 1:
            return super().forward(input)
        self._check(input)
        samples = len(input)
        axes = (0, *range(2, input.ndim))
        shape = (1, -1, *[1] * (input.ndim - 2))
        count = np.array(input.numel() / max(self.num_features, 1))
        world().all_reduce(count).wait()
        n = count.item()
        if n <= 1:
            raise ShapeError(f"SyncBatchNorm: expected more than one value a channel over all processes, got {n:.0f}")
        mean = _SumOverRanks.apply(input.sum(axes), samples) / n  # (C,)
        centred = input - mean.view(shape)
        var = _SumOverRanks.apply((centred * centred).sum(axes), samples) / n  # (C,)
        self._follow(mean.detach(), var.detach() * (n / (n - 1)))
        y = centred * (var + self.eps).rsqrt().view(shape)
        if self.weight is not None:
            y = y * self.weight.view(shape)
        return y if self.bias is None else y + self.bias.view(shape)

    def _follow(self, mean: Tensor, var: Tensor) -> None:
        """Move the running statistics towards those of the batch."""
        if not self.track_running_stats or self.running_mean is None or self.running_var is None:
            return
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        momentum = 1 / int(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.mul_(1 - momentum).add_(momentum * mean)
        self.running_var.mul_(1 - momentum).add_(momentum * var)

    @classmethod
    def convert_sync_batchnorm(cls, module: Module, process_group: None = None) -> Module:
        """The model with every `BatchNorm1d`, `2d` and `3d` replaced by a `SyncBatchNorm` of the same state."""
        require_all("convert_sync_batchnorm", process_group)
        if isinstance(module, BatchNorm1d | BatchNorm2d | BatchNorm3d):
            other = cls(module.num_features, module.eps, module.momentum, module.affine, module.track_running_stats)
            for name in ("weight", "bias", "running_mean", "running_var", "num_batches_tracked"):
                setattr(other, name, getattr(module, name))
            return other.train(module.training)
        for name, child in list(module.named_children()):
            setattr(module, name, cls.convert_sync_batchnorm(child))
        return module
