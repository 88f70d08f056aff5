"""Convolution by strips is the same map as convolution by columns, however few rows of strips there is room for."""

import numpy as np
import pytest
from convolutions import assert_same, maps

import nn.ops.convolution  # noqa: F401
from nn.autograd.op import registry
from nn.autograd.samples import Draw
from nn.kernels import convolution, convolution_strips, threads

pytestmark = pytest.mark.usefixtures("not_at_once")

PLAIN = dict(stride=(1, 1), padding=(0, 0), dilation=(1, 1))


def draw(rng, axes):
    """A random convolution of images whose filter fits."""
    kernel_size, padding, dilation = (
        tuple(int(v) for v in rng.integers(*bounds, axes)) for bounds in ((1, 4), (0, 3), (1, 3))
    )
    stride = tuple(int(v) for v in rng.choice([1, 1, 2, 3, 4], axes))
    least = [max(1, d * (k - 1) + 1 - 2 * p) for k, p, d in zip(kernel_size, padding, dilation, strict=True)]
    size = [int(rng.integers(m, m + 5)) for m in least]
    n, c, o = (int(v) for v in rng.integers(1, 5, 3))
    x, weight = rng.normal(size=(n, c, *size)), rng.normal(size=(o, c, *kernel_size))
    return x, weight, dict(stride=stride, padding=padding, dilation=dilation)


def watch(monkeypatch):
    """What was said each time when a map asked whether to take this way."""
    taken = []

    def watched(*arguments):
        taken.append(convolution_strips.by_strips(*arguments))
        return taken[-1]

    monkeypatch.setattr(convolution, "by_strips", watched)
    return taken


@pytest.mark.parametrize("room", [1, 1000, 1 << 21])
@pytest.mark.parametrize("axes", [2, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_map_is_that_of_im2col(dtype, axes, room, monkeypatch, rng):
    monkeypatch.setattr(convolution_strips, "LENGTH", 1)
    monkeypatch.setattr(convolution_strips, "FEWER", 0)
    monkeypatch.setattr(convolution_strips, "ROOM", room)
    monkeypatch.setattr(convolution_strips, "CACHE", room)
    taken = watch(monkeypatch)
    for _ in range(30):
        x, weight, attributes = draw(rng, axes)
        x, weight = x.astype(dtype), weight.astype(dtype)
        strips = maps(x, weight, attributes)
        with monkeypatch.context() as patch:
            patch.setattr(convolution, "by_strips", lambda *_: False)
            columns = maps(x, weight, attributes)
        assert_same(strips, columns, dtype)
    assert taken.count(True) > 10


def test_pieces_for_threads_are_put_together(monkeypatch, rng):
    x, weight = rng.normal(size=(4, 40, 6, 17)), rng.normal(size=(3, 40, 3, 2))
    whole = maps(x, weight, PLAIN)
    taken = watch(monkeypatch)
    monkeypatch.setattr(threads, "LITTLE", 1)
    monkeypatch.setattr(threads, "ENOUGH", 1)
    for got, expected in zip(maps(x, weight, PLAIN), whole, strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12)
    assert taken == [True, True, True]


def test_a_pixel_that_no_window_meets_has_no_gradient(monkeypatch, rng):
    monkeypatch.setattr(convolution_strips, "FEWER", 0)
    taken = watch(monkeypatch)
    g, weight = rng.normal(size=(2, 1, 2, 32)), np.ones((1, 1, 2, 2))
    attributes = dict(stride=(3, 1), padding=(0, 0), dilation=(1, 1))
    x = convolution.conv_input_backward(g, weight, input_size=(7, 40), **attributes)
    assert taken == [True]
    assert not x[:, :, [2, 5, 6]].any()
    assert not x[..., 33:].any()
    assert x[:, :, [0, 1, 3, 4], :33].all()


@pytest.mark.parametrize(
    ("shape", "kernel_size", "count", "changes", "taken"),
    [
        ((16, 1, 8, 8), (3, 3), (6, 6), {}, True),
        ((16, 1, 8, 8), (3, 1), (6, 8), {}, True),
        ((16, 1, 8, 8, 8), (2, 1, 3), (7, 8, 6), dict(dilation=(1, 2, 2)), True),
        ((16, 1, 8), (3,), (6,), {}, False),
        ((16, 1, 8, 8), (1, 3), (8, 6), {}, False),
        ((16, 1, 3, 8), (3, 3), (1, 6), {}, False),
        ((16, 1, 17, 17), (3, 3), (8, 8), dict(stride=(2, 2)), True),
        ((16, 1, 17, 17), (3, 3), (5, 5), dict(stride=(3, 3)), False),
        ((16, 1, 8, 8), (3, 3), (6, 6), dict(dilation=(2, 1)), False),
        ((16, 2, 8, 8), (3, 3), (6, 6), dict(groups=2), False),
        ((8, 1, 8, 8), (3, 3), (6, 6), {}, False),
    ],
)
def test_what_chooses_the_way(shape, kernel_size, count, changes, taken):
    attributes = dict(stride=(1,) * len(count), dilation=(1,) * len(count), groups=1) | changes
    assert convolution_strips.by_strips(np.zeros(shape, np.float32), kernel_size, count, **attributes) == taken


@pytest.mark.parametrize("name", ["conv", "conv_input_backward", "conv_weight_backward"])
def test_the_registry_has_samples_of_both_ways(name, monkeypatch):
    taken = watch(monkeypatch)
    samples = list(registry[name].samples(Draw(np.random.default_rng(0))))
    for sample in samples:
        getattr(convolution, name)(*sample.operands, **sample.attributes)
    assert 0 < taken.count(True) < len(taken)
