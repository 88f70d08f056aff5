"""The console script, typed right and typed wrong."""

import importlib.util
import subprocess
import sys

import pytest

from nn.cli import main


def test_train_prints_the_table_and_the_command_for_tensorboard(tmp_path, capsys):
    assert main(["train", "xor", "--epochs", "5", "--quiet", "--log-dir", str(tmp_path / "run")]) == 0
    out, err = capsys.readouterr()
    assert "0 xor 1" in out
    assert f"fromzero board {tmp_path / 'run'}" in out
    assert err == ""


def test_progress_goes_to_standard_error_as_plain_lines(tmp_path, capsys):
    main(["train", "xor", "--epochs", "5", "--log-dir", str(tmp_path)])
    out, err = capsys.readouterr()
    assert err.count("xor: epoch") == 5
    assert "epoch 5 of 5" not in out


def test_the_default_directory_is_named_after_the_example(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["train", "xor", "--epochs", "2", "--quiet"]) == 0
    (run,) = (tmp_path / "runs").iterdir()
    assert run.name.startswith("xor-")
    assert f"fromzero board runs/{run.name}" in capsys.readouterr().out


def test_as_printed_runs_the_article_s_code(tmp_path, capsys):
    assert main(["train", "xor", "--as-printed", "--quiet", "--log-dir", str(tmp_path)]) == 0
    assert "0.4" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "mnist"], "invalid choice: 'mnist'"),
        (["train", "xor", "--epochs", "0"], "at least 1 is wanted, '0' came"),
        (["train", "xor", "--epochs", "many"], "at least 1 is wanted, 'many' came"),
        (["train", "xor", "--lr", "-1"], "above 0 is wanted, '-1' came"),
        (["train", "xor", "--lr", "nan"], "above 0 is wanted, 'nan' came"),
        ([], "required: COMMAND"),
    ],
)
def test_a_wrong_argument_ends_with_a_sentence_and_status_2(arguments, message, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    assert stop.value.code == 2
    assert message in capsys.readouterr().err


def test_a_directory_that_holds_a_run_is_refused(tmp_path, capsys):
    arguments = ["train", "xor", "--epochs", "1", "--quiet", "--log-dir", str(tmp_path)]
    assert main(arguments) == 0
    assert main(arguments) == 1
    assert "holds a run already; choose another directory" in capsys.readouterr().err


def test_a_log_directory_that_is_a_file_is_refused(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    assert main(["train", "xor", "--quiet", "--log-dir", str(tmp_path / "file")]) == 1
    assert str(tmp_path / "file") in capsys.readouterr().err
    assert (tmp_path / "file").read_text() == "mine"


def test_a_rate_that_diverges_says_so(tmp_path, capsys):
    assert main(["train", "linear-regression", "--lr", "1", "--quiet", "--log-dir", str(tmp_path)]) == 1
    assert "lower it with --lr" in capsys.readouterr().err


def test_an_option_of_another_example_is_refused(tmp_path, capsys):
    assert main(["train", "cnn", "--as-printed", "--log-dir", str(tmp_path)]) == 1
    assert "--as-printed belongs to xor, not to cnn" in capsys.readouterr().err


def test_board_wants_a_directory(tmp_path, capsys):
    assert main(["board", str(tmp_path / "none")]) == 1
    assert "train something first" in capsys.readouterr().err


def test_board_says_how_to_install_tensorboard(tmp_path, monkeypatch, capsys):
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "tensorboard" else find(name))
    assert main(["board", str(tmp_path)]) == 1
    assert "pip install 'fromzero[board]'" in capsys.readouterr().err


def test_it_runs_as_a_module():
    done = subprocess.run([sys.executable, "-m", "nn.cli", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("fromzero ")


def test_events_lists_what_a_run_holds(tmp_path, capsys):
    main(["train", "xor", "--epochs", "3", "--quiet", "--log-dir", str(tmp_path)])
    capsys.readouterr()
    assert main(["events", str(tmp_path)]) == 0
    lines = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["loss", "scalars", "3", "0", "2"] in lines
    assert ["weights/hidden/weight", "histograms", "3", "0", "2"] in lines


def test_events_of_nothing(tmp_path, capsys):
    assert main(["events", str(tmp_path / "none")]) == 1
    assert str(tmp_path / "none") in capsys.readouterr().err


def test_events_of_a_damaged_file_names_the_offset(tmp_path, capsys):
    main(["train", "xor", "--epochs", "2", "--quiet", "--log-dir", str(tmp_path)])
    (file,) = tmp_path.glob("*tfevents*")
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0xFF
    file.write_bytes(data)
    capsys.readouterr()
    assert main(["events", str(file)]) == 1
    assert "the record at byte" in capsys.readouterr().err


def test_ops_prints_the_table_of_derivatives(capsys):
    assert main(["ops", "mul"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "mul(x, other): x * y, broadcast.",
        "    by x: g * other",
        "    by other: g * x",
        "",
        "1 ops, 2 rules",
    ]


def test_ops_of_an_unknown_name(capsys):
    assert main(["ops", "sinus"]) == 1
    assert "there is no op 'sinus'" in capsys.readouterr().err
