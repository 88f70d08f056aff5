"""Adaptive pooling layers: they are given the size of the output and choose the windows themselves.

The means (`AdaptiveAvgPool1d` to `AdaptiveAvgPool3d`) or the largest elements (`AdaptiveMaxPool1d` to
`AdaptiveMaxPool3d`) of windows that cover the input and may overlap by one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.functional import adaptive as F
from nn.modules.fields import Shown
from nn.modules.module import Module
from nn.tensors.tensor import Tensor

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
]

Size = int | None | Sequence[int | None]


class _Adaptive(Module):
    """What adaptive pooling of every kind and rank shares."""

    output_size: Shown[Size]

    def __init__(self, output_size: Size) -> None:
        super().__init__()
        self.output_size = output_size


class _AdaptiveMax(_Adaptive):
    """What adaptive max-pooling of every rank shares."""

    return_indices: bool

    def __init__(self, output_size: Size, return_indices: bool = False) -> None:
        super().__init__(output_size)
        self.return_indices = return_indices


class AdaptiveAvgPool1d(_Adaptive):
    """The means of `output_size` windows over one axis; see `nn.functional.adaptive_avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveAvgPool1d(4)(nn.zeros(1, 8, 9)).shape
        (1, 8, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool1d(input, self.output_size)


class AdaptiveAvgPool2d(_Adaptive):
    """The means of `output_size` windows that cover the image; see `nn.functional.adaptive_avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveAvgPool2d(4)(nn.zeros(1, 8, 9, 9)).shape
        (1, 8, 4, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(input, self.output_size)


class AdaptiveAvgPool3d(_Adaptive):
    """The means of `output_size` windows over three axes; see `nn.functional.adaptive_avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveAvgPool3d(4)(nn.zeros(1, 8, 9, 9, 9)).shape
        (1, 8, 4, 4, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool3d(input, self.output_size)


class AdaptiveMaxPool1d(_AdaptiveMax):
    """The largest elements of `output_size` windows over one axis; see `nn.functional.adaptive_max_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveMaxPool1d(4)(nn.zeros(1, 8, 9)).shape
        (1, 8, 4)
    """

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool2d(_AdaptiveMax):
    """The largest elements of `output_size` windows that cover the image; see `nn.functional.adaptive_max_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveMaxPool2d(4)(nn.zeros(1, 8, 9, 9)).shape
        (1, 8, 4, 4)
    """

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class AdaptiveMaxPool3d(_AdaptiveMax):
    """The largest elements of `output_size` windows over three axes; see `nn.functional.adaptive_max_pool2d`.

    Example:
        >>> import nn
        >>> nn.AdaptiveMaxPool3d(4)(nn.zeros(1, 8, 9, 9, 9)).shape
        (1, 8, 4, 4, 4)
    """

    def forward(self, input: Tensor) -> Any:
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)
