"""Distance layers are their functions, and have nothing to learn."""

import pytest

import nn
import nn.functional as F


def test_a_layer_is_its_function(rng):
    x, y = nn.tensor(rng.normal(size=(4, 3))), nn.tensor(rng.normal(size=(4, 3)))
    assert nn.CosineSimilarity()(x, y).tolist() == F.cosine_similarity(x, y).tolist()
    assert nn.CosineSimilarity(dim=0)(x, y).tolist() == F.cosine_similarity(x, y, 0).tolist()
    assert (
        nn.PairwiseDistance(1.0, keepdim=True)(x, y).tolist() == F.pairwise_distance(x, y, 1.0, keepdim=True).tolist()
    )
    assert not nn.CosineSimilarity().state_dict()


def test_eps_is_handed_on():
    zero = nn.zeros(1, 2)
    assert nn.PairwiseDistance(1.0, eps=0.5)(zero, zero).item() == 1
    assert nn.CosineSimilarity(eps=10.0)(nn.ones(1, 1), nn.ones(1, 1)).item() == pytest.approx(0.01)
