"""Dropout layers: they act in training, and return their input in evaluation."""

from __future__ import annotations

from nn.errors import RangeError
from nn.functional.dropout import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
)
from nn.modules.fields import Shown
from nn.modules.module import Module
from nn.tensors.tensor import Tensor

__all__ = ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"]


class _Dropout(Module):
    """What all dropouts share."""

    p: Shown[float]
    inplace: Shown[bool]

    def __init__(self, p: float = 0.5, inplace: bool = False) -> None:
        super().__init__()
        if not 0 <= p <= 1:
            raise RangeError(f"{type(self).__name__}: p is a probability and must be in [0, 1], got {p}")
        self.p = p
        self.inplace = inplace


class Dropout(_Dropout):
    """In training each element is 0 with probability p, and otherwise divided by 1 - p; see `nn.functional.dropout`.

    Example:
        >>> import nn
        >>> nn.Dropout(0.2).eval()(nn.ones(2))
        tensor([1., 1.])

    References:
        Srivastava et al., Dropout, JMLR 15, 2014.
    """

    def forward(self, input: Tensor) -> Tensor:
        return dropout(input, self.p, self.training, self.inplace)


class Dropout1d(_Dropout):
    """Leaves out whole channels of (N, C, L) or (C, L); see `nn.functional.dropout1d`.

    Example:
        >>> import nn
        >>> nn.Dropout1d(p=0.0)(nn.ones(1, 1, 2))
        tensor([[[1., 1.]]])
    """

    def forward(self, input: Tensor) -> Tensor:
        return dropout1d(input, self.p, self.training, self.inplace)


class Dropout2d(_Dropout):
    """Leaves out whole channels of images (N, C, H, W); see `nn.functional.dropout2d`.

    Example:
        >>> import nn
        >>> nn.Dropout2d()(nn.ones(2, 3, 4, 4)).shape
        (2, 3, 4, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        return dropout2d(input, self.p, self.training, self.inplace)


class Dropout3d(_Dropout):
    """Leaves out whole channels of (N, C, D, H, W) or (C, D, H, W); see `nn.functional.dropout3d`.

    Example:
        >>> import nn
        >>> nn.Dropout3d()(nn.ones(2, 3, 4, 4, 4)).shape
        (2, 3, 4, 4, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        return dropout3d(input, self.p, self.training, self.inplace)


class AlphaDropout(_Dropout):
    """Dropout that keeps mean 0 and variance 1, to go with SELU; see `nn.functional.alpha_dropout`.

    Example:
        >>> import nn
        >>> nn.AlphaDropout()
        AlphaDropout(p=0.5, inplace=False)

    References:
        Klambauer et al., Self-Normalizing Neural Networks, NIPS 2017.
    """

    def forward(self, input: Tensor) -> Tensor:
        return alpha_dropout(input, self.p, self.training)


class FeatureAlphaDropout(_Dropout):
    """As `AlphaDropout`, for whole channels of (N, C, ...); see `nn.functional.feature_alpha_dropout`.

    Example:
        >>> import nn
        >>> nn.FeatureAlphaDropout()(nn.ones(2, 3, 4)).shape
        (2, 3, 4)
    """

    def forward(self, input: Tensor) -> Tensor:
        return feature_alpha_dropout(input, self.p, self.training)
