"""Pooling by its properties, and its messages."""

import numpy as np
import pytest

import nn
import nn.functional as F


@pytest.fixture
def x(rng):
    return nn.tensor(rng.normal(size=(2, 3, 7, 6)))


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=1e-12, atol=1e-14)


def test_a_window_of_one_changes_nothing(x):
    close(F.max_pool2d(x, 1), x)
    close(F.avg_pool2d(x, 1), x)


def test_a_window_of_everything_is_the_reduction(x):
    close(F.max_pool2d(x, (7, 6)).flatten(1), x.amax((2, 3)))
    close(F.avg_pool2d(x, (7, 6)).flatten(1), x.mean((2, 3)))


def test_max_pool_of_minus_x_is_minus_the_smallest(x):
    windows = x.numpy()[:, :, :6].reshape(2, 3, 3, 2, 3, 2)
    close(-F.max_pool2d(-x, 2), windows.min((3, 5)))
    close(F.avg_pool2d(x, 2), windows.mean((3, 5)))


def test_avg_pool_is_a_convolution_with_a_constant_filter(x):
    filters = nn.full((3, 1, 3, 2), 1 / 6, dtype=nn.float64)
    close(F.avg_pool2d(x, (3, 2), stride=1, padding=1), F.conv2d(x, filters, padding=1, groups=3))


def test_the_mean_of_a_constant_is_the_constant_if_the_padding_does_not_count():
    ones = nn.ones(1, 1, 5, 5, dtype=nn.float64)
    for ceil_mode in (False, True):
        close(F.avg_pool2d(ones, 3, 2, 1, ceil_mode, count_include_pad=False), np.ones((1, 1, 3, 3)))
    assert F.avg_pool2d(ones, 3, 2, 1)[0, 0, 0, 0].item() == pytest.approx(4 / 9)


def test_a_batch_of_one_equals_a_row_of_the_batch(x):
    for pool in (F.max_pool2d, F.avg_pool2d):
        close(pool(x[1], 2), pool(x, 2)[1])


def test_the_sum_of_the_gradient_is_the_number_of_windows(x):
    for pool in (F.max_pool2d, F.avg_pool2d):
        x.grad = None
        x.requires_grad_()
        y = pool(x, 3, 2)
        y.sum().backward()
        assert x.grad.sum().item() == pytest.approx(y.numel())


def test_a_tie_goes_to_the_first_and_to_it_alone():
    x = nn.zeros(1, 1, 2, 2, requires_grad=True)
    F.max_pool2d(x, 2).sum().backward()
    assert x.grad.tolist() == [[[[1, 0], [0, 0]]]]


def test_an_element_that_wins_in_several_windows_gets_all_their_gradients():
    x = nn.tensor([[[0.0, 1.0, 0.0]]], requires_grad=True)
    F.max_pool1d(x, 2, 1).sum().backward()
    assert x.grad.tolist() == [[[0, 2, 0]]]


def test_the_stride_is_by_default_the_window(x):
    close(F.max_pool2d(x, 3), F.max_pool2d(x, 3, 3))
    assert F.max_pool2d(x, (3, 2)).shape == (2, 3, 2, 3)


def test_ceil_mode_keeps_the_rest_but_starts_no_window_in_the_padding():
    x = nn.arange(1.0, 6.0).reshape(1, 1, 5)
    assert F.max_pool1d(x, 2, ceil_mode=True).tolist() == [[[2, 4, 5]]]
    assert F.max_pool1d(x, 2, padding=1, ceil_mode=True).tolist() == [[[1, 3, 5]]]
    assert F.avg_pool1d(x, 2, ceil_mode=True).tolist() == [[[1.5, 3.5, 5]]]


def test_one_and_three_axes_are_two_with_axes_of_length_one(rng):
    x = nn.tensor(rng.normal(size=(2, 3, 7)))
    for kind in ("max", "avg"):
        one, two, three = (getattr(F, f"{kind}_pool{d}d") for d in (1, 2, 3))
        close(one(x, 3, 2, 1), two(x[:, :, None], (1, 3), (1, 2), (0, 1))[:, :, 0])
        close(one(x, 3, 2, 1), three(x[:, :, None, :, None], (1, 3, 1), (1, 2, 1), (0, 1, 0))[:, :, 0, :, 0])


def test_dilation_reads_every_second_element():
    x = nn.tensor([[[1.0, 9.0, 2.0, 8.0, 3.0]]])
    assert F.max_pool1d(x, 3, 1, dilation=2).tolist() == [[[3]]]


def test_integers_are_pooled_by_max():
    assert F.max_pool1d(nn.tensor([[[1, 5, 3, 2]]]), 2).tolist() == [[[5, 3]]]


X = nn.zeros(1, 1, 5, 5)


@pytest.mark.parametrize("name", ["max_pool2d", "avg_pool2d"])
@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda f: f(nn.zeros(5, 5), 2), nn.ShapeError, r"x must have 4 axes \(N, C, spatial\) or 3 without N, it is"),
        (lambda f: f(X, 0), ValueError, "kernel_size must be an integer >= 1, or 2 of them; got 0"),
        (lambda f: f(X, (2, 2, 2)), ValueError, "kernel_size must be an integer >= 1, or 2 of them"),
        (lambda f: f(X, 2, stride=0), ValueError, "stride must be an integer >= 1"),
        (lambda f: f(X, 2, padding=-1), ValueError, "padding must be an integer >= 0"),
        (lambda f: f(X, 2, padding=2), nn.ShapeError, r"padding \(2, 2\) is more than half of the window \(2, 2\)"),
        (lambda f: f(X, 9), nn.ShapeError, r"a window of \(9, 9\) .* is larger than the padded image, \(5, 5\)"),
        (lambda f: f([1.0], 2), TypeError, "input must be a tensor, got list"),
    ],
)
def test_messages(name, call, error, message):
    with pytest.raises(error, match=f"{name}: {message}"):
        call(getattr(F, name))


def test_a_divisor_of_zero():
    with pytest.raises(ValueError, match="avg_pool2d: divisor_override must not be 0"):
        F.avg_pool2d(X, 2, divisor_override=0)
