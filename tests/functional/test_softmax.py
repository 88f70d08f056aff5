"""Shares of the smallest, and drawn choices, by their properties."""

import numpy as np
import pytest

import nn
import nn.functional as F


def test_softmin_is_the_softmax_of_minus_x_and_does_not_see_a_shared_offset(rng):
    x = nn.tensor(rng.normal(size=(3, 4)))
    shares = np.exp(-x.numpy()) / np.exp(-x.numpy()).sum(1, keepdims=True)
    np.testing.assert_allclose(F.softmin(x, 1).numpy(), shares)
    np.testing.assert_allclose(F.softmin(x + 1e4, 1).numpy(), shares, rtol=1e-9)
    assert F.softmin(x.float(), 1, dtype=nn.float64).dtype == nn.float64


def test_a_hard_choice_is_one_1_with_the_gradient_of_the_soft_one(rng):
    x = nn.tensor(rng.normal(size=(5, 4)), requires_grad=True)
    weight = nn.tensor(rng.normal(size=(5, 4)))
    grads = []
    for hard in (False, True):
        nn.manual_seed(3)
        y = F.gumbel_softmax(x, 0.7, hard=hard)
        np.testing.assert_allclose(y.detach().sum(-1).numpy(), 1)
        x.grad = None
        (y * weight).sum().backward()
        grads.append(x.grad.numpy())
    np.testing.assert_allclose(np.sort(y.detach().numpy(), -1), [[0, 0, 0, 1]] * 5, atol=1e-15)
    np.testing.assert_allclose(grads[0], grads[1])


def test_classes_are_chosen_as_often_as_their_softmax_says():
    x = nn.tensor([0.0, 1.0, 2.0])
    drawn = F.gumbel_softmax(x.expand(20_000, 3), hard=True, generator=nn.Generator().manual_seed(0)).mean(0)
    np.testing.assert_allclose(drawn.numpy(), x.softmax(0).numpy(), atol=0.015)


def test_a_low_temperature_is_near_a_choice_and_a_high_one_near_even():
    x = nn.zeros(1000, 3)
    assert F.gumbel_softmax(x, 1e-3).amax(-1).mean().item() > 0.99
    np.testing.assert_allclose(F.gumbel_softmax(x, 1e3).numpy(), 1 / 3, atol=0.01)


def test_the_axis_of_the_classes_may_be_another(rng):
    y = F.gumbel_softmax(nn.tensor(rng.normal(size=(4, 5))), hard=True, dim=0)
    np.testing.assert_allclose(y.sum(0).numpy(), 1)


def test_messages():
    with pytest.raises(TypeError, match="softmin: input must be a tensor, got list"):
        F.softmin([1.0], 0)
    with pytest.raises(nn.DtypeError, match="gumbel_softmax: input must be floating-point"):
        F.gumbel_softmax(nn.tensor([1]))


@pytest.mark.parametrize("name", ["softmax", "log_softmax", "softmin"])
def test_the_line_of_the_warning_may_be_named_before_the_element_type(name, rng):
    x, function = nn.tensor(rng.normal(size=(2, 3)), dtype=nn.float32), getattr(F, name)
    wanted = function(x.double(), 1)
    ways = [
        ((1, 5, nn.float64), {}),
        ((1, nn.float64), {}),
        ((1, 5), {"dtype": nn.float64}),
        ((), {"dim": 1, "_stacklevel": 5, "dtype": nn.float64}),
    ]
    for y in (function(x, *args, **named) for args, named in ways):
        assert y.dtype == nn.float64
        np.testing.assert_array_equal(y.numpy(), wanted.numpy())

    def guess(frames):
        return function(x, None, frames)

    for frames in (3, 4):
        with pytest.warns(UserWarning, match=f"^{name}: the axis is guessed") as said:
            guess(frames)
        at = guess.__code__.co_firstlineno + 1
        assert (said[0].lineno == at) is (frames == 3)
