"""Unpooling layers are their functions, and pool back to what they were given."""

import pytest

import nn
import nn.functional as F


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_layer_is_its_function_and_pooling_undoes_it(rank, rng):
    x = nn.tensor(rng.uniform(1, 2, (2, 3, *(6, 4, 8)[:rank])))
    pool = getattr(nn, f"MaxPool{rank}d")(2, return_indices=True)
    unpool = getattr(nn, f"MaxUnpool{rank}d")(2)
    y, places = pool(x)
    wide = unpool(y, places)
    assert wide.tolist() == getattr(F, f"max_unpool{rank}d")(y, places, 2).tolist()
    assert pool(wide)[0].tolist() == y.tolist()


def test_the_size_before_the_pooling_is_given_with_the_input(rng):
    x = nn.tensor(rng.uniform(1, 2, (1, 1, 5, 5)))
    y, places = nn.MaxPool2d(2, return_indices=True)(x)
    assert nn.MaxUnpool2d(2)(y, places, output_size=x.shape).shape == x.shape
