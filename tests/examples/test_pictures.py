"""The notebooks' pictures: what is asked for is on the axis; without matplotlib there is a sentence."""

import sys

import numpy as np
import pytest

from nn.examples import pictures


def test_panels_are_one_axis_or_a_flat_row_of_them(plt):
    assert pictures.panels().figure.dpi == pictures.DPI
    assert pictures.panels(2, 3, sharey=True).shape == (6,)


def test_curves_draw_each_line_with_its_name_marks_and_scales(plt):
    axis = pictures.panels()
    pictures.curves(
        [1, 10, 100], {"a": [1, 2, 3], "_b": [3, 2, 1]}, style=["-", "."], marks={"here": (10, 2)}, log="xy",
        title="t", xlabel="x", ylabel="y", axis=axis,
    )  # fmt: skip
    first, second, mark = axis.lines
    assert (first.get_xdata().tolist(), first.get_ydata().tolist()) == ([1, 10, 100], [1, 2, 3])
    assert (second.get_marker(), mark.get_xydata().tolist()) == (".", [[10, 2]])
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["a"]
    assert (axis.get_xscale(), axis.get_yscale(), axis.get_title()) == ("log", "log", "t")
    pictures.curves(None, {"_": [5, 6]})
    assert plt.gca().lines[0].get_xdata().tolist() == [0, 1]
    assert plt.gca().get_legend() is None


def test_points_have_a_line_for_each_class(plt):
    axis = pictures.panels()
    pictures.points([[0, 1], [2, 3], [4, 5]], [1, 0, 1], axis=axis)
    assert [line.get_xydata().tolist() for line in axis.lines] == [[[2, 3]], [[0, 1], [4, 5]]]
    pictures.points([[0, 1], [2, 3]], path=True)
    assert plt.gca().lines[0].get_linestyle() == "-"


def test_a_plane_has_the_function_at_its_places(plt):
    axis = pictures.panels()
    pictures.plane(lambda at: at[:, 0] + 10 * at[:, 1], (0, 1), (0, 2), resolution=3, bar="sum", axis=axis)
    assert axis.images[0].get_array().tolist() == [[0, 0.5, 1], [10, 10.5, 11], [20, 20.5, 21]]
    assert axis.images[0].get_extent() == [0, 1, 0, 2]
    assert len(axis.figure.axes) == 2, "the colour bar has an axis"


@pytest.mark.parametrize(("levels", "coloured"), [([0.5], 1), ([0.1, 0.5, 0.9], 0)])
def test_one_level_is_a_border_and_several_are_lines(plt, levels, coloured):
    axis = pictures.panels()
    pictures.plane(lambda at: at[:, 0], (0, 1), (0, 1), levels=levels, where=[[0.2, 0.3]], labels=[1], axis=axis)
    assert len(axis.images) == coloured
    assert axis.collections[0].levels.tolist() == levels
    assert axis.get_xlim() == (0, 1)


def test_bars_and_cells_bear_their_numbers(plt):
    left, right = pictures.panels(2)
    pictures.bars({"a": 0.5, "b": 0.25}, form="{:.0%}", axis=left)
    assert [bar.get_height() for bar in left.patches] == [0.5, 0.25]
    assert [text.get_text() for text in left.texts] == ["50%", "25%"]
    pictures.heat([[1, -2], [3, np.inf]], rows=["r", "s"], columns=["c", "d"], bar="value", axis=right)
    assert [text.get_text() for text in right.texts] == ["1", "-2", "3", "inf"]
    assert right.images[0].get_clim() == (-3, 3)
    assert [tick.get_text() for tick in right.get_yticklabels()] == ["r", "s"]


@pytest.mark.parametrize("shape", [(3, 2, 2), (3, 1, 2, 2), (3, 3, 2, 2)])
def test_images_share_one_scale(plt, shape):
    stack = np.linspace(0, 1, int(np.prod(shape))).reshape(shape)
    pictures.images(stack, titles=["a", "b", "c"], columns=2, bar="value")
    axes = plt.gcf().axes
    assert [axis.get_title() for axis in axes[:3]] == ["a", "b", "c"]
    assert len(axes) == 5, "two rows of two, and the colour bar"
    assert {axis.images[0].get_clim() for axis in axes[:3]} == {(0, 1)}


def test_without_matplotlib_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)
    with pytest.raises(ImportError, match=r"matplotlib is not installed; pip install 'fromzero\[plot\]'"):
        pictures.curves(None, {"a": [1, 2]})


def test_a_graph_has_each_node_behind_all_that_lead_to_it(plt):
    axis = pictures.panels()
    nodes = {"y": "the sum", "x": "x", "s": "its square"}  # in any order
    pictures.graph(nodes, {("x", "s"): "2x", ("s", "y"): "1", ("x", "y"): "1"}, marked=["y"], axis=axis)
    column = {text.get_text(): text.get_position()[0] for text in axis.texts if text.get_text()}
    assert column["x"] < column["its square"] < column["the sum"]
    pictures.graph({"a": "a", "b": "b"}, [("a", "b")])
    assert {text.get_text() for text in plt.gca().texts} == {"", "a", "b"}
