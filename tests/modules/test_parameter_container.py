"""Lists and dictionaries of parameters behave as Python's and are seen by the module that holds them."""

from collections import OrderedDict

import pytest

import nn


def ones(n):
    return nn.Parameter(nn.ones(n))


def test_a_list_is_a_list():
    values = nn.ParameterList([ones(1), ones(2)])
    values.append(ones(3))
    values.extend([ones(4)])
    values += [ones(5)]
    assert [len(p) for p in values] == [1, 2, 3, 4, 5]
    assert len(values) == 5
    assert len(values[-1]) == 5
    assert [len(p) for p in values[1:3]] == [2, 3]
    values[0] = ones(9)
    assert [name for name, _ in values.named_parameters()] == ["0", "1", "2", "3", "4"]
    assert len(values[0]) == 9


def test_a_dictionary_is_a_dictionary_in_the_order_of_insertion():
    assert list(nn.ParameterDict({"b": ones(2), "a": ones(1)})) == ["a", "b"]  # a plain one is sorted, as in PyTorch
    values = nn.ParameterDict(OrderedDict(b=ones(2), a=ones(1)))
    values["c"] = ones(3)
    assert list(values) == list(values.keys()) == ["b", "a", "c"]
    assert list(reversed(values)) == ["c", "a", "b"]
    assert [len(p) for p in values.values()] == [len(p) for _, p in values.items()] == [2, 1, 3]
    assert "a" in values
    assert values.get("z") is None
    assert len(values.pop("b")) == 2
    del values["a"]
    assert len(values.setdefault("c", ones(9))) == 3
    assert len(values.setdefault("d", ones(4))) == 4
    assert values.popitem()[0] == "d"
    both = values | {"e": ones(5)}
    assert (list(both), list(values)) == (["c", "e"], ["c"])
    values |= {"f": ones(6)}
    values.update({"c": ones(7)})
    assert [(k, len(p)) for k, p in values.items()] == [("c", 7), ("f", 6)]
    assert list(values.copy()) == ["c", "f"]
    values.clear()
    assert len(values) == 0
    assert list(nn.ParameterDict().fromkeys(["x", "y"], ones(1))) == ["x", "y"]


def test_the_module_that_holds_them_sees_them_and_their_states():
    module = nn.Module()
    module.many, module.named = nn.ParameterList([ones(1)]), nn.ParameterDict({"a": ones(2)})
    assert list(module.state_dict()) == ["many.0", "named.a"]
    assert sum(p.numel() for p in module.parameters()) == 3


def test_a_plain_tensor_becomes_a_parameter_and_other_values_stay_what_they_are():
    values = nn.ParameterList([nn.ones(2), "word"])
    assert isinstance(values[0], nn.Parameter)
    assert values[1] == "word"
    assert len(list(values.parameters())) == 1


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: nn.ParameterList([ones(1)])[1], IndexError, "ParameterList: index 1 is out of range, there are 1"),
        (
            lambda: nn.ParameterList().extend(3),
            TypeError,
            "ParameterList: extend takes several values in a list, got int",
        ),
        (
            lambda: nn.ParameterList()(1),
            RuntimeError,
            "ParameterList: the module holds parameters and cannot be called",
        ),
        (lambda: nn.ParameterDict()["a"], KeyError, "a"),
        (
            lambda: nn.ParameterDict().__setitem__(1, ones(1)),
            TypeError,
            "ParameterDict: a name must be a string, got int",
        ),
        (
            lambda: nn.ParameterDict()(1),
            RuntimeError,
            "ParameterDict: the module holds parameters and cannot be called",
        ),
    ],
)
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call()
