"""Losses. `reduction` is "mean" (the default everywhere), "sum", or "none" for one loss an element."""

from __future__ import annotations

import warnings
from typing import Literal

import numpy as np

from nn.autograd.mode import mode
from nn.autograd.tape import wrap
from nn.errors import DtypeError, RangeError, ShapeError
from nn.ops import activation, arithmetic, indexing, reduction, shape, softmax
from nn.ops import loss as ops
from nn.ops.precision import in_single, in_single_like
from nn.tensors import checks
from nn.tensors.tensor import Tensor

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "mse_loss",
    "nll_loss",
]

Reduction = Literal["none", "mean", "sum"]
REDUCTIONS = ("none", "mean", "sum")


@in_single
def mse_loss(input: Tensor, target: Tensor, reduction: Reduction = "mean", weight: Tensor | None = None) -> Tensor:
    """Mean squared error, w (x - t)^2.

    Args:
        input: predictions x.
        target: t, of the same shape. (Another shape is broadcast with a warning, as in PyTorch: rarely what is meant.)
        reduction: "mean" (over the weights), "sum" or "none".
        weight: w, of the shape of input; None for 1.

    Example:
        >>> import nn
        >>> nn.functional.mse_loss(nn.tensor([1.0, 2.0]), nn.tensor([1.0, 4.0]))
        tensor(2.)
    """
    alike(input, target, reduction, "mse_loss", weight)
    if reduction == "mean" and weight is None:
        return ops.mean_squared_error(input, target)
    loss = difference(input, target) ** 2
    return weighted(loss, weight, reduction)


@in_single_like("input", "target")
def binary_cross_entropy(
    input: Tensor, target: Tensor, weight: Tensor | None = None, reduction: Reduction = "mean"
) -> Tensor:
    """-w (t ln p + (1 - t) ln(1 - p)), of probabilities; each logarithm is held at -100 or above.

    Args:
        input: probabilities p in [0, 1], e.g. from a sigmoid.
        target: t in [0, 1], of the same shape.
        weight: w, broadcast to the shape of input; None for 1.
        reduction: "mean", "sum" or "none".

    Raises:
        ShapeError: the shapes differ.
        RangeError: an element of input or of target is outside [0, 1].

    Example:
        >>> import nn
        >>> nn.functional.binary_cross_entropy(nn.tensor([0.5, 0.5]), nn.tensor([0.0, 1.0]))
        tensor(0.6931)
    """
    caller = "binary_cross_entropy"
    checks.choice(reduction, REDUCTIONS, caller, "reduction")
    checks.same_shape(checks.floating(input, caller), checks.floating(target, caller, "target"), caller)
    if not checks.all_within(input._array, 0, 1):
        probs = input.detach().numpy()
        raise RangeError(
            f"{caller}: input must be probabilities in [0, 1], got values from {probs.min()} to {probs.max()}; "
            "apply a sigmoid first, or use binary_cross_entropy_with_logits"
        )
    if not checks.all_within(target._array, 0, 1):
        wanted = target.detach().numpy()
        raise RangeError(
            f"{caller}: target must be from 0 to 1, got values from {wanted.min()} to {wanted.max()}; "
            "give 0 and 1 for the two classes, or probabilities"
        )
    loss = ops.binary_cross_entropy(input, target)
    return reduced(loss if weight is None else loss * weight, reduction)


@in_single_like("input", "target")
def binary_cross_entropy_with_logits(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    reduction: Reduction = "mean",
    pos_weight: Tensor | None = None,
) -> Tensor:
    """Binary cross-entropy of p = sigmoid(x), computed from x itself: no overflow, no logarithm of 0.

    -w (c t ln p + (1 - t) ln(1 - p)) = w ((1 - t) x + (1 + (c - 1) t) softplus(-x))

    Args:
        input: logits x.
        target: t in [0, 1], of the same shape.
        weight: w, broadcast to the shape of input; None for 1.
        reduction: "mean", "sum" or "none".
        pos_weight: c, how much more a positive counts, broadcast; None for 1.

    Raises:
        ShapeError: the shapes differ.

    Example:
        >>> import nn
        >>> nn.functional.binary_cross_entropy_with_logits(nn.tensor([0.0, 1000.0]), nn.tensor([1.0, 1.0]))
        tensor(0.3466)
    """
    caller = "binary_cross_entropy_with_logits"
    checks.choice(reduction, REDUCTIONS, caller, "reduction")
    checks.same_shape(checks.floating(input, caller), checks.floating(target, caller, "target"), caller)
    tail = activation.softplus(-input)
    if pos_weight is not None:
        tail = tail * (1 + (pos_weight - 1) * target)
    loss = (1 - target) * input + tail
    return reduced(loss if weight is None else loss * weight, reduction)


@in_single
def cross_entropy(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
    label_smoothing: float = 0.0,
) -> Tensor:
    """-sum over classes of w_c t_c ln softmax(x)_c: logits in, not probabilities.

    Args:
        input: logits x.
        target: the class index of each sample (integers), or t, a probability for each class (floats).
        weight: w, one number for each class; None for 1.
        ignore_index: samples with this class index are left out.
        reduction: "mean" (over the weights of the samples' classes; over the samples if t are probabilities), "sum" or
            "none".
        label_smoothing: e; t becomes (1 - e) t + e / C.

    Shape:
        (N, C), (N,) -> () or (N,); (C,), () -> (); (N, C, d1, ...), (N, d1, ...) -> () or (N, d1, ...).
        Probabilities have the shape of the logits.

    Raises:
        ShapeError: target fits neither as class indices nor as probabilities.
        IndexError: a class index is not in [0, C).

    Example:
        >>> import nn
        >>> logits = nn.tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
        >>> nn.functional.cross_entropy(logits, nn.tensor([0, 2]))
        tensor(0.6691)

    References:
        Szegedy et al., Rethinking the Inception Architecture for Computer Vision, CVPR 2016 (label smoothing).
    """
    caller = "cross_entropy"
    checks.choice(reduction, REDUCTIONS, caller, "reduction")
    if not 0 <= label_smoothing <= 1:
        raise RangeError(f"{caller}: label_smoothing must be in [0, 1], got {label_smoothing}")
    dim = _class_axis(checks.floating(input, caller), caller)
    classes = input.shape[dim]
    logp = softmax.log_softmax(input, dim=dim)
    if checks.tensor(target, caller, "target").dtype.kind == "f":
        if target.shape != input.shape:
            raise ShapeError(
                f"{caller}: target of {target.dtype} is read as probabilities and must have the shape of input "
                f"{input.shape}, got {target.shape}; for class indices use .long()"
            )
        if label_smoothing:
            target = (1 - label_smoothing) * target + label_smoothing / classes
        terms = logp * target
        if weight is not None:
            terms = terms * _by_class(weight, input, dim, caller)
        loss = -_summed(terms, dim)
        return reduced(loss, reduction)
    hard, counted = _picked(logp, target, weight, ignore_index, dim, caller)
    if not label_smoothing:
        return _weighted(hard, counted, reduction)
    terms = logp if weight is None else logp * _by_class(weight, input, dim, caller)
    flat = arithmetic.where(target.detach() == ignore_index, 0.0, -_summed(terms, dim))
    loss = (1 - label_smoothing) * hard + label_smoothing / classes * flat
    return _weighted(loss, counted, reduction)


@in_single
def nll_loss(
    input: Tensor,
    target: Tensor,
    weight: Tensor | None = None,
    ignore_index: int = -100,
    reduction: Reduction = "mean",
) -> Tensor:
    """-w_t x_t: the negative log-likelihood of class t, x being log-probabilities (from `log_softmax`).

    Args, shapes and errors are those of `cross_entropy` with class indices.

    Example:
        >>> import nn
        >>> x = nn.tensor([[0.25, 0.75]]).log()
        >>> nn.functional.nll_loss(x, nn.tensor([1]))
        tensor(0.2877)
    """
    checks.choice(reduction, REDUCTIONS, "nll_loss", "reduction")
    dim = _class_axis(checks.floating(input, "nll_loss"), "nll_loss")
    checks.tensor(target, "nll_loss", "target")
    loss, counted = _picked(input, target, weight, ignore_index, dim, "nll_loss")
    return _weighted(loss, counted, reduction)


def _class_axis(input: Tensor, caller: str) -> int:
    if not input.ndim:
        raise ShapeError(f"{caller}: input must be (C,), (N, C) or (N, C, d1, ...), it has no axes")
    return 0 if input.ndim == 1 else 1


def _picked(
    logp: Tensor, target: Tensor, weight: Tensor | None, ignore_index: int, dim: int, caller: str
) -> tuple[Tensor, Tensor | int]:
    """-w_t logp_t for every sample (0 where ignored), and the number to divide by for the mean."""
    classes = logp.shape[dim]
    wanted = logp.shape[:dim] + logp.shape[dim + 1 :]
    if target.dtype.kind not in "iu":
        raise DtypeError(f"{caller}: class indices must be integers, target is {target.dtype}; use .long()")
    if target.shape != wanted:
        raise ShapeError(
            f"{caller}: for input {logp.shape} target must be class indices of shape {wanted}, got {target.shape}"
        )
    ignore_index = shape.whole(ignore_index, caller, "ignore_index")
    index = mode.quiet(target._array.astype, np.int64)  # a copy: backward reads it again
    ignored: np.ndarray | None = None
    if 0 <= ignore_index < classes or not checks.all_within(index, 0, classes - 1):
        ignored = mode.quiet(np.equal, index, ignore_index)
        index = mode.quiet(np.where, ignored, 0, index)
    if not checks.all_within(index, 0, classes - 1):
        wrong = index[(index < 0) | (index >= classes)].flat[0]
        raise IndexError(
            f"{caller}: class index {wrong} is out of range, "
            f"input {logp.shape} has {classes} classes (0 to {classes - 1})"
        )
    loss = ops.nll(logp, index, dim=dim)
    counted: Tensor | int = index.size
    if ignored is not None:  # before the weights: an impossible class (-inf) times 0 would be nan
        loss = arithmetic.where(ignored, 0.0, loss)
        counted = wrap(mode.quiet(_number_left, ignored, loss.dtype))
    if weight is not None:
        _by_class(weight, logp, dim, caller)
        each = indexing.getitem(weight, index=index)
        each = each if ignored is None else arithmetic.where(ignored, 0.0, each)
        loss, counted = loss * each, reduction.sum(each)
    return loss, counted


def _number_left(ignored: np.ndarray, dtype: np.dtype) -> np.ndarray:
    return np.asarray(ignored.size - np.count_nonzero(ignored), dtype)


def _by_class(weight: Tensor, input: Tensor, dim: int, caller: str) -> Tensor:
    """The class weights, shaped to be multiplied with the logits."""
    classes = input.shape[dim]
    if weight.shape != (classes,):
        raise ShapeError(
            f"{caller}: weight must have one entry for each of {classes} classes, its shape is {weight.shape}"
        )
    return shape.reshape(weight, shape=(classes, *(1,) * (input.ndim - dim - 1)))


def _summed(terms: Tensor, dim: int) -> Tensor:
    return reduction.sum(terms, dim=dim)


def _weighted(loss: Tensor, counted: Tensor | int, how: Reduction) -> Tensor:
    """As `reduced`, the mean being over what was counted."""
    if how == "mean" and not (isinstance(counted, int) and counted == loss.numel()):
        return reduction.sum(loss) / counted
    return reduced(loss, how)


def alike(input: Tensor, target: Tensor, how: Reduction, caller: str, weight: Tensor | None = None) -> None:
    """Input and target should have one shape (a warning says if not), and a weight must have it."""
    checks.choice(how, REDUCTIONS, caller, "reduction")
    shape = checks.tensor(input, caller)._array.shape
    if shape != checks.tensor(target, caller, "target")._array.shape:
        try:
            np.broadcast_shapes(shape, target.shape)
        except ValueError:
            raise ShapeError(f"{caller}: target has shape {target.shape}, input has {shape}; make them equal") from None
        warnings.warn(
            f"{caller}: target has shape {target.shape}, input has {shape}: they are broadcast against each "
            "other, which is rarely meant; reshape one of them",
            stacklevel=4,
        )
    if weight is not None and weight.shape != shape:
        raise ShapeError(f"{caller}: weight must have the shape of input {shape}, its shape is {weight.shape}")


def difference(input: Tensor, target: Tensor) -> Tensor:
    """x - t; a boolean target counts as 0 and 1."""
    return input - (target.to(input.dtype) if target.dtype.kind == "b" else target)


def weighted(loss: Tensor, weight: Tensor | None, how: Reduction) -> Tensor:
    """The losses times their weights, the mean being over the weights."""
    if weight is None:
        return reduced(loss, how)
    loss = loss * weight
    if how == "mean":
        return reduction.sum(loss) / reduction.sum(weight)
    return reduced(loss, how)


def reduced(loss: Tensor, how: Reduction) -> Tensor:
    """The mean, the sum, or the losses themselves."""
    if how == "mean":
        return reduction.mean(loss)
    return reduction.sum(loss) if how == "sum" else loss
