"""Normalisations by what they promise, and their messages."""

import math

import numpy as np
import pytest

import nn
import nn.functional as F


def test_each_channel_of_a_batch_gets_mean_0_and_variance_1(rng):
    y = F.batch_norm(nn.tensor(rng.normal(3, 5, (8, 3, 4))), None, None, training=True, eps=1e-12).numpy()
    np.testing.assert_allclose(y.mean((0, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var((0, 2)), 1, rtol=1e-9)


def test_one_group_is_a_layer_norm_and_as_many_as_channels_an_instance_norm(rng):
    x = nn.tensor(rng.normal(size=(2, 4, 3, 5)))
    np.testing.assert_allclose(F.group_norm(x, 1).numpy(), F.layer_norm(x, x.shape[1:]).numpy(), rtol=1e-10)
    np.testing.assert_allclose(F.group_norm(x, 4).numpy(), F.instance_norm(x).numpy(), rtol=1e-10)


def test_a_batch_norm_in_evaluation_of_the_batch_s_own_values_is_one_in_training(rng):
    x = nn.tensor(rng.normal(size=(6, 3)))
    a = x.numpy()
    y = F.batch_norm(x, nn.tensor(a.mean(0)), nn.tensor(a.var(0)))
    np.testing.assert_allclose(y.numpy(), F.batch_norm(x, None, None, training=True).numpy(), rtol=1e-10)


def test_the_running_values_are_moved_in_place_and_shared_memory_says_so():
    mean, var = nn.zeros(1), nn.ones(1)
    w = nn.ones(1, requires_grad=True)
    before = mean * w
    F.batch_norm(nn.tensor([[1.0], [3.0]]), mean, var, training=True, momentum=0.5)
    assert (mean.tolist(), var.tolist()) == ([1.0], [1.5])
    with pytest.raises(nn.GradError, match="changed in place"):
        before.backward()


def test_normalised_vectors_have_length_1_and_nothing_stays_nothing(rng):
    x = nn.tensor(rng.normal(size=(4, 3)))
    for p in (1, 2, 3, math.inf):
        y = F.normalize(x, p=p).numpy()
        np.testing.assert_allclose(np.linalg.norm(y, p, axis=1), 1, rtol=1e-12)
    x = nn.zeros(2, 3, requires_grad=True)
    F.normalize(x).sum().backward()
    assert np.isfinite(x.grad.numpy()).all()


@pytest.mark.parametrize("shape", [(0, 3), (0, 3, 2), (2, 3, 0)])
def test_nothing_in_nothing_out(shape):
    x = nn.zeros(*shape, requires_grad=True)
    mean = nn.zeros(3)
    F.batch_norm(x, mean, nn.ones(3), training=True).sum().backward()
    assert (x.grad.shape, mean.tolist()) == (shape, [0, 0, 0])
    assert F.layer_norm(x, shape[-1:]).shape == F.group_norm(x, 3).shape == shape


X = nn.zeros(4, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.batch_norm(nn.zeros(3), None, None), nn.ShapeError, r"batch_norm: input must be \(N, C, ...\)"),
        (lambda: F.batch_norm(X, nn.zeros(2), nn.zeros(3)), nn.ShapeError,
         r"batch_norm: running_mean must be of shape \(3,\)"),
        (lambda: F.batch_norm(X, None, None), nn.RangeError, "running_mean and running_var must be given when"),
        (lambda: F.batch_norm(X.long(), None, None), nn.DtypeError, "batch_norm: input must be floating-point"),
        (lambda: F.batch_norm(X, None, None, nn.ones(3).double(), training=True), nn.DtypeError,
         "batch_norm: input is float32 and weight is float64; make them equal"),
        (lambda: F.batch_norm(X[:1], None, None, training=True), nn.ShapeError, r"one value a channel.*\.eval\(\)"),
        (lambda: F.batch_norm(X, None, None, training=True, eps=0), nn.RangeError, "eps must be positive in training"),
        (lambda: F.instance_norm(nn.zeros(2)), nn.ShapeError, "instance_norm: input must be"),
        (lambda: F.instance_norm(nn.zeros(2, 1, 1)), nn.ShapeError, r"more than one spatial element, got \(2, 1, 1\)"),
        (lambda: F.instance_norm(X, use_input_stats=False), nn.RangeError, "when use_input_stats=False"),
        (lambda: F.layer_norm(X, (4,)), nn.ShapeError, r"layer_norm: input must end in the axes \(4,\), its shape is"),
        (lambda: F.layer_norm(X, ()), nn.ShapeError, "layer_norm: input must end in the axes"),
        (lambda: F.layer_norm(X, (3,), nn.ones(4)), nn.ShapeError, r"layer_norm: weight must be of shape \(3,\)"),
        (lambda: F.rms_norm(X, (4,)), nn.ShapeError, "rms_norm: input must end in"),
        (lambda: F.group_norm(X, 2), nn.ShapeError, "group_norm: input must be .* with channels that 2 groups divide"),
        (lambda: F.group_norm(X[:1], 3), nn.ShapeError, "more than one value a group, got"),
        (lambda: F.local_response_norm(X, 2), nn.ShapeError, "local_response_norm: input must be"),
        (lambda: F.local_response_norm(nn.zeros(1, 1, 1), 0), nn.RangeError, "size must be at least 1, got 0"),
        (lambda: F.normalize([1.0]), TypeError, "normalize: input must be a tensor, got list"),
        (lambda: nn.LayerNorm(4)(X), nn.ShapeError, "layer_norm: input must end in"),
        (lambda: nn.BatchNorm2d(3)(X), nn.ShapeError, r"BatchNorm2d: input must have 4 axes, its shape is"),
        (lambda: nn.GroupNorm(2, 3), nn.ShapeError, "GroupNorm: num_groups=2 must divide num_channels=3"),
        (lambda: nn.InstanceNorm1d(2, affine=True)(nn.zeros(1, 3, 4)), nn.ShapeError, "input must have 2 channels"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_an_instance_norm_that_does_not_use_its_number_of_channels_warns():
    with pytest.warns(UserWarning, match="input must have 2 channels, its shape is .* not used, since affine=False"):
        nn.InstanceNorm1d(2)(nn.zeros(1, 3, 4))
