"""The confusion matrix as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from nn.errors import RangeError, ShapeError
from nn.viewing.arrays import as_array, labels_of
from nn.viewing.heat_map import draw_heat_map
from nn.viewing.picture import Picture

__all__ = ["draw_confusion_matrix"]


def draw_confusion_matrix(matrix: Any, classes: Sequence[Any] | None = None, *, title: str | None = None) -> Picture:
    """Draw how often each class was taken for which: the counts as numbers, the share of the row as the colour.

    Args:
        matrix: counts, a row for each true class, a column for each predicted one: `nn.metrics.confusion_matrix`.
        classes: their names; their numbers by default.
        title: by default the number of samples, and how many are right.

    Shape:
        matrix (C, C).

    Raises:
        ShapeError: the matrix is not square, or has not as many rows as there are classes.
        RangeError: a count is negative or nan.

    Example:
        >>> import nn
        >>> matrix = nn.metrics.confusion_matrix([0, 0, 1, 1], [0, 1, 1, 1])
        >>> picture = nn.viewing.draw_confusion_matrix(matrix, ["cat", "dog"])
    """
    where = "draw_confusion_matrix"
    table = as_array(where, "matrix", matrix)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not table.size:
        raise ShapeError(f"{where}: matrix must be square, (C, C), got shape {table.shape}")
    if not (table >= 0).all():
        raise RangeError(f"{where}: matrix must hold counts of 0 or more, got {table.min():g}")
    names = labels_of(where, "classes", classes, len(table)) or [str(i) for i in range(len(table))]
    total = table.sum()
    sums = table.sum(axis=1, keepdims=True)
    share = float(np.trace(table) / total) if total else 0.0
    return draw_heat_map(
        np.divide(table, sums, out=np.zeros(table.shape), where=sums > 0),
        title=f"{total:g} samples, {share:.1%} right" if title is None else title,
        rows=names,
        columns=names,
        row_label="true class",
        column_label="predicted class",
        bar_label="share of row",
        colours="blues",
        low=0,
        high=1,
        cells=[[f"{count:g}" if count else "" for count in row] for row in table],
    )
