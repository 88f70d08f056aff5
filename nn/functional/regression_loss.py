"""Losses that compare numbers (`l1_loss`, `huber_loss`), or distributions (`kl_div`, `gaussian_nll_loss`)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nn.autograd.mode import mode
from nn.errors import RangeError, ShapeError
from nn.functional.loss import REDUCTIONS, Reduction, alike, difference, reduced, weighted
from nn.ops.activation import hardtanh
from nn.ops.arithmetic import abs, clamp, exp, log, where
from nn.ops.precision import in_single, in_single_like
from nn.ops.reduction import sum
from nn.ops.shape import unsqueeze
from nn.ops.special import xlogy
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = ["gaussian_nll_loss", "huber_loss", "kl_div", "l1_loss", "poisson_nll_loss", "smooth_l1_loss"]


@in_single
def l1_loss(input: Tensor, target: Tensor, reduction: Reduction = "mean", weight: Tensor | None = None) -> Tensor:
    """Mean absolute error, w |x - t|; its derivative at 0 is 0.

    Args:
        input: predictions x.
        target: t, of the same shape. (Another shape is broadcast with a warning, as in PyTorch.)
        reduction: "mean" (over the weights), "sum" or "none".
        weight: w, of the shape of input; None for 1.

    Example:
        >>> import nn
        >>> nn.functional.l1_loss(nn.tensor([1.0, 2.0]), nn.tensor([1.0, 4.0]))
        tensor(1.)
    """
    alike(input, target, reduction, "l1_loss", weight)
    return weighted(abs(input - target), weight, reduction)


@in_single
def smooth_l1_loss(input: Tensor, target: Tensor, reduction: Reduction = "mean", beta: float = 1.0) -> Tensor:
    """d^2 / (2 beta) where |d| < beta, and |d| - beta / 2 beyond, with d = x - t.

    Args:
        input: predictions x.
        target: t, of the same shape.
        reduction: "mean", "sum" or "none".
        beta: where the parabola ends; 0 for the absolute error.

    Raises:
        RangeError: beta is negative.

    Example:
        >>> import nn
        >>> nn.functional.smooth_l1_loss(nn.tensor([0.5, 3.0]), nn.zeros(2), reduction="none")
        tensor([0.1250, 2.5000])

    References:
        Girshick, Fast R-CNN, ICCV 2015.
    """
    alike(input, target, reduction, "smooth_l1_loss")
    if not beta >= 0:
        raise RangeError(f"smooth_l1_loss: beta must be at least 0, got {beta}")
    distance = difference(input, target)
    return reduced(abs(distance) if beta == 0 else _huber(distance, beta) / beta, reduction)


@in_single_like("input", "weight")
def huber_loss(
    input: Tensor, target: Tensor, reduction: Reduction = "mean", delta: float = 1.0, weight: Tensor | None = None
) -> Tensor:
    """w d^2 / 2 where |d| < delta, and w delta (|d| - delta / 2) beyond, with d = x - t.

    Args:
        input: predictions x.
        target: t, of the same shape.
        reduction: "mean" (over the elements), "sum" or "none".
        delta: where the parabola ends.
        weight: w, of the shape of input; None for 1.

    Raises:
        RangeError: delta is not positive.

    Example:
        >>> import nn
        >>> nn.functional.huber_loss(nn.tensor([0.5, 3.0]), nn.zeros(2), reduction="none", delta=2.0)
        tensor([0.1250, 4.0000])

    References:
        Huber, Robust Estimation of a Location Parameter, Annals of Statistics 35, 1964.
    """
    alike(input, target, reduction, "huber_loss", weight)
    if not delta > 0:
        raise RangeError(f"huber_loss: delta must be positive, got {delta}")
    loss = _huber(difference(input, target), delta)
    return reduced(loss if weight is None else loss * weight, reduction)


def _huber(distance: Any, delta: float) -> Any:
    """c (d - c / 2), c being d held within +-delta: one expression for both branches, right at infinity too."""
    # at the bounds and of nan no gradient passes: the line begins there
    held = hardtanh(distance, min=-delta, max=delta, at_nan=False)
    return held * (distance - held / 2)


@in_single
def kl_div(
    input: Tensor,
    target: Tensor,
    reduction: str = "mean",
    log_target: bool = False,
) -> Tensor:
    """The Kullback-Leibler divergence, t (ln t - x), of log-probabilities x from probabilities t.

    Args:
        input: log-probabilities x.
        target: probabilities t, or their logarithms.
        reduction: "batchmean" (the sum over the first axis's length: the divergence proper), "mean" (over all
            elements), "sum" or "none".
        log_target: whether target are logarithms: then e^t (t - x).

    t ln t is 0 at 0, where its derivative is infinite: the gradient by a target of 0 is nan there, as in PyTorch.

    Example:
        >>> import nn
        >>> p = nn.tensor([[0.5, 0.5]])
        >>> nn.functional.kl_div(nn.tensor([[0.25, 0.75]]).log(), p, reduction="batchmean")
        tensor(0.1438)
    """
    checks.choice(reduction, ("batchmean", *REDUCTIONS), "kl_div", "reduction")
    x, t = checks.floating(input, "kl_div"), checks.floating(target, "kl_div", "target")
    if log_target:
        loss: Any = exp(t) * (t - x)
    else:
        loss = xlogy(t, t) - t * x
    if reduction == "batchmean":
        return sum(loss) / x.shape[0] if x.ndim else loss
    return reduced(loss, reduction)  # type: ignore[arg-type]


@in_single
def poisson_nll_loss(
    input: Tensor,
    target: Tensor,
    log_input: bool = True,
    full: bool = False,
    eps: float = 1e-8,
    reduction: Reduction = "mean",
) -> Tensor:
    """The negative log-likelihood of counts t under a Poisson distribution: e^x - t x, or x - t ln(x + eps).

    Args:
        input: the logarithm of the rate (`log_input`), or the rate.
        target: counts t.
        log_input: which of the two.
        full: add Stirling's approximation of ln(t!), t ln t - t + ln(2 pi t) / 2, where t > 1.
        eps: keeps the logarithm away from 0.
        reduction: "mean", "sum" or "none".

    Example:
        >>> import nn
        >>> nn.functional.poisson_nll_loss(nn.tensor([0.0]), nn.tensor([3.0]))
        tensor(1.)
    """
    checks.choice(reduction, REDUCTIONS, "poisson_nll_loss", "reduction")
    x, t = checks.tensor(input, "poisson_nll_loss"), checks.tensor(target, "poisson_nll_loss", "target")
    loss = exp(x) - t * x if log_input else x - t * log(x + eps)
    if full:
        many = t > 1
        safe = where(many, t, 1.0)
        stirling = safe * log(safe) - safe + log(2 * math.pi * safe) / 2
        loss = loss + where(many, stirling, 0.0)
    return reduced(loss, reduction)


@in_single
def gaussian_nll_loss(
    input: Tensor,
    target: Tensor,
    var: Tensor | float,
    full: bool = False,
    eps: float = 1e-6,
    reduction: Reduction = "mean",
) -> Tensor:
    """The negative log-likelihood of t under a normal distribution: (ln v + (x - t)^2 / v) / 2.

    Args:
        input: the mean x.
        target: t.
        var: the variance v, of the shape of input, or with the last axis missing or of length 1, or a number.
        full: add ln(2 pi) / 2.
        eps: the least variance that is used; the gradient passes as if there were no such bound.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the variance has another shape.
        RangeError: a variance is negative.

    Example:
        >>> import nn
        >>> nn.functional.gaussian_nll_loss(nn.tensor([0.0]), nn.tensor([2.0]), nn.tensor([1.0]))
        tensor(2.)

    References:
        Nix and Weigend, Estimating the Mean and Variance of the Target Probability Distribution, ICNN 1994.
    """
    caller = "gaussian_nll_loss"
    checks.choice(reduction, REDUCTIONS, caller, "reduction")
    x, t = checks.floating(input, caller), checks.tensor(target, caller, "target")
    v: Any = x.detach() * 0 + var if isinstance(var, int | float) else checks.floating(var, caller, "var")
    if mode.quiet(_has_negative, v._array):
        raise RangeError(f"{caller}: var must not be negative, got {v.detach().numpy().min()}")
    if v.shape != x.shape:
        if v.shape == x.shape[:-1]:
            v = unsqueeze(v, -1)
        elif v.ndim != x.ndim or [m for n, m in zip(x.shape, v.shape, strict=True) if n != m] != [1]:
            raise ShapeError(
                f"{caller}: var must be of the shape of input {x.shape}, or with one axis missing at the end or of "
                f"length 1; its shape is {v.shape}"
            )
    v = v + (clamp(v.detach(), min=eps) - v.detach())
    distance = x - t
    loss = (log(v) + distance**2 / v) / 2
    return reduced(loss + math.log(2 * math.pi) / 2 if full else loss, reduction)


def _has_negative(x: np.ndarray) -> bool:
    return bool((x < 0).any())
