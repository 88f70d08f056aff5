"""Losses for where one class is rare: the Dice overlap and the focal loss."""

from __future__ import annotations

import math
from typing import Any

from nn.errors import RangeError, ShapeError
from nn.functional.loss import REDUCTIONS, Reduction, binary_cross_entropy_with_logits, reduced
from nn.ops.activation import sigmoid
from nn.ops.precision import in_single
from nn.ops.reduction import sum
from nn.ops.shape import reshape
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["dice_loss", "focal_loss"]


@in_single
def dice_loss(input: Tensor, target: Tensor, smooth: float = 1.0, reduction: Reduction = "mean") -> Tensor:
    """1 - (2 sum(p t) + s) / (sum(p^2) + sum(t^2) + s), over all axes of each sample: 0 where p = t.

    Args:
        input: probabilities p, e.g. from a sigmoid.
        target: t in [0, 1], of the same shape.
        smooth: s; keeps the quotient finite, and says that nothing overlaps with nothing.
        reduction: "mean", "sum" or "none" (one loss a sample).

    Shape:
        (N, ...), (N, ...) -> () or (N,).

    Raises:
        ShapeError: the shapes differ, or there is no axis of samples.

    Example:
        >>> import nn
        >>> nn.dice_loss(nn.tensor([[1.0, 1.0]]), nn.tensor([[1.0, 0.0]]), smooth=0.0)
        tensor(0.3333)

    References:
        Milletari, Navab and Ahmadi, V-Net, 3DV 2016.
    """
    checks.choice(reduction, REDUCTIONS, "dice_loss", "reduction")
    checks.same_shape(checks.floating(input, "dice_loss"), checks.floating(target, "dice_loss", "target"), "dice_loss")
    if not input.ndim:
        raise ShapeError("dice_loss: input must be (N, ...), it has no axes")
    rows = (input.shape[0], math.prod(input.shape[1:]))
    p, t = reshape(input, shape=rows), reshape(target, shape=rows)
    both = 2 * sum(p * t, dim=1) + smooth
    each = sum(p**2 + t**2, dim=1) + smooth
    return reduced(1 - both / each, reduction)


@in_single
def focal_loss(
    input: Tensor,
    target: Tensor,
    alpha: float | None = 0.25,
    gamma: float = 2.0,
    reduction: Reduction = "mean",
) -> Tensor:
    """-a_t (1 - p_t)^gamma ln p_t, of p = sigmoid(x): the binary cross-entropy in which easy examples weigh less.

    p_t = p t + (1 - p)(1 - t) is the probability of the truth, a_t = alpha t + (1 - alpha)(1 - t) its class's weight.

    Args:
        input: logits x.
        target: t in [0, 1], of the same shape.
        alpha: the weight of the positive class, in [0, 1]; None for no weights.
        gamma: how much the easy ones are turned down, at least 0.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.
        RangeError: alpha or gamma is out of range.

    Example:
        >>> import nn
        >>> nn.focal_loss(nn.tensor([0.0]), nn.tensor([1.0]), alpha=None)
        tensor(0.1733)

    References:
        Lin et al., Focal Loss for Dense Object Detection, ICCV 2017.
    """
    checks.choice(reduction, REDUCTIONS, "focal_loss", "reduction")
    if (alpha is not None and not 0 <= alpha <= 1) or not gamma >= 0:
        raise RangeError(f"focal_loss: alpha must be in [0, 1] or None and gamma at least 0, got {alpha} and {gamma}")
    checks.same_shape(
        checks.floating(input, "focal_loss"), checks.floating(target, "focal_loss", "target"), "focal_loss"
    )
    loss: Any = binary_cross_entropy_with_logits(input, target, reduction="none")
    # 1 - p_t, written without a difference of nearly equal numbers
    doubt = sigmoid(input) * (1 - target) + sigmoid(-input) * target
    loss = loss * doubt**gamma
    if alpha is not None:
        loss = loss * (alpha * target + (1 - alpha) * (1 - target))
    return reduced(loss, reduction)
