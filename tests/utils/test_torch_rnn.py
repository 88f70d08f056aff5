"""Padding and packing against PyTorch: values, order, gradients, kinds of errors."""

import numpy as np
import pytest
from oracle import OURS, compare, normal, torch

import nn


def rnn(lib):
    return nn.utils.rnn if lib is OURS else torch.nn.utils.rnn


def listed(packed):
    """The fields of a packed sequence, as lists."""
    return [None if t is None else t.tolist() for t in packed]


LENGTHS = [([4, 2, 1], True), ([2, 4, 1], False), ([1, 1, 3], False), ([2, 2, 2], True), ([3, 4, 3], False)]


@pytest.mark.parametrize("tail", [(), (2,), (2, 3), (0,)])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize(("lengths", "in_order"), LENGTHS, ids=str)
def test_pack_and_pad(lengths, in_order, batch_first, tail, rng):
    x = rng.normal(size=(*((3, 4) if batch_first else (4, 3)), *tail))

    def there(lib, x):
        return rnn(lib).pack_padded_sequence(x, lengths, batch_first, in_order)

    def and_back(lib, x):
        packed = there(lib, x)
        assert [len(packed), packed.batch_sizes.tolist()] == [4, listed(there(OURS, nn.tensor(x.tolist())))[1]]
        y, sizes = rnn(lib).pad_packed_sequence(packed, batch_first, 2.5, 5)
        assert sizes.tolist() == lengths
        return y

    if 0 not in tail:  # torch cannot divide what there is none of
        assert listed(there(OURS, nn.tensor(x))) == listed(rnn(None).pack_padded_sequence(
            torch.tensor(x), lengths, batch_first, in_order))  # fmt: skip
        compare(lambda lib, x: there(lib, x).data, x)
        compare(and_back, x)
    else:
        assert and_back(OURS, nn.tensor(x)).shape == ((3, 5, 0) if batch_first else (5, 3, 0))


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("value", [0.0, -1.5])
def test_pad_sequence_and_unpad_it(batch_first, side, value, rng):
    parts = normal(rng, (3, 2), (1, 2), (4, 2))
    compare(lambda lib, *parts: rnn(lib).pad_sequence(parts, batch_first, value, side), *parts)
    if side == "right":
        padded = nn.utils.rnn.pad_sequence([nn.tensor(p) for p in parts], batch_first, value)
        for part, back in zip(
            parts, nn.utils.rnn.unpad_sequence(padded, nn.tensor([3, 1, 4]), batch_first), strict=True
        ):
            np.testing.assert_array_equal(back.numpy(), part)


def test_integers_and_empty_sequences():
    parts = [[1, 2, 3], [], [4]]
    ours = nn.utils.rnn.pad_sequence([nn.tensor(p, dtype=nn.int64) for p in parts], True, 7)
    theirs = torch.nn.utils.rnn.pad_sequence([torch.tensor(p, dtype=torch.int64) for p in parts], True, 7)
    assert ours.tolist() == theirs.tolist()
    assert ours.dtype == nn.int64


@pytest.mark.parametrize("in_order", [True, False])
def test_pack_sequence_and_unpack_it(in_order, rng):
    parts = normal(rng, (4, 2), (3, 2), (1, 2)) if in_order else normal(rng, (1, 2), (4, 2), (3, 2))
    ours = nn.utils.rnn.pack_sequence([nn.tensor(p) for p in parts], in_order)
    theirs = torch.nn.utils.rnn.pack_sequence([torch.tensor(p) for p in parts], in_order)
    assert listed(ours) == listed(theirs)
    for part, back in zip(parts, nn.utils.rnn.unpack_sequence(ours), strict=True):
        np.testing.assert_array_equal(back.numpy(), part)
    assert ours.to(nn.float32).data.dtype == ours.float().data.dtype == nn.float32
    assert [ours.double().data.dtype, ours.long().data.dtype, ours.int().data.dtype] == [nn.float64, nn.int64, nn.int32]
    again = nn.utils.rnn.PackedSequence((ours.data, ours.batch_sizes))
    assert listed(again)[:2] == listed(ours)[:2]


ERRORS = [
    lambda r, t: r.pack_padded_sequence(t.zeros(3, 2), [1, 2]), lambda r, t: r.pack_padded_sequence(t.zeros(3, 2), [3]),
    lambda r, t: r.pack_padded_sequence(t.zeros(3, 2), [3, 0]),
    lambda r, t: r.pad_packed_sequence(r.pack_sequence([t.zeros(3)]), total_length=2),
    lambda r, t: r.pad_sequence([]), lambda r, t: r.pad_sequence([t.zeros(2, 2), t.zeros(2, 3)]),
    lambda r, t: r.pad_sequence([t.zeros(2)], padding_side="top"), lambda r, t: r.pad_sequence(5),
    lambda r, t: r.unpad_sequence(t.zeros(3, 2), t.tensor([1])),
]  # fmt: skip


@pytest.mark.parametrize("call", ERRORS)
def test_an_error_there_is_an_error_here_of_the_same_kind(call):
    with pytest.raises(Exception) as theirs:
        call(torch.nn.utils.rnn, torch)
    with pytest.raises(theirs.type):
        call(nn.utils.rnn, nn)


@pytest.mark.parametrize(("call", "message"), [
    (lambda r: r.pack_padded_sequence(nn.zeros(3, 2), [1, 2]), r"must fall .* got \[1, 2\]; sort the sequences, or"),
    (lambda r: r.pack_padded_sequence(nn.zeros(3, 2), [1]), "expected 2 lengths, one for each sequence, got"),
    (lambda r: r.pack_padded_sequence(nn.zeros(3, 2), [4, 1]), r"from 1 to 3, the input's steps; got \[4, 1\]"),
    (lambda r: r.pad_sequence([nn.zeros(2, 2), nn.zeros(2, 3)]), r"axes but the first, got \(2, 2\), \(2, 3\)"),
])  # fmt: skip
def test_messages(call, message):
    with pytest.raises(ValueError, match=message):
        call(nn.utils.rnn)
