"""Max-pooling by windows at random places, by its properties, and its messages."""

import numpy as np
import pytest

import nn
import nn.functional as F


@pytest.fixture
def x(rng):
    return nn.tensor(rng.normal(size=(2, 3, 9, 8)))


def test_every_number_is_the_largest_of_a_window_of_the_image(x):
    values, places = F.fractional_max_pool2d(x, (3, 2), output_size=(4, 5), return_indices=True)
    assert values.shape == (2, 3, 4, 5)
    assert x.flatten(2).gather(2, places.flatten(2)).tolist() == values.flatten(2).tolist()
    every = F.max_pool2d(x, (3, 2), stride=1).flatten(2).numpy()
    assert all(np.isin(v, every[n, c]).all() for n, vs in enumerate(values.numpy()) for c, v in enumerate(vs))


def test_the_windows_run_forward_and_the_last_ends_where_the_image_does(x):
    rising = nn.arange(9.0).reshape(1, 1, 9, 1).expand(2, 3, 9, 8).double()  # the largest is in a window's last row
    rows = F.fractional_max_pool2d(rising, 2, output_size=4)[..., 0].numpy()
    assert (np.diff(rows) >= 1).all()
    assert (rows[..., -1] == 8).all()


def test_as_many_windows_of_one_as_pixels_change_nothing(x):
    assert F.fractional_max_pool2d(x, 1, output_size=(9, 8)).tolist() == x.tolist()


def test_a_ratio_is_a_size(x):
    samples = nn.full((2, 3, 2), 0.3, dtype=nn.float64)
    by_ratio = F.fractional_max_pool2d(x, 2, output_ratio=(0.5, 0.75), _random_samples=samples)
    by_size = F.fractional_max_pool2d(x, 2, output_size=(4, 6), _random_samples=samples)
    assert by_ratio.tolist() == by_size.tolist()
    assert F.fractional_max_pool2d(x[0], 2, output_size=(4, 6), _random_samples=samples[:1]).tolist() == (
        by_size[0].tolist()
    )


def test_the_seed_decides_the_windows(x):
    nn.manual_seed(0)
    first = F.fractional_max_pool2d(x, 2, output_size=3).tolist()
    assert F.fractional_max_pool2d(x, 2, output_size=3).tolist() != first
    nn.manual_seed(0)
    assert F.fractional_max_pool2d(x, 2, output_size=3).tolist() == first


def test_three_axes_with_one_of_length_one_are_two(x, rng):
    samples = nn.tensor(rng.uniform(size=(2, 3, 2)))  # the first number is the width's for images alone
    flat = F.fractional_max_pool2d(x, 2, output_size=(4, 3), _random_samples=samples)
    three = nn.cat([nn.full((2, 3, 1), 0.5, dtype=nn.float64), samples.flip(-1)], -1)
    deep = F.fractional_max_pool3d(x[:, :, None], (1, 2, 2), output_size=(1, 4, 3), _random_samples=three)
    assert deep[:, :, 0].tolist() == flat.tolist()


X = nn.zeros(1, 1, 5, 5)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.fractional_max_pool2d(nn.zeros(5, 5), 2, 2), nn.ShapeError, "x must have 4 axes .* or 3 without N"),
        (lambda: F.fractional_max_pool2d(X, 2), nn.RangeError, "give an output_size or an output_ratio"),
        (lambda: F.fractional_max_pool2d(X, 3, 4), nn.ShapeError, r"\(4, 4\) windows of \(3, 3\) do not fit into"),
        (lambda: F.fractional_max_pool2d(X, 2, 2, _random_samples=nn.zeros(1, 1, 3)), nn.ShapeError,
         r"_random_samples must be float32 \(1, 1, 2\), got float32 \(1, 1, 3\)"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=f"fractional_max_pool2d: {message}"):
        call()
