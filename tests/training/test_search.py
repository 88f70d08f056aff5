"""A search trains once for each configuration, on any executor with the same results, and leaves runs to compare."""

import contextlib
import math
import os
import subprocess
import sys
import threading
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

import nn
from nn.training import grid, sample, search
from tbwriter import SummaryWriter, list_runs, read_values

ROOT = Path(__file__).resolve().parents[2]


def train(config, writer):
    """A line through noise: its start is random, so that a wrong seed shows."""
    model = nn.Linear(2, 1)
    optimizer = nn.optim.SGD(model.parameters(), lr=config["lr"])
    x = nn.randn(16, 2)
    y = x.sum(1, keepdim=True)
    for step in range(config.get("steps", 5)):
        optimizer.zero_grad()
        loss = nn.functional.mse_loss(model(x), y)
        loss.backward()
        optimizer.step()
        if writer is not None:
            writer.add_scalar("loss", loss.item(), step)
    return {"loss": loss, "steps": step + 1}


def fail_at_half(config, writer):
    if config["lr"] == 0.5:
        raise FloatingPointError("too fast")
    return train(config, writer)


CONFIGS = grid(lr=[0.01, 0.1, 0.5], steps=[2, 5])


def test_a_grid_is_every_combination():
    assert grid(a=[1, 2], b=["x", "y"], c=(None,)) == [
        {"a": a, "b": b, "c": None} for a in (1, 2) for b in ("x", "y")
    ]  # fmt: skip
    assert grid() == [{}]
    assert len(grid(lr=np.logspace(-3, -1, 3))) == 3


def test_a_sample_is_drawn_by_its_seed_from_lists_and_by_functions():
    draws = sample(200, seed=1, lr=lambda rng: 10 ** rng.uniform(-3, -1), width=[4, 8, 16])
    assert draws == sample(200, seed=1, lr=lambda rng: 10 ** rng.uniform(-3, -1), width=[4, 8, 16])
    assert {draw["width"] for draw in draws} == {4, 8, 16}
    assert all(1e-3 < draw["lr"] < 1e-1 for draw in draws)
    assert len({draw["lr"] for draw in draws}) == 200


def test_the_best_is_first():
    trials = search(train, CONFIGS, monitor="loss")
    losses = [trial.metrics["loss"] for trial in trials]
    assert losses == sorted(losses)
    assert sorted(trial.number for trial in trials) == list(range(6))
    worst = search(train, CONFIGS, monitor="loss", mode="max")
    assert [trial.number for trial in worst] == [trial.number for trial in reversed(trials)]


def test_each_trial_has_the_random_numbers_of_its_seed():
    (alone,) = search(train, CONFIGS[2:3], monitor="loss", seed=12)
    among = next(trial for trial in search(train, CONFIGS, monitor="loss", seed=10) if trial.number == 2)
    assert alone.metrics == among.metrics


def compared(trials):
    return [(trial.number, trial.config, trial.metrics) for trial in trials]


def test_a_process_pool_gives_the_same(tmp_path):
    here = search(train, CONFIGS, monitor="loss")
    with ProcessPoolExecutor(2) as executor:
        pool = search(
            train, CONFIGS, monitor="loss", executor=executor, logger=SummaryWriter, default_root_dir=tmp_path
        )
    assert compared(pool) == compared(here)
    assert len(list(tmp_path.glob("trial_*"))) == 6


def test_runs_hold_curves_hyperparameters_and_results(tmp_path):
    trials = search(train, CONFIGS, monitor="loss", logger=SummaryWriter, default_root_dir=tmp_path)
    for trial in trials:
        found = [value for value in read_values(trial.log_dir) if value.run == "."]
        assert [value.value for value in found if value.tag == "_hparams_/session_start_info"] == [trial.config]
        assert [value.value["status"] for value in found if value.tag == "_hparams_/session_end_info"] == ["success"]
        losses = [value.value for value in found if value.tag == "loss"]
        assert len(losses) == trial.config["steps"] + 1
        assert losses[-1] == np.float32(trial.metrics["loss"])
    assert [name for name in list_runs(tmp_path) if "/" not in name] == [f"trial_{number}" for number in range(6)]


def test_a_trial_that_fails_ends_no_other_and_is_the_last(tmp_path):
    trials = search(fail_at_half, CONFIGS, monitor="loss", logger=SummaryWriter, default_root_dir=tmp_path)
    assert [trial.error for trial in trials] == [None] * 4 + ["FloatingPointError: too fast"] * 2
    assert trials[-1].metrics == {}
    ends = [value for value in read_values(trials[-1].log_dir) if value.tag == "_hparams_/session_end_info"]
    assert [end.value["status"] for end in ends] == ["failure"]


def test_nan_is_behind_all_numbers():
    trials = search(lambda config, writer: config, [{"x": math.nan}, {"x": 2}, {"x": 1}], monitor="x", mode="max")
    assert [trial.number for trial in trials] == [1, 2, 0]


def test_any_writer_does():
    notes = []

    class Plain:
        def __init__(self, folder):
            self.folder = folder

        def add_scalar(self, tag, value, step):
            notes.append((self.folder, tag))

        def close(self):
            notes.append((self.folder, "closed"))

    search(train, CONFIGS[:1], monitor="loss", logger=Plain, default_root_dir="nowhere")
    assert notes == [("nowhere/trial_0", "loss")] * 2 + [("nowhere/trial_0", "closed")]


def test_a_trainer_logs_into_the_trial_s_run(tmp_path):
    def fit(config, writer):
        model, data = nn.Linear(2, 1), [(nn.ones(4, 2), nn.zeros(4, 1))] * 3
        trainer = nn.training.Trainer(
            max_epochs=2, logger=writer, enable_checkpointing=False, enable_progress_bar=False, log_every_n_steps=1
        )
        optimizer = nn.optim.SGD(model.parameters(), lr=config["lr"])
        trainer.fit(model, data, criterion=nn.MSELoss(), optimizer=optimizer)
        return trainer.callback_metrics

    search(fit, grid(lr=[0.1, 0.2]), monitor="train_loss", logger=SummaryWriter, default_root_dir=tmp_path)
    tags = {value.tag for value in read_values(tmp_path / "trial_0")}
    assert {"train_loss_step", "train_loss", "_hparams_/session_start_info"} <= tags


def test_an_interrupted_search_gives_up_what_waits():
    started = threading.Semaphore(0)
    count = []

    def interrupted(config, writer):
        count.append(config)
        started.release()
        raise KeyboardInterrupt

    with ThreadPoolExecutor(1) as executor, pytest.raises(KeyboardInterrupt):
        search(interrupted, [{}] * 100, monitor="loss", executor=executor)
    assert len(count) < 100


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (dict(configs=[]), ValueError, "expected at least one configuration, got none"),
        (dict(configs=[3]), TypeError, "a configuration must be a dictionary, got int"),
        (dict(configs=CONFIGS[:1], mode="least"), ValueError, "mode must be 'min' or 'max', got 'least'"),
        (dict(configs=CONFIGS[:1], monitor="los"), ValueError, "got 'los'; did you mean 'loss'"),
        (dict(configs=CONFIGS[:1], logger="runs"), TypeError, "logger must be a class or function that makes a writer"),
        (dict(configs=[{}]), RuntimeError, "every trial failed; the first one's error is KeyError: 'lr'"),
    ],
)
def test_a_wrong_argument_is_named(arguments, kind, message):
    with pytest.raises(kind, match=message):
        search(train, **{"monitor": "loss", **arguments})


def test_wrong_axes_are_named():
    with pytest.raises(ValueError, match=r"grid: lr must be a list of values, got 0.1; give \[0.1\]"):
        grid(lr=0.1)
    with pytest.raises(ValueError, match="grid: name must be a list of values, got 'adam'"):
        grid(name="adam")
    with pytest.raises(ValueError, match="sample: lr must have at least one value, got none"):
        sample(1, lr=[])
    with pytest.raises(ValueError, match="trials must be a whole number of 1 or more, got 0"):
        sample(0, lr=[1])


def test_a_folder_that_holds_trials_is_refused(tmp_path):
    search(train, CONFIGS[:1], monitor="loss", logger=SummaryWriter, default_root_dir=tmp_path)
    with pytest.raises(FileExistsError, match="holds trials already; choose another default_root_dir"):
        search(train, CONFIGS[:1], monitor="loss", logger=SummaryWriter, default_root_dir=tmp_path)


CLUSTER = """
import sys
from test_search import CONFIGS, compared, search, train, SummaryWriter
def run(executor):
    options = dict(executor=executor, logger=SummaryWriter, default_root_dir=sys.argv[1])
    trials = search(train, CONFIGS, monitor="loss", **options)
    assert compared(trials) == compared(search(train, CONFIGS, monitor="loss"))
    print("the same")
if __name__ == "__main__":
"""


def on_a_cluster(tmp_path, program, *launcher):
    script = tmp_path / "script.py"
    script.write_text(CLUSTER + program)
    command = [*launcher, sys.executable, *(["-m", "mpi4py.futures"] if launcher else []), str(script)]
    done = subprocess.run(
        [*command, str(tmp_path / "runs")], capture_output=True, text=True, timeout=300, check=False,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{Path(__file__).parent}"},
    )  # fmt: skip
    assert "the same" in done.stdout, done.stderr
    assert len(list((tmp_path / "runs").glob("trial_*"))) == 6


@pytest.mark.slow
def test_dask_gives_the_same(tmp_path):
    pytest.importorskip("dask.distributed", reason="searches on Dask (extra cluster)")
    program = """
    from dask.distributed import Client
    with Client(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as client:
        run(client.get_executor())
"""
    on_a_cluster(tmp_path, program)


@pytest.mark.slow
def test_mpi_gives_the_same(tmp_path):
    pytest.importorskip("mpi4py", reason="searches on MPI (extra mpi)")
    program = """
    from mpi4py.futures import MPIPoolExecutor
    with MPIPoolExecutor() as executor:
        run(executor)
"""
    launcher = Path(sys.executable).with_name("mpiexec")
    on_a_cluster(tmp_path, program, str(launcher) if launcher.exists() else "mpiexec", "-n", "3")


def test_the_hparams_tab_compares_the_trials(tmp_path):
    pytest.importorskip("tensorboard", reason="serves the runs with stock TensorBoard (extra board)")
    from tests.tbwriter.conftest import Server

    trials = search(train, CONFIGS, monitor="loss", logger=SummaryWriter, default_root_dir=tmp_path)
    query = {"startIndex": 0, "sliceSize": 10, "allowedStatuses": ["STATUS_SUCCESS"], "colParams": []}
    with contextlib.closing(Server(tmp_path, "--load_fast=true")) as server:
        server.wait_for(lambda: len(server.json("runs")) == 12)
        server.wait_for(lambda: server.post("plugin/hparams/experiment", {}).get("metricInfos"))
        groups = server.post("plugin/hparams/session_groups", query)["sessionGroups"]
    shown = {
        group["name"]: (group["hparams"], {metric["name"]["tag"]: metric["value"] for metric in group["metricValues"]})
        for group in groups
    }
    assert shown == {
        f"trial_{trial.number}": (trial.config, {name: np.float32(value) for name, value in trial.metrics.items()})
        for trial in trials
    }
