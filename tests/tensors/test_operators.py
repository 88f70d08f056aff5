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
    "empty list": [],
    "empty tuple": (),
    "list": [0.0, 1.0],
    "tuple of tensors": (nn.tensor(0.0), nn.tensor(1.0)),
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


def test_only_numbers_and_tensors_are_looked_for_in_a_tensor():
    x = nn.tensor([1.0, 2.0])
    assert 1 in x
    assert nn.tensor(2.0) in x
    assert np.float32(3) not in x
    for other in (None, "a", [1.0], ()):
        with pytest.raises(RuntimeError, match="in: expected a number or a tensor to look for, got "):
            other in x  # noqa: B015


@pytest.mark.parametrize("other", [[0.0, 1.0], (0, 1), [], None, "a"], ids=str)
@pytest.mark.parametrize("name", ["add", "sub", "mul", "truediv", "floordiv", "mod", "pow"])
def test_lists_are_no_operands_whose_dtype_would_be_guessed(name, other):
    x, function = nn.tensor([1.0, 2.0]), getattr(operator, name)
    for operands in ((x, other), (other, x)):
        if operands[0] != "a" or name != "mod":  # which is Python's own, of text
            with pytest.raises(TypeError, match=rf"expected tensors or numbers, got .*{type(other).__name__}"):
                function(*operands)


@pytest.mark.parametrize("recording", [True, False])
def test_lists_are_no_operands_in_place_either(recording):
    x = nn.ones(2, requires_grad=recording) * 1
    with pytest.raises(TypeError, match=r"add.*: expected .* got .*list; use nn\.tensor"):
        x += [1, 2]


def test_numpy_s_functions_take_lists_beside_tensors():
    assert np.add([1, 2], nn.tensor([0.5, 1.0])).tolist() == [1.5, 3.0]
    assert np.equal(nn.tensor([0.5, 2.0]), (1, 2)).tolist() == [False, True]


def test_plus_and_reversed_are_pytorch_s():
    x = nn.tensor([[1.0, 2.0], [3.0, 4.0]], requires_grad=True)
    assert +x is x
    assert reversed(x).tolist() == [[3.0, 4.0], [1.0, 2.0]]
    (nn.tensor([[1.0], [2.0]]) * reversed(x)).sum().backward()
    assert x.grad.tolist() == [[2.0, 2.0], [1.0, 1.0]]
    assert reversed(nn.tensor(2.0)).item() == 2
    with pytest.raises(RuntimeError, match=r"\+: is not defined for booleans; use \.long\(\)"):
        +nn.tensor([True])


def test_a_format_is_for_one_number():
    assert f"{nn.tensor(2.5):.2f}" == "2.50"
    with pytest.raises(TypeError, match=r"format: '.2f' is for one number, got a tensor of shape \(2,\)"):
        f"{nn.ones(2):.2f}"


@pytest.mark.parametrize("call", [lambda x: x**-1, lambda x: x ** nn.tensor([-1, 1]), lambda x: 2 ** (x - 2)])
def test_negative_powers_of_integers_are_refused(call):
    with pytest.raises(nn.RangeError, match=r"pow: a negative power of an integer is no integer; use \.float\(\)"):
        call(nn.tensor([1, 2]))


@pytest.mark.parametrize("other", [
    nn.tensor([0.0, 2.0]), np.array([0.0, 2.0]), np.float32(2), 2, 2.0, True,
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
