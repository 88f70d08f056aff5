"""The shared checks let through what is right and say in one sentence what is wrong."""

import numpy as np
import pytest

import nn
from nn.tensors import checks

X = nn.zeros(2, 3)


def test_what_is_right_comes_back():
    assert checks.tensor(X, "f") is checks.floating(X, "f") is checks.matrix(X, "f") is X
    index = nn.tensor([1, 2])
    assert checks.integers(index, "f") is checks.places(index, "f") is index
    assert all(t is X for t in checks.pair(X, X, "f", "other"))
    assert checks.spatial(2, 3, "f", "size") == checks.spatial([2, 2, np.int64(2)], 3, "f", "size") == (2, 2, 2)
    checks.within(np.array([0, 2]), 3, "f", "x")
    checks.within(np.array([], int), 0, "f", "x")
    checks.same_shape(X, X + 1, "f")
    checks.choice("a", ("a", "b"), "f", "word")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: checks.tensor([1.0], "f"), TypeError, r"f: input must be a tensor, got list; use nn.tensor\(...\)"),
        (lambda: checks.floating(X.long(), "f", "x"), nn.DtypeError, "f: x must be floating-point, it is int64"),
        (lambda: checks.integers(X, "f"), nn.DtypeError, "f: index must be integers, it is float32; use .long"),
        (lambda: checks.places(X.to(nn.uint8), "f"), nn.DtypeError, "f: index must be int32 or int64, got uint8"),
        (lambda: checks.within(np.array([3]), 3, "f", "x"), IndexError, "index 3 is out of range, x has entries"),
        (lambda: checks.within(np.array([-1]), 3, "f", "x"), IndexError, "f: index -1 is out of range"),
        (lambda: checks.pair(X, X.double(), "f", "y"), nn.DtypeError, "f: y is float64, input is float32; convert"),
        (lambda: checks.matrix(X, "f", square=True), nn.ShapeError, "f: A must be square matrices in its last"),
        (lambda: checks.same_shape(X, X[0], "f"), nn.ShapeError, r"target has shape .* target.reshape\(2, 3\)"),
        (lambda: checks.choice("c", ("a", "b"), "f", "word"), nn.RangeError, "f: word must be one of a, b; got 'c'"),
        (lambda: checks.spatial(0, 2, "f", "size"), nn.RangeError, "size must be an integer >= 1, or 2 of them; got 0"),
        (lambda: checks.spatial((1, 2), 3, "f", "size"), nn.RangeError, "or 3 of them"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
