"""Division with a rest by way of float64 is NumPy's own."""

import numpy as np
import pytest

from nn.kernels import division

PAIRS = [(division.floor_divide, np.floor_divide), (division.remainder, np.remainder), (division.fmod, np.fmod)]
SPECIAL = np.array([0.0, -0.0, 1.0, -1.0, 0.3, -2.5, 7.0, 1e-30, -1e-30, 3e38, np.inf, -np.inf, np.nan], np.float32)


def operands(scale):
    rng = np.random.default_rng(0)
    x = rng.standard_normal((60, 50)).astype(np.float32) * np.float32(scale)
    return x, np.copysign(rng.uniform(0.05, 3, (60, 50)), rng.standard_normal((60, 50))).astype(np.float32)


@pytest.mark.parametrize(("ours", "numpys"), PAIRS)
@pytest.mark.parametrize("scale", [1, 1e3, 1e6, 1e9, 1e20])
def test_many_pairs(ours, numpys, scale):
    x, y = operands(scale)
    for a, b in ((x, y), (np.rint(x), np.rint(3 * y) + np.float32(0.5))):
        exact = numpys(a, b)
        if ours is division.floor_divide and scale < 1e9:  # NumPy's own is off by a few units beyond 2^24
            exact = numpys(a.astype(np.float64), b.astype(np.float64)).astype(np.float32)
        np.testing.assert_array_equal(ours(a, b), exact)


@pytest.mark.parametrize(("ours", "numpys"), PAIRS)
def test_special_values_and_layouts(ours, numpys):
    x, y = (np.tile(a.ravel(), 8) for a in np.meshgrid(SPECIAL, SPECIAL))
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(ours(x, y), numpys(x, y))
        x, y = operands(10)
        np.testing.assert_array_equal(ours(x.T[::-1], y[:, :1].T), numpys(x.T[::-1], y[:, :1].T))
        np.testing.assert_array_equal(ours(x, 0.3), numpys(x, np.float32(0.3)))
        out = np.empty_like(x)
        assert ours(x, y, out=out) is out
        np.testing.assert_array_equal(out, numpys(x, y))


@pytest.mark.parametrize(("ours", "numpys"), PAIRS)
def test_other_types_keep_theirs(ours, numpys):
    for dtype in (np.float64, np.int64, np.float16):
        x, y = (np.rint(a * 4 + 0.5 * np.sign(a) + 3).astype(dtype) for a in operands(2))
        y[y == 0] = 1
        assert ours(x, y).dtype == dtype
        np.testing.assert_array_equal(ours(x, y), numpys(x, y))
