"""Compare vectors: by their cosine (`cosine_similarity`), or by a p-norm of the difference (`pairwise_distance`)."""

from __future__ import annotations

import numpy as np

from nn.errors import ShapeError
from nn.ops.arithmetic import clamp, mul
from nn.ops.precision import in_single
from nn.ops.reduction import norm, sum
from nn.ops.shape import expand
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["cosine_similarity", "pairwise_distance"]


@in_single
def cosine_similarity(x1: Tensor, x2: Tensor, dim: int = 1, eps: float = 1e-8) -> Tensor:
    """x1 x2 / (max(||x1||, eps) max(||x2||, eps)), along `dim`; the rest of the shapes broadcast.

    Args:
        x1: vectors.
        x2: vectors.
        dim: the axis of the vectors.
        eps: the least length that is divided by.

    Example:
        >>> import nn
        >>> a, b = nn.tensor([[1.0, 0.0]]), nn.tensor([[3.0, 4.0]])
        >>> nn.functional.cosine_similarity(a, b)
        tensor([0.6000])
    """
    one, two = checks.floating(x1, "cosine_similarity", "x1"), checks.floating(x2, "cosine_similarity", "x2")
    try:
        shape = np.broadcast_shapes(one.shape, two.shape)
    except ValueError:
        raise ShapeError(
            f"cosine_similarity: x1 {one.shape} and x2 {two.shape} do not broadcast; make their shapes equal"
        ) from None
    units = []
    for x in (expand(one, shape=shape), expand(two, shape=shape)):
        length = norm(x, 2, dim, True)
        # the slope is the length's own, below eps too, as in PyTorch
        raised = clamp(length.detach(), min=eps) - length.detach()
        units.append(x / (length + raised))
    return sum(mul(*units), dim=dim)


@in_single
def pairwise_distance(x1: Tensor, x2: Tensor, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Tensor:
    """||x1 - x2 + eps||_p along the last axis.

    Args:
        x1: vectors.
        x2: vectors; the shapes broadcast.
        p: the order of the norm.
        eps: added to every difference, so that equal vectors have a gradient.
        keepdim: keep the last axis, with length 1.

    Example:
        >>> import nn
        >>> nn.functional.pairwise_distance(nn.tensor([[0.0, 0.0]]), nn.tensor([[3.0, 4.0]]))
        tensor([5.0000])
    """
    one, two = checks.floating(x1, "pairwise_distance", "x1"), checks.floating(x2, "pairwise_distance", "x2")
    return norm(one - two + eps, p, -1, keepdim)
