"""Sheets of small pictures: each with its caption, all in one scale."""

import numpy as np
import pytest

from nn.errors import RangeError, ShapeError
from nn.viewing import draw_pictures


def test_every_picture_has_its_caption_and_the_bar_its_numbers(read, rng):
    images = rng.uniform(0.2, 0.7, (5, 4, 4))
    images[0, 0, 0], images[4, 3, 3] = 0.125, 0.875
    picture = draw_pictures(images, ["one", "two", "three", "four", "five"], title="Five", bar_label="ink")
    for text in ("one", "two", "three", "four", "five", "Five", "ink", "0.125", "0.5", "0.875"):
        assert read(picture, text) == 1, text


def test_all_are_in_one_scale():
    picture = np.asarray(draw_pictures(np.array([0.0, 0.5, 1.0])[:, None, None].repeat(8, 1).repeat(8, 2), columns=3))
    row = picture[:, 10 + 64].T.tolist()  # through the middle of the pictures
    seen = [grey for grey in ([0] * 3, [128] * 3, [255] * 3) if row.count(grey) >= 64]
    assert len(seen) == 3


def test_colours_are_their_own_and_clipped(rng):
    floats = rng.random((2, 3, 8, 8))
    floats[0, :, 0, 0] = (2.0, -1.0, np.nan)
    from_bytes = np.clip(np.rint(np.nan_to_num(floats) * 255), 0, 255).astype(np.uint8)
    assert np.array_equal(draw_pictures(floats), draw_pictures(from_bytes))
    corner = np.asarray(draw_pictures(floats))[:, 6 + 1 + 2, 6 + 1 + 2]
    assert corner.tolist() == [255, 0, 0]


def test_rows_are_of_equal_length_where_that_is_possible(rng):
    wide = [draw_pictures(rng.random((n, 8, 8)), low=0, high=1).shape[2] for n in (6, 12)]
    assert wide[0] == wide[1]
    assert draw_pictures(rng.random((4, 8, 8)), columns=1).shape[1] > draw_pictures(rng.random((4, 8, 8))).shape[1]
    assert np.array_equal(draw_pictures(np.ones((2, 1, 4, 4))), draw_pictures(np.ones((2, 4, 4))))


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (dict(images=np.zeros((4, 4))), ShapeError, r"images must be \(N, H, W\), .* got \(4, 4\)"),
        (dict(images=np.zeros((1, 2, 4, 4))), ShapeError, r"images must be .* got \(1, 2, 4, 4\)"),
        (dict(images=np.zeros((0, 4, 4))), ShapeError, r"images must be .* got \(0, 4, 4\)"),
        (dict(images=np.zeros((2, 4, 4)), captions=["a"]), ShapeError, "captions must have 2 entries, got 1"),
        (dict(images=np.zeros((2, 4, 4)), columns=0), RangeError, "columns must be 1 or more, got 0"),
    ],
    ids=["axes", "channels", "none", "captions", "columns"],
)
def test_what_cannot_be_drawn_is_refused(arguments, kind, message):
    with pytest.raises(kind, match=f"^draw_pictures: {message}$"):
        draw_pictures(**arguments)
