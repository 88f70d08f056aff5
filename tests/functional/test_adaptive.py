"""Adaptive pooling by its properties, and its messages."""

import numpy as np
import pytest

import nn
import nn.functional as F


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-12, atol=1e-14)


def windows(length, count):
    """Window i of m over n entries: floor(i n / m) to ceil((i + 1) n / m)."""
    return [slice(i * length // count, -(-(i + 1) * length // count)) for i in range(count)]


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (4, 4), (7, 6), (9, 8)])
def test_each_number_is_the_mean_or_the_largest_of_its_window(size, rng):
    x = rng.normal(size=(2, 3, 7, 6))
    for function, reduce in ((F.adaptive_avg_pool2d, np.mean), (F.adaptive_max_pool2d, np.max)):
        rows = [[reduce(x[..., r, c], (-2, -1)) for c in windows(6, size[1])] for r in windows(7, size[0])]
        close(function(nn.tensor(x), size), np.moveaxis(np.array(rows), (0, 1), (2, 3)))


def test_as_many_windows_as_entries_change_nothing_and_one_window_is_the_reduction(rng):
    x = nn.tensor(rng.normal(size=(2, 3, 5, 4)))
    for pool, reduced in ((F.adaptive_avg_pool2d, x.mean((2, 3))), (F.adaptive_max_pool2d, x.amax((2, 3)))):
        close(pool(x, (5, 4)), x)
        close(pool(x, None), x)
        close(pool(x, 1).flatten(1), reduced)


def test_windows_that_divide_the_image_are_those_of_plain_pooling(rng):
    x = nn.tensor(rng.normal(size=(2, 3, 6, 8)))
    close(F.adaptive_avg_pool2d(x, (3, 2)), F.avg_pool2d(x, (2, 4)))
    close(F.adaptive_max_pool2d(x, (3, 2)), F.max_pool2d(x, (2, 4)))


@pytest.mark.parametrize("kind", ["avg", "max"])
def test_one_and_three_axes_are_two_with_axes_of_length_one(kind, rng):
    x = nn.tensor(rng.normal(size=(2, 3, 7)))
    one, two, three = (getattr(F, f"adaptive_{kind}_pool{d}d") for d in (1, 2, 3))
    close(one(x, 4), two(x[:, :, None], (1, 4))[:, :, 0])
    close(one(x, 4), three(x[:, :, None, :, None], (1, 4, 1))[:, :, 0, :, 0])
    close(two(x[1, :, None], (1, 4)), two(x[:, :, None], (1, 4))[1])  # without N


def test_the_indices_say_where_the_largest_elements_are(rng):
    x = nn.tensor(rng.normal(size=(2, 3, 5, 7)))
    values, places = F.adaptive_max_pool2d(x, (2, 3), return_indices=True)
    close(x.flatten(2).gather(2, places.flatten(2)), values.flatten(2))


def test_each_mean_hands_its_gradient_out_evenly(rng):
    x = nn.tensor(rng.normal(size=(1, 1, 6)), requires_grad=True)
    F.adaptive_avg_pool1d(x, 4).sum().backward()  # windows of 2 entries; 0:2, 1:3, 3:5, 4:6
    close(x.grad[0, 0], [0.5, 1, 0.5, 0.5, 1, 0.5])


X = nn.zeros(1, 1, 5, 5)


@pytest.mark.parametrize("name", ["adaptive_avg_pool2d", "adaptive_max_pool2d"])
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: f(nn.zeros(5, 5), 2), nn.ShapeError, r"x must have 4 axes \(N, C, spatial\) or 3 without N, it is"),
        (lambda f: f(nn.zeros(1, 1, 0, 5), 2), nn.ShapeError, "every axis but N must have entries"),
        (lambda f: f(X, (2, 2, 2)), nn.RangeError, "output_size must be an integer >= 0, or 2 of them; got"),
        (lambda f: f(X, -1), nn.RangeError, "output_size must be an integer >= 0"),
        (lambda f: f(X.long(), 2), nn.DtypeError, "input must be floating-point"),
    ],
)
def test_messages(name, call, error, message):
    with pytest.raises(error, match=f"{name}: {message}"):
        call(getattr(F, name))
