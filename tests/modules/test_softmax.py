"""Layers of shares: they sum to 1 along their axis, and the logarithm is that of the shares; and the message."""

import numpy as np
import pytest

import nn


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_shares_sum_to_1_along_the_axis(dim, rng):
    x = nn.tensor(rng.normal(size=(3, 4, 5)))
    shares = nn.Softmax(dim)(x)
    np.testing.assert_allclose(shares.sum(dim).numpy(), 1)
    np.testing.assert_allclose(nn.LogSoftmax(dim)(x).numpy(), shares.log().numpy())
    np.testing.assert_allclose(nn.Softmin(dim)(-x).numpy(), shares.numpy())


def test_images_share_over_their_channels(rng):
    x = nn.tensor(rng.normal(size=(2, 3, 4, 5)))
    assert nn.Softmax2d()(x).tolist() == nn.Softmax(1)(x).tolist()
    assert nn.Softmax2d()(x[0]).tolist() == nn.Softmax(0)(x[0]).tolist()
    with pytest.raises(nn.ShapeError, match=r"Softmax2d: .*\(2, 3\)"):
        nn.Softmax2d()(x[..., 0, 0])
