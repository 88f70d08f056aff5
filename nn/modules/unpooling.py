"""Unpooling layers: they put what a max-pooling kept back where it stood, and zeros elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from nn.functional import unpooling as F
from nn.modules.fields import Shown
from nn.modules.module import Module
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["MaxUnpool1d", "MaxUnpool2d", "MaxUnpool3d"]

Size = int | tuple[int, ...]


class _MaxUnpool(Module):
    """What unpooling of every rank shares."""

    kernel_size: Shown[tuple[int, ...]]
    stride: Shown[tuple[int, ...]]
    padding: Shown[tuple[int, ...]]

    rank: int

    def __init__(self, kernel_size: Size, stride: Size | None = None, padding: Size = 0) -> None:
        super().__init__()
        name = type(self).__name__
        self.kernel_size = checks.spatial(kernel_size, self.rank, name, "kernel_size")
        self.stride = self.kernel_size if stride is None else checks.spatial(stride, self.rank, name, "stride")
        self.padding = checks.spatial(padding, self.rank, name, "padding", 0)


class MaxUnpool1d(_MaxUnpool):
    """Puts each element back where `MaxPool1d` found it; see `nn.functional.max_unpool2d`.

    Example:
        >>> import nn
        >>> pool, unpool = nn.MaxPool1d(2, return_indices=True), nn.MaxUnpool1d(2)
        >>> unpool(*pool(nn.zeros(1, 1, 4))).shape
        (1, 1, 4)
    """

    rank = 1

    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        return F.max_unpool1d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool2d(_MaxUnpool):
    """Puts each element back where `MaxPool2d(..., return_indices=True)` found it, zeros elsewhere.

    Example:
        >>> import nn
        >>> pool, unpool = nn.MaxPool2d(2, return_indices=True), nn.MaxUnpool2d(2)
        >>> unpool(*pool(nn.zeros(1, 1, 4, 4))).shape
        (1, 1, 4, 4)
    """

    rank = 2

    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        return F.max_unpool2d(input, indices, self.kernel_size, self.stride, self.padding, output_size)


class MaxUnpool3d(_MaxUnpool):
    """Puts each element back where `MaxPool3d` found it; see `nn.functional.max_unpool2d`.

    Example:
        >>> import nn
        >>> pool, unpool = nn.MaxPool3d(2, return_indices=True), nn.MaxUnpool3d(2)
        >>> unpool(*pool(nn.zeros(1, 1, 4, 4, 4))).shape
        (1, 1, 4, 4, 4)
    """

    rank = 3

    def forward(self, input: Tensor, indices: Tensor, output_size: Sequence[int] | None = None) -> Tensor:
        return F.max_unpool3d(input, indices, self.kernel_size, self.stride, self.padding, output_size)
