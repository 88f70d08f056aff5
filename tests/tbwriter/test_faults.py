"""The faults of other writers, each of which this one must not have.

A test says in its name what must hold; with the fault it fails. Faults of threads, processes and files stand in
`test_durability.py`.
"""

import io
import math
import sys
import time
import warnings

import numpy as np
import pytest

from tbwriter import SummaryWriter, read_events, read_scalars
from tbwriter.messages.hparams_pb2 import HParamsPluginData
from tbwriter.messages.plugins_pb2 import PrCurvePluginData
from tbwriter.messages.tensor_pb2 import DT_FLOAT, DT_HALF, DT_UINT8


@pytest.fixture
def writer(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        yield writer


def events(log_dir):
    return [event for event in read_events(log_dir) if event.summary.value]


def logged(writer):
    writer.flush()
    return [value for event in events(writer.log_dir) for value in event.summary.value]


def hparams_records(log_dir):
    contents = [
        HParamsPluginData.FromString(value.metadata.plugin_data.content)
        for event in events(log_dir)
        for value in event.summary.value
        if value.metadata.plugin_data.plugin_name == "hparams"
    ]
    return [content.WhichOneof("data") for content in contents]


# Fault 4: use_metadata(global_step=5) alone writes wall time 0; an exception leaves it in force; sub-runs ignore it.


def test_metadata_that_is_not_given_keeps_its_default(writer):
    before = time.time()
    with writer.use_metadata(global_step=5):
        writer.add_scalar("loss", 1)
    with writer.use_metadata(walltime=2.5):
        writer.add_scalar("loss", 1, 6)
    writer.flush()
    first, second = events(writer.log_dir)
    assert first.step == 5
    assert before <= first.wall_time <= time.time()
    assert (second.step, second.wall_time) == (6, 2.5)


def test_metadata_end_with_their_block_even_by_an_exception(writer):
    with pytest.raises(KeyError), writer.use_metadata(global_step=5, walltime=2.5):
        raise KeyError
    with writer.use_metadata(global_step=6), writer.use_metadata(walltime=3.5):
        writer.add_scalar("loss", 1)
    writer.add_scalar("loss", 1, 7)
    writer.flush()
    inside, outside = events(writer.log_dir)
    assert (inside.step, inside.wall_time) == (6, 3.5)
    assert outside.wall_time > 1e9


def test_metadata_hold_in_every_run_and_for_every_method(writer, tmp_path):
    with writer.use_metadata(global_step=5, walltime=2.5):
        writer.add_scalars("both", {"train": 1})
        writer.add_hparams({"lr": 1}, {"metric": 1}, name="trial")
        writer.add_image("image", np.zeros((2, 2)), dataformats="HW")
        writer.add_text("text", "text")
        writer.log(None, {"a": 1})
    writer.flush()
    trial = [event for event in events(tmp_path / "trial") if event.summary.value[0].tag == "metric"]
    all_events = [*events(tmp_path), *events(tmp_path / "both_train"), *trial]
    assert [(event.step, event.wall_time) for event in all_events] == [(5, 2.5)] * 5


def test_what_is_said_outright_counts_more_than_metadata(writer):
    with writer.use_metadata(global_step=5, walltime=2.5):
        writer.add_scalar("loss", 1, 0, 1.5)
    writer.flush()
    assert [(event.step, event.wall_time) for event in events(writer.log_dir)] == [(0, 1.5)]


# Fault 12: tensors of float16 and uint8 cannot be read back.


@pytest.mark.parametrize(("dtype", "expected"), [(np.float16, DT_HALF), (np.uint8, DT_UINT8)])
def test_small_tensors_are_read_back_as_they_were(writer, dtype, expected):
    given = np.array([[0, 1, 2], [3, 4, 250]], dtype)
    writer.add_tensor("x", given)
    (value,) = logged(writer)
    assert value.tensor.dtype == expected
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        util = pytest.importorskip(
            "tensorboard.util.tensor_util", reason="reads tensors with TensorBoard (extra board)"
        )
    result = util.make_ndarray(value.tensor)
    assert result.dtype == dtype
    assert np.array_equal(result, given)


# Fault 13: with double_precision=True TensorBoard's default loader shows nothing: `test_tensorboard.py` asks it, too.


def test_a_number_of_double_precision_is_one_that_every_loader_shows(writer):
    writer.add_scalar("x", 1 / 3, 1, double_precision=True)
    (value,) = logged(writer)
    assert value.tensor.dtype == DT_FLOAT
    assert value.tensor.float_val[0] == np.float32(1 / 3)
    assert read_scalars(writer.log_dir)["x"][1].tolist() == [1 / 3]


# Fault 14: titles and descriptions are dropped by the default loader: `test_the_server_lists_every_tag` asks it.


def test_titles_come_with_what_makes_the_default_loader_keep_them(writer):
    writer.add_scalar("x", 1, 1, None, "Title", "Words")
    (value,) = logged(writer)
    assert (value.metadata.plugin_data.plugin_name, value.metadata.data_class) == ("scalars", 1)
    assert value.HasField("simple_value")


# Fault 16: each add_hparams makes a run and an Experiment; of several, TensorBoard shows one and hides the rest.


def test_hyperparameters_stand_in_the_run_itself_without_an_experiment(writer, tmp_path):
    writer.add_scalar("metric", 0.5, 7)
    writer.add_hparams({"lr": 0.5}, {"metric": 0.25})
    writer.flush()
    assert hparams_records(tmp_path) == ["session_start_info"]
    assert [path.is_file() for path in tmp_path.iterdir()] == [True]
    assert read_scalars(tmp_path)["metric"][0].tolist() == [7, 7], "a metric must not go back behind its curve"


def test_an_experiment_is_written_when_domains_ask_for_it(writer, tmp_path):
    writer.add_hparams({"lr": 0.5}, {"metric": 0.25}, {"lr": [0.5, 0.25]})
    writer.flush()
    assert hparams_records(tmp_path) == ["session_start_info", "experiment"]


# Fault 17: pictures are resized, grey ones made RGB, and bytes sent through floats.


def test_pictures_keep_size_and_channels_and_every_byte(writer, decode_png):
    grey = np.arange(256, dtype=np.uint8).reshape(16, 16)
    writer.add_image("grey", grey, dataformats="HW")
    (value,) = logged(writer)
    assert np.array_equal(decode_png(value.image.encoded_image_string), grey[..., None])


@pytest.mark.parametrize(("value", "shown"), [(1.2, 255), (-0.1, 0)])
def test_pictures_are_clipped_never_wrapped(writer, decode_png, value, shown):
    writer.add_image("x", np.full((2, 2), value), dataformats="HW")
    writer.add_video("y", np.full((1, 2, 2), value), dataformats="THW")
    image, _ = logged(writer)
    assert (decode_png(image.image.encoded_image_string) == shown).all()


# Fault 18: no more than 127 thresholds.


def test_a_pr_curve_has_as_many_thresholds_as_are_asked_for(writer):
    writer.add_pr_curve("x", [0, 1], [0.25, 0.75], num_thresholds=1000)
    (value,) = logged(writer)
    assert PrCurvePluginData.FromString(value.metadata.plugin_data.content).num_thresholds == 1000
    assert [dim.size for dim in value.tensor.tensor_shape.dim] == [6, 1000]


# Fault 19: NaN is lost in silence, and 1e20 is too large.


def test_a_histogram_says_that_it_leaves_out_what_is_not_finite(writer):
    with pytest.warns(RuntimeWarning, match="not finite"):
        writer.add_histogram("x", [1.0, math.nan, 2.0])
    (value,) = logged(writer)
    assert value.histo.num == sum(value.histo.bucket) == 2


@pytest.mark.parametrize("bins", ["tensorflow", "auto", 30])
@pytest.mark.parametrize("largest", [1e20, 1e30, 1e300])
def test_a_histogram_takes_every_finite_number(writer, bins, largest):
    writer.add_histogram("x", [-largest, 0.0, largest], bins=bins)
    (value,) = logged(writer)
    assert sum(value.histo.bucket) == 3


# Fault 20: without moviepy a video is an empty picture.


def test_a_video_needs_no_other_package(writer, monkeypatch):
    for name in "moviepy", "PIL", "imageio":
        monkeypatch.setitem(sys.modules, name, None)
    writer.add_video("x", np.random.default_rng(0).random((1, 3, 3, 8, 9)), fps=5)
    (value,) = logged(writer)
    assert (value.image.width, value.image.height, value.image.colorspace) == (9, 8, 3)
    assert value.image.encoded_image_string.startswith(b"GIF89a")
    monkeypatch.undo()
    image = pytest.importorskip("PIL.Image", reason="reads GIFs with Pillow")
    with image.open(io.BytesIO(value.image.encoded_image_string)) as gif:
        assert (gif.n_frames, gif.size) == (3, (9, 8))


# Fault 21: a wall time that is no number makes the rest of the file unreadable.


def test_a_wall_time_that_is_no_number_is_refused_everywhere(writer):
    picture = np.zeros((2, 2))
    calls = [
        lambda: writer.add_scalar("a", 1, 1, math.nan),
        lambda: writer.add_scalars("b", {"x": 1}, 1, math.nan),
        lambda: writer.log(1, {"c": 1}, math.nan),
        lambda: writer.add_histogram("d", [1.0], 1, walltime=math.nan),
        lambda: writer.add_image("e", picture, 1, math.nan, "HW"),
        lambda: writer.add_video("f", picture[None], 1, 4, math.nan, "THW"),
        lambda: writer.add_audio("g", [0.0], 1, 8000, math.nan),
        lambda: writer.add_text("h", "x", 1, math.nan),
        lambda: writer.add_mesh("i", [[0, 0, 0]], global_step=1, walltime=math.nan),
        lambda: writer.add_pr_curve("j", [1], [0.5], 1, walltime=math.nan),
        lambda: writer.add_tensor("k", [1], 1, math.nan),
        lambda: writer.use_metadata(walltime=math.nan).__enter__(),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="walltime is nan; give seconds since 1970"):
            call()
    assert logged(writer) == []


# One tag of a run belongs to one dashboard: of a tag that two share, TensorBoard shows one kind or fails.


def test_a_tag_belongs_to_one_dashboard(writer):
    writer.add_scalar("x", 1, 1)
    with pytest.raises(ValueError) as caught:
        writer.add_histogram("x", [1.0], 2)
    advice = "TensorBoard shows one kind a tag: choose another name"
    assert str(caught.value) == f"add_histogram: tag 'x' of this run already belongs to scalars; {advice}"
    writer.log(2, {"x": 1})
    assert [value.HasField("simple_value") for value in logged(writer)] == [True, True]
    writer.add_mesh("mesh", [[0, 0, 0]])
    with pytest.raises(ValueError, match="'mesh_FACE' of this run already belongs to mesh"):
        writer.add_scalar("mesh_FACE", 1)


def test_no_tag_leads_out_of_the_directory_of_the_run(tmp_path):
    inside = tmp_path / "runs" / "one"
    with SummaryWriter(inside) as writer:
        for tag in "../x", "/x", "..":
            writer.add_scalar(tag, 1)
            writer.add_scalars(tag, {"../y": 1})
            writer.add_embedding([[1.0]], tag=tag)
            with pytest.raises(ValueError, match=r"leads out of the run's directory; choose another$"):
                writer.add_hparams({"lr": 1}, {}, name=tag)
    assert [path.name for path in tmp_path.iterdir()] == ["runs"]
    assert [path.name for path in (tmp_path / "runs").iterdir()] == ["one"]
