"""Dropout: how often, how much, where, and the same again from the same seed."""

import numpy as np
import pytest

import nn
import nn.functional as F

ALL = {
    "dropout": (F.dropout, (40, 50)),
    "dropout1d": (F.dropout1d, (40, 50, 3)),
    "dropout2d": (F.dropout2d, (40, 50, 3, 2)),
    "dropout3d": (F.dropout3d, (40, 50, 3, 2, 2)),
    "alpha_dropout": (F.alpha_dropout, (40, 50)),
    "feature_alpha_dropout": (F.feature_alpha_dropout, (40, 50, 3)),
}
every = pytest.mark.parametrize(("function", "shape"), ALL.values(), ids=ALL)


@every
@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_so_many_channels_go_and_each_goes_whole(function, shape, p):
    nn.manual_seed(1)
    y = function(nn.ones(*shape), p, training=True).numpy().reshape(2000, -1)
    assert (y == y[:, :1]).all()
    values, counts = np.unique(y[:, 0], return_counts=True)
    assert len(values) == 2
    assert abs(counts[0] - 2000 * p) < 5 * np.sqrt(2000 * p * (1 - p))


@every
def test_the_same_seed_draws_the_same(function, shape):
    first = function(nn.ones(*shape), 0.5, nn.manual_seed(3) is not None)
    assert first.tolist() != function(nn.ones(*shape), 0.5, True).tolist()
    nn.manual_seed(3)
    assert function(nn.ones(*shape), 0.5, True).tolist() == first.tolist()


@every
def test_evaluation_and_probability_0_change_nothing(function, shape):
    x = nn.ones(*shape)
    assert function(x, 0.5, training=False) is x
    assert function(x, 0.0, training=True) is x
    assert not function(x, 1.0, training=True).numpy().any()


@every
def test_float32_stays_float32_and_the_gradient_is_that_of_a_product(function, shape):
    nn.manual_seed(0)
    x = nn.ones(*shape, requires_grad=True)
    y = function(x, 0.3, training=True)
    y.sum().backward()
    assert (y.dtype, x.grad.dtype) == (np.float32, np.float32)
    kept = y.detach().numpy() == y.detach().numpy().max()
    np.testing.assert_array_equal(x.grad.numpy() != 0, kept)


def test_the_mean_stays():
    nn.manual_seed(0)
    y = F.dropout(nn.ones(100_000), 0.4)
    assert abs(float(y.mean()) - 1) < 0.02
    assert set(y.tolist()) == {0.0, float(np.float32(1 / 0.6))}


def test_alpha_dropout_keeps_mean_and_variance(rng):
    nn.manual_seed(0)
    y = F.alpha_dropout(nn.tensor(rng.normal(size=200_000)), 0.3, training=True).numpy()
    assert abs(y.mean()) < 0.02
    assert abs(y.var() - 1) < 0.02


@every
def test_no_elements(function, shape):
    assert function(nn.zeros(0, *shape[1:]), 0.5, training=True).shape == (0, *shape[1:])


def test_in_place_autograd_follows_and_a_leaf_is_refused():
    x = nn.ones(100)
    assert F.dropout(x, inplace=True) is x
    assert set(x.tolist()) == {0.0, 2.0}
    w = nn.ones(100, requires_grad=True)
    for drop in (F.dropout, F.alpha_dropout):
        with pytest.raises(nn.GradError, match=f"{drop.__name__}_: a leaf that requires gradients"):
            drop(w, training=True, inplace=True)
        x = w * 1
        assert drop(x, training=True, inplace=True) is x
        x.sum().backward()
        assert len(set(w.grad.tolist())) == 2
        w.grad = None
    with nn.no_grad():
        assert F.dropout(w, inplace=True) is w


def test_without_a_batch_the_first_axis_is_the_channels():
    nn.manual_seed(0)
    for function, shape in ((F.dropout1d, (50, 4)), (F.dropout3d, (50, 2, 2, 2))):
        y = function(nn.ones(*shape)).numpy().reshape(50, -1)
        assert (y == y[:, :1]).all()
        assert set(y[:, 0]) == {0, 2}


@pytest.mark.parametrize("name", ALL)
def test_messages(name):
    function, shape = ALL[name]
    for wrong in (-0.1, 1.5, float("nan")):
        with pytest.raises(nn.RangeError, match=rf"{name}: p is a probability and must be in \[0, 1\], got {wrong}"):
            function(nn.ones(*shape), wrong, True)
    with pytest.raises(nn.DtypeError, match=f"{name}: input must be floating-point"):
        function(nn.ones(*shape).long())


def test_messages_about_shapes():
    with pytest.raises(nn.ShapeError, match=r"dropout1d: input must be \(N, C, L\) or \(C, L\)"):
        F.dropout1d(nn.ones(3))
    with pytest.raises(nn.ShapeError, match=r"feature_alpha_dropout: input must be \(N, C, ...\)"):
        F.feature_alpha_dropout(nn.ones(3), training=True)
    with pytest.warns(UserWarning, match=r"dropout2d: expected input \(N, C, H, W\), got \(2, 3, 4\)"):
        F.dropout2d(nn.ones(2, 3, 4))
    with pytest.warns(UserWarning, match="dropout3d: expected input .*"):
        F.dropout3d(nn.ones(2, 3, 4))
