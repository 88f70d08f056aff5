import math
import subprocess
import sys

import numpy as np
import pytest

import tbwriter
from tbwriter import SummaryWriter, read_events, read_scalars
from tbwriter.messages.graph_pb2 import GraphDef


@pytest.fixture
def writer(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        yield writer


def values(writer):
    writer.flush()
    return [value for event in read_events(writer.get_logdir()) for value in event.summary.value]


def test_the_directory_by_each_of_its_names(tmp_path):
    for writer in SummaryWriter(tmp_path), SummaryWriter(log_dir=tmp_path), SummaryWriter(logdir=tmp_path):
        assert writer.get_logdir() == writer.log_dir == writer.logdir == str(tmp_path)
        writer.close()


def test_a_scalar_has_tag_number_step_and_time(writer):
    writer.add_scalar("loss", np.float32(0.5), np.int64(2**40), walltime=12.5)
    writer.flush()
    event = list(read_events(writer.log_dir))[-1]
    assert (event.wall_time, event.step) == (12.5, 2**40)
    assert [(value.tag, value.simple_value) for value in event.summary.value] == [("loss", 0.5)]
    assert not event.summary.value[0].HasField("metadata")


def test_time_and_step_have_defaults(writer, monkeypatch):
    monkeypatch.setattr("time.time", lambda: 99.5)
    writer.add_scalar("loss", 1)
    writer.flush()
    event = list(read_events(writer.log_dir))[-1]
    assert (event.wall_time, event.step) == (99.5, 0)


def test_numbers_that_are_not_finite_are_kept(writer):
    for step, number in enumerate([math.nan, math.inf, -math.inf, 1e300]):
        writer.add_scalar("loss", number, step)
    writer.flush()
    np.testing.assert_array_equal(read_scalars(writer.log_dir)["loss"][1], [math.nan, math.inf, -math.inf, math.inf])


def test_a_title_makes_metadata(writer):
    writer.add_scalar("acc", 0.5, 1, None, "Accuracy", "on unseen digits")
    assert values(writer)[0].metadata.display_name == "Accuracy"


def test_log_writes_one_event(writer):
    writer.log(3, {"loss": 0.5, "acc": np.array([0.25])}, walltime=1.0)
    writer.log(4, {})
    writer.flush()
    _, event = read_events(writer.log_dir)
    assert event.step == 3
    assert [(value.tag, value.simple_value) for value in event.summary.value] == [("loss", 0.5), ("acc", 0.25)]


def test_scalars_of_a_chart_are_runs_of_their_own(writer, tmp_path):
    for step in range(2):
        writer.add_scalars("loss/all", {"train": step, "test": -step}, step)
    writer.flush()
    assert read_scalars(tmp_path / "loss_all_train")["loss/all"][1].tolist() == [0, 1]
    assert read_scalars(tmp_path / "loss_all_test")["loss/all"][1].tolist() == [0, -1]


def test_histogram_image_text_and_graph_are_written_in_order(writer):
    class Model:
        def graph_nodes(self, input_to_model):
            return []

    writer.add_histogram("weights", [1.0, 2.0], 1, bins=2)
    writer.add_image("digit", np.zeros((4, 5), np.uint8), 2, dataformats="HW")
    writer.add_images("digits", np.zeros((2, 1, 4, 5)), 3)
    writer.add_text("note", "hello", 4)
    writer.add_graph(Model(), None)
    writer.flush()
    _, histogram, image, images, text, graph = read_events(writer.log_dir)
    assert [event.step for event in (histogram, image, images, text)] == [1, 2, 3, 4]
    assert histogram.summary.value[0].histo.num == 2
    assert (image.summary.value[0].image.width, images.summary.value[0].image.width) == (5, 10)
    assert text.summary.value[0].tag == "note/text_summary"
    assert GraphDef.FromString(graph.graph_def).versions.producer


def test_an_image_is_what_it_was_when_it_was_added(writer, decode_png):
    picture = np.full((4, 5), 7, np.uint8)
    writer.add_image("digit", picture, dataformats="HW")
    picture[:] = 0
    assert (decode_png(values(writer)[0].image.encoded_image_string) == 7).all()


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda w: w.add_scalar("loss", 1j), TypeError, "add_scalar: tag 'loss': the value must be real numbers"),
        (
            lambda w: w.add_scalar("loss", 1, 0.5),
            ValueError,
            "add_scalar: tag 'loss': global_step must be whole, got float 0.5",
        ),
        (
            lambda w: w.add_scalar("loss", 1, 1, math.nan),
            ValueError,
            "add_scalar: tag 'loss': walltime must be finite, got nan",
        ),
        (lambda w: w.add_scalar("", 1), ValueError, "add_scalar: the tag '' is empty"),
        (
            lambda w: w.add_scalars("loss", {"a": 1, "b": "x"}),
            TypeError,
            "add_scalars: tag 'loss': the value of 'b' must be",
        ),
        (
            lambda w: w.add_scalars("loss", [1]),
            TypeError,
            "add_scalars: tag 'loss': expected a dictionary of numbers by name, got list [1]",
        ),
        (lambda w: w.log(1, 0.5), TypeError, "log: expected a dictionary of numbers by name, got float 0.5"),
        (
            lambda w: w.log(1, {"a": 1, 2: 1}),
            TypeError,
            "log: the tag must be a string such as 'loss/train', got int 2",
        ),
        (lambda w: w.log("one", {"a": 1}), TypeError, "log: tag 'a': global_step must be real numbers, got str 'one'"),
        (lambda w: w.add_histogram("w", []), ValueError, "add_histogram: tag 'w': expected at least one finite value"),
        (lambda w: w.add_image("i", np.zeros((2, 2))), ValueError, "add_image: tag 'i': got float64 array of shape"),
        (lambda w: w.add_images("i", np.zeros((2, 2))), ValueError, "add_images: tag 'i': got float64 array of shape"),
        (lambda w: w.add_text("t", None), TypeError, "add_text: tag 't': the text must be a string of Markdown"),
        (lambda w: w.add_graph(3), TypeError, "add_graph: expected a model with a method graph_nodes"),
    ],
)
def test_a_refused_call_says_why_and_leaves_the_files_as_they_were(writer, tmp_path, call, kind, message):
    with pytest.raises(kind) as caught:
        call(writer)
    assert str(caught.value).startswith(message)
    assert values(writer) == []
    assert len(list(tmp_path.iterdir())) == 1


def test_a_closed_writer_goes_on_in_new_files_with_one_warning(tmp_path):
    with SummaryWriter(tmp_path, purge_step=1) as writer:
        writer.add_scalar("loss", 1, 1)
        writer.add_scalars("both", {"train": 1}, 1)
    writer.close()
    message = f"the writer of {tmp_path} was closed: what is added now goes to a new file; close it last"
    with pytest.warns(RuntimeWarning) as caught:
        writer.add_scalars("both", {"train": 2, "test": 2}, 2)
    assert [(str(one.message), one.filename) for one in caught] == [(message, __file__)]
    writer.add_scalar("loss", 2, 2)
    writer.close()
    writer.add_scalar("loss", 3, 3)
    writer.close()
    assert read_scalars(tmp_path)["loss"][0].tolist() == [1, 2, 3], "what is purged once is not purged again"
    assert read_scalars(tmp_path / "both_train")["both"][0].tolist() == [1, 2]
    assert [event.step for event in read_events(tmp_path / "both_test")] == [0, 1, 1, 2]
    assert len(list(tmp_path.glob("*tfevents*"))) == 3


@pytest.mark.parametrize("use", ["flush", "close"])
def test_a_closed_writer_may_be_flushed_and_closed_in_silence(tmp_path, use):
    writer = SummaryWriter(tmp_path)
    writer.close()
    getattr(writer, use)()
    assert len(list(tmp_path.iterdir())) == 1


def test_what_a_block_raises_comes_out_and_its_events_are_written(tmp_path):
    with pytest.raises(TypeError), SummaryWriter(tmp_path) as writer:
        writer.log(1, {"loss": 1}) or writer.log(2, None)
    assert len(read_scalars(tmp_path)["loss"][0]) == 1


def test_the_face_names_what_there_is():
    assert all(hasattr(tbwriter, name) for name in tbwriter.__all__)


def test_importing_it_imports_no_framework():
    strangers = {"nn", "torch", "tensorboard", "tensorflow", "PIL", "matplotlib"}
    program = f"import sys, tbwriter; print({strangers} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "set()"
