"""Activations by their defining properties, at the extremes, and their messages."""

import math

import numpy as np
import pytest

import nn
import nn.functional as F


@pytest.fixture
def x(rng):
    return nn.tensor(rng.normal(size=(4, 5)) * 5)


def close(a, b, rtol=1e-12):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), rtol=rtol, atol=1e-14)


def test_relu_is_the_positive_part(x):
    close(F.relu(x) - F.relu(-x), x)
    assert (F.relu(x) >= 0).all()


def test_sigmoid_is_symmetric_about_one_half(x):
    close(F.sigmoid(x) + F.sigmoid(-x), np.ones(x.shape))


def test_tanh_is_a_stretched_sigmoid(x):
    close(F.tanh(x), 2 * F.sigmoid(2 * x) - 1, rtol=1e-10)


def test_the_derivative_of_softplus_is_sigmoid(x):
    x.requires_grad_()
    F.softplus(x).sum().backward()
    close(x.grad, F.sigmoid(x.detach()))


def test_softplus_minus_its_mirror_is_the_identity(x):
    close(F.softplus(x) - F.softplus(-x), x, rtol=1e-10)


@pytest.mark.parametrize("dim", [0, 1, -1])
def test_softmax_sums_to_one_and_ignores_a_shift(x, dim):
    p = F.softmax(x, dim)
    close(p.sum(dim), np.ones(x.shape[1 - dim % 2]))
    close(p, F.softmax(x + 100, dim), rtol=1e-10)
    close(p, F.log_softmax(x, dim).exp())


def test_softmax_of_two_classes_is_sigmoid(x):
    close(F.softmax(nn.stack([x, nn.zeros_like(x)]), 0)[0], F.sigmoid(x))


def test_softmax_keeps_the_order(x):
    assert (F.softmax(x, 1).argmax(1) == x.argmax(1)).all()


@pytest.mark.parametrize("dtype", [nn.float16, nn.float32, nn.float64])
@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "softplus", "softmax", "log_softmax"])
def test_the_dtype_is_kept_and_the_largest_values_are_finite(name, dtype):
    top = float(np.finfo(dtype).max)
    x = nn.tensor([-top, -1.0, 0.0, 1.0, top / 2], dtype=dtype)
    y = getattr(F, name)(x, *[0] * ("softmax" in name))
    assert y.dtype == dtype
    assert name == "log_softmax" or np.isfinite(y.numpy()).all()


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "softplus"])
def test_nan_stays_nan(name):
    assert math.isnan(getattr(F, name)(nn.tensor(math.nan)).item())


@pytest.mark.parametrize("name", ["relu", "sigmoid", "tanh", "softplus", "softmax", "log_softmax"])
def test_a_list_is_refused(name):
    arguments = [0] * ("softmax" in name)
    with pytest.raises(TypeError, match=rf"{name}: input must be a tensor, got list; use nn.tensor"):
        getattr(F, name)([1.0], *arguments)


@pytest.mark.parametrize("name", ["softplus", "softmax", "log_softmax"])
def test_integers_are_refused(name):
    with pytest.raises(nn.DtypeError, match=rf"{name}: input must be floating-point, it is int64; use \.float\(\)"):
        getattr(F, name)(nn.tensor([1]), *[0] * ("softmax" in name))


@pytest.mark.parametrize("function", [nn.functional.elu, nn.functional.celu, nn.functional.selu])
def test_the_second_derivative_at_the_kink_of_elu_is_0_as_in_pytorch(function):
    x = nn.tensor([0.0, 1.0], dtype=nn.float64, requires_grad=True)
    (slope,) = nn.grad(function(x).sum(), x, create_graph=True)
    assert nn.grad(slope.sum(), x)[0].tolist() == [0, 0]
