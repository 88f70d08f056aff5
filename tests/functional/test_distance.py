"""Cosines and distances of pairs of vectors by their properties, and their messages."""

import math

import numpy as np
import pytest

import nn
import nn.functional as F


@pytest.fixture
def pair(rng):
    return nn.tensor(rng.normal(size=(4, 3))), nn.tensor(rng.normal(size=(4, 3)))


def test_the_cosine_is_1_for_a_multiple_minus_1_for_the_opposite_and_0_at_a_right_angle(pair):
    x, _ = pair
    np.testing.assert_allclose(F.cosine_similarity(x, 3 * x).numpy(), 1)
    np.testing.assert_allclose(F.cosine_similarity(x, -x).numpy(), -1)
    assert F.cosine_similarity(nn.tensor([[1.0, 2.0]]), nn.tensor([[2.0, -1.0]])).item() == 0


def test_the_cosine_is_the_product_of_the_vectors_of_length_1(pair):
    x, y = pair
    np.testing.assert_allclose(F.cosine_similarity(x, y).numpy(), (F.normalize(x) * F.normalize(y)).sum(1).numpy())
    np.testing.assert_allclose(F.cosine_similarity(x.T, y.T, dim=0).numpy(), F.cosine_similarity(x, y).numpy())


def test_the_cosine_with_nothing_is_0_with_a_finite_gradient():
    x = nn.zeros(1, 3, requires_grad=True)
    y = F.cosine_similarity(x, nn.ones(1, 3))
    y.sum().backward()
    assert y.item() == 0
    assert np.isfinite(x.grad.numpy()).all()


@pytest.mark.parametrize("p", [1, 2, 3, math.inf])
def test_a_distance_is_the_norm_of_the_difference(p, pair):
    x, y = pair
    expected = np.linalg.norm(x.numpy() - y.numpy() + 1e-6, p, axis=1)
    np.testing.assert_allclose(F.pairwise_distance(x, y, p).numpy(), expected)
    assert F.pairwise_distance(x, y, p, keepdim=True).shape == (4, 1)


def test_one_vector_is_compared_with_each_row(pair):
    x, y = pair
    for function in (F.cosine_similarity, F.pairwise_distance):
        rows = [function(x[i : i + 1], y[:1]).item() for i in range(4)]
        np.testing.assert_allclose(function(x, y[:1]).numpy(), rows)


def test_the_gradients_agree_with_differences(pair):
    x, y = (v.requires_grad_() for v in pair)
    assert nn.testing.gradcheck(F.cosine_similarity, (x, y))
    assert nn.testing.gradcheck(F.pairwise_distance, (x, y))


def test_messages():
    with pytest.raises(nn.ShapeError, match=r"cosine_similarity: x1 \(2, 3\) and x2 \(2, 4\) do not broadcast"):
        F.cosine_similarity(nn.zeros(2, 3), nn.zeros(2, 4))
    with pytest.raises(nn.ShapeError, match=r"operands of shape \(2, 3\) and \(2, 4\) do not fit"):
        F.pairwise_distance(nn.zeros(2, 3), nn.zeros(2, 4))
    for name in ("cosine_similarity", "pairwise_distance"):
        with pytest.raises(TypeError, match=f"{name}: x1 must be a tensor, got list"):
            getattr(F, name)([1.0], nn.zeros(1))
