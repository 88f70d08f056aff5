"""Diagonals and triangles beside NumPy's, and what undoes what; and the messages."""

import numpy as np
import pytest

import nn

OFFSETS = [-4, -1, 0, 2, 5]


@pytest.fixture
def x(rng):
    return rng.normal(size=(4, 5))


@pytest.mark.parametrize("offset", OFFSETS)
def test_diagonals_and_triangles_are_numpy_s(offset, x):
    t = nn.tensor(x)
    assert nn.diag(t, offset).tolist() == nn.diagonal(t, offset).tolist() == np.diagonal(x, offset).tolist()
    assert nn.tril(t, offset).tolist() == np.tril(x, offset).tolist()
    assert nn.triu(t, offset).tolist() == np.triu(x, offset).tolist()
    assert nn.tril_indices(4, 5, offset).tolist() == np.stack(np.tril_indices(4, offset, 5)).tolist()
    assert nn.triu_indices(4, 5, offset).tolist() == np.stack(np.triu_indices(4, offset, 5)).tolist()


@pytest.mark.parametrize("offset", OFFSETS)
def test_the_two_triangles_make_up_the_matrix(offset, x):
    t = nn.tensor(x)
    assert (nn.tril(t, offset) + nn.triu(t, offset + 1)).tolist() == x.tolist()


@pytest.mark.parametrize("offset", [-1, 0, 2])
def test_the_diagonal_of_what_was_embedded_is_what_was_given(offset, x):
    t = nn.tensor(x)
    wide = nn.diag_embed(t, offset, 0, 2)
    assert nn.diagonal(wide, offset, 0, 2).tolist() == x.tolist()
    assert wide.count_nonzero().item() == x.size
    assert nn.diag(nn.diag(t[0], offset), offset).tolist() == x[0].tolist()
    assert nn.diagflat(t, offset).tolist() == np.diagflat(x, offset).tolist()


@pytest.mark.parametrize("offset", [-1, 0, 2])
def test_what_is_scattered_on_a_diagonal_stands_there_and_the_rest_stays(offset, x):
    t = nn.tensor(x)
    src = nn.arange(len(np.diagonal(x, offset))).double()
    changed = nn.diagonal_scatter(t, src, offset)
    assert nn.diagonal(changed, offset).tolist() == src.tolist()
    assert nn.diagonal_scatter(changed, nn.diagonal(t, offset), offset).tolist() == x.tolist()


def test_the_trace_of_a_product_does_not_see_its_order(x, rng):
    y = nn.tensor(rng.normal(size=(5, 4)))
    assert nn.trace(nn.tensor(x) @ y).item() == pytest.approx(nn.trace(y @ nn.tensor(x)).item())


def test_blocks_stand_one_after_another_with_zeros_around():
    blocks = nn.block_diag(nn.ones(2, 1), nn.tensor(3.0), nn.tensor([4.0, 5.0]))
    assert blocks.tolist() == [[1, 0, 0, 0], [1, 0, 0, 0], [0, 3, 0, 0], [0, 0, 4, 5]]
    assert nn.block_diag().shape == (1, 0)


def test_fill_diagonal_wraps_around_below_a_tall_matrix_if_asked_for():
    for wrap in (False, True):
        expected = np.zeros((7, 3))
        np.fill_diagonal(expected, 2, wrap=wrap)
        assert nn.zeros(7, 3).fill_diagonal_(2, wrap=wrap).tolist() == expected.tolist()


def test_the_gradient_of_a_diagonal_stands_on_it():
    x = nn.zeros(3, 3, requires_grad=True)
    (nn.trace(x) + nn.diagonal(x, 1).sum() * 2).backward()
    assert x.grad.tolist() == [[1, 2, 0], [0, 1, 2], [0, 0, 1]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.tril(nn.ones(3)), nn.ShapeError, "tril: expected at least 2 axes, got shape"),
        (lambda: nn.diag(nn.ones(1, 1, 1)), nn.ShapeError, "diag: expected a vector or a matrix"),
        (lambda: nn.diagonal(nn.ones(2, 2), 0, 1, -1), nn.RangeError, "expected two different axes"),
        (lambda: nn.diag_embed(nn.tensor(1.0)), IndexError, "diag_embed: dim -2 is out of range"),
        (lambda: nn.diagonal_scatter(nn.ones(2, 2), nn.ones(3)), nn.ShapeError, "diagonal_scatter: src has shape"),
        (lambda: nn.trace(nn.ones(3)), nn.ShapeError, "trace: expected a matrix"),
        (lambda: nn.block_diag(nn.ones(1, 1, 1)), nn.ShapeError, "block_diag: expected at most 2 axes"),
        (lambda: nn.tril_indices(-1, 2), nn.RangeError, "tril_indices: row and col must be 0 or more, got -1 and 2"),
        (lambda: nn.ones(2, 3, 2).fill_diagonal_(1), nn.ShapeError, "fill_diagonal_: expected a matrix or equal"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
