"""The line search: its two conditions, on functions that make it grow, shrink and give up."""

import math

import numpy as np
import pytest

from nn.optim.line_search import Point, strong_wolfe

FUNCTIONS = {
    "a parabola": (lambda t: (t - 3) ** 2, lambda t: 2 * (t - 3)),
    "a far minimum": (lambda t: -t / (t * t + 40**2), lambda t: (t * t - 40**2) / (t * t + 40**2) ** 2),
    "a near minimum": (lambda t: (t - 1e-3) ** 2, lambda t: 2 * (t - 1e-3)),
    "waves on a slope": (
        lambda t: -t - 0.5 * math.sin(6 * t) + 0.1 * t**2,
        lambda t: -1 - 3 * math.cos(6 * t) + 0.2 * t,
    ),
    "a wall": (lambda t: math.exp(min(t, 50)) - 30 * t, lambda t: math.exp(min(t, 50)) - 30),
}


def searched(name, first, max_moves=25):
    f, slope = FUNCTIONS[name]

    def evaluate(t):
        return Point(t, f(t), np.array([slope(t)]), slope(t))

    start = evaluate(0.0)
    return start, *strong_wolfe(evaluate, start, first, 1.0, 1e-12, max_moves)


@pytest.mark.parametrize("first", [1e-3, 0.5, 1.0, 20.0])
@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_point_found_is_lower_and_flatter(name, first):
    start, point, evaluations = searched(name, first)
    assert point.f <= start.f + 1e-4 * point.t * start.slope
    assert abs(point.slope) <= 0.9 * abs(start.slope)
    assert evaluations <= 26


def test_a_first_guess_that_does_is_taken():
    _, point, evaluations = searched("a parabola", 2.5)
    assert (point.t, evaluations) == (2.5, 1)


def test_it_ends_when_its_moves_are_used_up():
    _, point, evaluations = searched("a far minimum", 1e-6, max_moves=2)
    assert evaluations == 3
    assert point.t > 0


def test_where_nothing_is_lower_it_stays():
    def evaluate(t):
        return Point(t, 1.0 if t else 0.0, np.array([1.0]), 1.0 if t else -1.0)

    point, _ = strong_wolfe(evaluate, evaluate(0.0), 1.0, 1.0, 1e-9, 25)
    assert point.t == 0
