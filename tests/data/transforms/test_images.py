"""Transforms of one image, of every kind."""

import numpy as np
import pytest

import nn
from nn.data import transforms as T
from nn.data.transforms.pixels import Pixels, as_image

GREY = np.arange(35, dtype=np.uint8).reshape(5, 7)
COLOUR = np.arange(105, dtype=np.uint8).reshape(5, 7, 3)


def kinds(array):
    """The image as a tensor, as Pillow's where that is installed, and as what stands for it where it is not."""
    return [T.PILToTensor()(array), as_image(array), array.view(Pixels)]


def pixels(img):
    """An image of any kind as an array (H, W) or (H, W, C)."""
    if isinstance(img, nn.Tensor):
        array = img.numpy().transpose(1, 2, 0)
        return array[:, :, 0] if array.shape[2] == 1 else array
    return np.asarray(img)


@pytest.mark.parametrize("array", [GREY, COLOUR], ids=["grey", "colour"])
class TestTransforms:
    @pytest.mark.parametrize(("transform", "expected"), [
        (T.CenterCrop(3), lambda a: a[1:4, 2:5]), (T.CenterCrop((3, 5)), lambda a: a[1:4, 1:6]),
        (T.RandomHorizontalFlip(1.0), lambda a: a[:, ::-1]), (T.RandomVerticalFlip(1), lambda a: a[::-1]),
        (T.RandomHorizontalFlip(0.0), lambda a: a), (T.Pad(2), lambda a: np.pad(a, [(2, 2)] * 2 + [(0, 0)] * (a.ndim - 2))),  # noqa: E501
        (T.RandomCrop((5, 7)), lambda a: a), (T.Lambda(lambda img: img), lambda a: a),
        (T.Compose([T.CenterCrop((4, 6)), T.RandomVerticalFlip(1.0)]), lambda a: a[0:4, 0:6][::-1]),
    ])  # fmt: skip
    def test_pixels_move_alike_in_images_of_every_kind(self, array, transform, expected):
        for img in kinds(array):
            moved = transform(img)
            assert isinstance(moved, type(img)) or "PIL" in str(type(img))
            np.testing.assert_array_equal(pixels(moved), expected(array))

    def test_bytes_become_floats_from_0_to_1_and_again_bytes(self, array):
        for img in [img for img in kinds(array) if not isinstance(img, nn.Tensor)]:
            x = T.ToTensor()(img)
            assert x.dtype == nn.float32
            np.testing.assert_array_equal(x.numpy(), pixels_first(array).astype(np.float32) / 255)
            np.testing.assert_array_equal(np.asarray(T.ToPILImage()(x)), array)

    def test_a_constant_image_stays_constant_in_every_size(self, array):
        for img in kinds(np.full_like(array, 9)):
            assert np.unique(pixels(T.Resize((9, 4))(img))).tolist() == [9]
            assert pixels(T.Resize((9, 4))(img)).shape[:2] == (9, 4)
            assert pixels(T.Resize(10)(img)).shape[:2] == (10, 14)

    def test_crops_have_the_size_that_was_asked_for(self, array):
        for img in kinds(array):
            assert pixels(T.RandomCrop(4, padding=2)(img)).shape[:2] == (4, 4)
            assert pixels(T.RandomCrop(9, pad_if_needed=True)(img)).shape[:2] == (9, 9)
            assert pixels(T.RandomResizedCrop(4)(img)).shape[:2] == (4, 4)
            with pytest.raises(
                ValueError, match=r"RandomCrop: pieces of \(9, 9\) cannot be cut out of images of \(5, 7\)"
            ):
                T.RandomCrop(9)(img)

    def test_ours_take_images_of_every_kind(self, array):
        for img in kinds(array):
            assert pixels(T.RandomRotation(10)(img)).shape == array.shape
            assert pixels(T.RandomErasing(1.0)(img)).shape == array.shape


def pixels_first(array):
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


def test_normalisation_and_grey():
    x = T.ToTensor()(COLOUR)
    y = T.Normalize((0.5, 0.4, 0.3), (0.5, 0.2, 0.1))(x)
    np.testing.assert_allclose(y[1].numpy(), (x[1].numpy() - 0.4) / 0.2, rtol=1e-5)
    grey = T.Grayscale(3)(x)
    np.testing.assert_allclose(grey[2].numpy(), np.tensordot([0.2989, 0.587, 0.114], x.numpy(), 1), rtol=1e-5)
    assert repr(T.CenterCrop(3)) == "CenterCrop(size=(3, 3))"
