"""Windows beside NumPy's, periodic and symmetric ones, and the messages."""

import numpy as np
import pytest

import nn

NAMES = {"hann_window": np.hanning, "hamming_window": np.hamming, "blackman_window": np.blackman,
         "bartlett_window": np.bartlett, "kaiser_window": lambda n: np.kaiser(n, 12.0)}  # fmt: skip


@pytest.mark.parametrize("length", [1, 2, 7, 10])
@pytest.mark.parametrize("name", NAMES)
def test_a_symmetric_window_is_numpy_s_and_a_periodic_one_that_of_one_more_without_its_last(name, length):
    symmetric = getattr(nn, name)(length, periodic=False, dtype=nn.float64)
    np.testing.assert_allclose(symmetric.numpy(), NAMES[name](length), atol=1e-12)
    periodic = getattr(nn, name)(length, dtype=nn.float64)
    np.testing.assert_allclose(periodic.numpy(), NAMES[name](length + 1)[:-1] if length > 1 else [1], atol=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_a_window_of_nothing_is_empty_and_each_has_the_default_dtype(name):
    assert getattr(nn, name)(0).shape == (0,)
    assert getattr(nn, name)(5).dtype == nn.float32


@pytest.mark.parametrize(("name", "step"), [("hann_window", 4), ("bartlett_window", 4), ("hamming_window", 4)])
def test_periodic_windows_half_a_length_apart_add_up_to_a_constant(name, step):
    w = getattr(nn, name)(2 * step, dtype=nn.float64).numpy()
    total = w[:step] + w[step:]
    np.testing.assert_allclose(total, total[0])


def test_the_coefficients_may_be_others():
    assert nn.hamming_window(4, alpha=0.5, beta=0.5, dtype=nn.float64).tolist() == pytest.approx([0, 0.5, 1, 0.5])
    np.testing.assert_allclose(nn.kaiser_window(7, periodic=False, beta=0.0, dtype=nn.float64).numpy(), 1)


def test_messages():
    with pytest.raises(nn.DtypeError, match="hann_window: expected a floating-point dtype, got int64"):
        nn.hann_window(3, dtype=nn.int64)
    with pytest.raises(ValueError, match="lengths must be 0 or more, got"):
        nn.hann_window(-1)
