"""Connectionist temporal classification as a module: a loss for sequences without known alignment."""

from __future__ import annotations

from typing import Any

from nn.functional import ctc as F
from nn.functional.loss import Reduction
from nn.modules.loss import Loss
from nn.tensors.tensor import Tensor

__all__ = ["CTCLoss"]


class CTCLoss(Loss):
    """The loss of a sequence whose alignment with the input is not known; see `nn.functional.ctc_loss`.

    Example:
        >>> import nn
        >>> even = nn.zeros(2, 1, 2).log_softmax(-1)
        >>> nn.CTCLoss()(even, nn.tensor([[1]]), (2,), (1,)).exp()
        tensor(1.3333)
    """

    blank: int
    zero_infinity: bool

    def __init__(self, blank: int = 0, reduction: Reduction = "mean", zero_infinity: bool = False) -> None:
        super().__init__(reduction)
        self.blank = blank
        self.zero_infinity = zero_infinity

    def forward(self, log_probs: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any) -> Tensor:
        return F.ctc_loss(
            log_probs, targets, input_lengths, target_lengths, self.blank, self.reduction, self.zero_infinity
        )
