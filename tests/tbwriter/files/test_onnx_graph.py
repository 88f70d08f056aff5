import sys
from types import SimpleNamespace as Message

import pytest

from tbwriter.files.onnx_graph import OnnxModel
from tbwriter.messages.graph_pb2 import GraphDef
from tbwriter.summaries.graph import graph


def dimension(size):
    return Message(dim_value=size, HasField=lambda field: field == "dim_value" and size is not None)


def value(name, *sizes):
    shape = Message(HasField=lambda field: bool(sizes), shape=Message(dim=list(map(dimension, sizes))))
    return Message(name=name, type=Message(tensor_type=shape))


def node(op, inputs, outputs, name="", **attributes):
    return Message(
        op_type=op, name=name, input=inputs, output=outputs,
        attribute=[Message(name=key, value=item) for key, item in attributes.items()],
    )  # fmt: skip


GRAPH = Message(
    input=[value("x", None, 2), value("weight", 3, 2)],
    initializer=[Message(name="weight", dims=[3, 2])],
    value_info=[value("hidden", None, 3)],
    output=[value("y", None, 3)],
    node=[
        node(
            "Gemm", ["x", "weight", ""], ["hidden"], "/fc1/Gemm", alpha=1.5, mode=b"same", axes=[1, 2], value=object()
        ),
        node("Relu", ["hidden"], ["between"]),
        node("Relu", ["between"], ["y"]),
    ],
)


@pytest.fixture
def onnx(monkeypatch):
    """A stand-in with the two functions of the package that are called."""
    module = Message(load=lambda path: Message(graph=GRAPH))
    helper = Message(get_attribute_value=lambda attribute: attribute.value)
    monkeypatch.setitem(sys.modules, "onnx", module)
    monkeypatch.setitem(sys.modules, "onnx.helper", helper)


def test_inputs_parameters_and_operations_are_nodes(onnx):
    nodes = {node.name: node for node in GraphDef.FromString(graph(OnnxModel("net.onnx"))).node}
    assert {name: node.op for name, node in nodes.items()} == {
        "x": "IO", "weight": "Parameter", "fc1/Gemm": "Gemm", "Relu": "Relu", "Relu_1": "Relu",
    }  # fmt: skip
    assert nodes["fc1/Gemm"].input == ["x", "weight"]
    assert (nodes["Relu"].input, nodes["Relu_1"].input) == (["fc1/Gemm"], ["Relu"])


def test_shapes_and_plain_attributes_are_kept(onnx):
    nodes = {node.name: node.attr for node in GraphDef.FromString(graph(OnnxModel("net.onnx"))).node}

    def sizes(name):
        return [dim.size for dim in nodes[name]["_output_shapes"].list.shape[0].dim]

    assert (sizes("x"), sizes("weight"), sizes("fc1/Gemm"), sizes("Relu_1")) == ([-1, 2], [3, 2], [-1, 3], [-1, 3])
    assert "_output_shapes" not in nodes["Relu"]
    gemm = nodes["fc1/Gemm"]
    assert (gemm["alpha"].f, gemm["mode"].s, gemm["axes"].list.i) == (1.5, b"same", [1, 2])
    assert "value" not in gemm


def test_a_real_file_is_read(tmp_path):
    onnx = pytest.importorskip("onnx", minversion="1.0", reason="reads ONNX files with onnx")
    kind = onnx.TensorProto.FLOAT
    x, y = (onnx.helper.make_tensor_value_info(name, kind, [1, 2]) for name in "xy")
    add = onnx.helper.make_node("Relu", ["x"], ["y"], "net/relu")
    onnx.save(onnx.helper.make_model(onnx.helper.make_graph([add], "net", [x], [y])), tmp_path / "net.onnx")
    nodes = GraphDef.FromString(graph(OnnxModel(tmp_path / "net.onnx"))).node
    assert [(node.name, node.op) for node in nodes] == [("x", "IO"), ("net/relu", "Relu")]


def test_without_the_package_the_error_names_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError) as caught:
        OnnxModel("net.onnx")
    advice = "pip install onnx, or call add_graph with the model itself"
    assert str(caught.value) == f"add_onnx_graph: the package onnx reads ONNX files; {advice}"


def test_what_is_no_path_is_refused():
    with pytest.raises(TypeError, match=r"^add_onnx_graph: expected the path of an ONNX file, got NoneType None$"):
        OnnxModel(None)
