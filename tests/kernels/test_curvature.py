"""L-BFGS's direction against the matrix that it stands for, and the cubic's minimum."""

import numpy as np
import pytest

from nn.kernels.curvature import cubic_minimum, lbfgs_direction, move_, orthogonalized


def test_the_two_loops_are_the_bfgs_matrix(rng):
    n, g = 5, rng.normal(size=5)
    steps = list(rng.normal(size=(3, n)))
    changes = [s + 0.3 * rng.normal(size=n) for s in steps]
    inverse = 0.7 * np.eye(n)
    for s, y in zip(steps, changes, strict=True):
        project = np.eye(n) - np.outer(y, s) / y.dot(s)
        inverse = project.T @ inverse @ project + np.outer(s, s) / y.dot(s)
    products = [1 / y.dot(s) for s, y in zip(steps, changes, strict=True)]
    np.testing.assert_allclose(lbfgs_direction(g, changes, steps, products, 0.7), -inverse @ g, rtol=1e-9)


def test_without_a_past_the_direction_is_downhill(rng):
    g = rng.normal(size=4)
    np.testing.assert_array_equal(lbfgs_direction(g, [], [], [], 1.0), -g)


@pytest.mark.parametrize("ends", [(0.0, 3.0), (3.0, 0.0), (1.5, 2.5)])
def test_a_cubic_s_own_minimum_is_found(ends):
    def f(t):  # minimum at 2
        return t**3 / 3 - 1.5 * t**2 + 2 * t

    def slope(t):
        return t**2 - 3 * t + 2

    a, b = ends
    found = cubic_minimum(a, f(a), slope(a), b, f(b), slope(b), (min(ends), max(ends)))
    assert found == pytest.approx(2)


def test_outside_of_the_bounds_the_nearest_is_taken():
    assert cubic_minimum(0.0, 0.0, -2.0, 1.0, -1.0, 0.0, (1.5, 9.0)) == 1.5


def test_a_cubic_without_a_minimum_gives_the_middle():
    assert cubic_minimum(0.0, 0.0, -1.0, 1.0, -0.8, -1.0, (0.0, 1.0)) == 0.5


def test_the_pieces_of_a_direction_reach_their_parameters():
    a, b, c = np.zeros((2, 2)), np.zeros(()), np.zeros(1)
    move_([a, b, c], np.arange(6.0), t=2.0)
    assert (a.tolist(), b.tolist(), c.tolist()) == ([[0, 2], [4, 6]], 8, [10])


def test_a_scaled_rotation_is_made_a_rotation():
    rotation = np.array([[0.6, -0.8], [0.8, 0.6]])
    found = orthogonalized(7 * rotation, coefficients=(1.5, -0.5, 0.0), steps=20, eps=1e-9)
    np.testing.assert_allclose(found, rotation, atol=1e-12)
