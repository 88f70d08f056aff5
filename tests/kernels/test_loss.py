"""Each sample's own class is picked, and gets the gradient, in every shape and memory order."""

import numpy as np
import pytest

from nn.kernels import loss

SHAPES = [((3,), 0), ((4, 3), 1), ((2, 5, 3, 4), 1), ((2, 3, 0), 1), ((0, 3), 1), ((0, 0), 1), ((0, 3, 2), 1)]
ORDERS = {
    "row-major": lambda x: x,
    "the other way round": lambda x: x.T.copy("C").T,
    "a part of a larger one": lambda x: np.stack([x, x], -1)[..., 0],
    "backwards": lambda x: x[::-1].copy()[::-1],
}


@pytest.mark.parametrize(("shape", "dim"), SHAPES, ids=str)
@pytest.mark.parametrize("order", ORDERS.values(), ids=ORDERS)
@pytest.mark.parametrize("kind", [np.int64, np.uint8])
def test_one_number_of_each_sample(shape, dim, order, kind, rng):
    x = order(rng.normal(size=shape).astype(np.float32))
    places = shape[:dim] + shape[dim + 1 :]
    index = order(rng.integers(0, max(1, shape[dim]), places).astype(kind)) if places else np.array(1, kind)
    expected, routed = np.empty(places, x.dtype), np.zeros(shape, x.dtype)
    g = rng.normal(size=places).astype(np.float32)
    for at in np.ndindex(*places):
        here = (*at[:dim], int(index[at]), *at[dim:])
        expected[at], routed[here] = -x[here], -g[at]
    np.testing.assert_array_equal(loss.nll(x, index, dim=dim), expected)
    np.testing.assert_array_equal(loss.nll_backward(g, index, dim=dim, size=shape[dim]), routed)
    for place in (np.full(shape, np.nan, x.dtype), order(np.full(shape, np.nan, x.dtype))):
        assert loss.nll_backward(g, index, dim=dim, size=shape[dim], out=place) is place
        np.testing.assert_array_equal(place, routed)


def test_the_classes_of_a_thousand_are_told_apart_by_a_small_integer():
    """The place in memory is beyond what the type of the index holds."""
    x = np.arange(300.0 * 1000 * 2).reshape(300, 1000, 2)
    index = np.full((300, 2), 250, np.uint8)
    np.testing.assert_array_equal(loss.nll(x, index, dim=1), -x[:, 250])
