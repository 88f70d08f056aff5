import importlib.util

import numpy as np
import pytest

from tbwriter.summaries.boxes import box_options, draw_boxes

RED = (255, 0, 0)
BLACK = np.zeros((20, 30, 3), np.uint8)


def red(picture):
    return (picture == RED).all(axis=2)


def test_a_box_is_two_pixels_of_red_inside_its_corners():
    drawn = red(draw_boxes("cats", BLACK, [[5, 4, 20, 15]]))
    box = np.zeros((20, 30), bool)
    box[4:16, 5:21] = True
    box[6:14, 7:19] = False
    assert np.array_equal(drawn, box)


def test_what_lies_outside_is_cut_off():
    drawn = red(draw_boxes("cats", BLACK, [[-9, -9, 10, 99]]))
    assert drawn[:, 9:11].all()
    assert not drawn[:, :9].any()
    assert not red(draw_boxes("cats", BLACK, [[100, 100, 120, 120]])).any()


def test_the_picture_keeps_its_pixels_and_stays_as_it_was():
    picture = np.random.default_rng(0).integers(0, 200, (20, 30, 3), np.uint8)
    before = picture.copy()
    drawn = draw_boxes("cats", picture, [[5, 4, 20, 15]])
    assert np.array_equal(drawn[~red(drawn)], before[~red(drawn)])
    assert np.array_equal(picture, before)


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_every_picture_becomes_rgb(channels):
    assert draw_boxes("cats", np.full((8, 8, channels), 7, np.uint8), []).tolist() == np.full((8, 8, 3), 7).tolist()


def test_a_factor_makes_picture_and_boxes_larger_and_no_line_thicker():
    drawn = red(draw_boxes("cats", BLACK, [[5, 4, 10, 9]], rescale=2))
    assert drawn.shape == (40, 60)
    assert drawn[8:19, 10:12].all()
    assert not drawn[10:17, 12:19].any()
    assert np.array_equal(draw_boxes("cats", BLACK, [], rescale=0.01), BLACK[:1, :1])


@pytest.mark.skipif(importlib.util.find_spec("PIL") is None, reason="labels are drawn with Pillow")
@pytest.mark.parametrize("box", [[5, 40, 30, 60], [5, 2, 30, 60], [-20, -20, 90, 90]])
def test_labels_are_drawn(box):
    page = np.zeros((70, 80, 3), np.uint8)
    drawn = draw_boxes("cats", page, [box], "cat")
    assert (drawn.min(axis=2) > 100).any(), "letters are white"
    assert not np.array_equal(drawn, draw_boxes("cats", page, [box]))


def test_without_pillow_boxes_have_no_labels(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert np.array_equal(
        draw_boxes("cats", BLACK, [[5, 4, 20, 15]], ["cat"]), draw_boxes("cats", BLACK, [[5, 4, 20, 15]])
    )


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (
            ([[1, 2, 3]],), ValueError,
            "the boxes must be an array (N, 4) of left, top, right and bottom in pixels, got list [[1, 2, 3]]",
        ),
        (
            ([[1, 2, 3, np.nan]],), ValueError,
            "the boxes must be an array (N, 4) of left, top, right and bottom in pixels, got list [[1, 2, 3, nan]]",
        ),
        (([[1, 2, 3, 4]], ["a", "b"]), ValueError, "got 2 labels for 1 boxes; give one for each"),
        (([[1, 2, 3, 4]], [7]), TypeError, "labels must be a list of strings, got list [7]"),
        (([[1, 2, 3, 4]], None, 0), ValueError, "rescale must be a positive number, got int 0"),
    ],
)  # fmt: skip
def test_what_is_no_box_is_refused(arguments, kind, message):
    with pytest.raises(kind) as caught:
        draw_boxes("cats", BLACK, *arguments)
    assert str(caught.value) == f"add_image_with_boxes: tag 'cats': {message}"


def test_the_arguments_of_either_writer_are_told_apart_by_type():
    assert box_options("cats", []) == {}
    assert box_options("cats", ["HWC", ["a"]]) == {"dataformats": "HWC", "labels": ["a"]}
    assert box_options("cats", [2, "HWC", ["a"]]) == {"rescale": 2, "dataformats": "HWC", "labels": ["a"]}
    with pytest.raises(
        TypeError, match=r"^add_image_with_boxes: tag 'cats': got int 5 after dataformats, labels; leave"
    ):
        box_options("cats", ["HWC", None, 5])
