"""How well scores rank: the areas under the ROC curve and under the precision-recall curve.

Both ask only for the order of the scores, not for a threshold. Equal scores are one step of the curve, so that the
order in which samples come does not matter.
"""

from __future__ import annotations

import itertools
import math
import warnings
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import numpy as np

from nn.errors import ShapeError
from nn.metrics.metric import Array, Metric, as_array, class_numbers, numbers, weights_of

__all__ = ["ROCAUC", "AveragePrecision", "average_precision_score", "roc_auc_score"]

Average: TypeAlias = Literal["micro", "macro", "weighted"] | None
MultiClass: TypeAlias = Literal["ovr", "ovo"]
Area: TypeAlias = Callable[[Array, Array, Array], float]

AVERAGES = ("micro", "macro", "weighted", None)


def roc_auc_score(
    y_true: Any,
    y_score: Any,
    *,
    average: Average = "macro",
    sample_weight: Any = None,
    multi_class: MultiClass = "ovr",
    labels: Any = None,
) -> float | Array:
    """The probability that a positive sample has a higher score than a negative one; a tie counts one half.

    It is the area under the curve of true positive rate by false positive rate: 0.5 for guessing, 1 for a perfect
    order.

    Args:
        y_true: the true classes, 0 or 1, or 0 to C - 1.
        y_score: a score of class 1, or of each class.
        average: how several classes become one number: "macro" (mean), "weighted" (by how often each occurs), "micro"
            (all entries are one list of yes and no), or None for one a class.
        sample_weight: how much each sample counts; None for 1 each.
        multi_class: each class against all others ("ovr"), or against each other class ("ovo"), of which the mean of
            both directions is taken; then average is "macro" or "weighted" (by how often each pair occurs).
        labels: the classes 0 to C - 1 of the columns, which allows that no sample is of some of them.

    Shape:
        y_true (N,), y_score (N,) or (N, C); with two columns the second is taken

    Returns:
        The area in [0, 1]. A class that no sample, or every sample, belongs to has none: nan, with a UserWarning, and
        so is a "macro" mean; a "weighted" one leaves out a class without samples.

    Raises:
        ShapeError: other shapes, different lengths.
        ValueError: nothing to judge, NaN, a class that has no score, or no sample (unless labels are given), an unknown
            option.

    Example:
        >>> import nn
        >>> nn.metrics.roc_auc_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8])
        0.75

    References:
        Hand, Till: A Simple Generalisation of the Area Under the ROC Curve for Multiple Class Classification Problems,
        Machine Learning 2001.
    """
    actual, scores, weights = _checked("roc_auc_score", y_true, y_score, sample_weight)
    return _roc_auc("roc_auc_score", actual, scores, weights, average, multi_class, labels)


def average_precision_score(
    y_true: Any, y_score: Any, *, average: Average = "macro", sample_weight: Any = None
) -> float | Array:
    """The area under the precision-recall curve as a sum of steps: sum over thresholds of (R_n - R_(n-1)) P_n.

    For rare positives it tells more than the ROC curve; guessing has the share of the positives.

    Args:
        y_true: the true classes, 0 or 1, or 0 to C - 1.
        y_score: a score of class 1, or of each class.
        average: as in `roc_auc_score`.
        sample_weight: how much each sample counts; None for 1 each.

    Shape:
        y_true (N,), y_score (N,) or (N, C); with two columns the second is taken

    Returns:
        The area in [0, 1]; 0 for a class without samples, with a UserWarning.

    Raises:
        ShapeError: other shapes, different lengths.
        ValueError: nothing to judge, NaN, a class that has no score, an unknown average.

    Example:
        >>> import nn
        >>> round(nn.metrics.average_precision_score([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]), 4)
        0.8333
    """
    actual, scores, weights = _checked("average_precision_score", y_true, y_score, sample_weight)
    return _averaged("average_precision_score", _average_precision, actual, scores, weights, average)


# -- over batches -----------------------------------------------------------------------------------------------------
class _Ranking(Metric):
    """Keeps all scores and classes, because their order is known only at the end: some 16 bytes for each score."""

    def __init__(self, *, average: Average = "macro") -> None:
        if average not in AVERAGES:
            raise ValueError(f"{type(self).__name__}: average must be one of {AVERAGES}, got {average!r}")
        self.average = average
        self.reset()

    def reset(self) -> None:
        """Forget all samples."""
        self._actual: list[Array] = []
        self._scores: list[Array] = []

    def update(self, prediction: Any, target: Any) -> None:
        """Keep one batch; one that is refused leaves what was kept.

        Args:
            prediction: a score of class 1, or of each class; a higher one for more likely.
            target: the true classes.

        Shape:
            prediction: (N,) or (N, C); target: (N,)

        Raises:
            ShapeError: other shapes, different lengths, or other columns than in the batches before.
            ValueError: NaN, or a class that has no score.
        """
        where = f"{type(self).__name__}.update"
        if not as_array(target).size and not as_array(prediction).size:
            return
        actual, scores, _ = _checked(where, target, prediction, None)
        if self._scores and self._scores[0].shape[1:] != scores.shape[1:]:
            raise ShapeError(f"{where}: prediction is {scores.shape}, the first batch was {self._scores[0].shape}")
        self._actual.append(actual)
        self._scores.append(scores.copy())

    def compute(self) -> float | Array:
        """The area of all that was kept since the last reset; an array if average is None."""
        if not self._actual:
            raise self.nothing_yet()
        actual, scores = np.concatenate(self._actual), np.concatenate(self._scores)
        return self._area(f"{type(self).__name__}.compute", actual, scores, np.ones(len(actual)))

    @abstractmethod
    def _area(self, where: str, actual: Array, scores: Array, weights: Array) -> float | Array:
        """The area of all samples."""


class ROCAUC(_Ranking):
    """The area under the ROC curve, over batches; see `roc_auc_score`.

    Args:
        average: "macro", "weighted", "micro", or None for one a class.
        multi_class: each class against all others ("ovr"), or against each other class ("ovo").
        labels: the classes 0 to C - 1 of the columns, which allows that no sample is of some of them.

    Shape:
        update: prediction (N,) or (N, C), target (N,); compute: a float, or one a class

    Example:
        >>> import nn
        >>> area = nn.metrics.ROCAUC()
        >>> area.update([0.1, 0.4], [0, 0])
        >>> area.update([0.35, 0.8], [1, 1])
        >>> area.compute()
        0.75
    """

    def __init__(self, *, average: Average = "macro", multi_class: MultiClass = "ovr", labels: Any = None) -> None:
        super().__init__(average=average)
        _require_pairing("ROCAUC", average, multi_class)
        self.multi_class = multi_class
        self.labels = labels

    def _area(self, where: str, actual: Array, scores: Array, weights: Array) -> float | Array:
        return _roc_auc(where, actual, scores, weights, self.average, self.multi_class, self.labels)


class AveragePrecision(_Ranking):
    """The area under the precision-recall curve, over batches; see `average_precision_score`.

    Args:
        average: "macro", "weighted", "micro", or None for one a class.

    Shape:
        update: prediction (N,) or (N, C), target (N,); compute: a float, or one a class

    Example:
        >>> import nn
        >>> area = nn.metrics.AveragePrecision()
        >>> area.update([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1])
        >>> round(area.compute(), 4)
        0.8333
    """

    def _area(self, where: str, actual: Array, scores: Array, weights: Array) -> float | Array:
        return _averaged(where, _average_precision, actual, scores, weights, self.average)


# -- the mechanism ----------------------------------------------------------------------------------------------------
def _checked(where: str, y_true: Any, y_score: Any, sample_weight: Any) -> tuple[Array, Array, Array]:
    """Classes (N,), scores (N,) of two classes or (N, C) of more, and weights (N,)."""
    actual, scores = class_numbers(where, "y_true", y_true), numbers(where, "y_score", y_score)
    if scores.ndim not in (1, 2) or len(scores) != len(actual) or scores.shape[1:] == (1,):
        raise ShapeError(
            f"{where}: y_score must be scores (N,) of class 1 or (N, C) of each class, for {len(actual)} samples; "
            f"got {scores.shape}"
        )
    if not len(actual):
        raise ValueError(f"{where}: y_true and y_score are empty, there is nothing to judge")
    classes = 2 if scores.ndim == 1 else scores.shape[1]
    outside = actual[(actual < 0) | (actual >= classes)]
    if outside.size:
        raise ValueError(f"{where}: y_true has class {outside[0]}, there are scores of 0 to {classes - 1}")
    weights = np.ones(len(actual)) if sample_weight is None else weights_of(where, sample_weight, len(actual))
    return actual, scores[:, 1] if scores.shape[1:] == (2,) else scores, weights


def _steps(positive: Array, scores: Array, weights: Array) -> tuple[Array, Array]:
    """The weights of true and of false positives for each threshold, the highest first; equal scores are one."""
    order = np.argsort(-scores, kind="stable")
    positive, scores, weights = positive[order], scores[order], weights[order]
    last = np.flatnonzero(np.r_[scores[1:] != scores[:-1], True])
    return np.cumsum(weights * positive)[last], np.cumsum(weights * ~positive)[last]


def _binary_auc(positive: Array, scores: Array, weights: Array) -> float:
    hits, false_alarms = _steps(positive, scores, weights)
    if not hits[-1] or not false_alarms[-1]:
        return math.nan
    heights = (hits + np.r_[0, hits[:-1]]) / 2  # trapezoids
    return float((heights * np.diff(false_alarms, prepend=0)).sum() / (hits[-1] * false_alarms[-1]))


def _average_precision(positive: Array, scores: Array, weights: Array) -> float:
    hits, false_alarms = _steps(positive, scores, weights)
    if not hits[-1]:
        return 0.0
    called = hits + false_alarms
    precision = np.divide(hits, called, out=np.zeros_like(hits), where=called != 0)
    return float((np.diff(hits, prepend=0) * precision).sum() / hits[-1])


def _averaged(where: str, area: Area, actual: Array, scores: Array, weights: Array, average: Average) -> float | Array:
    """The area of two classes, or those of each class against the others, and their average."""
    if average not in AVERAGES:
        raise ValueError(f"{where}: average must be one of {AVERAGES}, got {average!r}")
    if scores.ndim == 1:
        _warn_of_undefined(where, area, (actual == 1)[:, None])
        return area(actual == 1, scores, weights)
    belongs = actual[:, None] == np.arange(scores.shape[1])
    if average == "micro":
        return area(belongs.ravel(), scores.ravel(), np.repeat(weights, scores.shape[1]))
    _warn_of_undefined(where, area, belongs)
    areas = np.array([area(belongs[:, k], scores[:, k], weights) for k in range(scores.shape[1])])
    if average is None:
        return areas
    if average == "macro":
        return float(areas.mean())
    sizes = weights @ belongs
    return float(np.average(np.where(sizes == 0, 0, areas), weights=sizes))


def _warn_of_undefined(where: str, area: Area, belongs: Array) -> None:
    """Say which classes have no area."""
    without = ~belongs.any(0) | (belongs.all(0) & (area is _binary_auc))
    if without.any():
        which = f" of class {np.flatnonzero(without).tolist()}" if belongs.shape[1] > 1 else ""
        value = "nan" if area is _binary_auc else "0"
        message = f"{where}: the area{which} is {value}, for all samples are of one class; judge more of them at once"
        warnings.warn(message, UserWarning, stacklevel=4)


def _roc_auc(
    where: str,
    actual: Array,
    scores: Array,
    weights: Array,
    average: Average,
    multi_class: MultiClass,
    labels: Any,
) -> float | Array:
    _require_pairing(where, average, multi_class)
    if scores.ndim == 2:
        _require_samples(where, actual, scores.shape[1], labels)
    if scores.ndim == 1 or multi_class == "ovr":
        return _averaged(where, _binary_auc, actual, scores, weights, average)
    if (weights != 1).any():
        raise ValueError(f"{where}: multi_class='ovo' takes no sample_weight; use 'ovr'")
    areas, sizes = [], []
    for a, b in itertools.combinations(np.unique(actual), 2):
        pair = (actual == a) | (actual == b)
        one, other = (_binary_auc(actual[pair] == k, scores[pair, k], weights[pair]) for k in (a, b))
        areas.append((one + other) / 2)
        sizes.append(np.count_nonzero(pair))
    if not areas:
        _warn_of_undefined(where, _binary_auc, np.ones((1, 1), bool))
        return math.nan
    return float(np.average(areas, weights=sizes if average == "weighted" else None))


def _require_samples(where: str, actual: Array, classes: int, labels: Any) -> None:
    """Every class has a sample, or the labels say that it need not have one."""
    absent = np.setdiff1d(np.arange(classes), actual).tolist()
    if labels is None and absent:
        raise ValueError(
            f"{where}: y_score has columns for {classes} classes, but y_true has no sample of class {absent}; judge "
            f"more samples at once, or pass labels=range({classes})"
        )
    if labels is not None and list(labels) != list(range(classes)):
        raise ValueError(f"{where}: labels must be 0 to {classes - 1}, one for each column, got {list(labels)}")


def _require_pairing(where: str, average: Average, multi_class: MultiClass) -> None:
    if multi_class not in ("ovr", "ovo"):
        raise ValueError(f"{where}: multi_class must be 'ovr' or 'ovo', got {multi_class!r}")
    if multi_class == "ovo" and average not in ("macro", "weighted"):
        raise ValueError(f"{where}: with multi_class='ovo' average must be 'macro' or 'weighted', got {average!r}")
