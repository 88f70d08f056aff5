"""Embeddings and bags of them against PyTorch: values and gradients of two orders, forward mode, kinds of errors."""

import itertools

import numpy as np
import pytest
from oracle import compare, compare_both, torch

import nn

INDICES = {
    "one": np.array(3), "row": np.array([1, 1, 0, 5, 1]), "matrix": np.array([[0, 1, 2], [2, 2, 5]]),
    "none": np.zeros((2, 0), np.int64), "int32": np.array([1, 3], np.int32),
    "backwards": np.arange(12).reshape(3, 4)[::-1, ::-2] % 6,
}  # fmt: skip
SETTINGS = [
    dict(zip(("padding_idx", "scale_grad_by_freq"), values, strict=True))
    for values in itertools.product([None, 1, -1, 0], [False, True])
]


@pytest.mark.parametrize("settings", SETTINGS, ids=str)
@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_embedding(index, settings, rng):
    weight = rng.normal(size=(6, 3))
    # torch forgets the frequency on the way back of the way back, which it has not at all where there are no indices
    orders = 2 if index.size and not settings["scale_grad_by_freq"] else 1
    function = lambda lib, x, w: lib.F.embedding(x, w, **settings)
    compare(function, index, weight, orders=orders, forward=orders == 2)
    compare(function, index, weight.astype(np.float32), orders=1, forward=False, rtol=1e-5, atol=1e-5)


def test_a_table_of_integers_has_no_gradient_and_is_looked_up_all_the_same():
    table = np.arange(12).reshape(6, 2)
    compare(lambda lib, x, w: lib.F.embedding(x, w, padding_idx=1), np.array([[1, 5]]), table, orders=0)


def test_embedding_keeps_nan_and_infinity_to_their_rows():
    weight = np.array([[np.nan, 1.0], [np.inf, 2.0], [3.0, 4.0]])
    compare(lambda lib, x, w: lib.F.embedding(x, w, padding_idx=0), np.array([0, 1, 2, 2]), weight)


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, float("inf")])
@pytest.mark.parametrize("bag", [False, True])
def test_max_norm_shortens_the_rows_that_are_used_in_place(norm_type, bag, rng):
    table, index = rng.normal(size=(6, 3)) * 2, np.array([[1, 3, 3], [0, 1, 4]])
    found = []
    for t in (nn, torch):
        weight = t.tensor(table, requires_grad=True)
        function = (nn if t is nn else torch.nn).functional.embedding_bag if bag else (
            (nn if t is nn else torch.nn).functional.embedding)  # fmt: skip
        y = function(t.tensor(index), weight, max_norm=1.5, norm_type=norm_type)
        (y * y).sum().backward()
        found.append([np.asarray(a.detach()) for a in (weight, y, weight.grad)])
    for ours, theirs in zip(*found, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-12)
    assert (found[0][0][[2, 5]] == table[[2, 5]]).all()
    assert (np.linalg.norm(found[0][0][[0, 1, 3, 4]], norm_type, axis=1) < 1.5 + 1e-12).all()


BAGS = {
    "matrix": (np.array([[1, 0, 1], [5, 2, 2]]), None, False),
    "one bag": (np.array([1, 0, 1]), [0], False),
    "bags": (np.array([1, 0, 1, 5, 2]), [0, 2, 3], False),
    "empty bags": (np.array([1, 0, 1, 5, 2]), [0, 0, 2, 2, 5], False),
    "with the end": (np.array([1, 0, 1, 5, 2]), [0, 2, 2, 5], True),
    "nothing in it": (np.zeros(0, np.int64), [0, 0], False),
    "only padding": (np.array([1, 1, 1]), [0, 1], False),
}


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("padding_idx", [None, 1, -1])
@pytest.mark.parametrize(("index", "offsets", "last"), BAGS.values(), ids=BAGS)
def test_embedding_bag(index, offsets, last, padding_idx, mode, rng):
    weight = rng.normal(size=(6, 3))

    def function(lib, w, **more):
        starts = None if offsets is None else lib.top.tensor(offsets)
        return lib.F.embedding_bag(
            lib.top.tensor(index), w, starts, mode=mode, padding_idx=padding_idx, include_last_offset=last, **more
        )

    tolerances = {np.float64: 1e-12, np.float32: 1e-5}
    for dtype, tolerance in tolerances.items():
        compare(function, weight.astype(dtype), orders=1, forward=False, rtol=tolerance, atol=tolerance)
        if mode == "sum":
            factors = rng.normal(size=index.shape)
            compare(
                lambda lib, w, f: function(lib, w, per_sample_weights=f),
                weight.astype(dtype), factors.astype(dtype),
                orders=1, forward=False, rtol=tolerance, atol=tolerance,
            )  # fmt: skip


def test_a_bag_s_largest_at_a_tie_is_the_first():
    weight = np.array([[1.0, 2.0], [1.0, 0.0], [0.0, 2.0]])
    for index in ([[0, 1, 2]], [[2, 1, 0]], [[1, 0, 0]]):
        function = lambda lib, w: lib.F.embedding_bag(lib.top.tensor(index), w, mode="max")  # noqa: B023
        compare(function, weight, orders=1, forward=False)


def test_a_bag_is_the_sum_of_its_rows(rng):
    """Torch has no second order of bags; the composite has: it is that of a sum of embeddings."""
    index, weight, factors = np.array([[0, 1, 1], [2, 3, 0]]), rng.normal(size=(4, 2)), rng.normal(size=(2, 3))

    def function(lib, w, f):
        if lib.top is nn:
            return lib.F.embedding_bag(nn.tensor(index), w, mode="sum", per_sample_weights=f) ** 2
        return (lib.F.embedding(torch.tensor(index), w) * f[..., None]).sum(1) ** 2

    compare_both(function, weight, factors)


def test_the_frequency_in_a_bag_counts_as_in_an_embedding(rng):
    """(Torch's own bags divide by the frequency of another index: they read the sorted indices at the wrong place.)"""
    index, settings = np.array([[0, 1, 1], [2, 3, 0]]), {"scale_grad_by_freq": True}

    def function(lib, w):
        if lib.top is nn:
            return lib.F.embedding_bag(nn.tensor(index), w, mode="mean", **settings)
        return lib.F.embedding(torch.tensor(index), w, **settings).mean(1)

    compare(function, rng.normal(size=(4, 2)), orders=1, forward=False)


ERRORS = {
    "index too large": lambda t, F: F.embedding(t.tensor([6]), t.zeros(6, 2)),
    "index negative": lambda t, F: F.embedding(t.tensor([-1]), t.zeros(6, 2)),
    "float index": lambda t, F: F.embedding(t.tensor([1.0]), t.zeros(6, 2)),
    "bool index": lambda t, F: F.embedding(t.tensor([True]), t.zeros(6, 2)),
    "vector table": lambda t, F: F.embedding(t.tensor([1]), t.zeros(6)),
    "padding too large": lambda t, F: F.embedding(t.tensor([1]), t.zeros(6, 2), padding_idx=6),
    "padding too small": lambda t, F: F.embedding(t.tensor([1]), t.zeros(6, 2), padding_idx=-7),
    "bags without offsets": lambda t, F: F.embedding_bag(t.tensor([1]), t.zeros(6, 2)),
    "matrix with offsets": lambda t, F: F.embedding_bag(t.tensor([[1]]), t.zeros(6, 2), t.tensor([0])),
    "bags of three axes": lambda t, F: F.embedding_bag(t.zeros(1, 1, 1).long(), t.zeros(6, 2)),
    "offsets of two axes": lambda t, F: F.embedding_bag(t.tensor([1]), t.zeros(6, 2), t.tensor([[0]])),
    "first offset": lambda t, F: F.embedding_bag(t.tensor([1, 2]), t.zeros(6, 2), t.tensor([1])),
    "last offset": lambda t, F: F.embedding_bag(t.tensor([1, 2]), t.zeros(6, 2), t.tensor([0, 3])),
    "no end": lambda t, F: F.embedding_bag(
        t.tensor([1, 2]), t.zeros(6, 2), t.zeros(0).long(), include_last_offset=True
    ),
    "unknown mode": lambda t, F: F.embedding_bag(t.tensor([[1]]), t.zeros(6, 2), mode="median"),
    "max by frequency": lambda t, F: F.embedding_bag(
        t.tensor([[1]]), t.zeros(6, 2), mode="max", scale_grad_by_freq=True
    ),
    "weights of another shape": lambda t, F: F.embedding_bag(
        t.tensor([[1]]), t.zeros(6, 2), mode="sum", per_sample_weights=t.ones(1)
    ),
    "weights of a mean": lambda t, F: F.embedding_bag(t.tensor([[1]]), t.zeros(6, 2), per_sample_weights=t.ones(1, 1)),
    "bag of integers": lambda t, F: F.embedding_bag(t.tensor([[1]]), t.zeros(6, 2).long()),
    "bag index too large": lambda t, F: F.embedding_bag(t.tensor([[6]]), t.zeros(6, 2)),
}


@pytest.mark.parametrize("call", ERRORS.values(), ids=ERRORS)
def test_an_error_there_is_an_error_here_of_the_same_kind(call):
    with pytest.raises(Exception) as theirs:
        call(torch, torch.nn.functional)
    with pytest.raises(theirs.type):
        call(nn, nn.functional)
