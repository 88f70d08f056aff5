"""Max-pooling gives the same in one block and in many, in either layout."""

import numpy as np
import pytest

from nn.kernels import pooling

SETTINGS = [
    dict(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0), dilation=(1, 1), output_size=(3, 4)),
    dict(kernel_size=(3, 2), stride=(1, 2), padding=(1, 0), dilation=(1, 1), output_size=(6, 4)),
    dict(kernel_size=(1, 3), stride=(1, 1), padding=(0, 0), dilation=(1, 2), output_size=(6, 4)),
    dict(kernel_size=(12, 12), stride=(1, 1), padding=(6, 6), dilation=(1, 1), output_size=(7, 9)),
]


@pytest.mark.parametrize("settings", SETTINGS)
@pytest.mark.parametrize("batch_last", [False, True])
def test_the_blocks_do_not_show(settings, batch_last, monkeypatch, rng):
    x = rng.integers(0, 5, (3, 5, 6, 8)).astype(np.float32)  # with ties
    if batch_last:
        x = np.moveaxis(np.ascontiguousarray(np.moveaxis(x, 0, -1)), -1, 0)
    y, place = pooling.max_pool(x, **settings)
    back = {name: value for name, value in settings.items() if name != "output_size"} | dict(input_size=(6, 8))
    g = rng.normal(size=y.shape).astype(np.float32)
    routed = pooling.max_pool_backward(g, place=place, **back)
    monkeypatch.setattr(pooling, "BLOCK_BYTES", 1)
    assert len(pooling._blocks(x)) == (5 if batch_last else 3)
    many, places = pooling.max_pool(x, **settings)
    np.testing.assert_array_equal(many, y)
    np.testing.assert_array_equal(places, place)
    assert many.strides == y.strides
    np.testing.assert_array_equal(pooling.max_pool_backward(g, place=place, **back), routed)


AVERAGES = [
    dict(kernel_size=(2, 2), stride=(2, 2), padding=(0, 0)),  # every pixel in one window
    dict(kernel_size=(2, 3), stride=(2, 3), padding=(0, 0)),  # the last columns in none
    dict(kernel_size=(1, 2), stride=(2, 3), padding=(0, 1)),
    dict(kernel_size=(3, 2), stride=(1, 2), padding=(1, 0)),  # windows that overlap
]


@pytest.mark.parametrize("settings", AVERAGES)
@pytest.mark.parametrize("n", [1, pooling.RUN - 1, pooling.RUN, 20])
@pytest.mark.parametrize("batch_last", [False, True])
def test_the_layout_of_a_gradient_does_not_change_what_average_pooling_makes_of_it(settings, n, batch_last, rng):
    count = tuple(
        (m + 2 * p - k) // s + 1
        for m, k, s, p in zip((6, 8), *[settings[name] for name in ("kernel_size", "stride", "padding")], strict=True)
    )
    x, g = rng.normal(size=(n, 3, 6, 8)), rng.normal(size=(n, 3, *count))
    if batch_last:
        g = np.moveaxis(np.ascontiguousarray(np.moveaxis(g, 0, -1)), -1, 0)
    spread = pooling.avg_pool_backward(g, input_size=(6, 8), **settings)
    assert np.moveaxis(spread, 0, -1).flags.c_contiguous == (n >= pooling.RUN or batch_last or n == 1)
    pooled = pooling.avg_pool(x, output_size=count, **settings)
    np.testing.assert_allclose((spread * x).sum(), (g * pooled).sum(), rtol=1e-12)
    out = np.full_like(spread, np.nan)
    assert pooling.avg_pool_backward(g, input_size=(6, 8), out=out, **settings) is out
    np.testing.assert_array_equal(out, spread)
