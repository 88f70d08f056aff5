"""The checker's random numbers are its own."""

import numpy as np
import pytest

from nn import GradcheckError
from nn.checking.streams import draw_upstream, elsewhere, nearby, own_stream


def test_no_seed_of_numpy_leads_to_them():
    own = {float(own_stream(seed).normal()) for seed in range(5)}
    for seed in range(2000):
        assert float(np.random.default_rng(seed).normal()) not in own
        assert float(np.random.RandomState(seed).randn()) not in own


def test_three_upstream_gradients_of_which_the_third_tells_whether_a_backward_is_linear():
    first, second, third = draw_upstream(own_stream(0), [np.zeros((2, 3)), np.zeros(())], [])
    assert [u.shape for u in first] == [(2, 3), ()]
    for a, b, c in zip(first, second, third, strict=True):
        np.testing.assert_allclose(c, a - 2 * b)
        assert not np.allclose(a, b)


@pytest.mark.parametrize("factor", [1.0, -3.0, 1e-8])
def test_an_input_from_the_same_stream_is_noticed_whatever_its_scale_and_shape(factor):
    x = factor * own_stream(0).normal(size=(4, 4))
    for shape in [(4, 4), (16,), (2, 8)]:
        for draw in draw_upstream(own_stream(0), [np.zeros((4, 4))], [x.reshape(shape)])[:2]:
            a, b = draw[0].ravel(), x.ravel()
            assert abs(a @ b) < 0.99 * np.linalg.norm(a) * np.linalg.norm(b)


def test_a_number_that_equals_an_input_is_drawn_again():
    x = np.array(own_stream(3).normal())
    assert draw_upstream(own_stream(3), [np.zeros(())], [x])[0][0] != x


def test_it_refuses_where_all_that_is_drawn_is_proportional():
    class Stuck:
        def normal(self, size):
            return np.full(size, 2.0)

    with pytest.raises(GradcheckError, match="proportional to an input, so that a mistake could hide; pass another"):
        draw_upstream(Stuck(), [np.zeros(3)], [np.ones(3)])


class TestPoints:
    def test_nearby_keeps_signs_and_breaks_ties_and_symmetry(self):
        for x in (np.ones((4, 4)), np.eye(4) + 1, -np.arange(1.0, 9), np.zeros(5)):
            moved = nearby(own_stream(0), x)
            assert moved.shape == x.shape
            assert len(np.unique(moved)) == moved.size
            assert (np.sign(moved) == np.sign(x)).all() or not x.any()
            assert np.max(np.abs(moved - x)) <= 0.25 * np.max(np.abs(x), initial=1)

    def test_elsewhere_has_both_signs(self):
        far = elsewhere(own_stream(0), np.ones((6, 6)))
        assert (far > 0).any()
        assert (far < 0).any()

    @pytest.mark.parametrize("target", [np.eye(4)[[0, 2, 2]], np.full((2, 4), 0.25), np.array([0.1, 0.9])])
    def test_probabilities_stay_probabilities_unless_they_may_go_free(self, target):
        for moved in (nearby(own_stream(0), target), elsewhere(own_stream(0), target)):
            np.testing.assert_allclose(moved.sum(-1), 1)
            assert (moved >= 0).all()
            assert not np.array_equal(moved, target)
        assert not np.allclose(elsewhere(own_stream(0), target, free=True).sum(-1), 1)
