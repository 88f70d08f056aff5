import pytest

from tbwriter import SummaryWriter, read_events
from tbwriter.files.openvino_graph import OpenVinoModel
from tbwriter.messages.graph_pb2 import GraphDef

MODEL = """<?xml version="1.0"?>
<net name="net" version="11">
  <layers>
    <layer id="0" name="x" type="Parameter" version="opset1">
      <data shape="?,2" element_type="f32"/>
      <output><port id="0"><dim>-1</dim><dim>2</dim></port></output>
    </layer>
    <layer id="1" name="weight" type="Const"><output><port id="0"><dim>3</dim><dim>2</dim></port></output></layer>
    <layer id="2" name="fc/MatMul" type="MatMul">
      <data transpose_b="true"/>
      <input><port id="0"/><port id="1"/></input>
      <output><port id="2"><dim>-1</dim><dim>3</dim></port></output>
    </layer>
    <layer id="3" name="fc/MatMul" type="Result"/>
  </layers>
  <edges>
    <edge from-layer="1" from-port="0" to-layer="2" to-port="1"/>
    <edge from-layer="0" from-port="0" to-layer="2" to-port="0"/>
    <edge from-layer="2" from-port="2" to-layer="3" to-port="0"/>
  </edges>
</net>
"""


def test_a_layer_is_a_node_that_reads_by_its_ports(tmp_path):
    path = tmp_path / "net.xml"
    path.write_text(MODEL)
    x, weight, product, result = OpenVinoModel(path).graph_nodes()
    assert (x.name, x.op, x.shape, x.inputs) == ("x", "IO", (-1, 2), [])
    assert (weight.name, weight.op, weight.shape) == ("weight", "Const", (3, 2))
    assert (product.name, product.inputs, product.attributes) == ("fc/MatMul", ["x", "weight"], {"transpose_b": "true"})
    assert (result.name, result.inputs) == ("fc/MatMul_3", ["fc/MatMul"])  # names are not unique in these files


def test_the_writer_logs_it(tmp_path):
    path = tmp_path / "net.xml"
    path.write_text(MODEL)
    with SummaryWriter(tmp_path / "run") as writer:
        writer.add_openvino_graph(xmlname=str(path))
    (definition,) = [event.graph_def for event in read_events(tmp_path / "run") if event.graph_def]
    assert [node.op for node in GraphDef.FromString(definition).node] == ["IO", "Const", "MatMul", "Result"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<net>", "expected the XML file of a model in '.*net.xml', got no element found"),
        ("<net/>", "expected layers with ids, and edges between them in '.*net.xml', got something else; save the"),
        (MODEL.replace('to-layer="3"', 'to-layer="4"'), "expected layers with ids, and edges between them in "),
    ],
)
def test_what_is_no_model_is_refused(text, message, tmp_path):
    path = tmp_path / "net.xml"
    path.write_text(text)
    with pytest.raises(ValueError, match=f"^add_openvino_graph: {message}"):
        OpenVinoModel(path)
    with pytest.raises(FileNotFoundError):
        OpenVinoModel(tmp_path / "absent.xml")
