"""Images side by side in one."""

import sys

import numpy as np
import pytest

import nn
from nn.viewing import make_grid, save_image


class TestGrids:
    def test_images_stand_in_rows(self):
        x = nn.arange(5 * 6).reshape(5, 1, 2, 3).float()
        grid = make_grid(x, nrow=2, padding=1, pad_value=-1.0)
        assert grid.shape == (3, 3 * 3 + 1, 2 * 4 + 1)
        for i in range(5):
            top, left = 1 + 3 * (i // 2), 1 + 4 * (i % 2)
            assert grid[1, top : top + 2, left : left + 3].tolist() == x[i, 0].tolist()
        assert (grid == -1).sum().item() == 3 * (10 * 9 - 5 * 6)

    def test_values_are_stretched_to_0_and_1(self):
        grid = make_grid([nn.full((1, 2, 2), 3.0), nn.full((1, 2, 2), 5.0)], normalize=True, padding=0)
        assert grid[0].tolist() == [[0, 0, 1, 1]] * 2

    def test_a_file_holds_the_grid(self, tmp_path):
        image = pytest.importorskip("PIL.Image")
        save_image(nn.ones(3, 1, 4, 4) * 0.5, tmp_path / "grid.png", nrow=3)
        with image.open(tmp_path / "grid.png") as file:
            assert file.size == (20, 8)
            assert np.asarray(file)[4, 4].tolist() == [128, 128, 128]

    def test_without_pillow_a_png_is_written_and_another_file_refused(self, tmp_path, monkeypatch):
        monkeypatch.setitem(sys.modules, "PIL", None)
        save_image(nn.ones(3, 4, 4), tmp_path / "one.png")
        assert (tmp_path / "one.png").read_bytes()[1:4] == b"PNG"
        with pytest.raises(ImportError, match=r"save_image: Pillow is not installed; pip install 'fromzero\[media\]'"):
            save_image(nn.ones(3, 4, 4), tmp_path / "one.jpg")
