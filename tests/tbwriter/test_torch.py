"""Values of torch are taken as they are: the framework is the oracle, and not imported by `tbwriter`."""

import sys
import warnings

import pytest

from tbwriter import SummaryWriter, read_events, read_scalars
from tbwriter.messages.graph_pb2 import GraphDef

torch = pytest.importorskip("torch", reason="logs tensors of torch (extra oracle)")


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "float64", "int64", "uint8", "bool"])
def test_tensors_of_every_dtype_are_scalars_and_histograms(tmp_path, dtype):
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("x", torch.ones((), dtype=getattr(torch, dtype)), torch.tensor(3))
        writer.add_histogram("h", torch.ones(5, dtype=getattr(torch, dtype)))
    assert [array.tolist() for array in read_scalars(tmp_path)["x"]] == [[3], [1.0]]
    assert list(read_events(tmp_path))[-1].summary.value[0].histo.num == 5


def test_parameters_and_results_need_no_detaching(tmp_path):
    layer = torch.nn.Linear(2, 2)
    with SummaryWriter(tmp_path) as writer:
        loss = layer(torch.ones(1, 2)).sum()
        writer.add_scalar("loss", loss)
        writer.log(1, {"loss": loss})
        writer.add_histogram("weight", layer.weight)
        writer.add_histogram("all", [loss, loss])
    assert read_scalars(tmp_path)["loss"][1].tolist() == [loss.item()] * 2


def test_a_list_of_image_tensors_is_a_batch(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_images("batch", [torch.zeros(1, 4, 5), torch.ones(1, 4, 5)])
    assert list(read_events(tmp_path))[-1].summary.value[0].image.width == 10


def test_a_module_is_traced_by_torch_itself(tmp_path):
    pytest.importorskip("tensorboard", reason="torch traces with the help of TensorBoard (extra board)")

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.fc1 = torch.nn.Linear(2, 3)

        def forward(self, x):
            return torch.relu(self.fc1(x))

    with SummaryWriter(tmp_path) as writer, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of torch's tracer
        writer.add_graph(Net(), torch.zeros(1, 2))
    nodes = GraphDef.FromString(list(read_events(tmp_path))[-1].graph_def).node
    names = [node.name for node in nodes]
    assert len(set(names)) == len(names)
    assert any("fc1" in name for name in names)
    assert any("relu" in node.op for node in nodes)


def test_a_module_needs_tensorboard_and_the_error_says_so(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with SummaryWriter(tmp_path) as writer, pytest.raises(ImportError) as caught:
        writer.add_graph(torch.nn.Linear(2, 3), torch.zeros(1, 2))
    advice = "pip install tensorboard, or give a model with a method graph_nodes(input_to_model)"
    assert str(caught.value) == f"add_graph: torch traces its modules with the help of tensorboard; {advice}"
    assert len(list(read_events(tmp_path))) == 1


def test_every_method_takes_tensors(tmp_path):
    picture, points = torch.rand(3, 8, 8), torch.rand(4, 3, requires_grad=True)
    with SummaryWriter(tmp_path) as writer:
        writer.add_image("image", picture)
        writer.add_image_with_boxes("boxes", picture, torch.tensor([[1, 1, 6, 6]]))
        writer.add_video("video", torch.rand(1, 2, 3, 8, 8))
        writer.add_audio("audio", torch.rand(1, 100) * 2 - 1)
        writer.add_mesh("mesh", points, torch.randint(0, 256, (4, 3)), torch.tensor([[0, 1, 2]]))
        writer.add_tensor("tensor", torch.ones(2, dtype=torch.bfloat16))
        writer.add_pr_curve("pr", torch.tensor([0, 1]), torch.tensor([0.2, 0.8]))
        writer.add_embedding(points, torch.arange(4), torch.rand(4, 3, 8, 8))
        writer.add_hparams({"lr": torch.tensor(0.5), "list": torch.tensor([1, 2])}, {"metric": torch.tensor(0.5)})
    tags = {value.tag for event in read_events(tmp_path) for value in event.summary.value}
    assert {"image", "boxes", "video", "audio", "mesh_COLOR", "tensor", "pr", "metric"} <= tags
    assert (tmp_path / "00000" / "default" / "metadata.tsv").read_text() == "0\n1\n2\n3\n"
