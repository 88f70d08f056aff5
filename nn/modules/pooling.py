"""Pooling layers: each gives one number for a window that moves over a signal, an image or a volume.

The largest element (`MaxPool1d` to `MaxPool3d`), the mean (`AvgPool1d` to `AvgPool3d`) or the p-norm (`LPPool1d` to
`LPPool3d`). Layers that are given the size of the output are in `adaptive` and `fractional`; the way back is in
`unpooling`.
"""

from __future__ import annotations

from typing import Any

from nn.functional import pooling as F
from nn.modules.fields import Shown
from nn.modules.module import Module
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = [
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
]

Size = int | tuple[int, ...]


class _MaxPool(Module):
    """What max-pooling of every rank shares."""

    kernel_size: Shown[Size]
    stride: Shown[Size]
    padding: Shown[Size]
    dilation: Shown[Size]
    return_indices: bool
    ceil_mode: Shown[bool]

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        return_indices: bool = False,
        ceil_mode: bool = False,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.return_indices = return_indices
        self.ceil_mode = ceil_mode

    def _arguments(self) -> tuple[Any, Any, Any, Any, Any]:
        return self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode


class _AvgPool(Module):
    """What average pooling of every rank shares."""

    kernel_size: Shown[Size]
    stride: Shown[Size]
    padding: Shown[Size]
    ceil_mode: bool
    count_include_pad: bool

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        super().__init__()
        self.kernel_size = kernel_size
        self.stride = kernel_size if stride is None else stride
        self.padding = padding
        self.ceil_mode = ceil_mode
        self.count_include_pad = count_include_pad

    def _arguments(self) -> tuple[Any, Any, Any, Any, Any]:
        return self.kernel_size, self.stride, self.padding, self.ceil_mode, self.count_include_pad


class MaxPool1d(_MaxPool):
    """The largest element of each window over one axis; arguments as for `MaxPool2d`.

    Example:
        >>> import nn
        >>> nn.MaxPool1d(2)(nn.zeros(1, 1, 6)).shape
        (1, 1, 3)
    """

    def forward(self, input: Tensor) -> Any:
        return F.max_pool1d(input, *self._arguments(), return_indices=self.return_indices)


class MaxPool2d(_MaxPool):
    """The largest element of each window; arguments and shapes are those of `nn.functional.max_pool2d`.

    Example:
        >>> import nn
        >>> nn.MaxPool2d(2)
        MaxPool2d(kernel_size=2, stride=2, padding=0, dilation=1, ceil_mode=False)
        >>> nn.MaxPool2d(2)(nn.zeros(1, 8, 28, 28)).shape
        (1, 8, 14, 14)
    """

    def forward(self, input: Tensor) -> Any:
        return F.max_pool2d(input, *self._arguments(), return_indices=self.return_indices)


class MaxPool3d(_MaxPool):
    """The largest element of each window over three axes; arguments as for `MaxPool2d`.

    Example:
        >>> import nn
        >>> nn.MaxPool3d(2)(nn.zeros(1, 1, 4, 4, 4)).shape
        (1, 1, 2, 2, 2)
    """

    def forward(self, input: Tensor) -> Any:
        return F.max_pool3d(input, *self._arguments(), return_indices=self.return_indices)


class AvgPool1d(_AvgPool):
    """The mean of each window over one axis; arguments as for `AvgPool2d`, without the divisor.

    Example:
        >>> import nn
        >>> nn.AvgPool1d(2)(nn.zeros(1, 1, 6)).shape
        (1, 1, 3)
    """

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        stride = kernel_size if stride is None else stride
        given = dict(kernel_size=kernel_size, stride=stride, padding=padding)
        sizes = [checks.spatial(size, 1, "AvgPool1d", name, 0) for name, size in given.items()]
        super().__init__(sizes[0], sizes[1], sizes[2], ceil_mode, count_include_pad)

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool1d(input, *self._arguments())


class AvgPool2d(_AvgPool):
    """The mean of each window; arguments and shapes are those of `nn.functional.avg_pool2d`.

    Example:
        >>> import nn
        >>> nn.AvgPool2d(2)(nn.zeros(1, 8, 28, 28)).shape
        (1, 8, 14, 14)
    """

    divisor_override: int | None

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        super().__init__(kernel_size, stride, padding, ceil_mode, count_include_pad)
        self.divisor_override = divisor_override

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool2d(input, *self._arguments(), divisor_override=self.divisor_override)


class AvgPool3d(AvgPool2d):
    """The mean of each window over three axes; arguments as for `AvgPool2d`.

    Example:
        >>> import nn
        >>> nn.AvgPool3d(2)(nn.zeros(1, 1, 4, 4, 4)).shape
        (1, 1, 2, 2, 2)
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.avg_pool3d(input, *self._arguments(), divisor_override=self.divisor_override)


class _LPPool(Module):
    """What power-average pooling of every rank shares."""

    norm_type: Shown[float]
    kernel_size: Shown[Size]
    stride: Shown[Size | None]
    ceil_mode: Shown[bool]

    def __init__(
        self, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.norm_type = norm_type
        self.kernel_size = kernel_size
        self.stride = stride
        self.ceil_mode = ceil_mode

    def _arguments(self) -> tuple[Any, Any, Any, Any]:
        return float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode


class LPPool1d(_LPPool):
    """The p-norm of each window over one axis; arguments are those of `nn.functional.lp_pool2d`.

    Example:
        >>> import nn
        >>> nn.LPPool1d(2, 3)(nn.zeros(1, 1, 6)).shape
        (1, 1, 2)
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.lp_pool1d(input, *self._arguments())


class LPPool2d(_LPPool):
    """The p-norm of each window; arguments and shapes are those of `nn.functional.lp_pool2d`.

    Example:
        >>> import nn
        >>> nn.LPPool2d(2, 2)(nn.ones(1, 1, 2, 2))
        tensor([[[[2.]]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.lp_pool2d(input, *self._arguments())


class LPPool3d(_LPPool):
    """The p-norm of each window over three axes; arguments are those of `nn.functional.lp_pool2d`.

    Example:
        >>> import nn
        >>> nn.LPPool3d(2, 2)(nn.zeros(1, 1, 4, 4, 4)).shape
        (1, 1, 2, 2, 2)
    """

    def forward(self, input: Tensor) -> Tensor:
        return F.lp_pool3d(input, *self._arguments())
