"""The console script, typed right and typed wrong."""

import importlib.util
import json
import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from nn.cli import main
from tbwriter import SummaryWriter

ROOT = Path(__file__).resolve().parent.parent
POSIX = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")


def run(command, **options):
    """The command in a process of its own, through a shell: its status, output and complaints."""
    program = f"{shlex.quote(sys.executable)} -m nn.cli"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **options.pop("env", {})}
    return subprocess.run(
        ["sh", "-c", command.replace("fromzero", program)],
        capture_output=True, text=True, check=False, env=environment, **options,
    )  # fmt: skip


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
        (["train", "linear-regresion"], "; did you mean linear-regression?"),
        (["trian", "xor"], "; did you mean train?"),
        (["exercise", "chek"], "; did you mean check?"),
        (["train", "xor", "--epochs", "0"], "expected a whole number of at least 1, got '0'"),
        (["train", "xor", "--epochs", "many"], "expected a whole number of at least 1, got 'many'"),
        (["train", "xor", "--lr", "-1"], "expected a number above 0, got '-1'"),
        (["train", "xor", "--lr", "nan"], "expected a number above 0, got 'nan'"),
        (["train", "xor", "--epochs", "²"], "expected a whole number of at least 1, got '²'"),
        (["train", "xor", "--seed", "-1"], "expected a whole number from 0 to 4294967295, got '-1'"),
        (["board", "--port", "70000"], "expected a whole number from 0 to 65535, got '70000'"),
        (["bench", "cpu"], "transformer_encoder, vae, dcgan, policy; got 'cpu'"),
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
    assert ["weights/hidden.weight", "histograms", "3", "0", "2"] in lines


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


@pytest.fixture
def tree(tmp_path):
    """Two runs; the second one's third event is damaged."""
    for name in ("one", "two"):
        with SummaryWriter(tmp_path / name) as writer:
            for step in range(3):
                writer.add_scalar("loss", float("inf") if step else 0.5, step, walltime=1.5)
    (file,) = (tmp_path / "two").iterdir()
    data = bytearray(file.read_bytes())
    data[-50] ^= 0xFF
    file.write_bytes(data)
    return tmp_path


def test_events_of_a_tree_lists_every_run(tree, capsys):
    assert main(["events", str(tree), "--skip-damage"]) == 0
    out, err = capsys.readouterr()
    lines = [line.split() for line in out.splitlines()]
    assert lines[1] == ["run", "tag", "kind", "values", "first", "step", "last", "step"]
    assert lines[3:] == [["one", "loss", "scalars", "3", "0", "2"], ["two", "loss", "scalars", "2", "0", "2"]]
    assert err.startswith("events: ")
    assert "bytes are left out" in err


def test_events_stops_at_damage_unless_told_otherwise(tree, capsys):
    assert main(["events", str(tree)]) == 1
    assert "is damaged" in capsys.readouterr().err


def test_events_as_json_and_as_csv(tree, capsys):
    assert main(["events", str(tree / "one"), "--json"]) == 0
    points = json.loads(capsys.readouterr().out)["."]["loss"]["points"]
    assert points[:2] == [
        {"step": 0, "wall_time": 1.5, "value": 0.5}, {"step": 1, "wall_time": 1.5, "value": "Infinity"},
    ]  # fmt: skip
    assert main(["events", str(tree), "--csv", "--skip-damage"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == ["run,tag,step,wall_time,value", "one,loss,0,1.5,0.5"]
    assert len(lines) == 1 + 3 + 2


def test_events_in_two_forms_at_once_is_refused(tree, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["events", str(tree), "--json", "--csv"])
    assert stop.value.code == 2
    assert "--csv: not allowed with argument --json" in capsys.readouterr().err


def test_ops_prints_the_table_of_derivatives_and_explains_its_letters(capsys):
    assert main(["ops", "exp"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "exp(x): e^x; inf where it is too large, without a warning.",
        "    by x: g * y",
        "",
        "g: the gradient by the result",
        "y: the result",
        "other names: operands and attributes of the op, and ops",
        "",
        "1 op, 1 rule",
    ]


@pytest.mark.parametrize(
    ("typed", "meant", "ops"),
    [
        ("conv2d", "nn.functional.conv2d", ["conv"]),
        ("nn.functional.conv2d", "nn.functional.conv2d", ["conv"]),
        ("batch_norm", "nn.functional.batch_norm", ["standardize"]),
        ("cross_entropy", "nn.functional.cross_entropy", ["log_softmax", "nll", "mean"]),
        ("lstm", "nn.LSTM", ["linear", "recurrence"]),
        ("BatchNorm2d", "nn.BatchNorm2d", ["standardize"]),
        ("multiheadattention", "nn.MultiheadAttention", ["linear", "softmax", "matmul"]),
    ],
)
def test_ops_of_a_function_or_layer_are_those_that_it_is_made_of(typed, meant, ops, capsys):
    assert main(["ops", typed]) == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith(f"{meant} is made of ")
    for op in ops:
        assert op in first
        assert any(line.startswith(f"{op}(") for line in lines)


def test_ops_of_several_names_prints_each_op_once(capsys):
    assert main(["ops", "softmax", "softmax", "F.softmax", "mul"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 ops, 3 rules"


@pytest.mark.parametrize(
    ("typed", "near"),
    [("sinus", "sin, "), ("attention", "MultiheadAttention"), ("bce", "BCELoss"), ("convolution", "conv;")],
)
def test_ops_of_an_unknown_name_says_near_ones(typed, near, capsys):
    assert main(["ops", typed]) == 1
    said = capsys.readouterr().err
    assert f"there is no op {typed!r}; near names are " in said
    assert near in said


def test_ops_of_nonsense_names_nothing_near(capsys):
    assert main(["ops", "xqzk"]) == 1
    assert "there is no op 'xqzk'; `fromzero ops` lists all" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["train xor", "demo", "board", "events PATH", "ops", "bench"])
def test_an_unknown_option_ends_with_the_usage_of_its_command(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*command.split(), "--nowhere"])
    assert stop.value.code == 2
    error = capsys.readouterr().err
    assert error.startswith(f"usage: fromzero {command.split()[0]} ")
    assert "unrecognized arguments: --nowhere" in error
    assert "did you mean" not in error


@pytest.mark.parametrize(("typed", "meant"), [("--epocs", "--epochs"), ("--sed=3", "--seed"), ("--quite", "--quiet")])
def test_a_mistyped_option_names_the_near_one(typed, meant, capsys):
    with pytest.raises(SystemExit):
        main(["train", "xor", typed])
    assert f"did you mean {meant}?" in capsys.readouterr().err


@pytest.mark.parametrize(("command", "default"), [("train", "runs/<example>-<time>"), ("demo", "runs/demo-<time>")])
def test_help_names_the_directory_that_is_logged_to(command, default, monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit):
        main([command, "--help"])
    assert f"where to log (default: {default})" in capsys.readouterr().out


def test_a_demo_logs_where_its_help_says(tmp_path, monkeypatch, capsys):
    from nn.examples import cnn, linear_regression, xor
    from nn.examples.console import Report

    monkeypatch.chdir(tmp_path)
    seen = []
    for example in (xor, linear_regression, cnn):
        monkeypatch.setattr(example, "train", lambda options, **_: seen.append(options) or Report([], options.log_dir))
    assert main(["demo", "--quiet"]) == 0
    assert {options.log_dir.parts[0] for options in seen} == {"runs"}
    assert all(options.log_dir.parts[1].startswith("demo-") for options in seen)
    assert [options.seeds for options in seen] == [20, 1, 5]


@pytest.mark.parametrize("example", ["xor", "xor --as-printed", "linear-regression", "cnn"])
def test_every_example_is_judged_by_as_many_seeds_as_are_asked_for(example, tmp_path, monkeypatch, capsys):
    from nn.examples import cnn, linear_regression, xor

    seeds = {"fit": [], "single_unit": [], "fit_article": [], "fit_digits": []}

    def watched(module, name, place):
        function = getattr(module, name)

        def call(*args, **kwargs):
            seeds[name].append(args[place])
            return function(*args, **kwargs)

        monkeypatch.setattr(module, name, call)

    watched(xor, "fit", 0)
    watched(xor, "single_unit", 1)
    watched(linear_regression, "fit", 5)
    watched(cnn, "fit_article", 2)
    watched(cnn, "fit_digits", 2)
    command = ["train", *example.split(), "--seeds", "2", "--seed", "7", "--epochs", "1", "--quiet"]
    assert main([*command, "--log-dir", str(tmp_path)]) == 0
    called = {name: numbers for name, numbers in seeds.items() if numbers}
    assert called, "no run was seen"
    assert all(set(numbers) == {7, 8} for numbers in called.values()), called
    out = capsys.readouterr().out
    assert "2 seeds" in out or "\n  8     as printed" in out


def test_what_the_article_is_is_said_wherever_it_is_spoken_of(tmp_path, capsys):
    main(["train", "xor", "--as-printed", "--epochs", "2", "--quiet", "--log-dir", str(tmp_path)])
    out = capsys.readouterr().out
    assert "as the article has it" in out
    assert '"Building and fine-tuning large models from zero' in out
    assert "notebooks/README.md" in out
    page = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    assert "## The article" in page
    for source in sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.py")):
        text = source.read_text(encoding="utf-8")
        if "从零开始大模型开发与微调" in text:
            continue  # it gives the title itself
        first = text.lower().find("article")
        assert first < 0 or "article](README.md#the-article)" in text[first : first + 40], source.name


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["events", "nowhere"], "events: there is no file or directory nowhere; name an event file"),
        (["events", "nowhere/at/all"], "events: there is no file or directory nowhere/at/all;"),
        (["events", "."], "events: . holds no events; name an event file"),
        (["board", "nowhere"], "board: there is no directory nowhere; train something first"),
        (["board", "file"], "board: there is no directory file; train something first"),
        (["train", "xor", "--quiet", "--log-dir", "file"], "file: is a file"),
        (["train", "xor", "--quiet", "--log-dir", "file/below"], "file/below: not a directory"),
    ],
)
def test_a_path_that_is_missing_or_in_the_way_gets_a_sentence(arguments, message, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("no directory")
    assert main(arguments) == 1
    error = capsys.readouterr().err
    assert f"fromzero: {message}" in error.replace(f"{tmp_path}/", "")
    assert "Errno" not in error


@POSIX
@pytest.mark.parametrize("command", ["ops", "ops --markdown", "train xor --epochs 1 --quiet", "--help", "ops mul"])
def test_a_reader_that_goes_gets_one_sentence_and_no_traceback(command, tmp_path):
    done = run(f"{{ fromzero {command}; echo status $? >&2; }} | :", cwd=tmp_path)
    assert done.stderr in (
        "fromzero: the reader of the output closed it, so the rest was not written\nstatus 1\n",
        "status 0\n",  # all was written before the reader went
    )


@POSIX
def test_a_reader_that_is_gone_from_the_start_gets_the_sentence(tmp_path):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "nn.cli", "ops", "mul"]
    done = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, cwd=ROOT, check=False)
    os.close(write)
    assert done.returncode == 1
    assert done.stderr == "fromzero: the reader of the output closed it, so the rest was not written\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is full")  # noqa: PTH110
def test_a_full_disk_gets_a_sentence():
    done = run("fromzero ops mul > /dev/full")
    assert done.returncode == 1
    assert done.stderr == "fromzero: the output was not written: no space left on device\n"


@POSIX
def test_no_output_at_all_is_no_fault():
    done = run("fromzero ops mul >&-")
    assert (done.returncode, done.stderr) == (0, "")


@POSIX
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL], ids=lambda number: number.name)
def test_a_signal_to_board_ends_tensorboard_itself(number, tmp_path):
    """A stand-in for TensorBoard says which process it is: it must be the very one that was started."""
    (tmp_path / "tensorboard").mkdir()
    (tmp_path / "tensorboard" / "__init__.py").touch()
    (tmp_path / "tensorboard" / "main.py").write_text(
        "import os, signal, sys\n"
        "signal.signal(signal.SIGINT, signal.SIG_DFL)\n"
        "print(os.getpid(), *sys.argv[1:], flush=True)\n"
        "signal.pause()\n"
    )
    board = subprocess.Popen(
        [sys.executable, "-m", "nn.cli", "board", str(tmp_path), "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])},
        cwd=tmp_path,
    )
    with board:
        assert board.stdout.readline().split() == [str(board.pid), "--logdir", str(tmp_path), "--port", "0"]
        board.send_signal(number)
        assert board.wait(timeout=60) == -number


@POSIX
def test_bench_is_the_benchmark_itself(monkeypatch):
    seen = []
    monkeypatch.setattr(os, "execv", lambda program, command: seen.append((program, command)) or sys.exit(0))
    with pytest.raises(SystemExit):
        main(["bench", "xor", "linear-regression", "linear_regression", "--rounds", "2"])
    with pytest.raises(SystemExit):
        main(["bench", "--threads", "1", "--busy"])
    with pytest.raises(SystemExit):
        main(["bench", "--ops", "sort", "x + y", "--small"])
    script, ops = (str(ROOT / "tests" / "benchmarks" / name) for name in ("time_training.py", "time_ops.py"))
    assert seen == [
        (sys.executable, [sys.executable, script, "--rounds", "2", "xor", *["linear_regression"] * 2]),
        (sys.executable, [sys.executable, script, "--rounds", "3", "--threads", "1", "--busy"]),
        (sys.executable, [sys.executable, ops, "--rounds", "3", "--small", "--", "sort", "x + y"]),
    ]


def test_the_help_fits_into_the_terminal_and_keeps_its_columns(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "40")
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 40
    (first,) = [number for number, line in enumerate(lines) if line.startswith("  xor    ")]
    assert lines[first : first + 2] == ["  xor                two layers, on what", "    one unit cannot learn"]


@pytest.mark.parametrize("columns", [20, 40, 60])
@pytest.mark.parametrize("command", ["train xor", "train xor --as-printed", "train linear-regression", "events run"])
def test_no_table_is_wider_than_the_terminal(command, columns, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    main(["train", "xor", "--epochs", "1", "--quiet", "--log-dir", "run"])
    capsys.readouterr()
    monkeypatch.setenv("COLUMNS", str(columns))
    extra = [] if command.startswith("events") else ["--epochs", "2", "--quiet", "--log-dir", "other"]
    assert main([*command.split(), *extra]) == 0
    tables = capsys.readouterr().out
    lines = [line for line in tables.splitlines() if "fromzero board" not in line]  # which is copied whole
    assert max(map(len, lines)) <= columns
    words = {"events run": ["activations/hidden", "histograms"], "train xor": ["0 xor 1", "prediction"]}
    for word in words.get(command, []):
        assert word in tables or columns == 20
