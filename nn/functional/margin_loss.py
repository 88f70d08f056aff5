"""Losses that are 0 once the right answer leads by a margin: of classes, of pairs, and of triplets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.errors import DtypeError, OutOfBoundsError, RangeError, ShapeError
from nn.functional.distance import pairwise_distance
from nn.functional.loss import REDUCTIONS, Reduction, reduced
from nn.ops.activation import relu, softplus
from nn.ops.arithmetic import clamp, minimum, sqrt, where
from nn.ops.indexing import gather, getitem
from nn.ops.precision import in_single, in_single_like
from nn.ops.reduction import mean, sum
from nn.ops.shape import unsqueeze
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = [
    "cosine_embedding_loss",
    "hinge_embedding_loss",
    "margin_ranking_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "soft_margin_loss",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
]


@in_single_like("input")
def hinge_embedding_loss(input: Tensor, target: Tensor, margin: float = 1.0, reduction: Reduction = "mean") -> Tensor:
    """x where t = 1, and max(0, margin - x) where t = -1: x being a distance.

    Args:
        input: distances x.
        target: 1 (alike) or -1 (different).
        margin: how far apart different ones should be.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> x, t = nn.tensor([0.5, 0.25]), nn.tensor([1.0, -1.0])
        >>> nn.functional.hinge_embedding_loss(x, t, reduction="none")
        tensor([0.5000, 0.7500])
    """
    x, t = _two(input, target, reduction, "hinge_embedding_loss")
    different = where(t != 1, clamp(margin - x, min=0), 0.0)
    return reduced(different + where(t != -1, x, 0.0), reduction)


@in_single_like("input1", "input2")
def cosine_embedding_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, reduction: Reduction = "mean"
) -> Tensor:
    """1 - cos where t = 1, and max(0, cos - margin) where t = -1, cos being that of the angle between two vectors.

    Args:
        input1: vectors.
        input2: vectors.
        target: 1 (alike) or -1 (different).
        margin: the largest cosine that costs nothing for different ones.
        reduction: "mean", "sum" or "none".

    Shape:
        (N, D), (N, D), (N,) -> (); or (D,), (D,), () -> ().

    Raises:
        ShapeError: the shapes are others.

    Example:
        >>> import nn
        >>> a, b = nn.tensor([[1.0, 0.0]]), nn.tensor([[0.0, 1.0]])
        >>> nn.functional.cosine_embedding_loss(a, b, nn.tensor([1]))
        tensor(1.)
    """
    caller = "cosine_embedding_loss"
    one, two = _two(input1, input2, reduction, caller)
    t = checks.tensor(target, caller, "target")
    if t.ndim > 1 or one.ndim != t.ndim + 1 or two.ndim != t.ndim + 1:
        raise ShapeError(
            f"{caller}: expected inputs (N, D) and target (N,), or (D,) and (); "
            f"got {one.shape}, {two.shape} and {t.shape}"
        )
    lengths = [sum(v**2, dim=t.ndim) + 1e-12 for v in (one, two)]
    cosine = sum(one * two, dim=t.ndim) / sqrt(lengths[0] * lengths[1])
    alike = where(t == 1, 1 - cosine, 0.0)
    return reduced(alike + where(t == -1, clamp(cosine - margin, min=0), 0.0), reduction)


@in_single
def margin_ranking_loss(
    input1: Tensor, input2: Tensor, target: Tensor, margin: float = 0, reduction: Reduction = "mean"
) -> Tensor:
    """max(0, -t (x1 - x2) + margin): with t = 1 the first should be larger, with t = -1 the second.

    Args:
        input1: x1.
        input2: x2.
        target: 1 or -1.
        margin: by how much.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the numbers of axes differ.

    Example:
        >>> import nn
        >>> nn.functional.margin_ranking_loss(nn.tensor([1.0]), nn.tensor([3.0]), nn.tensor([1.0]))
        tensor(2.)
    """
    caller = "margin_ranking_loss"
    one, two = _two(input1, input2, reduction, caller)
    t = checks.tensor(target, caller, "target")
    if not one.ndim == two.ndim == t.ndim:
        raise ShapeError(
            f"{caller}: all inputs must have as many axes, their shapes are {one.shape}, {two.shape} and {t.shape}"
        )
    return reduced(clamp(margin - t * (one - two), min=0), reduction)


@in_single_like("input")
def soft_margin_loss(input: Tensor, target: Tensor, reduction: Reduction = "mean") -> Tensor:
    """ln(1 + e^(-t x)), t being 1 or -1; large x do not overflow.

    Example:
        >>> import nn
        >>> nn.functional.soft_margin_loss(nn.tensor([0.0]), nn.tensor([1.0]))
        tensor(0.6931)
    """
    x, t = _two(input, target, reduction, "soft_margin_loss")
    return reduced(softplus(-(t * x)), reduction)


@in_single
def multilabel_soft_margin_loss(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: Reduction = "mean"
) -> Tensor:
    """Binary cross-entropy of logits, averaged over the classes: -(t ln s(x) + (1 - t) ln s(-x)), s the sigmoid.

    Args:
        input: logits x, the classes on the last axis.
        target: t in [0, 1], of the same shape.
        weight: one number for each class; None for 1.
        reduction: "mean", "sum" or "none" (one loss a sample).

    Example:
        >>> import nn
        >>> nn.functional.multilabel_soft_margin_loss(nn.zeros(1, 3), nn.ones(1, 3))
        tensor(0.6931)
    """
    x, t = _two(input, target, reduction, "multilabel_soft_margin_loss")
    loss = (1 - t) * x + softplus(-x)
    return reduced(mean(loss if weight is None else loss * weight, dim=-1), reduction)


@in_single
def multi_margin_loss(
    input: Tensor,
    target: Tensor,
    p: int = 1,
    margin: float = 1.0,
    weight: Tensor | None = None,
    reduction: Reduction = "mean",
) -> Tensor:
    """sum over classes j other than t of w_t max(0, margin - x_t + x_j)^p / C.

    Args:
        input: scores x.
        target: the class index t of each sample.
        p: 1 or 2.
        margin: by how much the right class should lead.
        weight: w, one number for each class; None for 1.
        reduction: "mean", "sum" or "none".

    Shape:
        (N, C), (N,) -> (); or (C,), () or (1,) -> (); a single score () is one of one class.

    Raises:
        RangeError: p is neither 1 nor 2.
        ShapeError: the shapes do not fit.
        IndexError: a class index is not in [0, C).

    Example:
        >>> import nn
        >>> nn.functional.multi_margin_loss(nn.tensor([[0.0, 0.5]]), nn.tensor([0]))
        tensor(0.7500)
    """
    caller = "multi_margin_loss"
    checks.choice(reduction, REDUCTIONS, caller, "reduction")
    x = checks.floating(input, caller)
    if p not in (1, 2):
        raise RangeError(f"{caller}: p must be 1 or 2, got {p}")
    x = unsqueeze(x, 0) if not x.ndim else x
    t = _classes(target, x, caller)
    t = t[0] if x.ndim == 1 and t.shape == (1,) else t
    if x.ndim not in (1, 2) or t.shape != x.shape[:-1]:
        raise ShapeError(
            f"{caller}: expected input (N, C) and target (N,), or (C,) and (); got {x.shape} and {t.shape}"
        )
    if weight is not None and weight.shape != x.shape[-1:]:
        raise ShapeError(f"{caller}: weight must be {x.shape[-1:]}, one number for each class; it is {weight.shape}")
    place = t[..., None]
    lead = relu(x - gather(x, place, dim=-1) + margin)
    lead = where(np.arange(x.shape[-1]) == place, 0.0, lead if p == 1 else lead**2)
    loss = mean(lead, dim=-1)
    return reduced(loss if weight is None else loss * getitem(weight, index=(t,)), reduction)


@in_single
def multilabel_margin_loss(input: Tensor, target: Tensor, reduction: Reduction = "mean") -> Tensor:
    """sum over right classes i and wrong classes j of max(0, 1 - (x_i - x_j)) / C.

    Args:
        input: scores x.
        target: for each sample the indices of its right classes, then -1 (what follows the first -1 is not read).
        reduction: "mean", "sum" or "none".

    Shape:
        (N, C), (N, C) -> (); or (C,), (C,) -> ().

    Raises:
        ShapeError: the shapes differ, or are others.
        IndexError: a class index is not in [-1, C).

    Example:
        >>> import nn
        >>> x, t = nn.tensor([[0.0, 0.5, 1.0]]), nn.tensor([[2, -1, -1]])
        >>> nn.functional.multilabel_margin_loss(x, t)
        tensor(0.1667)
    """
    caller = "multilabel_margin_loss"
    checks.choice(reduction, REDUCTIONS, caller, "reduction")
    x = checks.floating(input, caller)
    x = unsqueeze(x, 0) if not x.ndim else x
    t = _classes(target, x, caller, -1)
    t = t.reshape(1) if not t.ndim else t
    if x.ndim not in (1, 2) or t.shape != x.shape:
        raise ShapeError(
            f"{caller}: input and target must both be (N, C) or (C,); their shapes are {x.shape} and {t.shape}"
        )
    listed = np.logical_and.accumulate(t >= 0, axis=-1)
    index = np.where(listed, t, 0)
    wrong = ~(listed[..., None] & (index[..., None] == np.arange(x.shape[-1]))).any(-2)  # (N, C)
    right = unsqueeze(gather(x, index, dim=-1), -1)
    gaps = relu(unsqueeze(x, -2) - right + 1)  # right class on the last axis but one, wrong on the last
    loss = sum(where(listed[..., None] & wrong[..., None, :], gaps, 0.0), dim=(-2, -1)) / max(1, x.shape[-1])
    return reduced(loss, reduction)


@in_single
def triplet_margin_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    margin: float = 1.0,
    p: float = 2,
    eps: float = 1e-6,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> Tensor:
    """max(0, d(a, p) - d(a, n) + margin), d being `pairwise_distance`.

    Args:
        anchor: vectors a.
        positive: vectors p that should be near them.
        negative: vectors n that should be far.
        margin: by how much farther.
        p: the order of the norm.
        eps: added to every difference.
        swap: take d(p, n) for d(a, n) where it is smaller.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the numbers of axes differ.
        RangeError: the margin is not positive.

    Example:
        >>> import nn
        >>> a, p, n = nn.tensor([[0.0]]), nn.tensor([[1.0]]), nn.tensor([[1.5]])
        >>> nn.functional.triplet_margin_loss(a, p, n)
        tensor(0.5000)

    References:
        Balntas et al., Learning Local Feature Descriptors with Triplets and Shallow Convolutional Networks, BMVC 2016.
    """

    def distance(a: Tensor, b: Tensor) -> Tensor:
        return pairwise_distance(a, b, p, eps)

    return _triplet(anchor, positive, negative, distance, margin, swap, reduction, "triplet_margin_loss")


@in_single
def triplet_margin_with_distance_loss(
    anchor: Tensor,
    positive: Tensor,
    negative: Tensor,
    *,
    distance_function: Callable[[Tensor, Tensor], Tensor] | None = None,
    margin: float = 1.0,
    swap: bool = False,
    reduction: Reduction = "mean",
) -> Tensor:
    """As `triplet_margin_loss`, with a distance of your own: `distance_function(a, b)`.

    Example:
        >>> import nn
        >>> a, p, n = nn.tensor([[0.0]]), nn.tensor([[1.0]]), nn.tensor([[1.5]])
        >>> far = lambda a, b: (a - b).square().sum(-1)
        >>> nn.functional.triplet_margin_with_distance_loss(a, p, n, distance_function=far, margin=2.0)
        tensor(0.7500)
    """
    distance = distance_function or pairwise_distance
    name = "triplet_margin_with_distance_loss"
    return _triplet(anchor, positive, negative, distance, margin, swap, reduction, name)


def _triplet(
    anchor: Tensor, positive: Tensor, negative: Tensor, distance: Any, margin: float, swap: bool, how: Any, caller: str
) -> Tensor:
    checks.choice(how, REDUCTIONS, caller, "reduction")
    given = dict(anchor=anchor, positive=positive, negative=negative)
    ranks = [checks.floating(value, caller, name).ndim for name, value in given.items()]
    if len(set(ranks)) > 1:
        raise ShapeError(f"{caller}: anchor, positive and negative must have as many axes, they have {ranks}")
    if not margin > 0:
        raise RangeError(f"{caller}: margin must be positive, got {margin}")
    near, far = distance(anchor, positive), distance(anchor, negative)
    if swap:
        far = minimum(far, distance(positive, negative))
    return reduced(clamp(near - far + margin, min=0), how)


def _two(input: Tensor, target: Tensor, how: Reduction, caller: str) -> tuple[Tensor, Tensor]:
    checks.choice(how, REDUCTIONS, caller, "reduction")
    return checks.floating(input, caller), checks.tensor(target, caller, "target")


def _classes(target: Tensor, input: Tensor, caller: str, least: int = 0) -> np.ndarray:
    """The class indices, within bounds: a copy, since backward reads them again."""
    index = checks.tensor(target, caller, "target")._array
    if index.dtype.kind not in "iu":
        raise DtypeError(f"{caller}: class indices must be integers, target is {target.dtype}; use .long()")
    classes = input.shape[-1] if input.ndim else 1
    if not checks.all_within(index, least, classes - 1):
        wrong = index.min() if index.min() < least else index.max()
        raise OutOfBoundsError(
            f"{caller}: class index {wrong} is out of range, it must be from {least} to {classes - 1}"
        )
    copy: np.ndarray = mode.quiet(index.astype, np.int64)
    return copy
