"""Heat maps: each cell has the colour of its value, and the picture says what it shows."""

import numpy as np
import pytest

import nn
from nn.errors import DtypeError, RangeError, ShapeError
from nn.viewing import draw_heat_map, draw_plane
from nn.viewing.layout import COLOURS, coloured

VIRIDIS = COLOURS["viridis"]


def has(picture, colour):
    return int((np.asarray(picture) == np.reshape(colour, (3, 1, 1))).all(axis=0).sum())


def test_a_scale_runs_from_its_first_colour_to_its_last():
    colours = coloured(np.array([-1.0, 0.0, 0.5, 1.0, 2.0, np.nan]), "diverging", 0, 1)
    first, *_, last = COLOURS["diverging"]
    assert colours.tolist() == [list(first), list(first), [247, 247, 247], list(last), list(last), [150, 150, 150]]


def test_every_text_is_on_it(read):
    picture = draw_heat_map(
        [[0.25, 0.5], [1.0, 0.75]], title="A title", rows=["up", "down"], columns=["here", "yonder"],
        row_label="rows", column_label="columns", bar_label="share", cells=[["7", ""], ["12", "3"]],
    )  # fmt: skip
    for text in ("A title", "up", "down", "here", "yonder", "rows", "columns", "share", "0.25", "0.625"):
        assert read(picture, text) == 1, text
    assert read(picture, "7", ink=(255, 255, 255)) == 1  # on the darkest cell
    assert read(picture, "12") == 1  # on the brightest cell


def test_each_cell_has_the_colour_of_its_value():
    table = np.arange(6.0).reshape(2, 3)
    picture = np.asarray(draw_heat_map(table))
    side = 80
    for value, colour in zip((0.0, 5.0), (VIRIDIS[0], VIRIDIS[-1]), strict=True):
        assert side**2 <= has(picture, colour) <= side**2 + 200, value  # and some of the colour bar
    ys, xs = np.nonzero((picture == np.reshape(VIRIDIS[0], (3, 1, 1))).all(axis=0))
    top, left = ys.min(), xs.min()
    for (i, j), value in np.ndenumerate(table):
        expected = coloured(np.array(value), "viridis", 0, 5)
        assert np.array_equal(picture[:, top + side * i + 40, left + side * j + 40], expected)


def test_a_tensor_and_nan_and_a_constant_will_do(read):
    picture = draw_heat_map(nn.tensor([[1.0, float("nan")]], requires_grad=True))
    assert has(picture, (150, 150, 150)) == 80**2
    assert read(draw_heat_map(np.full((2, 2), 3.0)), "3") == 1  # the bar's only number


def test_a_plane_has_its_lowest_row_at_the_bottom(read):
    axis = np.array([0.0, 1.0])
    picture = draw_plane(
        [[0.0, 0.0], [1.0, 1.0]], axis, axis, x_label="first", y_label="second", title="P", marks={(0.5, 0.5): "m"}
    )
    column = np.asarray(picture).astype(int)[:, :, 200].T
    dark = np.abs(column - VIRIDIS[0]).sum(1) < 8
    bright = np.abs(column - VIRIDIS[-1]).sum(1) < 8
    assert np.nonzero(bright)[0].max() < np.nonzero(dark)[0].min()
    for text in ("first", "second", "P", "m"):
        assert read(picture, text) == 1, text


def test_a_level_is_drawn_where_the_function_has_it():
    axis = np.linspace(0, 1, 5)
    with_line = np.asarray(draw_plane(axis[None].repeat(5, 0), axis, axis, levels=[0.5])).astype(int)
    without = np.asarray(draw_plane(axis[None].repeat(5, 0), axis, axis)).astype(int)
    changed = np.nonzero((with_line != without).any(axis=(0, 1)))[0]
    frame = np.nonzero((with_line[:, 100] == 110).all(axis=0))[0]
    assert len(changed) == 1
    assert abs(changed[0] - (frame[0] + 160)) <= 1  # in the middle of 320 pixels


WHAT = [1.0, 2.0]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: draw_heat_map(WHAT), ShapeError, r"draw_heat_map: values must be a table \(H, W\), got shape \(2,\)"),
        (lambda: draw_heat_map([["a"]]), DtypeError, "draw_heat_map: values must be real numbers, got <U1"),
        (lambda: draw_heat_map([WHAT], rows="ab"), ShapeError, "draw_heat_map: rows must have 1 entries, got 2"),
        (lambda: draw_heat_map([WHAT], cells=[]), ShapeError, "draw_heat_map: cells must hold a text for each of the"),
        (lambda: draw_heat_map([WHAT], colours="jet"), RangeError, "colours must be one of grey, .*; got 'jet'"),
        (lambda: draw_heat_map([WHAT], low=4), RangeError, "draw_heat_map: low must not be above high, got 4 and 2"),
        (
            lambda: draw_plane([WHAT] * 2, [0, 1], [1, 0]),
            ShapeError,
            r"draw_plane: y must hold 2 ascending numbers for values \(2, 2\), got shape \(2,\): \[1, 0\]",
        ),
        (lambda: draw_plane([[1.0]], [0], [1]), ShapeError, "draw_plane: x must hold 2 ascending numbers"),
    ],
    ids=["axes", "strings", "rows", "cells", "colours", "low", "descending", "one point"],
)
def test_what_cannot_be_drawn_is_refused(call, kind, message):
    with pytest.raises(kind, match=f"^{message}"):
        call()
