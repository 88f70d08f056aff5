"""The pictures of event files: hills, bands and bytes stand where they belong."""

import numpy as np

from nn.examples import log_pictures, pictures
from tbwriter import Buckets


def test_hills_stand_one_in_front_of_the_other_as_high_as_counts_by_width(plt):
    axis = pictures.panels()
    narrow = Buckets(np.array([0.0, 1.0]), np.array([1.0, 2.0]), np.array([4.0, 2.0]))
    wide = Buckets(np.array([0.0, 2.0]), np.array([2.0, 4.0]), np.array([4.0, 2.0]))
    log_pictures.ridge([(3, narrow), (7, wide)], title="weights", axis=axis)
    first, second = axis.lines
    assert first.get_xdata().tolist() == [0, 1, 1, 2]
    assert first.get_ydata().tolist() == [1, 1, 0.5, 0.5]
    assert (second.get_ydata() + log_pictures.LIFT).tolist() == [0.5, 0.5, 0.25, 0.25]
    assert [text.get_text() for text in axis.texts] == ["3", "7"]
    assert first.get_zorder() < second.get_zorder()


def test_bands_reach_from_percentile_to_percentile_around_the_middle(plt):
    axis = pictures.panels()
    log_pictures.percentile_bands([0, 1], [[-2, -1, 0, 1, 2], [-4, -2, 1, 2, 4]], axis=axis)
    assert axis.lines[0].get_ydata().tolist() == [0, 1]
    outer, inner = (band.get_paths()[0].vertices[:, 1] for band in axis.collections)
    assert (outer.min(), outer.max()) == (-4, 4)
    assert (inner.min(), inner.max()) == (-2, 2)


def test_each_byte_has_a_cell_and_each_part_a_colour(plt):
    log_pictures.byte_cells(bytes([9, 0, 255]), [(1, "key"), (2, "value")], columns=2)
    axis = plt.gca()
    assert [text.get_text() for text in axis.texts] == ["09", "00", "ff"]
    assert [text.get_text() for text in axis.get_legend().get_texts()] == ["key", "value"]
    colours = {patch.get_facecolor() for patch in axis.patches}
    assert len(colours) == 2
