import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.data.transforms import (
    ColorJitter,
    RandomAffine,
    RandomCrop,
    RandomErasing,
    RandomHorizontalFlip,
    RandomNoise,
    RandomRotation,
    RandomShift,
    RandomVerticalFlip,
)

EVERY = {
    "shift": lambda g: RandomShift(2, g),
    "crop": lambda g: RandomCrop(6, padding=2, generator=g),
    "left and right": lambda g: RandomHorizontalFlip(generator=g),
    "top and bottom": lambda g: RandomVerticalFlip(generator=g),
    "rotation": lambda g: RandomRotation(30, generator=g),
    "affine": lambda g: RandomAffine(30, (0.2, 0.1), (0.8, 1.2), (-5, 5, -3, 3), generator=g),
    "erasing": lambda g: RandomErasing(value="random", generator=g),
    "color": lambda g: ColorJitter(0.4, 0.4, 0.4, 0.2, generator=g),
    "noise": lambda g: RandomNoise(0.1, g),
}


def seeded(seed=0):
    return nn.Generator().manual_seed(seed)


# -- what holds for every random transform of images ------------------------------------------------------------------
@pytest.mark.parametrize("make", EVERY.values(), ids=EVERY)
class TestEvery:
    @pytest.mark.parametrize("dtype", [np.float32, np.float64])
    def test_a_seed_repeats_it_and_the_images_that_came_stay(self, make, dtype, rng):
        images = rng.random((6, 3, 6, 8)).astype(dtype)
        before = images.copy()
        transform, again = make(seeded(3)), make(seeded(3))
        first = transform(images)
        np.testing.assert_array_equal(first, again(images))
        assert (transform(images) != first).any()
        assert first.dtype == dtype
        assert not np.shares_memory(first, images)
        np.testing.assert_array_equal(images, before)

    def test_without_a_generator_the_global_seed_decides(self, make, rng):
        images = rng.random((4, 3, 6, 8))
        results = [make(None)(images) for _ in range(2) if nn.manual_seed(9)]
        np.testing.assert_array_equal(*results)

    def test_a_single_image_is_a_batch_of_one(self, make, rng):
        image = rng.random((3, 6, 8))
        np.testing.assert_array_equal(make(seeded())(image), make(seeded())(image[None])[0])
        assert isinstance(make(seeded())(nn.tensor(image)), nn.Tensor)

    def test_images_of_a_batch_get_numbers_of_their_own(self, make, rng):
        images = np.broadcast_to(rng.random((3, 6, 8)), (20, 3, 6, 8))
        result = make(seeded())(images)
        assert len({image.tobytes() for image in result}) > 1

    def test_no_images_stay_none(self, make):
        assert len(make(seeded())(np.zeros((0, 3, 6, 8)))) == 0


# -- crops and flips --------------------------------------------------------------------------------------------------
@given(st.integers(1, 5), st.integers(1, 5), st.sampled_from([0, 1, (2, 1), (0, 1, 2, 3)]), st.integers(0, 50))
def test_a_crop_is_a_window_of_the_padded_image(height, width, padding, seed):
    image = np.arange(1.0, 51).reshape(2, 5, 5)
    left, top, right, bottom = {0: (0,) * 4, 1: (1,) * 4, (2, 1): (2, 1, 2, 1)}.get(padding, padding)
    padded = np.pad(image, ((0, 0), (top, bottom), (left, right)), constant_values=-1)
    cut = RandomCrop((height, width), padding, fill=-1, generator=seeded(seed))(image)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (height, width), axis=(1, 2))
    assert cut.shape == (2, height, width)
    assert any(np.array_equal(cut, windows[:, i, j]) for i in range(windows.shape[1]) for j in range(windows.shape[2]))


def test_all_places_are_drawn_equally_often():
    cuts = RandomCrop(2, generator=seeded())(np.broadcast_to(np.arange(9.0).reshape(1, 3, 3), (4000, 1, 3, 3)))
    corners, counts = np.unique(cuts[:, 0, 0, 0], return_counts=True)
    assert corners.tolist() == [0, 1, 3, 4]
    assert ((counts > 900) & (counts < 1100)).all()


@pytest.mark.parametrize("mode", ["edge", "reflect", "symmetric"])
def test_a_crop_pads_as_numpy_does(mode, rng):
    image = rng.random((1, 3, 4))
    whole = RandomCrop((7, 8), padding=2, padding_mode=mode)(image)
    np.testing.assert_array_equal(whole, np.pad(image, ((0, 0), (2, 2), (2, 2)), mode))


def test_a_crop_pads_what_is_too_small_if_asked():
    assert RandomCrop((9, 4), pad_if_needed=True)(np.ones((2, 1, 5, 5))).shape == (2, 1, 9, 4)
    with pytest.raises(ValueError, match=r"pieces of \(9, 4\) cannot be cut out of images of \(5, 5\) with padding"):
        RandomCrop((9, 4))(np.ones((2, 1, 5, 5)))


@pytest.mark.parametrize(("flip", "axis"), [(RandomHorizontalFlip, 3), (RandomVerticalFlip, 2)])
def test_a_flip_mirrors_the_share_of_images_that_p_says(flip, axis, rng):
    images = rng.random((2000, 1, 2, 3))
    result = flip(0.3, seeded())(images)
    flipped = (result == np.flip(images, axis)).all((1, 2, 3))
    assert (flipped ^ (result == images).all((1, 2, 3))).all()
    assert 0.27 < flipped.mean() < 0.33
    np.testing.assert_array_equal(flip(0)(images), images)
    np.testing.assert_array_equal(flip(1)(images), np.flip(images, axis))


# -- rotations and affine maps ----------------------------------------------------------------------------------------
@pytest.mark.parametrize("interpolation", ["bilinear", "nearest"])
@pytest.mark.parametrize("quarters", [-3, -1, 0, 1, 2, 4])
def test_turns_by_right_angles_only_move_pixels(interpolation, quarters, rng):
    images = rng.random((2, 3, 5, 5))
    turned = RandomRotation((90 * quarters, 90 * quarters), interpolation)(images)
    np.testing.assert_allclose(turned, np.rot90(images, quarters, axes=(2, 3)), atol=1e-12)


def test_a_rotation_is_scipys(rng):
    ndimage = pytest.importorskip("scipy.ndimage", reason="scipy, the oracle of this test, is not installed")
    image = rng.random((1, 12, 17))
    ours = RandomRotation((33, 33), fill=0.5)(image)[0]
    theirs = ndimage.rotate(image[0], 33, reshape=False, order=1, mode="grid-constant", cval=0.5)
    np.testing.assert_allclose(ours, theirs, atol=1e-12)


def by_torch(torch, image, matrix):
    """An image moved by a matrix (3, 3) of pixels around its middle, by affine_grid and grid_sample."""
    _, height, width = image.shape
    to_pixels = np.diag([width / 2, height / 2, 1])
    theta = (np.linalg.inv(to_pixels) @ np.linalg.inv(matrix) @ to_pixels)[None, :2]
    grid = torch.nn.functional.affine_grid(torch.from_numpy(theta), (1, *image.shape), align_corners=False)
    return torch.nn.functional.grid_sample(torch.from_numpy(image[None]), grid, align_corners=False)[0].numpy()


@given(
    st.floats(-180, 180),
    st.floats(0.5, 2),
    st.tuples(st.floats(-40, 40), st.floats(-40, 40)),
    st.none() | st.tuples(st.integers(0, 9), st.integers(0, 7)),
    st.integers(0, 99),
)
def test_an_affine_map_is_torchs(angle, scale, shear, center, seed):
    torch = pytest.importorskip("torch", reason="torch, the oracle of this test, is not installed")
    image = np.random.default_rng(seed).random((2, 7, 9))
    (sx, sy), (x, y) = shear, (0, 0) if center is None else (center[0] - 4.5, center[1] - 3.5)
    a, tan_x, tan_y = np.radians(angle), np.tan(np.radians(sx)), np.tan(np.radians(sy))
    turn = np.array([[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]])
    along_y = np.array([[1, 0, 0], [-tan_y, 1, 0], [0, 0, 1]])
    along_x = np.array([[1, -tan_x, 0], [0, 1, 0], [0, 0, 1]])
    to, back = np.eye(3), np.eye(3)
    to[:2, 2], back[:2, 2] = (x, y), (-x, -y)
    matrix = to @ turn @ along_y @ along_x @ np.diag([scale, scale, 1]) @ back
    transform = RandomAffine((angle, angle), None, (scale, scale), (sx, sx, sy, sy), center=center)
    np.testing.assert_allclose(transform(image), by_torch(torch, image, matrix), atol=1e-6)


def test_moves_are_whole_pixels_as_far_as_told(rng):
    image = rng.random((1, 10, 10)) + 1
    moves = set()
    for seed in range(300):
        moved = RandomAffine(0, translate=(0.2, 0.1), generator=seeded(seed))(image)
        found = [
            (x, y)
            for x in range(-9, 10)
            for y in range(-9, 10)
            if np.allclose(moved[:, max(0, y) : 10 + min(0, y), max(0, x) : 10 + min(0, x)],
                           image[:, max(0, -y) : 10 + min(0, -y), max(0, -x) : 10 + min(0, -x)])
            and np.count_nonzero(moved) == (10 - abs(x)) * (10 - abs(y))
        ]  # fmt: skip
        assert len(found) == 1
        moves.add(found[0])
    assert moves == {(x, y) for x in range(-2, 3) for y in range(-1, 2)}


def test_angles_are_drawn_uniformly_from_their_range():
    transform = RandomRotation((10, 50), generator=seeded())
    matrices, _ = transform.inverses(4000, 8, 8)
    angles = np.degrees(np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0]))
    assert 10 <= angles.min() < 10.2
    assert 49.8 < angles.max() <= 50
    assert abs(angles.mean() - 30) < 1


def test_integers_are_rounded_and_stay_integers():
    image = np.array([[[0, 255], [255, 0]]], np.uint8)
    turned = RandomRotation((45, 45), fill=100)(image)
    assert turned.dtype == np.uint8
    assert turned.max() <= 255


def test_every_channel_may_have_its_own_fill():
    moved = RandomRotation((45, 45), "nearest", fill=(1, 2, 3))(np.zeros((3, 9, 9)))
    assert moved[:, 0, 0].tolist() == [1, 2, 3]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandomCrop(0), "RandomCrop: size must be a height and a width of 1 pixel or more, got 0"),
        (lambda: RandomCrop(4, padding=-1), "padding must be 1, 2 or 4 numbers of pixels, 0 or more, got -1"),
        (lambda: RandomCrop(4, padding=(1, 2, 3)), r"padding must be 1, 2 or 4 numbers of pixels, .* got \(1, 2, 3\)"),
        (lambda: RandomCrop(4, padding_mode="wrap"), "padding_mode must be one of .* got 'wrap'"),
        (lambda: RandomHorizontalFlip(1.5), "RandomHorizontalFlip: p must be a probability, 0 to 1, got 1.5"),
        (
            lambda: RandomRotation(-5),
            r"RandomRotation: degrees must be a range \(least, most\), or one number 0 or",
        ),
        (lambda: RandomRotation((5, 1)), r"degrees must be a range \(least, most\), .*got \(5, 1\)"),
        (lambda: RandomRotation(5, "cubic"), "interpolation must be bilinear or nearest, got 'cubic'"),
        (lambda: RandomAffine(0, translate=(2, 0)), r"translate must be two shares .*, 0 to 1, got \(2, 0\)"),
        (lambda: RandomAffine(0, scale=(0, 1)), r"scale must be a range of factors above 0, got \(0, 1\)"),
        (lambda: RandomAffine(0, shear=(1, 2, 3)), r"shear must be a range .*got \(1, 2, 3\)"),
    ],
)
def test_amounts_that_are_none_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
