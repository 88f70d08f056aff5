"""Convolutions in groups: the same however they are cut, and as each group and each image alone would have it."""

import numpy as np
import pytest

from nn.kernels import convolution
from nn.kernels.window import output_size


def cases(rng, number):
    """Random convolutions of one to three spatial axes."""
    for _ in range(number):
        rank = int(rng.integers(1, 4))
        stride, kernel_size, size, padding = (
            tuple(int(v) for v in rng.integers(low, high, rank)) for low, high in ((1, 4), (1, 5), (4, 8), (0, 3))
        )
        groups, c, o = (int(v) for v in rng.integers((2, 1, 1), (6, 3, 3)))
        a = dict(stride=stride, padding=padding, dilation=(1,) * rank)
        count = output_size(size, kernel_size, stride, padding, (1,) * rank)
        x, g = rng.normal(size=(3, groups * c, *size)), rng.normal(size=(3, groups * o, *count))
        yield x, rng.normal(size=(groups * o, c, *kernel_size)), rng.normal(size=groups * o), g, groups, a


def maps(x, weight, bias, g, groups, a):
    return (
        convolution.conv(x, weight, bias, groups=groups, **a),
        convolution.conv_weight_backward(x, g, kernel_size=weight.shape[2:], groups=groups, **a),
        convolution.conv_input_backward(g, weight, input_size=x.shape[2:], groups=groups, **a),
    )


def close(got, expected):
    np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-11)


@pytest.mark.parametrize("size", [1, 3000, 20_000, 1 << 19])
def test_groups_are_convolutions_of_their_own_in_tiles_of_any_size(size, rng, monkeypatch):
    monkeypatch.setattr(convolution, "TILE_BYTES", size)
    for x, weight, bias, g, groups, a in cases(rng, 12):
        together = maps(x, weight, bias, g, groups, a)
        xs, gs = (np.split(v, groups, axis=1) for v in (x, g))
        alone = [
            maps(*parts, 1, a) for parts in zip(xs, np.split(weight, groups), np.split(bias, groups), gs, strict=True)
        ]
        for got, parts, axis in zip(together, zip(*alone, strict=True), (1, 0, 1), strict=True):
            close(got, np.concatenate(parts, axis=axis))


def test_the_gradient_of_a_batch_is_that_of_each_image(rng):
    for x, weight, _, g, groups, a in cases(rng, 60):
        a = dict(a, input_size=x.shape[2:], groups=groups)
        got = convolution.conv_input_backward(g, weight, **a)
        close(got, np.concatenate([convolution.conv_input_backward(g[i : i + 1], weight, **a) for i in range(3)]))
        out = np.full_like(got, np.nan)
        assert convolution.conv_input_backward(g, weight, **a, out=out) is out
        np.testing.assert_array_equal(out, got)


@pytest.mark.parametrize("input_size", [(1,), (2,), (9,)])
def test_pixels_that_no_filter_meets_get_no_gradient(input_size):
    g, weight = np.ones((2, 2, 1)), np.ones((2, 1, 1))
    a = dict(input_size=input_size, stride=(4,), padding=(0,), dilation=(1,), groups=2)
    got = convolution.conv_input_backward(g, weight, **a)
    expected = np.zeros((2, 2, *input_size))
    expected[..., 0] = 1
    np.testing.assert_array_equal(got, expected)
