import math
import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import nn
from nn import metrics

unit = st.sampled_from([0.0, 0.1, 0.2, 0.25, 0.5, 0.6, 0.999, 1.0])
binary = st.lists(st.tuples(st.integers(0, 1), unit), min_size=1, max_size=30)


@pytest.fixture(scope="module")
def sklearn():
    return pytest.importorskip("sklearn.metrics", reason="scikit-learn, the oracle of this test, is not installed")


def softmaxed(rng, n, classes, dtype=np.float64):
    logits = rng.normal(size=(n, classes)) * 3
    p = np.exp(logits - logits.max(1, keepdims=True))
    return (p / p.sum(1, keepdims=True)).astype(dtype)


# -- log loss ---------------------------------------------------------------------------------------------------------
@given(binary, st.sampled_from([np.float32, np.float64]), st.booleans())
def test_the_loss_of_two_classes_is_scikit_learns_even_of_certain_errors(sklearn, rows, dtype, normalize):
    y, p = zip(*rows, strict=True)
    ours = metrics.log_loss(y, np.array(p, dtype), normalize=normalize)
    theirs = sklearn.log_loss(y, np.array(p, dtype), labels=[0, 1], normalize=normalize)
    np.testing.assert_allclose(ours, theirs, rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-12)


@pytest.mark.parametrize("classes", [2, 3, 7])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_loss_of_several_classes_is_scikit_learns(sklearn, classes, dtype, rng):
    for n in (1, 5, 200):
        y, p = rng.integers(classes, size=n), softmaxed(rng, n, classes, dtype)
        weight = rng.random(n) + 0.1
        options = {"labels": range(classes)}
        np.testing.assert_allclose(metrics.log_loss(y, p), sklearn.log_loss(y, p, **options), rtol=1e-5)
        ours = metrics.log_loss(y, p, sample_weight=weight)
        np.testing.assert_allclose(ours, sklearn.log_loss(y, p, sample_weight=weight, **options), rtol=1e-5)


def test_the_loss_of_batches_is_that_of_everything_at_once_and_is_cross_entropy(rng):
    y, p = rng.integers(4, size=50), softmaxed(rng, 50, 4)
    loss = metrics.LogLoss()
    for part in (slice(7), slice(7, 7), slice(7, None)):
        loss.update(nn.tensor(p[part]), nn.tensor(y[part]))
    assert loss.compute() == pytest.approx(metrics.log_loss(y, p), rel=1e-12)
    expected = nn.functional.nll_loss(nn.tensor(np.log(p)), nn.tensor(y)).item()
    assert loss.compute() == pytest.approx(expected, rel=1e-12)
    loss.reset()
    with pytest.raises(RuntimeError, match=r"LogLoss.compute: nothing was counted yet"):
        loss.compute()


# -- calibration ------------------------------------------------------------------------------------------------------
@given(binary, st.integers(1, 12))
def test_bins_are_those_of_scikit_learns_calibration_curve(rows, n_bins):
    calibration = pytest.importorskip("sklearn.calibration", reason="scikit-learn, the oracle, is not installed")
    y, p = map(np.array, zip(*rows, strict=True))
    assume(len(set(y)) == 2)
    rate, confidence = calibration.calibration_curve(y, p, n_bins=n_bins)
    counts = np.bincount(np.searchsorted(np.linspace(0, 1, n_bins + 1)[1:-1], p), minlength=n_bins)
    shares = counts[counts > 0] / len(y)
    gaps = np.abs(rate - confidence)
    for norm, expected in (("l1", shares @ gaps), ("l2", np.sqrt(shares @ gaps**2)), ("max", gaps.max())):
        got = metrics.calibration_error(y, p, n_bins=n_bins, norm=norm)
        np.testing.assert_allclose(got, expected, atol=1e-12)


def test_of_several_classes_the_most_likely_one_is_judged(rng):
    y, p = rng.integers(5, size=300), softmaxed(rng, 300, 5)
    top = p.max(1)
    expected = metrics.calibration_error((p.argmax(1) == y).astype(int), top)
    assert metrics.calibration_error(y, p) == pytest.approx(expected, rel=1e-12)


def test_honest_probabilities_are_calibrated_and_boasts_are_not():
    rng = np.random.default_rng(0)
    p = rng.random(40_000)
    y = (rng.random(40_000) < p).astype(int)
    assert metrics.calibration_error(y, p) < 0.01
    assert metrics.calibration_error(y, np.where(p > 0.5, 1.0, 0.0)) == pytest.approx(0.25, abs=0.01)


@given(binary, st.integers(0, 30))
def test_the_error_of_batches_is_that_of_everything_at_once(rows, cut):
    y, p = zip(*rows, strict=True)
    error = metrics.CalibrationError(5, norm="l2")
    for part in (slice(cut), slice(cut, None)):
        error.update(np.array(p)[part], np.array(y)[part])
    np.testing.assert_allclose(error.compute(), metrics.calibration_error(y, p, n_bins=5, norm="l2"), atol=1e-12)
    assert error.counts.sum() == len(y)


def test_after_reset_nothing_is_left():
    error = metrics.CalibrationError()
    error.update([0.3], [1])
    error.reset()
    with pytest.raises(RuntimeError, match=r"CalibrationError.compute: nothing was counted yet"):
        error.compute()


# -- what is refused --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("score", [metrics.log_loss, metrics.calibration_error])
@pytest.mark.parametrize(
    ("y", "p", "message"),
    [
        ([1], [1.2], "y_proba must be from 0 to 1, got 1.2; turn logits into them by softmax"),
        ([1], [math.nan], "y_proba has NaN in row 0"),
        ([1], [[0.5, 0.4]], "row 0 of y_proba must sum to 1, got 0.9; use softmax"),
        ([2], [0.5], "y_true has class 2, there are probabilities of 0 to 1"),
        (
            [0],
            [[0.5], [0.5]],
            r"y_proba must be .* of class 1 or \(N, C\) .* 1 samples; got \(2, 1\)",
        ),
    ],
)
def test_what_is_no_probability_is_refused(score, y, p, message):
    with pytest.raises(ValueError, match=message):
        score(y, p)


def test_nothing_to_judge_and_unknown_options_are_refused():
    with pytest.raises(ValueError, match="log_loss: y_true and y_proba are empty"):
        metrics.log_loss([], [])
    with pytest.raises(ValueError, match="calibration_error: y_true and y_proba are empty"):
        metrics.calibration_error([], [])
    with pytest.raises(ValueError, match="n_bins must be a positive integer, got 0"):
        metrics.CalibrationError(0)
    with pytest.raises(ValueError, match=r"norm must be one of .* got 'L1'"):
        metrics.calibration_error([1], [0.5], norm="L1")


def test_a_refused_batch_leaves_the_count_as_it_was():
    loss, error = metrics.LogLoss(), metrics.CalibrationError()
    for metric in (loss, error):
        metric.update([0.5], [1])
        before = metric.compute()
        with pytest.raises(ValueError, match="y_proba must be from 0 to 1, got"):
            metric.update([0.5, 3.0], [1, 1])
        assert metric.compute() == before
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loss.update(np.array([0, 1], np.float16), [1, 0])  # certain errors, without a warning
