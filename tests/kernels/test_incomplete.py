"""The gamma distribution's function: the series and the integral agree, and no digits are lost near 1."""

import numpy as np
import pytest

from nn.kernels import incomplete

A = np.concatenate([10.0 ** np.arange(-9, 3), [0.3, 2.5, 33.0, 99.0]])[:, None]
X = A * np.array([1e-3, 0.3, 0.9, 0.999, 1.0, 1.001, 1.2, 2.0])


@pytest.mark.parametrize("kernel", [incomplete.igamma, incomplete.igammac])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-11), (np.float32, 1.5e-7)])
def test_series_and_integral_agree(kernel, dtype, rtol, monkeypatch):
    a, x = A.astype(dtype), X.astype(dtype)
    got = kernel(a, x)
    monkeypatch.setattr(incomplete, "_SMALL_A", 0.0)  # then all goes by the integral
    expected = kernel(a.astype(np.float64), x.astype(np.float64))
    plain = expected > 1e-3  # else the integral, subtracted from 1, has lost digits
    assert got.dtype == dtype
    assert plain.sum() > 60
    np.testing.assert_allclose(got[plain], expected[plain], rtol=rtol)


def test_the_upper_tail_of_a_tiny_parameter_keeps_its_digits():
    """It is a (-euler - ln x) for a and x near 0, where the lower one is 1 to the last digit."""
    a, x = np.full(4, 1e-12), np.array([1e-13, 9e-13, 1.1e-12, 1e-11])
    np.testing.assert_allclose(incomplete.igammac(a, x), a * (-np.euler_gamma - np.log(x)), rtol=2e-9)
