"""Pictures of sliding windows: what is written in the cells, which are framed, and how many windows stand on a line."""

import numpy as np
import pytest

import nn
from nn.examples.grids import grids, windows_on_a_line

plt = pytest.importorskip("matplotlib.pyplot")


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


def texts(axis):
    return [text.get_text() for text in axis.texts]


def test_a_number_stands_in_each_cell_and_none_is_minus_zero():
    grids({"a": [[-0.0, 1.5], [2, -3]], "b": [7]})
    first, second = plt.gcf().axes
    assert texts(first) == ["0", "1.5", "2", "-3"]
    assert texts(second) == ["7"]
    assert (first.get_title(), second.get_title()) == ("a", "b")


def test_a_frame_stands_around_the_cells_that_were_named():
    grids({"a": np.eye(4), "b": np.eye(2)}, marks={"a": (1, 2, 2, 2)})
    first, second = plt.gcf().axes
    (frame,) = first.lines
    assert (min(frame.get_xdata()), max(frame.get_xdata())) == (1.5, 3.5)
    assert (min(frame.get_ydata()), max(frame.get_ydata())) == (0.5, 2.5)
    assert not second.lines


def test_cells_of_a_value_are_framed_and_lines_are_drawn():
    grids({"a": [[1, 2], [2, 3]]}, highlight=2)
    assert len(plt.gcf().axes[0].lines) == 2
    grids({"a": np.zeros((4, 4))}, lines=2)
    assert len(plt.gcf().axes[0].lines) == 2  # one across, one down


@pytest.mark.parametrize(("layer", "windows"), [((1, 0, 1), 5), ((1, 1, 1), 7), ((2, 1, 1), 4), ((1, 0, 2), 3)])
def test_as_many_windows_are_drawn_as_a_convolution_has_outputs(layer, windows):
    stride, padding, dilation = layer
    windows_on_a_line(7, 3, {"layer": layer})
    (axis,) = plt.gcf().axes
    x = np.zeros((1, 1, 7), np.float32)
    y = nn.functional.conv1d(nn.from_numpy(x), nn.from_numpy(x[..., :3]), None, stride, padding, dilation)
    assert len(axis.lines) == windows == y.shape[-1]
    assert len(axis.patches) == 7 + 2 * padding
