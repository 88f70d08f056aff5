"""What was written is what stock TensorBoard reads: its EventAccumulator, and its server with both loaders."""

import math
import urllib.parse
import warnings

import numpy as np
import pytest

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
        str(log_dir / "run"), size_guidance={"scalars": 0, "histograms": 0, "images": 0, "tensors": 0}
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
    assert sorted(server.json("runs")) == ["run", "run/both_test", "run/both_train"]
    scalars = server.json("plugin/scalars/tags")
    titles = {"loss", "titled", "many/one", "many/two", "nan", "inf", "huge step", "ünïcode ☃", "long" * 250}
    assert set(scalars["run"]) == titles
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
    assert set(tags) == {"grey", "batch"}


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
