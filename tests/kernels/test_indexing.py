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


INDICES = {
    "rows": lambda r: r.integers(-30, 30, 40),
    "few rows": lambda r: r.integers(0, 2, 300),
    "rows in two axes": lambda r: r.integers(0, 30, (4, 50)),
    "columns": lambda r: (slice(None), r.integers(-40, 40, 35)),
    "columns in two axes": lambda r: (slice(None), r.integers(0, 40, (5, 8))),
    "last axis": lambda r: (slice(None), slice(None), r.integers(0, 3, 7)),
    "all axes": lambda r: tuple(r.integers(-n, n, 900) for n in (30, 40, 3)),
    "all axes, crossed": lambda r: (r.integers(0, 30, (20, 1, 1)), r.integers(0, 40, (30, 1)), r.integers(0, 3, 4)),
    "two axes": lambda r: (r.integers(0, 30, 600), r.integers(0, 40, 600)),
    "a mask": lambda r: r.uniform(size=(30, 40)) < 0.7,
    "behind a slice": lambda r: (slice(3, 20), r.integers(0, 40, 60)),
}


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", INDICES)
def test_every_way_of_adding_up_agrees_with_one_by_one(name, dtype, rng):
    shape, index = (30, 40, 3), INDICES[name](rng)
    g = rng.normal(size=np.empty(shape)[index].shape).astype(dtype)
    expected = np.zeros(shape)
    np.add.at(expected, index, g)
    for layout in (g, np.asfortranarray(g)):
        got = indexing.getitem_backward(layout, index=index, shape=shape)
        assert got.dtype == dtype
        np.testing.assert_allclose(got, expected, rtol=1e-3 if dtype == np.float16 else 1e-5, atol=2e-5)
        out = np.ones(shape, dtype)
        assert indexing.getitem_backward(layout, index=index, shape=shape, out=out) is out
        np.testing.assert_array_equal(out, got)


@pytest.mark.parametrize("name", INDICES)
def test_what_a_later_value_overwrites(name, rng):
    shape, index = (30, 40, 3), INDICES[name](rng)
    places = np.arange(30 * 40 * 3).reshape(shape)[index]
    seen, lost = set(), np.zeros(places.size, bool)
    for i in range(places.size - 1, -1, -1):
        lost[i] = places.ravel()[i] in seen
        seen.add(places.ravel()[i])
    found = indexing.overwritten(index, shape)
    np.testing.assert_array_equal(np.broadcast_to(False if found is None else found, places.shape).ravel(), lost)


@pytest.mark.parametrize("width", [1, 4, indexing.WIDE, 200])
@pytest.mark.parametrize("most", [1, 3, indexing.FEW + 1, 5000])
def test_rows_of_any_width_named_any_number_of_times(width, most, rng):
    index = np.concatenate([rng.integers(0, 50, 300), np.full(most, 7)])
    g = rng.normal(size=(len(index), width)).astype(np.float32)
    expected = np.zeros((50, width))
    np.add.at(expected, index, g.astype(np.float64))
    got = indexing.rows_added(g, index, (50, width))
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-3 if most == 5000 else 2e-5)


@pytest.mark.parametrize("shape", [(30, 40), (30, 40, 2)])
def test_gathering_many_is_gathering_few_and_is_refused_out_of_range(shape, rng, monkeypatch):
    x = rng.normal(size=shape)
    for dim in range(x.ndim):
        index = rng.integers(-shape[dim], shape[dim], shape)
        many = indexing.gather(x, index, dim=dim), indexing.gather(x.T, index.T, dim=x.ndim - 1 - dim).T
        put = indexing.setitem(x, 2 * x, index=indexing.along(index, dim))
        monkeypatch.setattr(indexing, "MANY", 10**9)
        np.testing.assert_array_equal(many[0], indexing.gather(x, index, dim=dim))
        np.testing.assert_array_equal(many[0], many[1])
        np.testing.assert_array_equal(put, indexing.setitem(x, 2 * x, index=indexing.along(index, dim)))
        monkeypatch.undo()
        index[3, 4] = shape[dim]
        with pytest.raises(IndexError):
            indexing.gather(x, index, dim=dim)
        with pytest.raises(IndexError):
            indexing.getitem_backward(x, index=indexing.along(index, dim), shape=shape)


def test_pieces_put_together_overlap_or_lie_side_by_side(rng):
    g = rng.normal(size=(4, 5))
    rows = indexing.put_together(*g, places=(2, 0, 3, 1), shape=(4, 5))
    np.testing.assert_array_equal(rows, g[[1, 3, 0, 2]])
    gap = indexing.put_together(g[:1], g[1:3], places=((slice(0, 1),), (slice(2, 4),)), shape=(5, 5))
    np.testing.assert_array_equal(gap, [g[0], 0 * g[0], g[1], g[2], 0 * g[0]])
    twice = indexing.put_together(g[0], g[1], places=(1, -3), shape=(4, 5))
    np.testing.assert_array_equal(twice[1], g[0] + g[1])
    out = np.ones((4, 5))
    assert indexing.put_together(g[0], places=(1,), shape=(4, 5), out=out) is out
    np.testing.assert_array_equal(out, [0 * g[0], g[0], 0 * g[0], 0 * g[0]])


@pytest.mark.parametrize("block", [2, 64, 1 << 15])
@pytest.mark.parametrize(("width", "each"), [(3, 1), (3, 4), (40, 1), (40, 4)])
def test_rows_of_one_index_are_added_up_whichever_way(block, width, each, rng, monkeypatch):
    """Narrow rows one by one, wide ones run by run, or those of one count at once, in blocks of some."""
    monkeypatch.setattr(indexing, "BLOCK", block)
    for index in (rng.integers(0, 6, 240), np.arange(240) % 7 + 1, np.full(240, 3), np.sort(rng.zipf(1.5, 240)) % 9):
        g = rng.normal(size=(240 // each, width))
        expected = np.zeros((9, width))
        np.add.at(expected, index, np.repeat(g, each, axis=0))
        np.testing.assert_allclose(indexing.rows_added(g, index, (9, width), each=each), expected, atol=1e-12)
