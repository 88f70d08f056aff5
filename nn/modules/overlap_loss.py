"""Losses for data where one class is rare, as modules: `DiceLoss` and `FocalLoss`."""

from __future__ import annotations

from nn.functional import overlap_loss as F
from nn.functional.loss import Reduction
from nn.modules.loss import Loss
from nn.tensors.tensor import Tensor

__all__ = ["DiceLoss", "FocalLoss"]


class DiceLoss(Loss):
    """One minus the overlap of probabilities and truth; see `nn.functional.dice_loss`.

    Example:
        >>> import nn
        >>> nn.DiceLoss(smooth=0.0)(nn.tensor([[1.0, 1.0]]), nn.tensor([[1.0, 0.0]]))
        tensor(0.3333)
    """

    smooth: float

    def __init__(self, smooth: float = 1.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.smooth = smooth

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.dice_loss(input, target, self.smooth, self.reduction)


class FocalLoss(Loss):
    """Binary cross-entropy of logits with the easy examples turned down; see `nn.functional.focal_loss`.

    Example:
        >>> import nn
        >>> nn.FocalLoss(alpha=None)(nn.tensor([0.0]), nn.tensor([1.0]))
        tensor(0.1733)
    """

    alpha: float | None
    gamma: float

    def __init__(self, alpha: float | None = 0.25, gamma: float = 2.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.alpha = alpha
        self.gamma = gamma

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.focal_loss(input, target, self.alpha, self.gamma, self.reduction)
