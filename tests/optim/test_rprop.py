"""Rprop by hand: step sizes by the signs of the last two gradients."""

import numpy as np

import nn
from nn.optim import Rprop


def path(gradients, **options):
    w = nn.tensor(0.0, dtype=nn.float64, requires_grad=True)
    optimizer = Rprop([w], **options)
    places = []
    for g in gradients:
        w.grad = nn.tensor(g, dtype=nn.float64)
        optimizer.step()
        places.append(w.item())
    return places


def test_steps_grow_while_the_sign_stays_whatever_the_size():
    np.testing.assert_allclose(path([1, 7, 0.1], lr=0.1), [-0.1, -0.22, -0.364])


def test_after_a_turn_it_waits_and_then_goes_by_half():
    np.testing.assert_allclose(path([1, -1, -1], lr=0.1), [-0.1, -0.1, -0.05])


def test_the_step_sizes_have_bounds():
    np.testing.assert_allclose(path([1, 1, 1], lr=0.1, step_sizes=(0.01, 0.11)), [-0.1, -0.21, -0.32])
    np.testing.assert_allclose(path([1, -1, -1], lr=0.1, step_sizes=(0.09, 1)), [-0.1, -0.1, -0.01])
