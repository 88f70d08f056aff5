"""Losses as modules. `reduction` is "mean" (the default everywhere), "sum" or "none"."""

from __future__ import annotations

from typing import Any

from nn.functional import loss as F
from nn.functional.loss import Reduction
from nn.modules.module import Module
from nn.tensors.tensor import Tensor

__all__ = ["BCELoss", "BCEWithLogitsLoss", "CrossEntropyLoss", "MSELoss", "NLLLoss"]


class Loss(Module):
    """A loss with a reduction and, maybe, weights: buffers, so that they follow the module's dtype."""

    reduction: Reduction

    def __init__(self, reduction: Any = "mean", **weights: Tensor | None) -> None:
        super().__init__()
        self.reduction = reduction
        for name, weight in weights.items():
            self.register_buffer(name, weight)


class MSELoss(Loss):
    """(x - t)^2; see `nn.functional.mse_loss`.

    Example:
        >>> import nn
        >>> nn.MSELoss()(nn.tensor([1.0, 2.0]), nn.tensor([1.0, 4.0]))
        tensor(2.)
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(input, target, self.reduction)


class BCELoss(Loss):
    """Binary cross-entropy of probabilities; see `nn.functional.binary_cross_entropy`.

    Example:
        >>> import nn
        >>> nn.BCELoss()(nn.tensor([0.5]), nn.tensor([1.0]))
        tensor(0.6931)
    """

    weight: Tensor | None

    def __init__(self, weight: Tensor | None = None, reduction: Reduction = "mean") -> None:
        super().__init__(reduction, weight=weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy(input, target, self.weight, self.reduction)


class BCEWithLogitsLoss(Loss):
    """Binary cross-entropy of logits; see `nn.functional.binary_cross_entropy_with_logits`.

    Example:
        >>> import nn
        >>> nn.BCEWithLogitsLoss()(nn.tensor([0.0]), nn.tensor([1.0]))
        tensor(0.6931)
    """

    weight: Tensor | None
    pos_weight: Tensor | None

    def __init__(
        self, weight: Tensor | None = None, reduction: Reduction = "mean", pos_weight: Tensor | None = None
    ) -> None:
        super().__init__(reduction, weight=weight, pos_weight=pos_weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(input, target, self.weight, self.reduction, self.pos_weight)


class NLLLoss(Loss):
    """Negative log-likelihood of log-probabilities; see `nn.functional.nll_loss`.

    Example:
        >>> import nn
        >>> nn.NLLLoss()(nn.tensor([[-0.5, -1.0]]), nn.tensor([1]))
        tensor(1.)
    """

    weight: Tensor | None
    ignore_index: int

    def __init__(self, weight: Tensor | None = None, ignore_index: int = -100, reduction: Reduction = "mean") -> None:
        super().__init__(reduction, weight=weight)
        self.ignore_index = ignore_index

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.nll_loss(input, target, self.weight, self.ignore_index, self.reduction)


class CrossEntropyLoss(Loss):
    """Cross-entropy of logits with class indices or probabilities; see `nn.functional.cross_entropy`.

    Example:
        >>> import nn
        >>> nn.CrossEntropyLoss()(nn.zeros(1, 4), nn.tensor([2]))
        tensor(1.3863)
    """

    weight: Tensor | None
    ignore_index: int
    label_smoothing: float

    def __init__(
        self,
        weight: Tensor | None = None,
        ignore_index: int = -100,
        reduction: Reduction = "mean",
        label_smoothing: float = 0.0,
    ) -> None:
        super().__init__(reduction, weight=weight)
        self.ignore_index = ignore_index
        self.label_smoothing = label_smoothing

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(input, target, self.weight, self.ignore_index, self.reduction, self.label_smoothing)
