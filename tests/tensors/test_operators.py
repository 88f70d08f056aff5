"""Operators with what is no number: Python's own answer, or an error, and never an array of answers."""

import operator
import types

import numpy as np
import pytest

import nn

STRANGERS = {
    "None": None,
    "text": "a",
    "number in a text": "1",
    "type": object,
    "dict": {},
    "filled dict": {"a": 1},
    "ellipsis": ...,
    "set": {1.0},
    "function": print,
    "module": types,
    "object": object(),
    "range of keys": {}.keys(),
}


@pytest.mark.parametrize("x", [nn.tensor([0.0, 1.0]), nn.tensor([True, False]), nn.tensor(1), nn.zeros(0)], ids=str)
@pytest.mark.parametrize("other", STRANGERS.values(), ids=STRANGERS)
class TestStrangers:
    def test_nothing_equals_them(self, x, other):
        assert (x == other) is False
        assert (other == x) is False
        assert (x != other) is True
        assert (other != x) is True

    @pytest.mark.parametrize("order", [operator.lt, operator.le, operator.gt, operator.ge])
    def test_nothing_is_less_or_greater(self, x, other, order):
        with pytest.raises(TypeError, match="not supported between instances of"):
            order(x, other)
        with pytest.raises(TypeError, match="not supported between instances of"):
            order(other, x)

    @pytest.mark.parametrize("function", [nn.eq, nn.ne, nn.lt, nn.le, nn.gt, nn.ge])
    def test_the_functions_refuse_them(self, x, other, function):
        with pytest.raises(TypeError, match=r"expected a tensor or a number, got"):
            function(x, other)
        with pytest.raises(TypeError, match=r"expected a tensor or a number, got"):
            getattr(x, function.__name__)(other)


def test_membership_asks_with_equality():
    x, y = nn.tensor([1.0, 2.0]), nn.tensor([1.0, 2.0])
    assert x not in [None, "a", object]
    assert None not in [x, y]
    assert x in [None, x]
    assert {x: 1}[x] == 1


@pytest.mark.parametrize("other", [
    nn.tensor([0.0, 2.0]), np.array([0.0, 2.0]), [0.0, 2.0], (0.0, 2.0), np.float32(2), 2, 2.0, True,
], ids=lambda other: type(other).__name__)  # fmt: skip
@pytest.mark.parametrize("name", ["eq", "ne", "lt", "le", "gt", "ge"])
def test_numbers_are_compared_by_elements(name, other):
    x, compare = np.array([0.0, 1.0]), getattr(operator, name)
    plain = np.asarray(other)
    found = compare(nn.tensor(x), other)
    assert isinstance(found, nn.Tensor)
    np.testing.assert_array_equal(found.numpy(), compare(x, plain))
    if not isinstance(other, np.ndarray | np.generic):
        np.testing.assert_array_equal(compare(other, nn.tensor(x)).numpy(), compare(plain, x))
