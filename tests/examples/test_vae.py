"""The map of the space has its places where the normal distribution has equal shares."""

import numpy as np

import nn
from nn.examples import vae


def test_the_places_of_the_map_are_equally_probable():
    places = vae._places().numpy().reshape(vae.SIDE, vae.SIDE, 2)
    shares = nn.distributions.Normal(0.0, 1.0).cdf(nn.from_numpy(places[0, :, 0])).numpy()
    np.testing.assert_allclose(np.diff(shares), 1 / vae.SIDE, atol=1e-6)
    np.testing.assert_array_equal(places[:, 0, 1], places[0, :, 0])
