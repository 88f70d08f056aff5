from types import SimpleNamespace

import pytest

from tbwriter.messages.graph_pb2 import GraphDef
from tbwriter.summaries.graph import graph


def node(name, op="linear", inputs=(), shape=None, **attributes):
    return SimpleNamespace(name=name, op=op, inputs=inputs, shape=shape, attributes=attributes)


class Model:
    def __init__(self, *nodes):
        self.nodes = nodes

    def graph_nodes(self, input_to_model):
        self.seen = input_to_model
        return iter(self.nodes)


def nodes_of(model, *args):
    return {node.name: node for node in GraphDef.FromString(graph(model, *args)).node}


def test_nodes_keep_names_ops_inputs_and_shapes():
    model = Model(node("input", "IO", shape=(4, 2)), node("Net/fc1/linear", inputs=["input"], shape=(4, 3)))
    nodes = nodes_of(model, "the input")
    assert model.seen == "the input"
    assert list(nodes) == ["input", "Net/fc1/linear"]
    assert nodes["input"].op == "IO"
    linear = nodes["Net/fc1/linear"]
    assert linear.input == ["input"]
    (shape,) = linear.attr["_output_shapes"].list.shape
    assert [dim.size for dim in shape.dim] == [4, 3]


def test_a_shape_that_is_not_known_is_left_out_and_a_scalar_has_one():
    nodes = nodes_of(Model(node("a"), node("b", shape=())))
    assert "_output_shapes" not in nodes["a"].attr
    assert not nodes["b"].attr["_output_shapes"].list.shape[0].dim


def test_attributes_keep_their_kinds():
    attr = nodes_of(
        Model(node("a", s="same", i=3, f=0.5, b=True, ints=(2, 2), none=None, mixed=(1, "x"), big=2**70, empty=()))
    )["a"].attr
    assert (attr["s"].s, attr["i"].i, attr["f"].f, attr["b"].b) == (b"same", 3, 0.5, True)
    assert attr["ints"].list.i == [2, 2]
    assert (attr["none"].s, attr["mixed"].s, attr["big"].s, attr["empty"].s) == (
        b"None", b"(1, 'x')", b"1180591620717411303424", b"()",
    )  # fmt: skip


def test_a_model_that_cannot_name_its_nodes_is_refused():
    with pytest.raises(TypeError) as caught:
        graph(object())
    expected = "a model with a method graph_nodes(input_to_model), such as any nn.Module, or a module of torch"
    assert str(caught.value) == f"add_graph: expected {expected}, got an object of type object"


def test_two_nodes_of_one_name_are_refused():
    with pytest.raises(ValueError, match=r"^add_graph: Model.graph_nodes gave two nodes the name 'a'$"):
        graph(Model(node("a"), node("b"), node("a")))


def test_an_edge_from_nowhere_is_refused():
    with pytest.raises(ValueError, match=r"^add_graph: node 'a' reads from 'b', but no node has that name$"):
        graph(Model(node("a", inputs=["b"])))
