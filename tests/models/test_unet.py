"""U-Net gives a mask as large as the image, and sees it at every level."""

import numpy as np
import pytest

import nn
from nn.models import UNet


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_mask_is_as_large_as_the_image(depth):
    assert UNet(2, 3, 4, depth)(nn.zeros(1, 2, 16, 24)).shape == (1, 3, 16, 24)


def test_each_level_has_a_bridge():
    """Without what comes from below, a level still sees what it saw on the way down."""
    nn.manual_seed(0)  # with one seed of seven every unit that sees the pixel is switched off
    model = UNet(1, 1, 4, 2).eval()
    for layer in (model.upconv1, model.upconv2):
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    x = nn.zeros(1, 1, 8, 8, requires_grad=True)
    model(x + 1)[0, 0, 3, 3].backward()
    assert np.abs(x.grad.numpy())[0, 0, 3, 3] > 0


def test_what_cannot_be_halved_so_often_is_refused():
    with pytest.raises(
        ValueError, match=r"^UNet: x must be \(N, C, H, W\) with H and W multiples of 4, .* got \(1, 1, 8, 6\); pad"
    ):
        UNet(1, 1, 4, 2)(nn.zeros(1, 1, 8, 6))
    with pytest.raises(ValueError, match=r"^UNet: depth must be at least 1, got 0$"):
        UNet(depth=0)
