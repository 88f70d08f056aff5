"""Code that is written out: what a watch compares before each replay, each thing on its own, and the calls in order."""

import types

import pytest

import nn
from nn.replay.straight import Lines
from nn.replay.watch import Watch

scale = 1.5


class World(types.SimpleNamespace):
    """All that a step can depend on, in one of each kind."""

    def __init__(self):
        model = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.5))
        optimizer = nn.optim.Adam(model.parameters())
        model[0].weight.grad = nn.ones(1, 1)
        optimizer.step()
        names = {"b": 1.25, "c": None}
        super().__init__(model=model, optimizer=optimizer, x=nn.ones(1, 1), items=[1000, "a"], names=names, flags={"d"})

    @property
    def weight(self):
        return self.model[0].weight

    @property
    def group(self):
        return self.optimizer.param_groups[0]


def watched():
    """A world, the watch of a step in it, and what gives the step's variable another value."""
    world, number = World(), 2500

    def step():
        return world.x * number * scale

    def rebind(value):
        nonlocal number
        number = value

    return world, Watch(step), rebind


CHANGES = {
    "a global": lambda w: globals().update(scale=2.5),
    "an attribute": lambda w: setattr(w, "x", nn.ones(1, 1)),
    "the mode": lambda w: w.model.eval(),
    "the mode of one layer": lambda w: w.model[1].eval(),
    "a layer": lambda w: setattr(w.model, "0", nn.Linear(1, 1)),
    "a layer's number": lambda w: setattr(w.model[1], "p", 0.25),
    "a layer's number, behind its back": lambda w: vars(w.model[1]).update(p=0.25),
    "a parameter": lambda w: setattr(w.model[0], "weight", nn.Parameter(w.weight.detach().clone())),
    "a parameter's memory": lambda w: setattr(w.weight, "data", w.weight.data.clone()),
    "an argument's memory": lambda w: setattr(w.x, "data", w.x.clone()),
    "a frozen parameter": lambda w: w.weight.requires_grad_(False),
    "a tensor that requires a gradient": lambda w: w.x.requires_grad_(),
    "an option": lambda w: w.group.update(amsgrad=True),
    "an option less": lambda w: w.group.pop("maximize"),
    "a list of parameters": lambda w: w.group.update(params=[*w.group["params"]]),
    "a parameter in the list": lambda w: w.group["params"].__setitem__(0, nn.Parameter(w.weight.detach().clone())),
    "a parameter less": lambda w: w.group["params"].pop(),
    "a group more": lambda w: w.optimizer.add_param_group({"params": [nn.zeros(1, requires_grad=True)]}),
    "the optimiser's state": lambda w: w.optimizer.load_state_dict(w.optimizer.state_dict()),
    "a state of a parameter": lambda w: w.optimizer.state[w.weight].update(exp_avg=nn.zeros(1, 1)),
    "a state dropped": lambda w: w.optimizer.state.clear(),
    "an item": lambda w: w.items.__setitem__(0, 1001),
    "an item more": lambda w: w.items.append(None),
    "an item less": lambda w: w.items.pop(),
    "items in another order": lambda w: w.items.reverse(),
    "an entry": lambda w: w.names.update(b=1.5),
    "an entry more": lambda w: w.names.update(e=None),
    "an entry less": lambda w: w.names.pop("c"),
    "an entry of another name": lambda w: w.names.update(e=w.names.pop("c")),
    "entries in another order": lambda w: w.names.update(b=w.names.pop("b")),
    "a flag more": lambda w: w.flags.add("f"),
    "no flag": lambda w: w.flags.clear(),
}


@pytest.mark.parametrize("name", CHANGES)
def test_each_change_is_noticed_on_its_own(name, monkeypatch):
    monkeypatch.setitem(globals(), "scale", 1.5)
    world, watch, _ = watched()
    assert watch.holds()
    assert watch.change() is None
    CHANGES[name](world)
    assert not watch.holds()
    assert watch.change() is not None
    assert not watch.holds()


def test_an_equal_number_that_is_another_object_is_no_change():
    world, watch, rebind = watched()
    assert watch.holds()
    rebind(int("2500"))
    world.items[0], world.names["b"] = int("1000"), float("1.25")
    assert not watch.holds()
    assert watch.change() is None
    assert watch.holds()
    rebind(2501)
    assert not watch.holds()
    assert watch.change() == "number"


def test_what_is_followed_is_no_change():
    world, watch, _ = watched()
    world.group["lr"], world.weight.grad = 0.5, None
    with nn.no_grad():
        world.weight.fill_(3.0)
    assert watch.holds()


def test_calls_are_written_out_in_order_over_values_that_stay():
    seen: list[object] = []
    lines = Lines()
    calls = [f"{lines.name(seen.append)}({lines.name([n])})" for n in range(300)]
    function = lines.function(*calls)
    del lines
    for _ in range(2):
        function()
    assert seen == [[n] for n in range(300)] * 2
    assert Lines().function()() is None
