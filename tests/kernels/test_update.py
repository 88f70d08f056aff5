"""The steps of optimisers on plain arrays."""

import numpy as np

from nn.kernels.update import counted_, decayed_, lerp_, sgd_


def test_the_parameter_changes_in_place_and_the_gradient_does_not():
    p, g = np.ones(3), np.full(3, 2.0)
    for options in ({}, dict(momentum=0.9), dict(momentum=0.9, nesterov=True, weight_decay=0.1), dict(maximize=True)):
        before = p.copy()
        sgd_(p, g, None, lr=0.1, **options)
        assert not np.array_equal(p, before)
        assert g.tolist() == [2, 2, 2]


def test_without_momentum_there_is_no_velocity():
    assert sgd_(np.ones(1), np.ones(1), None, lr=0.1) is None


def test_the_velocity_is_made_once_and_then_kept():
    p, g = np.zeros(1), np.ones(1)
    velocity = sgd_(p, g, None, lr=1.0, momentum=0.5)
    assert not np.shares_memory(velocity, g)
    assert sgd_(p, g, velocity, lr=1.0, momentum=0.5) is velocity
    assert velocity.tolist() == [1.5]
    assert p.tolist() == [-2.5]


def test_lerp_reaches_its_ends_exactly():
    for weight in (0.0, 0.3, 0.5, 0.9, 1.0):
        a, b = np.array([1.0, -2.0]), np.array([3.0, 0.1])
        wanted = a + weight * (b - a)
        lerp_(a, b, weight)
        np.testing.assert_allclose(a, wanted, rtol=1e-15)
    assert a.tolist() == b.tolist()


def test_decay_by_the_gradient_or_by_the_parameter_itself():
    p, g = np.ones(2), np.zeros(2)
    assert decayed_(g, p, 0.1, 0.5, False, decoupled=False).tolist() == [0.5, 0.5]
    assert p.tolist() == [1, 1]
    assert decayed_(g, p, 0.1, 0.5, False, decoupled=True).tolist() == [0, 0]
    assert p.tolist() == [0.95, 0.95]


def test_a_step_is_counted_in_place():
    step = np.zeros((), np.float32)
    assert [counted_(step), counted_(step)] == [1, 2]
    assert step == 2
