import sys

import numpy as np
import pytest

from tbwriter import SummaryWriter, read_events

RNG = np.random.default_rng(0)


@pytest.fixture
def writer(tmp_path):
    with SummaryWriter(tmp_path) as writer:
        yield writer


def values(writer):
    writer.flush()
    return {value.tag: value for event in read_events(writer.log_dir) for value in event.summary.value}


def test_a_list_of_pictures_may_name_the_axes_of_one(writer, decode_png):
    pictures = [RNG.integers(0, 256, (4, 5, 3), np.uint8) for _ in range(2)]
    writer.add_images("list", pictures, dataformats="HWC")
    writer.add_images("batch", np.stack(pictures), dataformats="NHWC")
    shown = values(writer)
    assert shown["list"].image == shown["batch"].image
    assert np.array_equal(decode_png(shown["list"].image.encoded_image_string), np.hstack(pictures))


def test_a_batch_may_keep_its_pictures_apart(writer, decode_png):
    pictures = RNG.integers(0, 256, (3, 4, 5, 1), np.uint8)
    writer.add_images("x", pictures, dataformats="NHWC", as_grid=False)
    width, height, *pngs = values(writer)["x"].tensor.string_val
    assert (width, height) == (b"5", b"4")
    assert np.array_equal([decode_png(png) for png in pngs], pictures)


def test_boxes_take_the_arguments_of_either_writer(writer):
    picture, box = RNG.integers(0, 200, (30, 40, 3), np.uint8), [[5, 4, 20, 15]]
    writer.add_image_with_boxes("tensorboardX", picture, box, 1, None, "HWC", ["cat"])
    writer.add_image_with_boxes("torch", picture, box, 1, None, 1, "HWC", ["cat"])
    writer.add_image_with_boxes("names", picture, box, dataformats="HWC", labels="cat", rescale=1)
    writer.add_image_with_boxes("mixed", picture, box, 1, None, 1, dataformats="HWC", labels=["cat"])
    assert len({value.image.encoded_image_string for value in values(writer).values()}) == 1


def test_a_figure_is_closed_unless_it_is_kept(writer):
    matplotlib = pytest.importorskip("matplotlib", reason="draws figures with matplotlib (extra plot)")
    matplotlib.use("Agg")
    pyplot = pytest.importorskip("matplotlib.pyplot")
    one, two = pyplot.figure(figsize=(1, 1), dpi=20), pyplot.figure(figsize=(1, 1), dpi=20)
    writer.add_figure("one", one, 1, close=False)
    writer.add_figure("two", two, 1)
    assert pyplot.get_fignums() == [one.number]
    pyplot.close(one)
    assert {tag: value.image.width for tag, value in values(writer).items()} == {"one": 20, "two": 20}


def test_everything_but_figures_needs_no_other_package(writer, monkeypatch):
    for name in "PIL", "matplotlib", "moviepy", "soundfile", "torch", "tensorboard", "imageio", "onnx", "fsspec":
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    writer.add_image("image", np.zeros((3, 4, 5)))
    writer.add_image_with_boxes("boxes", np.zeros((3, 4, 5)), [[1, 1, 3, 3]], labels=["x"])
    writer.add_video("video", np.zeros((1, 2, 3, 4, 5)))
    writer.add_audio("audio", np.zeros(9))
    writer.add_mesh("mesh", np.zeros((1, 3, 3)))
    writer.add_embedding(np.zeros((2, 3)), ["a", "b"], np.zeros((2, 3, 4, 4)))
    writer.add_hparams({"lr": 1}, {"metric": 1})
    assert {"image", "boxes", "video", "audio", "mesh_VERTEX"} <= set(values(writer))


def test_media_are_what_they_were_when_they_were_added(writer):
    frames, sound = np.zeros((2, 4, 5)), np.zeros(9)
    pictures = np.zeros((2, 4, 5))
    writer.add_video("video", frames, dataformats="THW")
    writer.add_audio("sound", sound.astype(np.int16))
    writer.add_images("images", pictures, dataformats="NHW", as_grid=False)
    frames[:], sound[:], pictures[:] = 1, 1, 1
    with SummaryWriter(writer.log_dir + "/2") as second:
        second.add_video("video", frames * 0, dataformats="THW")
        second.add_images("images", pictures * 0, dataformats="NHW", as_grid=False)
    shown, expected = values(writer), values(second)
    assert all(shown[tag] == expected[tag] for tag in expected)


def test_samples_of_16_bits_are_copied(writer):
    sound = np.zeros(9, np.int16)
    writer.add_audio("sound", sound)
    sound[:] = 1
    assert set(values(writer)["sound"].audio.encoded_audio_string[44:]) == {0}


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (
            lambda w: w.add_video("x", np.zeros((2, 3))),
            ValueError,
            "add_video: tag 'x': got float64 array of shape (2, 3)",
        ),
        (
            lambda w: w.add_video("x", np.zeros((1, 2, 3)), fps=0, dataformats="THW"),
            ValueError,
            "add_video: tag 'x': fps",
        ),
        (
            lambda w: w.add_video("x", np.zeros((1, 2, 3), complex), dataformats="THW"),
            TypeError,
            "add_video: tag 'x': the",
        ),
        (
            lambda w: w.add_audio("x", np.zeros((9, 9))),
            ValueError,
            "add_audio: tag 'x': expected samples (L,), or (L, C)",
        ),
        (
            lambda w: w.add_audio("x", [0.0], sample_rate=0),
            ValueError,
            "add_audio: tag 'x': sample_rate must be a whole number",
        ),
        (
            lambda w: w.add_mesh("x", [[0, 0]]),
            ValueError,
            "add_mesh: tag 'x': the vertices must be an array (B, N, 3) or (N, 3), got int64 array of shape (1, 2)",
        ),
        (lambda w: w.add_figure("x", 3), TypeError, "add_figure: tag 'x': expected a matplotlib Figure"),
        (
            lambda w: w.add_image_with_boxes("x", np.zeros((3, 4, 5)), [1]),
            ValueError,
            "add_image_with_boxes: tag 'x': the boxes must be an array (N, 4)",
        ),
        (
            lambda w: w.add_image_with_boxes("x", np.zeros((4, 5)), []),
            ValueError,
            "add_image_with_boxes: tag 'x': got float64 array of shape (4, 5) for dataformats 'CHW'",
        ),
    ],
)
def test_a_refused_call_says_why_and_takes_no_tag(writer, call, kind, message):
    with pytest.raises(kind) as caught:
        call(writer)
    assert str(caught.value).startswith(message)
    writer.add_scalar("x", 1)
    assert list(values(writer)) == ["x"]
