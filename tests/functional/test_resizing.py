"""Resampled images by their properties, and the messages."""

import numpy as np
import pytest

import nn
import nn.functional as F

MODES = ["nearest", "nearest-exact", "bilinear", "bicubic", "area"]


@pytest.fixture
def x(rng):
    return nn.tensor(rng.normal(size=(2, 3, 5, 4)))


@pytest.mark.parametrize("mode", MODES)
def test_the_same_size_changes_nothing_and_a_constant_stays_one(mode, x):
    np.testing.assert_allclose(F.interpolate(x, (5, 4), mode=mode).numpy(), x.numpy(), atol=1e-14)
    for size in ((3, 7), (9, 2)):
        np.testing.assert_allclose(F.interpolate(x * 0 + 2, size, mode=mode).numpy(), 2)


@pytest.mark.parametrize("mode", MODES)
def test_the_axes_are_resampled_one_by_one(mode, x):
    both = F.interpolate(x, (7, 9), mode=mode)
    rows_first = F.interpolate(F.interpolate(x, (7, 4), mode=mode), (7, 9), mode=mode)
    np.testing.assert_allclose(both.numpy(), rows_first.numpy(), atol=1e-13)


def test_nearest_by_a_whole_factor_repeats_each_pixel(x):
    repeated = x.numpy().repeat(3, 2).repeat(2, 3)
    assert F.interpolate(x, scale_factor=(3.0, 2.0)).tolist() == repeated.tolist()
    assert F.interpolate(x, scale_factor=(3.0, 2.0), mode="nearest-exact").tolist() == repeated.tolist()


@pytest.mark.parametrize(("mode", "axes"), [("linear", 1), ("bilinear", 2), ("trilinear", 3)])
def test_a_ramp_between_aligned_corners_stays_a_ramp(mode, axes):
    ramp = nn.linspace(0, 1, 4).double().reshape(1, 1, *[1] * (axes - 1), 4).expand(1, 1, *[2] * (axes - 1), 4)
    wide = F.interpolate(ramp, (3,) * (axes - 1) + (10,), mode=mode, align_corners=True)
    np.testing.assert_allclose(wide.reshape(-1, 10).numpy(), np.linspace(0, 1, 10)[None].repeat(3 ** (axes - 1), 0))


@pytest.mark.parametrize("mode", MODES[2:])  # of two as near, "nearest" has to take one
def test_a_mirrored_image_is_resampled_to_the_mirrored_result(mode, x):
    mirrored = F.interpolate(x.flip(3), (7, 6), mode=mode).flip(3)
    np.testing.assert_allclose(mirrored.numpy(), F.interpolate(x, (7, 6), mode=mode).numpy(), atol=1e-14)


def test_bicubic_between_two_pixels_weighs_four_by_keys_s_kernel():
    x = nn.eye(4).double().reshape(4, 1, 1, 4)  # a delta at each place
    middle = F.interpolate(x, (1, 7), mode="bicubic", align_corners=True)[:, 0, 0, 3]
    np.testing.assert_allclose(middle.numpy(), [-3 / 32, 19 / 32, 19 / 32, -3 / 32])


def test_area_is_adaptive_pooling(x):
    np.testing.assert_allclose(
        F.interpolate(x, (2, 3), mode="area").numpy(), F.adaptive_avg_pool2d(x, (2, 3)).numpy(), atol=1e-14
    )


@pytest.mark.parametrize("mode", ["bilinear", "bicubic", "lanczos"])
def test_with_antialias_every_pixel_counts_and_the_weights_sum_to_1(mode):
    x = nn.ones(1, 1, 12, 12, dtype=nn.float64, requires_grad=True)
    y = F.interpolate(x, (3, 3), mode=mode, antialias=True)
    y.sum().backward()
    np.testing.assert_allclose(y.detach().numpy(), 1)
    assert (np.abs(x.grad.numpy()) > 1e-6).all()


def test_without_antialias_a_bilinear_thumbnail_skips_pixels():
    x = nn.ones(1, 1, 12, 12, requires_grad=True)
    F.interpolate(x, (3, 3), mode="bilinear").sum().backward()
    assert np.count_nonzero(x.grad.numpy()) == 4 * 9


@pytest.mark.parametrize("mode", MODES)
def test_the_gradient_agrees_with_differences(mode, rng):
    x = nn.tensor(rng.normal(size=(1, 1, 3, 4)), requires_grad=True)
    assert nn.testing.gradcheck(lambda x: F.interpolate(x, (5, 3), mode=mode), (x,))


X = nn.zeros(1, 1, 4, 4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.interpolate(X), nn.RangeError, "give either size or scale_factor, got None and None"),
        (lambda: F.interpolate(X, 2, 2.0), nn.RangeError, "give either size or scale_factor, got 2 and 2.0"),
        (lambda: F.interpolate(X, (2, 2, 2)), nn.ShapeError, "expected one number for each spatial axis"),
        (lambda: F.interpolate(X, 2.5), TypeError, "size must be integers, got 2.5; for a factor use scale_factor"),
        (lambda: F.interpolate(X, 2, mode="linear"), NotImplementedError, "mode='linear' is for 1 spatial axes"),
        (lambda: F.interpolate(X, 2, mode="cubic"), nn.RangeError, "mode must be one of"),
        (lambda: F.interpolate(X, 2, align_corners=True), nn.RangeError, "align_corners has no meaning for"),
        (lambda: F.interpolate(X, 2, antialias=True), nn.RangeError, "antialias is for bilinear, bicubic and lanczos"),
        (lambda: F.interpolate(X, 2, mode="lanczos"), nn.RangeError, "mode='lanczos' needs antialias=True"),
        (lambda: F.interpolate(X, 2, recompute_scale_factor=True), nn.RangeError, "recompute_scale_factor has no"),
        (lambda: F.interpolate(X, 0), nn.ShapeError, "every axis but the first must have entries"),
        (lambda: F.interpolate(X.long(), 2), nn.DtypeError, "x must be floating-point"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=f"interpolate: {message}"):
        call()
