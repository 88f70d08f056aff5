"""The rules of type promotion, and powers."""

import itertools

import numpy as np
import pytest

from nn.kernels import arithmetic
from nn.kernels.arithmetic import promote, promote_float, result_type

FLOATS, INTEGERS = ["float16", "float32", "float64"], ["uint8", "int8", "int16", "int32", "int64"]


@pytest.mark.parametrize(("left", "right"), list(itertools.combinations(["bool", *INTEGERS, *FLOATS], 2)))
def test_the_order_of_operands_does_not_matter(left, right):
    for shapes in [((1,), (1,)), ((), (1,)), ((1,), ()), ((), ())]:
        a, b = np.ones(shapes[0], left), np.ones(shapes[1], right)
        assert result_type(a, b) == result_type(b, a)


@pytest.mark.parametrize("float_", FLOATS)
@pytest.mark.parametrize("integer", ["bool", *INTEGERS])
def test_an_integer_never_widens_a_float(float_, integer):
    for shape in [(), (2,)]:
        a, b = promote(np.ones(2, float_), np.ones(shape, integer))
        assert a.dtype == b.dtype == float_


def test_an_array_without_axes_never_widens_one_with():
    assert result_type(np.ones(2, np.float32), np.ones((), np.float64)) == np.float32
    assert result_type(np.ones(2, np.uint8), np.ones((), np.int64)) == np.uint8
    assert result_type(np.ones(2, np.int64), np.ones((), np.float64)) == np.float64


def test_equal_arrays_pass_untouched():
    a, b = np.ones(2), np.ones(3)
    assert promote(a, b)[0] is a
    assert promote(a, b)[1] is b


def test_a_python_float_makes_integers_float32_on_either_side():
    for pair in (promote(np.ones(2, np.int64), 2.5), promote(2.5, np.ones(2, np.int64))):
        assert np.add(*pair).dtype == np.float32


def test_division_makes_integers_float32():
    for pair in (promote_float(np.ones(2, int), np.ones(2, int)), promote_float(1, np.ones(2, int))):
        assert np.divide(*pair).dtype == np.float32


EXPONENTS = [3, 4, 0.5, 1.5, -0.5, -1, -1.5, -2, 2, 1]


@pytest.mark.parametrize("exponent", EXPONENTS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_powers_without_logarithms_are_those_of_numpy(exponent, dtype):
    x = np.random.default_rng(0).normal(size=10_001).astype(dtype)
    x[:4] = 1e9, -1e9, 1e-9, -1e-9
    with np.errstate(all="ignore"):
        got = arithmetic.pow(x, exponent)
        exact = np.power(x.astype(np.float64), exponent).astype(dtype)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, exact, rtol=3 * np.finfo(dtype).eps)
    if exponent == int(exponent):
        assert np.isfinite(got).all()
        assert (np.sign(got) == np.sign(x) ** (exponent % 2)).all()


@pytest.mark.parametrize("exponent", [e for e in EXPONENTS if abs(e) != 0.5])
@pytest.mark.parametrize("count", [1, 1000])
def test_powers_of_infinities_and_zeros_are_those_of_numpy(exponent, count):
    odd = np.tile([-np.inf, np.inf, -0.0, 0.0, np.nan], count)
    with np.errstate(all="ignore"):
        np.testing.assert_array_equal(arithmetic.pow(odd, exponent), np.power(odd, exponent))


@pytest.mark.parametrize("exponent", EXPONENTS)
def test_powers_of_integers_and_halves_are_numpy_s(exponent):
    half = np.linspace(0.5, 2, 7).astype(np.float16)
    np.testing.assert_array_equal(arithmetic.pow(half, exponent), np.power(half, exponent))
    if exponent == int(exponent) and exponent > 0:
        whole = np.arange(-5, 6)
        np.testing.assert_array_equal(arithmetic.pow(whole, exponent), whole**exponent)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_choice_bit_by_bit_is_that_of_numpy(dtype, rng, monkeypatch):
    monkeypatch.setattr(arithmetic, "MANY", 1)
    odd = np.array([np.nan, -np.nan, np.inf, -np.inf, -0.0, 0.0, 1e-7, -3.0], dtype)
    x, other = rng.choice(odd, (2, 6, 40))
    condition = rng.random((6, 40)) < 0.5
    row, column = condition[:1], condition[:, :1]
    choices = [
        (condition, x, other),
        (condition[::-1, ::-1], x[:, ::-1], other.T.copy().T),
        (row, x, other[:, :1]),
        (column, x[:1], other),
        (condition, x, dtype(0)),
        (condition, dtype(0), other),
        (condition, x, dtype(-0.0)),
        (condition, dtype(np.nan), other),
        (row, dtype(1), dtype(2)),
    ]
    for parts in choices:
        expected = np.where(*parts)
        got = arithmetic.where(*parts)
        out = np.ones_like(expected)
        assert arithmetic.where(*parts, out=out) is out
        for value in (got, out):
            assert value.dtype == expected.dtype
            np.testing.assert_array_equal(value, expected)
            np.testing.assert_array_equal(np.signbit(value), np.signbit(expected))


def test_what_is_masked_is_zero_whatever_it_was(rng):
    g = np.array([np.nan, np.inf, -np.inf, -1.0, 2.0], np.float32)
    np.testing.assert_array_equal(arithmetic.masked(g, np.zeros(5, bool)), np.zeros(5))
    np.testing.assert_array_equal(arithmetic.masked(g, np.ones(5, bool)), g)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("g", [np.ones((2, 3, 1, 1)), np.ones((2, 3, 4, 5)), np.ones((5, 4, 3, 2)).T])
def test_what_is_masked_lies_in_memory_as_the_mask_does(g, dtype):
    keep = np.arange(120).reshape(3, 4, 5, 2).transpose(3, 0, 1, 2) % 7 > 2
    g = np.broadcast_to(g.astype(dtype), keep.shape)
    y = arithmetic.masked(g, keep)
    assert (y == keep).all()
    assert y.dtype == dtype
    assert y.transpose(1, 2, 3, 0).flags.c_contiguous
