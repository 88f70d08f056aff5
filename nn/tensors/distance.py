"""Distances between the rows of two matrices (`cdist`), or of one (`pdist`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.errors import RangeError, ShapeError
from nn.ops.arithmetic import abs, isfinite, where
from nn.ops.distance import euclidean
from nn.ops.indexing import getitem
from nn.ops.precision import in_single
from nn.ops.reduction import amax, norm, sum
from nn.ops.shape import squeeze, unsqueeze
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["cdist", "pdist"]


@in_single
def cdist(x1: Tensor, x2: Tensor, p: float = 2.0, compute_mode: str = "use_mm_for_euclid_dist_if_necessary") -> Tensor:
    """||a - b||_p for each row a of x1 and each row b of x2; the gradient is 0 where they are equal.

    Args:
        x1: vectors in rows.
        x2: vectors in rows.
        p: the order of the norm, at least 0.
        compute_mode: taken for the sake of PyTorch's programs; products are used for many rows, without loss of digits.

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
        raise ShapeError(f"cdist: expected x1 (..., P, M) and x2 (..., R, M); got {one.shape} and {two.shape}")
    _order(p, "cdist")
    checks.choice(compute_mode, _MODES, "cdist", "compute_mode")
    if p == 2 and max(one.shape[-2], two.shape[-2]) > FEW:
        return euclidean(one, two)
    return _length(unsqueeze(one, -2) - unsqueeze(two, -3), p)


@in_single
def pdist(input: Tensor, p: float = 2.0) -> Tensor:
    """||a - b||_p for each pair of rows, the first before the second: `cdist(x, x)` above its diagonal, in a row.

    Args:
        input: vectors in rows.
        p: the order of the norm, at least 0.

    Shape:
        (N, M) -> (N (N - 1) / 2,).

    Raises:
        ShapeError: the input does not have two axes.
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
    if p == 2 and len(input) > FEW:
        return getitem(euclidean(input, input), index=(first, second))
    return _length(getitem(input, index=(first,)) - getitem(input, index=(second,)), p)


FEW = 25
"""Rows beyond which Euclidean distances are computed by a product."""

_MODES = tuple(
    f"{how}_mm_for_euclid_dist{when}" for how, when in (("use", "_if_necessary"), ("use", ""), ("donot_use", ""))
)


def _length(x: Tensor, p: float) -> Tensor:
    """The norm along the last axis; of equally large differences each gets the gradient, as in PyTorch."""
    if p != math.inf:
        return norm(x, p, -1)
    size: Any = abs(x)
    top = amax(size.detach(), dim=-1, keepdim=True)
    total = sum(where(size.detach() == top, size, 0.0), dim=-1)
    top = squeeze(top, -1)
    return where(isfinite(top), top + (total - total.detach()), top + total)


def _order(p: float, caller: str) -> None:
    if not p >= 0:
        raise RangeError(f"{caller}: p must be at least 0, got {p}")
