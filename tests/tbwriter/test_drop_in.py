"""Scripts for torch's writer and for tensorboardX run here with only the import line changed, to the same result.

Each script calls every method, by position and by name. Where the other writer is installed, it runs the script, too,
and must log the same numbers.
"""

import importlib
import warnings

import numpy as np
import pytest

from tbwriter import SummaryWriter, read_events
from tbwriter.messages.tensor_pb2 import DT_FLOAT

TORCH = """
w = SummaryWriter(D, "", None, 10, 120, "")
assert w.get_logdir() == D
for i in range(3):
    w.add_scalar("a/scalar", i / 4, i)
    w.add_scalar(tag="a/named", scalar_value=i, global_step=i, walltime=5.0, new_style=False, double_precision=False)
    w.add_scalar("a/styled", i, i, 5.0, True, False)
    w.add_scalar("a/half styled", i, i, 5.0, True, double_precision=False)
    w.add_scalars("both", {"train": i, "test": -i}, i)
    w.add_histogram("histogram", RNG.normal(size=100), i, "auto", 5.0, 20)
    w.add_histogram(tag="histogram 2", values=RNG.normal(size=100), global_step=i, bins="tensorflow")
w.add_histogram_raw("raw", 0, 2, 4, 4, 6, [1, 2], [3, 1], 1, 5.0)
w.add_histogram_raw(tag="raw 2", min=0, max=2, num=4, sum=4, sum_squares=6, bucket_limits=[1, 2], bucket_counts=[3, 1])
w.add_tensor("tensor", T(RNG.normal(size=(2, 3))), 1, 5.0)
w.add_tensor(tag="tensor 2", tensor=T(RNG.normal(size=(2, 3))), global_step=1)
w.add_image("image", RNG.random((3, 8, 8)), 1, 5.0, "CHW")
w.add_image(tag="image 2", img_tensor=RNG.random((8, 8)), dataformats="HW")
w.add_images("images", RNG.random((4, 3, 8, 8)), 1, 5.0, "NCHW")
w.add_images(tag="images 2", img_tensor=RNG.random((4, 8, 8, 3)), dataformats="NHWC")
w.add_image_with_boxes("boxes", RNG.random((3, 40, 40)), np.array([[5, 5, 20, 20]]), 1, 5.0, 1, "CHW", ["cat"])
w.add_image_with_boxes("boxes 2", RNG.random((3, 40, 40)), np.array([[5, 5, 20, 20]]), 1, 5.0, 1, dataformats="CHW")
w.add_image_with_boxes(tag="boxes 3", img_tensor=RNG.random((40, 40, 3)), box_tensor=np.array([[5, 5, 20, 20]]),
                       rescale=1, dataformats="HWC", labels=None)
w.add_figure("figure", FIGURE(), 1, True, 5.0)
w.add_figure(tag="figures", figure=[FIGURE(), FIGURE()], close=True)
w.add_video("video", T(RNG.random((1, 4, 3, 8, 8))), 1, 5, 5.0)
w.add_video(tag="video 2", vid_tensor=T(RNG.random((1, 4, 3, 8, 8))), fps=5)
w.add_audio("audio", T(RNG.random((1, 100))), 1, 8000, 5.0)
w.add_audio(tag="audio 2", snd_tensor=T(RNG.random((1, 100))), sample_rate=8000)
w.add_text("text", "**bold**", 1, 5.0)
w.add_text(tag="text 2", text_string="plain", global_step=1)
w.add_embedding(T(RNG.random((6, 3))), list("abcdef"), T(RNG.random((6, 3, 4, 4))), 1, "points")
w.add_embedding(mat=T(RNG.random((6, 3))), metadata=[["a", 1]] * 6, metadata_header=["name", "number"], tag="more")
w.add_pr_curve("pr", RNG.integers(0, 2, 100), RNG.random(100), 1, 127, None, 5.0)
w.add_pr_curve(tag="pr 2", labels=RNG.integers(0, 2, 100), predictions=RNG.random(100), num_thresholds=50)
w.add_pr_curve_raw("pr_raw", [2, 1], [1, 0], [0, 1], [0, 1], [0.6, 1.0], [1.0, 0.5], 1, 2, None, 5.0)
w.add_custom_scalars({"page": {"lines": ["Multiline", ["a/scalar", "a/named"]],
                               "margin": ["Margin", ["a/scalar", "a/named", "a/styled"]]}})
w.add_custom_scalars_multilinechart(["a/scalar", "a/named"], "page 2", "lines")
w.add_custom_scalars_marginchart(["a/scalar", "a/named", "a/styled"], category="page 2", title="margin")
w.add_mesh("mesh", T(MESH[0]), T(MESH[1]), T(MESH[2]), {}, 1, 5.0)
w.add_mesh(tag="mesh 2", vertices=T(MESH[0]), config_dict=None)
w.add_hparams({"lr": 0.5, "bias": True, "name": "x"}, {"metric": 0.25}, {"lr": [0.5, 0.25]}, "trial", 1)
w.add_hparams(hparam_dict={"lr": 0.5}, metric_dict={"metric": 0.25}, hparam_domain_discrete=None, run_name="trial 2")
w.add_hparams({"lr": 0.5}, {"metric": 0.25}, None, "trial 3", global_step=2)
if MODEL:
    w.add_graph(MODEL, T(np.zeros((1, 2), np.float32)), False, True)
    w.add_graph(model=MODEL, input_to_model=T(np.zeros((1, 2), np.float32)), verbose=False, use_strict_trace=True)
w.flush()
w.close()
"""

TENSORBOARDX = """
w = SummaryWriter(logdir=D, comment="", purge_step=None, max_queue=10, flush_secs=120, filename_suffix="",
                  write_to_disk=True)
assert w.logdir == D
for i in range(3):
    w.add_scalar("a/scalar", i / 4, i)
    w.add_scalar("a/titled", i, i, 5.0, "A title", "a description")
    w.add_scalar(tag="a/named", scalar_value=i, global_step=i, walltime=5.0, display_name="", summary_description="")
    w.add_scalars("both", {"train": i, "test": -i}, i, 5.0)
    w.add_histogram("histogram", RNG.normal(size=100), i, "tensorflow", 5.0, None)
w.export_scalars_to_json(D + "/all.json")
w.add_histogram_raw("raw", 0, 2, 4, 4, 6, [1, 2], [3, 1], 1, 5.0)
w.add_image("image", RNG.random((3, 8, 8)), 1, 5.0, "CHW")
w.add_images("images", RNG.random((4, 3, 8, 8)), 1, 5.0, "NCHW")
w.add_images("list", [T(RNG.random((3, 8, 8))), T(RNG.random((3, 8, 8)))], 1, 5.0, "CHW")
w.add_image_with_boxes("boxes", RNG.random((3, 40, 40)), np.array([[5, 5, 20, 20]]), 1, 5.0, "CHW", ["cat"])
w.add_image_with_boxes(tag="boxes 2", img_tensor=RNG.random((40, 40, 3)), box_tensor=np.array([[5, 5, 20, 20]]),
                       dataformats="HWC", labels=["cat"], rescale=2)
w.add_figure("figure", FIGURE(), 1, True, 5.0)
w.add_video("video", RNG.random((1, 4, 3, 8, 8)), 1, 5, 5.0, "NTCHW")
w.add_video(tag="video 2", vid_tensor=RNG.random((1, 4, 8, 8, 3)), fps=5, dataformats="NTHWC")
w.add_audio("audio", RNG.random((100, 1)), 1, 8000, 5.0)
w.add_text("text", "**bold**", 1, 5.0)
w.add_embedding(T(RNG.random((6, 3))), list("abcdef"), T(RNG.random((6, 3, 4, 4))), 1, "points", None)
w.add_embedding(mat=T(RNG.random((6, 3))), metadata=[["a", 1]] * 6, metadata_header=["name", "number"], tag="more")
w.add_pr_curve("pr", RNG.integers(0, 2, 100), RNG.random(100), 1, 127, None, 5.0)
w.add_pr_curve_raw(tag="pr_raw", true_positive_counts=[2, 1], false_positive_counts=[1, 0],
                   true_negative_counts=[0, 1], false_negative_counts=[0, 1], precision=[0.6, 1.0], recall=[1.0, 0.5],
                   global_step=1, num_thresholds=2, weights=None)
w.add_custom_scalars({"page": {"lines": ["Multiline", ["a/scalar", "a/named"]]}})
w.add_custom_scalars_multilinechart(tags=["a/scalar", "a/named"], category="page 2", title="lines")
w.add_custom_scalars_marginchart(["a/scalar", "a/named", "a/titled"], "page 2", "margin")
w.add_mesh("mesh", MESH[0], MESH[1], MESH[2], {}, 1, 5.0)
w.add_hparams({"lr": 0.5, "bias": True, "name": "x"}, {"metric": 0.25}, "trial", 1)
w.add_hparams(hparam_dict={"lr": 0.5}, metric_dict={"metric": 0.25}, name="trial 2", global_step=2)
with w.use_metadata(global_step=7, walltime=5.0):
    w.add_scalar("used", 1.5)
if MODEL:
    w.add_graph(MODEL, T(np.zeros((1, 2), np.float32)), False, True)
w.flush()
w.close()
"""

SCRIPTS = {"torch.utils.tensorboard": TORCH, "tensorboardX": TENSORBOARDX}


def figure():
    pyplot = pytest.importorskip("matplotlib.figure", reason="draws figures with matplotlib (extra plot)")
    drawn = pyplot.Figure(figsize=(1, 1), dpi=40)
    drawn.add_subplot().plot([1, 2, 3])
    return drawn


def run(script, writer, log_dir):
    torch = importlib.import_module("torch") if importlib.util.find_spec("torch") else None
    names = {
        "SummaryWriter": writer,
        "D": str(log_dir),
        "RNG": np.random.default_rng(0),
        "np": np,
        "T": torch.from_numpy if torch else np.asarray,
        "MODEL": torch.nn.Linear(2, 3) if torch and importlib.util.find_spec("tensorboard") else None,
        "FIGURE": figure,
        "MESH": (
            np.array([[[0, 0, 0], [1, 0, 0], [0, 1, 0]]], np.float32),
            np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255]]], np.uint8),
            np.array([[[0, 1, 2]]], np.int32),
        ),
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's tracer, and of the other writers
        exec(script, names)


def numbers(log_dir):
    """Steps and float32 numbers by run and tag: scalars, PR curves, vertices of meshes, bare tensors."""
    result = {}
    for folder in (path for path in [log_dir, *log_dir.rglob("*")] if path.is_dir()):
        for event in read_events(folder):
            for value in event.summary.value:
                tensor = value.tensor
                if value.HasField("simple_value"):
                    content = [value.simple_value]
                elif tensor.dtype == DT_FLOAT:
                    content = tensor.float_val or np.frombuffer(tensor.tensor_content, "<f4")
                else:
                    continue
                result.setdefault((folder.name * (folder != log_dir), value.tag), []).append([event.step, *content])
    return result


@pytest.mark.parametrize("other", SCRIPTS)
def test_a_script_runs_with_its_import_changed(other, tmp_path):
    run(SCRIPTS[other], SummaryWriter, tmp_path)
    logged = {value.tag for event in read_events(tmp_path) for value in event.summary.value}
    assert {"a/scalar", "histogram", "raw", "image", "images", "boxes", "figure", "video", "text/text_summary", "pr",
            "pr_raw", "mesh_VERTEX", "mesh_FACE", "mesh_COLOR", "custom_scalars__config__"} <= logged  # fmt: skip
    assert (tmp_path / "projector_config.pbtxt").read_text().count("embeddings {") == 2


@pytest.mark.parametrize("other", SCRIPTS)
def test_the_other_writer_logs_the_same_numbers(other, tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = pytest.importorskip(other, reason=f"runs the script with {other}, too")
        pytest.importorskip("PIL", reason="the other writers draw with Pillow")
    needs_more = "add_video" if other == "torch.utils.tensorboard" else "add_audio"  # moviepy, soundfile
    script = "\n".join(line for line in SCRIPTS[other].splitlines() if needs_more not in line)
    run(script, SummaryWriter, tmp_path / "here")
    with np.errstate(all="ignore"):  # tensorboardX casts memory that it has not set
        run(script, module.SummaryWriter, tmp_path / "there")
    here, there = numbers(tmp_path / "here"), numbers(tmp_path / "there")
    if other == "tensorboardX":  # it names the series and the parts of a mesh in its own way
        there = {(run, tag): points for (run, tag), points in there.items() if run not in {"train", "test"}}
    compared = [key for key in there if key[1] not in {"mesh_1", "mesh_2", "mesh_3", "mesh_FACE", "mesh_COLOR"}]
    assert len(compared) >= 8  # the other writers store the numbers of vertices, and colours, as floats
    for key in compared:
        np.testing.assert_allclose(here[key], there[key], rtol=1e-6, atol=1e-7, err_msg=str(key))
