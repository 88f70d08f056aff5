import numpy as np
import pytest

from tbwriter.messages.plugins_pb2 import PrCurvePluginData
from tbwriter.messages.summary_pb2 import Summary
from tbwriter.summaries.pr_curve import pr_curve, pr_curve_raw

RNG = np.random.default_rng(0)


def rows(summary):
    value = Summary.FromString(summary).value[0]
    count = PrCurvePluginData.FromString(value.metadata.plugin_data.content).num_thresholds
    assert value.metadata.plugin_data.plugin_name == "pr_curves"
    return np.frombuffer(value.tensor.tensor_content, "<f4").reshape(6, count)


def reference(labels, scores, thresholds, weights):
    """One threshold after the other."""
    result = []
    for threshold in np.arange(thresholds) / (thresholds - 1):
        said = np.floor(scores * (thresholds - 1)) >= round(threshold * (thresholds - 1))
        tp, fp = weights[said & labels].sum(), weights[said & ~labels].sum()
        tn, fn = weights[~said & ~labels].sum(), weights[~said & labels].sum()
        result.append([tp, fp, tn, fn, tp / (tp + fp) if tp + fp else 0, tp / (tp + fn) if tp + fn else 0])
    return np.array(result).T


@pytest.mark.parametrize("thresholds", [2, 11, 127, 1000])
@pytest.mark.parametrize("weighed", [False, True])
def test_a_curve_counts_what_each_threshold_lets_through(thresholds, weighed):
    labels, scores = RNG.random(500) < 0.4, RNG.random(500)
    weights = RNG.random(500) if weighed else np.ones(500)
    curve = rows(pr_curve("x", labels, scores, thresholds, weights if weighed else None))
    np.testing.assert_allclose(curve, reference(labels, scores, thresholds, weights), rtol=1e-5, atol=1e-5)


def test_scikit_learn_finds_the_same_precision_and_recall():
    metrics = pytest.importorskip("sklearn.metrics", reason="computes the curve with scikit-learn (extra oracle)")
    scores = np.arange(11) / 10
    labels = np.array([0, 0, 1, 0, 1, 1, 0, 1, 1, 0, 1])
    precision, recall, _ = metrics.precision_recall_curve(labels, scores)
    curve = rows(pr_curve("x", labels, scores, 11))
    np.testing.assert_allclose(curve[4], precision[:-1], rtol=1e-6)
    np.testing.assert_allclose(curve[5], recall[:-1], rtol=1e-6)


@pytest.mark.parametrize("labels", [[0, 0], [1, 1]])
def test_labels_of_one_kind_are_a_curve(labels):
    assert np.isfinite(rows(pr_curve("x", labels, [0.2, 0.8]))).all()


def test_the_ends_of_the_range_are_in_it():
    assert rows(pr_curve("x", [1, 1], [0, 1], 3))[0].tolist() == [2, 1, 1]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 1], [0.5]), "got 2 labels, 1 predictions and 2 weights; give as many of each, and at least one"),
        (([], []), "got 0 labels, 0 predictions and 0 weights; give as many of each, and at least one"),
        (([0, 2], [0.5, 0.5]), "the labels must be 0 or 1, got 2"),
        (
            ([0, 1], [0.5, 1.5]),
            "the predictions must be probabilities from 0 to 1, got 1.5; apply a sigmoid",
        ),
        (
            ([0, 1], [0.5, np.nan]),
            "the predictions must be probabilities from 0 to 1, got nan; apply a sigmoid",
        ),
        (([0, 1], [0.5, 0.5], 1), "num_thresholds must be a whole number >= 2, got int 1"),
        (([0, 1], [0.5, 0.5], 2.5), "num_thresholds must be a whole number >= 2, got float 2.5"),
        (([0, 1], [0.5, 0.5], 5, [1, -1]), "the weights must be finite and not negative"),
    ],
)
def test_what_is_no_classifier_is_refused(arguments, message):
    with pytest.raises(ValueError) as caught:
        pr_curve("x", *arguments)
    assert str(caught.value) == f"add_pr_curve: tag 'x': {message}"


def test_rows_that_were_counted_elsewhere_are_kept():
    given = RNG.random((6, 5))
    np.testing.assert_array_equal(rows(pr_curve_raw("x", *given)), given.astype(np.float32))


def test_rows_that_do_not_fit_are_refused():
    with pytest.raises(
        ValueError,
        match=r"^add_pr_curve_raw: tag 'x': expected six arrays of one number .*, got true positives \(5,\), false",
    ):
        pr_curve_raw("x", *RNG.random((5, 5)), RNG.random(4))
    with pytest.raises(
        ValueError, match=r"^add_pr_curve_raw: tag 'x': every number must be finite; where nothing is said to"
    ):
        pr_curve_raw("x", *np.full((6, 5), np.nan))
