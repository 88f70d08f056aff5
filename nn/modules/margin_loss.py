"""Losses that are 0 (or nearly so) once a margin is kept, as modules."""

from __future__ import annotations

from collections.abc import Callable

from nn.errors import RangeError, ShapeError
from nn.functional import margin_loss as F
from nn.functional.loss import Reduction
from nn.modules.distance import PairwiseDistance
from nn.modules.loss import Loss
from nn.tensors.tensor import Tensor

__all__ = [
    "CosineEmbeddingLoss",
    "HingeEmbeddingLoss",
    "MarginRankingLoss",
    "MultiLabelMarginLoss",
    "MultiLabelSoftMarginLoss",
    "MultiMarginLoss",
    "SoftMarginLoss",
    "TripletMarginLoss",
    "TripletMarginWithDistanceLoss",
]


class HingeEmbeddingLoss(Loss):
    """x where t = 1, max(0, margin - x) where t = -1; see `nn.functional.hinge_embedding_loss`.

    Example:
        >>> import nn
        >>> nn.HingeEmbeddingLoss()(nn.tensor([0.25]), nn.tensor([-1.0]))
        tensor(0.7500)
    """

    margin: float

    def __init__(self, margin: float = 1.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.hinge_embedding_loss(input, target, self.margin, self.reduction)


class CosineEmbeddingLoss(Loss):
    """1 - cos where t = 1, max(0, cos - margin) where t = -1; see `nn.functional.cosine_embedding_loss`.

    Example:
        >>> import nn
        >>> a, b = nn.tensor([[1.0, 0.0]]), nn.tensor([[0.0, 1.0]])
        >>> nn.CosineEmbeddingLoss()(a, b, nn.tensor([1]))
        tensor(1.)
    """

    margin: float

    def __init__(self, margin: float = 0.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        return F.cosine_embedding_loss(input1, input2, target, self.margin, self.reduction)


class MarginRankingLoss(Loss):
    """max(0, -t (x1 - x2) + margin); see `nn.functional.margin_ranking_loss`.

    Example:
        >>> import nn
        >>> nn.MarginRankingLoss()(nn.tensor([1.0]), nn.tensor([3.0]), nn.tensor([1.0]))
        tensor(2.)
    """

    margin: float

    def __init__(self, margin: float = 0.0, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)
        self.margin = margin

    def forward(self, input1: Tensor, input2: Tensor, target: Tensor) -> Tensor:
        return F.margin_ranking_loss(input1, input2, target, self.margin, self.reduction)


class SoftMarginLoss(Loss):
    """ln(1 + e^(-t x)); see `nn.functional.soft_margin_loss`.

    Example:
        >>> import nn
        >>> nn.SoftMarginLoss()(nn.tensor([0.0]), nn.tensor([1.0]))
        tensor(0.6931)
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.soft_margin_loss(input, target, self.reduction)


class MultiLabelSoftMarginLoss(Loss):
    """Binary cross-entropy of logits, averaged over the classes; see `nn.functional.multilabel_soft_margin_loss`.

    Example:
        >>> import nn
        >>> nn.MultiLabelSoftMarginLoss()(nn.zeros(1, 3), nn.ones(1, 3))
        tensor(0.6931)
    """

    weight: Tensor | None

    def __init__(self, weight: Tensor | None = None, reduction: Reduction = "mean") -> None:
        super().__init__(reduction, weight=weight)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multilabel_soft_margin_loss(input, target, self.weight, self.reduction)


class MultiMarginLoss(Loss):
    """max(0, margin - x_t + x_j)^p over the wrong classes j; see `nn.functional.multi_margin_loss`.

    Example:
        >>> import nn
        >>> nn.MultiMarginLoss()(nn.tensor([[0.0, 0.5]]), nn.tensor([0]))
        tensor(0.7500)
    """

    p: int
    margin: float
    weight: Tensor | None

    def __init__(
        self, p: int = 1, margin: float = 1.0, weight: Tensor | None = None, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction, weight=weight)
        if p not in (1, 2):
            raise RangeError(f"MultiMarginLoss: p must be 1 or 2, got {p}")
        if weight is not None and weight.ndim != 1:
            raise ShapeError(f"MultiMarginLoss: weight must have one axis, its shape is {weight.shape}")
        self.p = p
        self.margin = margin

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multi_margin_loss(input, target, self.p, self.margin, self.weight, self.reduction)


class MultiLabelMarginLoss(Loss):
    """max(0, 1 - (x_i - x_j)) over right classes i and wrong classes j; see `nn.functional.multilabel_margin_loss`.

    Example:
        >>> import nn
        >>> nn.MultiLabelMarginLoss()(nn.tensor([[0.0, 0.5, 1.0]]), nn.tensor([[2, -1, -1]]))
        tensor(0.1667)
    """

    def __init__(self, reduction: Reduction = "mean") -> None:
        super().__init__(reduction)

    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.multilabel_margin_loss(input, target, self.reduction)


class TripletMarginLoss(Loss):
    """max(0, d(a, p) - d(a, n) + margin); see `nn.functional.triplet_margin_loss`.

    Example:
        >>> import nn
        >>> nn.TripletMarginLoss()(nn.tensor([[0.0]]), nn.tensor([[1.0]]), nn.tensor([[1.5]]))
        tensor(0.5000)
    """

    margin: float
    p: float
    eps: float
    swap: bool

    def __init__(
        self, margin: float = 1.0, p: float = 2.0, eps: float = 1e-6, swap: bool = False, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction)
        if not margin > 0:
            raise RangeError(f"{type(self).__name__}: margin must be positive, got {margin}")
        self.margin = margin
        self.p = p
        self.eps = eps
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return F.triplet_margin_loss(
            anchor, positive, negative, self.margin, self.p, self.eps, self.swap, self.reduction
        )


class TripletMarginWithDistanceLoss(Loss):
    """`TripletMarginLoss` with a distance of your own; see `nn.functional.triplet_margin_with_distance_loss`.

    Example:
        >>> import nn
        >>> far = lambda a, b: (a - b).square().sum(-1)
        >>> loss = nn.TripletMarginWithDistanceLoss(distance_function=far, margin=2.0)
        >>> loss(nn.tensor([[0.0]]), nn.tensor([[1.0]]), nn.tensor([[1.5]]))
        tensor(0.7500)
    """

    distance_function: Callable[[Tensor, Tensor], Tensor]
    margin: float
    swap: bool

    def __init__(
        self,
        *,
        distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
        margin: float = 1.0,
        swap: bool = False,
        reduction: Reduction = "mean",
    ) -> None:
        super().__init__(reduction)
        if not margin > 0:
            raise RangeError(f"{type(self).__name__}: margin must be positive, got {margin}")
        self.distance_function = PairwiseDistance() if distance_function is None else distance_function
        self.margin = margin
        self.swap = swap

    def forward(self, anchor: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
        return F.triplet_margin_with_distance_loss(
            anchor,
            positive,
            negative,
            distance_function=self.distance_function,
            margin=self.margin,
            swap=self.swap,
            reduction=self.reduction,
        )
