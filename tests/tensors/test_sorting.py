"""Order beside NumPy's and by what it promises, and the messages."""

import copy
import math
import pickle

import numpy as np
import pytest

import nn


@pytest.fixture
def x(rng):
    return rng.normal(size=(3, 7))


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("dim", [0, 1])
def test_sorted_elements_are_in_order_and_the_indices_say_where_they_stood(descending, dim, x):
    values, indices = nn.sort(nn.tensor(x), dim, descending)
    expected = np.sort(x, dim)
    assert values.tolist() == (np.flip(expected, dim) if descending else expected).tolist()
    assert np.take_along_axis(x, indices.numpy(), dim).tolist() == values.tolist()
    assert nn.argsort(nn.tensor(x), dim, descending).tolist() == indices.tolist()
    assert nn.msort(nn.tensor(x)).tolist() == np.sort(x, 0).tolist()


@pytest.mark.parametrize("descending", [False, True])
def test_a_stable_order_leaves_equal_elements_as_they_stood(descending):
    x = nn.tensor([1, 0, 1, 0, 1])
    assert nn.sort(x, descending=descending, stable=True).indices.tolist() == (
        [0, 2, 4, 1, 3] if descending else [1, 3, 0, 2, 4]
    )


def test_nan_is_largest():
    assert nn.sort(nn.tensor([math.nan, 1.0, math.inf])).indices.tolist() == [1, 2, 0]
    assert nn.topk(nn.tensor([math.nan, 1.0, math.inf]), 1).indices.tolist() == [0]


@pytest.mark.parametrize("largest", [True, False])
def test_the_first_k_are_the_head_of_the_order(largest, x):
    values, indices = nn.topk(nn.tensor(x), 3, 1, largest)
    whole = nn.sort(nn.tensor(x), 1, descending=largest)
    assert (values.tolist(), indices.tolist()) == (whole.values[:, :3].tolist(), whole.indices[:, :3].tolist())


def test_the_kth_is_the_kth_of_the_order(x):
    for k in (1, 4, 7):
        assert nn.kthvalue(nn.tensor(x), k, 1).values.tolist() == np.sort(x, 1)[:, k - 1].tolist()
    assert nn.kthvalue(nn.tensor(x), 2, 0, keepdim=True).values.shape == (1, 7)


@pytest.mark.parametrize("right", [False, True])
def test_places_in_a_sequence_are_numpy_s(right, rng):
    edges, values = np.sort(rng.integers(0, 9, 6)).astype(float), rng.integers(-1, 10, (2, 8)).astype(float)
    expected = np.searchsorted(edges, values, "right" if right else "left").tolist()
    assert nn.searchsorted(nn.tensor(edges), nn.tensor(values), right=right).tolist() == expected
    assert nn.bucketize(nn.tensor(values), nn.tensor(edges), right=right).tolist() == expected
    rows = nn.searchsorted(nn.tensor(np.stack([edges, edges + 1])), nn.tensor(values), right=right)
    assert rows[0].tolist() == expected[0]
    assert rows[1].tolist() == np.searchsorted(edges + 1, values[1], "right" if right else "left").tolist()


def test_a_sorter_says_in_which_order_the_sequence_is(rng):
    edges = nn.tensor(rng.normal(size=6))
    values = nn.tensor(rng.normal(size=4))
    by_sorter = nn.searchsorted(edges, values, sorter=edges.argsort())
    assert by_sorter.tolist() == nn.searchsorted(edges.sort().values, values).tolist()


@pytest.mark.parametrize("invert", [False, True])
def test_membership_is_numpy_s(invert, rng):
    a, b = rng.integers(0, 9, (3, 4)), rng.integers(0, 9, 3)
    assert nn.isin(nn.tensor(a), nn.tensor(b), invert=invert).tolist() == np.isin(a, b, invert=invert).tolist()


def test_the_gradient_goes_back_to_where_each_element_stood():
    x = nn.tensor([3.0, 1.0, 2.0], requires_grad=True)
    (nn.sort(x).values * nn.tensor([1.0, 2.0, 3.0])).sum().backward()
    assert x.grad.tolist() == [3, 1, 2]


X = nn.ones(3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.topk(X, 4), nn.RangeError, "topk: k must be from 0 to 3, the length of axis 0; got 4"),
        (lambda: nn.kthvalue(X, 0), nn.RangeError, "kthvalue: k must be from 1 to 3, the length of axis 0; got 0"),
        (lambda: nn.searchsorted(X, X, side="left", right=True), nn.RangeError, "contradict each other"),
        (lambda: nn.searchsorted(X, X, sorter=nn.tensor([0])), nn.ShapeError, "searchsorted: sorter has shape"),
        (lambda: nn.searchsorted(nn.ones(2, 3), nn.ones(3, 3)), nn.ShapeError, "searchsorted: "),
        (lambda: nn.bucketize(X, nn.ones(2, 2)), nn.ShapeError, "bucketize: boundaries must be a vector"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_named_results_have_their_functions_name_and_can_be_copied_and_pickled():
    x = nn.tensor([[1.0, 3.0], [4.0, 2.0]])
    for name in ("max", "min", "sort", "topk", "median", "mode", "kthvalue", "cummax", "cummin"):
        found = getattr(x, name)(1)
        assert type(found).__name__ == name
        for again in (copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
            assert (type(again), again.values.tolist()) == (type(found), found.values.tolist())
        assert repr(found).startswith("ValuesIndices(values=tensor([")
