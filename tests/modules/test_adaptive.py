"""Adaptive pooling layers are their functions."""

import pytest

import nn
import nn.functional as F


@pytest.mark.parametrize("rank", [1, 2, 3])
@pytest.mark.parametrize("kind", ["Avg", "Max"])
def test_a_layer_is_its_function(kind, rank, rng):
    x = nn.tensor(rng.normal(size=(2, 3, *(7, 6, 5)[:rank])))
    function = getattr(F, f"adaptive_{kind.lower()}_pool{rank}d")
    for size in (1, (2, 3, None)[:rank] if rank > 1 else 2):
        layer = getattr(nn, f"Adaptive{kind}Pool{rank}d")(size)
        assert layer(x).tolist() == function(x, size).tolist()
        assert not layer.state_dict()
    if kind == "Max":
        values, places = getattr(nn, f"AdaptiveMaxPool{rank}d")(2, return_indices=True)(x)
        assert x.flatten(2).gather(2, places.flatten(2)).tolist() == values.flatten(2).tolist()


def test_a_classifier_behind_it_takes_images_of_any_size():
    model = nn.Sequential(nn.AdaptiveAvgPool2d((2, 2)), nn.Flatten(), nn.Linear(12, 5))
    for size in ((2, 2), (7, 3), (28, 28)):
        assert model(nn.ones(4, 3, *size)).shape == (4, 5)
