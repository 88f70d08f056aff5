"""Least squares by its normal equations, and its messages."""

import numpy as np
import pytest

import nn


def test_the_residual_is_orthogonal_to_every_column(rng):
    a, b = nn.tensor(rng.normal(size=(2, 6, 3))), nn.tensor(rng.normal(size=(2, 6, 2)))
    found = nn.linalg.lstsq(a, b)
    rest = a @ found.solution - b
    np.testing.assert_allclose((a.mT @ rest).numpy(), 0, atol=1e-12)
    np.testing.assert_allclose(found.residuals.numpy(), (rest**2).sum(-2).numpy())
    assert found.rank.tolist() == [3, 3]
    np.testing.assert_allclose(found.singular_values.numpy(), nn.linalg.svdvals(a).numpy())


def test_an_exact_solution_is_found(rng):
    a, x = nn.tensor(rng.normal(size=(5, 3))), nn.tensor(rng.normal(size=(3, 2)))
    np.testing.assert_allclose(nn.linalg.lstsq(a, a @ x).solution.numpy(), x.numpy())


def test_of_many_solutions_the_smallest_is_taken_and_there_are_no_residuals(rng):
    a, b = rng.normal(size=(2, 4)), rng.normal(size=(2, 1))
    found = nn.linalg.lstsq(nn.tensor(a), nn.tensor(b))
    np.testing.assert_allclose(a @ found.solution.numpy(), b)
    further = np.eye(4) - np.linalg.pinv(a) @ a  # onto what a maps to 0: no part of the solution lies there
    np.testing.assert_allclose(further @ found.solution.numpy(), 0, atol=1e-12)
    assert found.residuals.shape == (0,)


def test_directions_below_rcond_are_left_out():
    a, b = nn.diag(nn.tensor([4.0, 0.5])), nn.ones(2, 1)
    found = nn.linalg.lstsq(a, b, rcond=0.2)
    assert (found.solution.tolist(), found.rank.item()) == ([[0.25], [0]], 1)


def test_the_gradient_agrees_with_differences(rng):
    a, b = (nn.tensor(rng.normal(size=shape), requires_grad=True) for shape in ((4, 2), (4, 1)))
    assert nn.testing.gradcheck(lambda a, b: nn.linalg.lstsq(a, b).solution, (a, b))


def test_messages():
    with pytest.raises(nn.ShapeError, match=r"lstsq: B must have 4 rows for A of shape \(4, 2\), got \(3, 1\)"):
        nn.linalg.lstsq(nn.zeros(4, 2), nn.zeros(3, 1))
    with pytest.raises(nn.ShapeError, match="lstsq: A must be matrices"):
        nn.linalg.lstsq(nn.zeros(4), nn.zeros(4, 1))
