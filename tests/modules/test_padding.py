"""Padding layers are NumPy's padding, and a crop of the same amounts undoes them."""

import numpy as np
import pytest

import nn

MODES = {"Zero": "constant", "Reflection": "reflect", "Replication": "edge", "Circular": "wrap"}


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", MODES)
def test_one_number_pads_every_side_and_several_each_its_own_the_last_axis_first(kind, rank, rng):
    x = rng.normal(size=(2, 3, 4, 5, 4)[: rank + 2])
    layer = getattr(nn, f"{kind}Pad{rank}d")
    everywhere = np.pad(x, [(0, 0)] * 2 + [(2, 2)] * rank, mode=MODES[kind])
    assert layer(2)(nn.tensor(x)).tolist() == everywhere.tolist()
    sides = [(1, 2), (0, 3), (2, 0)][:rank]
    given = tuple(n for pair in sides for n in pair)
    padded = layer(given)(nn.tensor(x))
    assert padded.tolist() == np.pad(x, [(0, 0)] * 2 + sides[::-1], mode=MODES[kind]).tolist()
    crop = nn.ConstantPad1d if rank == 1 else getattr(nn, f"ConstantPad{rank}d")
    assert crop(tuple(-n for n in given), 0.0)(padded).tolist() == x.tolist()


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_a_constant_is_the_one_given(rank):
    x = nn.zeros(1, 1, *[2] * rank)
    padded = getattr(nn, f"ConstantPad{rank}d")(1, 7.5)(x)
    assert padded.sum().item() == 7.5 * (4**rank - 2**rank)


def test_a_padding_longer_than_the_axis_is_refused():
    with pytest.raises(nn.RangeError, match="'reflect' adds at most 2 entries"):
        nn.ReflectionPad1d(3)(nn.zeros(1, 1, 3))
