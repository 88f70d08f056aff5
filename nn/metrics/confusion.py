"""The confusion matrix, and the accuracy, its diagonal.

             predicted 0   predicted 1
truly 0          TN            FP
truly 1          FN            TP         accuracy = (TP + TN) / N
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from nn.errors import ShapeError
from nn.metrics.metric import (
    Array,
    Metric,
    as_array,
    class_numbers,
    predicted_classes,
    require_one_length,
    weights_of,
)

__all__ = ["Accuracy", "ConfusionMatrix", "accuracy_score", "confusion_matrix"]

Normalize: TypeAlias = Literal["true", "pred", "all"] | None

NORMALIZED_OVER = {"true": 1, "pred": 0, "all": None}  # the axes of the matrix that are summed


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
    matrix = tabulate("accuracy_score", y_true, y_pred, sample_weight=sample_weight).matrix
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
    table = tabulate("confusion_matrix", y_true, y_pred, labels, sample_weight)
    return _normalized("confusion_matrix", table.matrix[np.ix_(table.chosen, table.chosen)], normalize)


# -- over batches -----------------------------------------------------------------------------------------------------
class CountingMetric(Metric):
    """Base of the metrics that are read from a confusion matrix: every batch is added to it.

    Args:
        num_classes: how many classes there are; None for as many as come.

    Raises:
        ValueError: num_classes is no positive integer.
    """

    def __init__(self, num_classes: int | None = None) -> None:
        if num_classes is not None and num_classes < 1:
            name = type(self).__name__
            raise ValueError(f"{name}: num_classes must be a positive integer or None, got {num_classes}")
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
        predicted, columns = predicted_classes(where, prediction)
        actual = class_numbers(where, "target", target)
        require_one_length(where, prediction=predicted, target=actual)
        if columns and self.num_classes not in (None, columns):
            raise ShapeError(f"{where}: prediction has {columns} columns, num_classes is {self.num_classes}")
        limit = self.num_classes or columns
        size = limit or 1 + max(predicted.max(initial=-1), actual.max(initial=-1))
        for name, classes in (("prediction", predicted), ("target", actual)):
            outside = classes[(classes < 0) | (classes >= size)]
            if outside.size:
                wanted = f"0 to {limit - 1}" if limit else "from 0 up"
                raise IndexError(f"{where}: {name} has class index {outside[0]}, classes are numbered {wanted}")
        predicted = self._called(prediction, predicted, actual, columns)
        missing = max(0, size - len(self._matrix))
        self._matrix = np.pad(self._matrix, (0, missing))
        self._matrix[:size, :size] += _count(actual, predicted, size)

    def _called(self, prediction: Any, predicted: Array, actual: Array, columns: int | None) -> Array:
        """The classes that count as predicted."""
        return predicted

    def _counted(self) -> Array:
        if not self._matrix.any():
            raise self.nothing_yet()
        return self._matrix


class ConfusionMatrix(CountingMetric):
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


class Accuracy(CountingMetric):
    """The share of predictions that are right, over batches of any size; see `accuracy_score`.

    Args:
        num_classes: how many classes there are; None for as many as come.
        top_k: a prediction is right if the target is among the `top_k` classes of the highest scores; of equal scores
            the first are taken.

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

    def __init__(self, num_classes: int | None = None, *, top_k: int = 1) -> None:
        super().__init__(num_classes)
        if top_k < 1:
            raise ValueError(f"Accuracy: top_k must be a positive integer, got {top_k}")
        self.top_k = top_k

    def _called(self, prediction: Any, predicted: Array, actual: Array, columns: int | None) -> Array:
        if self.top_k == 1:
            return predicted
        if not columns or columns < self.top_k:
            raise ShapeError(
                f"Accuracy.update: prediction must be scores (N, C) of at least top_k={self.top_k} classes, "
                f"got {as_array(prediction).shape}"
            )
        best = np.argsort(-as_array(prediction).astype(np.float64), axis=1, kind="stable")[:, : self.top_k]
        return np.where((best == actual[:, None]).any(1), actual, predicted)

    def compute(self) -> float:
        """The share of right predictions among all that was counted since the last reset."""
        matrix = self._counted()
        return float(np.trace(matrix) / matrix.sum())


# -- the mechanism ----------------------------------------------------------------------------------------------------
class Table(NamedTuple):
    """A confusion matrix, the classes of its rows and columns, and the positions of those that are asked about."""

    classes: Array
    matrix: Array
    chosen: Array


def tabulate(where: str, y_true: Any, y_pred: Any, labels: Any = None, sample_weight: Any = None) -> Table:
    """Check the arguments of a function and count them; samples of classes outside `labels` are counted too."""
    actual = class_numbers(where, "y_true", y_true)
    predicted = class_numbers(where, "y_pred", y_pred)
    require_one_length(where, y_true=actual, y_pred=predicted)
    if not actual.size:
        raise ValueError(f"{where}: y_true and y_pred are empty, there is nothing to judge")
    weight = None if sample_weight is None else weights_of(where, sample_weight, len(actual))
    classes = np.union1d(actual, predicted)
    chosen = np.arange(len(classes))
    if labels is not None:
        wanted = class_numbers(where, "labels", labels)
        if not wanted.size or len(np.unique(wanted)) < len(wanted):
            raise ValueError(f"{where}: labels must be classes, at least one and each once; got {wanted.tolist()}")
        classes = np.union1d(classes, wanted)
        chosen = np.searchsorted(classes, wanted)
    rows, columns = np.searchsorted(classes, actual), np.searchsorted(classes, predicted)
    return Table(classes, _count(rows, columns, len(classes), weight), chosen)


def _count(rows: Array, columns: Array, size: int, weight: Array | None = None) -> Array:
    """The (size, size) matrix of how often, or with which weight, each pair (row, column) occurs."""
    return np.bincount(rows * size + columns, weight, size * size).reshape(size, size)


def occurring(matrix: Array) -> Array:
    return np.flatnonzero(matrix.sum(0) + matrix.sum(1))


def _normalized(where: str, matrix: Array, normalize: Normalize) -> Array:
    if normalize is None:
        return matrix
    if normalize not in NORMALIZED_OVER:
        raise ValueError(f"{where}: normalize must be one of {(*NORMALIZED_OVER, None)}, got {normalize!r}")
    total = matrix.sum(NORMALIZED_OVER[normalize], keepdims=True)
    shares = np.zeros(matrix.shape)
    np.divide(matrix, total, out=shares, where=total != 0)
    return shares
