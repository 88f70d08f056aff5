"""The accuracy of the k best; matrix and accuracy themselves are tested with the scores that are read from them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn import metrics


@given(
    st.lists(st.tuples(st.integers(0, 3), st.tuples(*[st.integers(0, 2)] * 4)), min_size=1, max_size=20),
    st.integers(1, 3),
    st.integers(0, 20),
)
def test_the_accuracy_of_the_k_best_is_scikit_learns_with_ties_to_the_first(rows, k, cut):
    sklearn = pytest.importorskip("sklearn.metrics", reason="scikit-learn, the oracle, is not installed")
    y, scores = np.array([row[0] for row in rows]), np.array([row[1] for row in rows], float)
    accuracy = metrics.Accuracy(top_k=k)
    for part in (slice(cut), slice(cut, None)):
        accuracy.update(nn.tensor(scores[part]), nn.tensor(y[part]))
    # scikit-learn gives ties to the last class: in the mirror that is the first
    expected = sklearn.top_k_accuracy_score(3 - y, scores[:, ::-1], k=k, labels=range(4))
    assert accuracy.compute() == pytest.approx(expected)


def test_more_places_never_make_it_worse(rng):
    y, scores = rng.integers(6, size=100), rng.normal(size=(100, 6))
    shares = []
    for k in range(1, 7):
        accuracy = metrics.Accuracy(6, top_k=k)
        accuracy.update(scores, y)
        shares.append(accuracy.compute())
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_the_k_best_want_scores_of_as_many_classes():
    with pytest.raises(ValueError, match="Accuracy: top_k must be a positive integer, got 0"):
        metrics.Accuracy(top_k=0)
    for prediction in ([0, 1], [[0.1, 0.9], [0.2, 0.8]]):
        with pytest.raises(ValueError, match=r"prediction must be scores \(N, C\) of at least top_k=3 classes, got"):
            metrics.Accuracy(top_k=3).update(prediction, [0, 1])
