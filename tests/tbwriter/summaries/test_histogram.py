import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tbwriter.messages.summary_pb2 import Summary
from tbwriter.summaries.histogram import LARGEST, histogram, histogram_raw

RULES = ["auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges"]

finite = npst.arrays(np.float64, st.integers(1, 50), elements=st.floats(allow_nan=False, allow_infinity=False))


def histo(values, *args, **kwargs):
    value = Summary.FromString(histogram("weights", values, *args, **kwargs)).value[0]
    assert value.tag == "weights"
    return value.histo


def test_equal_buckets_are_numpys():
    values = np.random.default_rng(0).normal(size=1000)
    counts, edges = np.histogram(values, bins=30)
    result = histo(values)
    assert list(result.bucket) == list(counts)
    np.testing.assert_allclose(result.bucket_limit, edges[1:], rtol=0, atol=1e-12)
    assert (result.min, result.max, result.num) == (values.min(), values.max(), 1000)
    np.testing.assert_allclose([result.sum, result.sum_squares], [values.sum(), (values**2).sum()], rtol=1e-12)


@pytest.mark.parametrize("number", [2, 30, 63, 64, 300])
@pytest.mark.parametrize("size", [2, 3, 10_000, 20_001])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.uint64, bool])
def test_whatever_the_size_and_the_number_each_value_is_counted_where_the_formula_says(size, number, dtype):
    values = (np.random.default_rng(size).integers(0, 120, size) / 7).astype(dtype)
    values[:2] = 0, 1
    wide = values.astype(np.float64)
    places = ((wide - wide.min()) / np.ptp(wide) * number).astype(int).clip(max=number - 1)
    result = histo(values, number)
    assert list(result.bucket) == list(np.bincount(places, minlength=number))
    np.testing.assert_allclose([result.sum, result.sum_squares], [wide.sum(), (wide**2).sum()], rtol=1e-12)


@given(
    finite,
    st.sampled_from([1, 7, 30, "tensorflow", *RULES, [-1.0, 0.0, 2.5]]),
)
def test_every_finite_value_is_counted_once_between_rising_finite_edges(values, bins):
    result = histo(values, bins)
    limits = np.array(result.bucket_limit)
    assert sum(result.bucket) == result.num == values.size
    assert limits.size == len(result.bucket) <= 1548
    assert np.isfinite(limits.astype(np.float32)).all(), "TensorBoard keeps them as float32"
    assert (np.diff(limits) >= 0).all()
    assert limits[-1] >= min(values.max(), LARGEST)


@pytest.mark.parametrize("bins", [30, 1, "tensorflow", "auto", [-1e300, 0, 1e300], [1, 1e300, 1.5e300]])
@pytest.mark.parametrize(
    "values",
    [
        [1e300], [-1e300, 0.5, 1e300], [1.7e308, -1.7e308], np.array([65504, -65504], np.float16),
        np.array([65504], np.float16), np.array([np.finfo(np.float32).max, 0], np.float32), [2**63, 10**300],
    ],
)  # fmt: skip
def test_edges_stay_finite_as_tensorboard_keeps_them(values, bins):
    result = histo(values, bins)
    edges = np.array([result.min, *result.bucket_limit, result.max]).astype(np.float32)
    assert np.isfinite(edges).all()
    assert (np.diff(np.array(result.bucket_limit)) > 0).all()
    assert sum(result.bucket) == result.num == len(values)


def test_raw_buckets_beyond_float32_become_one():
    moments = {"min": -1e300, "max": 1e300, "num": 6, "sum": 0, "sum_squares": 0}
    raw = Summary.FromString(histogram_raw("w", moments, [-1e300, 0, 1, 1e300, np.inf], [1, 2, 0, 2, 1])).value[0].histo
    assert list(raw.bucket_limit) == [-LARGEST, 0, 1, LARGEST]
    assert list(raw.bucket) == [1, 2, 0, 3]
    assert (raw.min, raw.max) == (-LARGEST, LARGEST)


def test_one_value_repeated_is_one_bucket():
    result = histo(np.full((3, 4), 2.5))
    assert (list(result.bucket), list(result.bucket_limit)) == ([12.0], [2.5])


def test_integers_bools_and_tiny_and_huge_values_count():
    assert histo([True, False, True], 2).bucket == [1, 2]
    assert histo([-1e308, 1e308], 2).bucket_limit == [0.0, LARGEST]
    assert sum(histo([5e-324, 1e-323], 2).bucket) == 2


def test_values_that_are_not_finite_are_left_out_with_a_warning():
    with pytest.warns(RuntimeWarning, match="^add_histogram: tag 'weights' leaves out values that are not finite$"):
        result = histo([math.nan, 1.0, math.inf, 2.0], 2)
    assert (result.num, list(result.bucket), result.sum) == (2, [1, 1], 3)


@pytest.mark.parametrize("values", [[], np.zeros((0, 3)), [math.nan, math.inf]])
@pytest.mark.filterwarnings("ignore:histogram")
def test_without_a_finite_value_there_is_no_histogram(values):
    with pytest.raises(
        ValueError, match=r"^add_histogram: tag 'weights': expected at least one finite value, got .*; leave it out$"
    ):
        histo(values)


def test_the_buckets_of_tensorflow_grow_by_a_tenth():
    result = histo([-1.0, 0.0, 1e-13, 1.0, 1e19], "tensorflow")
    limits = np.array(result.bucket_limit)
    large = limits[limits > 1e-11]
    np.testing.assert_allclose(large[1:] / large[:-1], 1.1, rtol=1e-9)
    assert sum(result.bucket) == 5


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.filterwarnings("ignore:The number of bins estimated may be suboptimal")
def test_a_rule_makes_as_many_buckets_as_numpys(rule):
    r = np.random.default_rng(0)
    for values in r.normal(size=300), r.exponential(size=50), r.integers(0, 5, 40), np.zeros(7), np.ones(1):
        assert len(histo(values, rule).bucket) == len(np.histogram_bin_edges(values.astype(float), rule)) - 1


def test_a_number_of_buckets_may_be_an_array():
    assert len(histo(np.arange(10.0), np.array(3)).bucket) == 3


def test_a_rule_never_makes_more_than_its_most():
    values = np.append(np.zeros(1000), 1e-3 * np.arange(1000)) ** 9
    assert len(histo(np.append(values, 1e30), "fd").bucket) == 1024
    assert len(histo(np.append(values, 1e30), "fd", max_bins=50).bucket) == 50


def test_max_bins_merges_neighbours():
    values = np.arange(100.0)
    assert list(histo(values, list(range(101)), max_bins=4).bucket) == [26, 25, 25, 24]
    assert len(histo(values, 64, max_bins=8).bucket) == 8


@pytest.mark.parametrize(
    ("bins", "kind", "message"),
    [
        (0, ValueError, "bins must be from 1 to 67108864, got int 0"),
        (2**60, ValueError, "bins must be from 1 to 67108864, got int 1152921504606846976"),
        (10**50, ValueError, f"bins must be from 1 to 67108864, got int {10**50}"),
        (np.timedelta64(5, "s"), TypeError, f"bins must be real numbers, got timedelta64 {np.timedelta64(5, 's')!r}"),
        (
            "best",
            ValueError,
            "bins must be a number of buckets or one of 'auto', 'doane', 'fd', 'rice', 'scott', 'sqrt', 'stone', "
            "'sturges', 'tensorflow', got 'best'",
        ),
        ([1.0], ValueError, "bins as edges must be two or more numbers that increase, got list [1.0]"),
        ([2.0, 1.0], ValueError, "bins as edges must be two or more numbers that increase, got list [2.0, 1.0]"),
        (["a", "b"], TypeError, "bins must be real numbers, got list ['a', 'b']"),
        (None, TypeError, "bins must be real numbers, got NoneType None"),
    ],
)
def test_what_are_no_bins_is_refused(bins, kind, message):
    with pytest.raises(kind) as caught:
        histo([1.0, 2.0], bins)
    assert str(caught.value) == f"add_histogram: tag 'weights': {message}"


def test_values_that_are_no_numbers_are_refused():
    with pytest.raises(TypeError, match=r"^add_histogram: tag 'weights': the values must be real numbers, got list"):
        histo(["a"])


MOMENTS = {"min": 0, "max": 2, "num": 3, "sum": 3, "sum_squares": 5}


def test_counts_of_others_are_written_as_they_are():
    histogram = Summary.FromString(histogram_raw("w", MOMENTS, [1, 2], [2, 1])).value[0].histo
    assert (histogram.min, histogram.max, histogram.num, histogram.sum, histogram.sum_squares) == (0, 2, 3, 3, 5)
    assert (histogram.bucket_limit, histogram.bucket) == ([1, 2], [2, 1])


@pytest.mark.parametrize(
    ("moments", "limits", "counts", "message"),
    [
        ({}, [1, 2], [2], "got bucket_limits (2,) and bucket_counts (1,); give one number of each for every bucket"),
        ({}, [], [], "got bucket_limits (0,) and bucket_counts (0,); give one number of each for every bucket"),
        ({}, [2, 1], [2, 1], "bucket_limits must increase, got list [2, 1]"),
        ({}, [1, 2], [2, -1], "min, max and bucket_counts must be finite, and no count negative"),
        ({"max": np.inf}, [1, 2], [2, 1], "min, max and bucket_counts must be finite, and no count negative"),
        ({"sum": [1, 2]}, [1, 2], [2, 1], "sum must be one number, got int64 array of shape (2,)"),
    ],
)
def test_counts_that_do_not_fit_together_are_refused(moments, limits, counts, message):
    with pytest.raises(ValueError) as caught:
        histogram_raw("w", {**MOMENTS, **moments}, limits, counts)
    assert str(caught.value) == f"add_histogram_raw: tag 'w': {message}"


@pytest.mark.parametrize("bins", [30, "auto", "doane", "fd", "rice", "scott", "sqrt", "stone", "sturges", "tensorflow"])
@pytest.mark.parametrize("values", [[1e-320, 2e-320], [1.0, 1.0 + 2e-16], [1e10, 1e10 + 1e-5], [1e300, -1e300, 1]])
def test_edges_increase_however_close_the_values_are(values, bins):
    with np.errstate(all="raise"):  # as a program may set it for itself
        histogram = histo(values, bins)
    assert (np.diff(histogram.bucket_limit) > 0).all()
    assert sum(histogram.bucket) == histogram.num == len(values)
