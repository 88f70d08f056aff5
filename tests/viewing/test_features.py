"""Feature maps and filters: one small picture for each, in the colours of its numbers."""

import numpy as np
import pytest

import nn
from nn.errors import RangeError, ShapeError
from nn.viewing import draw_feature_maps, draw_filters, draw_pictures


def test_the_maps_drawn_are_those_of_the_sample(rng, read):
    nn.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 3, 3), nn.ReLU())
    x = nn.tensor(rng.normal(size=(2, 1, 6, 6)).astype(np.float32))
    maps = model(x).detach().numpy()
    for sample in (0, 1):
        expected = draw_pictures(maps[sample], range(3), title="t", bar_label="activation", colours="viridis")
        assert np.array_equal(draw_feature_maps(model, x, "1", sample=sample, title="t"), expected)
    for text in ("0", "1", "2", "activation", "1: 3 feature maps"):
        assert read(draw_feature_maps(model, x, "1"), text) >= 1
    assert read(draw_feature_maps(model, x, "0", most=2), "0: 2 of 3 feature maps") == 1


def test_filters_of_one_channel_are_drawn_in_one_scale_around_zero(read):
    layer = nn.Conv2d(1, 4, 2)
    layer.weight.data.copy_(nn.arange(-8, 8).reshape(4, 1, 2, 2) / 4)
    picture = draw_filters(layer)
    assert np.array_equal(picture, draw_filters(layer.weight))
    for text in ("4 filters", "weight", "2", "-2", "3"):
        assert read(picture, text) >= 1, text


def test_filters_of_three_channels_are_in_colours_and_of_more_a_row_each(read, rng):
    assert read(draw_filters(rng.uniform(-0.5, 0.5, (2, 3, 3, 3))), "2 filters; grey is 0, a full colour 0.", (0, 0, 0))
    picture = draw_filters(rng.normal(size=(9, 4, 3, 3)), most=8)
    assert read(picture, "2 of 9 filters") == 1
    assert read(picture, "1,3") == 1
    assert read(picture, "2,0") == 0
    assert read(draw_filters(rng.normal(size=(2, 80, 3, 3))), "1 of 2 filters, 64 of 80 channels") == 1


def test_bad_arguments_are_refused():
    model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten())
    with pytest.raises(RangeError, match="has no layer 'conv'"):
        draw_feature_maps(model, nn.ones(1, 1, 4, 4), "conv")
    with pytest.raises(ShapeError, match=r"output of layer '1' must be \(N, C, H, W\) with a sample 0, got \(1, 8\)$"):
        draw_feature_maps(model, nn.ones(1, 1, 4, 4), "1")
    with pytest.raises(ShapeError, match=r"with a sample 1, got \(1, 2, 2, 2\)$"):
        draw_feature_maps(model, nn.ones(1, 1, 4, 4), "0", sample=1)
    with pytest.raises(ShapeError, match=r"^draw_filters: weight must be \(O, I, KH, KW\), .* got shape \(3, 2\)$"):
        draw_filters(nn.Linear(2, 3))
