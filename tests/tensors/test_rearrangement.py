"""Rearranging beside NumPy's, and what undoes what; and the messages."""

import itertools

import numpy as np
import pytest

import nn


@pytest.fixture
def x(rng):
    return rng.normal(size=(3, 4, 2))


def test_flips_rolls_and_turns_are_numpy_s(x):
    t = nn.tensor(x)
    assert nn.flip(t, (0, 2)).tolist() == np.flip(x, (0, 2)).tolist()
    assert nn.fliplr(t).tolist() == np.fliplr(x).tolist()
    assert nn.flipud(t).tolist() == np.flipud(x).tolist()
    for shift, axis in ((2, 1), ((1, -5), (0, 1)), (5, None)):
        assert nn.roll(t, shift, axis).tolist() == np.roll(x, shift, axis).tolist()
    for k in range(-2, 5):
        assert nn.rot90(t, k, (1, 2)).tolist() == np.rot90(x, k, (1, 2)).tolist()


def test_twice_flipped_rolled_there_and_back_or_four_times_turned_is_nothing(x):
    t = nn.tensor(x)
    assert nn.flip(nn.flip(t, (0,)), (0,)).tolist() == x.tolist()
    assert nn.roll(nn.roll(t, 3, 1), -3, 1).tolist() == x.tolist()
    turned = t
    for _ in range(4):
        turned = nn.rot90(turned, 1, (0, 1))
    assert turned.tolist() == x.tolist()


def test_tiles_and_repeats_are_numpy_s(x):
    t = nn.tensor(x)
    for counts in ((2,), (1, 2, 3), (2, 1, 1, 2)):
        assert nn.tile(t, counts).tolist() == np.tile(x, counts).tolist()
    assert t.repeat(2, 1, 1, 3).tolist() == np.tile(x, (2, 1, 1, 3)).tolist()
    for counts, dim in ((2, 1), ([0, 1, 2], 0), (3, None)):
        given = nn.tensor(counts) if isinstance(counts, list) else counts
        assert nn.repeat_interleave(t, given, dim).tolist() == np.repeat(x, counts, dim).tolist()


def test_each_entry_gets_the_gradients_of_its_copies():
    x = nn.zeros(3, requires_grad=True)
    (nn.tile(x, (4,)).sum() + nn.repeat_interleave(x, nn.tensor([0, 1, 2])).sum()).backward()
    assert x.grad.tolist() == [4, 5, 6]


def test_windows_of_an_axis_are_views_a_step_apart(x):
    windows = nn.tensor(x).unfold(1, 3, 1)
    expected = np.lib.stride_tricks.sliding_window_view(x, 3, 1)
    assert windows.tolist() == expected.tolist()
    assert nn.arange(7).unfold(0, 3, 2).tolist() == [[0, 1, 2], [2, 3, 4], [4, 5, 6]]


def test_narrowing_and_selecting_are_slices_and_views(x):
    t = nn.tensor(x)
    assert nn.narrow(t, 1, 1, 2).tolist() == nn.narrow(t, 1, -3, 2).tolist() == x[:, 1:3].tolist()
    assert nn.select(t, 1, -1).tolist() == x[:, -1].tolist()
    nn.select(t, 0, 0).zero_()
    assert not t[0].any()


def test_grids_products_and_combinations_are_those_of_numpy_and_itertools():
    a, b = [1.0, 2.0, 3.0], [4.0, 5.0]
    for indexing in ("ij", "xy"):
        ours = nn.meshgrid(nn.tensor(a), nn.tensor(b), indexing=indexing)
        assert [g.tolist() for g in ours] == [g.tolist() for g in np.meshgrid(a, b, indexing=indexing)]
    product = nn.cartesian_prod(nn.tensor(a), nn.tensor(b))
    assert product.tolist() == [list(pair) for pair in itertools.product(a, b)]
    for r, again in ((2, False), (3, False), (2, True)):
        plain = (itertools.combinations_with_replacement if again else itertools.combinations)(a, r)
        assert nn.combinations(nn.tensor(a), r, with_replacement=again).tolist() == [list(c) for c in plain]


X = nn.ones(3, 4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.narrow(X, 0, 2, 2), nn.RangeError, "narrow: 2 entries from 2 on are not within the 3 of axis 0"),
        (lambda: nn.narrow(X, 0, 9, 1), IndexError, "narrow: start 9 is out of range, axis 0 has 3 entries"),
        (lambda: nn.select(X, 0, 3), IndexError, "select: index 3 is out of range"),
        (lambda: X.unfold(0, 5, 1), nn.RangeError, "unfold: step must be 1 or more and size from 0 to 3"),
        (lambda: nn.flip(X, (0, -2)), nn.RangeError, "flip: an axis is named twice"),
        (lambda: nn.fliplr(X[0]), nn.ShapeError, "fliplr: expected at least 2 axes"),
        (lambda: nn.rot90(X[0]), nn.ShapeError, "rot90: expected two axes of a tensor that has two or more"),
        (lambda: nn.roll(X, (1, 2), 0), nn.RangeError, "roll: got 2 shifts for 1 axes; give one for each"),
        (lambda: X.repeat(2), nn.ShapeError, "repeat: .* names fewer axes than the tensor's shape"),
        (lambda: X.repeat(-1, 1), nn.RangeError, "repeat: counts must be 0 or more"),
        (
            lambda: nn.repeat_interleave(X, nn.tensor([1, 2]), 0),
            nn.ShapeError,
            r"repeat_interleave: \(2,\) repeats for 3",
        ),
        (lambda: nn.repeat_interleave(X, -1, 0), nn.RangeError, "repeat_interleave: repeats must be integers of 0 or"),
        (lambda: nn.combinations(X), nn.ShapeError, "combinations: expected a vector and r of 0 or more"),
        (lambda: nn.cartesian_prod(X), nn.ShapeError, "cartesian_prod: expected vectors, tensor 0 has shape"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
