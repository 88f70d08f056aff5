"""Adam and AdamW by hand."""

import numpy as np
import pytest

import nn
from nn.optim import Adam, AdamW


def moved(optimizer_class, gradients, start=1.0, **options):
    """Where a parameter is after steps by these gradients."""
    w = nn.tensor(start, dtype=nn.float64, requires_grad=True)
    optimizer = optimizer_class([w], **options)
    for g in gradients:
        w.grad = nn.tensor(g, dtype=nn.float64)
        optimizer.step()
    return w.item()


@pytest.mark.parametrize("g", [1e-3, 1.0, 1e6])
def test_the_first_step_has_length_lr_whatever_the_gradient(g):
    assert moved(Adam, [g], lr=0.1) == pytest.approx(0.9, rel=1e-5)
    assert moved(Adam, [-g], lr=0.1) == pytest.approx(1.1, rel=1e-5)


def test_a_constant_gradient_moves_by_lr_at_every_step():
    assert moved(Adam, [3.0] * 5, lr=0.1) == pytest.approx(0.5)


def test_without_averages_it_is_a_step_by_the_sign():
    assert moved(Adam, [3.0, -0.1, 2.0], lr=0.1, betas=(0, 0)) == pytest.approx(0.9)


def test_maximize_climbs():
    assert moved(Adam, [3.0], lr=0.1, maximize=True) == pytest.approx(1.1)


def test_amsgrad_remembers_the_largest_gradient():
    gradients = [100.0, 1.0, 1.0, 1.0]
    assert moved(Adam, gradients, amsgrad=True, betas=(0, 0.5)) > moved(Adam, gradients, betas=(0, 0.5))


def test_decoupled_decay_does_not_pass_through_the_averages():
    assert moved(AdamW, [0.0], lr=0.1, weight_decay=0.5) == pytest.approx(0.95)
    assert moved(Adam, [0.0], lr=0.1, weight_decay=0.5) == pytest.approx(0.9)
    assert moved(AdamW, [2.0, 1.0]) == moved(Adam, [2.0, 1.0], weight_decay=0.01, decoupled_weight_decay=True)


def test_without_decay_the_two_are_the_same():
    assert moved(AdamW, [2.0, 1.0], weight_decay=0) == moved(Adam, [2.0, 1.0])


def test_elements_do_not_mix(rng):
    gradients = rng.normal(size=(4, 3))
    w = nn.ones(3, dtype=nn.float64, requires_grad=True)
    optimizer = Adam([w])
    for g in gradients:
        w.grad = nn.tensor(g)
        optimizer.step()
    np.testing.assert_allclose(w.tolist(), [moved(Adam, column) for column in gradients.T], rtol=1e-14)
