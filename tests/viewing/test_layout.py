"""Putting parts together: nothing is cut off, and labels never touch."""

import numpy as np
import pytest

from nn.viewing import layout


def test_a_sheet_holds_all_its_parts_and_a_margin():
    black, grey = np.zeros((3, 4, 3), np.uint8), np.full((2, 2, 3), 90, np.uint8)
    sheet = layout.placed([(black, 0, 0), (grey, -5, 6), (np.zeros((0, 0, 3), np.uint8), 99, 99)], margin=1)
    assert sheet.shape == (1 + 5 + 3 + 1, 1 + 8 + 1, 3)
    assert (sheet == 0).all(axis=2).sum() == 12
    assert (sheet == 90).all(axis=2).sum() == 4


def test_labels_without_room_are_left_out(read):
    field = np.full((40, 60, 3), 200, np.uint8)
    sheet = layout.plot(field, left=[(name, at) for at, name in enumerate("abc", 5)], bottom=[("d", 30.0)])
    picture = sheet.transpose(2, 0, 1)
    assert [read(picture, name) for name in "abcd"] == [1, 0, 0, 1]


@pytest.mark.parametrize(("room", "upright"), [(60, False), (30, True)])
def test_labels_below_stand_upright_where_they_would_not_fit(room, upright, read):
    field = np.full((40, 120, 3), 200, np.uint8)
    sheet = layout.plot(field, bottom=[("word", room / 2), ("more", 1.5 * room)])
    assert (sheet.shape[0] > 100) == upright
    assert read(sheet.transpose(2, 0, 1), "word") == 1


def test_a_number_is_short():
    numbers = (0.0, 1.0, 0.12345, -1234.5, 1e-9, np.float32(2))
    assert [layout.number(n) for n in numbers] == ["0", "1", "0.123", "-1.23e+03", "1e-09", "2"]
