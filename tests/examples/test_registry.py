"""Every example of the table trains by its name, logs what it promises, and goes on where it was broken off."""

import json

import pytest

import nn.training
from nn.cli import main
from nn.examples import mlp
from nn.examples.registry import EXAMPLES, listing
from nn.examples.reinforcement import reinforce
from nn.examples.resuming import Keeper
from tbwriter import read_events, read_scalars

LOGGED = {
    "mlp": {"train_loss_step", "val_accuracy", "plane", "weights/0.weight"},
    "lenet": {"train_loss_step", "val_accuracy", "filters/conv1", "feature_maps/conv1", "confusion_matrix"},
    "resnet": {"train_loss_step", "val_accuracy", "filters/conv1", "gradient_norm/all", "test_accuracy"},
    "unet": {"train_loss_step", "val_iou", "val_iou/ground", "masks"},
    "vae": {"train_loss_step", "val_loss/divergence", "reconstructions", "samples", "map"},
    "dcgan": {"loss/judge", "loss/painter", "judged_real/paintings", "paintings", "weights/main/0/weight"},
    "lstm": {"train_bits_step", "val_bits", "val_perplexity", "sample/temperature_0.5", "sample/temperature_1.0"},
    "gpt": {
        "train_bits_step",
        "val_bits",
        "sample/temperature_0.8",
        "attention/transformer.h.0.attn",
        "result/new_after",
    },
    "reinforce": {"return/episode", "return/mean_of_100", "value_map", "episode"},
    "ppo": {"return/episode", "policy/entropy", "policy/action_0", "loss/value", "value_map", "episode"},
    "dqn": {"return/episode", "length", "value_map", "episode"},
}


def train(name, folder, *options):
    if "env" in EXAMPLES[name].takes and "--resume" not in options:
        options = ("--env", "gridworld", *options)
    return main(["train", name, "--quiet", "--log-dir", str(folder), *options])


def curves(folder):
    """{tag: [(step, value)]} of all files of a run, as TensorBoard shows them: what a later file purges is gone."""
    found = {}
    for path in sorted(folder.rglob("*tfevents*"), key=lambda path: path.stat().st_mtime_ns):
        for event in read_events(path):
            if event.HasField("session_log"):
                for tag in found:
                    found[tag] = [(step, value) for step, value in found[tag] if step < event.step]
            for value in event.summary.value:
                if value.HasField("simple_value"):
                    found.setdefault(value.tag, []).append((event.step, value.simple_value))
    return found


@pytest.mark.parametrize("name", LOGGED)
def test_an_example_trains_logs_and_prints_its_table(name, tmp_path, capsys):
    assert train(name, tmp_path, "--quick") == 0
    out = capsys.readouterr().out
    assert "1 seed\n  seed  " in out
    assert f"fromzero board {tmp_path}" in out
    assert "article" not in out
    tags = {v.tag for path in tmp_path.rglob("*tfevents*") for e in read_events(path) for v in e.summary.value}
    assert {tag for tag in LOGGED[name] if tag not in tags} == {
        tag for tag in LOGGED[name] if tag.startswith("sample/")
    }  # texts have a name of their own
    assert {f"{tag}/text_summary" for tag in LOGGED[name] if tag.startswith("sample/")} <= tags


class Killed(BaseException):
    """As abrupt as SIGKILL: nothing in the package catches it."""


EPOCHS = {"mlp": 3, "lstm": 3, "dcgan": 3, "reinforce": 12, "ppo": 20, "dqn": 22}


@pytest.mark.parametrize("name", EPOCHS)
def test_a_run_that_was_killed_goes_on_exactly(name, tmp_path, monkeypatch, capsys):
    if name == "reinforce":
        monkeypatch.setattr(reinforce, "SAVED", 5)
    chosen = ("--quick", "--epochs", str(EPOCHS[name]), "--seed", "5")
    assert train(name, tmp_path / "whole", *chosen) == 0
    owner, method = (nn.training.Trainer, "save_checkpoint") if name in ("mlp", "lstm") else (Keeper, "save")
    save, saved = getattr(owner, method), []

    def save_and_die(*args, **kwargs):
        save(*args, **kwargs)
        saved.append(1)
        if len(saved) == (2 if EPOCHS[name] == 3 else 1):
            raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(owner, method, save_and_die)
        with pytest.raises(Killed):
            train(name, tmp_path / "cut", *chosen)
    assert train(name, tmp_path / "cut", "--resume") == 0
    assert curves(tmp_path / "cut") == curves(tmp_path / "whole")
    whole, cut = capsys.readouterr().out.split("Logged.")[:2]
    assert [line.split()[:3] for line in cut.splitlines()[-5:]] == [
        line.split()[:3] for line in whole.splitlines()[-5:]
    ]


@pytest.mark.parametrize("name", ["dcgan", "mlp", "reinforce"])
def test_a_run_that_was_killed_before_it_saved_anything_begins_again_without_a_zig_zag(name, tmp_path, monkeypatch):
    owner, method = (nn.training.Trainer, "save_checkpoint") if name == "mlp" else (Keeper, "save")

    def die(*args, **kwargs):
        raise Killed

    chosen = ("--quick", "--epochs", "2")
    assert train(name, tmp_path / "whole", *chosen) == 0
    with monkeypatch.context() as patch:
        patch.setattr(owner, method, die)
        with pytest.raises(Killed):
            train(name, tmp_path / "cut", *chosen)
    assert train(name, tmp_path / "cut", "--resume") == 0
    assert curves(tmp_path / "cut") == curves(tmp_path / "whole")
    assert {path.name for path in (tmp_path / "cut").glob("version_*")} <= {"version_0"}


def test_an_interrupt_says_how_to_go_on(tmp_path, monkeypatch, capsys):
    def interrupt(*args):
        raise KeyboardInterrupt

    monkeypatch.setattr(mlp.Moons, "training_step", interrupt)
    assert train("mlp", tmp_path, "--quick") == 130
    assert f"To go on: fromzero train mlp --resume --log-dir {tmp_path}\n" in capsys.readouterr().err
    monkeypatch.undo()
    assert train("mlp", tmp_path, "--resume") == 0


def test_a_finished_run_goes_on_for_more_epochs(tmp_path):
    train("mlp", tmp_path, "--quick", "--epochs", "1")
    assert train("mlp", tmp_path, "--resume", "--epochs", "3") == 0
    [run] = [path for path in tmp_path.iterdir() if path.is_dir()]
    steps, _ = read_scalars(run)["val_loss"]
    assert len(steps) == 3


def test_several_seeds_are_rows_of_a_table_and_runs_of_their_own(tmp_path, capsys):
    assert train("mlp", tmp_path, "--quick", "--seeds", "2", "--seed", "3") == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert [row[0] for row in rows if row and row[0] in ("3", "4", "mean")] == ["3", "4", "mean"]
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == ["seed-3", "seed-4"]


@pytest.mark.parametrize(
    ("command", "sentence"),
    [
        (["mlp", "--resume"], "holds no run to go on with; leave out --resume to begin one"),
        (["vae", "--resume"], "holds a run of mlp, got vae; name mlp to go on with it"),
        (["mlp", "--resume", "--seed", "4"], "was begun with seed 0, got 4; leave out --seed, since a run goes on"),
        (["mlp", "--resume", "--lr", "1"], "was begun with lr None, got 1.0; leave out --lr, since a run goes on"),
        (["xor", "--resume"], "train: --resume belongs to mlp, lenet, resnet, "),
        (["cnn", "--quick"], "train: --quick belongs to mlp, lenet, resnet, "),
        (["mlp", "--augment"], "train: --augment belongs to cnn, not to mlp; leave it out"),
    ],
)  # fmt: skip
def test_options_that_do_not_fit_are_refused(command, sentence, tmp_path, capsys):
    if "no run" not in sentence:
        tmp_path.joinpath("options.json").write_text(
            json.dumps(dict(example="mlp", epochs=1, lr=None, seed=0, seeds=1, quick=True))
        )
    assert train(command[0], tmp_path, *command[1:]) == 1
    assert sentence in capsys.readouterr().err


def test_resume_needs_a_directory(capsys):
    assert main(["train", "mlp", "--resume"]) == 1
    assert "train: --resume goes on with a run; name its directory with --log-dir" in capsys.readouterr().err


def test_help_lists_every_example(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "120")
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    out = capsys.readouterr().out
    assert listing() in out
    assert all(f"\n  {name} " in out for name in EXAMPLES)
