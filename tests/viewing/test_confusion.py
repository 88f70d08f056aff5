"""The confusion matrix: its counts are on the picture, with the classes' names, and how many are right."""

import numpy as np
import pytest

import nn
from nn.errors import RangeError, ShapeError
from nn.viewing import draw_confusion_matrix


def test_every_count_and_name_is_on_it(read):
    picture = draw_confusion_matrix([[17, 3, 0], [0, 28, 1], [2, 0, 49]], ["ant", "bee", "cow"])
    for count in ("17", "28", "49"):
        assert read(picture, count, ink=(255, 255, 255)) == 1, count  # on the dark diagonal
    for text in ("3", "2", "true class", "predicted class", "share of row", "100 samples, 94.0% right"):
        assert read(picture, text) >= 1, text
    for name in ("ant", "bee", "cow"):
        assert read(picture, name) == 2  # of a row and of a column


def test_the_counts_are_those_of_scikit_learn(read, rng):
    metrics = pytest.importorskip("sklearn.metrics", reason="compares with scikit-learn (extra oracle)")
    truth, predicted = rng.integers(0, 4, (2, 200))
    expected = metrics.confusion_matrix(truth, predicted)
    assert np.array_equal(
        draw_confusion_matrix(nn.metrics.confusion_matrix(truth, predicted)), draw_confusion_matrix(expected)
    )


def test_an_empty_class_and_an_empty_matrix_are_white(read):
    picture = draw_confusion_matrix([[4, 0], [0, 0]])
    assert read(picture, "4 samples, 100.0% right") == 1
    assert read(draw_confusion_matrix(np.zeros((2, 2), int)), "0 samples, 0.0% right") == 1


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (([[1, 2]],), ShapeError, r"matrix must be square, \(C, C\), got shape \(1, 2\)"),
        (([[-1]],), RangeError, "matrix must hold counts of 0 or more, got -1"),
        (([[float("nan")]],), RangeError, "matrix must hold counts of 0 or more, got nan"),
        (([[1]], ["a", "b"]), ShapeError, "classes must have 1 entries, got 2"),
    ],
    ids=["shape", "negative", "nan", "classes"],
)
def test_what_is_no_confusion_matrix_is_refused(arguments, kind, message):
    with pytest.raises(kind, match=f"^draw_confusion_matrix: {message}$"):
        draw_confusion_matrix(*arguments)
