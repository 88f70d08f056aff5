"""Sampling at the places of a grid against PyTorch, which has no second derivatives of it: those by differences."""

import itertools

import numpy as np
import pytest
from oracle import compare, compare_both, normal, torch

import nn

MODES = [*itertools.product(("bilinear", "nearest", "bicubic"), ("zeros", "border", "reflection"), (False, True))]
VOLUMES = [m for m in MODES if m[0] != "bicubic"]
F = nn.functional


@pytest.mark.parametrize("reach", [0.9, 2.0, 7.0])
@pytest.mark.parametrize(("mode", "padding_mode", "align"), MODES)
def test_images(mode, padding_mode, align, reach, rng):
    x, grid = rng.normal(size=(2, 3, 5, 4)), rng.uniform(-reach, reach, (2, 3, 6, 2))
    compare_both(lambda lib, *t: lib.F.grid_sample(*t, mode, padding_mode, align), x, grid, orders=1, forward=False,
                 single=1e-4)  # fmt: skip


@pytest.mark.parametrize("reach", [0.9, 3.0])
@pytest.mark.parametrize(("mode", "padding_mode", "align"), VOLUMES)
def test_volumes(mode, padding_mode, align, reach, rng):
    x, grid = rng.normal(size=(2, 2, 3, 5, 4)), rng.uniform(-reach, reach, (2, 3, 2, 3, 3))
    compare_both(lambda lib, *t: lib.F.grid_sample(*t, mode, padding_mode, align), x, grid, orders=1, forward=False,
                 single=1e-4)  # fmt: skip


@pytest.mark.parametrize(("mode", "padding_mode", "align"), MODES)
def test_the_pixels_themselves_and_images_of_one_pixel(mode, padding_mode, align, rng):
    """Whole places, edges and corners, where the slope has a kink and rounding a tie."""
    line = np.linspace(-2, 2, 17)
    grid = np.stack(np.meshgrid(line, line), -1)[None]
    for shape in ((1, 2, 5, 5), (1, 2, 3, 5), (1, 2, 1, 1), (1, 1, 1, 4)):
        (x,) = normal(rng, shape)
        compare(lambda lib, *t: lib.F.grid_sample(*t, mode, padding_mode, align), x, grid, orders=1, forward=False)


@pytest.mark.parametrize(("mode", "padding_mode"), [m[:2] for m in VOLUMES if m[2]])
def test_places_that_are_nowhere(mode, padding_mode, rng):
    grid = rng.uniform(-1, 1, (1, 2, 3, 2))
    grid[0, 0, 0, 0], grid[0, 1, 1, 1], grid[0, 1, 2] = np.nan, 1e30, -1e30
    x = rng.normal(size=(1, 1, 4, 4))
    if padding_mode == "reflection":
        grid[0, 1, 1:] = 0.0
    compare(lambda lib, *t: lib.F.grid_sample(*t, mode, padding_mode, False), x, grid, orders=0)


@pytest.mark.parametrize(("mode", "padding_mode", "align"), MODES)
def test_second_derivatives(mode, padding_mode, align, rng):
    x = nn.tensor(rng.normal(size=(1, 2, 4, 4)), requires_grad=True)
    grid = nn.tensor(rng.uniform(-0.6, 0.6, (1, 2, 2, 2)), requires_grad=mode != "nearest")
    operands = [x] if mode == "nearest" else [x, grid]

    def sample(x, grid=grid):
        return F.grid_sample(x, grid, mode, padding_mode, align)

    assert nn.testing.gradcheck(sample, operands)
    if mode != "nearest":
        assert nn.testing.gradgradcheck(sample, operands)


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("size", [(2, 3, 4, 5), (2, 1, 1, 3), (2, 1, 3, 4, 2), (2, 1, 1, 1, 2)], ids=str)
@pytest.mark.filterwarnings("ignore:Since version 1.3.0")
def test_affine_grid(size, align, rng):
    rank = len(size) - 2
    compare_both(lambda lib, t: lib.F.affine_grid(t, size, align), *normal(rng, (2, rank, rank + 1)))


def test_the_identity_changes_nothing_and_a_turn_turns(rng):
    x = nn.tensor(rng.normal(size=(1, 2, 4, 4)))
    for align in (False, True):
        same = nn.tensor([[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]], dtype=nn.float64)
        turn = nn.tensor([[[0.0, 1.0, 0.0], [-1.0, 0.0, 0.0]]], dtype=nn.float64)
        for theta, wanted in ((same, x.numpy()), (turn, np.rot90(x.numpy(), -1, (2, 3)))):
            y = F.grid_sample(x, F.affine_grid(theta, x.shape, align), align_corners=align, padding_mode="border")
            np.testing.assert_allclose(y.numpy(), wanted, atol=1e-12)


REFUSED = {
    "mode": lambda t, F: F.grid_sample(t.zeros(1, 1, 2, 2), t.zeros(1, 1, 1, 2), "cubic", align_corners=False),
    "padding mode": lambda t, F: F.grid_sample(t.zeros(1, 1, 2, 2), t.zeros(1, 1, 1, 2), padding_mode="same"),
    "places of 3": lambda t, F: F.grid_sample(t.zeros(1, 1, 2, 2), t.zeros(1, 1, 1, 3), align_corners=False),
    "batches": lambda t, F: F.grid_sample(t.zeros(1, 1, 2, 2), t.zeros(2, 1, 1, 2), align_corners=False),
    "lines": lambda t, F: F.grid_sample(t.zeros(1, 1, 2), t.zeros(1, 1, 1), align_corners=False),
    "bicubic volumes": lambda t, F: F.grid_sample(
        t.zeros(1, 1, 2, 2, 2), t.zeros(1, 1, 1, 1, 3), "bicubic", align_corners=False),
    "dtypes": lambda t, F: F.grid_sample(
        t.zeros(1, 1, 2, 2), t.zeros(1, 1, 1, 2, dtype=t.float64), align_corners=False),
    "nothing to read": lambda t, F: F.grid_sample(t.zeros(1, 1, 0, 2), t.zeros(1, 1, 1, 2), align_corners=False),
    "theta of integers": lambda t, F: F.affine_grid(t.zeros(1, 2, 3, dtype=t.int64), (1, 1, 2, 2), False),
    "theta of volumes": lambda t, F: F.affine_grid(t.zeros(1, 3, 4), (1, 1, 2, 2), False),
    "grid of lines": lambda t, F: F.affine_grid(t.zeros(1, 1, 2), (1, 1, 2), False),
    "empty grid": lambda t, F: F.affine_grid(t.zeros(1, 2, 3), (1, 1, 0, 2), False),
}  # fmt: skip


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED)
def test_what_torch_refuses(call):
    with pytest.raises(Exception) as theirs:
        call(torch, torch.nn.functional)
    with pytest.raises(theirs.type, match=r"grid_sample: |affine_grid: "):
        call(nn, nn.functional)
