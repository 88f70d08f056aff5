"""Convolution of small images at once is the same map as in pieces, and spreads nothing that is not finite."""

import numpy as np
import pytest
from convolutions import assert_same, maps

import nn.ops.convolution  # noqa: F401
from nn.autograd.op import registry
from nn.autograd.samples import Draw
from nn.kernels import blas, convolution, convolution_once, threads

PLAIN = dict(stride=(1, 1), padding=(0, 0), dilation=(1, 1))


def draw(rng, axes):
    """A random convolution of images whose filter fits."""
    kernel_size, padding, dilation = (
        tuple(int(v) for v in rng.integers(*bounds, axes)) for bounds in ((1, 4), (0, 3), (1, 3))
    )
    stride = tuple(int(v) for v in rng.choice([1, 1, 2, 3], axes))
    least = [max(1, d * (k - 1) + 1 - 2 * p) for k, p, d in zip(kernel_size, padding, dilation, strict=True)]
    size = [int(rng.integers(m, m + 5)) for m in least]
    n, c, o = (int(v) for v in rng.integers(1, 5, 3))
    x, weight = rng.normal(size=(n, c, *size)), rng.normal(size=(o, c, *kernel_size))
    return x, weight, dict(stride=stride, padding=padding, dilation=dilation)


def in_pieces(monkeypatch, function, *arguments):
    with monkeypatch.context() as patch:
        patch.setattr(convolution_once, "ROOM", -1)
        return function(*arguments)


@pytest.fixture
def taken(monkeypatch):
    """What was said each time when a map asked whether to take this way."""
    said = []

    def watched(*arguments):
        said.append(convolution_once.at_once(*arguments))
        return said[-1]

    monkeypatch.setattr(convolution, "at_once", watched)
    return said


@pytest.fixture(params=[(1, 16), (1, 0), (64, 16)])
def shortest(request, monkeypatch):
    """The shortest row that is a product of its own, and what strips must save; what was found out is forgotten."""
    monkeypatch.setattr(convolution_once, "LENGTH", request.param[0])
    monkeypatch.setattr(convolution_once, "REARRANGED", request.param[1])
    monkeypatch.setattr(convolution_once, "all_windows", convolution_once.all_windows.__wrapped__)
    monkeypatch.setattr(convolution, "all_windows", convolution_once.all_windows)


@pytest.mark.parametrize("axes", [1, 2, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_map_is_that_in_pieces(dtype, axes, shortest, taken, monkeypatch, rng):
    for _ in range(40):
        x, weight, attributes = draw(rng, axes)
        x, weight = x.astype(dtype), weight.astype(dtype)
        assert_same(maps(x, weight, attributes), in_pieces(monkeypatch, maps, x, weight, attributes), dtype)
    assert taken.count(True) > 60


@pytest.mark.parametrize("dtype", [np.float16, np.complex64, np.int32])
def test_other_types_stay_what_they_are(dtype, shortest, monkeypatch, rng):
    x, weight = (rng.integers(-3, 4, shape).astype(dtype) for shape in ((2, 3, 5, 6), (4, 3, 3, 2)))
    attributes = dict(stride=(1, 2), padding=(1, 0), dilation=(1, 1))
    for got, expected in zip(
        maps(x, weight, attributes), in_pieces(monkeypatch, maps, x, weight, attributes), strict=True
    ):
        assert got.dtype == expected.dtype == dtype
        np.testing.assert_allclose(got, expected, rtol=0 if dtype != np.float16 else 5e-2, atol=0.2)


@pytest.mark.parametrize("shape", [(0, 2, 4, 5), (2, 0, 4, 5), (2, 1, 4, 5)])
def test_no_images_and_no_channels(shape, taken):
    weight = np.ones((3, shape[1], 2, 2))
    y, by_weight, by_input = maps(np.ones(shape), weight, PLAIN)
    assert y.shape == (shape[0], 3, 3, 4)
    assert by_weight.shape == weight.shape
    assert by_input.shape == shape
    if not shape[0]:
        assert not by_weight.any()
    assert True in taken


@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan])
def test_what_is_not_finite_stays_in_the_windows_of_its_pixel(value, taken, rng):
    x, weight = rng.normal(size=(2, 2, 5, 6)), np.abs(rng.normal(size=(3, 2, 3, 3))) + 0.1
    x[1, 1, 0, 4] = value
    attributes = dict(stride=(1, 1), padding=(1, 1), dilation=(1, 1))
    near = np.zeros((5, 6), bool)
    near[:2, 3:] = True  # the pixels within one of it
    g = rng.normal(size=(2, 3, 5, 6))
    g[0, 2, 0, 4] = value
    with np.errstate(all="ignore"):
        y = convolution.conv(x, weight, **attributes)
        by_input = convolution.conv_input_backward(g, weight, input_size=(5, 6), **attributes)
    assert taken == [True, True]
    assert np.isfinite(y[0]).all()
    np.testing.assert_array_equal(np.isfinite(y[1]), np.broadcast_to(~near, (3, 5, 6)))
    assert np.isfinite(by_input[1]).all()
    np.testing.assert_array_equal(np.isfinite(by_input[0]), np.broadcast_to(~near, (2, 5, 6)))


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (1, 2, 3, 0), (3, 2, 1, 0)])
@pytest.mark.parametrize("stride", [1, 2])
def test_out_in_any_layout_is_written_with_the_same_bits(stride, order, rng):
    x, weight, bias = rng.normal(size=(3, 2, 6, 6)), rng.normal(size=(4, 2, 3, 3)), rng.normal(size=4)
    attributes = dict(stride=(stride,) * 2, padding=(1, 1), dilation=(1, 1))
    y = convolution.conv(x, weight, bias, **attributes)
    calls = [
        (convolution.conv, (x, weight, bias), attributes),
        (convolution.conv_weight_backward, (x, y), dict(attributes, kernel_size=(3, 3))),
        (convolution.conv_input_backward, (y, weight), dict(attributes, input_size=(6, 6))),
    ]
    for kernel, operands, options in calls:
        expected = kernel(*operands, **options)
        out = np.full([expected.shape[a] for a in order], np.nan).transpose(np.argsort(order))
        assert kernel(*operands, **options, out=out) is out
        np.testing.assert_array_equal(out, expected)


def test_operands_that_cannot_be_written_are_read(rng):
    x, weight = rng.normal(size=(2, 3, 4, 4)), rng.normal(size=(4, 3, 1, 1))
    expected = maps(x, weight, PLAIN)
    batch_last = np.ascontiguousarray(x.transpose(1, 2, 3, 0))
    for array in (batch_last, weight):
        array.flags.writeable = False
    for got, one in zip(maps(batch_last.transpose(3, 0, 1, 2), weight, PLAIN), expected, strict=True):
        np.testing.assert_array_equal(got, one)


@pytest.mark.parametrize(
    ("shape", "channels", "waste", "bounds", "taken"),
    [
        ((32, 16, 4, 4), 32, 1, {}, True),
        ((32, 16, 4, 4), 32, 1, dict(ROOM=16 * 9 * 16 * 32 * 4), True),
        ((32, 16, 4, 4), 32, 1, dict(ROOM=16 * 9 * 16 * 32 * 4 - 1), False),
        ((32, 16, 4, 4), 32, 2, {}, False),
        ((16, 16, 4, 4), 32, 2, {}, True),
        ((32, 16, 4, 4), 3000, 1, {}, False),
        ((64, 64, 8, 8), 64, 1, {}, False),
    ],
)
def test_what_chooses_the_way(shape, channels, waste, bounds, taken, monkeypatch):
    for name, value in bounds.items():
        monkeypatch.setattr(convolution_once, name, value)
    found = convolution_once.all_windows(shape, 4, (3, 3), (1, 1), (1, 1), (1, 1), channels)
    assert convolution_once.at_once(found, channels, 4, waste) == taken


@pytest.mark.parametrize(
    ("channels", "dilation", "copied"),
    [(16, 1, (6, 32, 3, 4, 32)), (17, 1, (4, 32, 3, 3, 4, 32)), (16, 2, (2, 32, 3, 3, 2, 32))],
)
def test_strips_are_copied_where_the_filter_is_smaller_than_what_they_save(channels, dilation, copied):
    found = convolution_once.all_windows((32, 32, 4, 4), 4, (3, 3), (1, 1), (1, 1), (dilation,) * 2, channels)
    assert found.shape == copied
    assert (found.steps is not None) == (len(copied) == 5)


def test_a_large_product_is_that_of_one_thread_of_blas(monkeypatch, rng):
    inside = []
    monkeypatch.setattr(blas.one_thread, "reaches", lambda: inside.append(True) or False)
    x, weight = rng.normal(size=(16, 8, 4, 4)), rng.normal(size=(8, 8, 1, 1))
    maps(x, weight, PLAIN)
    assert not inside
    monkeypatch.setattr(threads, "LITTLE", 100)
    maps(x, weight, PLAIN)
    assert len(inside) >= 3


@pytest.mark.parametrize("name", ["conv", "conv_input_backward", "conv_weight_backward"])
def test_the_registry_has_samples_of_both_ways(name, taken):
    samples = list(registry[name].samples(Draw(np.random.default_rng(0))))
    for sample in samples:
        getattr(convolution, name)(*sample.operands, **sample.attributes)
    assert 0 < taken.count(True) < len(samples)
