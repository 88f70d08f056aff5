"""`fromzero runs LOG_DIR` compares runs of any writer by their event files alone."""

import json
import math

import numpy as np
import pytest

from nn.cli import main
from nn.commands.comparison import LEVELS, PLAIN_LEVELS, direction_of, sparkline
from tbwriter import SummaryWriter


@pytest.fixture
def tree(tmp_path):
    """Eleven trials; one failed, one has no hyperparameters; of two metrics less and more is better."""
    for number in range(11):
        with SummaryWriter(tmp_path / f"trial_{number}") as writer:
            for step in range(20):
                writer.add_scalar("val/loss", (number + 1) / (step + 1) + (step == 19), step)
                writer.add_scalar("accuracy", step / 20 - number / 100, step)
                writer.add_scalar("lr", 0.5**step, step)
            if number != 10:
                writer.add_hparams({"width": 2**number, "optimizer": "adam" if number % 2 else "sgd", "epochs": 20})
    return tmp_path


@pytest.fixture(autouse=True)
def wide(monkeypatch):
    """A terminal wide enough for the title, which has the path of a test's folder."""
    monkeypatch.setenv("COLUMNS", "400")


def runs(capsys, *arguments):
    """The lines of the table, as cells."""
    assert main(["runs", *map(str, arguments)]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return [line.split() for line in out.splitlines()]


def as_json(capsys, *arguments):
    assert main(["runs", *map(str, arguments), "--json"]) == 0

    def refuse(name):
        raise AssertionError(f"{name} is not JSON")

    return json.loads(capsys.readouterr().out, parse_constant=refuse)["runs"]


def test_the_best_run_is_the_first_and_has_configuration_best_last_and_curve(tree, capsys):
    lines = runs(capsys, tree)
    assert lines[0] == [str(tree), "(all", "that", "have", "hyperparameters:", "epochs", "20)"]
    header = ["run", "optimizer", "width", "val/loss", "(min)", "val/loss", "(last)", "curve"]
    assert lines[1] == [*header, "accuracy", "(max)", "accuracy", "(last)", "curve"]
    name, optimizer, width, best, last, curve, *_ = lines[3]
    assert (name, optimizer, width, best, last) == ("trial_0", "sgd", "1", "0.05263", "1.05")
    assert (curve[-1], len(curve)) == ("█", 12)
    assert [line[0] for line in lines[3:]] == [f"trial_{number}" for number in range(11)]


def test_metrics_are_chosen_so_that_few_runs_have_none_of_them(tmp_path, capsys):
    for number, tags in enumerate(["loss loss/batch accuracy", "loss loss/batch accuracy", "reward", ""]):
        with SummaryWriter(tmp_path / str(number)) as writer:
            writer.add_scalar("other", 1, 1)
            for tag in tags.split():
                writer.add_scalar(tag, 0.5, 1)
    shown = " ".join(runs(capsys, tmp_path)[1])
    assert shown == "run loss (min) loss (last) curve reward (max) reward (last) curve"


def test_a_long_hyperparameter_is_cut(tmp_path, capsys):
    for number in range(2):
        with SummaryWriter(tmp_path / str(number)) as writer:
            writer.add_hparams({"model": f"{number} {'conv ' * 20}"}, {"loss": 1})
    assert max(len(" ".join(line)) for line in runs(capsys, tmp_path)[1:]) < 80


def test_what_all_runs_share_is_said_once(tmp_path, capsys):
    for number in range(2):
        with SummaryWriter(tmp_path / str(number)) as writer:
            writer.add_hparams({"width": number, "epochs": 20}, {"loss": number})
    lines = runs(capsys, tmp_path)
    assert lines[0][1:] == ["(all:", "epochs", "20)"]
    assert lines[1][:3] == ["run", "width", "loss"]


@pytest.mark.parametrize(
    ("options", "first", "last"),
    [
        (["--sort", "run"], 0, 10),
        (["--sort", "run", "--reverse"], 10, 0),
        (["--sort", "width", "--reverse"], 9, 10),  # the one without hyperparameters is last, either way
        (["--sort", "accuracy"], 0, 10),
        (["--sort", "val/loss", "--reverse"], 10, 0),
        (["--sort", "optimizer"], 1, 10),
    ],
)
def test_runs_are_sorted_by_names_metrics_and_hyperparameters(tree, capsys, options, first, last):
    names = [run["run"] for run in as_json(capsys, tree, *options)]
    assert (names[0], names[-1]) == (f"trial_{first}", f"trial_{last}")


def test_json_has_all_metrics_with_best_and_last(tree, capsys):
    run = as_json(capsys, tree)[3]
    assert (run["run"], run["status"]) == ("trial_3", "success")
    assert run["config"] == {"width": 8, "optimizer": "adam", "epochs": 20}
    assert run["metrics"]["val/loss"] == {
        "best": float(np.float32(4 / 19)), "best_step": 18, "last": float(np.float32(4 / 20 + 1)), "last_step": 19,
        "values": 20, "direction": "min",
    }  # fmt: skip
    assert run["metrics"]["lr"]["direction"] is None
    (only,) = {tuple(run["metrics"]) for run in as_json(capsys, tree, "--metric", "accuracy")}
    assert only == ("accuracy",)


def test_the_direction_of_a_metric_can_be_told(tree, capsys):
    run = as_json(capsys, tree, "--max", "lr", "--min", "accuracy", "--sort", "accuracy")[0]
    assert run["run"] == "trial_10"
    assert (run["metrics"]["lr"]["best_step"], run["metrics"]["accuracy"]["best_step"]) == (0, 0)


def test_at_40_columns_each_run_is_a_block_that_fits(tree, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert main(["runs", str(tree)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 40
    assert ["run", "trial_0"] in [line.split() for line in lines]
    assert any(
        line.split()[:2] == ["curve", line.split()[-1]] and set(line.split()[-1]) <= set(LEVELS)
        for line in lines
        if line
    )


def test_what_is_not_finite_harms_no_comparison(tmp_path, capsys):
    for number, values in enumerate([[math.nan, 1, 2], [math.nan] * 3, [math.inf, 0.5, math.nan]]):
        with SummaryWriter(tmp_path / str(number)) as writer:
            for step, value in enumerate(values):
                writer.add_scalar("loss", value, step)
    found = as_json(capsys, tmp_path)
    assert [run["run"] for run in found] == ["2", "0", "1"]
    assert [run["metrics"]["loss"].get("best") for run in found] == [0.5, 1.0, None]
    assert found[0]["metrics"]["loss"]["last"] == "NaN"
    lines = runs(capsys, tmp_path)
    assert [line[-1] for line in lines[3:]] == ["x▁x", "x▁█", "xxx"]


def test_a_run_that_failed_and_one_that_runs_are_told(tmp_path, capsys):
    failed = SummaryWriter(tmp_path / "failed")
    failed.add_hparams({"lr": 0.5}, {"loss": 1})
    failed.__exit__(ZeroDivisionError, ZeroDivisionError(), None)
    running = SummaryWriter(tmp_path / "running")
    running.add_hparams({"lr": 0.25}, {"loss": 2})
    running.flush()
    lines = runs(capsys, tmp_path)
    assert [line[:2] for line in lines[1:2] + lines[3:]] == [
        ["run", "status"],
        ["failed", "failure"],
        ["running", "running"],
    ]
    running.close()


def test_series_belong_to_their_run_and_other_runs_below_it_do_not(tmp_path, capsys):
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalars("loss/both", {"train": 1, "test": 2}, 1)
        writer.add_hparams({"lr": 0.5}, {"loss": 1})
    with SummaryWriter(tmp_path / "other") as writer:
        writer.add_scalar("loss", 3, 1)
    found = {run["run"]: run for run in as_json(capsys, tmp_path)}
    assert set(found) == {".", "other"}
    assert set(found["."]["metrics"]) == {"loss", "loss_both_train/loss/both", "loss_both_test/loss/both"}


def test_runs_without_hyperparameters_belong_to_the_one_above_that_has_some(tmp_path, capsys):
    for number in range(2):
        with SummaryWriter(tmp_path / str(number)) as writer:
            writer.add_hparams({"lr": number}, {"loss": number})
        with SummaryWriter(tmp_path / str(number) / "validation") as writer:
            writer.add_scalar("loss", 2 * number, 1)
    with SummaryWriter(tmp_path / "plain" / "below") as writer:
        writer.add_scalar("loss", 7, 1)
    with SummaryWriter(tmp_path / "plain") as writer:
        writer.add_scalar("loss", 8, 1)
    found = {run["run"]: run["metrics"] for run in as_json(capsys, tmp_path)}
    assert set(found) == {"0", "1", "plain", "plain/below"}
    assert found["1"]["validation/loss"]["last"] == 2


@pytest.mark.parametrize("library", ["torch.utils.tensorboard", "tensorboardX"])
def test_runs_of_other_writers(tmp_path, capsys, library):
    """They put hyperparameters into a directory below the run's, which is named by the time."""
    writers = pytest.importorskip(library, reason="reads runs of another writer (extra oracle)")
    for number in range(2):
        with writers.SummaryWriter(str(tmp_path / str(number))) as writer:
            for step in range(3):
                writer.add_scalar("loss", number + 1 / (step + 1), step)
            writer.add_hparams({"lr": 0.5 + number}, {"accuracy": 0.75})
    found = as_json(capsys, tmp_path)
    assert [run["run"] for run in found] == ["0", "1"]
    assert [run["config"] for run in found] == [{"lr": 0.5}, {"lr": 1.5}]
    assert found[0]["metrics"]["loss"]["best"] == np.float32(1 / 3)
    assert found[1]["metrics"]["accuracy"]["last"] == 0.75


def test_damage_is_told_and_the_rest_compared(tree, capsys):
    (file,) = (tree / "trial_3").glob("*tfevents*")
    data = bytearray(file.read_bytes())
    data[200] ^= 1
    file.write_bytes(data)
    assert main(["runs", str(tree)]) == 0
    out, err = capsys.readouterr()
    assert err.startswith(f"runs: {file}: the record at byte ")
    assert "trial_3" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--sort", "accurracy"], "no run has the metric or hyperparameter accurracy; did you mean accuracy?"),
        (["--metric", "f1"], "no run has the metric f1; there are val/loss, accuracy, lr"),
        (["--max", "los"], "no run has the metric los; did you mean"),
    ],
)
def test_unknown_names_are_told_the_nearest(tree, capsys, options, message):
    assert main(["runs", str(tree), *options]) == 1
    assert message in capsys.readouterr().err


def test_a_directory_without_runs_is_an_error(tmp_path, capsys):
    assert main(["runs", str(tmp_path / "none")]) == 1
    assert "runs: there is no directory" in capsys.readouterr().err
    assert main(["runs", str(tmp_path)]) == 1
    assert "holds no runs with metrics or hyperparameters" in capsys.readouterr().err


def test_a_sparkline_shows_where_a_curve_rises_and_falls():
    assert sparkline(np.arange(8.0), 8) == LEVELS
    assert sparkline(np.ones(3)) == "▁▁▁"
    assert len(sparkline(np.arange(1000.0))) == 12


def test_an_output_without_these_characters_gets_plain_ones(monkeypatch):
    class Ascii:
        encoding = "ascii"

    monkeypatch.setattr("nn.commands.comparison.sys.stdout", Ascii())
    assert sparkline(np.arange(8.0), 8) == PLAIN_LEVELS


def test_the_words_of_a_name_tell_its_direction():
    names = [
        "loss",
        "val_loss",
        "train/accuracy",
        "top5_acc",
        "perplexity",
        "episode_return",
        "weights",
        "lr",
        "mse/f1",
    ]
    assert list(map(direction_of, names)) == ["min", "min", "max", "max", "min", "max", None, None, "max"]
