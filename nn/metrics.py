"""How good are predictions: accuracy, precision, recall, F1, all read from one confusion matrix.

                 predicted 0   predicted 1
    truly 0          TN            FP         precision = TP / (TP + FP)    of those called 1, how many are
    truly 1          FN            TP         recall    = TP / (TP + FN)    of those that are 1, how many were found
                                              F1 = 2 P R / (P + R) = 2 TP / (2 TP + FP + FN)

The functions judge whole arrays, with scikit-learn's names and arguments; the classes add up batches.
"""

from __future__ import annotations

import math
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nn.errors import DtypeError, ShapeError

__all__ = [
    "F1",
    "Accuracy",
    "ConfusionMatrix",
    "Metric",
    "Precision",
    "Recall",
    "accuracy_score",
    "confusion_matrix",
    "f1_score",
    "precision_score",
    "recall_score",
]

Array: TypeAlias = NDArray[Any]
Average: TypeAlias = Literal["binary", "micro", "macro", "weighted"] | None
Normalize: TypeAlias = Literal["true", "pred", "all"] | None
ZeroDivision: TypeAlias = float | Literal["warn"]

AVERAGES = ("binary", "micro", "macro", "weighted", None)
NORMALIZED_OVER = {"true": 1, "pred": 0, "all": None}  # the axes of the matrix that are summed
RATIOS: dict[str, Callable[[Array, Array, Array], tuple[Array, Array]]] = {
    "precision": lambda hits, called, actual: (hits, called),
    "recall": lambda hits, called, actual: (hits, actual),
    "f1": lambda hits, called, actual: (2 * hits, called + actual),
}


# -- functions --------------------------------------------------------------------------------------------------------
def accuracy_score(y_true: Any, y_pred: Any, *, normalize: bool = True, sample_weight: Any = None) -> float:
    """The share of predictions that are right: trace(confusion matrix) / N.

    With rare classes it misleads: always answering "no" is right 99 times in 100 where 1 in 100 is a "yes".

    Args:
        y_true: the true classes, integers; a tensor, an array or a list.
        y_pred: the predicted classes.
        normalize: False for the number of right ones in place of their share.
        sample_weight: how much each sample counts; None for 1 each.

    Shape:
        y_true, y_pred, sample_weight: (N,)

    Returns:
        A number in [0, 1], or in [0, N].

    Raises:
        ShapeError: not one axis each, or different lengths.
        ValueError: nothing to judge, or NaN.

    Example:
        >>> import nn
        >>> nn.metrics.accuracy_score([0, 1, 2, 2], [0, 1, 2, 1])
        0.75
    """
    matrix = _tabulate("accuracy_score", y_true, y_pred, sample_weight=sample_weight).matrix
    right = np.trace(matrix)
    return float(right / matrix.sum() if normalize else right)


def confusion_matrix(
    y_true: Any, y_pred: Any, *, labels: Any = None, sample_weight: Any = None, normalize: Normalize = None
) -> Array:
    """How often class i (row) was taken for class j (column).

    Args:
        y_true: the true classes, integers; a tensor, an array or a list.
        y_pred: the predicted classes.
        labels: which classes to show, in which order; None for all that occur, ascending.
        sample_weight: how much each sample counts; None for 1 each.
        normalize: divide by the sum of each row ("true"), of each column ("pred") or of all; an empty one stays 0.

    Shape:
        y_true, y_pred, sample_weight: (N,); result (L, L) for L classes

    Returns:
        Counts (int64), or floats if weighted or normalised.

    Raises:
        ShapeError: not one axis each, or different lengths.
        ValueError: nothing to judge, NaN, or an unknown `normalize`.

    Example:
        >>> import nn
        >>> nn.metrics.confusion_matrix([0, 1, 2, 2], [0, 1, 2, 1])
        array([[1, 0, 0],
               [0, 1, 0],
               [0, 1, 1]])
    """
    table = _tabulate("confusion_matrix", y_true, y_pred, labels, sample_weight)
    return _normalized("confusion_matrix", table.matrix[np.ix_(table.chosen, table.chosen)], normalize)


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
    table = _tabulate("precision_score", y_true, y_pred, labels, sample_weight)
    return _score("precision_score", "precision", table, average, pos_label, zero_division)


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
    table = _tabulate("recall_score", y_true, y_pred, labels, sample_weight)
    return _score("recall_score", "recall", table, average, pos_label, zero_division)


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
    table = _tabulate("f1_score", y_true, y_pred, labels, sample_weight)
    return _score("f1_score", "f1", table, average, pos_label, zero_division)


# -- classes ----------------------------------------------------------------------------------------------------------
class Metric(ABC):
    """What the accumulating metrics share: every batch is added to one confusion matrix.

    Args:
        num_classes: how many classes there are; None for as many as come.

    Raises:
        ValueError: num_classes is no positive integer.
    """

    def __init__(self, num_classes: int | None = None) -> None:
        if num_classes is not None and num_classes < 1:
            raise ValueError(f"{type(self).__name__}: num_classes is a positive integer or None, {num_classes} came")
        self.num_classes = num_classes
        self.reset()

    def reset(self) -> None:
        """Forget all that was counted."""
        self._matrix = np.zeros((self.num_classes or 0,) * 2, np.int64)

    def update(self, prediction: Any, target: Any) -> None:
        """Count one batch; one that is refused leaves the count as it was.

        Args:
            prediction: class indices, or a score for each class (logits or probabilities), of which the highest is
                taken, the first at a tie.
            target: the true class indices.

        Shape:
            prediction: (N,) or (N, C); target: (N,)

        Raises:
            ShapeError: other shapes, different lengths, or C is not num_classes.
            IndexError: a class index that is negative, or not below num_classes (or C).
            ValueError: NaN.
        """
        where = f"{type(self).__name__}.update"
        predicted, columns = _predicted_classes(where, prediction)
        actual = _class_numbers(where, "target", target)
        _require_one_length(where, prediction=predicted, target=actual)
        if columns and self.num_classes not in (None, columns):
            raise ShapeError(f"{where}: prediction has {columns} columns, num_classes is {self.num_classes}")
        limit = self.num_classes or columns
        size = limit or 1 + max(predicted.max(initial=-1), actual.max(initial=-1))
        for name, classes in (("prediction", predicted), ("target", actual)):
            outside = classes[(classes < 0) | (classes >= size)]
            if outside.size:
                wanted = f"0 to {limit - 1}" if limit else "from 0 up"
                raise IndexError(f"{where}: {name} has class index {outside[0]}, classes are numbered {wanted}")
        missing = max(0, size - len(self._matrix))
        self._matrix = np.pad(self._matrix, (0, missing))
        self._matrix[:size, :size] += _count(actual, predicted, size)

    @abstractmethod
    def compute(self) -> float | Array:
        """The metric of all that was counted since the last reset.

        Raises:
            RuntimeError: nothing was counted yet.
        """

    def _counted(self) -> Array:
        if not self._matrix.any():
            raise RuntimeError(f"{type(self).__name__}.compute: nothing was counted yet; call update() first")
        return self._matrix


class ConfusionMatrix(Metric):
    """How often class i (row) was taken for class j (column), over batches; see `confusion_matrix`.

    Args:
        num_classes: how many classes there are; None for as many as come.
        normalize: divide by the sum of each row ("true"), of each column ("pred") or of all; an empty one stays 0.

    Shape:
        update: prediction (N,) or (N, C), target (N,); compute: (C, C)

    Example:
        >>> import nn
        >>> confusion = nn.metrics.ConfusionMatrix()
        >>> confusion.update(nn.tensor([[0.9, 0.1], [0.2, 0.8]]), nn.tensor([0, 0]))
        >>> confusion.compute()
        array([[1, 1],
               [0, 0]])
    """

    def __init__(self, num_classes: int | None = None, *, normalize: Normalize = None) -> None:
        super().__init__(num_classes)
        self.normalize = normalize

    def compute(self) -> Array:
        """The matrix of all that was counted since the last reset."""
        return _normalized("ConfusionMatrix.compute", self._counted().copy(), self.normalize)


class Accuracy(Metric):
    """The share of predictions that are right, over batches of any size; see `accuracy_score`.

    Args:
        num_classes: how many classes there are; None for as many as come.

    Shape:
        update: prediction (N,) or (N, C), target (N,); compute: a float

    Example:
        >>> import nn
        >>> accuracy = nn.metrics.Accuracy()
        >>> accuracy.update(nn.tensor([0, 1, 1]), nn.tensor([0, 1, 0]))
        >>> accuracy.update(nn.tensor([1]), nn.tensor([1]))
        >>> accuracy.compute()
        0.75
    """

    def compute(self) -> float:
        """The share of right predictions among all that was counted since the last reset."""
        matrix = self._counted()
        return float(np.trace(matrix) / matrix.sum())


class _Averaged(Metric):
    """A ratio for each class, and how several become one number."""

    ratio: str

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
        chosen = _occurring(matrix) if self.num_classes is None else np.arange(self.num_classes)
        table = _Table(np.arange(len(matrix)), matrix, chosen)
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

    ratio = "precision"


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

    ratio = "recall"


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

    ratio = "f1"


# -- the mechanism ----------------------------------------------------------------------------------------------------
class _Table(NamedTuple):
    """A confusion matrix, the classes of its rows and columns, and the positions of those that are asked about."""

    classes: Array
    matrix: Array
    chosen: Array


def _tabulate(where: str, y_true: Any, y_pred: Any, labels: Any = None, sample_weight: Any = None) -> _Table:
    """Check the arguments of a function and count them; samples of classes outside `labels` are counted too."""
    actual = _class_numbers(where, "y_true", y_true)
    predicted = _class_numbers(where, "y_pred", y_pred)
    _require_one_length(where, y_true=actual, y_pred=predicted)
    if not actual.size:
        raise ValueError(f"{where}: y_true and y_pred are empty, there is nothing to judge")
    weight = None if sample_weight is None else _weights(where, sample_weight, len(actual))
    classes = np.union1d(actual, predicted)
    chosen = np.arange(len(classes))
    if labels is not None:
        wanted = _class_numbers(where, "labels", labels)
        if not wanted.size or len(np.unique(wanted)) < len(wanted):
            raise ValueError(f"{where}: labels are classes, at least one and each once; {wanted.tolist()} came")
        classes = np.union1d(classes, wanted)
        chosen = np.searchsorted(classes, wanted)
    rows, columns = np.searchsorted(classes, actual), np.searchsorted(classes, predicted)
    return _Table(classes, _count(rows, columns, len(classes), weight), chosen)


def _count(rows: Array, columns: Array, size: int, weight: Array | None = None) -> Array:
    """The (size, size) matrix of how often, or with which weight, each pair (row, column) occurs."""
    return np.bincount(rows * size + columns, weight, size * size).reshape(size, size)


def _occurring(matrix: Array) -> Array:
    return np.flatnonzero(matrix.sum(0) + matrix.sum(1))


def _score(
    where: str, ratio: str, table: _Table, average: Average, pos_label: int, zero_division: ZeroDivision
) -> float | Array:
    """A ratio of each chosen class, and their average."""
    _require_options(where, average, zero_division)
    chosen = _positive(where, table, pos_label) if average == "binary" else table.chosen
    counts = np.stack([np.diag(table.matrix), table.matrix.sum(0), table.matrix.sum(1)])[:, chosen]
    if average in ("binary", "micro"):
        counts = counts.sum(1, keepdims=True)
    hits, called, actual = counts
    numerator, denominator = RATIOS[ratio](hits, called, actual)
    undefined = denominator == 0
    if zero_division == "warn" and undefined.any():
        over = "" if average in ("binary", "micro") else f" for class {table.classes[chosen][undefined].tolist()}"
        message = f"{where}: {ratio} is 0/0{over} and counts as 0; say zero_division=0, 1 or nan to choose"
        warnings.warn(message, UserWarning, stacklevel=3)
    values = np.full(undefined.shape, 0.0 if zero_division == "warn" else float(zero_division))
    np.divide(numerator, denominator, out=values, where=~undefined)
    if average is None:
        return values
    return _mean(values, actual if average == "weighted" else np.ones(len(values)))


def _positive(where: str, table: _Table, pos_label: int) -> Array:
    """The position of the positive class, or none if everything is of the other class."""
    occurring = table.classes[_occurring(table.matrix)]
    if len(occurring) > 2:
        raise ValueError(
            f"{where}: average='binary' is for two classes, {len(occurring)} came; "
            "choose average='macro', 'micro', 'weighted' or None"
        )
    if len(occurring) == 2 and pos_label not in occurring:
        raise ValueError(f"{where}: pos_label is {pos_label}, the classes are {occurring.tolist()}; name one of them")
    return np.flatnonzero(table.classes == pos_label)


def _mean(values: Array, weights: Array) -> float:
    """The weighted mean of what is not nan; where all weights are 0, the plain mean."""
    known = ~np.isnan(values)
    if not known.any():
        return math.nan
    values, weights = values[known], weights[known]
    return float(np.average(values, weights=weights if weights.any() else None))


def _normalized(where: str, matrix: Array, normalize: Normalize) -> Array:
    if normalize is None:
        return matrix
    if normalize not in NORMALIZED_OVER:
        raise ValueError(f"{where}: normalize is one of {(*NORMALIZED_OVER, None)}, {normalize!r} came")
    total = matrix.sum(NORMALIZED_OVER[normalize], keepdims=True)
    shares = np.zeros(matrix.shape)
    np.divide(matrix, total, out=shares, where=total != 0)
    return shares


# -- what comes in ----------------------------------------------------------------------------------------------------
def _as_array(values: Any) -> Array:
    return np.asarray(values.detach().numpy() if hasattr(values, "detach") else values)


def _predicted_classes(where: str, prediction: Any) -> tuple[Array, int | None]:
    """The class indices of (N,) indices or (N, C) scores, and C where it is known."""
    scores = _as_array(prediction)
    if scores.ndim != 2:
        return _class_numbers(where, "prediction", scores), None
    if scores.shape[1] < 2:
        raise ShapeError(
            f"{where}: prediction is {scores.shape}, scores for two classes or more are wanted; "
            "make a single score a class by its threshold, e.g. (logits > 0).flatten()"
        )
    _require_no_nan(where, "prediction", scores)
    return scores.argmax(1), scores.shape[1]


def _class_numbers(where: str, name: str, values: Any) -> Array:
    """`values` as one axis of integers; floats are taken where they are whole numbers."""
    array = _as_array(values)
    if array.ndim != 1:
        raise ShapeError(
            f"{where}: {name} is {array.shape}, classes (N,) are wanted; "
            "take scores (N, C) by .argmax(1), a column (N, 1) by .flatten()"
        )
    if array.dtype.kind not in "biuf":
        raise DtypeError(f"{where}: {name} is {array.dtype}, classes are wanted as integers; number them first")
    _require_no_nan(where, name, array)
    if array.dtype.kind == "f" and (array != np.rint(array)).any():
        broken = array[array != np.rint(array)][0]
        raise ValueError(f"{where}: {name} has {broken}, classes are whole numbers; compare with a threshold first")
    return array.astype(np.int64)


def _require_no_nan(where: str, name: str, array: Array) -> None:
    if array.dtype.kind == "f" and np.isnan(array).any():
        row = np.argwhere(np.isnan(array))[0, 0]
        raise ValueError(f"{where}: {name} has NaN in row {row}; the model diverged, or its input has NaN")


def _require_one_length(where: str, **arrays: Array) -> None:
    (one, a), (other, b) = arrays.items()
    if len(a) != len(b):
        raise ShapeError(f"{where}: {one} has {len(a)} samples, {other} has {len(b)}; give one of each a sample")


def _require_options(where: str, average: Average, zero_division: ZeroDivision) -> None:
    if average not in AVERAGES:
        raise ValueError(f"{where}: average is one of {AVERAGES}, {average!r} came")
    if zero_division not in ("warn", 0, 1) and zero_division == zero_division:  # only nan differs from itself
        raise ValueError(f"{where}: zero_division is 0, 1, nan or 'warn', {zero_division!r} came")


def _weights(where: str, sample_weight: Any, length: int) -> Array:
    weight = _as_array(sample_weight).astype(np.float64)
    if weight.shape != (length,):
        raise ShapeError(f"{where}: sample_weight is {weight.shape}, one for each sample is wanted, ({length},)")
    if not (np.isfinite(weight).all() and (weight >= 0).all() and weight.any()):
        raise ValueError(f"{where}: sample_weight has to be finite, 0 or more, and not 0 everywhere")
    return weight
