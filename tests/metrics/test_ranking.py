import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn import metrics


@pytest.fixture(scope="module")
def sklearn():
    return pytest.importorskip("sklearn.metrics", reason="scikit-learn, the oracle of this test, is not installed")


# few different scores, so that ties are common; and classes that may be absent, or the only one
binary = st.lists(st.tuples(st.integers(0, 1), st.sampled_from([-1.5, 0.0, 0.25, 0.5, 1.0])), min_size=1, max_size=25)


def probabilities(rows, classes):
    """Rows that sum to 1, of few different values."""
    table = np.array(rows, float)[:, :classes] + 0.5
    return table / table.sum(1, keepdims=True)


several = st.lists(st.tuples(st.integers(0, 3), st.tuples(*[st.integers(0, 2)] * 4)), min_size=1, max_size=25)


def quiet(function, *args, **options):
    """The result, and the number of UserWarnings."""
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="ignore"):
        warnings.simplefilter("always")
        result = function(*args, **options)
    return result, [w for w in caught if issubclass(w.category, UserWarning)]


# -- against scikit-learn ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["roc_auc_score", "average_precision_score"])
@given(rows=binary)
def test_of_two_classes_it_is_scikit_learns_with_its_warnings(sklearn, name, rows):
    y, scores = zip(*rows, strict=True)
    ours, warned = quiet(getattr(metrics, name), y, scores)
    theirs, expected = quiet(getattr(sklearn, name), y, scores)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    assert bool(warned) == bool(expected)


@pytest.mark.parametrize("name", ["roc_auc_score", "average_precision_score"])
@given(rows=binary, data=st.data())
def test_sample_weights_weigh_as_scikit_learns(sklearn, name, rows, data):
    y, scores = zip(*[*rows, (0, 0.5), (1, 0.5)], strict=True)
    weight = data.draw(st.lists(st.floats(0.125, 8, width=16), min_size=len(y), max_size=len(y)))
    ours = getattr(metrics, name)(y, scores, sample_weight=weight)
    np.testing.assert_allclose(ours, getattr(sklearn, name)(y, scores, sample_weight=weight), rtol=1e-12)


@pytest.mark.parametrize(
    ("average", "multi_class"),
    [("macro", "ovr"), ("weighted", "ovr"), ("micro", "ovr"), (None, "ovr"), ("macro", "ovo"), ("weighted", "ovo")],
)
@given(rows=several)
def test_of_several_classes_it_is_scikit_learns_even_where_some_are_absent(sklearn, average, multi_class, rows):
    y, p = np.array([row[0] for row in rows]), probabilities([row[1] for row in rows], 4)
    if multi_class == "ovo" and len(np.unique(y)) < 2:
        return
    options = {"average": average, "multi_class": multi_class}
    ours, _ = quiet(metrics.roc_auc_score, y, p, labels=range(4), **options)
    theirs, _ = quiet(sklearn.roc_auc_score, y, p, labels=range(4), **options)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)
    if len(np.unique(y)) < 4:
        with pytest.raises(ValueError, match="columns"):
            sklearn.roc_auc_score(y, p, **options)
        with pytest.raises(
            ValueError, match=r"columns for 4 classes, but y_true has no sample of class \[.*labels=range"
        ):
            metrics.roc_auc_score(y, p, **options)


@pytest.mark.parametrize("average", ["macro", "weighted", "micro", None])
@given(rows=several)
def test_average_precision_of_several_classes_is_scikit_learns(sklearn, average, rows):
    y, p = (
        np.array([row[0] for row in rows] + [0, 1, 2, 3]),
        probabilities([row[1] for row in rows] + [(0, 1, 2, 0)] * 4, 4),
    )
    ours = metrics.average_precision_score(y, p, average=average)
    theirs = sklearn.average_precision_score(y, p, average=average)
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-12)


# -- what it means ----------------------------------------------------------------------------------------------------
@given(binary)
def test_the_roc_area_is_the_share_of_pairs_in_the_right_order(rows):
    ones, zeros = ([score for y, score in rows if y == k] for k in (1, 0))
    if not ones or not zeros:
        return
    pairs = [(a > b) + 0.5 * (a == b) for a in ones for b in zeros]
    assert metrics.roc_auc_score(*zip(*rows, strict=True)) == pytest.approx(sum(pairs) / len(pairs))


@given(binary, st.randoms(use_true_random=False))
def test_the_order_of_samples_does_not_matter_even_at_ties(rows, random):
    shuffled = rows.copy()
    random.shuffle(shuffled)
    for score in (metrics.roc_auc_score, metrics.average_precision_score):
        first, _ = quiet(score, *zip(*rows, strict=True))
        second, _ = quiet(score, *zip(*shuffled, strict=True))
        np.testing.assert_allclose(first, second, rtol=1e-12)


def test_scores_may_be_logits_infinite_or_of_two_columns():
    y = [0, 1, 0, 1]
    assert metrics.roc_auc_score(y, [-math.inf, math.inf, -3.0, 8.0]) == 1
    assert metrics.roc_auc_score(y, [[1, 0], [0, 1], [0.7, 0.3], [0.9, 0.1]]) == metrics.roc_auc_score(
        y, [0, 1, 0.3, 0.1]
    )


def test_one_class_only_has_no_roc_area_and_says_so():
    with pytest.warns(UserWarning, match="roc_auc_score: the area is nan, for all samples are of one class"):
        assert math.isnan(metrics.roc_auc_score([1, 1], [0.2, 0.3]))
    with pytest.warns(UserWarning, match=r"the area of class \[2\] is nan"):
        areas = metrics.roc_auc_score([0, 1], [[0.8, 0.1, 0.1], [0.1, 0.8, 0.1]], average=None, labels=[0, 1, 2])
    assert areas.tolist()[:2] == [1, 1]
    assert math.isnan(areas[2])
    with pytest.warns(UserWarning, match="the area is 0, for all samples are of one class"):
        assert metrics.average_precision_score([0, 0], [0.2, 0.3]) == 0
    with pytest.warns(UserWarning, match="the area is nan"):
        assert math.isnan(metrics.roc_auc_score([1, 1], np.eye(3)[:2], multi_class="ovo", labels=range(3)))


def test_labels_that_are_not_those_of_the_columns_are_refused():
    with pytest.raises(ValueError, match=r"labels must be 0 to 2, one for each column, got \[1, 2, 3\]"):
        metrics.roc_auc_score([0, 1, 2], np.eye(3), labels=[1, 2, 3])


# -- over batches -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("average", ["macro", "weighted", "micro", None])
@given(rows=several, cut=st.integers(0, 25))
def test_the_area_of_batches_is_that_of_everything_at_once(average, rows, cut):
    y, p = np.array([row[0] for row in rows]), probabilities([row[1] for row in rows], 4)
    for metric, score, options in (
        (metrics.ROCAUC, metrics.roc_auc_score, {"labels": range(4)}),
        (metrics.AveragePrecision, metrics.average_precision_score, {}),
    ):
        area = metric(average=average, **options)
        for part in (slice(None, cut), slice(cut, None)):
            area.update(nn.tensor(p[part]), nn.tensor(y[part]))
        got, _ = quiet(area.compute)
        expected, _ = quiet(score, y, p, average=average, **options)
        np.testing.assert_array_equal(got, expected)


def test_batches_are_kept_as_they_were_and_forgotten_at_reset():
    area, scores = metrics.ROCAUC(), np.array([0.1, 0.9])
    area.update(scores, [0, 1])
    scores[:] = 0
    assert area.compute() == 1
    area.reset()
    with pytest.raises(RuntimeError, match=r"ROCAUC.compute: nothing was counted yet; call update"):
        area.compute()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: metrics.roc_auc_score([0, 1], [0.1]), r"y_score must be scores \(N,\) .* 2 samples; got \(1,\)"),
        (lambda: metrics.roc_auc_score([0, 1], [[0.1], [0.2]]), r"y_score must be .*; got \(2, 1\)"),
        (lambda: metrics.roc_auc_score([], []), "y_true and y_score are empty, there is nothing to judge"),
        (lambda: metrics.roc_auc_score([0, 2], [0.1, 0.2]), "y_true has class 2, there are scores of 0 to 1"),
        (lambda: metrics.roc_auc_score([0, 1], [0.1, math.nan]), "y_score has NaN in row 1"),
        (lambda: metrics.roc_auc_score([0, 1], [0, 1], average="mean"), "average must be one of .* got 'mean'"),
        (
            lambda: metrics.roc_auc_score([0, 1], [0, 1], multi_class="all"),
            "multi_class must be 'ovr' or 'ovo', got",
        ),
        (lambda: metrics.ROCAUC(average=None, multi_class="ovo"), "average must be 'macro' or 'weighted', got None"),
        (lambda: metrics.AveragePrecision(average="mean"), "AveragePrecision: average must be one of .* got 'mean'"),
        (
            lambda: metrics.roc_auc_score(
                [0, 1], np.eye(3)[:2], multi_class="ovo", sample_weight=[1, 2], labels=range(3)
            ),
            "'ovo' takes no",
        ),
    ],
)
def test_what_cannot_be_ranked_is_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_refused_batch_leaves_what_was_kept():
    area = metrics.ROCAUC()
    area.update([0.1, 0.9], [0, 1])
    with pytest.raises(ValueError, match=r"prediction is \(1, 3\), the first batch was \(2,\)"):
        area.update([[0.1, 0.2, 0.7]], [2])
    with pytest.raises(ValueError, match="NaN"):
        area.update([math.nan], [1])
    assert area.compute() == 1
