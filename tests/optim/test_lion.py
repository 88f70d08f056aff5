"""Lion against its formula, and what its steps are like."""

import itertools

import numpy as np
import pytest

import nn
from nn.optim import Lion


@pytest.mark.parametrize(
    ("betas", "weight_decay", "maximize"), list(itertools.product([(0.9, 0.99), (0.5, 0.3)], [0, 0.1], [False, True]))
)
def test_six_steps_by_the_formula_of_the_paper(betas, weight_decay, maximize, rng):
    p, m, lr = rng.normal(size=(3, 2)), np.zeros((3, 2)), 0.05
    w = nn.tensor(p.copy(), requires_grad=True)
    optimizer = Lion([w], lr, betas, weight_decay, maximize=maximize)
    for _ in range(6):
        g = rng.normal(size=(3, 2))
        w.grad = nn.tensor(g)
        optimizer.step()
        g = -g if maximize else g
        update = np.sign(betas[0] * m + (1 - betas[0]) * g)
        p = p - lr * (update + weight_decay * p)
        m = betas[1] * m + (1 - betas[1]) * g
        np.testing.assert_allclose(w.detach().numpy(), p, rtol=1e-12)
        np.testing.assert_allclose(optimizer.state[w]["exp_avg"].numpy(), m, rtol=1e-12)


def test_every_element_moves_by_lr(rng):
    w = nn.zeros(10, requires_grad=True)
    w.grad = nn.tensor(rng.normal(size=10).astype(np.float32))
    Lion([w], lr=0.25).step()
    assert set(np.abs(w.detach().numpy())) == {np.float32(0.25)}
