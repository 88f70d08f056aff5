"""Many processes compute what one computes, and none waits for another without end; skipped without mpi4py."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import tbwriter

pytest.importorskip("mpi4py", reason="needs MPI: pip install 'fromzero[mpi]'")
try:
    from mpi4py import MPI as MPI
except RuntimeError as error:  # mpi4py is there, an MPI library is not
    pytest.skip(str(error).splitlines()[0], allow_module_level=True)
PROGRAM = Path(__file__).with_name("program.py")
MPIEXEC = Path(sys.executable).with_name("mpiexec")


def run(name, ranks, *arguments):
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROGRAM.parents[2])}
    command = [
        str(MPIEXEC if MPIEXEC.exists() else "mpiexec"),
        "-n",
        str(ranks),
        sys.executable,
        str(PROGRAM),
        name,
        *map(str, arguments),
    ]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, env=env)


def result(name, ranks, *arguments):
    done = run(name, ranks, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def apart(a, b):
    """The largest difference between two results of the same shape."""
    flat = [np.concatenate([np.ravel(part) for whole in r for part in whole]) for r in (a, b)]
    return np.abs(flat[0] - flat[1]).max()


@pytest.mark.parametrize("ranks", [2, 4])
@pytest.mark.parametrize(
    "name",
    ["batch_norm_in_evaluation", "synchronous_batch_norm", "language_model", "accumulation", "sharded"],
)
def test_many_processes_train_as_one_does(name, ranks):
    assert apart(result(name, 1), result(name, ranks)) < 1e-12


def test_single_precision_stays_together_for_a_hundred_steps():
    assert apart(result("single_precision", 1), result("single_precision", 2)) < 1e-5


def test_a_sharded_optimiser_is_saved_whole_and_follows_a_schedule():
    one, names, owned = result("sharded_state", 1)
    for ranks in (2, 4):
        others = result("sharded_state", ranks)
        np.testing.assert_allclose(np.concatenate(others[0]), np.concatenate(one), atol=1e-12)
        assert others[1:] == [names, owned]
    assert names == [0, 1, 2, 3]
    assert owned == 4


def test_a_parameter_that_only_some_use_gets_their_share():
    assert result("unused", 2) == {"all": 2.0, "first": 3.0, "none": None}


def test_the_calls_of_all_processes():
    found = result("calls", 2)
    for dtype in ("float32", "float64", "int64", "uint8", "float16"):
        assert found[dtype] == [3, 4]
    assert found["bool"] == [True, True]
    assert (found["SUM"], found["AVG"], found["PRODUCT"]) == ([3, 4], [1.5, 2], [2, 4])
    assert (found["MIN"], found["MAX"]) == ([1, 2], [2, 2])
    assert found["broadcast"] == [1]
    assert found["all_gather"] == [[0, 5], [1, 5]]
    assert found["gather"] == [[0, 1], [1, 2]]  # process 1 has the sum, process 0 its own
    assert found["scatter"] == [9, 0]
    assert found["objects"] == [{"rank": 0, "text": "x"}, 1]
    assert found["backend"] == "mpi"


def test_different_models_are_told_apart():
    text = result("other_models", 2)
    where = "weight is ((1, 2), 'float32') in rank 0 and ((2, 2), 'float32') in rank 1; build the same model in all"
    assert text == f"DistributedDataParallel: the processes have different models: {where}"


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("raises", ["rank 1 of 2 raised:", "ValueError: the second process cannot go on"]),
        ("leaves", ["rank 0 of 2: barrier has waited", "rank 1 has ended"]),
        ("killed", ["signal 9"]),
        ("hangs", ["rank 0 of 2: all_reduce has waited", "rank 1 does not answer: it computes without a pause"]),
    ],
)
def test_a_process_that_is_missing_ends_all_with_a_sentence(name, said):
    done = run(name, 2)
    assert done.returncode != 0
    told = done.stdout + done.stderr
    assert all(sentence in told for sentence in said), told


def command(ranks, *arguments):
    env = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(PROGRAM.parents[2])}
    mpiexec = str(MPIEXEC if MPIEXEC.exists() else "mpiexec")
    whole = [mpiexec, "-n", str(ranks), sys.executable, "-m", "nn.cli", *map(str, arguments)]
    return subprocess.run(whole, capture_output=True, text=True, timeout=120, check=False, env=env)


def test_an_example_is_trained_by_the_processes_of_mpiexec(tmp_path):
    done = command(2, "train", "mlp", "--quick", "--quiet", "--log-dir", tmp_path / "run")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("A perceptron on two moons") == 1
    assert len(list((tmp_path / "run").rglob("*tfevents*"))) == 1
    done = command(2, "train", "xor", "--log-dir", tmp_path / "other")
    assert done.returncode != 0
    assert "train: xor is for one process, got 2; together they can train mlp" in done.stderr


def test_processes_that_log_into_one_directory_lose_and_mix_nothing(tmp_path):
    assert run("logs", 4, tmp_path / "run").returncode == 0
    curves = [np.round(rank + np.arange(300) / 1000, 3) for rank in range(4)]
    shared = tbwriter.read_scalars(tmp_path / "run")
    for rank, curve in enumerate(curves):
        for steps, values in (shared[f"loss/{rank}"], tbwriter.read_scalars(tmp_path / "run" / f"rank{rank}")["loss"]):
            assert steps.tolist() == list(range(300))
            np.testing.assert_allclose(values, curve, rtol=1e-6)


class TestTrainer:
    def test_processes_together_train_log_and_save_as_one(self, tmp_path):
        one = result("trainer", 1, tmp_path / "one")
        two = result("trainer", 2, tmp_path / "two")
        np.testing.assert_allclose(np.concatenate(two[0]), np.concatenate(one[0]), atol=1e-12)
        for name in ("loss_epoch", "val_loss"):
            np.testing.assert_allclose(two[1][name], one[1][name], atol=1e-12)
        assert two[2] == pytest.approx(one[2], abs=1e-12)
        assert [path.name for path in (tmp_path / "two").iterdir()] == ["version_0"]
        names = [
            sorted(path.name for path in (tmp_path / n / "version_0" / "checkpoints").iterdir()) for n in ("one", "two")
        ]
        assert names[0] == names[1] != []
        assert Path(two[3]).parent == tmp_path / "two" / "version_0" / "checkpoints"

    def test_a_run_goes_on_with_another_number_of_processes(self, tmp_path):
        whole = result("trainer", 1, tmp_path / "whole")
        result("trainer_first_half", 4, tmp_path / "parts")  # which ends within the second epoch
        rest = result("trainer_second_half", 2, tmp_path / "parts")
        np.testing.assert_allclose(np.concatenate(rest[0]), np.concatenate(whole[0]), atol=1e-12)
        np.testing.assert_allclose(rest[1]["loss_epoch"], whole[1]["loss_epoch"][1:], atol=1e-12)

    def test_an_error_of_one_process_is_told_and_its_state_is_saved(self, tmp_path):
        done = run("trainer_fails", 2, tmp_path)
        assert done.returncode != 0
        assert "rank 1 of 2 raised:" in done.stderr
        assert "RuntimeError: this batch is bad" in done.stderr
        assert (tmp_path / "version_0" / "checkpoints" / "exception.ckpt").exists()
