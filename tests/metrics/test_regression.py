import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nn
from nn import metrics

NAMES = {"mean_absolute_error": metrics.MAE, "mean_squared_error": metrics.MSE, "r2_score": metrics.R2}


@pytest.fixture(scope="module")
def sklearn():
    return pytest.importorskip("sklearn.metrics", reason="scikit-learn, the oracle of this test, is not installed")


@st.composite
def pairs(draw, min_size=1):
    """True and predicted numbers of one or more columns, of few values, so that constant columns are common."""
    shape = draw(st.tuples(st.integers(min_size, 12)) | st.tuples(st.integers(min_size, 12), st.integers(1, 3)))
    numbers = hnp.arrays(np.float64, shape, elements=st.sampled_from([-2.0, 0.0, 0.5, 1.0, 4.0]))
    return draw(numbers), draw(numbers)


# -- against scikit-learn ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
@given(pair=pairs(min_size=2), multioutput=st.sampled_from(["uniform_average", "raw_values"]), data=st.data())
def test_it_is_scikit_learns_of_any_columns_and_weights(sklearn, name, pair, multioutput, data):
    n = len(pair[0])
    weight = data.draw(st.none() | st.lists(st.floats(0.125, 8, width=16), min_size=n, max_size=n))
    options = {"multioutput": multioutput, "sample_weight": weight}
    ours = getattr(metrics, name)(*pair, **options)
    np.testing.assert_allclose(ours, getattr(sklearn, name)(*pair, **options), rtol=1e-9, atol=1e-12)


@given(pairs(min_size=2))
def test_r2_weighted_by_variance_is_scikit_learns(sklearn, pair):
    ours = metrics.r2_score(*pair, multioutput="variance_weighted")
    theirs = sklearn.r2_score(*pair, multioutput="variance_weighted")
    np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)


def test_without_variance_r2_is_1_or_0_and_rounding_makes_none():
    assert metrics.r2_score([3.0, 3.0], [3.0, 3.0]) == 1
    assert metrics.r2_score([3.0, 3.0], [3.0, 4.0]) == 0
    constant = np.full(1000, 0.1)
    assert constant.var() > 0  # what dividing by it would make is a number of the size of -1e30
    assert metrics.r2_score(constant, constant + 1) == 0


def test_of_one_sample_r2_is_nan_and_says_so():
    with pytest.warns(UserWarning, match="r2_score: of one sample there is no variance, R2 is nan; give more"):
        assert math.isnan(metrics.r2_score([1.0], [1.0]))


# -- over batches -----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", NAMES)
@given(pair=pairs(min_size=2), cuts=st.lists(st.integers(0, 12), max_size=3), raw=st.booleans())
def test_the_error_of_batches_is_that_of_everything_at_once(name, pair, cuts, raw):
    multioutput = "raw_values" if raw else "uniform_average"
    metric = NAMES[name](multioutput=multioutput)
    for y, predicted in zip(*(np.split(part, sorted(cuts)) for part in pair), strict=True):
        metric.update(nn.tensor(predicted), nn.tensor(y))
    expected = getattr(metrics, name)(*pair, multioutput=multioutput)
    np.testing.assert_allclose(metric.compute(), expected, rtol=1e-9, atol=1e-9)


def test_far_from_0_nothing_is_lost_over_batches(sklearn):
    rng = np.random.default_rng(0)
    y = 1e9 + rng.normal(size=1000)
    predicted = y + rng.normal(size=1000) / 2
    share = metrics.R2()
    for part in np.split(np.arange(1000), 50):
        share.update(predicted[part], y[part])
    assert share.compute() == pytest.approx(sklearn.r2_score(y, predicted), rel=1e-6)


def test_huge_errors_are_infinite_without_a_warning():
    assert metrics.mean_squared_error([1e200], [-1e200]) == math.inf
    assert metrics.mean_absolute_error(np.float16([60000]), np.float16([-60000])) == pytest.approx(120000, rel=1e-3)


def test_after_reset_it_is_as_new():
    error = metrics.MAE()
    error.update([1.0], [0.0])
    error.reset()
    with pytest.raises(RuntimeError, match=r"MAE.compute: nothing was counted yet; call update"):
        error.compute()
    error.update([1.0], [4.0])
    assert error.compute() == 3


# -- what is refused --------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("y", "predicted", "error", "message"),
    [
        ([1, 2], [[1], [2]], ValueError, r"must both be \(N,\) or .* got \(2,\) and \(2, 1\); flatten a column"),
        ([1, 2], [1], ValueError, r"got \(2,\) and \(1,\)"),
        (1.0, 1.0, ValueError, r"got \(\) and \(\)"),
        ([], [], ValueError, "y_true and y_pred are empty, there is nothing to judge"),
        ([1.0], [math.nan], ValueError, "y_pred has NaN in row 0"),
        ([math.inf], [1.0], ValueError, "y_true has an infinite number"),
        (["a"], [1.0], TypeError, "y_true must be real numbers, got <U1"),
    ],
)
def test_numbers_that_cannot_be_compared_are_refused(y, predicted, error, message):
    with pytest.raises(error, match=message):
        metrics.mean_squared_error(y, predicted)


def test_unknown_options_and_other_columns_are_refused():
    with pytest.raises(ValueError, match=r"MAE: multioutput must be one of .* got 'variance_weighted'"):
        metrics.MAE(multioutput="variance_weighted")
    with pytest.raises(ValueError, match=r"r2_score: multioutput must be one of .* got 'all'"):
        metrics.r2_score([1, 2], [1, 2], multioutput="all")
    error = metrics.MSE()
    error.update([[1.0, 2.0]], [[1.0, 2.0]])
    with pytest.raises(ValueError, match=r"MSE.update: got 1 columns, the batches before had 2"):
        error.update([1.0], [5.0])
    assert error.compute() == 0
