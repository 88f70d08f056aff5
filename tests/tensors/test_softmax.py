"""Shares that sum to 1, and their logarithms, by their laws."""

import numpy as np
import pytest

import nn


@pytest.fixture
def x(rng):
    return rng.normal(size=(3, 4))


@pytest.mark.parametrize("dim", [0, 1, -2])
def test_shares_are_powers_over_their_sum_and_logarithms_their_logarithm(dim, x):
    expected = np.exp(x) / np.exp(x).sum(dim, keepdims=True)
    np.testing.assert_allclose(nn.softmax(nn.tensor(x), dim).numpy(), expected)
    np.testing.assert_allclose(nn.log_softmax(nn.tensor(x), dim).numpy(), np.log(expected))
    np.testing.assert_allclose(nn.softmax(nn.tensor(x), dim).sum(dim).numpy(), 1)


@pytest.mark.parametrize("name", ["softmax", "log_softmax"])
def test_a_large_shared_offset_changes_nothing(name, x):
    function = getattr(nn, name)
    for offset in (1e4, -1e4):
        np.testing.assert_allclose(
            function(nn.tensor(x + offset), 1).numpy(), function(nn.tensor(x), 1).numpy(), rtol=1e-9
        )


def test_a_class_without_a_chance_has_none_and_logarithms_far_apart_stay_finite():
    x = nn.tensor([0.0, float("-inf"), 0.0])
    assert nn.softmax(x, 0).tolist() == [0.5, 0, 0.5]
    assert nn.log_softmax(nn.tensor([0.0, 1e4]), 0).tolist() == [-1e4, 0]


def test_the_gradient_sums_to_0_and_agrees_with_differences(x, rng):
    weight = nn.tensor(rng.normal(size=(3, 4)))
    t = nn.tensor(x, requires_grad=True)
    (nn.softmax(t, 1) * weight).sum().backward()
    np.testing.assert_allclose(t.grad.sum(1).numpy(), 0, atol=1e-12)
    assert nn.testing.gradcheck(lambda t: nn.log_softmax(t, 0), (t,))


def test_the_dtype_asked_for_is_that_of_the_work():
    assert nn.softmax(nn.tensor([1, 2]), 0, dtype=nn.float64).dtype == nn.float64
    with pytest.raises(nn.DtypeError, match=r"softmax: .*floating-point"):
        nn.softmax(nn.tensor([1, 2]), 0)
