"""Maps of the gridworld: numbers, arrows and ways stand in their cells."""

import numpy as np
import pytest

from nn.examples import pictures
from nn.examples.grid_maps import draw_map
from nn.examples.reinforcement.gridworld import GridWorld


@pytest.fixture
def axis():
    module = pytest.importorskip("matplotlib.pyplot")
    module.switch_backend("Agg")
    yield pictures.panels()
    module.close("all")


def test_each_free_cell_has_its_worth_and_the_others_their_letter(axis):
    world = GridWorld()
    draw_map(world, values=np.arange(30) / 100, axis=axis)
    texts = {text.get_position(): text.get_text() for text in axis.texts}
    assert texts[(5, 0)] == "0.05"
    assert texts[(5, 4)] == "G"
    assert len(texts) == 30 - np.count_nonzero(world.cells == "#")
    assert np.isnan(axis.images[0].get_array().filled(np.nan)[4, 5])


def test_arrows_are_as_long_as_actions_are_probable(axis):
    policy = np.zeros((30, 4))
    policy[:, 1], policy[:, 2] = 0.75, 0.25  # right, and down
    draw_map(GridWorld(), policy=policy, axis=axis)
    arrows = axis.collections[0]
    assert arrows.U.tolist() == [0, 0.75, 0, 0]
    assert arrows.V.tolist() == [0, 0, 0.25, 0]
    assert len(axis.collections) == np.count_nonzero(np.isin(GridWorld().cells, ["S", "."]))


def test_a_way_goes_from_cell_to_cell(axis):
    draw_map(GridWorld(), path=[0, 1, 7], axis=axis)
    assert axis.lines[-1].get_xydata().tolist() == [[0, 0], [1, 0], [1, 1]]
