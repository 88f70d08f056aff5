"""Images read at places of a grid, by their properties, and the messages."""

import numpy as np
import pytest

import nn
import nn.functional as F

SAME = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]


def close(a, b):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=1e-12)


@pytest.fixture
def x(rng):
    return nn.tensor(rng.normal(size=(1, 2, 5, 4)))


def grid(theta, shape, align=None):
    return F.affine_grid(nn.tensor([theta], dtype=nn.float64), shape, align)


@pytest.mark.parametrize("align", [False, True])
@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_the_identity_reads_the_image_itself(mode, align, x):
    close(F.grid_sample(x, grid(SAME, x.shape, align), mode, align_corners=align), x)


@pytest.mark.parametrize("mode", ["bilinear", "nearest", "bicubic"])
def test_a_mirrored_map_reads_the_image_mirrored(mode, x):
    close(F.grid_sample(x, grid([[-1.0, 0, 0], [0, 1.0, 0]], x.shape), mode), x.flip(3))
    close(F.grid_sample(x, grid([[-1.0, 0, 0], [0, -1.0, 0]], x.shape), mode), x.flip(2).flip(3))


def test_a_shift_by_a_pixel_brings_in_zeros_or_the_border_or_the_reflection(x):
    there = grid([[1.0, 0, 2 / 4], [0, 1.0, 0]], x.shape)  # one of four pixels, of a width from -1 to 1
    for mode, last in (("zeros", 0 * x[..., -1]), ("border", x[..., -1]), ("reflection", x[..., -1])):
        close(F.grid_sample(x, there, padding_mode=mode)[..., :-1], x[..., 1:])
        close(F.grid_sample(x, there, padding_mode=mode)[..., -1], last)


def test_half_way_between_pixels_is_their_mean(x):
    there = grid([[1.0, 0, 1 / 4], [0, 1.0, 0]], x.shape)
    close(F.grid_sample(x, there)[..., :-1], (x[..., 1:] + x[..., :-1]) / 2)


def test_a_smaller_grid_is_interpolation(x):
    close(F.grid_sample(x, grid(SAME, (1, 2, 3, 7), True), align_corners=True),
          F.interpolate(x, (3, 7), mode="bilinear", align_corners=True))  # fmt: skip


def test_a_volume_of_one_slice_is_an_image(x):
    deep = [[1.0, 0, 0, 0], [0, 1.0, 0, 0], [0, 0, 1.0, 0]]
    places = F.affine_grid(nn.tensor([deep], dtype=nn.float64), (1, 2, 1, 3, 4))
    close(places[:, 0, ..., :2], grid(SAME, (1, 2, 3, 4)))
    close(F.grid_sample(x[:, :, None], places)[:, :, 0], F.grid_sample(x, grid(SAME, (1, 2, 3, 4))))


def test_the_gradients_agree_with_differences(rng):
    x = nn.tensor(rng.normal(size=(1, 1, 3, 3)), requires_grad=True)
    places = nn.tensor(rng.uniform(-0.8, 0.8, (1, 2, 2, 2)), requires_grad=True)
    for mode in ("bilinear", "bicubic"):
        assert nn.testing.gradcheck(lambda x, g, mode=mode: F.grid_sample(x, g, mode), (x, places))


X, G = nn.zeros(1, 1, 3, 3), nn.zeros(1, 2, 2, 2)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.affine_grid(nn.zeros(1, 2, 3), (1, 3, 3)), NotImplementedError, r"affine_grid: size must be \(N, C"),
        (lambda: F.affine_grid(nn.zeros(1, 3, 3), (1, 1, 3, 3)), nn.ShapeError, r"theta for .* must be \(1, 2, 3\)"),
        (lambda: F.affine_grid(nn.zeros(1, 2, 3).long(), (1, 1, 3, 3)), ValueError, "theta must be floating-point"),
        (lambda: F.grid_sample(X, G[..., :1]), nn.ShapeError, r"grid_sample: the grid must be \(N, H', W', 2\)"),
        (lambda: F.grid_sample(X, G.double()), nn.DtypeError, "grid_sample: x is float32 and the grid float64"),
        (lambda: F.grid_sample(X, G, "area"), nn.RangeError, "grid_sample: mode must be one of"),
        (lambda: F.grid_sample(X, G, padding_mode="wrap"), nn.RangeError, "grid_sample: padding_mode must be one of"),
        (lambda: F.grid_sample(nn.zeros(1, 1, 2, 2, 2), nn.zeros(1, 1, 1, 1, 3), "bicubic"), nn.ShapeError,
         "mode='bicubic' is for images"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
