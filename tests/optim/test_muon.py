"""Muon: steps in all directions alike, matrices only, and PyTorch's to its own precision."""

import numpy as np
import pytest

import nn
from nn.optim import Muon


def step_of(g, **options):
    """What one step from 0 subtracts, without momentum, in units of lr."""
    w = nn.zeros(*g.shape, dtype=nn.float64, requires_grad=True)
    w.grad = nn.tensor(g)
    Muon([w], lr=1.0, momentum=0, nesterov=False, **options).step()
    return -w.detach().numpy()


def test_the_step_has_singular_values_near_1_and_the_gradient_s_directions(rng):
    g = rng.normal(size=(5, 8))
    s = np.linalg.svd(step_of(g), compute_uv=False)
    assert 0.6 < s.min() < s.max() < 1.3
    left, _, right = np.linalg.svd(g, full_matrices=False)
    core = left.T @ step_of(g) @ right.T
    np.testing.assert_allclose(core, np.diag(np.diag(core)), atol=1e-12)


def test_the_classic_cubic_converges_to_the_orthogonal_factor(rng):
    g = rng.normal(size=(4, 4)) + 3 * np.eye(4)
    left, _, right = np.linalg.svd(g)
    np.testing.assert_allclose(step_of(g, ns_coefficients=(1.5, -0.5, 0), ns_steps=60), left @ right, atol=1e-9)


def test_the_size_of_the_gradient_does_not_matter(rng):
    g = rng.normal(size=(3, 4))
    np.testing.assert_allclose(step_of(g), step_of(1e6 * g), rtol=1e-9)


def test_a_transposed_gradient_makes_a_transposed_step(rng):
    g = rng.normal(size=(3, 12))
    np.testing.assert_allclose(step_of(g.T), 2 * step_of(g).T, rtol=1e-12)
    rms = dict(adjust_lr_fn="match_rms_adamw")
    np.testing.assert_allclose(step_of(g.T, **rms), step_of(g, **rms).T, rtol=1e-12)


def test_a_gradient_of_0_makes_no_step():
    assert not step_of(np.zeros((2, 3))).any()


def test_only_matrices_are_taken():
    w = nn.ones(2, 2, requires_grad=True)
    with pytest.raises(nn.ShapeError, match=r"Muon: parameters must have 2 axes, got one of shape \(3,\); give it to"):
        Muon([w, nn.ones(3, requires_grad=True)])
    optimizer = Muon([w])
    with pytest.raises(ValueError, match="Muon: parameters must have 2 axes"):
        optimizer.add_param_group({"params": [nn.ones(3, requires_grad=True)]})
    assert len(optimizer.param_groups) == 1


def test_torch_s_steps_are_the_same_to_the_digits_that_it_keeps(rng):
    torch = pytest.importorskip("torch", reason="the oracle PyTorch is not installed")
    start = rng.normal(size=(4, 6)).astype(np.float32)
    ours, theirs = nn.tensor(start.copy(), requires_grad=True), torch.tensor(start.copy(), requires_grad=True)
    optimizers = Muon([ours], lr=0.1), torch.optim.Muon([theirs], lr=0.1)
    for _ in range(3):
        g = rng.normal(size=start.shape).astype(np.float32)
        ours.grad, theirs.grad = nn.tensor(g), torch.tensor(g)
        for optimizer in optimizers:
            optimizer.step()
        np.testing.assert_allclose(ours.detach().numpy(), theirs.detach().numpy(), atol=0.01)
