"""Connectionist temporal classification: the loss of a sequence whose alignment with the input is not known."""

from __future__ import annotations

from typing import Any

import numpy as np

from nn.errors import DtypeError, RangeError, ShapeError
from nn.functional.loss import REDUCTIONS, Reduction, reduced
from nn.ops.arithmetic import exp, log, where
from nn.ops.indexing import gather, getitem
from nn.ops.precision import in_single
from nn.ops.reduction import sum
from nn.ops.shape import cat, narrow, squeeze, unsqueeze
from nn.tensors import checks
from nn.tensors.tensor import Tensor, from_numpy

__all__ = ["ctc_loss"]

NEVER = -1e30
"""The logarithm of a probability of 0, but finite: sums and differences of it are no nan, and it has a gradient."""


@in_single
def ctc_loss(
    log_probs: Tensor,
    targets: Tensor,
    input_lengths: Any,
    target_lengths: Any,
    blank: int = 0,
    reduction: Reduction = "mean",
    zero_infinity: bool = False,
) -> Tensor:
    """-ln of the probability that the input, read in time with repetitions merged and blanks dropped, says the target.

    The forward recursion runs over time, on the target with blanks around each label: at each step a path stays, goes
    on by one, or by two where that skips a blank between different labels.

    Args:
        log_probs: log-probabilities of the classes at each time, from `log_softmax`.
        targets: labels, none of them the blank: one row a sample, or all rows one after another.
        input_lengths: how many times of each sample count.
        target_lengths: how many labels of each sample count.
        blank: the class that says nothing.
        reduction: "mean" (each loss divided by its target's length, then averaged), "sum" or "none".
        zero_infinity: take 0, with gradient 0, where the target is too long for the input.

    Shape:
        log_probs (T, N, C), targets (N, S) or (sum of target_lengths,), lengths (N,) -> () or (N,).
        Without a batch: (T, C), (S,), () -> ().

    Raises:
        ShapeError: the shapes, or the lengths, do not fit.
        RangeError: the blank, or a label, is no class.

    The gradient is PyTorch's: that by log_probs before the `log_softmax` they come from, which adds e^log_probs to the
    derivative of the formula above; behind a `log_softmax` the two are the same. An infinite loss has the gradient nan.

    Example:
        >>> import nn
        >>> even = nn.zeros(2, 1, 2).log_softmax(-1)  # two times, blank and one label
        >>> nn.functional.ctc_loss(even, nn.tensor([[1]]), (2,), (1,)).exp()  # 3 paths of 4 say it
        tensor(1.3333)

    References:
        Graves et al., Connectionist Temporal Classification, ICML 2006.
    """
    checks.choice(reduction, REDUCTIONS, "ctc_loss", "reduction")
    x = checks.floating(log_probs, "ctc_loss")
    if x.ndim not in (2, 3):
        raise ShapeError(f"ctc_loss: log_probs must be (T, N, C) or (T, C), its shape is {x.shape}")
    batched = x.ndim == 3
    x = x if batched else unsqueeze(x, 1)
    times, labels, lengths = _checked(x, targets, input_lengths, target_lengths, blank)
    loss = _minus_log_likelihood(x, labels, times, lengths, blank)
    live = (np.arange(x.shape[0])[:, None] < times)[..., None]
    rest = sum(where(live, exp(x), 0.0), dim=(0, 2))
    loss = loss + (rest - rest.detach())  # nothing but a gradient
    impossible = loss.detach().numpy() > -NEVER / 10
    infinite = -log(where(impossible, rest * 0, 1.0))  # with the gradient nan, where a constant would have 0
    loss = where(impossible, 0.0 if zero_infinity else infinite, loss)
    if reduction == "mean":
        loss = loss / np.maximum(lengths, 1).astype(x.dtype)
    return reduced(loss if batched else squeeze(loss, 0), reduction)


def _minus_log_likelihood(x: Tensor, labels: np.ndarray, times: np.ndarray, lengths: np.ndarray, blank: int) -> Any:
    """The recursion over time: path[n, s] is the log-probability of all paths that have come to state s."""
    count, states = len(labels), 2 * labels.shape[1] + 1
    said = np.full((count, states), blank)
    said[:, 1::2] = labels
    differ = np.zeros((count, states), bool)  # where two states back is another label, so that the blank can be skipped
    differ[:, 3::2] = labels[:, 1:] != labels[:, :-1]
    skip = np.where(differ, 0, NEVER).astype(x.dtype)
    every = np.broadcast_to(said, (x.shape[0], *said.shape))
    emitted: Any = gather(where(x.detach() > NEVER, x, NEVER), np.ascontiguousarray(every), dim=2)
    wall = from_numpy(np.full((count, 2), NEVER, x.dtype))
    start: Any = np.where(np.arange(states) < 2, 0, NEVER).astype(x.dtype)
    empty = np.where(np.arange(states) == 0, 0, NEVER).astype(x.dtype)
    path: Any = from_numpy(np.tile(empty, (count, 1)))
    for t in range(x.shape[0]):
        if t:
            padded = cat([wall, path], 1)
            by_one = narrow(padded, dim=1, start=1, length=states)
            by_two = narrow(padded, dim=1, start=0, length=states) + skip
            start = _log_sum([path, by_one, by_two])
        moved = start + getitem(emitted, index=(t,))
        path = moved if times.min(initial=t + 1) > t else where((times > t)[:, None], moved, path)
    last = (2 * lengths)[:, None]
    end = gather(path, last, dim=1)
    before = where(last > 0, gather(path, np.maximum(last - 1, 0), dim=1), NEVER)
    return squeeze(-_log_sum([end, before]), 1)


def _log_sum(terms: list[Any]) -> Any:
    """ln of the sum of e^x, shifted by the largest."""
    top = np.maximum.reduce([term.detach().numpy() for term in terms])
    total = exp(terms[0] - top)
    for term in terms[1:]:
        total = total + exp(term - top)
    return log(total) + top


def _checked(
    x: Tensor, targets: Tensor, input_lengths: Any, target_lengths: Any, blank: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The lengths as arrays, and the labels in rows."""
    steps, count, classes = x.shape
    if not 0 <= blank < classes:
        raise RangeError(f"ctc_loss: blank must be one of {classes} classes (0 to {classes - 1}), got {blank}")
    found = []
    for name, value in (("input_lengths", input_lengths), ("target_lengths", target_lengths)):
        array = np.atleast_1d(np.asarray(value.detach() if isinstance(value, Tensor) else value))
        if array.dtype.kind not in "iu" and array.size:
            raise DtypeError(f"ctc_loss: {name} must be integers, got {array.dtype}")
        if array.shape != (count,) or (array < 0).any():
            raise ShapeError(f"ctc_loss: {name} must be {count} lengths of at least 0, got {array.tolist()}")
        found.append(array.astype(np.int64))
    times, lengths = found
    if times.size and times.max() > steps:
        raise ShapeError(f"ctc_loss: input_lengths must be at most {steps}, the times of log_probs; got {times.max()}")
    array = checks.tensor(targets, "ctc_loss", "targets").detach().numpy()
    if array.dtype.kind not in "iu":
        raise DtypeError(f"ctc_loss: targets must be integers, they are {array.dtype}; use .long()")
    longest = int(lengths.max(initial=0))
    if array.ndim == 1 and len(array) == lengths.sum():
        rows = np.full((count, longest), blank)
        for row, piece in zip(rows, np.split(array, np.cumsum(lengths))[:-1], strict=True):
            row[: len(piece)] = piece
    elif array.ndim == 2 and len(array) == count and array.shape[1] >= longest:
        rows = np.where(np.arange(longest) < lengths[:, None], array[:, :longest], blank)
    else:
        raise ShapeError(
            f"ctc_loss: targets must be ({count}, S) with S of at least {longest}, or one row of {lengths.sum()} "
            f"labels; its shape is {array.shape}"
        )
    if rows.size and (rows.min() < 0 or rows.max() >= classes):
        raise RangeError(f"ctc_loss: labels must be classes from 0 to {classes - 1}, got {rows.min()} to {rows.max()}")
    return times, rows.astype(np.int64), lengths
