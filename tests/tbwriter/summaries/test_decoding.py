"""What was logged is what is read, whoever wrote it and in which style."""

import io
import warnings

import numpy as np
import pytest

from tbwriter import SummaryWriter, read_values
from tbwriter.messages import tensor_pb2 as types
from tbwriter.messages.summary_pb2 import HistogramProto, Summary, SummaryMetadata
from tbwriter.messages.tensor_pb2 import TensorProto, TensorShapeProto
from tbwriter.summaries import png
from tbwriter.summaries.decoding import Picture, Sound, array_of, decode, kind_of

RNG = np.random.default_rng(0)


def shape(*sizes):
    return TensorShapeProto(dim=[TensorShapeProto.Dim(size=size) for size in sizes])


@pytest.fixture
def logged(tmp_path):
    """All of a run, by tag."""

    def read(write):
        with SummaryWriter(tmp_path) as writer:
            write(writer)
        return {value.tag: value for value in read_values(tmp_path) if value.run == "."}

    return read


def test_scalars_of_every_style(logged):
    def write(writer):
        writer.add_scalar("old", 0.5, 1, walltime=2.5)
        writer.add_scalar("new", 0.25, 1, new_style=True)
        writer.add_scalar("double", 0.1, 1, double_precision=True)
        writer.add_scalar("nan", float("nan"), 1)

    found = logged(write)
    assert [found[tag].value for tag in ("old", "new", "double")] == [0.5, 0.25, 0.1]
    assert np.isnan(found["nan"].value)
    assert {one.kind for one in found.values()} == {"scalars"}
    assert found["old"].wall_time == 2.5


def test_a_histogram_keeps_its_counts_between_finite_edges(logged):
    values = RNG.normal(size=1000)
    buckets = logged(lambda writer: writer.add_histogram("x", values, 0))["x"].value
    edges = np.append(buckets.left, buckets.right[-1])
    assert np.array_equal(buckets.counts, np.histogram(values, edges)[0])
    assert (edges[0], edges[-1]) == (values.min(), values.max())


def test_a_histogram_whose_last_edge_is_beyond_all_numbers_ends_at_its_largest_value():
    histo = HistogramProto(min=-1, max=2, bucket_limit=[0, 1.8e308], bucket=[3, 1])
    buckets = decode(Summary.Value(tag="x", histo=histo))
    assert (buckets.left.tolist(), buckets.right.tolist()) == ([-1, 0], [0, 2])


def test_pictures_come_back_pixel_by_pixel(logged):
    pictures = RNG.integers(0, 256, (3, 5, 4, 3), np.uint8)

    def write(writer):
        writer.add_images("batch", pictures, 1, dataformats="NHWC", as_grid=False)
        writer.add_image("one", pictures[0], 1, dataformats="HWC")

    found = logged(write)
    assert np.array_equal([picture.pixels() for picture in found["batch"].value], pictures)
    (one,) = found["one"].value
    assert (one.width, one.height) == (4, 5)
    assert np.array_equal(one.pixels(), pictures[0])


def test_sounds_come_back_sample_by_sample(logged):
    sound = RNG.integers(-(2**15), 2**15, (40, 2)).astype(np.int16)
    (found,) = logged(lambda writer: writer.add_audio("x", sound, 1, sample_rate=8000))["x"].value
    assert found.rate == 8000
    assert np.array_equal(found.samples(), sound)
    with pytest.raises(ValueError, match="expected a WAV file of 16 bits"):
        Sound(1.0, b"no file").samples()


def test_text_hyperparameters_and_curves(logged):
    def write(writer):
        writer.add_text("note", "ünïcode", 1)
        writer.add_hparams({"lr": 0.5, "bias": True, "name": "sgd", "none": None}, {"acc": 1})
        writer.add_pr_curve("pr", [0, 1, 1], [0.1, 0.5, 0.9], 1, num_thresholds=11)
        writer.add_custom_scalars_multilinechart(["acc"], "page", "lines")

    found = logged(write)
    assert found["note/text_summary"].value == "ünïcode"
    assert found["_hparams_/session_start_info"].value == {"lr": 0.5, "bias": True, "name": "sgd"}
    assert found["_hparams_/session_end_info"].value["status"] == "success"
    curve = found["pr"].value
    assert (curve.thresholds[5], curve.true_positives[5], curve.recall[10]) == (0.5, 2, 0)
    assert found["custom_scalars__config__"].value["category"][0]["title"] == "page"


@pytest.mark.parametrize(
    "dtype", ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8"]
)  # fmt: skip
def test_tensors_of_every_dtype(logged, dtype):
    values = (np.arange(6) - (3 if np.dtype(dtype).kind in "if" else 0)).reshape(2, 3).astype(dtype)
    found = logged(lambda writer: writer.add_tensor("x", values, 1))["x"].value
    assert found.dtype == values.dtype
    assert np.array_equal(found, values)


def test_tensors_whose_elements_stand_one_by_one_or_once_for_all():
    assert array_of(TensorProto(dtype=types.DT_HALF, half_val=[0x3C00, 0xC000], tensor_shape=shape(2))).tolist() == [
        1,
        -2,
    ]
    assert array_of(TensorProto(dtype=types.DT_BFLOAT16, half_val=[0x3F80])).tolist() == 1
    assert array_of(TensorProto(dtype=types.DT_INT8, int_val=[-1], tensor_shape=shape(2, 2))).tolist() == [[-1, -1]] * 2
    pair = TensorProto(dtype=types.DT_COMPLEX64, scomplex_val=[1, 2], tensor_shape=shape(1))
    assert array_of(pair).tolist() == [1 + 2j]
    words = TensorProto(dtype=types.DT_STRING, string_val=[b"a", b"b"], tensor_shape=shape(2, 1))
    assert array_of(words).tolist() == [[b"a"], [b"b"]]


def test_what_cannot_be_read_is_none():
    broken = TensorProto(dtype=types.DT_FLOAT, tensor_content=b"abc", tensor_shape=shape(1))
    assert decode(Summary.Value(tag="x", tensor=broken)) is None
    assert decode(Summary.Value(tag="x", tensor=TensorProto(dtype=99))) is None
    assert decode(Summary.Value(tag="x")) is None


def test_the_first_value_of_a_tag_names_its_dashboard_for_all(tmp_path):
    text = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="text"))
    with SummaryWriter(tmp_path) as writer:
        for step, described in enumerate((text, None)):
            word = TensorProto(dtype=types.DT_STRING, string_val=[b"word"])
            value = Summary.Value(tag="x", tensor=word, metadata=described)
            writer.file_writer.add_summary(Summary(value=[value]), step)
    assert [(value.kind, value.value) for value in read_values(tmp_path)] == [("text", "word")] * 2


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "I;16"])
def test_png_of_other_programs(mode):
    """Pillow chooses every filter; a palette and 16 bits are read, too."""
    Image = pytest.importorskip("PIL.Image", reason="writes PNG with Pillow")
    ramp = np.add.outer(np.arange(40), 3 * np.arange(50))
    channels = {"L": 1, "LA": 2, "RGB": 3, "RGBA": 4, "P": 3, "I;16": 1}[mode]
    pixels = np.stack([ramp * (k + 1) + RNG.integers(0, 9, ramp.shape) for k in range(channels)], 2).astype(np.uint8)
    if mode == "I;16":
        image = Image.fromarray(pixels[..., 0].astype(np.uint16) * 256 + 7)
    else:
        image = Image.fromarray(pixels.squeeze(), "RGB" if mode == "P" else mode).convert(mode)
    file = io.BytesIO()
    image.save(file, "PNG")
    expected = pixels if mode != "P" else np.asarray(image.convert("RGB"))
    assert np.array_equal(png.decode(file.getvalue()), expected)


def test_every_filter_of_png():
    """The average of a pixel's neighbours, and the nearest of three: by their definitions."""
    line, above = RNG.integers(0, 256, (2, 12), np.uint8)
    for kind, pixel in ((3, 1), (3, 3), (4, 1), (4, 4)):
        result = png._unfiltered(kind, line, above, pixel).astype(int)
        for place in range(line.size):
            left, corner = (result[place - pixel], int(above[place - pixel])) if place >= pixel else (0, 0)
            over = int(above[place])
            guess = left + over - corner
            nearest = min([left, over, corner], key=lambda one: abs(one - guess))
            assert result[place] == (int(line[place]) + ((left + over) // 2 if kind == 3 else nearest)) % 256


def test_damaged_pictures_are_an_error():
    whole = png.encode(RNG.integers(0, 256, (3, 3, 1), np.uint8))
    for data in (whole[:30], whole[:-30], png.SIGNATURE):
        with pytest.raises(ValueError, match="PNG"):
            Picture(3, 3, data).pixels()


def test_a_video_is_read_by_pillow(logged):
    pytest.importorskip("PIL.Image", reason="reads GIF with Pillow")
    (video,) = logged(lambda writer: writer.add_video("x", np.zeros((1, 2, 3, 6, 5)), 1))["x"].value
    assert video.data.startswith(b"GIF89a")
    assert video.pixels().shape == (6, 5, 3)


def test_other_writers_values(tmp_path):
    """Those of tensorboardX, and TensorBoard's own in the style of TensorFlow 2."""
    tensorboardX = pytest.importorskip("tensorboardX", reason="compares with tensorboardX (extra oracle)")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from tensorboard.plugins.histogram.summary import histogram_pb
        from tensorboard.plugins.image.summary_v2 import metadata as image_metadata
        from tensorboard.plugins.text.summary import text_pb
    picture = RNG.integers(0, 256, (4, 6, 3), np.uint8)
    with tensorboardX.SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalar("loss", 0.5, 1)
        writer.add_image("picture", picture, 1, dataformats="HWC")
        writer.add_histogram("x", [0.0, 1.0, 1.0, 2.0], 1)
        writer.add_text("note", "words", 1)
    with SummaryWriter(tmp_path) as writer:
        writer.file_writer.add_summary(histogram_pb("new", np.arange(9.0), buckets=3), 1)
        writer.file_writer.add_summary(text_pb("texts", np.array(["a", "b"])), 1)
    found = {value.tag: value for value in read_values(tmp_path)}
    assert found["loss"].value == 0.5
    assert np.array_equal(found["picture"].value[0].pixels(), picture)
    assert found["x"].value.counts.sum() == 4
    assert np.isfinite([found["x"].value.left, found["x"].value.right]).all()
    assert found["note/text_summary"].value == "words"
    assert found["new"].value.counts.tolist() == [3, 3, 3]
    assert found["texts"].value.tolist() == ["a", "b"]
    assert kind_of(Summary.Value(tag="x", image=Summary.Image())) == image_metadata.PLUGIN_NAME
