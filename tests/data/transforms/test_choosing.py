"""Transforms that are made of others or of a chance, and changes by a given amount."""

import numpy as np
import pytest

import nn
from nn.data import transforms as T
from nn.data.transforms import adjusting as A
from nn.data.transforms.pixels import as_image


def floats(*shape, seed=0):
    return nn.from_numpy(np.random.default_rng(seed).random(shape or (3, 6, 8), np.float32))


def plus(number):
    return lambda x: 10 * x + number


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_what_has_a_chance_happens_that_often(p):
    seeded = nn.Generator().manual_seed(0)
    changes = [T.RandomApply([plus(1)], p, seeded), T.RandomInvert(p, seeded), T.RandomGrayscale(p, seeded)]
    for change, image in zip(changes, [nn.tensor(1.0), nn.ones(1, 1, 1), floats(3, 2, 2)], strict=True):
        changed = sum(change(image) is not image for _ in range(400))
        assert changed == pytest.approx(400 * p, abs=40)
        with pytest.raises(ValueError, match="p must be a probability, 0 to 1, got 2"):
            type(change)(*([[]] if isinstance(change, T.RandomApply) else []), p=2)


def test_one_of_several_and_all_in_any_order():
    seeded = nn.Generator().manual_seed(0)
    one = T.RandomChoice([plus(1), plus(2), plus(3)], generator=seeded)
    assert {one(0) for _ in range(50)} == {1, 2, 3}
    weighted = T.RandomChoice([plus(1), plus(2), plus(3)], p=[0, 3, 1], generator=seeded)
    drawn = [weighted(0) for _ in range(400)]
    assert (drawn.count(1), drawn.count(2)) == (0, pytest.approx(300, abs=40))
    every = T.RandomOrder([plus(1), plus(2)], generator=seeded)
    assert {every(0) for _ in range(50)} == {12, 21}
    with pytest.raises(ValueError, match=r"RandomChoice: p must be 2 weights, 0 or more and not all 0, got \[1\]"):
        T.RandomChoice([plus(1), plus(2)], p=[1])


def test_grey_has_as_many_channels_as_before():
    image = floats()
    grey = T.RandomGrayscale(1.0)(image)
    assert grey.shape == image.shape
    assert nn.equal(grey[0], grey[2])
    pillow = T.ToPILImage()(image)
    assert np.asarray(T.RandomGrayscale(1.0)(pillow)).shape == (6, 8, 3)


def test_adjusting_by_one_changes_nothing_and_by_zero_leaves_the_least():
    image = floats()
    grey = T.functional.rgb_to_grayscale(image, 3)
    for adjust, least in (
        (A.adjust_brightness, image * 0),
        (A.adjust_contrast, grey.mean() + image * 0),
        (A.adjust_saturation, grey),
        (A.adjust_gamma, image * 0 + 1),
    ):
        np.testing.assert_allclose(adjust(image, 1), image, atol=1e-6)
        np.testing.assert_allclose(adjust(image, 0), least, atol=1e-6)
    np.testing.assert_allclose(A.adjust_hue(A.adjust_hue(image, 0.3), -0.3), image, atol=1e-5)
    np.testing.assert_allclose(A.adjust_gamma(image, 2, gain=3), (3 * image**2).clamp(0, 1), atol=1e-6)
    with pytest.raises(nn.RangeError, match="adjust_gamma: gamma must be 0 or more, got -1"):
        A.adjust_gamma(image, -1)


def test_the_negative_of_the_negative_is_the_image():
    for image in floats(), T.PILToTensor()(np.arange(24, dtype=np.uint8).reshape(4, 6)):
        assert not nn.equal(A.invert(image), image)
        np.testing.assert_allclose(A.invert(A.invert(image)), image, atol=1e-6)
    picture = as_image(np.full((2, 3), 55, np.uint8))
    assert np.asarray(A.invert(picture)).tolist() == [[200] * 3] * 2


def test_a_blur_is_the_mean_with_normal_weights():
    dot = nn.zeros(1, 7, 9)
    dot[0, 3, 4] = 1
    blurred = A.gaussian_blur(dot, (5, 3), (1.0, 0.5)).numpy()[0]  # width 5, height 3
    x, y = np.exp(-0.5 * np.arange(-2, 3) ** 2.0), np.exp(-2.0 * np.arange(-1, 2) ** 2)
    np.testing.assert_allclose(blurred[2:5, 2:7], np.outer(y / y.sum(), x / x.sum()), rtol=1e-5)
    assert np.count_nonzero(blurred) == 15
    level = nn.full((3, 6, 8), 99, dtype=nn.uint8)
    assert nn.equal(A.gaussian_blur(level, 3), level)
    assert T.GaussianBlur(3, sigma=(0.1, 2))(floats()).shape == (3, 6, 8)
    with pytest.raises(nn.RangeError, match="gaussian_blur: kernel_size must be odd and above 0, got 4"):
        A.gaussian_blur(level, 4)
    with pytest.raises(ValueError, match=r"GaussianBlur: sigma must be a range \(least, most\) above 0, got 0"):
        T.GaussianBlur(3, 0)


def test_four_quarter_turns_are_none():
    image = floats(3, 5, 5)
    turned = A.rotate(image, 90)
    np.testing.assert_allclose(turned, np.rot90(image.numpy(), axes=(1, 2)))
    np.testing.assert_allclose(A.rotate(A.rotate(A.rotate(turned, 90), 90), 90), image)
    assert float(A.rotate(image, 45, fill=7)[0, 0, 0]) == 7


def test_pieces():
    image = floats()
    corners = A.five_crop(image, (2, 3))
    expected = (image[:, :2, :3], image[:, :2, 5:], image[:, 4:, :3], image[:, 4:, 5:], image[:, 2:4, 2:5])
    assert all(nn.equal(piece, part) for piece, part in zip(corners, expected, strict=True))
    ten = T.TenCrop((2, 3))(image)
    assert len(ten) == 10
    assert nn.equal(ten[5], image.flip(-1)[:, :2, :3])
    assert nn.equal(T.TenCrop((2, 3), True)(image)[5], image.flip(-2)[:, :2, :3])
    assert [piece.shape for piece in T.FiveCrop(2)(image)] == [(3, 2, 2)] * 5
    np.testing.assert_allclose(A.resized_crop(image, 1, 2, 3, 3, (3, 3)), image[:, 1:4, 2:5], atol=1e-6)
    with pytest.raises(nn.RangeError, match=r"five_crop: size must be at most \(6, 8\), got \(7, 7\)"):
        A.five_crop(image, 7)


def test_a_rectangle_is_erased_in_a_copy_or_in_place():
    image = floats()
    erased = A.erase(image, 1, 2, 3, 4, 9.0)
    assert (int((erased == 9).sum()), bool((image == 9).any())) == (36, False)
    assert A.erase(image, 1, 2, 3, 4, 9.0, inplace=True) is image
    assert nn.equal(image, erased)


def test_numbers_in_another_dtype():
    levels = nn.arange(256).to(nn.uint8)
    shares = T.ConvertImageDtype(nn.float64)(levels)
    np.testing.assert_allclose(shares, np.arange(256) / 255)
    assert nn.equal(T.ToDtype(nn.uint8, scale=True)(shares), levels)
    assert nn.equal(A.convert_image_dtype(A.convert_image_dtype(levels, nn.int32), nn.uint8), levels)
    assert T.ToDtype(nn.float32)(levels).tolist() == list(range(256))
    image = T.ToImage()(np.zeros((4, 6, 3), np.uint8))
    assert (image.shape, image.dtype, T.ToImage()(image) is image) == ((3, 4, 6), nn.uint8, True)
