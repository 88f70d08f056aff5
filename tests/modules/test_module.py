"""Module: registration, state, hooks, modes, and what it says when misused."""

import copy
import pickle
import re

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


def packed(*shape):
    """A packed sequence of two samples whose data have a shape of their own."""
    sequence = nn.utils.rnn.pack_padded_sequence(nn.zeros(3, 2, 4), nn.tensor([3, 2]))
    return sequence._replace(data=nn.zeros(*shape))


MESSAGES = {
    "ModuleDict: expected a mapping, or pairs of name and value, got int": lambda: nn.ModuleDict(3),
    "ParameterDict: expected a mapping, or pairs of name and value, got float": lambda: nn.ParameterDict(0.5),
    "ModuleDict: entry 0 must be a pair of name and value, got ReLU": lambda: nn.ModuleDict([nn.ReLU()]),
    "ModuleDict: entry 0 must be a pair of name and value, got 3 parts": lambda: nn.ModuleDict([("a", nn.ReLU(), 1)]),
    "ModuleList: extend takes several modules in a list, got ReLU": lambda: nn.ModuleList().extend(nn.ReLU()),
    "ParameterList: extend takes several values in a list, got Tensor": lambda: nn.ParameterList(nn.ones(2)),
    "ParameterDict: a name must be a string, got int": lambda: nn.ParameterDict([(1, nn.ones(2))]),
    "ParameterList: the module holds parameters and cannot be called": lambda: nn.ParameterList()(nn.ones(2)),
    "ParameterDict: the module holds parameters and cannot be called": lambda: nn.ParameterDict()(nn.ones(2)),
    "Sequential: only a Sequential can be added, got list; use extend": lambda: nn.Sequential().__add__([nn.ReLU()]),
    "Sequential: only an integer can multiply it, got float": lambda: nn.Sequential() * 2.0,
    "Sequential: it must be repeated once or more, got 0": lambda: nn.Sequential() * 0,
    "Conv2d: padding='same' needs stride 1, got 2; give the padding": lambda: nn.Conv2d(1, 1, 3, 2, "same"),
    "FractionalMaxPool2d: give either output_size or output_ratio; got 3 and 0.5": lambda: nn.FractionalMaxPool2d(
        2, 3, 0.5
    ),
    "FractionalMaxPool3d: give either output_size or output_ratio; got None": lambda: nn.FractionalMaxPool3d(2),
    "FractionalMaxPool2d: output_ratio must be 2 numbers between 0 and 1, got 1.5": lambda: nn.FractionalMaxPool2d(
        2, output_ratio=1.5
    ),
    "Bilinear: in1_features must be at least 1, got 0": lambda: nn.Bilinear(0, 1, 1),
    "Unflatten: unflattened_size must be a tuple of integers, got 3": lambda: nn.Unflatten(1, 3),
    "Unflatten: axis 1 of input (2, 5) cannot be split into (2, 3)": lambda: nn.Unflatten(1, (2, 3))(nn.ones(2, 5)),
    "TripletMarginLoss: margin must be positive, got 0": lambda: nn.TripletMarginLoss(margin=0),
    "TripletMarginWithDistanceLoss: margin must be positive, got -1": lambda: nn.TripletMarginWithDistanceLoss(
        margin=-1
    ),
    "MultiMarginLoss: p must be 1 or 2, got 3": lambda: nn.MultiMarginLoss(3),
    "Module: a name must be a string without a dot, got 'a.b'": lambda: nn.Module().add_module("a.b", nn.ReLU()),
    "Module: a name must be a string without a dot, got ''": lambda: nn.Module().register_buffer("", nn.ones(1)),
    "Module: a name must be a string without a dot, got 3": lambda: nn.Module().register_parameter(3, None),
    "Module.a must be a Parameter or None, got Tensor": lambda: nn.Module().register_parameter("a", nn.ones(1)),
    "GRU: dropout is the probability of a zero and must be from 0 to 1, got 1.5": lambda: nn.GRU(2, 3, dropout=1.5),
    "LSTM: bias must be True or False, got 1": lambda: nn.LSTM(2, 3, bias=1),
    "LSTM: hidden_size must be an integer, got 3.0": lambda: nn.LSTM(2, 3.0),
    "RNN: num_layers must be 1 or more, got 0": lambda: nn.RNN(2, 3, 0),
    "RNN: nonlinearity must be tanh or relu, got 'gelu'": lambda: nn.RNN(2, 3, nonlinearity="gelu"),
    "RNNCell: nonlinearity must be tanh or relu, got 'gelu'": lambda: nn.RNNCell(2, 3, nonlinearity="gelu")(
        nn.ones(1, 2)
    ),
    "GRUCell: input must have 1 or 2 axes, its shape is (1, 1, 2)": lambda: nn.GRUCell(2, 3)(nn.ones(1, 1, 2)),
    "GRUCell: state must have 1 or 2 axes, its shape is ()": lambda: nn.GRUCell(2, 3)(nn.ones(1, 2), nn.ones(())),
    "GRU: input must have 3 axes, or 2 without a batch; its shape is (4,)": lambda: nn.GRU(4, 3)(nn.ones(4)),
    "GRU: input must have 4 features in its last axis, got (5, 1, 2)": lambda: nn.GRU(4, 3)(nn.ones(5, 1, 2)),
    "GRU: input must have at least one step, its shape is (0, 1, 4)": lambda: nn.GRU(4, 3)(nn.ones(0, 1, 4)),
    "GRU: packed data must have 2 axes, their shape is (5, 4, 1)": lambda: nn.GRU(4, 3)(packed(5, 4, 1)),
    "LSTM: expected 2 initial states, (h, c), got 1": lambda: nn.LSTM(4, 3)(nn.ones(5, 1, 4), (nn.ones(1, 1, 3),)),
    "GRU: an initial state must have shape (1, 1, 3), got (1, 1, 2)": lambda: nn.GRU(4, 3)(
        nn.ones(5, 1, 4), nn.ones(1, 1, 2)
    ),
    "TransformerEncoderLayer: activation must be relu, gelu or a function, got 'tanh'": lambda: (
        nn.TransformerEncoderLayer(4, 2, activation="tanh")
    ),
    "SinusoidalPosition: dim must be even, got 3; features are taken in pairs": lambda: nn.SinusoidalPosition(3),
    "Dropout: p is a probability and must be in [0, 1], got -0.5": lambda: nn.Dropout(-0.5),
    "embed_dim must be a multiple of num_heads, and that of num_kv_heads; got 8, 4 and 3": lambda: (
        nn.CausalSelfAttention(8, 4, 3)
    ),
    "load_state_dict: the state must be a dict of tensors by name, got list": lambda: nn.ReLU().load_state_dict([]),
}


@pytest.mark.parametrize("message", MESSAGES)
def test_a_layer_says_what_it_expected_and_what_it_got(message):
    with pytest.raises((TypeError, ValueError, RuntimeError, KeyError), match=re.escape(message)):
        MESSAGES[message]()
