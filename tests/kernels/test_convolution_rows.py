"""Convolution row by row is the same map as convolution by columns, at every stride, padding and dilation."""

import numpy as np
import pytest
from convolutions import assert_same, maps

import nn.ops.convolution  # noqa: F401
from nn.autograd.op import registry
from nn.autograd.samples import Draw
from nn.kernels import convolution, convolution_rows

pytestmark = pytest.mark.usefixtures("not_at_once")


def draw(rng):
    """A random convolution of images whose filter fits."""
    kernel_size, padding, dilation = ([int(v) for v in rng.integers(*bounds, 2)] for bounds in ((1, 4), (0, 3), (1, 3)))
    stride = [int(v) for v in rng.choice([1, 1, 2, 3], 2)]
    least = [max(1, d * (k - 1) + 1 - 2 * p) for k, p, d in zip(kernel_size, padding, dilation, strict=True)]
    size = [int(rng.integers(m, m + 4)) for m in least]
    n, c, o = (int(v) for v in rng.integers(1, 5, 3))
    x, weight = rng.normal(size=(n, c, *size)), rng.normal(size=(o, c, *kernel_size))
    return x, weight, dict(stride=tuple(stride), padding=tuple(padding), dilation=tuple(dilation))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_map_is_that_of_im2col(dtype, monkeypatch, rng):
    monkeypatch.setattr(convolution_rows, "CHANNELS", 1)
    monkeypatch.setattr(convolution_rows, "LENGTH", 1)
    monkeypatch.setattr(convolution_rows, "SHORT", 1)
    monkeypatch.setattr(convolution, "WASTE", 1e9)
    monkeypatch.setattr(convolution, "by_pairs", lambda *_: False)
    taken = []

    def watched(*arguments):
        taken.append(convolution_rows.by_rows(*arguments))
        return taken[-1]

    for _ in range(150):
        x, weight, attributes = draw(rng)
        x, weight = x.astype(dtype), weight.astype(dtype)
        with monkeypatch.context() as patch:
            patch.setattr(convolution, "by_rows", watched)
            rows = maps(x, weight, attributes)
            patch.setattr(convolution, "by_rows", lambda *_: False)
            columns = maps(x, weight, attributes)
        assert_same(rows, columns, dtype)
    assert taken.count(True) > 50


@pytest.mark.parametrize(
    ("shape", "kernel_size", "changes", "taken"),
    [
        ((16, 8, 8, 8), (3, 3), {}, True),
        ((16, 8, 8, 8), (3, 3), dict(stride=(2, 1)), True),
        ((16, 8, 8, 8), (3, 3), dict(dilation=(1, 2)), True),
        ((16, 8, 8, 8), (3, 3), dict(stride=(1, 2)), False),
        ((16, 8, 8, 8), (3, 3), dict(dilation=(2, 1)), False),
        ((16, 8, 8, 8), (3, 1), {}, False),
        ((16, 7, 8, 8), (3, 3), {}, False),
        ((8, 8, 8, 8), (3, 3), {}, False),
        ((16, 8, 8, 8), (3, 3), dict(groups=2), False),
    ],
)
def test_what_chooses_the_way(shape, kernel_size, changes, taken):
    attributes = dict(stride=(1, 1), dilation=(1, 1), groups=1) | changes
    assert not convolution_rows.by_rows(np.zeros(shape, np.float32), 7, kernel_size, (6, 6), **attributes)
    assert convolution_rows.by_rows(np.zeros(shape, np.float32), 8, kernel_size, (6, 6), **attributes) == taken


@pytest.mark.parametrize("name", ["conv", "conv_input_backward", "conv_weight_backward"])
def test_the_registry_has_samples_of_both_ways(name, monkeypatch):
    taken = []

    def watched(*arguments):
        taken.append(convolution_rows.by_rows(*arguments))
        return taken[-1]

    monkeypatch.setattr(convolution, "by_rows", watched)
    monkeypatch.setattr(convolution, "by_pairs", lambda *_: False)
    samples = list(registry[name].samples(Draw(np.random.default_rng(0))))
    for sample in samples:
        getattr(convolution, name)(*sample.operands, **sample.attributes)
    assert 0 < taken.count(True) < len(samples)
