"""Drawn numbers: the laws of each distribution, the seed, and the messages."""

import numpy as np
import pytest

import nn

COUNT = 20_000


@pytest.fixture(autouse=True)
def seed():
    nn.manual_seed(0)


@pytest.mark.parametrize(
    "draw",
    [lambda g: nn.rand(9, generator=g), lambda g: nn.randn(9, generator=g), lambda g: nn.randperm(9, generator=g),
     lambda g: nn.randint(99, (9,), generator=g), lambda g: nn.normal(0.0, 1.0, (9,), generator=g),
     lambda g: nn.bernoulli(nn.full((30,), 0.5), generator=g), lambda g: nn.poisson(nn.full((9,), 9.0), g),
     lambda g: nn.multinomial(nn.ones(30), 9, generator=g)],
    ids=["rand", "randn", "randperm", "randint", "normal", "bernoulli", "poisson", "multinomial"],
)  # fmt: skip
def test_the_seed_decides_and_the_next_numbers_are_others(draw):
    first = nn.Generator().manual_seed(5)
    a, b = draw(first).tolist(), draw(first).tolist()
    assert draw(nn.Generator().manual_seed(5)).tolist() == a
    assert a != b


def test_uniform_numbers_lie_from_0_to_below_1_evenly():
    x = nn.rand(COUNT).numpy()
    assert (x >= 0).all()
    assert (x < 1).all()
    np.testing.assert_allclose(np.histogram(x, 10, (0, 1))[0] / COUNT, 0.1, atol=0.01)


def test_normal_numbers_have_the_mean_and_the_deviation_asked_for():
    x = nn.randn(COUNT)
    assert (x.mean().item(), x.std().item()) == pytest.approx((0, 1), abs=0.03)
    y = nn.normal(nn.tensor([[-5.0], [5.0]]).expand(2, COUNT), nn.tensor([[0.5], [2.0]]).expand(2, COUNT))
    np.testing.assert_allclose(y.mean(1).numpy(), [-5, 5], atol=0.06)
    np.testing.assert_allclose(y.std(1).numpy(), [0.5, 2], rtol=0.03)


def test_integers_lie_from_low_to_below_high_and_a_permutation_has_each_once():
    x = nn.randint(3, 6, (COUNT,))
    np.testing.assert_allclose(nn.bincount(x).double().numpy() / COUNT, [0, 0, 0, 1 / 3, 1 / 3, 1 / 3], atol=0.02)
    assert nn.randperm(50).sort().values.tolist() == list(range(50))


def test_coins_and_poisson_numbers_follow_each_element_s_own_chance():
    coins = nn.bernoulli(nn.tensor([[0.0], [0.25], [1.0]]).expand(3, COUNT))
    np.testing.assert_allclose(coins.mean(1).numpy(), [0, 0.25, 1], atol=0.02)
    counts = nn.poisson(nn.tensor([[0.0], [3.0]]).expand(2, COUNT))
    np.testing.assert_allclose(counts.mean(1).numpy(), [0, 3], atol=0.06)
    np.testing.assert_allclose(counts.var(1).numpy(), [0, 3], rtol=0.05)


def test_with_replacement_shares_follow_the_weights_and_without_each_is_drawn_once():
    weights = nn.tensor([1.0, 0.0, 3.0])
    drawn = nn.multinomial(weights, COUNT, replacement=True)
    np.testing.assert_allclose(nn.bincount(drawn).double().numpy() / COUNT, [0.25, 0, 0.75], atol=0.02)
    rows = nn.multinomial(nn.tensor([[1.0, 1.0, 1.0], [0.0, 2.0, 1.0]]), 2).numpy()
    assert (rows[:, 0] != rows[:, 1]).all()
    assert sorted(rows[1]) == [1, 2]


@pytest.mark.parametrize("name", ["rand_like", "randn_like"])
def test_like_another_tensor_means_its_shape_and_dtype(name):
    x = getattr(nn, name)(nn.zeros(2, 3, dtype=nn.float64))
    assert (x.shape, x.dtype) == ((2, 3), nn.float64)
    assert nn.randint_like(nn.zeros(4), 5, 6).tolist() == [5, 5, 5, 5]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.rand(2, dtype=nn.int64), nn.DtypeError, "rand: only floating-point numbers are drawn, got int64"),
        (lambda: nn.randint(3, 3, (2,)), nn.RangeError, "randint: low must be below high, got 3 and 3"),
        (lambda: nn.normal(0.0, 1.0), nn.RangeError, "normal: expected a size with two numbers, got None"),
        (lambda: nn.normal(nn.zeros(2), -nn.ones(2)), nn.RangeError, "normal: std must be 0 or more, got -1"),
        (lambda: nn.bernoulli(nn.tensor([2.0])), nn.RangeError, "bernoulli: probabilities must be from 0 to 1"),
        (lambda: nn.multinomial(nn.ones(3), 4), nn.RangeError, "num_samples must be from 1 to 3 without replacement"),
        (lambda: nn.multinomial(-nn.ones(3), 1), nn.RangeError, "multinomial: weights must be finite, 0 or more"),
        (lambda: nn.multinomial(nn.ones(1, 1, 1), 1), nn.ShapeError, "multinomial: expected a vector or a matrix"),
        (lambda: nn.poisson(-nn.ones(2)), nn.RangeError, "poisson: rates must be 0 or more, got -1"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
