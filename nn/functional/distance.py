"""Distances and similarities of vectors."""

from __future__ import annotations

import numpy as np

from nn.errors import RangeError, ShapeError
from nn.functional import checks
from nn.ops.arithmetic import clamp, mul
from nn.ops.distance import norm
from nn.ops.indexing import getitem
from nn.ops.reduction import sum
from nn.ops.shape import expand, unsqueeze
from nn.tensor import Tensor

__all__ = ["cdist", "cosine_similarity", "pairwise_distance", "pdist"]


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


def cdist(x1: Tensor, x2: Tensor, p: float = 2.0) -> Tensor:
    """||a - b||_p for each row a of x1 and each row b of x2; the gradient is 0 where they are equal.

    Args:
        x1: vectors in rows.
        x2: vectors in rows.
        p: the order of the norm, at least 0.

    Shape:
        (..., P, M), (..., R, M) -> (..., P, R); the axes before broadcast.

    Raises:
        ShapeError: the vectors have different lengths.
        RangeError: p is negative.

    Example:
        >>> import nn
        >>> nn.cdist(nn.tensor([[0.0, 0.0]]), nn.tensor([[3.0, 4.0], [0.0, 1.0]]))
        tensor([[5., 1.]])
    """
    one, two = checks.floating(x1, "cdist", "x1"), checks.floating(x2, "cdist", "x2")
    if one.ndim < 2 or two.ndim < 2 or one.shape[-1] != two.shape[-1]:
        raise ShapeError(
            f"cdist: x1 (..., P, M) and x2 (..., R, M) are wanted, their shapes are {one.shape} and {two.shape}"
        )
    _order(p, "cdist")
    return norm(unsqueeze(one, -2) - unsqueeze(two, -3), p, -1)


def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    """||a - b||_p for each pair of rows, the first before the second: `cdist(x, x)` above its diagonal, in a row.

    Args:
        input: vectors in rows.
        p: the order of the norm, at least 0.

    Shape:
        (N, M) -> (N (N - 1) / 2,).

    Raises:
        ShapeError: the input has not two axes.
        RangeError: p is negative.

    Example:
        >>> import nn
        >>> nn.pdist(nn.tensor([[0.0, 0.0], [3.0, 4.0], [0.0, 1.0]]))
        tensor([5.0000, 1.0000, 4.2426])
    """
    if checks.floating(input, "pdist").ndim != 2:
        raise ShapeError(f"pdist: input must be (N, M), its shape is {input.shape}")
    _order(p, "pdist")
    first, second = np.triu_indices(input.shape[0], 1)
    return norm(getitem(input, index=(first,)) - getitem(input, index=(second,)), p, -1)


def _order(p: float, caller: str) -> None:
    if not p >= 0:
        raise RangeError(f"{caller}: p must be at least 0, {p} came")
