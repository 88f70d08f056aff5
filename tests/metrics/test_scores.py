import math
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn import metrics

SCORES = ["precision_score", "recall_score", "f1_score"]
CLASSES = {"precision_score": metrics.Precision, "recall_score": metrics.Recall, "f1_score": metrics.F1}


def pairs(most):
    """Two lists of classes 0 to `most`, equally long."""
    number = st.integers(0, most)
    rows = st.lists(st.tuples(number, number), min_size=1, max_size=30)
    return rows.map(lambda rows: tuple(zip(*rows, strict=True)))


@pytest.fixture(scope="module")
def sklearn():
    return pytest.importorskip("sklearn.metrics", reason="scikit-learn, the oracle of this test, is not installed")


several = pairs(4)
two = pairs(1)
averages = st.sampled_from(["micro", "macro", "weighted", None])
zero_divisions = st.sampled_from([0, 1, math.nan])


# -- against scikit-learn ---------------------------------------------------------------------------------------------
@given(several)
def test_the_confusion_matrix_is_scikit_learns(sklearn, pair):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # scikit-learn warns of a single class
        expected = sklearn.confusion_matrix(*pair)
    np.testing.assert_array_equal(metrics.confusion_matrix(*pair), expected)


@given(several, st.sampled_from(["true", "pred", "all"]), st.permutations([0, 1, 2, 3, 4, 5]))
def test_its_normalised_forms_are_scikit_learns_for_any_order_of_labels(sklearn, pair, normalize, labels):
    expected = sklearn.confusion_matrix(*pair, normalize=normalize, labels=labels)
    np.testing.assert_allclose(metrics.confusion_matrix(*pair, normalize=normalize, labels=labels), expected)


@given(several, st.booleans())
def test_accuracy_is_scikit_learns(sklearn, pair, normalize):
    assert metrics.accuracy_score(*pair, normalize=normalize) == sklearn.accuracy_score(*pair, normalize=normalize)


@pytest.mark.parametrize("name", SCORES)
@given(pair=several, average=averages, zero_division=zero_divisions)
def test_a_score_of_several_classes_is_scikit_learns(sklearn, name, pair, average, zero_division):
    options = {"average": average, "zero_division": zero_division}
    expected = getattr(sklearn, name)(*pair, **options)
    np.testing.assert_allclose(getattr(metrics, name)(*pair, **options), expected, rtol=1e-12)


@pytest.mark.parametrize("name", SCORES)
@given(pair=two, zero_division=zero_divisions, pos_label=st.integers(0, 1))
def test_a_score_of_two_classes_is_scikit_learns(sklearn, name, pair, zero_division, pos_label):
    options = {"pos_label": pos_label, "zero_division": zero_division}
    expected = getattr(sklearn, name)(*pair, **options)
    np.testing.assert_allclose(getattr(metrics, name)(*pair, **options), expected, rtol=1e-12)


@pytest.mark.parametrize("name", SCORES)
@given(pair=several, average=averages, labels=st.lists(st.integers(0, 5), min_size=1, unique=True))
def test_labels_choose_classes_without_forgetting_the_samples_of_the_others(sklearn, name, pair, average, labels):
    options = {"average": average, "labels": labels, "zero_division": 0}
    expected = getattr(sklearn, name)(*pair, **options)
    np.testing.assert_allclose(getattr(metrics, name)(*pair, **options), expected, rtol=1e-12)


@given(several, st.data())
def test_sample_weights_weigh_as_scikit_learns(sklearn, pair, data):
    n = len(pair[0])
    weight = data.draw(st.lists(st.floats(0.125, 8, width=16), min_size=n, max_size=n))
    options = {"average": "macro", "sample_weight": weight, "zero_division": 0}
    np.testing.assert_allclose(metrics.f1_score(*pair, **options), sklearn.f1_score(*pair, **options))
    expected = sklearn.accuracy_score(*pair, sample_weight=weight)
    np.testing.assert_allclose(metrics.accuracy_score(*pair, sample_weight=weight), expected)


@pytest.mark.parametrize("name", SCORES)
@given(pair=two)
def test_by_default_a_warning_comes_exactly_where_scikit_learns_comes(sklearn, name, pair):
    def judged(module):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            score = getattr(module, name)(*pair)
        assert all(issubclass(w.category, UserWarning) for w in caught)
        return score, len(caught)

    assert judged(metrics) == judged(sklearn)


# -- what the scores mean ---------------------------------------------------------------------------------------------
@given(several)
def test_micro_averages_over_all_classes_are_the_accuracy(pair):
    for name in SCORES:
        assert getattr(metrics, name)(*pair, average="micro") == metrics.accuracy_score(*pair)


@given(two)
def test_f1_is_the_harmonic_mean_of_precision_and_recall(pair):
    p, r, f1 = (getattr(metrics, name)(*pair, zero_division=0) for name in SCORES)
    assert math.isclose(f1, 2 * p * r / (p + r) if p + r else 0.0)


@given(several)
def test_exchanging_truth_and_prediction_exchanges_precision_and_recall(pair):
    forth = metrics.precision_score(*pair, average=None, zero_division=0)
    back = metrics.recall_score(*reversed(pair), average=None, zero_division=0)
    np.testing.assert_array_equal(forth, back)


def test_zero_over_zero_is_0_with_a_warning_that_names_class_and_remedy():
    with pytest.warns(
        UserWarning, match=r"precision is 0/0 for class \[2\] and counts as 0; say zero_division=0, 1 or nan"
    ):
        assert metrics.precision_score([0, 2], [0, 0], average="macro") == 0.25
    with pytest.warns(UserWarning, match="recall_score: recall is 0/0 and counts as 0"):
        assert metrics.recall_score([0, 0], [0, 1]) == 0
    assert metrics.precision_score([0, 2], [0, 0], average="macro", zero_division=math.nan) == 0.5  # class 2 left out


# -- over batches -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", SCORES)
@given(pair=several, average=averages, cut=st.integers(0, 30))
def test_the_score_of_batches_is_the_score_of_everything_at_once(name, pair, average, cut):
    metric = CLASSES[name](average=average, zero_division=0)
    for part in (slice(None, cut), slice(cut, None)):  # one of them may be empty
        metric.update(pair[1][part], pair[0][part])
    np.testing.assert_array_equal(metric.compute(), getattr(metrics, name)(*pair, average=average, zero_division=0))


@pytest.mark.parametrize("name", SCORES)
@given(pair=several, average=averages)
def test_with_num_classes_the_absent_ones_are_averaged_over_too(sklearn, name, pair, average):
    metric = CLASSES[name](6, average=average, zero_division=0)
    metric.update(pair[1], pair[0])
    expected = getattr(sklearn, name)(*pair, labels=range(6), average=average, zero_division=0)
    np.testing.assert_allclose(metric.compute(), expected, rtol=1e-12)


@given(several)
def test_accuracy_and_matrix_of_batches_are_those_of_everything_at_once(pair):
    accuracy, confusion = metrics.Accuracy(), metrics.ConfusionMatrix(5)
    for truth, called in zip(*pair, strict=True):
        accuracy.update([called], [truth])
        confusion.update([called], [truth])
    assert accuracy.compute() == metrics.accuracy_score(*pair)
    np.testing.assert_array_equal(confusion.compute(), metrics.confusion_matrix(*pair, labels=range(5)))


def test_scores_and_the_indices_of_their_maxima_count_alike(rng):
    logits, target = rng.normal(size=(20, 3)), rng.integers(3, size=20)
    by_scores, by_index = metrics.ConfusionMatrix(), metrics.ConfusionMatrix()
    by_scores.update(nn.tensor(logits, requires_grad=True), nn.tensor(target))
    by_index.update(logits.argmax(1), target)
    np.testing.assert_array_equal(by_scores.compute(), by_index.compute())


def test_at_a_tie_the_first_class_is_taken():
    confusion = metrics.ConfusionMatrix()
    confusion.update([[0.5, 0.5]], [1])
    assert confusion.compute().tolist() == [[0, 0], [1, 0]]


def test_infinite_scores_are_scores():
    accuracy = metrics.Accuracy()
    accuracy.update([[-math.inf, 0.0], [math.inf, 0.0]], [1, 0])
    assert accuracy.compute() == 1


def test_booleans_and_whole_floats_are_classes():
    f1 = metrics.F1()
    f1.update(nn.tensor([True, False]), nn.tensor([1.0, 0.0]))
    assert f1.compute() == 1


def test_the_matrix_grows_with_the_classes_that_come():
    confusion = metrics.ConfusionMatrix()
    confusion.update([0], [1])
    confusion.update([2], [0])
    confusion.update([0], [0])
    assert confusion.compute().tolist() == [[1, 0, 1], [1, 0, 0], [0, 0, 0]]


def test_what_compute_returns_is_the_callers_own():
    confusion = metrics.ConfusionMatrix()
    confusion.update([0, 1], [0, 1])
    confusion.compute()[:] = 7
    assert confusion.compute().tolist() == [[1, 0], [0, 1]]


def test_a_normalised_matrix_has_rows_that_sum_to_1():
    confusion = metrics.ConfusionMatrix(3, normalize="true")
    confusion.update([0, 1, 1, 1], [0, 0, 0, 1])
    np.testing.assert_allclose(confusion.compute(), [[1 / 3, 2 / 3, 0], [0, 1, 0], [0, 0, 0]])


def test_after_reset_it_is_as_new():
    accuracy = metrics.Accuracy()
    accuracy.update([0], [1])
    accuracy.reset()
    accuracy.update([1], [1])
    assert accuracy.compute() == 1


# -- what is refused --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([0, 1], [0]), ValueError, "f1_score: y_true has 2 samples, y_pred has 1"),
        (([], []), ValueError, "y_true and y_pred are empty, there is nothing to judge"),
        (
            ([0, 1], [[0.1, 0.9], [0.3, 0.7]]),
            ValueError,
            r"y_pred must be classes \(N,\), got \(2, 2\); .*argmax\(1\)",
        ),
        (([0, 1], [0.0, math.nan]), ValueError, "y_pred has NaN in row 1"),
        (([0, 1], [0.2, 1.0]), ValueError, "y_pred has 0.2, classes are whole numbers; compare with a threshold"),
        ((["a"], ["b"]), TypeError, "y_true must be classes as integers, got <U1; number them first"),
        (([0, 1, 2], [0, 1, 1]), ValueError, "average='binary' is for two classes, got 3; choose average='macro'"),
        (([0, 5], [0, 5]), ValueError, r"pos_label is 1, the classes are \[0, 5\]; name one of them"),
    ],
)
def test_functions_refuse_what_cannot_be_judged(arguments, error, message):
    with pytest.raises(error, match=message):
        metrics.f1_score(*arguments)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"average": "mean"}, "average must be one of .* got 'mean'"),
        ({"zero_division": 0.5}, "zero_division must be 0, 1, nan or 'warn', got 0.5"),
        ({"labels": []}, r"labels must be classes, at least one and each once; got \[\]"),
        ({"labels": [1, 1]}, r"each once; got \[1, 1\]"),
        ({"sample_weight": [1.0]}, r"must have one weight for each sample, \(2,\), got \(1,\)"),
        ({"sample_weight": [0, 0]}, "sample_weight has to be finite, 0 or more, and not 0 everywhere"),
        ({"sample_weight": [1, math.nan]}, "sample_weight has to be finite"),
    ],
)
def test_functions_refuse_options_without_a_meaning(options, message):
    with pytest.raises(ValueError, match=message):
        metrics.precision_score([0, 1], [0, 1], **options)


@pytest.mark.parametrize("metric", CLASSES.values())
def test_classes_refuse_them_before_anything_is_counted(metric):
    with pytest.raises(ValueError, match=f"{metric.__name__}: average must be one of .* got 'mean'"):
        metric(average="mean")


def test_an_unknown_normalize_is_refused():
    with pytest.raises(ValueError, match=r"normalize must be one of .* got 'rows'"):
        metrics.confusion_matrix([0], [0], normalize="rows")


@pytest.mark.parametrize(
    ("prediction", "target", "error", "message"),
    [
        ([0, 3], [0, 1], IndexError, "Accuracy.update: prediction has class index 3, classes are numbered 0 to 2"),
        ([0, 1], [0, -1], IndexError, "target has class index -1, classes are numbered 0 to 2"),
        ([[0.1, 0.2, 0.7]], [3], IndexError, "target has class index 3"),
        ([[0.1, 0.9]], [1], ValueError, "prediction has 2 columns, num_classes is 3"),
        ([0, 1], [0], ValueError, "prediction has 2 samples, target has 1"),
        (
            [[0.3], [-0.2]],
            [1, 0],
            ValueError,
            r"prediction must have scores for two classes or more, got .*\(logits > 0\).flatten\(\)",
        ),
        ([1, 0], [[1], [0]], ValueError, r"target must be classes \(N,\), got \(2, 1\); .*flatten\(\)"),
        (
            [[0.0, 1.0, 0.0], [math.nan, 0.0, 0.0]],
            [1, 0],
            ValueError,
            "prediction has NaN in row 1; the model diverged",
        ),
        (np.zeros((2, 3, 4)), [1, 0], ValueError, r"prediction must be classes \(N,\), got \(2, 3, 4\)"),
    ],
)
def test_a_refused_batch_leaves_the_count_as_it_was(prediction, target, error, message):
    accuracy = metrics.Accuracy(num_classes=3)
    accuracy.update([0], [0])
    with pytest.raises(error, match=message):
        accuracy.update(prediction, target)
    assert accuracy.compute() == 1


def test_without_num_classes_a_negative_class_is_refused_still():
    with pytest.raises(IndexError, match="prediction has class index -1, classes are numbered from 0 up"):
        metrics.ConfusionMatrix().update([-1], [0])


@pytest.mark.parametrize("metric", [metrics.Accuracy, metrics.ConfusionMatrix, *CLASSES.values()])
def test_nothing_counted_is_no_score(metric):
    empty = metric()
    empty.update([], [])
    with pytest.raises(RuntimeError, match=f"{metric.__name__}.compute: nothing was counted yet; call update"):
        empty.compute()


def test_a_number_of_classes_below_1_is_refused():
    with pytest.raises(ValueError, match="Accuracy: num_classes must be a positive integer or None, got 0"):
        metrics.Accuracy(0)


# -- F-beta -----------------------------------------------------------------------------------------------------------
betas = st.sampled_from([0, 0.5, 1, 2.0, 10, math.inf])


@given(several, averages, zero_divisions, betas)
def test_f_beta_of_several_classes_is_scikit_learns(sklearn, pair, average, zero_division, beta):
    options = {"beta": beta, "average": average, "zero_division": zero_division}
    expected = sklearn.fbeta_score(*pair, **options)
    np.testing.assert_allclose(metrics.fbeta_score(*pair, **options), expected, rtol=1e-12)


@given(two, zero_divisions, betas, st.integers(0, 1))
def test_f_beta_of_two_classes_is_scikit_learns(sklearn, pair, zero_division, beta, pos_label):
    options = {"beta": beta, "pos_label": pos_label, "zero_division": zero_division}
    expected = sklearn.fbeta_score(*pair, **options)
    np.testing.assert_allclose(metrics.fbeta_score(*pair, **options), expected, rtol=1e-12)


@given(several, averages, betas, st.integers(0, 30))
def test_f_beta_of_batches_is_that_of_everything_at_once(pair, average, beta, cut):
    metric = metrics.FBeta(beta, average=average, zero_division=0)
    for part in (slice(None, cut), slice(cut, None)):
        metric.update(pair[1][part], pair[0][part])
    expected = metrics.fbeta_score(*pair, beta=beta, average=average, zero_division=0)
    np.testing.assert_array_equal(metric.compute(), expected)


@given(several)
def test_f_1_is_f_beta_of_1(pair):
    f1, fbeta = metrics.f1_score(*pair, average="macro"), metrics.fbeta_score(*pair, beta=1, average="macro")
    assert f1 == fbeta


@pytest.mark.parametrize("beta", [-1, math.nan])
def test_a_beta_below_0_is_refused(beta):
    with pytest.raises(ValueError, match=f"fbeta: beta must be 0 or more, got {beta}"):
        metrics.FBeta(beta)
