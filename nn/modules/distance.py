"""Layers that compare two batches of vectors row by row: by their angle, or by the norm of their difference."""

from __future__ import annotations

from nn.functional import distance as F
from nn.modules.module import Module
from nn.tensors.tensor import Tensor

__all__ = ["CosineSimilarity", "PairwiseDistance"]


class CosineSimilarity(Module):
    """The cosine of the angle between vectors; see `nn.functional.cosine_similarity`.

    Example:
        >>> import nn
        >>> nn.CosineSimilarity()(nn.tensor([[1.0, 0.0]]), nn.tensor([[3.0, 4.0]]))
        tensor([0.6000])
    """

    dim: int
    eps: float

    def __init__(self, dim: int = 1, eps: float = 1e-8) -> None:
        super().__init__()
        self.dim = dim
        self.eps = eps

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return F.cosine_similarity(x1, x2, self.dim, self.eps)


class PairwiseDistance(Module):
    """The norm of the difference of vectors; see `nn.functional.pairwise_distance`.

    Example:
        >>> import nn
        >>> nn.PairwiseDistance()(nn.tensor([[0.0, 0.0]]), nn.tensor([[3.0, 4.0]]))
        tensor([5.0000])
    """

    norm: float
    eps: float
    keepdim: bool

    def __init__(self, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> None:
        super().__init__()
        self.norm = p
        self.eps = eps
        self.keepdim = keepdim

    def forward(self, x1: Tensor, x2: Tensor) -> Tensor:
        return F.pairwise_distance(x1, x2, self.norm, self.eps, self.keepdim)
