"""Values of torch are taken as they are: the framework is the oracle, and not imported by `tbwriter`."""

import pytest

from tbwriter import SummaryWriter, read_events, read_scalars

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
