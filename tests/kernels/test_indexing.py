"""Picking and its transpose."""

import numpy as np
import pytest

from nn.kernels import indexing


@pytest.mark.parametrize(
    ("index", "basic"),
    [(0, True), (slice(1), True), ((Ellipsis, None, 1), True), (np.int64(1), True), ([0], False),
     (np.array([0]), False), (True, False), ((0, np.array([1])), False)],
)  # fmt: skip
def test_what_makes_a_view(index, basic):
    assert indexing.is_basic(index) is basic


def test_what_is_picked_twice_is_added_twice():
    assert indexing.getitem_backward(np.ones(3), index=np.array([0, 0, 2]), shape=(3,)).tolist() == [2, 0, 1]
    assert indexing.scatter_add(np.ones(3), np.array([1, 1, 1]), dim=0, shape=(3,)).tolist() == [0, 3, 0]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rows", [5, 40, 10_000])
def test_rows_that_come_several_times_are_all_added(dtype, rows, rng):
    g, index = rng.normal(size=(300, 6)).astype(dtype), rng.integers(-5, 5, 300)
    expected = np.zeros((rows, 6))
    for row, place in zip(g, index, strict=True):
        expected[place] += row
    got = indexing.getitem_backward(g, index=index, shape=(rows, 6))
    assert got.dtype == dtype
    np.testing.assert_allclose(got, expected, rtol=1e-5 if dtype == np.float32 else 1e-12, atol=1e-5)
    out = np.ones((rows, 6), dtype)
    assert indexing.getitem_backward(g, index=index, shape=(rows, 6), out=out) is out
    np.testing.assert_array_equal(out, got)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_many_are_scattered_as_few_are(dim, rng, monkeypatch):
    g, index = rng.normal(size=(30, 40)), rng.integers(0, 30, (30, 40))
    g[3, 4] = np.inf
    many = indexing.scatter_add(g, index, dim=dim, shape=(30, 40))
    monkeypatch.setattr(indexing, "MANY", 10**9)
    np.testing.assert_allclose(many, indexing.scatter_add(g, index, dim=dim, shape=(30, 40)), rtol=1e-12)
