"""Windows as columns, and shuffled pixels and channels, by their properties, and their messages."""

import numpy as np
import pytest

import nn
import nn.functional as F

WINDOWS = [
    dict(kernel_size=2),
    dict(kernel_size=(3, 2), stride=(2, 1), padding=1),
    dict(kernel_size=2, dilation=2, padding=(0, 1), stride=2),
]


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_the_kernel_times_the_columns_is_the_convolution(window, rng):
    x = nn.tensor(rng.normal(size=(2, 3, 6, 5)))
    size = np.broadcast_to(window["kernel_size"], 2)
    weight = nn.tensor(rng.normal(size=(4, 3, *size)))
    rest = {name: value for name, value in window.items() if name != "kernel_size"}
    product = weight.flatten(1) @ F.unfold(x, **window)
    np.testing.assert_allclose(product.numpy(), F.conv2d(x, weight, **rest).flatten(2).numpy())


@pytest.mark.parametrize("window", WINDOWS, ids=str)
def test_fold_is_the_transpose_of_unfold(window, rng):
    x = nn.tensor(rng.normal(size=(2, 3, 6, 5)))
    columns = F.unfold(x, **window)
    other = nn.tensor(rng.normal(size=columns.shape))
    assert (columns * other).sum().item() == pytest.approx((x * F.fold(other, (6, 5), **window)).sum().item())


def test_windows_that_do_not_overlap_fold_back_to_the_image(rng):
    x = nn.tensor(rng.normal(size=(3, 6, 4)))  # without N
    assert F.fold(F.unfold(x, 2, stride=2), (6, 4), 2, stride=2).tolist() == x.tolist()


def test_overlapping_windows_count_each_pixel_as_often_as_it_is_covered():
    ones = nn.ones(1, 1, 3, 3)
    assert F.fold(F.unfold(ones, 2), (3, 3), 2).tolist() == [[[[1, 2, 1], [2, 4, 2], [1, 2, 1]]]]


def test_a_shuffled_pixel_comes_from_the_channel_of_its_place():
    x = nn.arange(4.0).reshape(1, 4, 1, 1)
    assert F.pixel_shuffle(x, 2).tolist() == [[[[0, 1], [2, 3]]]]


def test_unshuffling_undoes_shuffling(rng):
    x = nn.tensor(rng.normal(size=(2, 8, 3, 5)))
    assert F.pixel_shuffle(x, 2).shape == (2, 2, 6, 10)
    assert F.pixel_unshuffle(F.pixel_shuffle(x, 2), 2).tolist() == x.tolist()


def test_shuffling_channels_deals_the_groups_out_in_turn_and_back(rng):
    x = nn.tensor(rng.normal(size=(2, 6, 4)))
    dealt = F.channel_shuffle(x, 2)
    assert dealt.tolist() == x[:, [0, 3, 1, 4, 2, 5]].tolist()
    assert F.channel_shuffle(dealt, 3).tolist() == x.tolist()


X = nn.zeros(1, 4, 3, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.unfold(nn.zeros(3, 3), 2), nn.ShapeError, r"unfold: x must be \(N, C, H, W\) or \(C, H, W\)"),
        (lambda: F.unfold(X, 4), nn.ShapeError, "unfold: a window"),
        (lambda: F.unfold(X, 0), nn.RangeError, "unfold: kernel_size must be an integer >= 1"),
        (lambda: F.fold(nn.zeros(1, 5, 4), (3, 3), 2), nn.ShapeError, "fold: x must"),
        (
            lambda: F.fold(nn.zeros(1, 4, 5), (3, 3), 2),
            nn.ShapeError,
            r"fold: an image of .* \(2, 2\) windows, x .* 5",
        ),
        (lambda: F.pixel_shuffle(X, 3), nn.ShapeError, "pixel_shuffle: the 4 channels of x must be a multiple of .* 9"),
        (lambda: F.pixel_shuffle(nn.zeros(3), 3), nn.ShapeError, r"pixel_shuffle: x must be \(\*, C, H, W\)"),
        (lambda: F.pixel_unshuffle(X, 2), nn.ShapeError, "pixel_unshuffle: both sides of x .* downscale_factor 2"),
        (lambda: F.pixel_unshuffle(X, 0), nn.RangeError, "pixel_unshuffle: downscale_factor must be at least 1, got 0"),
        (lambda: F.channel_shuffle(X, 3), nn.ShapeError, "channel_shuffle: the 4 channels of x cannot be split into 3"),
        (lambda: F.channel_shuffle(nn.zeros(4, 4), 2), nn.ShapeError, r"channel_shuffle: x must be \(N, C, \*\)"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize("function", [
    lambda x: nn.pixel_shuffle(x, 1), lambda x: nn.pixel_unshuffle(x, 1), lambda x: nn.channel_shuffle(x, 1),
    lambda x: nn.pixel_shuffle(x.reshape(1, 4, 1, 1), 2), lambda x: nn.linalg.matrix_power(x, 1),
])  # fmt: skip
def test_what_moves_nothing_is_a_copy_all_the_same(function):
    x = nn.arange(4.0).reshape(1, 1, 2, 2)
    function(x).fill_(9.0)
    assert x.flatten().tolist() == [0, 1, 2, 3]
