"""What belongs to the state, and how it comes back."""

import numpy as np
import pytest

import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(2, 2)
        self.register_buffer("kept", nn.zeros(2))
        self.register_buffer("scratch", nn.zeros(2), persistent=False)
        self.extra = 1

    def get_extra_state(self):
        return {"extra": self.extra}

    def set_extra_state(self, state):
        self.extra = state["extra"]


def test_a_buffer_that_is_not_persistent_is_no_state():
    net = Net()
    assert list(net.state_dict()) == ["kept", "_extra_state", "fc.weight", "fc.bias"]
    assert [name for name, _ in net.named_buffers()] == ["kept", "scratch"]
    assert net.double().scratch.dtype == nn.float64
    with pytest.raises(RuntimeError, match=r"unexpected \['scratch'\]"):
        net.load_state_dict({**net.state_dict(), "scratch": nn.zeros(2)})


def test_extra_state_goes_along():
    net, other = Net(), Net()
    net.extra = 7
    other.load_state_dict(net.state_dict())
    assert other.extra == 7
    state = net.state_dict()
    del state["_extra_state"]
    with pytest.raises(RuntimeError, match=r"missing \['_extra_state'\]"):
        other.load_state_dict(state)


def test_extra_state_has_to_be_written():
    for method, args in (("get_extra_state", ()), ("set_extra_state", (1,))):
        with pytest.raises(NotImplementedError, match="Linear: write get_extra_state"):
            getattr(nn.Linear(1, 1), method)(*args)


def test_prefix_destination_and_keep_vars():
    layer = nn.Linear(1, 1)
    state = {"other": 1}
    assert layer.state_dict(destination=state, prefix="a.", keep_vars=True) is state
    assert list(state) == ["other", "a.weight", "a.bias"]
    assert state["a.weight"] is layer.weight


def test_assign_puts_the_given_values_in_the_places():
    net = Net()
    net.fc.bias.requires_grad_(False)
    state = {name: v if name == "_extra_state" else nn.ones(*v.shape, dtype=nn.float64)
             for name, v in net.state_dict().items()}  # fmt: skip
    net.load_state_dict(state, assign=True)
    assert {p.dtype for p in net.parameters()} == {np.dtype("float64")}
    assert type(net.fc.weight) is nn.Parameter
    assert (net.fc.weight.requires_grad, net.fc.bias.requires_grad) == (True, False)
    assert np.shares_memory(net.fc.weight.detach().numpy(), state["fc.weight"].numpy())
    assert [name for name, _ in net.named_buffers()] == ["kept", "scratch"]
    assert net.kept.tolist() == [1, 1]


def test_the_nearest_name_is_offered():
    net = nn.Sequential(nn.Linear(1, 1))
    state = net.state_dict()
    state["0.wieght"] = state.pop("0.weight")
    with pytest.raises(RuntimeError, match=r"is '0.wieght' meant to be '0.weight'\?; make the model as it was saved"):
        net.load_state_dict(state)


def test_one_element_may_stand_for_a_number():
    layer = nn.Module()
    layer.scale = nn.Parameter(nn.tensor(2.0))
    layer.load_state_dict({"scale": np.array([3.0])})
    assert layer.scale.item() == 3


def test_a_non_strict_load_returns_what_did_not_fit():
    result = nn.Linear(1, 1).load_state_dict({"weight": nn.ones(1, 1), "x": nn.ones(1)}, strict=False)
    assert repr(result) == "IncompatibleKeys(missing_keys=['bias'], unexpected_keys=['x'])"


def test_parts_by_name():
    net = Net()
    assert net.get_submodule("") is net
    assert net.get_submodule("fc") is net.fc
    assert net.get_parameter("fc.bias") is net.fc.bias
    assert net.get_buffer("scratch") is net.scratch
    with pytest.raises(AttributeError, match=r"Net has no parameter 'fc.scale'; it has 'fc.weight', 'fc.bias'"):
        net.get_parameter("fc.scale")
    with pytest.raises(AttributeError, match="Net has no buffer 'fc'; it has 'kept', 'scratch'"):
        net.get_buffer("fc")


def test_shared_parameters_by_all_their_names():
    net = Net()
    net.again = net.fc
    names = [name for name, _ in net.named_parameters(remove_duplicate=False)]
    assert names == ["fc.weight", "fc.bias", "again.weight", "again.bias"]
    assert len(list(net.named_buffers(remove_duplicate=False))) == 2


def recording(log, net):
    """Note the hooks of every part of the net, in the order in which they are called."""
    for name, part in net.named_modules():
        part.register_load_state_dict_pre_hook(lambda module, state, prefix, *_, name=name: log.append(("pre", name)))
        part.register_load_state_dict_post_hook(lambda module, keys, name=name: log.append(("post", name)))
    return net


def net():
    return nn.Sequential(nn.Linear(1, 1), nn.Sequential(nn.Linear(1, 1)))


def test_hooks_run_after_the_children_s_and_before_names_are_judged():
    log, state = [], net().state_dict()
    del state["0.weight"]
    model = recording(log, net())
    with pytest.raises(RuntimeError, match=r"missing \['0.weight'\]"):
        model.load_state_dict(state)
    assert [name for kind, name in log if kind == "pre"] == ["", "0", "1", "1.0"]
    assert [name for kind, name in log if kind == "post"] == ["0", "1.0", "1", ""]


@pytest.mark.parametrize("assign", [False, True])
def test_a_hook_may_excuse_names(assign):
    model, state = net(), {**net().state_dict(), "more": nn.ones(1)}
    del state["0.weight"]
    seen = []

    def excuse(module, keys):
        seen.append((list(keys.missing_keys), list(keys.unexpected_keys), model[0].bias.item()))
        keys.missing_keys.clear()
        keys.unexpected_keys.clear()

    model.register_load_state_dict_post_hook(excuse)
    assert repr(model.load_state_dict(state, assign=assign)) == "<All keys matched successfully>"
    assert seen == [(["0.weight"], ["more"], state["0.bias"].item())]
    assert model[1][0].weight.item() == state["1.0.weight"].item()


@pytest.mark.parametrize("assign", [False, True])
def test_a_hook_may_refuse_and_the_old_values_are_put_back(assign):
    model, state = net(), {name: value + 1 for name, value in net().state_dict().items()}
    before, parameters = {k: v.clone() for k, v in model.state_dict().items()}, list(model.parameters())
    model.register_load_state_dict_post_hook(lambda module, keys: keys.missing_keys.append("mine"))
    with pytest.raises(RuntimeError, match=r"Sequential and the state differ: missing \['mine'\]"):
        model.load_state_dict(state, assign=assign)
    assert {k: v.tolist() for k, v in model.state_dict().items()} == {k: v.tolist() for k, v in before.items()}
    assert all(a is b for a, b in zip(model.parameters(), parameters, strict=True))
    model.load_state_dict(state, strict=False)
    assert model[0].bias.item() == state["0.bias"].item()


def test_a_hook_that_returns_something_is_told_how_to_change_the_names():
    model = nn.Linear(1, 1)
    model.register_load_state_dict_post_hook(lambda module, keys: keys)
    with pytest.raises(RuntimeError, match="a post hook must return None, and change incompatible_keys in place"):
        model.load_state_dict(model.state_dict())
