"""Bits and divisors of integers beside Python's own, and the laws of logic; and the messages."""

import math
import operator

import numpy as np
import pytest

import nn


@pytest.fixture
def pair(rng):
    return rng.integers(-50, 50, 20), rng.integers(-50, 50, 20)


@pytest.mark.parametrize(
    ("name", "plain"),
    [("bitwise_and", operator.and_), ("bitwise_or", operator.or_), ("bitwise_xor", operator.xor), ("gcd", math.gcd),
     ("lcm", math.lcm)],
)  # fmt: skip
def test_each_is_python_s(name, plain, pair):
    a, b = pair
    expected = [plain(x, y) for x, y in zip(a.tolist(), b.tolist(), strict=True)]
    assert getattr(nn, name)(nn.tensor(a), nn.tensor(b)).tolist() == expected
    assert getattr(nn.tensor(a), name)(nn.tensor(b)).tolist() == expected


def test_shifting_left_multiplies_by_powers_of_two_and_shifting_back_undoes_it(pair):
    a, count = nn.tensor(pair[0]), nn.tensor(np.arange(20) % 5)
    left = nn.bitwise_left_shift(a, count)
    assert left.tolist() == (a * 2**count).tolist() == (a << count).tolist()
    assert nn.bitwise_right_shift(left, count).tolist() == a.tolist() == (left >> count).tolist()


def test_de_morgan(pair):
    a, b = map(nn.tensor, pair)
    for x, y in ((a, b), (a > 0, b > 0)):
        assert nn.bitwise_not(x & y).tolist() == (~x | ~y).tolist()
        assert (x ^ y).tolist() == ((x | y) & ~(x & y)).tolist()


def test_a_number_times_its_common_multiple_over_its_common_divisor(pair):
    a, b = (nn.tensor(np.abs(v) + 1) for v in pair)
    assert (nn.gcd(a, b) * nn.lcm(a, b)).tolist() == (a * b).tolist()


@pytest.mark.parametrize("name", ["bitwise_and", "bitwise_xor", "gcd", "lcm", "bitwise_left_shift"])
def test_floats_have_no_bits(name):
    with pytest.raises(nn.DtypeError, match=rf"({name}: is not defined for|shift: expected integers, got) float32"):
        getattr(nn, name)(nn.ones(2), nn.ones(2))
