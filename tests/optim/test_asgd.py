"""Averaged SGD: the average in the state, and the rate's fall."""

import numpy as np

import nn
from nn.optim import ASGD


def test_ax_is_the_mean_of_the_path_from_t0_on():
    w = nn.tensor(1.0, dtype=nn.float64, requires_grad=True)
    optimizer = ASGD([w], lr=0.1, t0=2, lambd=0)
    places = []
    for g in (1.0, -2.0, 3.0, 0.5, 0.1):
        w.grad = nn.tensor(g, dtype=nn.float64)
        optimizer.step()
        places.append(w.item())
    np.testing.assert_allclose(optimizer.state[w]["ax"].item(), np.mean(places[3:]), rtol=1e-12)


def test_before_t0_ax_is_the_parameter():
    w = nn.tensor([1.0, 2.0], requires_grad=True)
    optimizer = ASGD([w])
    for _ in range(3):
        w.grad = nn.ones(2)
        optimizer.step()
    assert optimizer.state[w]["ax"].tolist() == w.tolist()


def test_the_rate_falls_with_the_number_of_steps():
    w = nn.tensor(1.0, requires_grad=True)
    optimizer = ASGD([w], lr=0.1, lambd=1.0, alpha=1)
    for t in range(1, 4):
        w.grad = nn.tensor(0.0)
        optimizer.step()
        np.testing.assert_allclose(optimizer.state[w]["eta"].item(), 0.1 / (1 + 0.1 * t), rtol=1e-6)
