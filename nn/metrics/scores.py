"""Precision, recall and their means F1 and F-beta, all read from one confusion matrix.

             predicted 0   predicted 1
truly 0          TN            FP         precision = TP / (TP + FP)    of those called 1, how many are
truly 1          FN            TP         recall    = TP / (TP + FN)    of those that are 1, how many were found
                                          F1 = 2 P R / (P + R) = 2 TP / (2 TP + FP + FN)
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from nn.metrics.confusion import CountingMetric, Table, occurring, tabulate
from nn.metrics.metric import Array

__all__ = [
    "F1",
    "FBeta",
    "Precision",
    "Recall",
    "f1_score",
    "fbeta_score",
    "precision_score",
    "recall_score",
]

Average: TypeAlias = Literal["binary", "micro", "macro", "weighted"] | None
ZeroDivision: TypeAlias = float | Literal["warn"]

AVERAGES = ("binary", "micro", "macro", "weighted", None)


class Ratio(NamedTuple):
    """A score, by its name in messages and what it divides: counts of hits, of calls, and of what truly is."""

    name: str
    of: Callable[[Array, Array, Array], tuple[Array, Array]]


def _fbeta(beta: float) -> Ratio:
    if not beta >= 0:
        raise ValueError(f"fbeta: beta must be 0 or more, got {beta}")
    if math.isinf(beta):
        return Ratio(f"f{beta}", RECALL.of)
    share = beta**2
    return Ratio(f"f{beta:g}", lambda hits, called, actual: ((1 + share) * hits, called + share * actual))


PRECISION = Ratio("precision", lambda hits, called, actual: (hits, called))
RECALL = Ratio("recall", lambda hits, called, actual: (hits, actual))
F1_RATIO = _fbeta(1)


def precision_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: int = 1,
    average: Average = "binary",
    sample_weight: Any = None,
    zero_division: ZeroDivision = "warn",
) -> float | Array:
    """Of the samples that were called positive, the share that are: TP / (TP + FP).

    Args:
        y_true: the true classes, integers; a tensor, an array or a list.
        y_pred: the predicted classes.
        labels: the classes to average over, in the order of the result; None for all that occur, ascending.
        pos_label: the class that is positive, where average is "binary".
        average: how several classes become one number. "binary": only `pos_label` counts. "macro": the mean over the
            classes, a rare one weighs like a frequent one. "weighted": the mean weighted by how often each class truly
            occurs. "micro": TP, FP, FN are added up first; over all classes that is the accuracy. None: one a class.
        sample_weight: how much each sample counts; None for 1 each.
        zero_division: the value of 0/0 (no sample was called positive): 0, 1 or nan; nan is left out of a mean.
            "warn": 0, with a UserWarning.

    Shape:
        y_true, y_pred, sample_weight: (N,); result a float, or (L,) for L classes if average is None

    Returns:
        The score in [0, 1].

    Raises:
        ShapeError: not one axis each, or different lengths.
        ValueError: nothing to judge, NaN, an unknown `average`, or more than two classes where it is "binary".

    Example:
        >>> import nn
        >>> nn.metrics.precision_score([0, 1, 1, 1], [1, 1, 1, 0], average=None)
        array([0.        , 0.66666667])
        >>> nn.metrics.precision_score([0, 1], [0, 0], zero_division=0)
        0.0
    """
    table = tabulate("precision_score", y_true, y_pred, labels, sample_weight)
    return _score("precision_score", PRECISION, table, average, pos_label, zero_division)


def recall_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: int = 1,
    average: Average = "binary",
    sample_weight: Any = None,
    zero_division: ZeroDivision = "warn",
) -> float | Array:
    """Of the samples that are positive, the share that was found: TP / (TP + FN).

    It is 0/0 where no sample is positive. Args, Shape, Returns, Raises: as `precision_score`.

    Example:
        >>> import nn
        >>> nn.metrics.recall_score([0, 1, 1, 1, 1], [1, 1, 1, 1, 0])
        0.75
    """
    table = tabulate("recall_score", y_true, y_pred, labels, sample_weight)
    return _score("recall_score", RECALL, table, average, pos_label, zero_division)


def fbeta_score(
    y_true: Any,
    y_pred: Any,
    *,
    beta: float,
    labels: Any = None,
    pos_label: int = 1,
    average: Average = "binary",
    sample_weight: Any = None,
    zero_division: ZeroDivision = "warn",
) -> float | Array:
    """A mean of precision and recall in which recall weighs `beta` times as much.

    (1 + beta^2) P R / (beta^2 P + R) = (1 + beta^2) TP / ((1 + beta^2) TP + FP + beta^2 FN)

    Args:
        beta: 1 for F1, 0 for precision alone, infinity for recall alone.

    It is 0/0 where no sample is positive and none was called so. Other Args, Shape, Returns, Raises: as
    `precision_score`.

    Example:
        >>> import nn
        >>> round(nn.metrics.fbeta_score([0, 1, 1, 1, 1], [0, 0, 0, 1, 1], beta=2), 4)
        0.5556
    """
    table = tabulate("fbeta_score", y_true, y_pred, labels, sample_weight)
    return _score("fbeta_score", _fbeta(beta), table, average, pos_label, zero_division)


def f1_score(
    y_true: Any,
    y_pred: Any,
    *,
    labels: Any = None,
    pos_label: int = 1,
    average: Average = "binary",
    sample_weight: Any = None,
    zero_division: ZeroDivision = "warn",
) -> float | Array:
    """The harmonic mean of precision and recall: 2 P R / (P + R) = 2 TP / (2 TP + FP + FN).

    It is 0/0 where no sample is positive and none was called so. Args, Shape, Returns, Raises: as `precision_score`.

    Example:
        >>> import nn
        >>> nn.metrics.f1_score([0, 1, 1, 1, 1], [1, 1, 1, 1, 0])
        0.75
    """
    table = tabulate("f1_score", y_true, y_pred, labels, sample_weight)
    return _score("f1_score", F1_RATIO, table, average, pos_label, zero_division)


# -- over batches -----------------------------------------------------------------------------------------------------
class _Averaged(CountingMetric):
    """A ratio for each class, and how several become one number."""

    ratio: Ratio

    def __init__(
        self,
        num_classes: int | None = None,
        *,
        average: Average = "binary",
        pos_label: int = 1,
        zero_division: ZeroDivision = "warn",
    ) -> None:
        super().__init__(num_classes)
        _require_options(type(self).__name__, average, zero_division)  # here, not at the end of an epoch
        self.average = average
        self.pos_label = pos_label
        self.zero_division = zero_division

    def compute(self) -> float | Array:
        """The score of all that was counted since the last reset; a float, or an array if average is None."""
        matrix = self._counted()
        chosen = occurring(matrix) if self.num_classes is None else np.arange(self.num_classes)
        table = Table(np.arange(len(matrix)), matrix, chosen)
        where = f"{type(self).__name__}.compute"
        return _score(where, self.ratio, table, self.average, self.pos_label, self.zero_division)


class Precision(_Averaged):
    """Of the samples that were called positive, the share that are, over batches; see `precision_score`.

    Args:
        num_classes: how many classes there are, all of which are averaged over; None for those that occur.
        average: "binary", "macro", "weighted", "micro", or None for one score a class.
        pos_label: the class that is positive, where average is "binary".
        zero_division: the value of 0/0: 0, 1, nan, or "warn" for 0 with a UserWarning.

    Shape:
        update: prediction (N,) or (N, C), target (N,); compute: a float, or one a class

    Example:
        >>> import nn
        >>> precision = nn.metrics.Precision()
        >>> precision.update(nn.tensor([1, 1, 0]), nn.tensor([1, 0, 1]))
        >>> precision.compute()
        0.5
    """

    ratio = PRECISION


class Recall(_Averaged):
    """Of the samples that are positive, the share that was found, over batches; see `recall_score`.

    Args, Shape: as `Precision`.

    Example:
        >>> import nn
        >>> recall = nn.metrics.Recall(average="macro")
        >>> recall.update(nn.tensor([0, 1, 2, 0]), nn.tensor([0, 1, 2, 2]))
        >>> round(recall.compute(), 4)
        0.8333
    """

    ratio = RECALL


class F1(_Averaged):
    """The harmonic mean of precision and recall, over batches; see `f1_score`.

    Args, Shape: as `Precision`.

    Example:
        >>> import nn
        >>> f1 = nn.metrics.F1(num_classes=2)
        >>> f1.update(nn.tensor([1, 1, 0]), nn.tensor([1, 0, 1]))
        >>> f1.compute()
        0.5
    """

    ratio = F1_RATIO


class FBeta(_Averaged):
    """A mean of precision and recall in which recall weighs `beta` times as much, over batches; see `fbeta_score`.

    Args:
        beta: 1 for F1, 0 for precision alone, infinity for recall alone.

    Other Args, Shape: as `Precision`.

    Example:
        >>> import nn
        >>> f2 = nn.metrics.FBeta(2.0)
        >>> f2.update(nn.tensor([1, 1, 0, 0]), nn.tensor([1, 0, 1, 0]))
        >>> f2.compute()
        0.5
    """

    def __init__(
        self,
        beta: float,
        num_classes: int | None = None,
        *,
        average: Average = "binary",
        pos_label: int = 1,
        zero_division: ZeroDivision = "warn",
    ) -> None:
        super().__init__(num_classes, average=average, pos_label=pos_label, zero_division=zero_division)
        self.beta = beta
        self.ratio = _fbeta(beta)


# -- the mechanism ----------------------------------------------------------------------------------------------------
def _score(
    where: str, ratio: Ratio, table: Table, average: Average, pos_label: int, zero_division: ZeroDivision
) -> float | Array:
    """A ratio of each chosen class, and their average."""
    _require_options(where, average, zero_division)
    chosen = _positive(where, table, pos_label) if average == "binary" else table.chosen
    counts = np.stack([np.diag(table.matrix), table.matrix.sum(0), table.matrix.sum(1)])[:, chosen]
    if average in ("binary", "micro"):
        counts = counts.sum(1, keepdims=True)
    hits, called, actual = counts
    numerator, denominator = ratio.of(hits, called, actual)
    undefined = denominator == 0
    if zero_division == "warn" and undefined.any():
        over = "" if average in ("binary", "micro") else f" for class {table.classes[chosen][undefined].tolist()}"
        message = f"{where}: {ratio.name} is 0/0{over} and counts as 0; say zero_division=0, 1 or nan to choose"
        warnings.warn(message, UserWarning, stacklevel=3)
    values = np.full(undefined.shape, 0.0 if zero_division == "warn" else float(zero_division))
    np.divide(numerator, denominator, out=values, where=~undefined)
    if average is None:
        return values
    return _mean(values, actual if average == "weighted" else np.ones(len(values)))


def _positive(where: str, table: Table, pos_label: int) -> Array:
    """The position of the positive class, or none if everything is of the other class."""
    found = table.classes[occurring(table.matrix)]
    if len(found) > 2:
        raise ValueError(
            f"{where}: average='binary' is for two classes, got {len(found)}; "
            "choose average='macro', 'micro', 'weighted' or None"
        )
    if len(found) == 2 and pos_label not in found:
        raise ValueError(f"{where}: pos_label is {pos_label}, the classes are {found.tolist()}; name one of them")
    return np.flatnonzero(table.classes == pos_label)


def _mean(values: Array, weights: Array) -> float:
    """The weighted mean of what is not nan; where all weights are 0, the plain mean."""
    known = ~np.isnan(values)
    if not known.any():
        return math.nan
    values, weights = values[known], weights[known]
    return float(np.average(values, weights=weights if weights.any() else None))


def _require_options(where: str, average: Average, zero_division: ZeroDivision) -> None:
    if average not in AVERAGES:
        raise ValueError(f"{where}: average must be one of {AVERAGES}, got {average!r}")
    if zero_division not in ("warn", 0, 1) and zero_division == zero_division:  # only nan differs from itself
        raise ValueError(f"{where}: zero_division must be 0, 1, nan or 'warn', got {zero_division!r}")
