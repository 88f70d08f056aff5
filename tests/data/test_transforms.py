import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import nn
from nn.data import Compose, Normalize, RandomNoise, RandomShift, Standardize

matrices = hnp.arrays(
    np.float64, st.tuples(st.integers(1, 8), st.integers(1, 4)), elements=st.floats(-1e3, 1e3, width=16)
)


def seeded(seed=0):
    return nn.Generator().manual_seed(seed)


@pytest.mark.parametrize("transform", [Standardize().fit(np.eye(2)), RandomNoise(0.5), RandomNoise(0)])
def test_a_tensor_gives_a_tensor_and_an_array_an_array_of_its_dtype(transform):
    for dtype in (np.float32, np.float64):
        array = np.ones((3, 2), dtype)
        for made, kind in ((transform(array), np.ndarray), (transform(nn.tensor(array)), nn.Tensor)):
            assert type(made) is kind
            assert made.dtype == dtype
            assert made.shape == (3, 2)


@pytest.mark.parametrize("make", [lambda g: RandomNoise(0.1, g), lambda g: RandomShift(2, g)])
def test_a_seed_repeats_what_is_random_and_the_input_stays(make, rng):
    images = rng.normal(size=(5, 1, 4, 4))
    before = images.copy()
    transform, again = make(seeded()), make(seeded())
    first = transform(images)
    np.testing.assert_array_equal(first, again(images))
    assert (transform(images) != first).any()
    np.testing.assert_array_equal(images, before)
    by_global_seed = [make(None)(images) for _ in range(2) if nn.manual_seed(6)]
    np.testing.assert_array_equal(*by_global_seed)


# -- Standardize ------------------------------------------------------------------------------------------------------
@given(matrices)
def test_training_data_get_mean_0_and_deviation_1_and_constant_columns_0(x):
    z = Standardize().fit(x)(x)
    constant = x.min(0) == x.max(0)
    np.testing.assert_allclose(z.mean(0), 0, atol=1e-6)
    np.testing.assert_allclose(z.std(0), np.where(constant, 0, 1), atol=1e-6)
    assert not z[:, constant].any()


def test_other_data_are_measured_by_the_training_data():
    standardize = Standardize().fit([[0.0], [2.0]])
    assert standardize.transform(nn.tensor([[4.0], [1.0]])).tolist() == [[3.0], [0.0]]


def test_a_constant_that_rounding_would_spread_becomes_0():
    x = np.full((1000, 1), 0.1)
    assert x.std() > 0  # what dividing by std alone would do with it is noise of the size of 1
    assert not Standardize().fit(x)(x).any()


def test_images_can_be_standardised_by_channel(rng):
    images = rng.normal(size=(6, 3, 4, 4)) * [[[[2.0]], [[5.0]], [[9.0]]]] + 1
    standardize = Standardize(dim=(0, 2, -1)).fit(images)
    z = standardize(images)
    assert standardize.mean.shape == (1, 3, 1, 1)
    np.testing.assert_allclose(z.mean((0, 2, 3)), 0, atol=1e-12)
    np.testing.assert_allclose(z.std((0, 2, 3)), 1)
    assert standardize(images[:2, :, :1]).shape == (2, 3, 1, 4)


def test_integers_become_float32():
    assert Standardize().fit([[1], [3]])(np.array([[1], [3]])).dtype == np.float32


@given(matrices)
def test_it_is_scikit_learns_standard_scaler(x):
    preprocessing = pytest.importorskip("sklearn.preprocessing", reason="scikit-learn, the oracle, is not installed")
    expected = preprocessing.StandardScaler().fit_transform(x)
    np.testing.assert_allclose(Standardize().fit(x)(x), expected, atol=1e-9)


def test_before_fit_it_is_refused():
    with pytest.raises(RuntimeError, match=r"mean and std are not known yet; call fit\(training_data\) first"):
        Standardize()([[1.0]])


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (np.zeros((0, 3)), r"Standardize.fit: expected at least one sample, got empty data of shape \(0, 3\)"),
        ([[1.0, 2.0], [np.nan, 0.0]], r"expected finite numbers, got nan at \(1, 0\); clean the data"),
        ([[np.inf]], r"got inf at \(0, 0\)"),
    ],
)
def test_data_without_statistics_are_refused(data, message):
    with pytest.raises(ValueError, match=message):
        Standardize().fit(data)


@pytest.mark.parametrize("shape", [(4, 2), (4,), (4, 1), (4, 3, 1)])
def test_data_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"data must have shape \(any, 3\) as in fit, got .*; fit it again"):
        Standardize().fit(np.eye(3))(np.zeros(shape))


# -- RandomShift ------------------------------------------------------------------------------------------------------
@given(st.integers(1, 6), st.integers(1, 5), st.integers(1, 5), st.integers(0, 6), st.integers(0, 99))
def test_every_image_is_moved_as_a_whole_and_zeros_move_in(n, height, width, pixels, seed):
    images = np.arange(1.0, 1 + n * 2 * height * width).reshape(n, 2, height, width)
    shifted = RandomShift(pixels, seeded(seed))(images)

    def moved(image, down, right):
        out = np.zeros_like(image)
        for i in range(height):
            for j in range(width):
                if 0 <= i - down < height and 0 <= j - right < width:
                    out[:, i, j] = image[:, i - down, j - right]
        return out

    moves = range(-pixels, pixels + 1)
    for image, result in zip(images, shifted, strict=True):
        assert any(np.array_equal(result, moved(image, down, right)) for down in moves for right in moves)


def test_all_moves_are_drawn_equally_often():
    images = np.zeros((9000, 1, 3, 3))
    images[:, :, 1, 1] = 1
    counts = RandomShift(1, seeded())(images).sum((0, 1))
    assert counts.sum() == 9000
    assert ((counts > 850) & (counts < 1150)).all()  # each about 1000


def test_a_shift_by_0_changes_nothing_and_no_images_stay_none(rng):
    images = rng.normal(size=(2, 1, 3, 3))
    np.testing.assert_array_equal(RandomShift(0)(images), images)
    assert RandomShift(1)(images[:0]).shape == (0, 1, 3, 3)


@pytest.mark.parametrize("pixels", [-1, 0.5])
def test_pixels_that_are_no_count_are_refused(pixels):
    with pytest.raises(ValueError, match=f"RandomShift: pixels must be an integer, 0 or more, got {pixels}"):
        RandomShift(pixels)


def test_other_axes_than_those_of_images_are_refused():
    message = r"RandomShift: expected images \(N, C, H, W\), or one \(C, H, W\), got \(8, 8\); reshape them first"
    with pytest.raises(ValueError, match=message):
        RandomShift(1)(np.zeros((8, 8)))


# -- RandomNoise ------------------------------------------------------------------------------------------------------
def test_noise_has_mean_0_and_the_deviation_asked_for():
    noise = RandomNoise(0.5, seeded())(np.zeros(20_000))
    assert abs(noise.mean()) < 0.02
    assert abs(noise.std() - 0.5) < 0.02


@pytest.mark.parametrize("std", [-0.1, np.nan, np.inf])
def test_a_deviation_that_is_none_is_refused(std):
    with pytest.raises(ValueError, match=f"RandomNoise: std must be a finite number, 0 or more, got {std}"):
        RandomNoise(std)


def test_noise_on_integers_is_refused():
    with pytest.raises(TypeError, match=r"RandomNoise: expected floats, got uint8; scale the images to \[0, 1\] first"):
        RandomNoise(0.1)(np.zeros(3, np.uint8))


# -- Compose ----------------------------------------------------------------------------------------------------------
def test_transforms_are_called_in_order():
    assert Compose([lambda x: x + 1, lambda x: x * 10])(2) == 30
    assert Compose([])(2) == 2


# -- Normalize --------------------------------------------------------------------------------------------------------
def test_normalised_channels_are_x_minus_mean_by_std(rng):
    images = rng.normal(size=(4, 3, 2, 2)).astype(np.float32)
    z = Normalize([0.1, 0.2, 0.3], [1, 2, 4])(images)
    for c, (mean, std) in enumerate([(0.1, 1), (0.2, 2), (0.3, 4)]):
        np.testing.assert_allclose(z[:, c], (images[:, c] - mean) / std, atol=1e-6)
    assert z.dtype == np.float32
    np.testing.assert_array_equal(Normalize(0.5, 2)(images[0]), (images[0] - np.float32(0.5)) / 2)


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Normalize(0, 0), ValueError, "expected finite means and deviations other than 0, got 0 and 0"),
        (
            lambda: Normalize([1, 2], 1)(np.zeros((3, 4, 4))),
            ValueError,
            r"expected images \(\*, 2, H, W\), got",
        ),
        (lambda: Normalize(0, 1)(np.zeros((1, 2, 2), int)), TypeError, "Normalize: expected floats, got int64"),
    ],
)
def test_what_cannot_be_normalised_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()
