"""Reductions: what NumPy computes, the manners of PyTorch, and messages."""

import math

import numpy as np
import pytest

import nn

DIMS = [None, 0, -1, (0, 2), [1, 2]]
REDUCTIONS = ["sum", "mean", "amax", "amin"]


@pytest.fixture
def x(rng):
    return nn.tensor(rng.normal(size=(2, 3, 4)))


@pytest.mark.parametrize("keepdim", [False, True])
@pytest.mark.parametrize("dim", DIMS, ids=str)
@pytest.mark.parametrize("name", REDUCTIONS)
def test_what_numpy_computes(x, name, dim, keepdim):
    axis = tuple(dim) if isinstance(dim, list) else dim
    wanted = getattr(np, name)(x.numpy(), axis=axis, keepdims=keepdim)
    for got in (getattr(nn, name)(x, dim, keepdim), getattr(x, name)(dim=dim, keepdim=keepdim)):
        assert got.shape == wanted.shape
        np.testing.assert_allclose(got.numpy(), wanted, rtol=1e-12)


@pytest.mark.parametrize("dim", DIMS, ids=str)
def test_var_and_std(x, dim):
    axis = tuple(dim) if isinstance(dim, list) else dim
    np.testing.assert_allclose(nn.var(x, dim).numpy(), x.numpy().var(axis, ddof=1), rtol=1e-12)
    np.testing.assert_allclose(nn.std(x, dim, correction=0).numpy(), x.numpy().std(axis), rtol=1e-12)
    np.testing.assert_allclose((nn.std(x, dim) ** 2).numpy(), nn.var(x, dim).numpy(), rtol=1e-12)


@pytest.mark.parametrize("name", ["max", "min"])
def test_max_with_an_axis_is_a_named_tuple_of_values_and_indices(x, name):
    result = getattr(nn, name)(x, 1)
    values, indices = result
    assert result.values is values
    assert result.indices is indices
    assert indices.dtype == np.int64
    assert values.tolist() == getattr(nn, "a" + name)(x, 1).tolist()
    assert nn.gather(x, 1, indices.unsqueeze(1)).squeeze(1).tolist() == values.tolist()
    assert getattr(x, name)(1, keepdim=True).indices.shape == (2, 1, 4)
    assert getattr(nn, name)(x).shape == ()


@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_the_first_of_equals(name):
    assert getattr(nn, name)(nn.tensor([2.0, 2.0, 2.0])).item() == 0
    assert getattr(nn, name)(nn.tensor([[1, 1], [1, 1]]), dim=0).tolist() == [0, 0]
    assert getattr(nn, name)(nn.zeros(2, 3), 1, keepdim=True).shape == (2, 1)


def test_logsumexp_does_not_overflow_and_shifts(x):
    np.testing.assert_allclose(nn.logsumexp(x + 1000, 1).numpy(), nn.logsumexp(x, 1).numpy() + 1000, rtol=1e-12)
    np.testing.assert_allclose(nn.logsumexp(x, (0, 1, 2)).item(), math.log(np.exp(x.numpy()).sum()), rtol=1e-12)
    assert nn.logsumexp(nn.tensor([-math.inf, -math.inf]), 0).item() == -math.inf
    assert nn.logsumexp(nn.tensor([math.inf, 0.0]), 0).item() == math.inf


def test_sums_of_integers_and_booleans_are_int64():
    assert nn.sum(nn.tensor([True, True, False])).item() == 2
    for dtype in (nn.bool, nn.uint8, nn.int32):
        assert nn.sum(nn.ones(3, dtype=dtype)).dtype == np.int64


def test_any_and_all():
    x = nn.tensor([[True, False], [True, True]])
    assert x.any().item()
    assert not x.all().item()
    assert x.all(0).tolist() == [True, False]
    assert x.all(dim=1).dtype == np.bool_


def test_the_mean_of_nothing_is_nan_without_a_warning():
    assert math.isnan(nn.mean(nn.zeros(0)).item())
    assert math.isnan(nn.var(nn.ones(1)).item())
    assert nn.sum(nn.zeros(0, 3), 0).tolist() == [0, 0, 0]


@pytest.mark.parametrize("name", ["mean", "var", "std"])
def test_the_mean_of_integers_is_refused(name):
    with pytest.raises(nn.DtypeError, match=rf"{name}: input must be floating-point, it is int64"):
        getattr(nn, name)(nn.tensor([1, 2]))


@pytest.mark.parametrize("name", ["sum", "mean", "amax", "amin", "argmax", "max", "min", "logsumexp", "var"])
def test_an_axis_that_is_not_there(name):
    for wrong in (3, -4):
        with pytest.raises(
            IndexError, match=rf"\w+: dim {wrong} is out of range for shape \(2, 3, 4\); it must be from -3 to 2"
        ):
            getattr(nn, name)(nn.zeros(2, 3, 4), wrong)


@pytest.mark.parametrize("name", ["amax", "amin", "max", "min", "argmax"])
def test_the_largest_of_nothing_is_refused(name):
    with pytest.raises((RuntimeError, IndexError), match=r"\w+: no elements to choose from in shape \(0,\)"):
        getattr(nn, name)(nn.zeros(0))


@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "amax", "amin", "max", "min", "argmax", "argmin"])
def test_a_list_is_refused(name):
    with pytest.raises(TypeError, match=f"{name}: input must be a tensor, got list"):
        getattr(nn, name)([1.0])


@pytest.mark.parametrize("kind", [nn.uint8, nn.int16, nn.int64, nn.bool], ids=str)
def test_logsumexp_of_integers_is_a_float(kind):
    x = nn.tensor([1, 0, 1], dtype=kind)
    found = nn.logsumexp(x, 0)
    assert found.dtype == nn.float32
    assert found == x.float().logsumexp(0)


@pytest.mark.parametrize("dim", [0, -1, (0,), (-1,), [0], ()])
def test_a_tensor_without_axes_has_the_axes_0_and_minus_1(dim):
    x = nn.tensor(3.0, requires_grad=True)
    for name in ("sum", "mean", "nansum", "nanmean", "amax", "amin", "logsumexp"):
        y = getattr(x, name)(dim)
        assert (y.shape, y.item()) == ((), 3)
        (slope,) = nn.grad(y, x)
        assert slope.item() == 1
    for name in ("any", "all"):
        assert getattr(x.detach(), name)(dim).tolist() is True


def test_without_an_axis_any_and_all_ask_each_element():
    x = nn.tensor([[1, 0], [0, 2]])
    for name in ("any", "all"):
        for none in ((), []):
            y = getattr(x, name)(none)
            assert y.tolist() == [[True, False], [False, True]]
            assert getattr(x.to(nn.uint8), name)(none).dtype == np.uint8
