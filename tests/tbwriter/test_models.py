import errno
import os

import numpy as np
import pytest

from tbwriter import SummaryWriter, read_events, read_scalars
from tbwriter.messages.hparams_pb2 import STATUS_FAILURE, STATUS_SUCCESS, HParamsPluginData
from tbwriter.messages.plugins_pb2 import Layout


@pytest.fixture
def writer(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        yield writer


def session(path):
    """Hyperparameters of a run, and its status, 0 where it has not ended."""
    hparams, status = {}, 0
    for event in read_events(path):
        for value in event.summary.value:
            content = HParamsPluginData.FromString(value.metadata.plugin_data.content)
            for name, one in content.session_start_info.hparams.items():
                assert name not in hparams
                hparams[name] = getattr(one, one.WhichOneof("kind"))
            status = content.session_end_info.status or status
    return hparams, status


def test_a_run_that_comes_to_its_end_succeeds(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_hparams({"lr": 0.5}, {"metric": 0.25})
        writer.flush()
        assert session(tmp_path) == ({"lr": 0.5}, 0)
    writer.close()
    assert session(tmp_path) == ({"lr": 0.5}, STATUS_SUCCESS)


def test_a_run_whose_block_ends_by_an_exception_fails(tmp_path):
    writer = SummaryWriter(tmp_path)
    writer.add_hparams({"lr": 0.5}, {"metric": 0.25})
    with pytest.raises(KeyboardInterrupt), writer:
        raise KeyboardInterrupt
    assert session(tmp_path) == ({"lr": 0.5}, STATUS_FAILURE)


def test_each_set_of_hyperparameters_has_a_run(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        for i in range(3):
            writer.add_hparams({"lr": i}, {"metric": 10 * i})
        writer.add_hparams({"lr": 1}, {"metric": 11}, global_step=1)
        writer.add_hparams({"lr": 9}, {"metric": 90}, "named/deep")
    places = {0: tmp_path, 1: tmp_path / "hparams_2", 2: tmp_path / "hparams_3", 9: tmp_path / "named" / "deep"}
    assert {lr: session(path) for lr, path in places.items()} == {lr: ({"lr": lr}, STATUS_SUCCESS) for lr in places}
    assert {lr: read_scalars(path)["metric"][1].tolist() for lr, path in places.items()} == {
        0: [0], 1: [10, 11], 2: [20], 9: [90],
    }  # fmt: skip


def test_a_name_has_one_set_of_hyperparameters(writer):
    writer.add_hparams({"lr": 0.5}, {"metric": 1}, "trial", 1)
    writer.add_hparams({"lr": 0.5}, {"metric": 2}, "trial", 2)
    with pytest.raises(
        ValueError, match=r"^add_hparams: 'trial' already has other hyperparameters; choose another name$"
    ):
        writer.add_hparams({"lr": 0.25}, {"metric": 3}, run_name="trial")


def test_a_point_names_the_run_itself(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_hparams({"lr": 0.5}, {"metric": 1}, run_name=".")
    assert session(tmp_path) == ({"lr": 0.5}, STATUS_SUCCESS)


def test_a_closed_writer_starts_a_session_in_a_new_file(tmp_path):
    writer = SummaryWriter(tmp_path)
    writer.close()
    with pytest.warns(RuntimeWarning, match="was closed"):
        writer.add_hparams({"lr": 0.5}, {"metric": 1})
    writer.close()
    assert session(tmp_path) == ({"lr": 0.5}, STATUS_SUCCESS)
    assert len(list(tmp_path.glob("*tfevents*"))) == 2


def test_metrics_go_on_where_their_curve_stands(writer, tmp_path):
    for step in range(5):
        writer.add_scalar("metric", step, step)
    writer.add_hparams({"lr": 0.5}, {"metric": 9, "other": 8})
    writer.add_hparams({"lr": 0.5}, {"metric": 7}, None, 6)
    writer.flush()
    assert read_scalars(tmp_path)["metric"][0].tolist() == [0, 1, 2, 3, 4, 4, 6]
    assert read_scalars(tmp_path)["other"][0].tolist() == [0]


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda w: w.add_hparams([1], {}),
            TypeError,
            "add_hparams: expected a dictionary of hyperparameters by name, got list [1]",
        ),
        (
            lambda w: w.add_hparams({"lr": 1}, [1]),
            TypeError,
            "add_hparams: expected a dictionary of numbers by name, got list [1]",
        ),
        (
            lambda w: w.add_hparams({"lr": 1}, {"m": "x"}),
            TypeError,
            "add_hparams: tag 'm': the value must be real numb",
        ),
        (
            lambda w: w.add_hparams({"lr": 1}, {}, {"x": [1]}),
            ValueError,
            "add_hparams: hparam_domain_discrete names ['x']",
        ),
        (
            lambda w: w.add_hparams({"lr": 1}, {}, "../x"),
            ValueError,
            "add_hparams: the name '../x' leads out of the run's",
        ),
        (
            lambda w: w.add_hparams({"lr": 1}, {}, "a", "b"),
            TypeError,
            "add_hparams: got str 'b' beside another argument",
        ),
        (
            lambda w: w.add_hparams({"lr": 1}, {"m": 1}, None, 0.5),
            ValueError,
            "add_hparams: tag 'm': global_step must be whole, got float",
        ),
        (
            lambda w: w.add_embedding([1, 2]),
            ValueError,
            "add_embedding: tag 'default': expected an array (N, D) of N points, got int64 array of shape (2,)",
        ),
        (lambda w: w.add_embedding([[1]], tag=""), ValueError, "add_embedding: the tag '' is empty"),
        (
            lambda w: w.add_embedding([[1]], global_step=0.5),
            ValueError,
            "add_embedding: tag 'default': global_step must be whole, got float",
        ),
        (
            lambda w: w.add_custom_scalars([1]),
            TypeError,
            "add_custom_scalars: the layout must be {category: {title: [kind, tags]}}, got list [1]",
        ),
        (
            lambda w: w.add_custom_scalars_multilinechart("loss"),
            ValueError,
            "add_custom_scalars_multilinechart: chart 'untitled' must be ['Multiline', tags] or",
        ),
        (
            lambda w: w.add_custom_scalars_marginchart(["a", "b"]),
            ValueError,
            "add_custom_scalars_marginchart: chart 'untitled': a margin chart takes tags by threes",
        ),
        (lambda w: w.add_onnx_graph(7), TypeError, "add_onnx_graph: expected the path of an ONNX file, got int 7"),
        (
            lambda w: w.use_metadata(global_step=0.5).__enter__(),
            ValueError,
            "use_metadata: global_step must be whole",
        ),
    ],
)
def test_a_refused_call_says_why_and_writes_nothing(writer, tmp_path, call, kind, message):
    with pytest.raises(kind) as caught:
        call(writer)
    assert str(caught.value).startswith(message)
    writer.close()
    assert [event for event in read_events(tmp_path) if event.summary.value] == []
    assert len(list(tmp_path.iterdir())) == 1


def test_a_disk_that_is_full_for_the_projector_is_named_with_the_tag_and_the_place(writer, tmp_path, monkeypatch):
    def full(descriptor, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match=r"add_embedding: tag 'points': No space left on device: .*") as caught:
            writer.add_embedding(np.zeros((2, 3)), tag="points")
    assert caught.value.errno == errno.ENOSPC
    assert str(caught.value.filename).startswith(str(tmp_path))
    assert [path for path in tmp_path.rglob("*") if path.is_file() and "tfevents" not in path.name] == []


def test_hyperparameters_without_metrics(writer, tmp_path):
    writer.add_hparams({"lr": 0.5})
    writer.flush()
    assert session(tmp_path) == ({"lr": 0.5}, 0)


def test_nothing_is_written_where_nothing_shall_be(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with SummaryWriter("run", write_to_disk=False) as writer:
        writer.add_embedding(np.zeros((2, 3)))
        writer.add_hparams({"lr": 1}, {"metric": 1}, "trial")
    assert list(tmp_path.iterdir()) == []


def test_the_newest_layout_holds_every_chart(writer):
    writer.add_custom_scalars_multilinechart(["a", "b"], "page", "lines")
    writer.add_custom_scalars_marginchart(["a", "b", "c"], category="page", title="margin")
    writer.flush()
    newest = list(read_events(writer.log_dir))[-1].summary.value[0]
    (page,) = Layout.FromString(newest.tensor.string_val[0]).category
    assert [chart.title for chart in page.chart] == ["lines", "margin"]


def test_several_writers_of_a_directory_add_up_their_embeddings(tmp_path):
    for tag in "one", "two":
        with SummaryWriter(tmp_path) as writer:
            writer.add_embedding(np.zeros((2, 3)), tag=tag)
    text = (tmp_path / "projector_config.pbtxt").read_text()
    assert 'tensor_name: "one:00000"' in text
    assert 'tensor_name: "two:00000"' in text
