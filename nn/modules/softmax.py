"""Softmax layers: they turn scores into probabilities that add up to 1 along an axis, or into their logarithms.

`Softmax`, `LogSoftmax` and `Softmin` (of the negative scores) take the axis; `Softmax2d` takes an image's channels.
"""

from __future__ import annotations

from nn.errors import ShapeError
from nn.functional.softmax import softmin
from nn.modules.activation import Activation
from nn.modules.fields import Shown
from nn.tensors.softmax import log_softmax, softmax
from nn.tensors.tensor import Tensor

__all__ = ["LogSoftmax", "Softmax", "Softmax2d", "Softmin"]


class _AlongDim(Activation):
    """A function along one axis."""

    dim: Shown[int | None]

    def __init__(self, dim: int | None = None) -> None:
        super().__init__()
        self.dim = dim


class Softmin(_AlongDim):
    """e^-x / sum of e^-x along an axis; see `nn.functional.softmin`.

    Example:
        >>> import nn
        >>> nn.Softmin(dim=0)(nn.zeros(2))
        tensor([0.5000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        return softmin(input, self.dim)


class Softmax(_AlongDim):
    """e^x / sum of e^x along an axis; see `nn.functional.softmax`.

    Example:
        >>> import nn
        >>> nn.Softmax(dim=0)(nn.zeros(2))
        tensor([0.5000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        return softmax(input, self.dim)


class LogSoftmax(_AlongDim):
    """The logarithm of softmax along an axis; see `nn.functional.log_softmax`.

    Example:
        >>> import nn
        >>> nn.LogSoftmax(dim=0)(nn.zeros(2))
        tensor([-0.6931, -0.6931])
    """

    def forward(self, input: Tensor) -> Tensor:
        return log_softmax(input, self.dim)


class Softmax2d(Activation):
    """Softmax over the channels of an image (N, C, H, W) or (C, H, W).

    Raises:
        ShapeError: the input has another number of axes.

    Example:
        >>> import nn
        >>> nn.Softmax2d()(nn.zeros(2, 1, 1)).flatten()
        tensor([0.5000, 0.5000])
    """

    def forward(self, input: Tensor) -> Tensor:
        if input.ndim not in (3, 4):
            raise ShapeError(f"Softmax2d: input must be (N, C, H, W) or (C, H, W), its shape is {input.shape}")
        return softmax(input, -3)
