"""Losses of numbers by their formulas and by what they promise, and their messages."""

import math

import numpy as np
import pytest

import nn
import nn.functional as F


def smooth(d, beta=1.0):
    return np.where(np.abs(d) < beta, d**2 / (2 * beta), np.abs(d) - beta / 2)


FORMULAS = {
    "l1_loss": lambda x, t: np.abs(x - t),
    "smooth_l1_loss": lambda x, t: smooth(x - t),
    "huber_loss": lambda x, t: smooth(x - t),
    "poisson_nll_loss": lambda x, t: np.exp(x) - t * x,
    "kl_div": lambda x, t: t * (np.log(t) - x),
}


@pytest.fixture
def data(rng):
    return rng.normal(0, 2, (4, 3)), rng.uniform(0.1, 2, (4, 3))


@pytest.mark.parametrize("name", FORMULAS)
def test_each_loss_is_its_formula_and_the_reductions_are_sum_and_mean(name, data):
    x, t = map(nn.tensor, data)
    expected = FORMULAS[name](*data)
    np.testing.assert_allclose(getattr(F, name)(x, t, reduction="none").numpy(), expected)
    assert getattr(F, name)(x, t, reduction="sum").item() == pytest.approx(expected.sum())
    assert getattr(F, name)(x, t, reduction="mean").item() == pytest.approx(expected.mean())


@pytest.mark.parametrize("name", ["l1_loss", "smooth_l1_loss", "huber_loss"])
def test_a_distance_is_0_at_its_target_and_does_not_see_a_shared_offset(name, data):
    x, t = map(nn.tensor, data)
    loss = getattr(F, name)
    assert loss(t, t).item() == 0
    assert loss(x + 1e4, t + 1e4).item() == pytest.approx(loss(x, t).item())
    assert loss(t, x).item() == loss(x, t).item()


def test_huber_is_beta_times_smooth_l1_and_in_the_limits_the_square_and_the_distance(data):
    x, t = map(nn.tensor, data)
    for width in (0.5, 1.0, 3.0):
        assert F.huber_loss(x, t, delta=width).item() == pytest.approx(
            width * F.smooth_l1_loss(x, t, beta=width).item()
        )
    assert F.huber_loss(x, t, delta=100.0).item() == pytest.approx(F.mse_loss(x, t).item() / 2)
    assert F.smooth_l1_loss(x, t, beta=0.0).item() == pytest.approx(F.l1_loss(x, t).item())


@pytest.mark.parametrize("function", [F.huber_loss, F.smooth_l1_loss])
def test_the_line_begins_at_the_threshold(function):
    x = nn.tensor([-1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5], requires_grad=True)
    (slope,) = nn.grad(function(x, nn.zeros(7), reduction="sum"), x, create_graph=True)
    assert slope.tolist() == [-1, -1, -0.5, 0, 0.5, 1, 1]
    (bend,) = nn.grad(slope.sum(), x)
    assert bend.tolist() == [0, 0, 1, 1, 1, 0, 0]


def test_the_divergence_of_a_distribution_from_itself_is_0_and_else_positive(rng):
    p, q = (nn.tensor(rng.normal(size=(4, 5))).softmax(-1) for _ in range(2))
    assert F.kl_div(p.log(), p, reduction="batchmean").item() == pytest.approx(0, abs=1e-12)
    total = F.kl_div(q.log(), p, reduction="sum").item()
    assert total > 0
    assert F.kl_div(q.log(), p, reduction="batchmean").item() == pytest.approx(total / 4)
    assert F.kl_div(q.log(), p.log(), reduction="sum", log_target=True).item() == pytest.approx(total)


def test_a_target_of_probability_0_adds_nothing_to_the_divergence():
    x = nn.tensor([-1.0, -2.0], requires_grad=True)
    loss = F.kl_div(x, nn.tensor([0.0, 1.0]), reduction="sum")
    loss.backward()
    assert loss.item() == 2
    assert x.grad.tolist() == [0, -1]


def test_the_poisson_loss_is_least_where_the_rate_is_the_target():
    t = nn.tensor([0.5, 2.0, 7.0])
    x = t.log().requires_grad_()
    F.poisson_nll_loss(x, t, reduction="sum").backward()
    np.testing.assert_allclose(x.grad.numpy(), 0, atol=1e-6)
    rate = F.poisson_nll_loss(t, t, log_input=False, eps=0.0, reduction="sum").item()
    assert rate == pytest.approx(F.poisson_nll_loss(x, t, reduction="sum").item())


def test_the_full_poisson_loss_adds_stirling_s_approximation_of_ln_t_factorial():
    x, t = nn.zeros(2), nn.tensor([1.0, 20.0])
    more = F.poisson_nll_loss(x, t, full=True, reduction="none") - F.poisson_nll_loss(x, t, reduction="none")
    assert more[0].item() == 0  # Stirling is not for t of at most 1
    assert more[1].item() == pytest.approx(math.lgamma(21), rel=1e-3)


def test_the_gaussian_loss_is_minus_the_log_density_up_to_its_constant(data):
    x, v = data
    t = np.zeros_like(x)
    density = np.exp(-((x - t) ** 2) / (2 * v)) / np.sqrt(2 * np.pi * v)
    given = map(nn.tensor, (x, t, v))
    full = F.gaussian_nll_loss(*given, full=True, reduction="none")
    np.testing.assert_allclose(full.numpy(), -np.log(density))
    half_log = F.gaussian_nll_loss(*map(nn.tensor, (x, t, v)), reduction="none")
    np.testing.assert_allclose((full - half_log).numpy(), np.log(2 * np.pi) / 2)


def test_one_variance_a_row_is_that_of_every_column(data):
    x, t = map(nn.tensor, data)
    v = nn.tensor([[1.0], [2.0], [3.0], [4.0]]).double()
    whole = F.gaussian_nll_loss(x, t, v.expand(4, 3)).item()
    assert F.gaussian_nll_loss(x, t, v).item() == F.gaussian_nll_loss(x, t, v[:, 0]).item() == pytest.approx(whole)
    assert F.gaussian_nll_loss(x, x, nn.zeros(4, 3).double()).item() == pytest.approx(math.log(1e-6) / 2)  # eps


@pytest.mark.parametrize("name", FORMULAS)
def test_the_gradient_agrees_with_differences(name, data):
    x, t = nn.tensor(data[0], requires_grad=True), nn.tensor(data[1], requires_grad=name == "huber_loss")
    assert nn.testing.gradcheck(lambda x, t: getattr(F, name)(x, t, reduction="sum"), (x, t))


X = nn.zeros(4, 3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: F.smooth_l1_loss(X, X, beta=-1.0), nn.RangeError, "smooth_l1_loss: beta must be at least 0, got -1.0"),
        (lambda: F.huber_loss(X, X, delta=0.0), nn.RangeError, "huber_loss: delta must be positive, got 0.0"),
        (lambda: F.gaussian_nll_loss(X, X, -nn.ones(4, 3)), nn.RangeError, "var must not be negative, got -1"),
        (lambda: F.gaussian_nll_loss(X, X, nn.ones(5)), nn.ShapeError, "gaussian_nll_loss: "),
        (lambda: F.l1_loss(X, X, reduction="all"), nn.RangeError, "l1_loss: reduction must be one of"),
        (lambda: F.l1_loss([1.0], X), TypeError, "l1_loss: input must be a tensor, got list"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
