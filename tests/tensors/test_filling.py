"""Filling in place with drawn numbers: the laws of each distribution, and the messages."""

import math

import numpy as np
import pytest

import nn

COUNT = 40_000


def drawn(name, *arguments, **options):
    generator = nn.Generator().manual_seed(0)
    return getattr(nn.zeros(COUNT, dtype=nn.float64), name)(*arguments, generator=generator, **options).numpy()


LAWS = {
    "uniform_": ((-1.0, 3.0), lambda x: np.clip((x + 1) / 4, 0, 1)),
    "normal_": ((1.0, 2.0), lambda x: 0.5 * (1 + np.vectorize(math.erf)((x - 1) / math.sqrt(8)))),
    "log_normal_": ((0.5, 0.7), lambda x: 0.5 * (1 + np.vectorize(math.erf)((np.log(x) - 0.5) / (0.7 * math.sqrt(2))))),
    "exponential_": ((2.0,), lambda x: 1 - np.exp(-2 * x)),
    "cauchy_": ((1.0, 2.0), lambda x: 0.5 + np.arctan((x - 1) / 2) / math.pi),
}


@pytest.mark.parametrize("name", LAWS)
def test_the_share_below_each_number_is_the_distribution_function(name):
    arguments, law = LAWS[name]
    x = np.sort(drawn(name, *arguments))
    shares = (np.arange(COUNT) + 0.5) / COUNT
    assert np.abs(law(x) - shares).max() < 1.63 / math.sqrt(COUNT)  # Kolmogorov's bound at 1 %, of one fixed seed


def test_coins_fall_as_often_as_their_chance_says_one_for_each_element_or_for_all():
    assert drawn("bernoulli_", 0.3).mean() == pytest.approx(0.3, abs=0.01)
    each = nn.zeros(3, COUNT).bernoulli_(nn.tensor([[0.0], [0.5], [1.0]]).expand(3, COUNT))
    np.testing.assert_allclose(each.mean(1).numpy(), [0, 0.5, 1], atol=0.02)


def test_the_number_of_throws_until_the_first_success_is_geometric():
    x = drawn("geometric_", 0.25)
    assert x.min() == 1
    np.testing.assert_allclose([(x == k).mean() for k in (1, 2, 3)], [0.25, 0.25 * 0.75, 0.25 * 0.75**2], atol=0.01)


def test_integers_are_drawn_evenly_from_low_to_below_high():
    x = drawn("random_", 3, 7)
    np.testing.assert_allclose([(x == k).mean() for k in (2, 3, 4, 5, 6, 7)], [0, 0.25, 0.25, 0.25, 0.25, 0], atol=0.01)
    assert set(drawn("random_", 2).tolist()) == {0, 1}
    assert set(nn.zeros(100, dtype=nn.bool).random_().tolist()) == {False, True}
    assert nn.zeros(2000, dtype=nn.int8).random_().numpy().max() == 127


@pytest.mark.parametrize("name", [*LAWS, "geometric_", "random_", "bernoulli_"])
def test_the_tensor_itself_is_filled_and_keeps_its_dtype_and_the_seed_decides(name):
    arguments = {"geometric_": (0.5,), **{n: a for n, (a, _) in LAWS.items()}}.get(name, ())
    x = nn.zeros(50)
    assert getattr(x, name)(*arguments, generator=nn.Generator().manual_seed(1)) is x
    assert x.dtype == nn.float32
    again = getattr(nn.zeros(50), name)(*arguments, generator=nn.Generator().manual_seed(1))
    assert again.tolist() == x.tolist()
    assert len(set(x.tolist())) > 1


X = nn.zeros(3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: X.uniform_(1, 0), nn.RangeError, "uniform_: low must not be above high, got 1 and 0"),
        (lambda: X.normal_(0, -1), nn.RangeError, "normal_: std must be 0 or more, got -1"),
        (lambda: X.exponential_(0), nn.RangeError, "exponential_: lambd must be above 0, got 0"),
        (lambda: X.cauchy_(0, 0), nn.RangeError, "cauchy_: sigma must be above 0, got 0"),
        (lambda: X.log_normal_(0, 0), nn.RangeError, "log_normal_: std must be above 0, got 0"),
        (lambda: X.bernoulli_(2), nn.RangeError, "bernoulli_: probabilities must be from 0 to 1"),
        (lambda: X.geometric_(1), nn.RangeError, "geometric_: p must be between 0 and 1, got 1"),
        (lambda: X.random_(3, 3), nn.RangeError, "random_: low must be below high, got 3 and 3"),
        (lambda: X.to(nn.int8).random_(0, 200), nn.RangeError, "random_: 199 is more than int8 can hold"),
        (lambda: X.long().normal_(), nn.DtypeError, "normal_: .* must be floating-point"),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()


TOO_LARGE = [
    lambda dtype: nn.zeros(2, dtype=dtype).fill_(1e300),
    lambda dtype: nn.full((2,), 1e300, dtype=dtype),
    lambda dtype: nn.full_like(nn.zeros(2, dtype=dtype), -(10**300)),
    lambda dtype: nn.zeros(2, dtype=dtype).new_full((2,), 1e300),
    lambda dtype: nn.zeros(2, dtype=dtype).masked_fill(nn.tensor([True, False]), -1e300),
    lambda dtype: nn.zeros(2, dtype=dtype).masked_fill(nn.tensor([True, False]), nn.tensor(1e300, dtype=nn.float64)),
    lambda dtype: nn.zeros(2, dtype=dtype).index_fill(0, nn.tensor([0]), 1e300),
    lambda dtype: nn.init.constant_(nn.zeros(2, dtype=dtype), 1e300),
    lambda dtype: nn.functional.pad(nn.zeros(2, dtype=dtype), (1, 0), value=1e300),
]


@pytest.mark.parametrize("dtype", [nn.float16, nn.float32, nn.uint8], ids=str)
@pytest.mark.parametrize("call", TOO_LARGE)
def test_a_number_that_a_dtype_does_not_hold_is_refused_and_not_made_infinite_or_wrapped(call, dtype):
    with pytest.raises(nn.RangeError, match=rf"does not fit into {np.dtype(dtype)}, .*; use a wider dtype"):
        call(dtype)


def test_what_a_dtype_holds_and_infinity_are_taken():
    half = nn.zeros(2, dtype=nn.float16)
    assert half.fill_(65504).tolist() == [65504, 65504]
    assert half.masked_fill(nn.tensor([True, False]), -np.inf).tolist() == [-np.inf, 65504]
    assert np.isnan(half.fill_(np.nan).numpy()).all()
    with pytest.raises(nn.RangeError, match=r"masked_fill: 300 does not fit into uint8, which holds 0 to 255"):
        nn.zeros(2, dtype=nn.uint8).masked_fill(nn.tensor([True, False]), nn.tensor(300))


def test_integers_are_counted_up_to_a_whole_number():
    assert nn.arange(2.7, dtype=nn.int64).tolist() == [0, 1]
    assert nn.arange(0.5, 3, dtype=nn.int32).tolist() == [0, 1, 2]
    assert nn.arange(2.7).tolist() == [0, 1, 2]
