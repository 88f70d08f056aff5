"""Max-pooling gives the same in one block and in many, in either layout, and of odd values what PyTorch gives."""

import itertools

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


LAYOUTS = {
    "images one after another": lambda x: x,
    "images side by side": lambda x: np.moveaxis(np.moveaxis(x, 0, -1).copy(), -1, 0),
    "columns before rows": lambda x: x.swapaxes(2, 3).copy().swapaxes(2, 3),
    "backwards": lambda x: x[::-1, :, ::-1].copy()[::-1, :, ::-1],
    "one image, seen again": lambda x: np.broadcast_to(x[:1], x.shape),
}


def largest(x, kernel_size, stride, padding, dilation, output_size):
    """The largest of each window and its place, by loops: a later element takes over if it is larger, or nan."""
    y = np.zeros((*x.shape[:2], *output_size), x.dtype)
    place = np.full(y.shape, -1)
    inside = itertools.product(*map(range, kernel_size))
    for (number, offset), at in itertools.product(list(enumerate(inside)), np.ndindex(*y.shape)):
        pixel = [i * s + o * d - p for i, s, o, d, p in zip(at[2:], stride, offset, dilation, padding, strict=True)]
        if all(0 <= i < n for i, n in zip(pixel, x.shape[2:], strict=True)):
            value = x[(*at[:2], *pixel)]
            if place[at] < 0 or value > y[at] or np.isnan(value):
                y[at], place[at] = value, number
    return y, place


@pytest.mark.parametrize("settings", SETTINGS[:3])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int32])
@pytest.mark.parametrize("few", [0, 6], ids=["by axes", "at once"])
def test_the_first_of_equals_and_any_nan_is_the_largest(few, settings, layout, dtype, monkeypatch, rng):
    monkeypatch.setattr(pooling, "FEW", few)
    for values in ([-1.0, -0.0, 0.0, 2.0], [-np.inf, np.inf, 0.0, np.nan], [-np.inf]):
        if dtype != np.int32 or np.isfinite(values).all():
            x = layout(rng.choice(values, size=(2, 2, 6, 8)).astype(dtype))
            with np.errstate(all="ignore"):  # as the engine calls kernels
                y, place = pooling.max_pool(x, **settings)
            expected, where = largest(x, **settings)
            np.testing.assert_array_equal(y, expected)
            np.testing.assert_array_equal(place, where)
            assert y.dtype == dtype


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_gradient_goes_to_one_place_whatever_it_is(layout, dtype, rng):
    """Infinity and nan too: elsewhere stands 0, and what is in no window gets 0."""
    settings = dict(kernel_size=(2, 3), stride=(2, 3), padding=(0, 0), dilation=(1, 1))
    x = layout(rng.normal(size=(2, 2, 6, 8)).astype(dtype))
    y, place = pooling.max_pool(x, output_size=(3, 2), **settings)
    g = layout(rng.choice([np.inf, -np.inf, np.nan, -0.0, 1.5], size=y.shape).astype(dtype))
    back = pooling.max_pool_backward(g, place=place, input_size=(6, 8), **settings)
    expected = np.zeros(x.shape, dtype)
    for at in np.ndindex(*y.shape):
        row, column = divmod(int(place[at]), 3)
        expected[(*at[:2], 2 * at[2] + row, 3 * at[3] + column)] = g[at]
    np.testing.assert_array_equal(back, expected)
    np.testing.assert_array_equal(pooling.max_pool_pick(back, place=place, **settings), g)


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
