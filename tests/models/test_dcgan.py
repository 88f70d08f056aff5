"""The two networks of a DCGAN fit each other at every size."""

import numpy as np
import pytest

import nn
from nn.models import DCGANDiscriminator, DCGANGenerator


@pytest.mark.parametrize("size", [8, 16, 64])
def test_they_fit_each_other(size):
    painter, judge = DCGANGenerator(10, 4, 2, size), DCGANDiscriminator(4, 2, size)
    pictures = painter(nn.randn(3, 10))
    assert pictures.shape == (3, 2, size, size)
    assert (pictures.abs() <= 1).all()
    assert judge(pictures).shape == (3,)


def test_the_weights_start_as_the_paper_says():
    nn.manual_seed(0)
    weight = DCGANGenerator(100, 16).main[0].weight
    assert abs(weight.std().item() - 0.02) < 1e-3
    norm = DCGANGenerator(100, 64).main[1].weight
    assert abs(norm.mean().item() - 1) < 0.01
    assert 0.01 < norm.std().item() < 0.03


def test_noise_may_be_a_vector_or_a_picture_of_one_pixel():
    model, noise = DCGANGenerator(10, 4, 1, 8).eval(), nn.randn(2, 10)
    assert np.array_equal(model(noise).detach().numpy(), model(noise.reshape(2, 10, 1, 1)).detach().numpy())


@pytest.mark.parametrize("size", [4, 12, 0, -8])
def test_other_sizes_are_refused(size):
    for cls in (DCGANGenerator, DCGANDiscriminator):
        with pytest.raises(
            ValueError, match=rf"^{cls.__name__}: image_size must be a power of two from 8 on, got {size}; res"
        ):
            cls(image_size=size)
