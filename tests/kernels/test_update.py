"""The step of SGD on plain arrays."""

import numpy as np

from nn.kernels.update import sgd_


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
