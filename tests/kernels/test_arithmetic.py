"""The rules of type promotion."""

import itertools

import numpy as np
import pytest

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
