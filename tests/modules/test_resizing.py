"""Layers that resample are the function, with every option handed on."""

import pytest

import nn
import nn.functional as F


@pytest.mark.parametrize(
    "options",
    [
        dict(size=(7, 3)),
        dict(scale_factor=2.0),
        dict(scale_factor=1.7, mode="bilinear", align_corners=True),
        dict(scale_factor=1.7, mode="bicubic", recompute_scale_factor=True),
        dict(size=3, mode="nearest-exact"),
    ],
    ids=str,
)
def test_a_layer_is_its_function(options, rng):
    x = nn.tensor(rng.normal(size=(2, 3, 5, 4)))
    assert nn.Upsample(**options)(x).tolist() == F.interpolate(x, **options).tolist()


def test_the_older_layers_fix_the_mode(rng):
    x = nn.tensor(rng.normal(size=(2, 3, 5, 4)))
    bilinear = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=True)
    assert nn.UpsamplingBilinear2d(scale_factor=2)(x).tolist() == bilinear.tolist()
    assert nn.UpsamplingNearest2d(size=(7, 3))(x).tolist() == F.interpolate(x, (7, 3)).tolist()
