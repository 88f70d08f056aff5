"""The kernel of the recurrent cells, beyond what the registry test says of it."""

import numpy as np
import pytest

from nn.kernels import recurrent as kernels


@pytest.mark.parametrize("cell", kernels.CELLS)
def test_large_gates_saturate_without_a_warning(cell):
    shape = (2, 1, 1)
    sizes = [int(np.prod(s)) for s in kernels.sizes(cell, shape)]
    for sign in (-1, 1):
        packed = np.concatenate([np.full(sizes[0], sign * 1e4), np.ones(sizes[1] + sizes[2])])
        y, _ = kernels.recurrence(packed, cell=cell, shape=shape)
        assert np.isfinite(y).all()


def test_a_state_that_is_not_live_is_kept():
    shape = (3, 2, 2)
    live = np.array([[True, False], [True, True], [False, True]])[:, :, None]
    sizes = [int(np.prod(s)) for s in kernels.sizes("gru", shape)]
    packed = np.random.default_rng(0).normal(size=sum(sizes))
    y, _ = kernels.recurrence(packed, cell="gru", shape=shape, live=live)
    np.testing.assert_array_equal(y[0, 1], packed[-4:].reshape(2, 2)[1])
    np.testing.assert_array_equal(y[2, 0], y[1, 0])
    assert (y[1, 0] != y[0, 0]).all()


def test_an_infinite_gradient_does_not_pass_where_relu_is_off():
    packed = np.array([-1.0, 1.0, 0.5, 0.0])  # the gates of two steps, the weight, the first state
    y, _ = kernels.recurrence(packed, cell="relu", shape=(2, 1, 1))
    by = kernels.recurrence_backward(np.array([np.inf, 1.0]).reshape(y.shape), y, packed, cell="relu", shape=(2, 1, 1))
    np.testing.assert_array_equal(by, [0, 1, 0, 0])


def test_the_transposed_system_is_the_transpose():
    rng = np.random.default_rng(0)
    slopes, weight = rng.normal(size=(3, 2, 2, 6, 2)), rng.normal(size=(8, 2))
    u, v = rng.normal(size=(2, 4, 2, 4))
    forth = kernels.recurrence_solve(u, slopes, weight)
    back = kernels.recurrence_solve(v, slopes, weight, adjoint=True)
    np.testing.assert_allclose((forth * v).sum(), (back * u).sum(), rtol=1e-12)
