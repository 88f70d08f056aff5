"""SGD by hand: each option does what its formula says."""

import numpy as np
import pytest

import nn
from nn.optim import SGD


def positions(steps=3, gradient=2.0, start=1.0, **options):
    """Where a parameter is after each step with a constant gradient."""
    w = nn.tensor(start, dtype=nn.float64, requires_grad=True)
    optimizer = SGD([w], **options)
    path = []
    for _ in range(steps):
        w.grad = nn.tensor(gradient, dtype=nn.float64)
        optimizer.step()
        path.append(w.item())
    return path


def test_plain_sgd_steps_down_the_gradient():
    np.testing.assert_allclose(positions(lr=0.1), [0.8, 0.6, 0.4])


def test_momentum_0_is_plain_sgd():
    assert positions(lr=0.1, momentum=0, dampening=0.5) == positions(lr=0.1)


def test_momentum_adds_up_the_velocity():
    np.testing.assert_allclose(positions(lr=0.1, momentum=0.5), [0.8, 0.8 - 0.3, 0.5 - 0.35])


def test_dampening_spares_the_first_step():
    np.testing.assert_allclose(positions(lr=0.1, momentum=0.5, dampening=0.5), [0.8, 0.6, 0.4])


def test_nesterov_looks_ahead():
    np.testing.assert_allclose(positions(2, lr=0.1, momentum=0.5, nesterov=True), [0.7, 0.7 - 0.1 * (2 + 1.5)])


def test_weight_decay_pulls_to_zero():
    np.testing.assert_allclose(positions(2, gradient=0.0, lr=0.1, weight_decay=0.5), [0.95, 0.95**2])


def test_maximize_climbs():
    np.testing.assert_allclose(positions(lr=0.1, maximize=True), [1.2, 1.4, 1.6])


def test_the_default_learning_rate_is_torch_s():
    np.testing.assert_allclose(positions(1), [1 - 0.002])


def test_a_quadratic_is_solved():
    w = nn.tensor([5.0, -3.0], requires_grad=True)
    optimizer = SGD([w], lr=0.1, momentum=0.9)
    for _ in range(300):
        optimizer.zero_grad()
        ((w - nn.tensor([1.0, 2.0])) ** 2).sum().backward()
        optimizer.step()
    np.testing.assert_allclose(w.tolist(), [1, 2], atol=1e-4)


def test_the_gradient_is_neither_changed_nor_kept():
    w = nn.tensor([1.0], requires_grad=True)
    optimizer = SGD([w], lr=0.1, momentum=0.9, weight_decay=0.1, nesterov=True)
    for _ in range(2):
        w.grad = g = nn.tensor([2.0])
        optimizer.step()
        assert g.tolist() == [2]
    plain = SGD([w], lr=0.1, momentum=0.9)
    plain.step()
    assert not np.shares_memory(plain.state[w]["momentum_buffer"]._array, w.grad._array)


@pytest.mark.parametrize("dtype", [nn.float16, nn.float32, nn.float64])
def test_the_dtype_is_kept(dtype):
    w = nn.ones(2, dtype=dtype, requires_grad=True)
    optimizer = SGD([w], lr=np.float64(0.1), momentum=np.float64(0.9))
    for _ in range(2):
        w.grad = nn.ones(2, dtype=dtype)
        optimizer.step()
    assert w.dtype == dtype
    assert optimizer.state[w]["momentum_buffer"].dtype == dtype


@pytest.mark.parametrize("options", [dict(lr=-1), dict(momentum=-0.1), dict(weight_decay=-1), dict(lr=float("nan"))])
def test_negative_options_are_refused(options):
    (name,) = options
    with pytest.raises(ValueError, match=f"SGD: {name} must be 0 or more"):
        SGD([nn.ones(1, requires_grad=True)], **options)


@pytest.mark.parametrize("options", [dict(), dict(momentum=0.9, dampening=0.1)])
def test_nesterov_wants_momentum_and_no_dampening(options):
    with pytest.raises(ValueError, match="SGD: nesterov needs momentum above 0 and dampening 0"):
        SGD([nn.ones(1, requires_grad=True)], lr=0.1, nesterov=True, **options)
