"""Tables of vectors: rows, gradients, padding, bags; and the messages."""

import numpy as np
import pytest

import nn


def test_each_index_gives_its_row_and_the_row_its_gradients():
    layer = nn.Embedding(5, 3)
    index = nn.tensor([[1, 4], [1, 0]])
    y = layer(index)
    assert y.tolist() == layer.weight.detach().numpy()[index.numpy()].tolist()
    y.sum().backward()
    assert layer.weight.grad[:, 0].tolist() == [1, 2, 0, 0, 1]  # as often as it was looked up


def test_the_row_of_padding_starts_at_zero_and_stays_there():
    layer = nn.Embedding(5, 3, padding_idx=-1)
    assert layer.padding_idx == 4
    layer(nn.tensor([4, 0])).sum().backward()
    assert layer.weight[4].tolist() == layer.weight.grad[4].tolist() == [0, 0, 0]
    assert layer.weight.grad[0].tolist() == [1, 1, 1]


def test_a_row_longer_than_the_norm_is_shortened_when_it_is_looked_up():
    layer = nn.Embedding.from_pretrained(nn.tensor([[3.0, 4.0], [6.0, 8.0]]), max_norm=1.0)
    np.testing.assert_allclose(layer(nn.tensor([0])).numpy(), [[0.6, 0.8]], rtol=1e-6)
    np.testing.assert_allclose(layer.weight.numpy(), [[0.6, 0.8], [6, 8]], rtol=1e-6)


def test_gradients_may_be_divided_by_how_often_a_row_was_looked_up():
    layer = nn.Embedding(3, 2, scale_grad_by_freq=True)
    layer(nn.tensor([1, 1, 2])).sum().backward()
    assert layer.weight.grad.tolist() == [[0, 0], [1, 1], [1, 1]]


def test_a_given_table_is_frozen_and_shares_its_memory():
    table = nn.ones(2, 3)
    layer = nn.Embedding.from_pretrained(table)
    table[0] = 5
    assert layer(nn.tensor(0)).tolist() == [5, 5, 5]
    assert not layer.weight.requires_grad
    assert nn.Embedding.from_pretrained(table, freeze=False).weight.requires_grad


@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
def test_a_bag_is_the_reduction_of_its_rows_in_rows_or_by_offsets(mode, rng):
    layer = nn.EmbeddingBag(9, 4, mode=mode)
    index = rng.integers(0, 9, (3, 5))
    rows = layer.weight.detach().numpy()[index]
    expected = {"sum": rows.sum, "mean": rows.mean, "max": rows.max}[mode](1)
    np.testing.assert_allclose(layer(nn.tensor(index)).detach().numpy(), expected, rtol=1e-5, atol=1e-6)
    flat = layer(nn.tensor(index.ravel()), nn.tensor([0, 5, 10]))
    np.testing.assert_allclose(flat.detach().numpy(), expected, rtol=1e-5, atol=1e-6)


def test_an_empty_bag_is_zero_and_weights_count_in_a_sum():
    layer = nn.EmbeddingBag.from_pretrained(nn.tensor([[1.0], [10.0]]), mode="sum")
    assert layer(nn.tensor([0, 1]), nn.tensor([0, 2])).tolist() == [[11], [0]]
    weighted = layer(nn.tensor([[0, 1]]), per_sample_weights=nn.tensor([[2.0, 0.5]]))
    assert weighted.tolist() == [[7]]
    last = nn.EmbeddingBag.from_pretrained(layer.weight, mode="sum", include_last_offset=True)
    assert last(nn.tensor([0, 1]), nn.tensor([0, 1, 2])).tolist() == [[1], [10]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.Embedding(2, 3, sparse=True), NotImplementedError, "Embedding: sparse gradients do not exist here"),
        (lambda: nn.Embedding(2, 3, _weight=nn.ones(3, 3)), AssertionError, r"weight must have shape \(2, 3\), got"),
        (lambda: nn.Embedding.from_pretrained(nn.ones(3)), AssertionError, "the table must have 2 axes, got"),
        (lambda: nn.Embedding(2, 3)(nn.tensor([2])), IndexError, "index 2 is out of range"),
        (lambda: nn.Embedding(2, 3, padding_idx=2), AssertionError, "padding_idx"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
