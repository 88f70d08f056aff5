"""What was written is what stock TensorBoard reads: its EventAccumulator, and its server with both loaders."""

import contextlib
import io
import math
import urllib.parse
import warnings
import wave

import numpy as np
import pytest

from tbwriter import SummaryWriter

LOSS = [1 / 2**step for step in range(5)]


@pytest.fixture(scope="module")
def accumulator(log_dir):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = pytest.importorskip(
            "tensorboard.backend.event_processing.event_accumulator",
            reason="reads the run with TensorBoard (extra board)",
        )
    return module.EventAccumulator(
        str(log_dir / "run"), size_guidance={"scalars": 0, "histograms": 0, "images": 0, "audio": 0, "tensors": 0}
    ).Reload()


def test_the_accumulator_reads_scalars(accumulator):
    assert [(e.step, e.value) for e in accumulator.Scalars("loss")] == list(enumerate(LOSS))
    assert [e.value for e in accumulator.Scalars("many/two")] == [0, 2, 4, 6, 8]
    assert math.isnan(accumulator.Scalars("nan")[0].value)
    assert accumulator.Scalars("inf")[0].value == math.inf
    assert accumulator.Scalars("huge step")[0].step == 2**40


def test_the_accumulator_reads_histograms_images_text_and_graph(accumulator, grey):
    histograms = accumulator.Histograms("weights")
    assert [e.histogram_value.num for e in histograms] == [100] * 5
    assert sum(histograms[2].histogram_value.bucket) == 100
    (image,) = accumulator.Images("grey")
    assert (image.width, image.height) == (8, 8)
    (text,) = accumulator.Tensors("note/text_summary")
    assert text.tensor_proto.string_val[0].decode() == "# Title\n\n**bold** & ünïcode"
    assert [node.name for node in accumulator.Graph().node][:2] == ["input", "Net/fc1/weight"]


def test_the_server_lists_every_tag(server):
    runs = ["run", "run/both_test", "run/both_train", "trial", "trial/hparams_1", "trial/hparams_2"]
    assert sorted(server.json("runs")) == runs
    scalars = server.json("plugin/scalars/tags")
    titles = {"loss", "titled", "many/one", "many/two", "nan", "inf", "huge step", "ünïcode ☃", "long" * 250}
    assert set(scalars["run"]) == titles | {"new style", "double"}
    assert set(scalars["run/both_train"]) == {"both"}
    assert scalars["run"]["titled"]["displayName"] == "A Title"
    assert "<strong>bold</strong>" in scalars["run"]["titled"]["description"]


@pytest.mark.parametrize(
    ("run", "tag", "expected"),
    [
        ("run", "loss", LOSS),
        ("run", "titled", [0, 1, 2, 3, 4]),
        ("run", "many/one", [0, 1, 2, 3, 4]),
        ("run", "many/two", [0, 2, 4, 6, 8]),
        ("run/both_train", "both", [0, 1, 2, 3, 4]),
        ("run/both_test", "both", [0, -1, -2, -3, -4]),
    ],
)
def test_the_server_shows_the_numbers_that_were_written(server, run, tag, expected):
    points = server.json("plugin/scalars/scalars", run=run, tag=tag)
    assert [[step, value] for _, step, value in points] == [list(p) for p in enumerate(expected)]


@pytest.mark.parametrize(
    ("tag", "step", "value"), [("nan", 1, "NaN"), ("inf", 1, "Infinity"), ("huge step", 2**40, 1.0)]
)
def test_the_server_shows_extremes(server, tag, step, value):
    ((_, shown_step, shown_value),) = server.json("plugin/scalars/scalars", run="run", tag=tag)
    assert (shown_step, shown_value) == (step, value)


@pytest.mark.parametrize("dashboard", ["histograms", "distributions"])
def test_the_server_shows_histograms(server, dashboard):
    assert "weights" in server.json(f"plugin/{dashboard}/tags")["run"]
    points = server.json(f"plugin/{dashboard}/{dashboard}", run="run", tag="weights")
    assert [step for _, step, _ in points] == [0, 1, 2, 3, 4]


def test_the_server_shows_the_counts_that_were_written(server):
    points = server.json("plugin/histograms/histograms", run="run", tag="weights")
    for _, step, buckets in points:
        counts, edges = np.histogram(np.arange(100.0) * (step + 1), bins=30)
        assert [count for _, _, count in buckets] == list(counts)
        np.testing.assert_allclose([left for left, _, _ in buckets], edges[:-1], atol=1e-4)
    ((_, _, buckets),) = server.json("plugin/histograms/histograms", run="run", tag="constant")
    assert sum(count for _, _, count in buckets) == 7


def test_the_server_shows_the_pixels_that_were_written(server, grey, decode_png):
    (sample,) = server.json("plugin/images/images", run="run", tag="grey", sample=0)
    query = dict(urllib.parse.parse_qsl(sample["query"]))
    assert np.array_equal(decode_png(server.get("plugin/images/individualImage", **query))[..., 0], grey)
    tags = server.json("plugin/images/tags")["run"]
    assert set(tags) == {"grey", "batch", "samples", "boxes", "video"}


def test_the_server_renders_text(server):
    ((tag, (event, *_)),) = [
        (tag, server.json("plugin/text/text", run="run", tag=tag)) for tag in server.json("plugin/text/tags")["run"]
    ]
    assert tag == "note/text_summary"
    assert event["text"].startswith("<h1>Title</h1>\n<p><strong>bold</strong> &amp; ünïcode</p>")


def test_the_server_shows_the_graph(server):
    graph = server.get("plugin/graphs/graph", run="run").decode()
    for part in ('name: "Net/fc1/linear"', 'input: "Net/fc1/weight"', 'key: "_output_shapes"', "size: 3"):
        assert part in graph


def blobs(server, dashboard, tag, samples=1):
    """What the browser gets for each sample of a picture or a sound."""
    plural, route = {"images": ("images", "individualImage"), "audio": ("audio", "individualAudio")}[dashboard]
    for sample in range(samples):
        (one,) = server.json(f"plugin/{dashboard}/{plural}", run="run", tag=tag, sample=sample)
        yield server.get(f"plugin/{dashboard}/{route}", **dict(urllib.parse.parse_qsl(one["query"])))


@pytest.mark.parametrize("tag", ["new style", "double"])
def test_the_server_shows_scalars_in_the_new_style(server, tag):
    ((_, step, value),) = server.json("plugin/scalars/scalars", run="run", tag=tag)
    assert (step, value) == (1, np.float32(0.1))


def test_the_server_shows_each_sample_of_a_batch(server, written, decode_png):
    assert server.json("plugin/images/tags")["run"]["samples"]["samples"] == 3
    for png, picture in zip(blobs(server, "images", "samples", 3), written.samples, strict=True):
        assert np.array_equal(decode_png(png), picture)


def test_the_server_shows_boxes(server, decode_png):
    (png,) = blobs(server, "images", "boxes")
    red = (decode_png(png) == (255, 0, 0)).all(axis=2)
    assert red[3, 2:21].all()
    assert red[3:16, 2].all()
    assert not red[:3].any()
    assert not red[6:12, 5:17].any()


def test_the_server_plays_the_frames_that_were_written(server, written):
    image = pytest.importorskip("PIL.Image", reason="reads GIFs with Pillow")
    (data,) = blobs(server, "images", "video")
    with image.open(io.BytesIO(data)) as gif:
        assert (gif.n_frames, gif.info["duration"], gif.info["loop"]) == (4, 200, 0)
        for number, frame in enumerate(written.video):
            gif.seek(number)
            assert np.array_equal(np.array(gif.convert("L")), frame[..., 0])


def test_the_server_plays_the_sound_that_was_written(server, written):
    (tag,) = server.json("plugin/audio/tags")["run"]
    (sample,) = server.json("plugin/audio/audio", run="run", tag=tag, sample=0)
    assert sample["contentType"] == "audio/wav"
    (data,) = blobs(server, "audio", tag)
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (8000, 2, 2)
        samples = np.frombuffer(sound.readframes(1000), "<i2").reshape(-1, 2)
    assert np.array_equal(samples, written.sound)


def test_the_server_shows_every_threshold_of_a_pr_curve(server, written):
    (point,) = server.json("plugin/pr_curves/pr_curves", run="run", tag="pr")["run"]
    thresholds = np.array(point["thresholds"])
    said = written.scores[:, None] >= thresholds - 1e-9
    true = (said & (written.labels[:, None] == 1)).sum(axis=0)
    false = (said & (written.labels[:, None] == 0)).sum(axis=0)
    assert point["true_positives"] == true.tolist()
    assert point["false_positives"] == false.tolist()
    np.testing.assert_allclose(point["precision"], true / (true + false), rtol=1e-6)
    np.testing.assert_allclose(point["recall"], true / written.labels.sum(), rtol=1e-6)
    assert len(thresholds) > 150  # of 201; the server leaves out the last ones, where nothing is said to be true


def test_the_server_shows_a_pr_curve_that_was_counted_elsewhere(server):
    (point,) = server.json("plugin/pr_curves/pr_curves", run="run", tag="raw")["run"]
    assert (point["true_positives"], point["false_positives"]) == ([3, 1], [2, 0])
    assert (point["true_negatives"], point["false_negatives"]) == ([0, 2], [0, 2])
    np.testing.assert_allclose([point["precision"], point["recall"]], [[0.6, 1], [1, 1 / 3]], rtol=1e-6)


def test_the_server_shows_a_histogram_that_was_counted_elsewhere(server):
    ((_, step, buckets),) = server.json("plugin/histograms/histograms", run="run", tag="raw histogram")
    assert (step, buckets) == (1, [[0, 1, 3], [1, 2, 1]])


def test_the_server_shows_the_mesh_that_was_written(server, written):
    assert server.json("plugin/mesh/tags")["run"] == {"mesh": {"samples": 1}}
    parts = server.json("plugin/mesh/meshes", run="run", tag="mesh", sample=0)
    assert {part["components"] for part in parts} == {2 + 4 + 8}
    assert {part["config"] for part in parts} == {'{"camera": {"cls": "PerspectiveCamera", "fov": 75}}'}

    def part(name, dtype):
        data = server.get("plugin/mesh/data", run="run", tag="mesh", content_type=name, step=1, sample=0)
        return np.frombuffer(data, dtype).reshape(1, -1, 3)

    assert np.array_equal(part("VERTEX", "<f4"), written.vertices)
    assert np.array_equal(part("FACE", "<i4"), written.faces)
    assert np.array_equal(part("COLOR", "u1"), written.colors)


def test_the_server_projects_the_points_that_were_written(server, written, decode_png):
    assert server.json("plugin/projector/runs") == ["run"]
    first, second = server.json("plugin/projector/info", run="run")["embeddings"]
    assert (first["tensorName"], first["tensorShape"]) == ("digits:00001", [9, 4])
    assert first["sprite"]["singleImageDim"] == [8, 8]
    for name, points in ("digits:00001", written.points), ("digits:00002", written.points * 2):
        data = server.get("plugin/projector/tensor", run="run", name=name)
        assert np.array_equal(np.frombuffer(data, "<f4").reshape(9, 4), points)
    labels = server.get("plugin/projector/metadata", run="run", name="digits:00001").decode().splitlines()
    assert labels == [f"point {i}" for i in range(9)]
    table = server.get("plugin/projector/metadata", run="run", name="digits:00002").decode().splitlines()
    assert table[:2] == ["name\tnumber", "point 0\t0"]
    assert second["metadataPath"] == "00002/digits/metadata.tsv"
    sprite = decode_png(server.get("plugin/projector/sprite_image", run="run", name="digits:00001"))
    assert sprite.shape == (24, 24, 3)
    assert np.array_equal(sprite[8:16, 16:24], written.sprites[5].transpose(1, 2, 0))


def test_the_server_lays_out_custom_scalars(server):
    (category,) = server.json("plugin/custom_scalars/layout")["category"]
    lines, margin = category["chart"]
    assert (category["title"], lines["title"], margin["title"]) == ("page", "lines", "margin")
    assert margin["margin"]["series"] == [{"value": "many/one", "lower": "loss", "upper": "many/two"}]
    pattern = "|".join(f"({tag})" for tag in lines["multiline"]["tag"])
    shown = server.json("plugin/custom_scalars/scalars", run="run", tag=pattern)
    assert set(shown["tag_to_events"]) == {"loss", "many/one"}


ANY_STATUS = ["STATUS_UNKNOWN", "STATUS_SUCCESS", "STATUS_FAILURE", "STATUS_RUNNING"]


def test_the_server_shows_hyperparameters_and_metrics_of_all_runs(server):
    known = {info["name"]: info["type"] for info in server.post("plugin/hparams/experiment", {})["hparamInfos"]}
    assert known == {
        "lr": "DATA_TYPE_FLOAT64", "bias": "DATA_TYPE_BOOL", "optimizer": "DATA_TYPE_STRING",
        "net/layers": "DATA_TYPE_FLOAT64",
    }  # fmt: skip
    query = {"startIndex": 0, "sliceSize": 10, "allowedStatuses": ANY_STATUS, "colParams": []}
    groups = server.post("plugin/hparams/session_groups", query)["sessionGroups"]
    trials = {group["name"]: group for group in groups}
    assert trials["trial"]["hparams"] == {"lr": 0.25, "bias": True, "optimizer": "sgd", "net/layers": 3}
    assert trials["trial/hparams_2"]["hparams"] == {"lr": 0.5, "bias": False}
    for name, value, step in ("trial", 0.875, 7), ("trial/hparams_2", 0.75, 0):
        (session,), (metric,) = trials[name]["sessions"], trials[name]["metricValues"]
        assert session["status"] == "STATUS_SUCCESS"
        assert (metric["name"]["tag"], metric["value"], metric["trainingStep"]) == ("accuracy", value, step)


@pytest.mark.parametrize("loader", ["--load_fast=true", "--load_fast=false"])
def test_domains_of_one_run_hide_nothing_of_another(serve, tmp_path, loader):
    with SummaryWriter(tmp_path / "one") as writer:
        writer.add_hparams({"lr": 0.5}, {"loss": 0.25}, hparam_domain_discrete={"lr": [0.5, 0.25]})
    with SummaryWriter(tmp_path / "two") as writer:
        writer.add_hparams({"dropout": 0.5}, {"accuracy": 0.75})
    query = {"startIndex": 0, "sliceSize": 10, "allowedStatuses": ANY_STATUS, "colParams": []}
    with contextlib.closing(serve(tmp_path, loader)) as server:
        server.wait_for(lambda: len(server.json("runs")) == 4)
        known = server.wait_for(lambda: server.post("plugin/hparams/experiment", {}).get("hparamInfos"))
        groups = {g["name"]: g for g in server.post("plugin/hparams/session_groups", query)["sessionGroups"]}
    assert {info["name"] for info in known} == {"lr", "dropout"}
    found = {name: [metric["name"]["tag"] for metric in group["metricValues"]] for name, group in groups.items()}
    assert found == {"one": ["loss"], "two": ["accuracy"]}


@pytest.mark.parametrize("loader", ["--load_fast=true", "--load_fast=false"])
def test_the_metrics_of_a_run_show_when_the_board_is_opened_on_the_run_itself(serve, tmp_path, loader):
    """There TensorBoard calls the run ".", and looks for its metrics in "./.", unless another session has them, too."""
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("accuracy", 0.5, 7)
        writer.add_hparams({"lr": 0.5}, {"accuracy": 0.875, "loss": 0.25})
        writer.add_hparams({"lr": 0.5}, {"loss": 0.125}, None, 9)
    query = {"startIndex": 0, "sliceSize": 10, "allowedStatuses": ANY_STATUS, "colParams": []}
    with contextlib.closing(serve(tmp_path, loader)) as server:
        server.wait_for(lambda: len(server.json("runs")) == 2)
        server.wait_for(lambda: server.post("plugin/hparams/experiment", {}).get("metricInfos"))
        (group,) = server.post("plugin/hparams/session_groups", query)["sessionGroups"]
    assert (group["name"], group["hparams"]) == (".", {"lr": 0.5})
    metrics = {(metric["name"]["group"], metric["name"]["tag"]): metric for metric in group["metricValues"]}
    assert {name: metric["value"] for name, metric in metrics.items()} == {("", "accuracy"): 0.875, ("", "loss"): 0.125}
    assert group["sessions"][0]["status"] == "STATUS_SUCCESS"


def test_the_accumulator_reads_sounds_and_tensors(accumulator, written):
    (sound,) = accumulator.Audio("sound")
    assert (sound.sample_rate, sound.length_frames, sound.content_type) == (8000, 400, "audio/wav")
    (tensor,) = accumulator.Tensors("tensor")
    make_ndarray = pytest.importorskip("tensorboard.util.tensor_util").make_ndarray
    result = make_ndarray(tensor.tensor_proto)
    assert result.dtype == np.float16
    assert result.tolist() == [[0, 1, 2], [3, 4, 5]]
