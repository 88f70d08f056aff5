"""Losses of numbers against numbers, and of distributions, as modules."""

from __future__ import annotations

from typing import Any

from nn.functional import regression_loss as F
from nn.functional.loss import Reduction
from nn.modules.loss import Loss
from nn.tensors.tensor import Tensor

__all__ = ["GaussianNLLLoss", "HuberLoss", "KLDivLoss", "L1Loss", "PoissonNLLLoss", "SmoothL1Loss"]


class L1Loss(Loss):
    """|x - t|; see `nn.functional.l1_loss`.

    Example:
        >>> import nn
        >>> nn.L1Loss()(nn.tensor([1.0, 2.0]), nn.tensor([1.0, 4.0]))
        tensor(1.)
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.l1_loss(input, target, self.reduction)


class SmoothL1Loss(Loss):
    """|x - t| with its tip rounded; see `nn.functional.smooth_l1_loss`.

    Example:
        >>> import nn
        >>> nn.SmoothL1Loss()(nn.tensor([3.0]), nn.zeros(1))
        tensor(2.5000)
    """

    beta: float

    def __init__(self, reduction: Reduction = "mean", beta: float = 1.0) -> None:
        super().__init__(reduction)
        self.beta = beta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.smooth_l1_loss(input, target, self.reduction, self.beta)


class HuberLoss(Loss):
    """A parabola that becomes a line; see `nn.functional.huber_loss`.

    Example:
        >>> import nn
        >>> nn.HuberLoss(delta=2.0)(nn.tensor([3.0]), nn.zeros(1))
        tensor(4.)
    """

    delta: float

    def __init__(self, reduction: Reduction = "mean", delta: float = 1.0) -> None:
        super().__init__(reduction)
        self.delta = delta

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.huber_loss(input, target, self.reduction, self.delta)


class KLDivLoss(Loss):
    """t (ln t - x); see `nn.functional.kl_div`.

    Example:
        >>> import nn
        >>> nn.KLDivLoss(reduction="batchmean")(nn.tensor([[0.5, 0.5]]).log(), nn.tensor([[0.5, 0.5]]))
        tensor(0.)
    """

    reduction: Any
    log_target: bool

    def __init__(self, reduction: str = "mean", log_target: bool = False) -> None:
        super().__init__(reduction)
        self.log_target = log_target

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.kl_div(input, target, self.reduction, self.log_target)


class PoissonNLLLoss(Loss):
    """e^x - t x; see `nn.functional.poisson_nll_loss`.

    Example:
        >>> import nn
        >>> nn.PoissonNLLLoss()(nn.tensor([0.0]), nn.tensor([3.0]))
        tensor(1.)
    """

    log_input: bool
    full: bool
    eps: float

    def __init__(
        self, log_input: bool = True, full: bool = False, eps: float = 1e-8, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction)
        self.log_input = log_input
        self.full = full
        self.eps = eps

    def forward(self, log_input: Tensor, target: Tensor) -> Tensor:
        return F.poisson_nll_loss(log_input, target, self.log_input, self.full, self.eps, self.reduction)


class GaussianNLLLoss(Loss):
    """(ln v + (x - t)^2 / v) / 2; see `nn.functional.gaussian_nll_loss`.

    Example:
        >>> import nn
        >>> nn.GaussianNLLLoss()(nn.tensor([0.0]), nn.tensor([2.0]), nn.tensor([1.0]))
        tensor(2.)
    """

    full: bool
    eps: float

    def __init__(self, *, full: bool = False, eps: float = 1e-6, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.full = full
        self.eps = eps

    def forward(self, input: Tensor, target: Tensor, var: Tensor | float) -> Tensor:
        return F.gaussian_nll_loss(input, target, var, self.full, self.eps, self.reduction)
