"""Rotation against PyTorch's complex product."""

import pytest
from oracle import compare, torch

import nn


def complex_rotation(x, offset, interleaved):
    """The same in torch, as a product of complex numbers."""
    half = x.shape[-1] // 2
    pairs = x.reshape(*x.shape[:-1], half, 2) if interleaved else torch.stack([x[..., :half], x[..., half:]], -1)
    angle = torch.arange(offset, offset + x.shape[-2], dtype=x.dtype)[:, None] / 10000.0 ** (
        torch.arange(half, dtype=x.dtype) / half
    )
    turned = torch.view_as_real(torch.view_as_complex(pairs) * torch.polar(torch.ones_like(angle), angle))
    return turned.flatten(-2) if interleaved else torch.cat([turned[..., 0], turned[..., 1]], -1)


@pytest.mark.parametrize("interleaved", [True, False])
@pytest.mark.parametrize("shape", [(3, 4), (2, 3, 5, 6)])
@pytest.mark.parametrize("offset", [0, 7])
def test_rotation_is_a_complex_product(shape, offset, interleaved, rng):
    def function(lib, x):
        if lib.top is nn:
            return nn.rotary_embedding(x, offset, interleaved=interleaved)
        return complex_rotation(x, offset, interleaved)

    compare(function, rng.normal(size=shape), forward=False)
