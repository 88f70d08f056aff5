"""Slopes come with an error that holds, for smooth and kinked functions, in double and in single precision."""

import numpy as np
import pytest

from nn.checking.differences import Probe
from nn.checking.streams import own_stream

UP = [[np.ones(1)]]


def probe(f, x, analytic=None, eps=1e-6):
    found = Probe(lambda p: [np.asarray(f(p[0]), float).reshape(1)], [np.array([x])], UP, eps, analytic)
    found.measure_noise(own_stream(0))
    return found


@pytest.mark.parametrize(
    ("f", "slope", "x"),
    [
        (np.exp, np.exp, 3.0),
        (np.log, lambda x: 1 / x, 1e-5),
        (np.sin, np.cos, 1e4),
        (lambda x: x / np.sqrt(x**2 + 1e-12), lambda x: 1e6, 0.0),
        (lambda x: np.maximum(x, 0), lambda x: 1.0, 3e-7),
        (lambda x: np.abs(x) ** 3, lambda x: 0.0, 0.0),
    ],
)
def test_a_slope_is_as_good_as_it_says(f, slope, x):
    reading = probe(f, x).read(0, np.ones(1))
    assert not reading.kink
    assert abs(reading.slope[0] - slope(x)) <= 10 * reading.error[0] + 1e-7 * abs(slope(x))
    assert reading.error[0] < 1e-3 * max(1, abs(slope(x)))


@pytest.mark.parametrize("f", [np.exp, np.sin, np.tanh, lambda x: np.log(x + 3)])
def test_single_precision_is_noticed_and_its_slope_is_known_to_three_digits(f):
    for x in np.linspace(-1.4, 2.1, 8):
        found = probe(lambda v: f(v.astype(np.float32)), x)
        assert found.rough
        assert not found.hopeless
        assert not probe(f, x).rough
        exact = probe(f, x).read(0, np.ones(1)).slope[0]
        reading = found.read(0, np.ones(1))
        assert abs(reading.slope[0] - exact) <= reading.error[0] + 1e-4
        assert reading.error[0] < 1e-2


def test_half_precision_is_hopeless():
    assert probe(lambda v: np.tanh(v.astype(np.float16)), 0.7).hopeless


@pytest.mark.parametrize("f", [np.floor, np.sign, np.rint, lambda x: x > 0.5])
def test_steps_are_not_taken_for_rounding(f):
    for x in np.linspace(-2.03, 2.18, 9):
        found = probe(f, x)
        assert not found.rough
        assert found.read(0, np.ones(1)).slope[0] == 0


def test_a_kink_has_two_slopes_and_all_between_are_right():
    found = probe(lambda x: np.where(x > 1, 3 * x - 3, x - 1), 1.0)
    reading = found.read(0, np.ones(1))
    assert reading.kink
    assert found.sides(0, np.ones(1)) == pytest.approx((1, 3), rel=1e-6)
    assert reading.allows(np.array([1.0]), np.array([1e-6]))
    assert reading.allows(np.array([2.5]), np.array([1e-6]))
    assert not reading.allows(np.array([0.9]), np.array([1e-6]))
    assert not reading.allows(np.array([3.1]), np.array([1e-6]))


class TestComplexStep:
    def test_it_is_exact(self):
        found = probe(np.exp, 1.5, lambda p: [np.exp(p[0])])
        np.testing.assert_allclose(found.by_complex_step(0, np.ones(1), checked=True), np.exp(1.5), rtol=1e-15)

    @pytest.mark.parametrize(
        "f",
        [
            lambda p: [np.abs(p[0]) * p[0]],  # takes complex numbers and answers wrong
            lambda p: [p[0].astype(np.float32)],  # throws the imaginary part away
            lambda p: [np.arctan2(p[0], 1)],  # takes none
            lambda p: [np.ones(1)],
        ],
    )
    def test_it_is_not_trusted_where_it_cannot_be(self, f):
        found = probe(lambda x: np.abs(x) * x, 1.5, f)
        assert found.by_complex_step(0, np.ones(1), checked=True) is None
