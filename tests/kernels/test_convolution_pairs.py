"""Convolution of two outputs at a time is the same map as convolution by columns, and leaves infinities to that."""

import numpy as np
import pytest
from convolutions import maps

import nn.ops.convolution  # noqa: F401
from nn.autograd.op import registry
from nn.autograd.samples import Draw
from nn.kernels import convolution, convolution_pairs, convolution_rows, threads

pytestmark = pytest.mark.usefixtures("not_at_once")

PLAIN = dict(stride=(1, 1), padding=(0, 0), dilation=(1, 1))
MAPS = ("conv_pairs", "conv_pairs_weight_backward", "conv_pairs_input_backward")


@pytest.fixture
def everywhere(monkeypatch):
    """Take this way wherever it serves, and note whether each map had a result."""
    monkeypatch.setattr(convolution_rows, "CHANNELS", 1)
    monkeypatch.setattr(convolution_rows, "LENGTH", 1)
    monkeypatch.setattr(convolution_rows, "SHORT", 1)
    monkeypatch.setattr(convolution, "WASTE", 1e9)
    taken = {name: [] for name in MAPS}

    def watched(name):
        kernel = getattr(convolution_pairs, name)

        def run(*arguments):
            result = kernel(*arguments)
            taken[name].append(result is not None and result is not False)
            return result

        return run

    for name in MAPS:
        monkeypatch.setattr(convolution, name, watched(name))
    return taken


def draw(rng):
    """A random convolution with filters of three pixels in a row."""
    k, step, padding = int(rng.integers(1, 4)), int(rng.integers(1, 4)), tuple(int(p) for p in rng.integers(0, 3, 2))
    size = [max(1, m - 2 * p) + int(rng.integers(0, 6)) for m, p in zip((k, 3), padding, strict=True)]
    n, c, o = (int(v) for v in rng.integers(1, 5, 3))
    x, weight = rng.normal(size=(n, c, *size)), rng.normal(size=(o, c, k, 3))
    return x, weight, dict(stride=(step, 1), padding=padding, dilation=(1, 1))


def by_columns(monkeypatch, *arguments):
    with monkeypatch.context() as patch:
        patch.setattr(convolution, "by_pairs", lambda *_: False)
        patch.setattr(convolution, "by_rows", lambda *_: False)
        return maps(*arguments)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_map_is_that_of_im2col(dtype, everywhere, monkeypatch, rng):
    for number in range(150):
        x, weight, attributes = draw(rng)
        x, weight = x.astype(dtype), weight.astype(dtype)
        with monkeypatch.context() as patch:
            patch.setattr(convolution_pairs, "ROOM", int(rng.choice([1, 1 << 11, 1 << 22])))
            patch.setattr(convolution_pairs, "CACHE", int(rng.choice([1, 1 << 11, 1 << 19])))
            if number % 2:  # in several pieces
                patch.setattr(threads, "LITTLE", 0)
                patch.setattr(threads, "ENOUGH", 1)
            pairs = maps(x, weight, attributes)
        columns = by_columns(monkeypatch, x, weight, attributes)
        for got, expected in zip(pairs, columns, strict=True):
            assert got.dtype == expected.dtype == dtype
            assert got.shape == expected.shape
            tolerance = 1e3 * np.finfo(dtype).eps
            np.testing.assert_allclose(got, expected, rtol=tolerance, atol=tolerance)
    for results in everywhere.values():
        assert len(results) > 50
        assert all(results)


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 3e38])
def test_infinite_numbers_are_left_to_im2col(value, everywhere, monkeypatch, rng):
    x, weight = rng.normal(size=(2, 3, 5, 6)).astype("f"), np.abs(rng.normal(size=(4, 3, 3, 3))).astype("f")
    x[0, 1, 2, 3] = value
    g = np.ones((2, 4, 3, 4), np.float32)
    g[1, 2, 1, 1] = value

    def every_map():
        return (
            convolution.conv(x, weight, **PLAIN),
            convolution.conv_weight_backward(x, np.ones_like(g), kernel_size=(3, 3), **PLAIN),
            convolution.conv_input_backward(g, weight, input_size=(5, 6), **PLAIN),
        )

    with np.errstate(all="ignore"), monkeypatch.context() as patch:
        got = every_map()
        assert all(results and not any(results) for results in everywhere.values())
        patch.setattr(convolution, "by_pairs", lambda *_: False)
        for one, other in zip(got, every_map(), strict=True):
            np.testing.assert_array_equal(one, other)


def test_whole_numbers_are_exact(everywhere, rng):
    x, weight = (rng.integers(-9, 10, shape).astype(np.float32) for shape in ((3, 4, 6, 9), (5, 4, 3, 3)))
    got = convolution.conv(x, weight, **PLAIN)
    windows = np.lib.stride_tricks.sliding_window_view(x, (3, 3), axis=(2, 3))
    np.testing.assert_array_equal(got, np.einsum("nchwij,ocij->nohw", windows, weight))
    assert everywhere["conv_pairs"] == [True]


@pytest.mark.parametrize(
    ("kernel_size", "changes", "taken"),
    [
        ((3, 3), {}, True),
        ((1, 3), {}, True),
        ((3, 3), dict(stride=(2, 1)), True),
        ((3, 2), {}, False),
        ((3, 5), {}, False),
        ((3, 3), dict(stride=(1, 2)), False),
        ((3, 3), dict(dilation=(1, 2)), False),
        ((3, 3), dict(groups=2), False),
    ],
)
def test_what_chooses_the_way(kernel_size, changes, taken):
    attributes = dict(stride=(1, 1), dilation=(1, 1), groups=1) | changes
    x = np.zeros((16, 8, 8, 8), np.float32)
    assert convolution_pairs.by_pairs(x, 8, kernel_size, (6, 6), **attributes) == taken
    assert not convolution_pairs.by_pairs(x, 8, kernel_size, (6, 5), **attributes)
    assert not convolution_pairs.by_pairs(x.astype(np.int32), 8, kernel_size, (6, 6), **attributes)


@pytest.mark.parametrize("name", ["conv", "conv_input_backward", "conv_weight_backward"])
def test_the_registry_has_samples_of_every_map(name, monkeypatch):
    taken = []
    for own in MAPS:
        kernel = getattr(convolution_pairs, own)
        monkeypatch.setattr(convolution, own, lambda *a, own=own, kernel=kernel: taken.append(own) or kernel(*a))
    for sample in registry[name].samples(Draw(np.random.default_rng(0))):
        getattr(convolution, name)(*sample.operands, **sample.attributes)
    expected = {"conv": {0}, "conv_weight_backward": {1}, "conv_input_backward": {0, 2}}[name]
    assert {MAPS.index(own) for own in taken} == expected


@pytest.mark.parametrize("pairs", [True, False])
@pytest.mark.parametrize("padding", [(0, 0), (1, 1)])
def test_out_in_either_layout_is_written_with_the_same_bits(pairs, padding, everywhere, monkeypatch, rng):
    if not pairs:
        monkeypatch.setattr(convolution, "by_pairs", lambda *_: False)
        monkeypatch.setattr(convolution, "by_rows", lambda *_: False)
    x, weight = rng.normal(size=(2, 3, 5, 6)), rng.normal(size=(4, 3, 3, 3))
    attributes = dict(stride=(1, 1), padding=padding, dilation=(1, 1))
    y = convolution.conv(x, weight, **attributes)
    calls = [
        (convolution.conv, (x, weight), attributes),
        (convolution.conv_input_backward, (y, weight), dict(attributes, input_size=(5, 6))),
        (convolution.conv_input_backward, (y[:, :2], weight[:2]), dict(attributes, input_size=(5, 6))),
    ]
    for kernel, operands, options in calls:
        expected = kernel(*operands, **options)
        for axes in ((0, 1, 2, 3), (1, 2, 3, 0)):
            memory = np.full([expected.shape[a] for a in axes], np.nan)
            out = memory.transpose(np.argsort(axes))
            assert kernel(*operands, **options, out=out) is out
            np.testing.assert_array_equal(out, expected)
