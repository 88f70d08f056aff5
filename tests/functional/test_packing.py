"""Packed sequences: what is packed comes back; and the messages."""

import pytest

import nn
from nn.utils.rnn import (
    PackedSequence,
    invert_permutation,
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpack_sequence,
    unpad_sequence,
)


@pytest.fixture
def sequences(rng):
    return [nn.tensor(rng.normal(size=(length, 2))) for length in (2, 4, 1, 4)]


def lists(tensors):
    return [t.tolist() for t in tensors]


def test_what_is_packed_unpacks_to_itself(sequences):
    assert lists(unpack_sequence(pack_sequence(sequences, enforce_sorted=False))) == lists(sequences)
    falling = sorted(sequences, key=len, reverse=True)
    assert lists(unpack_sequence(pack_sequence(falling))) == lists(falling)


def test_what_is_padded_unpads_to_itself(sequences):
    lengths = nn.tensor([len(s) for s in sequences])
    for batch_first in (False, True):
        padded = pad_sequence(sequences, batch_first, padding_value=7.0)
        assert padded.shape == ((4, 4, 2), (4, 4, 2))[batch_first]
        assert lists(unpad_sequence(padded, lengths, batch_first)) == lists(sequences)


def test_padding_stands_on_the_side_that_is_asked_for_and_has_the_value(sequences):
    right = pad_sequence(sequences, True, 7.0)
    left = pad_sequence(sequences, True, 7.0, "left")
    for row, other, sequence in zip(right, left, sequences, strict=True):
        rest = [[7.0, 7.0]] * (4 - len(sequence))
        assert row.tolist() == sequence.tolist() + rest
        assert other.tolist() == rest + sequence.tolist()


def test_packed_data_are_all_first_steps_then_all_second_ones(sequences):
    packed = pack_sequence(sequences, enforce_sorted=False)
    assert packed.batch_sizes.tolist() == [4, 3, 2, 2]
    assert packed.sorted_indices.tolist() == [1, 3, 0, 2]
    order = [sequences[i] for i in (1, 3, 0, 2)]
    assert packed.data.tolist() == [s[t].tolist() for t in range(4) for s in order if t < len(s)]


def test_padding_a_packed_batch_gives_the_padded_one_and_the_lengths(sequences):
    packed = pack_sequence(sequences, enforce_sorted=False)
    padded, lengths = pad_packed_sequence(packed, batch_first=True, padding_value=7.0, total_length=5)
    assert lengths.tolist() == [2, 4, 1, 4]
    assert padded[:, :4].tolist() == pad_sequence(sequences, True, 7.0).tolist()
    assert (padded[:, 4] == 7).all()


def test_the_gradient_of_each_step_comes_back_and_padding_has_none(rng):
    x = nn.tensor(rng.normal(size=(3, 2, 1)), requires_grad=True)
    packed = pack_padded_sequence(x, [1, 3], enforce_sorted=False)
    (packed.data * 2).sum().backward()
    assert x.grad[..., 0].tolist() == [[2, 2], [0, 2], [0, 2]]


def test_a_permutation_and_its_inverse_are_nothing(rng):
    order = nn.tensor(rng.permutation(6))
    assert order[invert_permutation(order)].tolist() == list(range(6))
    assert invert_permutation(None) is None


def test_the_dtype_of_the_data_alone_changes(sequences):
    packed = pack_sequence(sequences, enforce_sorted=False)
    for name, dtype in (("double", nn.float64), ("float", nn.float32), ("long", nn.int64), ("int", nn.int32)):
        changed = getattr(packed, name)()
        assert changed.data.dtype == dtype
        assert changed.batch_sizes is packed.batch_sizes
    old = PackedSequence((packed.data, packed.batch_sizes))
    assert old.data is packed.data
    assert old.sorted_indices is None


X = nn.zeros(3, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: pack_padded_sequence(X[0], [1]),
            nn.ShapeError,
            "pack_padded_sequence: input must have an axis of time",
        ),
        (lambda: pack_padded_sequence(X, [1]), nn.ShapeError, "pack_padded_sequence: expected 2 lengths, one for each"),
        (
            lambda: pack_padded_sequence(X, [4, 0]),
            nn.RangeError,
            "pack_padded_sequence: each length must be from 1 to 3",
        ),
        (lambda: pack_padded_sequence(X, [1, 2]), nn.RangeError, "lengths must fall from the longest .* sort the"),
        (lambda: pad_packed_sequence(pack_sequence([X]), total_length=2), nn.RangeError, "total_length 2 is less than"),
        (lambda: pad_sequence(3), nn.ShapeError, "pad_sequence: expected a list of tensors, got int"),
        (lambda: pad_sequence([]), nn.RangeError, "pad_sequence: expected at least one sequence"),
        (lambda: pad_sequence([X, nn.zeros(3, 3)]), nn.ShapeError, "sequences must be alike in all axes but the first"),
        (lambda: pad_sequence([X], padding_side="top"), nn.RangeError, "padding_side must be one of left, right"),
        (lambda: unpad_sequence(X, nn.tensor([1])), nn.ShapeError, "unpad_sequence: expected 2 lengths"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
