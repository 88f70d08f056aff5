"""Sequential."""

from collections import OrderedDict

import pytest

import nn


@pytest.fixture
def model():
    return nn.Sequential(nn.Linear(2, 4), nn.ReLU(), nn.Linear(4, 1))


def test_it_calls_one_after_another(model):
    x = nn.ones(3, 2)
    assert model(x).tolist() == model[2](model[1](model[0](x))).tolist()


def test_nothing_is_the_identity():
    assert nn.Sequential()(5) == 5
    assert repr(nn.Sequential()) == "Sequential()"


def test_length_order_and_indices(model):
    assert len(model) == 3
    assert list(model) == [model[0], model[1], model[2]]
    assert model[-1] is model[2]
    assert isinstance(model[:2], nn.Sequential)
    assert list(model[1:].state_dict()) == ["2.weight", "2.bias"]
    with pytest.raises(IndexError):
        model[3]


def test_names_by_number_or_as_given(model):
    assert list(model.state_dict()) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    named = nn.Sequential(OrderedDict(fc=nn.Linear(1, 1), act=nn.Tanh()))
    assert list(named.state_dict()) == ["fc.weight", "fc.bias"]
    assert named.fc is named[0]


def test_one_module_may_stand_twice():
    act = nn.Tanh()
    model = nn.Sequential(act, act)
    assert len(model) == len(list(model)) == 2
    assert len(list(model.children())) == 1
    assert model(nn.ones(1)).item() == pytest.approx(nn.ones(1).tanh().tanh().item())


def test_append_returns_self(model):
    assert model.append(nn.Tanh()) is model
    assert isinstance(model[3], nn.Tanh)


def test_a_slice_of_a_subclass_is_one():
    class Mine(nn.Sequential):
        pass

    assert type(Mine(nn.ReLU(), nn.ReLU())[:1]) is Mine


@pytest.mark.parametrize("make", [lambda: nn.Sequential(nn.ReLU(), 5), lambda: nn.Sequential([nn.ReLU()]),
                                  lambda: nn.Sequential().append(5)])  # fmt: skip
def test_what_is_no_module_is_refused(make):
    with pytest.raises(TypeError, match=r"Sequential: .* must be a module, got (int|list)"):
        make()
