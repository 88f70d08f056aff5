"""Covariances and correlations beside NumPy's and by their laws."""

import numpy as np
import pytest

import nn


@pytest.fixture
def x(rng):
    return rng.normal(size=(3, 12))


@pytest.mark.parametrize("correction", [0, 1])
def test_covariances_are_numpy_s_with_weights_and_without(correction, x, rng):
    f, a = rng.integers(1, 4, 12), rng.uniform(0.5, 2, 12)
    for weights in ({}, dict(fweights=f), dict(aweights=a), dict(fweights=f, aweights=a)):
        ours = nn.cov(nn.tensor(x), correction=correction, **{k: nn.tensor(v) for k, v in weights.items()})
        np.testing.assert_allclose(ours.numpy(), np.cov(x, ddof=correction, **weights))


def test_observations_made_twice_are_weights_of_two(x):
    twice = nn.cov(nn.tensor(np.repeat(x, 2, 1))).numpy()
    np.testing.assert_allclose(nn.cov(nn.tensor(x), fweights=nn.full((12,), 2)).numpy(), twice)


def test_the_diagonal_holds_the_variances_and_one_variable_has_no_axis(x):
    np.testing.assert_allclose(nn.cov(nn.tensor(x)).diagonal().numpy(), x.var(1, ddof=1))
    assert nn.cov(nn.tensor(x[0])).item() == pytest.approx(x[0].var(ddof=1))


def test_correlations_do_not_see_scale_and_offset(x):
    c = nn.corrcoef(nn.tensor(x))
    np.testing.assert_allclose(c.numpy(), np.corrcoef(x))
    np.testing.assert_allclose(nn.corrcoef(nn.tensor(5 * x + 3)).numpy(), c.numpy())
    np.testing.assert_allclose(c.diagonal().numpy(), 1)
    assert nn.corrcoef(nn.tensor(x[0])).item() == 1


def test_the_gradients_agree_with_differences(x):
    given = nn.tensor(x[:, :5], requires_grad=True)
    assert nn.testing.gradcheck(nn.cov, (given,))
    assert nn.testing.gradcheck(nn.corrcoef, (given,))


def test_messages():
    with pytest.raises(nn.ShapeError, match=r"cov: expected at most 2 axes, got shape \(1, 1, 1\)"):
        nn.cov(nn.ones(1, 1, 1))
