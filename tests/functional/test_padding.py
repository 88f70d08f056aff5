"""Padding by its properties, beside NumPy's, and its messages."""

import numpy as np
import pytest

import nn
import nn.functional as F

MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}  # and NumPy's words


def sides(pad, rank):
    """(before, after) for each axis, the first axis first."""
    pairs = list(zip(pad[::2], pad[1::2], strict=True))
    return [(0, 0)] * (rank - len(pairs)) + pairs[::-1]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("pad", [(2, 1), (0, 2, 3, 1), (1, 1, 2, 0, 0, 2)])
def test_padding_is_numpy_s(mode, pad, rng):
    x = rng.normal(size=(2, 2, 4, 5, 4)[: 2 + len(pad) // 2])
    expected = np.pad(x, sides(pad, x.ndim), mode=MODES[mode])
    assert F.pad(nn.tensor(x), pad, mode).tolist() == expected.tolist()


@pytest.mark.parametrize("mode", MODES)
def test_padding_and_then_cropping_gives_the_tensor_back(mode, rng):
    x = nn.tensor(rng.normal(size=(2, 3, 4, 5)))
    there = F.pad(x, (1, 2, 3, 0), mode)
    assert there.shape == (2, 3, 7, 8)
    assert F.pad(there, (-1, -2, -3, 0), mode).tolist() == x.tolist()


@pytest.mark.parametrize("mode", MODES)
def test_padding_with_nothing_is_a_copy_and_no_view(mode):
    x = nn.zeros(1, 1, 3)
    padded = F.pad(x, (0, 0), mode)
    padded += 1
    assert x.tolist() == [[[0, 0, 0]]]


def test_the_constant_is_the_one_given_in_the_dtype_of_the_tensor():
    assert F.pad(nn.tensor([1.0]), (1, 2), value=7).tolist() == [7, 1, 7, 7]
    padded = F.pad(nn.tensor([1]), (0, 1), value=2.9)
    assert (padded.tolist(), padded.dtype) == ([1, 2], nn.int64)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [("constant", [1, 1, 1]), ("reflect", [1, 3, 1]), ("replicate", [2, 1, 2]), ("circular", [2, 1, 2])],
)
def test_each_entry_gets_the_gradients_of_its_copies(mode, expected):
    x = nn.zeros(1, 1, 3, requires_grad=True)
    F.pad(x, (1, 1), mode).sum().backward()
    assert x.grad.tolist() == [[expected]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: F.pad(nn.zeros(1, 1, 3), (3, 0), "reflect"),
            nn.RangeError,
            "'reflect' adds at most 2 entries to the 3",
        ),
        (lambda: F.pad(nn.zeros(1, 1, 3), (4, 0), "circular"), nn.RangeError, "'circular' adds at most 3 entries"),
        (lambda: F.pad(nn.zeros(1, 1, 3), (1, 1), "mirror"), nn.RangeError, "mode must be one of"),
        (lambda: F.pad(nn.zeros(3), (1, 1), "reflect"), NotImplementedError, "'reflect' pads the last 1, 2 or 3 axes"),
        (lambda: F.pad([1.0], (1, 1)), TypeError, "input must be a tensor, got list"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=f"pad: .*{message}"):
        call()
