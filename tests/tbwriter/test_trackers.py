"""Weights & Biases and MLflow get what the writer gets: modules that record, and the real packages, offline."""

import functools
import json
import struct
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from tbwriter import MlflowRun, SummaryWriter, WandbRun, WandbSync, observe

RNG = np.random.default_rng(0)
IMAGE = RNG.integers(0, 256, (6, 5, 3), np.uint8)


def write(writer):
    writer.add_hparams({"lr": 0.5, "name": "sgd"}, {"accuracy": 0.75})
    for step in range(3):
        writer.add_scalar("loss", 1 / 2**step, step)
    writer.add_scalars("both", {"train": 1.0}, 4)
    writer.log(5, {"one": 1, "two": 2})
    writer.add_histogram("weights", np.arange(9.0), 6, bins=3)
    writer.add_histogram("many", np.arange(1e4), 6, bins=2000)
    writer.add_image("picture", IMAGE, 7, dataformats="HWC")
    writer.add_images("batch", np.stack([IMAGE] * 2), 7, dataformats="NHWC", as_grid=False)
    writer.add_image("grey", IMAGE[..., 0], 7, dataformats="HW")
    writer.add_video("video", np.zeros((1, 2, 3, 4, 4)), 8)
    writer.add_audio("sound", np.zeros(10), 8)
    writer.add_text("note", "words", 9)
    writer.add_pr_curve("pr", [0, 1], [0.1, 0.9], 9, num_thresholds=3)
    writer.add_tensor("tensor", [1.0, 2.0], 9)


class Config(dict):
    def update(self, values, allow_val_change):
        super().update(values)


@pytest.fixture
def wandb(monkeypatch):
    """A module that records: what is logged stays a tuple of its kind and its arguments."""
    rows = []
    run = SimpleNamespace(
        id="1", config=Config(), rows=rows, log=rows.append, define_metric=lambda *names, **options: None, told=[]
    )
    run._tensorboard_callback = lambda folder, save, root_logdir: run.told.append((folder, root_logdir))
    kinds = {
        kind: (lambda *given, kind=kind, **named: (kind, given, named))
        for kind in ("Histogram", "Image", "Video", "Audio", "Table")
    }
    module = SimpleNamespace(run=run, patched={"tensorboard": [["tensorboardX.writer", "EventFileWriter"]]}, **kinds)
    monkeypatch.setitem(sys.modules, "wandb", module)
    return module


def logged(run):
    return {name: (row[name], row["global_step"]) for row in run.rows for name in row if name != "global_step"}


def test_everything_is_given_to_the_run(wandb, tmp_path):
    with observe(WandbRun(), tmp_path), SummaryWriter(tmp_path) as writer:
        write(writer)
    found = logged(wandb.run)
    assert [(row["loss"], row["global_step"]) for row in wandb.run.rows if "loss" in row] == [
        (1, 0),
        (0.5, 1),
        (0.25, 2),
    ]
    assert found["both_train/both"] == (1.0, 4)
    assert {"one": 1, "two": 2, "global_step": 5} in wandb.run.rows
    assert found["accuracy"] == (0.75, 0)
    assert found["note"] == ("words", 9)
    assert wandb.run.config == {"lr": 0.5, "name": "sgd"}
    assert not any(name.startswith("hparams_1") for name in found)
    counts, edges = found["weights"][0][2]["np_histogram"]
    assert (counts, len(edges)) == ([3, 3, 3], 4)
    counts, edges = found["many"][0][2]["np_histogram"]
    assert (sum(counts), len(counts) <= 512, len(edges) - len(counts)) == (1e4, True, 1)
    assert np.array_equal(found["picture"][0][1][0], IMAGE)
    assert [np.array_equal(one[1][0], IMAGE) for one in found["batch"][0]] == [True, True]
    assert np.array_equal(found["grey"][0][1][0], IMAGE[..., 0])
    assert found["video"][0][1][0].getvalue().startswith(b"GIF")
    assert found["sound"][0][2] == {"sample_rate": 44100}
    assert found["pr"][0][2]["columns"] == ["threshold", "precision", "recall"]
    assert "tensor" not in found


def test_a_run_must_be_active(wandb):
    wandb.run = None
    with pytest.raises(ValueError, match=r"no run is active; call wandb\.init"):
        WandbRun()


@pytest.mark.parametrize(
    ("make", "package", "advice"),
    [
        (WandbRun, "wandb", r"pip install 'fromzero\[wandb\]'"),
        (WandbSync, "wandb", r"pip install 'fromzero\[wandb\]'"),
        (MlflowRun, "mlflow", "pip install mlflow"),
    ],
)
def test_what_is_not_installed_is_named(make, package, advice, monkeypatch):
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ImportError, match=advice):
        make()


def test_sync_tells_the_directories_while_it_is_asked_for(wandb, tmp_path):
    with observe(WandbSync(), tmp_path):
        with SummaryWriter(tmp_path) as writer:
            write(writer)
        root = str(tmp_path)
        assert wandb.run.told == [(root, root), (f"{root}/both_train", root)]
        wandb.patched["tensorboard"] = []
        SummaryWriter(tmp_path).close()
        wandb.run = None
        SummaryWriter(tmp_path).close()
        assert len(wandb.run.told if wandb.run else []) == 0


@pytest.fixture
def mlflow(monkeypatch):
    def log_batch(run_id, metrics=(), params=()):
        module.batches.append((run_id, [*metrics], [*params]))

    entities = SimpleNamespace(Metric=lambda *given: given, Param=lambda *given: given)
    module = SimpleNamespace(
        batches=[], entities=entities, MlflowClient=lambda: SimpleNamespace(log_batch=log_batch),
        active=SimpleNamespace(info=SimpleNamespace(run_id="7")), active_run=lambda: module.active,
    )  # fmt: skip
    monkeypatch.setitem(sys.modules, "mlflow", module)
    return module


def test_numbers_and_hyperparameters_become_metrics_and_params(mlflow, tmp_path):
    with observe(MlflowRun(), tmp_path), SummaryWriter(tmp_path) as writer:
        write(writer)
        for step in range(2500):
            writer.add_scalar("long", step, step, walltime=1.5)
    metrics = [metric for _, found, _ in mlflow.batches for metric in found]
    assert {run for run, _, _ in mlflow.batches} == {"7"}
    assert [(name, step) for name, _, _, step in metrics if name == "long"] == [("long", step) for step in range(2500)]
    assert max(len(found) for _, found, _ in mlflow.batches) <= 1000
    assert ("long", 0.0, 1500, 0) in metrics
    assert ("both_train/both", 1.0) in [metric[:2] for metric in metrics]
    assert [param for _, _, params in mlflow.batches for param in params] == [("lr", "0.5"), ("name", "sgd")]


def test_without_an_active_run_nothing_goes_to_mlflow(mlflow, tmp_path):
    mlflow.active = None
    with observe(MlflowRun(), tmp_path), SummaryWriter(tmp_path) as writer:
        write(writer)
    assert mlflow.batches == []


# The real packages, offline.


def records(data):
    """The records of wandb's own file: frames in blocks of 32 KiB, each whole or in parts."""
    whole, place = b"", 7
    while place + 7 <= len(data):
        rest = 32768 - place % 32768
        if rest < 7:
            place += rest
            continue
        _, length, kind = struct.unpack_from("<IHB", data, place)
        whole += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in (1, 4):  # all of it, or its last part
            yield whole
            whole = b""


@pytest.fixture
def real_wandb(tmp_path, monkeypatch):
    """The real package in offline mode, and what its file holds: ``(rows, config)``."""
    wandb = pytest.importorskip("wandb", reason="logs to the real wandb (extra trackers)")
    from wandb.proto import wandb_internal_pb2 as pb

    monkeypatch.setenv("WANDB_SILENT", "true")
    monkeypatch.setenv("WANDB_ERROR_REPORTING", "false")

    def found():
        wandb.teardown()  # waits for the process that writes its file
        rows, config = [], {}
        (file,) = (tmp_path / "wandb").glob("offline-run-*/*.wandb")
        for record in map(pb.Record.FromString, records(file.read_bytes())):
            if record.WhichOneof("record_type") == "history":
                keys = [(item.key or item.nested_key[0], item) for item in record.history.item]
                rows.append({key: json.loads(item.value_json) for key, item in keys})
            config.update({item.key: json.loads(item.value_json) for item in record.config.update if item.key})
        return rows, config

    init = functools.partial(wandb.init, project="test", mode="offline", dir=str(tmp_path))
    return init, found


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_real_wandb_gets_everything(real_wandb, tmp_path):
    pytest.importorskip("PIL", reason="wandb makes pictures by Pillow")
    init, found = real_wandb
    with init() as run, observe(WandbRun(run), tmp_path), SummaryWriter(tmp_path / "log") as writer:
        write(writer)
    rows, config = found()
    assert [(row["loss"], row["global_step"]) for row in rows if "loss" in row] == [(1, 0), (0.5, 1), (0.25, 2)]
    names = {name for row in rows for name in row}
    expected = {"accuracy", "both_train/both", "one", "two", "weights", "many", "picture", "batch", "grey", "video"}
    assert expected | {"sound", "note", "pr"} <= names
    assert (config["lr"], config["name"]) == (0.5, "sgd")
    assert len(list(tmp_path.glob("wandb/offline-run-*/files/media/images/*.png"))) == 3  # a file for equal ones


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_real_wandb_notices_our_files_by_sync_tensorboard(real_wandb, tmp_path):
    pytest.importorskip("tensorboard", reason="wandb patches TensorBoard (extra board)")
    init, found = real_wandb
    with observe(WandbSync(), tmp_path):
        run = init(sync_tensorboard=True)
        with SummaryWriter(tmp_path / "log") as writer:
            for step in range(3):
                writer.add_scalar("loss", 1 / 2**step, step)
            writer.add_scalars("both", {"train": 1.0}, 4)
        run.finish()
    sys.modules["wandb"].tensorboard.unpatch()
    rows, _ = found()
    assert [(row["loss"], row["global_step"]) for row in rows if "loss" in row] == [(1, 0), (0.5, 1), (0.25, 2)]
    assert [row["both_train/both"] for row in rows if "both_train/both" in row] == [1.0]


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_the_real_mlflow_gets_metrics_and_params(tmp_path, monkeypatch):
    mlflow = pytest.importorskip("mlflow", reason="logs to the real mlflow (extra trackers)")
    monkeypatch.chdir(tmp_path)
    mlflow.set_tracking_uri(f"sqlite:///{tmp_path}/runs.db")
    with observe(MlflowRun(), tmp_path), mlflow.start_run() as run, SummaryWriter(tmp_path / "log") as writer:
        write(writer)
    client = mlflow.MlflowClient()
    history = client.get_metric_history(run.info.run_id, "loss")
    assert [(metric.step, metric.value) for metric in history] == [(0, 1), (1, 0.5), (2, 0.25)]
    data = client.get_run(run.info.run_id).data
    assert data.params == {"lr": "0.5", "name": "sgd"}
    assert data.metrics["both_train/both"] == 1.0
