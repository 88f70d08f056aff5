"""Fractional pooling layers are their functions with the same samples, and the messages."""

import pytest

import nn
import nn.functional as F


@pytest.mark.parametrize("rank", [2, 3])
def test_a_layer_is_its_function(rank, rng):
    x = nn.tensor(rng.normal(size=(2, 3, 9, 8, 7)[: rank + 2]))
    samples = nn.tensor(rng.uniform(size=(2, 3, rank)))
    function, layer = getattr(F, f"fractional_max_pool{rank}d"), getattr(nn, f"FractionalMaxPool{rank}d")
    for options in (dict(output_size=4), dict(output_ratio=0.6), dict(output_ratio=(0.5, 0.6, 0.7)[:rank])):
        expected = function(x, 2, **options, return_indices=True, _random_samples=samples)
        found = layer(2, **options, return_indices=True, _random_samples=samples)(x)
        assert [t.tolist() for t in found] == [t.tolist() for t in expected]
    assert layer(2, output_size=4)(x).shape == (2, 3, *(4,) * rank)


def test_messages():
    with pytest.raises(
        nn.RangeError, match="FractionalMaxPool2d: give either output_size or output_ratio; got None and"
    ):
        nn.FractionalMaxPool2d(2)
    with pytest.raises(nn.RangeError, match=r"give either output_size or output_ratio; got 3 and 0.5"):
        nn.FractionalMaxPool2d(2, 3, 0.5)
    with pytest.raises(nn.RangeError, match="FractionalMaxPool3d: output_ratio must be 3 numbers between 0 and 1, got"):
        nn.FractionalMaxPool3d(2, output_ratio=(0.5, 1.5, 0.5))
