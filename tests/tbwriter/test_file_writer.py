import importlib

import numpy as np
import pytest

from tbwriter import GlobalSummaryWriter, SummaryWriter, read_events, read_scalars
from tbwriter.messages.event_pb2 import Event
from tbwriter.messages.graph_pb2 import GraphDef, NodeDef
from tbwriter.messages.summary_pb2 import Summary

SUMMARY = Summary(value=[Summary.Value(tag="loss", simple_value=0.5)])


@pytest.fixture
def writer(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        yield writer


def written(writer):
    writer.flush()
    return list(read_events(writer.log_dir))[1:]


def summary_of(module):
    pytest.importorskip(module.partition(".")[0], reason=f"makes messages of {module} (extra oracle)")
    return importlib.import_module(f"{module}.summary_pb2").Summary


@pytest.mark.parametrize("given", [SUMMARY, SUMMARY.SerializeToString(), bytearray(SUMMARY.SerializeToString())])
def test_a_summary_is_taken_as_a_message_or_as_bytes(writer, given):
    writer.file_writer.add_summary(given, np.int64(3), walltime=1.5)
    (event,) = written(writer)
    assert (event.step, event.wall_time, event.summary) == (3, 1.5, SUMMARY)


@pytest.mark.parametrize("module", ["tensorboard.compat.proto", "tensorboardX.proto"])
def test_messages_of_other_libraries_are_taken_by_their_bytes(writer, module):
    kind = summary_of(module)
    writer._get_file_writer().add_summary(kind(value=[kind.Value(tag="loss", simple_value=0.5)]), 1)
    event = importlib.import_module(f"{module}.event_pb2").Event(wall_time=1.5, step=7)
    event.summary.CopyFrom(kind(value=[kind.Value(tag="loss", simple_value=0.25)]))
    writer.file_writer.add_event(event)
    first, second = written(writer)
    assert (first.summary, second.summary.value[0].simple_value) == (SUMMARY, 0.25)
    assert (second.wall_time, second.step) == (1.5, 7)


def test_an_event_keeps_its_step_and_time_unless_others_are_given(writer, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 99.5)
    writer.file_writer.add_event(Event(step=7, wall_time=1.5, summary=SUMMARY))
    writer.file_writer.add_event(Event(step=7, wall_time=1.5, summary=SUMMARY), step=8, walltime=2.5)
    writer.file_writer.add_event(Event(summary=SUMMARY).SerializeToString())
    assert [(event.step, event.wall_time) for event in written(writer)] == [(7, 1.5), (8, 2.5), (0, 99.5)]


def test_defaults_of_use_metadata_hold_for_summaries(writer):
    with writer.use_metadata(global_step=7, walltime=1.5):
        writer.file_writer.add_summary(SUMMARY)
    assert [(event.step, event.wall_time) for event in written(writer)] == [(7, 1.5)]


@pytest.mark.parametrize("with_profile", [False, True])
def test_a_graph_is_taken_with_its_profile_or_without(writer, with_profile):
    graph = GraphDef(node=[NodeDef(name="x", op="IO")])
    if with_profile:
        pytest.importorskip("tensorboard", reason="makes a profile (extra oracle)")
        from tensorboard.compat.proto.config_pb2 import RunMetadata

        writer.file_writer.add_graph((graph, RunMetadata()), walltime=1.5)
    else:
        writer.file_writer.add_onnx_graph(graph, walltime=1.5)
    events = written(writer)
    assert GraphDef.FromString(events[0].graph_def) == graph
    assert [event.tagged_run_metadata.tag for event in events[1:]] == ["step1"] * with_profile


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda f: f.add_summary("x"), TypeError, "add_summary: expected a message Summary of protobuf, or its bytes,"),
        (lambda f: f.add_summary(Event()), TypeError, "add_summary: expected a message Summary .* got a message Event"),
        (
            lambda f: f.add_summary(b"\xff"),
            ValueError,
            r"add_summary: expected the bytes of a message Summary, got bytes",
        ),
        (lambda f: f.add_event(SUMMARY), TypeError, "add_event: expected a message Event of protobuf, .* Summary"),
        (lambda f: f.add_event(b"\xff"), ValueError, "add_event: expected the bytes of a message Event, got bytes"),
        (lambda f: f.add_event(Event(), 0.5), ValueError, "add_event: .*global_step must be whole, got float 0.5"),
        (lambda f: f.add_summary(SUMMARY, "x"), TypeError, "add_summary: .*global_step must be real numbers"),
        (lambda f: f.add_graph(None), TypeError, "add_graph: expected a message GraphDef of protobuf, or its bytes"),
    ],
)
def test_what_is_no_such_message_is_refused_and_nothing_is_written(writer, call, kind, message):
    with pytest.raises(kind, match=message):
        call(writer.file_writer)
    assert written(writer) == []


def test_each_sub_run_has_a_file_writer(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalars("loss", {"train": 1.0}, 1)
        assert list(writer.all_writers) == [str(tmp_path), str(tmp_path / "loss_train")]
        writer.all_writers[str(tmp_path / "loss_train")].add_summary(SUMMARY, 2)
        assert writer.file_writer.get_logdir() == str(tmp_path)
        writer.file_writer.flush()
        assert read_scalars(writer.all_writers[str(tmp_path / "loss_train")].path)["loss"][0].tolist() == [1, 2]
    assert writer.file_writer is None
    assert writer.all_writers is None


def test_after_close_the_method_goes_on_in_a_new_file(tmp_path):
    writer = SummaryWriter(tmp_path)
    writer.file_writer.close()
    files = writer._get_file_writer()
    files.reopen()
    with pytest.warns(RuntimeWarning, match="was closed"):
        files.add_summary(SUMMARY, 1)
    writer.close()
    assert len(list(tmp_path.iterdir())) == 2


def test_the_path_is_that_of_the_file(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        (path,) = tmp_path.iterdir()
        assert writer.file_writer.path == writer.file_writer.event_writer._ev_writer._file_name == str(path)


def test_without_disk_it_takes_everything_and_writes_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    SummaryWriter("run", write_to_disk=False).file_writer.add_summary(SUMMARY)
    assert list(tmp_path.iterdir()) == []


def test_a_global_writer_has_one_too(tmp_path):
    with GlobalSummaryWriter(tmp_path) as writer:
        writer.add_scalar("loss", 1)
        writer.file_writer.add_summary(SUMMARY)
        writer.file_writer.flush()
        assert read_scalars(tmp_path)["loss"][0].tolist() == [0, 1]


def test_a_writer_keeps_its_options_and_bins_where_others_keep_them(tmp_path):
    with SummaryWriter(tmp_path, "", 7, 10, 120, ".end") as writer:
        options = writer.purge_step, writer.max_queue, writer.flush_secs, writer.filename_suffix
    assert options == (7, 10, 120, ".end")
    assert len(writer.default_bins) == 1549
    assert all(a < b for a, b in zip(writer.default_bins, writer.default_bins[1:], strict=False))


@pytest.mark.parametrize("other", ["tensorboardX", "torch.utils.tensorboard"])
def test_default_bins_are_those_of_the_other_writers(tmp_path, other):
    theirs = pytest.importorskip(other).SummaryWriter(str(tmp_path))
    theirs.close()
    ours = SummaryWriter(write_to_disk=False).default_bins
    assert [*theirs.default_bins] == pytest.approx(ours, rel=1e-9)
