"""A picture is an array for writers, and a PNG file for all others."""

import numpy as np
import pytest

from nn.errors import ShapeError
from nn.viewing import Picture


def pixels(rng, height=5, width=7):
    return rng.integers(0, 256, (height, width, 3), np.uint8)


def test_its_axes_are_those_that_writers_take(rng):
    drawn = pixels(rng)
    picture = Picture(drawn)
    assert isinstance(picture, np.ndarray)
    assert np.array_equal(picture, drawn.transpose(2, 0, 1))


def test_another_decoder_reads_the_file(rng, tmp_path):
    images = pytest.importorskip("PIL.Image", reason="reads the PNG with Pillow (extra media)")
    drawn = pixels(rng)
    Picture(drawn).save(tmp_path / "a.png")
    with images.open(tmp_path / "a.png") as image:
        assert np.array_equal(np.asarray(image), drawn)


def test_a_notebook_shows_a_picture_and_no_part_of_one(rng):
    picture = Picture(pixels(rng))
    assert picture._repr_png_() == picture.png()
    assert repr(picture) == "<Picture of 7 x 5 pixels>"
    assert repr(picture[0, 0, :2]) == repr(np.asarray(picture[0, 0, :2]))
    assert picture[0]._repr_png_() is None
    assert (picture / 255)._repr_png_() is None
    with pytest.raises(
        ShapeError, match=r"^Picture: a part of a picture, \(5, 7\), is none; a whole one is \(3, H, W\)$"
    ):
        picture[0].png()


@pytest.mark.parametrize("shape", [(3, 4), (4, 5, 1), (3, 4, 5)])
def test_what_is_no_picture_is_refused(shape):
    with pytest.raises(ShapeError, match=r"^Picture: expected bytes \(H, W, 3\), got uint8 \("):
        Picture(np.zeros(shape, np.uint8))
