"""What an embedding is, and its messages."""

import numpy as np
import pytest

import nn
from nn import functional as F


def test_an_embedding_is_a_product_with_one_hot_rows(rng):
    table, index = rng.normal(size=(5, 3)), rng.integers(0, 5, (4, 2))
    one_hot = nn.tensor(np.eye(5)[index])
    found = []
    for function in (lambda w: F.embedding(nn.tensor(index), w), lambda w: one_hot @ w):
        weight = nn.tensor(table, requires_grad=True)
        y = function(weight)
        (y**3).sum().backward()
        found.append((y.tolist(), weight.grad.numpy()))
    assert found[0][0] == found[1][0]
    np.testing.assert_allclose(found[0][1], found[1][1], rtol=1e-12)


def test_a_row_looked_up_many_times_gets_every_gradient():
    weight = nn.zeros(3, 1, dtype=nn.float32).requires_grad_()
    F.embedding(nn.tensor([1] * 1000 + [2]), weight).sum().backward()
    assert weight.grad.tolist() == [[0], [1000], [1]]


@pytest.mark.parametrize(("call", "message"), [
    (lambda: F.embedding(nn.tensor([0, 7]), nn.zeros(3, 2)), "index 7 is out of range, the table has rows 0 to 2"),
    (lambda: F.embedding(nn.tensor([0.5]), nn.zeros(3, 2)), "must be int32 or int64, it is float32; use .long()"),
    (lambda: F.embedding(nn.tensor([0]), nn.zeros(3, 2), 5), "padding_idx 5 is out of range, the table has 3 rows"),
    (lambda: F.embedding(nn.tensor([0]), nn.zeros(3)), r"weight must have 2 axes, .* its shape is \(3,\)"),
    (lambda: F.embedding(nn.tensor([0]), nn.zeros(3, 2), sparse=True), "sparse gradients do not exist here"),
    (lambda: F.embedding_bag(nn.tensor([0]), nn.zeros(3, 2)), "needs offsets, the place where each bag begins"),
    (lambda: F.embedding_bag(nn.tensor([0, 1, 1]), nn.zeros(3, 2), nn.tensor([0, 2, 1])), r"must rise .* \[0, 2, 1\]"),
    (lambda: nn.Embedding.from_pretrained(nn.zeros(3)), r"the table must have 2 axes, got \(3,\)"),
    (lambda: nn.Embedding(3, 2, _weight=nn.zeros(2, 2)), r"weight must have shape \(3, 2\), got \(2, 2\)"),
])  # fmt: skip
def test_messages(call, message):
    with pytest.raises((RuntimeError, IndexError), match=message):
        call()


def test_what_comes_after_the_end_of_the_last_bag_is_in_none():
    y = F.embedding_bag(nn.tensor([1, 0, 1, 2]), nn.eye(3), nn.tensor([0, 2, 3]), mode="sum", include_last_offset=True)
    assert y.tolist() == [[1, 1, 0], [0, 1, 0]]


@pytest.mark.parametrize("by_frequency", [False, True])
def test_padding_gets_no_gradient_even_if_it_is_given_nan(by_frequency):
    table = nn.ones(3, 2, requires_grad=True)
    rows = F.embedding(nn.tensor([0, 1, 0]), table, padding_idx=0, scale_grad_by_freq=by_frequency)
    rows.backward(nn.tensor([[np.nan] * 2, [1.0, 2.0], [np.inf] * 2]))
    assert table.grad.tolist() == [[0, 0], [1, 2], [0, 0]]
