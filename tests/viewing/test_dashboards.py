"""What is logged reaches the files of all three writers: pictures, points, curves."""

from importlib import import_module

import numpy as np
import pytest

import nn
from nn.errors import RangeError, ShapeError
from nn.viewing import dashboards, draw_confusion_matrix, log_embedding, log_pr_curves
from tbwriter import read_events

WRITERS = ["tbwriter", "torch.utils.tensorboard", "tensorboardX"]


def writer_of(module, directory):
    if module != "tbwriter":
        pytest.importorskip("tensorboard", reason="torch's writer is made of tensorboard (extra oracle)")
        pytest.importorskip("PIL", reason="the others make their pictures with Pillow (extra media)")
        pytest.importorskip(module.partition(".")[0], reason=f"writes with {module} (extra oracle)")
    return import_module(module).SummaryWriter(str(directory))


def values(directory):
    return {v.tag: v for event in read_events(directory) if event.summary for v in event.summary.value}


@pytest.mark.parametrize("module", WRITERS)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_picture_is_written_dot_for_dot(module, tmp_path):
    images = pytest.importorskip("PIL.Image", reason="reads the PNG with Pillow (extra media)")
    picture = draw_confusion_matrix([[3, 1], [0, 5]])
    with writer_of(module, tmp_path) as writer:
        writer.add_image("confusion", picture, 4)
    value = values(tmp_path)["confusion"]
    encoded = value.image.encoded_image_string or value.tensor.string_val[2]
    (tmp_path / "a.png").write_bytes(encoded)
    with images.open(tmp_path / "a.png") as image:
        assert np.array_equal(np.asarray(image.convert("RGB")).transpose(2, 0, 1), picture)


@pytest.mark.parametrize("module", WRITERS)
@pytest.mark.parametrize("kind", ["grey", "bytes", "flat"])
def test_points_have_their_labels_and_sprites(module, kind, tmp_path, rng):
    images = {
        "grey": rng.random((5, 1, 8, 8)),
        "bytes": rng.integers(0, 255, (5, 3, 8, 6)),
        "flat": rng.random((5, 9, 8)),
    }
    points = rng.normal(size=(5, 2, 3))
    with (
        writer_of(module, tmp_path) as writer,
        np.errstate(all="ignore"),
    ):  # tensorboardX reads memory that it never set
        log_embedding(writer, nn.tensor(points), [7, 8, 9, 7, 8], images[kind], 3, "features")
    [tensors] = tmp_path.rglob("tensors.tsv")
    np.testing.assert_allclose(np.loadtxt(tensors), points.reshape(5, 6), rtol=1e-4)
    [labels] = tmp_path.rglob("metadata.tsv")
    assert labels.read_text().split() == ["7", "8", "9", "7", "8"]
    [sprite] = tmp_path.rglob("sprite.png")
    assert sprite.read_bytes()[:4] == b"\x89PNG"
    config = (tmp_path / "projector_config.pbtxt").read_text()
    side = {"grey": 32, "bytes": 32, "flat": 36}[kind]
    assert config.count(f"single_image_dim: {side}") == 2


def test_sprites_keep_within_what_browsers_take(monkeypatch, tmp_path):
    monkeypatch.setattr(dashboards, "LARGEST", 50)
    with writer_of("tbwriter", tmp_path) as writer:
        log_embedding(writer, np.ones((5, 2)), images=np.ones((5, 8, 8)))
    config = (tmp_path / "projector_config.pbtxt").read_text()
    assert config.count("single_image_dim: 16") == 2  # three in a row: of 48 pixels


@pytest.mark.parametrize("module", WRITERS)
def test_each_curve_is_the_one_of_its_class_against_the_others(module, tmp_path, rng):
    labels = rng.integers(0, 3, 300)
    shares = rng.dirichlet(np.ones(3), 300) * 0.5 + 0.5 * np.eye(3)[labels] * rng.random((300, 1))
    shares /= shares.sum(1, keepdims=True)
    with writer_of(module, tmp_path) as writer:
        log_pr_curves(writer, labels, shares, 2, "pr", ["ant", "bee", "cow"], num_thresholds=11)
        log_pr_curves(
            writer,
            (labels == 1).astype(int),
            shares[:, 1],
            2,
            "alone",
            num_thresholds=11,
        )
    found = values(tmp_path)
    assert {"pr/ant", "pr/bee", "pr/cow", "alone"} <= set(found)
    for number, name in enumerate(("ant", "bee", "cow")):
        tp, fp, _, _, precision, recall = table_of(found[f"pr/{name}"].tensor)
        for place, threshold in enumerate(np.linspace(0, 1, 11)[1:-1], 1):
            taken, truly = shares[:, number] >= threshold, labels == number
            assert abs(tp[place] - (taken & truly).sum()) <= 1  # one may lie on the edge of its bin
            assert abs(fp[place] - (taken & ~truly).sum()) <= 1
            assert precision[place] == pytest.approx(tp[place] / max(tp[place] + fp[place], 1e-9), abs=1e-6)
            assert recall[place] == pytest.approx(tp[place] / truly.sum(), abs=1e-6)
    assert np.array_equal(table_of(found["alone"].tensor), table_of(found["pr/bee"].tensor))


def table_of(tensor):
    """(6, thresholds): true and false positives, true and false negatives, precision, recall."""
    flat = np.array(tensor.double_val or tensor.float_val) if not tensor.tensor_content else None
    if flat is None:
        flat = np.frombuffer(tensor.tensor_content, np.float32 if tensor.dtype == 1 else np.float64)
    return flat.reshape(6, -1)


def test_the_curve_is_scikit_learn_s(tmp_path, rng):
    metrics = pytest.importorskip("sklearn.metrics", reason="compares with scikit-learn (extra oracle)")
    labels = rng.integers(0, 2, 400)
    scores = (np.floor(200 * (0.35 * labels + 0.65 * rng.random(400))) + 0.5) / 200  # between the thresholds
    with writer_of("tbwriter", tmp_path) as writer:
        log_pr_curves(writer, labels, scores, num_thresholds=201)
    *_, precision, recall = table_of(values(tmp_path)["pr"].tensor)
    expected_precision, expected_recall, thresholds = metrics.precision_recall_curve(labels, scores)
    for threshold, p, r in zip(thresholds, expected_precision[:-1], expected_recall[:-1], strict=True):
        place = int(threshold * 200)
        assert precision[place] == pytest.approx(p, abs=1e-6)
        assert recall[place] == pytest.approx(r, abs=1e-6)


class Nothing:
    pass


ONES = np.ones((2, 2))
HALF = [[0.5, 0.5]]


@pytest.mark.parametrize(
    ("function", "arguments", "kind", "message"),
    [
        (log_embedding, (np.ones(2),), ShapeError, r"features must be points \(N, D\), got shape \(2,\)"),
        (log_embedding, (ONES, "a"), ShapeError, "labels must have 2 entries, got 1"),
        (log_embedding, (ONES, None, np.ones((2, 2, 4, 4))), ShapeError, r"images must be 2 pictures, .*; got \(2, 2,"),
        (log_pr_curves, ([0, 1], [0.5]), ShapeError, r"labels must be \(N,\) and .*, got \(2,\) and \(1,\)"),
        (log_pr_curves, ([0], [[-1.0, 3.0]]), RangeError, "probabilities must be from 0 to 1, got -1 to 3; take the s"),
        (log_pr_curves, ([2], HALF), RangeError, r"labels must be classes from 0 to 1, got \[2\]"),
        (log_pr_curves, ([0], HALF, 0, "pr", ["a"]), ShapeError, "classes must have 2 entries, got 1"),
    ],
    ids=["axes", "labels", "images", "lengths", "logits", "class", "names"],
)
def test_bad_arguments_are_refused(function, arguments, kind, message, tmp_path):
    with writer_of("tbwriter", tmp_path) as writer, pytest.raises(kind, match=f"^{function.__name__}: {message}"):
        function(writer, *arguments)


@pytest.mark.parametrize(("function", "method"), [(log_embedding, "add_embedding"), (log_pr_curves, "add_pr_curve")])
def test_a_writer_without_the_method_is_told(function, method):
    with pytest.raises(TypeError, match=rf"^{function.__name__}: writer must have {method}, got Nothing; give a Summ"):
        function(Nothing(), ONES, ONES)
