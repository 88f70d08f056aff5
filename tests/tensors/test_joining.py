"""Joining and cutting beside NumPy's, and what undoes what; and the messages."""

import numpy as np
import pytest

import nn


@pytest.fixture
def x(rng):
    return rng.normal(size=(4, 6, 2))


@pytest.mark.parametrize("dim", [0, 1, 2, -1])
@pytest.mark.parametrize("cut", [lambda t, d: t.split(2, d), lambda t, d: nn.chunk(t, 2, d),
                                 lambda t, d: nn.tensor_split(t, 3, d), lambda t, d: nn.tensor_split(t, (1, 1), d)],
                         ids=["split", "chunk", "tensor_split", "at"])  # fmt: skip
def test_what_was_cut_joins_to_what_it_was(cut, dim, x):
    assert nn.cat(cut(nn.tensor(x), dim), dim).tolist() == x.tolist()


def test_stacking_undoes_unbinding(x):
    for dim in (0, 1, -1):
        pieces = nn.unbind(nn.tensor(x), dim)
        assert nn.stack(pieces, dim).tolist() == x.tolist()
        assert [p.shape for p in pieces] == [np.take(x, 0, dim).shape] * x.shape[dim]


@pytest.mark.parametrize("name", ["hstack", "vstack", "dstack", "column_stack"])
@pytest.mark.parametrize("shapes", [((3,), (3,)), ((2, 3), (2, 3)), ((2, 3, 1), (2, 3, 1))])
def test_stacks_are_numpy_s(name, shapes, rng):
    arrays = [rng.normal(size=shape) for shape in shapes]
    assert getattr(nn, name)(list(map(nn.tensor, arrays))).tolist() == getattr(np, name)(arrays).tolist()


@pytest.mark.parametrize("name", ["hsplit", "vsplit", "dsplit"])
def test_splits_are_numpy_s(name, x):
    for wanted in (2, [1]):
        ours = getattr(nn, name)(nn.tensor(x), wanted)
        assert [p.tolist() for p in ours] == [p.tolist() for p in getattr(np, name)(x, wanted)]


def test_pieces_are_as_long_as_asked_for_and_the_last_is_the_rest():
    x = nn.arange(7)
    assert [len(p) for p in x.split(3)] == [3, 3, 1]
    assert [len(p) for p in x.split([2, 0, 5])] == [len(p) for p in nn.split_with_sizes(x, [2, 0, 5])] == [2, 0, 5]
    assert [len(p) for p in x.chunk(4)] == [2, 2, 2, 1]
    assert [len(p) for p in x.tensor_split(4)] == [2, 2, 2, 1]
    assert [p.tolist() for p in x.tensor_split([2, 2])] == [[0, 1], [], [2, 3, 4, 5, 6]]


def test_pieces_are_views_and_each_hands_its_gradient_back():
    x = nn.arange(4.0)
    x.split(2)[1].mul_(10)
    assert x.tolist() == [0, 1, 20, 30]
    y = nn.zeros(3, requires_grad=True)
    (nn.cat([y, 2 * y])[2:5]).sum().backward()
    assert y.grad.tolist() == [2, 2, 1]


def test_what_is_joined_takes_the_wider_dtype():
    assert nn.cat([nn.tensor([1]), nn.tensor([0.5])]).dtype == nn.float32
    assert nn.stack([nn.ones(1), nn.ones(1).double()]).dtype == nn.float64


X = nn.ones(4, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.cat([]), nn.RangeError, "cat: expected at least one tensor, got an empty list"),
        (lambda: nn.cat(X), TypeError, r"cat: expected a list of tensors, got a tensor; write cat\(\[tensor\]\)"),
        (lambda: nn.stack([X, [1.0]]), TypeError, "stack: tensor 1 must be a tensor, got list"),
        (lambda: X.split([1, 2]), nn.RangeError, r"split: lengths \[1, 2\] do not add up to 4, the length of axis 0"),
        (lambda: X.split(0), nn.RangeError, "split: the length of a piece must be 1 or more, got 0"),
        (lambda: X.chunk(0), nn.RangeError, "chunk: chunks must be 1 or more, got 0"),
        (lambda: X.tensor_split(0), nn.RangeError, "tensor_split: the number of pieces must be 1 or more, got 0"),
        (lambda: nn.vsplit(X, 3), nn.RangeError, "vsplit: axis 0 of length 4 cannot be cut into 3 equal pieces"),
        (lambda: nn.dsplit(X, 1), nn.ShapeError, "dsplit: expected at least 3 axes"),
        (lambda: nn.tensor(1.0).split(1), nn.ShapeError, "split: a tensor without axes cannot be split"),
        (lambda: nn.tensor(1.0).unbind(), IndexError, "unbind: a tensor without axes has no slices"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
