import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nn
from nn.data.transforms import ColorJitter, RandomErasing

colours = hnp.arrays(np.float64, (3, 2, 2), elements=st.floats(0, 1, width=16))


def seeded(seed=0):
    return nn.Generator().manual_seed(seed)


def grey(image):
    return 0.2989 * image[0] + 0.587 * image[1] + 0.114 * image[2]


# -- ColorJitter ------------------------------------------------------------------------------------------------------
@given(colours, st.floats(0, 3))
def test_brightness_contrast_and_saturation_are_what_their_formulas_say(image, f):
    bright = ColorJitter(brightness=(f, f))(image)
    np.testing.assert_allclose(bright, np.clip(f * image, 0, 1), atol=1e-12)
    contrasted = ColorJitter(contrast=(f, f))(image)
    np.testing.assert_allclose(contrasted, np.clip(f * image + (1 - f) * grey(image).mean(), 0, 1), atol=1e-12)
    saturated = ColorJitter(saturation=(f, f))(image)
    np.testing.assert_allclose(saturated, np.clip(f * image + (1 - f) * grey(image), 0, 1), atol=1e-12)


@given(colours, st.floats(-0.5, 0.5))
def test_a_turned_hue_is_colorsyss(image, f):
    turned = ColorJitter(hue=(f, f))(image)
    for before, after in zip(image.reshape(3, 4).T, turned.reshape(3, 4).T, strict=True):
        h, s, v = colorsys.rgb_to_hsv(*before)
        np.testing.assert_allclose(after, colorsys.hsv_to_rgb((h + f) % 1, s, v), atol=1e-9)


def test_factors_come_from_their_ranges_each_image_its_own():
    images = np.full((3000, 1, 1, 1), 0.25)
    factors = ColorJitter(brightness=0.5, generator=seeded())(images)[:, 0, 0, 0] / 0.25
    assert 0.5 <= factors.min() < 0.51
    assert 1.49 < factors.max() <= 1.5
    assert abs(factors.mean() - 1) < 0.03


def test_the_order_of_changes_is_drawn(rng):
    image = rng.random((3, 4, 4))
    jitter = ColorJitter((2, 2), (0.5, 0.5), generator=seeded())
    assert len({jitter(image).tobytes() for _ in range(30)}) == 2


def test_no_change_asked_for_is_none(rng):
    image = rng.random((3, 4, 4))
    np.testing.assert_array_equal(ColorJitter()(image), image)


def test_uint8_stays_uint8_and_grey_images_stay_grey():
    image = np.array([[[0, 100, 200]]], np.uint8)
    assert ColorJitter(brightness=(1.5, 1.5), saturation=1, hue=0.5)(image).tolist() == [[[0, 150, 255]]]
    assert ColorJitter(brightness=(1.5, 1.5))(image).dtype == np.uint8


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (
            lambda: ColorJitter(brightness=-1),
            ValueError,
            r"brightness must be a range \(least, most\) or one number, 0",
        ),
        (lambda: ColorJitter(contrast=(2, 1)), ValueError, r"contrast must be a range .*got \(2, 1\)"),
        (lambda: ColorJitter(hue=0.6), ValueError, r"hue must be a range .* within \(-0.5, 0.5\); got 0.6"),
        (lambda: ColorJitter()(np.zeros((2, 4, 4))), ValueError, "expected images with 1 or 3 channels, got 2"),
        (lambda: ColorJitter()(np.zeros((3, 4, 4), int)), TypeError, r"floats \(0 to 1\) or uint8 .* got int64"),
    ],
)
def test_colours_that_are_none_are_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


# -- RandomErasing ----------------------------------------------------------------------------------------------------
@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 99))
def test_what_is_erased_is_one_rectangle_inside_the_image_of_the_area_asked_for(height, width, seed):
    image = np.ones((2, height, width))
    erased = RandomErasing(1, scale=(0.1, 0.5), ratio=(0.5, 2), generator=seeded(seed))(image)
    assert (erased[0] == erased[1]).all()
    rows, columns = np.nonzero(erased[0] == 0)
    if len(rows):
        h, w = np.ptp(rows) + 1, np.ptp(columns) + 1
        assert len(rows) == h * w
        assert h < height
        assert w < width
        slack = h + w + 1  # sides are whole pixels
        assert 0.1 * height * width - slack <= h * w <= 0.5 * height * width + slack


def test_the_share_of_images_erased_is_p_and_every_pixel_can_be():
    images = np.ones((2000, 1, 6, 6))
    erased = RandomErasing(0.4, generator=seeded())(images)
    assert 0.36 < (erased == 0).any((1, 2, 3)).mean() < 0.44
    assert ((erased == 0).sum(0) > 0).all()
    np.testing.assert_array_equal(RandomErasing(0)(images), images)


def test_what_covers_can_be_a_number_one_for_each_channel_or_noise():
    image = np.zeros((3, 20, 20))
    covered = RandomErasing(1, value=(1, 2, 3), generator=seeded())(image)
    assert [sorted(set(channel.ravel())) for channel in covered] == [[0, 1], [0, 2], [0, 3]]
    noise = RandomErasing(1, scale=(0.3, 0.3), value="random", generator=seeded())(image)
    noise = noise[noise != 0]
    assert len(np.unique(noise)) == noise.size > 200
    assert abs(noise.std() - 1) < 0.2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"p": -0.1}, "RandomErasing: p must be a probability, 0 to 1, got -0.1"),
        ({"scale": (0.5, 0.1)}, r"scale must be a range \(least, most\) within \(0, 1\), got \(0.5, 0.1\)"),
        ({"ratio": (0, 1)}, r"ratio must be a range \(least, most\) above 0, got \(0, 1\)"),
        ({"value": "mean"}, "value must be a number, one for each channel, or 'random'; got 'mean'"),
    ],
)
def test_rectangles_that_are_none_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        RandomErasing(**options)
