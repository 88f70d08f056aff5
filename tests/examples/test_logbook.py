"""The logbook: grids of pictures, and losses that are refused."""

import numpy as np
import pytest

from nn.examples.logbook import grid, require_finite


def test_a_grid_has_a_gap_around_every_picture():
    sheet = grid(np.arange(12.0).reshape(3, 2, 2), columns=2)
    assert sheet.shape == (7, 7)
    np.testing.assert_allclose(sheet[1:3, 1:3], np.arange(4).reshape(2, 2) / 3)
    assert sheet[0, 0] == sheet[4, 4] == 0.5


def test_a_flat_picture_is_black_and_not_nan():
    assert grid(np.full((1, 2, 2), 7.0), columns=1)[1:3, 1:3].tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("loss", [float("nan"), float("inf")])
def test_a_loss_that_is_no_number_says_where_and_what_to_do(loss):
    with pytest.raises(
        FloatingPointError, match=r"became (nan|inf) in epoch 3 at learning rate 0\.1; lower it with --lr"
    ):
        require_finite(loss, 3, 0.1)
