"""Sorting, looking up and counting against PyTorch: values, indices, dtypes, and derivatives where there are any."""

import numpy as np
import pytest
from oracle import OURS, THEIRS, compare, compare_both, normal, several, torch

import nn

ORDERED = [
    lambda t, x: t.sort(x).values, lambda t, x: x.sort(0, descending=True).values, lambda t, x: t.sort(x, stable=True,
    dim=1)[0], lambda t, x: x.sort(-1, True)[0], lambda t, x: t.msort(x), lambda t, x: t.topk(x, 2).values,
    lambda t, x: x.topk(3, 0, largest=False)[0], lambda t, x: x.topk(4, -1)[0], lambda t, x: x.topk(0, 1)[0],
    lambda t, x: t.kthvalue(x, 2).values, lambda t, x: x.kthvalue(1, 0, keepdim=True)[0],
    lambda t, x: x.kthvalue(2, 1)[0],
    lambda t, x: x[0, 0, 0].sort()[0], lambda t, x: x[0, 0, 0].topk(1)[0], lambda t, x: x[0, 0, 0].kthvalue(1, 0)[0],
    lambda t, x: x.flip(1).sort(1)[0],
]  # fmt: skip
INDICES = [
    lambda t, x: t.sort(x).indices, lambda t, x: x.sort(0, descending=True).indices, lambda t, x: t.argsort(x),
    lambda t, x: x.argsort(dim=1, descending=True, stable=True), lambda t, x: t.topk(x, 2).indices,
    lambda t, x: x.topk(3, 0, largest=False)[1], lambda t, x: t.kthvalue(x, 2).indices,
    lambda t, x: x[0, 0, 0].sort()[1],
    lambda t, x: x.kthvalue(1, 0, True)[1], lambda t, x: x[0, 0, 0].argsort(), lambda t, x: x[0, 0, 0].topk(1)[1],
]  # fmt: skip


@pytest.mark.parametrize("function", ORDERED)
def test_sorted_values_and_derivatives(function, rng):
    compare_both(lambda lib, x: function(lib.top, x), *normal(rng, (3, 4, 4)))


@pytest.mark.parametrize("function", INDICES)
def test_indices(function, rng):
    compare(lambda lib, x: function(lib.top, x), *normal(rng, (3, 4, 4)), orders=0)
    compare(lambda lib, x: function(lib.top, x), rng.permutation(48).reshape(3, 4, 4), orders=0)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("dtype", [np.int64, np.uint8, np.bool_, np.float32, np.float64])
def test_a_stable_sort_keeps_the_order_of_equals(dtype, descending, rng):
    x = rng.integers(0, 3, (5, 40)).astype(dtype)
    compare(lambda lib, x: lib.top.sort(x, dim=1, descending=descending, stable=True), x, orders=0)
    compare(lambda lib, x: x.argsort(dim=0, descending=descending, stable=True), x, orders=0)


def test_ties_nan_and_infinities(rng):
    x = rng.choice([1.0, 2.0, np.inf, -np.inf, np.nan, -0.0, 0.0], (6, 12))
    for descending in (False, True):
        compare(lambda lib, x, d=descending: lib.top.sort(x, stable=True, descending=d), x, orders=0)
        for k in (1, 3, 12):
            compare(lambda lib, x, k=k, d=descending: x.topk(k, largest=d)[0], x, orders=0)
    for k in (1, 5, 12):
        compare(lambda lib, x, k=k: x.kthvalue(k)[0], x, orders=0)


def test_topk_of_equal_elements_takes_elements_of_their_value():
    values, indices = nn.topk(nn.tensor([1, 3, 3, 3, 2]), 2)
    assert values.tolist() == [3, 3]
    assert len(set(indices.tolist()) & {1, 2, 3}) == 2


INTEGERS = [(), (0,), (7,), (3, 4), (2, 0), (2, 3, 2)]


@pytest.mark.parametrize("shape", INTEGERS, ids=str)
@pytest.mark.parametrize("name", ["unique", "unique_consecutive"])
def test_unique(name, shape, rng):
    x = np.asarray(rng.integers(0, 3, shape))
    for asked in [
        {},
        dict(return_inverse=True),
        dict(return_counts=True),
        dict(return_inverse=True, return_counts=True),
    ]:
        compare(lambda lib, x, asked=asked: getattr(lib.top, name)(x, **asked), x, orders=0)
        compare(lambda lib, x, asked=asked: getattr(x.double(), name)(**asked), x, orders=0)
        for dim in range(-len(shape), len(shape)):
            if x.size:
                compare(lambda lib, x, asked=asked, d=dim: getattr(lib.top, name)(x, **asked, dim=d), x, orders=0)


@pytest.mark.parametrize("name", ["unique", "unique_consecutive"])
def test_unique_rows_nan_and_booleans(name):
    for x in (
        np.array([[1, 2], [1, 2], [0, 1], [1, 2]]),
        np.array([True, False, False]),
        np.array([np.nan, 1, np.nan, 1]),
    ):
        for arguments in (dict(), dict(dim=0))[
            : 2 - (x.dtype.kind == "f")
        ]:  # torch finds no order of nan along an axis
            compare(
                lambda lib, x, a=arguments: getattr(x, name)(return_inverse=True, return_counts=True, **a), x, orders=0
            )


@pytest.mark.parametrize("right", [False, True])
@pytest.mark.parametrize("dtype", [np.int64, np.float64])
def test_searchsorted_and_bucketize(dtype, right, rng):
    sequence, values = (
        np.sort(rng.integers(0, 9, (2, 3, 5))).astype(dtype),
        rng.integers(-1, 11, (2, 3, 4)).astype(dtype),
    )
    compare(lambda lib, s, v: lib.top.searchsorted(s, v, right=right), sequence, values, orders=0)
    line = sequence[0, 0].copy()
    compare(lambda lib, s, v: lib.top.searchsorted(s, v, right=right, out_int32=True), line, values, orders=0)
    compare(lambda lib, s, v: lib.top.bucketize(v, s, right=right), line, values, orders=0)
    compare(lambda lib, s: lib.top.searchsorted(s, 3, side="right" if right else "left"), line, orders=0)
    compare(lambda lib, s: lib.top.bucketize(3, s, right=right), line, orders=0)
    order = rng.permutation(5)
    compare(lambda lib, s, v: lib.top.searchsorted(s, v, sorter=lib.top.tensor(np.argsort(order))), line[order], values,
            orders=0)  # fmt: skip


def test_searchsorted_at_nan_and_at_the_ends():
    for values in ([1.0, 3.0, np.nan, np.inf, -np.inf], [], 2.0):
        compare(lambda lib, s, v: lib.top.searchsorted(s, v), np.array([1.0, 3.0]), np.array(values), orders=0)
    compare(lambda lib, s, v: lib.top.searchsorted(s, v), np.zeros(0), np.array([1.0]), orders=0)


@pytest.mark.parametrize("arguments", [{}, dict(minlength=7), dict(minlength=0)])
def test_bincount(arguments, rng):
    x, w = rng.integers(0, 5, 30), rng.normal(size=30)
    compare(lambda lib, x: lib.top.bincount(x, **arguments), x, orders=0)
    compare(lambda lib, x: x[:0].bincount(**arguments), x, orders=0)
    for dtype in (np.float64, np.float32, np.int64):
        compare(lambda lib, x, d=dtype: lib.top.bincount(x, lib.top.tensor(w.astype(d)), **arguments), x, orders=0,
                rtol=1e-5)  # fmt: skip


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_histograms(dtype, rng):
    x, w = rng.normal(size=(50, 3)).astype(dtype), rng.random((50, 3)).astype(dtype)
    for arguments in ((), (10,), (4, -1, 1), (3, 0, 0), (5, -9, 9)):
        compare(lambda lib, x, a=arguments: lib.top.histc(x, *a), x, orders=0)
    edges = np.array([-1, 0, 0.5, 3], dtype)
    for arguments in (dict(bins=4), dict(bins=5, range=(-1.0, 1.0)), dict(bins=5, density=True)):
        compare(lambda lib, x, a=arguments: lib.top.histogram(x, **a), x, orders=0, rtol=1e-6)
        compare(lambda lib, x, a=arguments: x.histogram(weight=lib.top.tensor(w), **a), x, orders=0, rtol=2e-5)
    compare(lambda lib, x: lib.top.histogram(x), x, orders=0, rtol=2e-5)  # 100 of them, with an edge close to 0
    compare(lambda lib, x: lib.top.histogram(x, lib.top.tensor(edges), density=True).hist, x, orders=0, rtol=1e-6)
    for few in ([1.0, 1.0], [3.0], [1.0, 5.0, 3.0]):
        compare(lambda lib, x: lib.top.histc(x, 4), np.array(few, dtype), orders=0)
        compare(lambda lib, x: lib.top.histogram(x, 4).bin_edges, np.array(few, dtype), orders=0)
    compare(lambda lib, x: lib.top.histc(x, 3), np.zeros(0, dtype), orders=0)
    compare(lambda lib, x: lib.top.histc(x, 3, 0, 2), np.array([0.0, 2.0, np.nan, 1.0, 2.1], dtype), orders=0)


def test_isin():
    x, y = np.array([[1, 2], [3, 1]]), np.array([1, 3, 9])
    for arguments in ({}, dict(invert=True), dict(assume_unique=False)):
        compare(lambda lib, x, y, a=arguments: lib.top.isin(x, y, **a), x, y, orders=0)
        compare(lambda lib, x, y, a=arguments: lib.top.isin(x.double(), y, **a), x, y, orders=0)
    compare(lambda lib, x: lib.top.isin(x, 1), x, orders=0)
    compare(lambda lib, x: lib.top.isin(1, x), x, orders=0)
    compare(lambda lib, x: lib.top.isin(x, x[:0]), x, orders=0)


def test_one_hot(rng):
    for shape in ((), (4,), (2, 3), (2, 1, 2)):
        x = np.asarray(rng.integers(0, 4, shape))
        compare(lambda lib, x: lib.F.one_hot(x), x, orders=0)
        compare(lambda lib, x: lib.F.one_hot(x, 6), x, orders=0)
    compare(lambda lib, x: lib.F.one_hot(x, 3), np.zeros((0, 2), np.int64), orders=0)


BAD = [
    lambda lib, x: x.topk(5), lambda lib, x: x.topk(-1), lambda lib, x: x.kthvalue(0), lambda lib, x: x.kthvalue(5),
    lambda lib, x: x[:0].kthvalue(1, 0), lambda lib, x: x.sort(2), lambda lib, x: x.argsort(-3),
    lambda lib, x: x.topk(1, 2),
    lambda lib, x: lib.top.searchsorted(x, 3), lambda lib, x: lib.top.searchsorted(x, x[0]),
    lambda lib, x: lib.top.searchsorted(x[0], x, side="middle"),
    lambda lib, x: lib.top.searchsorted(x[0], x, side="left", right=True), lambda lib, x: lib.top.bucketize(x, x),
    lambda lib, x: lib.top.searchsorted(x[0], x, sorter=lib.top.tensor([0])), lambda lib, x: lib.top.bincount(x.long()),
    lambda lib, x: lib.top.bincount(-x[0].long()), lambda lib, x: x[0].long().bincount(x[0, :2]),
    lambda lib, x: x[0].long().bincount(minlength=-1), lambda lib, x: x.histc(0), lambda lib, x: x.histc(3, 2, 1),
    lambda lib, x: (x / 0 * 0).histc(3), lambda lib, x: x.histogram(0), lambda lib, x: x.histogram(3, weight=x[0]),
    lambda lib, x: lib.F.one_hot(x), lambda lib, x: lib.F.one_hot(-x.long()), lambda lib, x: lib.F.one_hot(x.long(), 2),
    lambda lib, x: lib.F.one_hot(x[:0].long()), lambda lib, x: x.unique(dim=3),
    lambda lib, x: x.unique_consecutive(dim=3),
]  # fmt: skip


@pytest.mark.parametrize("call", BAD)
def test_errors_are_torch_s_kind(call):
    with pytest.raises(Exception) as theirs:
        call(THEIRS, torch.arange(1.0, 9).reshape(2, 4))
    with pytest.raises(type(theirs.value), match=r"^\w+: .{20}"):
        call(OURS, nn.arange(1.0, 9).reshape(2, 4))


def test_memory_that_runs_backwards(rng):
    x = rng.normal(size=(6, 8))[::-2, ::-2]
    for function in [lambda t, x: t.sort(x), lambda t, x: x.topk(2, 0), lambda t, x: x.unique(return_inverse=True)]:
        ours, theirs = function(nn, nn.from_numpy(x)), function(torch, torch.tensor(x.copy()))
        for a, b in zip(several(ours), several(theirs), strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())
