"""Sums of exponentials and of squares: within a unit or two in the last place, at the ends of the line too."""

import numpy as np
import pytest

from nn.kernels import exponential

PAIRS = [(exponential.logaddexp, np.logaddexp), (exponential.hypot, np.hypot)]
ENDS = np.array([0.0, 1.0, -1.0, 1e-30, 80.0, -90.0, 3e38, -3e38, np.inf, -np.inf, np.nan], np.float32)


@pytest.mark.parametrize(("ours", "numpys"), PAIRS)
def test_as_in_float64(ours, numpys):
    x, y = (np.random.default_rng(seed).standard_normal((70, 40)).astype(np.float32) * 5 for seed in (0, 1))
    exact = numpys(x.astype(float), y.astype(float))
    np.testing.assert_allclose(ours(x, y), exact, rtol=2e-7, atol=2e-7)
    np.testing.assert_allclose(ours(x.T, y[:, :1].T), numpys(x.T, y[:, :1].T), rtol=3e-7, atol=3e-7)
    assert ours(x, y).dtype == np.float32


@pytest.mark.parametrize(("ours", "numpys"), PAIRS)
def test_the_ends_of_the_line(ours, numpys):
    x, y = (np.tile(a.ravel(), 10) for a in np.meshgrid(ENDS, ENDS))
    with np.errstate(all="ignore"):
        np.testing.assert_allclose(ours(x, y), numpys(x, y), rtol=2e-7)
        np.testing.assert_array_equal(ours(x[:5], y[:5]), numpys(x[:5], y[:5]))
