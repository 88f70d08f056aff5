"""Counts beside NumPy's, and by what they promise; and the messages."""

import numpy as np
import pytest

import nn


def test_counts_of_integers_add_up_to_their_number_and_weights_to_their_sum(rng):
    x, w = rng.integers(0, 6, 50), rng.normal(size=50)
    assert nn.bincount(nn.tensor(x), minlength=9).tolist() == [int((x == k).sum()) for k in range(9)]
    weighted = nn.bincount(nn.tensor(x), nn.tensor(w))
    np.testing.assert_allclose(weighted.numpy(), [w[x == k].sum() for k in range(x.max() + 1)])


def test_a_histogram_counts_each_bin_with_its_lower_edge_and_the_last_with_both():
    x = nn.tensor([0.0, 0.5, 1.0, 1.0, 2.0, 2.5])
    assert nn.histc(x, 2, 0, 2).tolist() == [2, 3]  # 2.5 lies outside
    counts, edges = nn.histogram(x, 2, range=(0.0, 2.0))
    assert (counts.tolist(), edges.tolist()) == ([2, 3], [0, 1, 2])
    assert nn.histogram(x, nn.tensor([0.0, 0.5, 3.0])).hist.tolist() == [1, 5]


def test_a_histogram_is_numpy_s_and_a_density_has_area_1(rng):
    x, w = rng.normal(size=100), rng.uniform(size=100)
    for given in ({}, dict(weight=w)):
        ours = nn.histogram(nn.tensor(x), 7, **{k: nn.tensor(v) for k, v in given.items()})
        counts, edges = np.histogram(x, 7, weights=given.get("weight"))
        np.testing.assert_allclose(ours.hist.numpy(), counts)
        np.testing.assert_allclose(ours.bin_edges.numpy(), edges)
    np.testing.assert_array_equal(nn.histogram(nn.tensor(x)).hist, np.histogram(x, 100)[0])
    density = nn.histogram(nn.tensor(x), 7, density=True)
    assert (density.hist * density.bin_edges.diff()).sum().item() == pytest.approx(1)


def test_unique_elements_are_in_order_and_the_inverse_puts_them_back(rng):
    x = rng.integers(0, 5, (4, 6))
    values, inverse, counts = nn.unique(nn.tensor(x), return_inverse=True, return_counts=True)
    assert values.tolist() == sorted(set(x.ravel().tolist()))
    assert values[inverse].tolist() == x.tolist()
    assert counts.tolist() == [int((x == v).sum()) for v in values.tolist()]


def test_unique_rows_along_an_axis(rng):
    x = rng.integers(0, 2, (8, 2))
    rows, inverse = nn.unique(nn.tensor(x), dim=0, return_inverse=True)
    assert rows.tolist() == sorted(map(list, {tuple(row) for row in x.tolist()}))
    assert rows[inverse].tolist() == x.tolist()


def test_of_neighbours_alike_one_stays():
    x = nn.tensor([1, 1, 2, 2, 2, 1, 3])
    values, inverse, counts = nn.unique_consecutive(x, return_inverse=True, return_counts=True)
    assert (values.tolist(), counts.tolist()) == ([1, 2, 1, 3], [2, 3, 1, 1])
    assert values[inverse].tolist() == x.tolist()
    rows = nn.unique_consecutive(nn.tensor([[1, 2], [1, 2], [0, 2]]), dim=0)
    assert rows.tolist() == [[1, 2], [0, 2]]


X = nn.ones(3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.bincount(nn.tensor([-1])), nn.RangeError, "bincount: expected a vector of integers >= 0"),
        (lambda: nn.bincount(nn.tensor([1]), minlength=-1), nn.RangeError, "minlength must be 0 or more, got -1"),
        (lambda: nn.bincount(nn.tensor([1]), X), nn.ShapeError, "bincount: weights have shape"),
        (lambda: nn.histc(X, 0), nn.RangeError, "histc: bins must be 1 or more, got 0"),
        (lambda: nn.histc(X, 3, 2, 1), nn.RangeError, "histc: max must not be below min; got min 2 and max 1"),
        (lambda: nn.histc(X / 0.5 * float("inf"), 3), nn.RangeError, "histc: the range must be finite"),
        (lambda: nn.histogram(X.long(), 3), nn.DtypeError, "histogram: input must be floating-point"),
        (lambda: nn.histogram(X, 3, weight=X[:2]), nn.ShapeError, "histogram: weight has shape"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
