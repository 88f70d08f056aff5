"""A model as plain nodes: unique names, inputs that exist, scopes, shapes; and the model stays as it was."""

import numpy as np
import pytest

import nn


class Net(nn.Module):
    """Reuses a layer, has a parameter of its own and a constant."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 4), nn.Tanh())
        self.mul = nn.Parameter(nn.ones(4))
        self.head = nn.Linear(4, 2)
        self.mean = nn.ones(4)

    def forward(self, x):
        return self.head(self.body(self.body(x)) * self.mul - self.mean)


@pytest.fixture
def nodes():
    return Net().graph_nodes(nn.zeros(3, 4))


def by_name(nodes):
    return {node.name: node for node in nodes}


def test_names_are_unique_and_every_input_is_a_node_before_it(nodes):
    seen = set()
    for node in nodes:
        assert node.name not in seen
        assert set(node.inputs) <= seen
        seen.add(node.name)


def test_ops_stand_in_the_scope_of_the_module_that_ran_them(nodes):
    found = by_name(nodes)
    assert {"Net/body/0/linear", "Net/body.2/0/linear", "Net/body/1/tanh", "Net/body.2/1/tanh"} <= set(found)
    assert found["Net/head/linear"].op == "linear"
    assert found["Net/sub"].inputs[0].startswith("Net/mul")


def test_parameters_are_named_once_and_read_by_every_use(nodes):
    found = by_name(nodes)
    weight = found["Net/body/0/weight"]
    assert (weight.op, weight.shape, weight.inputs) == ("Parameter", (4, 4), ())
    readers = [node.name for node in nodes if weight.name in node.inputs]
    assert readers == ["Net/body/0/linear", "Net/body.2/0/linear"]


def scopes_form_a_loop(nodes, depth):
    """Whether the boxes of the picture, closed at this depth, have arrows in a circle."""
    box = {node.name: "/".join(node.name.split("/")[:depth]) for node in nodes}
    arrows = {(box[source], box[node.name]) for node in nodes for source in node.inputs} - {
        (b, b) for b in box.values()
    }
    left = set(box.values())
    while free := {b for b in left if not any(end == b and start in left for start, end in arrows)}:
        left -= free
    return bool(left)


class Twice(nn.Module):
    """A layer before and after another, one that two modules share, and one that is called by its grandparent."""

    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 4)
        self.relu = nn.ReLU()
        self.block = nn.Sequential(self.fc, nn.Sequential(nn.Tanh()))

    def forward(self, x):
        x = self.fc(self.relu(self.fc(x)))
        return self.block[1][0](self.block(self.relu(x)))


@pytest.mark.parametrize("model", [Twice, Net])
@pytest.mark.parametrize("depth", [2, 3])
def test_a_module_that_runs_twice_is_two_boxes_and_no_loop(model, depth):
    nodes = model().graph_nodes(nn.zeros(3, 4))
    assert not scopes_form_a_loop(nodes, depth)
    if model is Twice:
        assert {"Twice/fc/linear", "Twice/fc.2/linear", "Twice/fc.3/linear"} <= {node.name for node in nodes}


def test_input_output_and_shapes(nodes):
    found = by_name(nodes)
    assert (found["input"].op, found["input"].shape) == ("Placeholder", (3, 4))
    assert found["output"].shape == (3, 2)
    assert found["output"].inputs == ("Net/head/linear",)
    assert found["Net/body/0/linear"].shape == (3, 4)
    assert found["Net/body/0/linear"].inputs[0] == "input"


@pytest.mark.parametrize(
    "x", [np.zeros((3, 4)), np.zeros((3, 4), np.float32), nn.zeros(3, 4), nn.ones(3, 4, requires_grad=True)]
)
def test_inputs_may_be_arrays_of_any_float_type(x):
    assert Net().graph_nodes(x)[0].name == "input"


def test_attributes_are_plain():
    model = nn.Sequential(nn.Conv2d(1, 2, 3, stride=2, padding=1), nn.MaxPool2d(2), nn.Flatten())
    found = by_name(model.graph_nodes(nn.zeros(1, 1, 8, 8)))
    conv = found["Sequential/0/conv"]
    assert conv.attributes["stride"] == (2, 2)
    assert conv.attributes["padding"] == (1, 1)
    assert conv.shape == (1, 2, 4, 4)
    for node in found.values():
        assert all(isinstance(v, str | int | float | bool | tuple) for v in node.attributes.values())


def test_several_inputs_and_outputs():
    class Two(nn.Module):
        def forward(self, x, y):
            return x * y, x + y

    for inputs in [(nn.ones(2), nn.ones(2)), ([nn.ones(2), nn.ones(2)],)]:
        found = by_name(Two().graph_nodes(*inputs))
        assert {"input/0", "input/1", "output/0", "output/1"} <= set(found)
        assert found["Two/mul"].inputs == ("input/0", "input/1")


def test_an_integer_input_is_allowed():
    class Pick(nn.Module):
        def __init__(self):
            super().__init__()
            self.table = nn.Parameter(nn.ones(3, 2))

        def forward(self, index):
            return self.table[index]

    assert "Pick/getitem" in by_name(Pick().graph_nodes(np.array([0, 2])))


def test_the_model_stays_as_it_was():
    model = Net()
    model.head.eval()
    x = nn.ones(3, 4)
    before = model(x).tolist()
    with nn.no_grad():
        model.graph_nodes(x)
        assert not nn.is_grad_enabled()
    assert model(x).tolist() == before
    assert (model.training, model.body.training, model.head.training) == (True, True, False)
    assert not any(kind for m in model.modules() for kind in m._hooks.values())
    assert all(p.grad is None for p in model.parameters())
    assert not x.requires_grad


def test_the_model_stays_as_it_was_after_an_error():
    model = Net()
    with pytest.raises(nn.ShapeError, match="linear: x has 5 features"):
        model.graph_nodes(nn.zeros(3, 5))
    assert model.training
    assert not any(kind for m in model.modules() for kind in m._hooks.values())


def test_a_model_that_computes_nothing_is_refused():
    with pytest.raises(nn.GradError, match="graph: Identity returned nothing that was computed"):
        nn.Identity().graph_nodes(nn.zeros(1))
