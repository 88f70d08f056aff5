"""Dropout layers: they keep the mean, the alpha kinds the variance too, and act in training alone."""

import numpy as np
import pytest

import nn

SHAPES = {
    "Dropout": (200, 300),
    "Dropout1d": (200, 30, 10),
    "Dropout2d": (200, 30, 4, 3),
    "Dropout3d": (200, 30, 2, 3, 2),
}


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


@pytest.mark.parametrize("name", SHAPES)
def test_the_mean_is_kept_and_the_share_of_zeros_is_p(name):
    y = getattr(nn, name)(0.3)(nn.ones(SHAPES[name])).numpy()
    assert y.mean() == pytest.approx(1, abs=0.03)
    assert (y == 0).mean() == pytest.approx(0.3, abs=0.03)
    np.testing.assert_allclose(y[y != 0], 1 / 0.7, rtol=1e-6)


@pytest.mark.parametrize("name", ["Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout"])
def test_channels_are_dropped_as_a_whole(name):
    y = getattr(nn, name)(0.5)(nn.ones(SHAPES.get(name, (20, 30, 4)))).flatten(2).numpy()
    assert (y == y[..., :1]).all()
    assert len(np.unique(y)) == 2


@pytest.mark.parametrize("name", ["AlphaDropout", "FeatureAlphaDropout"])
def test_normal_numbers_keep_their_mean_and_variance(name, rng):
    y = getattr(nn, name)(0.3)(nn.tensor(rng.normal(size=(300, 200, 2)))).numpy()
    assert (y.mean(), y.std()) == pytest.approx((0, 1), abs=0.03)


@pytest.mark.parametrize("name", [*SHAPES, "AlphaDropout", "FeatureAlphaDropout"])
def test_in_evaluation_and_for_p_0_nothing_changes(name, rng):
    x = nn.tensor(rng.normal(size=SHAPES.get(name, (4, 3, 2))))
    assert getattr(nn, name)(0.5).eval()(x).tolist() == x.tolist()
    assert getattr(nn, name)(0.0)(x).tolist() == x.tolist()


def test_in_place_the_tensor_itself_is_dropped_from():
    x = nn.ones(100)
    assert nn.Dropout(0.5, inplace=True)(x) is x
    assert set(x.tolist()) == {0, 2}


@pytest.mark.parametrize("name", [*SHAPES, "AlphaDropout"])
@pytest.mark.parametrize("p", [-0.1, 1.1])
def test_messages(name, p):
    with pytest.raises(ValueError, match=rf"{name}|dropout.*{p}"):
        getattr(nn, name)(p)
