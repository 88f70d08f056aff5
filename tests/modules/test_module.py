"""Module: registration, state, hooks, modes, and what it says when misused."""

import copy
import pickle

import numpy as np
import pytest

import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(2, 3)
        self.scale = nn.Parameter(nn.ones(3))
        self.register_buffer("shift", nn.zeros(3))
        self.second = nn.Linear(3, 1, bias=False)

    def forward(self, x):
        return self.second(self.first(x).tanh() * self.scale + self.shift)


@pytest.fixture
def net():
    return Net()


def names(pairs):
    return [name for name, _ in pairs]


# -- registration -----------------------------------------------------------------------------------------------------
def test_parameters_come_in_order_of_assignment_own_ones_first(net):
    assert names(net.named_parameters()) == ["scale", "first.weight", "first.bias", "second.weight"]
    assert list(net.state_dict()) == ["scale", "shift", "first.weight", "first.bias", "second.weight"]
    assert names(net.named_buffers()) == ["shift"]
    assert names(net.named_children()) == ["first", "second"]
    assert names(net.named_modules()) == ["", "first", "second"]
    assert names(net.named_modules("net")) == ["net", "net.first", "net.second"]
    assert names(net.named_parameters("net", recurse=False)) == ["net.scale"]
    assert [p is q for p, q in zip(net.parameters(), dict(net.named_parameters()).values(), strict=True)] == [True] * 4


def test_a_shared_parameter_and_a_shared_module_come_once_but_stand_in_the_state_twice(net):
    net.second.weight = nn.Parameter(nn.zeros(1, 3))
    net.again = net.first
    net.second.tied = net.scale
    assert len(list(net.parameters())) == 4
    assert len(list(net.modules())) == 3
    assert {"again.weight", "first.weight", "scale", "second.tied"} <= set(net.state_dict())
    assert net.get_submodule("again") is net.first


def test_replacing_keeps_the_place(net):
    net.first = nn.Linear(2, 5)
    net.first.weight = nn.Parameter(nn.zeros(5, 2))
    assert names(net.named_parameters()) == ["scale", "first.weight", "first.bias", "second.weight"]


def test_a_name_can_change_its_kind(net):
    net.shift = nn.Parameter(nn.zeros(3))
    assert "shift" in dict(net.named_parameters())
    assert "shift" not in dict(net.named_buffers())
    net.scale = nn.ReLU()
    assert "scale" not in dict(net.named_parameters())
    net.plain = 3
    net.plain = nn.Linear(1, 1)
    assert net.plain is dict(net.named_children())["plain"]


def test_none_takes_the_place_of_a_parameter_a_buffer_and_a_module(net):
    net.scale = net.shift = net.second = None
    assert (net.scale, net.shift, net.second) == (None, None, None)
    assert list(net.state_dict()) == ["first.weight", "first.bias"]
    net.scale = nn.Parameter(nn.ones(3))
    assert "scale" in dict(net.named_parameters())


def test_deleting(net):
    del net.scale, net.shift, net.second
    net.plain = 1
    del net.plain
    for name in ("scale", "shift", "second", "plain"):
        assert not hasattr(net, name)
        with pytest.raises(AttributeError):
            delattr(net, name)


def test_dir_lists_what_is_registered(net):
    assert {"scale", "shift", "first", "forward"} <= set(dir(net))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("scale", nn.ones(3), "Net.scale is a parameter, got Tensor; wrap it in nn.Parameter"),
        ("shift", 5, "Net.shift is a buffer"),
        ("first", 5, "Net.first is a (sub)?module"),
    ],
)
def test_the_wrong_kind_of_value_is_refused(net, name, value, message):
    before = getattr(net, name)
    with pytest.raises(TypeError, match=message):
        setattr(net, name, value)
    assert getattr(net, name) is before


def test_an_attribute_that_is_not_there(net):
    with pytest.raises(AttributeError, match="'Net' object has no attribute 'third'"):
        _ = net.third
    with pytest.raises(AttributeError, match="Net has no submodule 'third'; it has 'first', 'second'"):
        net.get_submodule("third")


@pytest.mark.parametrize("value", [nn.Linear(1, 1), nn.Parameter(nn.ones(1))])
def test_a_forgotten_super_init_is_named(value):
    class Forgetful(nn.Module):
        def __init__(self):
            self.part = value

    with pytest.raises(AttributeError, match=r"Forgetful: call super\(\).__init__\(\) first in Forgetful.__init__"):
        Forgetful()


@pytest.mark.parametrize("method", ["register_buffer", "register_parameter"])
def test_a_forgotten_super_init_is_named_by_the_register_methods(method):
    class Forgetful(nn.Module):
        def __init__(self):
            getattr(self, method)("part", None)

    with pytest.raises(AttributeError, match=r"Forgetful: call super\(\).__init__\(\) first"):
        Forgetful()


def test_a_forgotten_super_init_is_named_at_the_call():
    class Forgetful(nn.Module):
        def __init__(self):
            self.factor = 2

    with pytest.raises(AttributeError, match=r"Forgetful: call super\(\).__init__\(\) first"):
        Forgetful()(nn.zeros(1))


def test_a_missing_forward_is_named():
    class Empty(nn.Module):
        pass

    with pytest.raises(NotImplementedError, match=r"Empty: write a method forward\(self, ...\)"):
        Empty()(1)


@pytest.mark.parametrize(
    ("method", "name", "value", "error"),
    [
        ("register_buffer", "shift.x", None, KeyError),
        ("register_buffer", "forward", None, KeyError),
        ("register_buffer", "new", 3, TypeError),
        ("register_parameter", "a.b", None, KeyError),
        ("register_parameter", "forward", None, KeyError),
        ("register_parameter", "new", nn.ones(1), TypeError),
    ],
)
def test_what_cannot_be_registered(net, method, name, value, error):
    with pytest.raises(error):
        getattr(net, method)(name, value)


# -- state ------------------------------------------------------------------------------------------------------------
def test_the_state_is_detached_and_shares_the_memory(net):
    state = net.state_dict()
    assert not any(t.requires_grad for t in state.values())
    state["scale"].fill_(7)
    assert net.scale.tolist() == [7, 7, 7]


def test_loading_copies_into_the_same_tensors(net):
    other, before = Net(), list(net.parameters())
    arrays = [p._array for p in before]
    net.load_state_dict(other.state_dict())
    x = nn.ones(4, 2)
    assert net(x).tolist() == other(x).tolist()
    assert all(p is q for p, q in zip(net.parameters(), before, strict=True))
    assert all(p._array is a for p, a in zip(before, arrays, strict=True))
    other.scale.data.zero_()
    assert net.scale.tolist() == [1, 1, 1]


def test_arrays_of_another_dtype_are_cast(net):
    state = {name: t.numpy().astype(np.float64) for name, t in net.state_dict().items()}
    state["scale"] = np.array([1, 2, 3])
    net.load_state_dict(state)
    assert net.scale.dtype == np.float32
    assert net.scale.tolist() == [1, 2, 3]


def test_strict_names_what_is_missing_and_unexpected(net):
    state = net.state_dict()
    del state["scale"]
    state["extra"] = nn.zeros(1)
    with pytest.raises(
        RuntimeError, match=r"load_state_dict: Net and the state differ: missing \['scale'\], unexpected"
    ):
        net.load_state_dict(state)
    result = net.load_state_dict(state, strict=False)
    assert result.missing_keys == ["scale"]
    assert result.unexpected_keys == ["extra"]


def test_a_wrong_shape_changes_nothing(net):
    state = {name: t.numpy() + 1 for name, t in net.state_dict().items()}
    state["second.weight"] = np.zeros((2, 3))
    before = net.scale.tolist()
    with pytest.raises(nn.ShapeError, match=r"load_state_dict: second.weight has shape \(1, 3\) in Net, got \(2, 3\)"):
        net.load_state_dict(state, strict=False)
    assert net.scale.tolist() == before


def test_a_state_that_is_no_mapping(net):
    with pytest.raises(TypeError, match="load_state_dict: "):
        net.load_state_dict([1, 2])


def test_copies_and_pickles_are_independent(net):
    x = nn.ones(1, 2)
    net(x).sum().backward()
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        assert other(x).tolist() == net(x).tolist()
        assert type(other.scale) is nn.Parameter
        other.scale.data.zero_()
        assert net.scale.tolist() == [1, 1, 1]
        assert list(other.state_dict()) == list(net.state_dict())
    assert copy.deepcopy(net).scale.grad.tolist() == net.scale.grad.tolist()


def test_a_deep_copy_keeps_what_is_shared_shared(net):
    net.tied = net.scale
    other = copy.deepcopy(net)
    assert other.tied is other.scale
    assert other.tied is not net.scale


# -- hooks ------------------------------------------------------------------------------------------------------------
def test_hooks_see_and_may_replace_arguments_and_output(net):
    seen = []
    net.first.register_forward_pre_hook(lambda m, args: seen.append((m, args[0].shape)))
    net.first.register_forward_hook(lambda m, args, out: seen.append((m, out.shape)))
    net(nn.zeros(4, 2))
    assert seen == [(net.first, (4, 2)), (net.first, (4, 3))]
    net.register_forward_pre_hook(lambda m, args: args[0] * 0)
    net.register_forward_hook(lambda m, args, out: (out, args[0]))
    _, x = net(nn.ones(1, 2))
    assert x.tolist() == [[0, 0]]


def test_a_hook_can_be_removed_once_and_again_without_harm(net):
    calls = []
    first = net.register_forward_hook(lambda *_: calls.append(1))
    first.remove()
    second = net.register_forward_hook(lambda *_: calls.append(2))
    first.remove()
    net(nn.zeros(1, 2))
    assert calls == [2]
    second.remove()
    net(nn.zeros(1, 2))
    assert calls == [2]


def test_keyword_arguments_reach_forward():
    class Scaled(nn.Module):
        def forward(self, x, factor=1):
            return x * factor

    assert Scaled()(nn.ones(1), factor=3).tolist() == [3]


# -- changes to all ---------------------------------------------------------------------------------------------------
def test_train_and_eval_reach_every_module_and_return_self(net):
    assert net.training
    assert net.eval() is net
    assert not any(m.training for m in net.modules())
    assert net.train() is net
    assert all(m.training for m in net.modules())
    net.first.train(False)
    assert (net.training, net.first.training) == (True, False)


def test_apply_visits_children_first_and_returns_self(net):
    seen = []
    assert net.apply(lambda m: seen.append(type(m).__name__)) is net
    assert seen == ["Linear", "Linear", "Net"]


def test_zero_grad(net):
    net(nn.ones(1, 2)).sum().backward()
    net.zero_grad(set_to_none=False)
    assert not any(p.grad.numpy().any() for p in net.parameters())
    net.zero_grad()
    assert all(p.grad is None for p in net.parameters())


def test_requires_grad_freezes(net):
    assert net.requires_grad_(False) is net
    assert not net(nn.ones(1, 2)).requires_grad
    net.requires_grad_()
    assert net(nn.ones(1, 2)).requires_grad


def test_double_and_float_change_the_same_tensors(net):
    parameters = list(net.parameters())
    net.register_buffer("count", nn.tensor(3))
    net(nn.ones(1, 2)).sum().backward()
    assert net.double() is net
    assert all(p is q for p, q in zip(net.parameters(), parameters, strict=True))
    assert {p.dtype for p in net.parameters()} == {np.dtype(np.float64)}
    assert net.shift.dtype == net.scale.grad.dtype == np.float64
    assert net.count.dtype == np.int64
    net(nn.ones(1, 2, dtype=nn.float64)).sum().backward()
    assert net.float().to(nn.float32).scale.dtype == np.float32
    with pytest.raises(nn.DtypeError, match="dtype: 'foo' is unknown"):
        net.to("foo")


# -- what it looks like -----------------------------------------------------------------------------------------------
def test_the_repr_shows_the_tree(net):
    net.second = nn.Sequential(nn.ReLU())
    assert repr(net) == (
        "Net(\n  (first): Linear(in_features=2, out_features=3, bias=True)\n"
        "  (second): Sequential(\n    (0): ReLU()\n  )\n)"
    )


def test_the_repr_of_a_parameter():
    assert repr(nn.Parameter(nn.zeros(2))) == "Parameter containing:\ntensor([0., 0.], requires_grad=True)"


# -- Parameter --------------------------------------------------------------------------------------------------------
def test_a_parameter_is_a_leaf_that_shares_the_memory_of_its_tensor():
    source = nn.zeros(2)
    p = nn.Parameter(source)
    assert p.is_leaf
    assert p.requires_grad
    assert p._array is source._array
    assert not nn.Parameter(source, requires_grad=False).requires_grad
    assert nn.Parameter([1, 2]).dtype == np.float32
    assert type(p * 2) is nn.Tensor


def test_a_parameter_of_a_result_is_a_leaf():
    x = nn.ones(2, requires_grad=True)
    p = nn.Parameter(x * 2)
    (p * 3).sum().backward()
    assert p.grad.tolist() == [3, 3]
    assert x.grad is None
