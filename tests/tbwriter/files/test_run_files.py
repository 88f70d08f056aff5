import os
import re
import subprocess
import sys
import time

import numpy as np
import pytest

from tbwriter.files.reader import read_events
from tbwriter.files.run_files import RunFiles


def test_the_directory_has_a_default_with_date_host_and_comment(monkeypatch):
    monkeypatch.setattr(time, "strftime", lambda form: form)
    monkeypatch.setattr("socket.gethostname", lambda: "host")
    assert re.sub(r"\\", "/", RunFiles(comment="_lr", write_to_disk=False).log_dir) == "runs/%b%d_%H-%M-%S_host_lr"


def test_the_directory_is_made_with_its_parents(tmp_path):
    run = RunFiles(tmp_path / "a" / "b", filename_suffix=".x")
    assert run.log_dir == str(tmp_path / "a" / "b")
    (file,) = (tmp_path / "a" / "b").iterdir()
    assert file.name.startswith("events.out.tfevents.")
    assert file.name.endswith(".x")


def test_a_change_of_the_working_directory_leads_no_event_astray(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run = RunFiles("log")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    run.add(b"")
    run.add_to("loss_train", b"")
    run.close()
    assert len(list(read_events(tmp_path / "log"))) == 2
    assert len(list(read_events(tmp_path / "log" / "loss_train"))) == 2


def test_without_disk_nothing_is_made(tmp_path):
    run = RunFiles(tmp_path / "a", write_to_disk=False)
    run.add(b"event")
    run.add_to("loss_train", b"event")
    run.flush()
    run.close()
    assert not (tmp_path / "a").exists()


def test_a_purge_starts_two_sessions_since_a_first_is_ignored(tmp_path):
    RunFiles(tmp_path, purge_step=7).close()
    events = list(read_events(tmp_path))[1:]
    assert [(event.step, event.session_log.status) for event in events] == [(7, 1), (7, 1)]


def test_series_are_purged_with_their_run(tmp_path):
    run = RunFiles(tmp_path, purge_step=7)
    run.add_to("loss_train", b"")
    run.close()
    assert [event.step for event in read_events(tmp_path / "loss_train")] == [0, 7, 7, 0]


@pytest.mark.parametrize("series", ["../x", "/etc/x", "..", "a\\b", "nul\0", "C:x"])
def test_no_series_leads_out_of_the_runs_directory(tmp_path, series):
    run = RunFiles(tmp_path / "run")
    (directory,) = run.series_directories("../loss", [series])
    run.add_to(directory, b"")
    run.close()
    assert {path.name for path in tmp_path.iterdir()} == {"run"}
    assert len([path for path in (tmp_path / "run").iterdir() if path.is_dir()]) == 1


def test_two_series_that_would_share_a_directory_are_refused():
    run = RunFiles(write_to_disk=False)
    run.series_directories("loss", ["a/b"])
    run.series_directories("loss", ["a/b"])
    message = "add_scalars: the series 'a/b' and 'a_b' of 'loss' would share the directory 'loss_a_b'; rename one"
    with pytest.raises(ValueError, match=f"^{message}$"):
        run.series_directories("loss", ["a_b"])


@pytest.mark.parametrize(("one", "other"), [("a", "A"), ("a", "a."), ("é", "e\u0301"), ("x.", "X ..")])
@pytest.mark.parametrize("system", ["win32", "darwin", "linux"])
def test_two_names_that_a_system_takes_for_the_same_are_refused_there(monkeypatch, system, one, other):
    monkeypatch.setattr("sys.platform", system)
    run = RunFiles(write_to_disk=False)
    if system == "linux":
        assert run.series_directories("loss", [one, other]) == [f"loss_{one}", f"loss_{other}"]
        return
    message = (
        f"the series str {other!r} needs the directory 'loss_{other}', and 'loss_{one}' is used already, which is the"
    )
    with pytest.raises(ValueError, match=f"^add_scalars: tag 'loss': {re.escape(message)} same on this system; rename"):
        run.series_directories("loss", [one, other])
    with pytest.raises(ValueError, match="is used already"):
        run.check_sub_run("add_hparams: the run", f"LOSS_{one.upper()}")


def test_a_name_that_is_too_long_for_a_directory_is_refused_in_the_call(tmp_path):
    run = RunFiles(tmp_path)
    message = "needs a directory whose name has 305 bytes: at most 255 are possible; choose a shorter name"
    with pytest.raises(ValueError, match=f"^add_scalars: tag 'loss': the series str 'x.* {message}$"):
        run.series_directories("loss", ["x" * 300])
    run.series_directories("loss", ["x" * 250])
    with pytest.raises(ValueError, match="has 256 bytes"):
        run.check_sub_run("add_hparams: the run", "a/" + "ü" * 128)
    run.close()


def test_a_path_may_be_bytes(tmp_path):
    assert RunFiles(os.fsencode(tmp_path), write_to_disk=False).log_dir == str(tmp_path)


def test_a_path_with_a_nul_character_is_refused():
    with pytest.raises(ValueError, match=r"^SummaryWriter: log_dir must be a path, got 'a\\x00b', which holds a NUL"):
        RunFiles("a\0b")


def test_a_comment_with_a_nul_character_is_refused():
    with pytest.raises(
        ValueError, match=r"^SummaryWriter: log_dir must be a path, got 'runs.*a\\x00b', which holds a NUL"
    ):
        RunFiles(comment="a\0b")


def test_options_may_be_numbers_of_numpy(tmp_path):
    run = RunFiles(tmp_path, flush_secs=np.float32(0.5), max_queue=np.int64(2), purge_step=np.array([3]))
    run.close()


@pytest.mark.parametrize("name", ["CON", "nul.txt", "runs/com1", r"runs\LPT9 .a", "C:x", "a|b", 'a"b', "a?"])
def test_what_windows_keeps_for_devices_is_no_directory_there(monkeypatch, name):
    run = RunFiles(write_to_disk=False)
    monkeypatch.setattr(sys, "platform", "linux")
    run.check_sub_run("the run", name)
    monkeypatch.setattr(sys, "platform", "win32")
    with pytest.raises(
        ValueError, match=r"^the run needs the directory .*, which Windows keeps for devices or for other"
    ):
        run.check_sub_run("the run", name)
    for usual in "console", "a/common", "nulls", "com", "m_con":
        run.check_sub_run("the run", usual)


@pytest.mark.skipif(os.name != "posix", reason="paths of POSIX")
@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a\0b", r"^the run needs the directory 'a\\x00b', which holds a NUL character; choose another name$"),
        (
            "/".join(["x" * 200] * 30),
            r"^the run needs files whose path has up to \d+ bytes: at most \d+ are possible; ",
        ),
    ],
)
def test_a_sub_run_that_no_system_can_make_is_refused_at_once(tmp_path, name, message):
    with pytest.raises(ValueError, match=message):
        RunFiles(tmp_path, write_to_disk=False).check_sub_run("the run", name)


@pytest.mark.skipif(os.name != "posix", reason="this system keeps the working directory")
def test_a_deleted_working_directory_is_said(tmp_path):
    program = "import os, sys, tbwriter; os.chdir(sys.argv[1]); os.rmdir(sys.argv[1]); tbwriter.SummaryWriter('run')"
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=60, check=False
    )
    message = "the working directory was deleted: change to another, or give an absolute path: 'run'"
    assert message in done.stderr


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="this system has no links")
@pytest.mark.parametrize("below", ["", "run"])
def test_a_link_to_nothing_is_said(tmp_path, below):
    (tmp_path / "link").symlink_to("nowhere")
    with pytest.raises(FileExistsError, match="is a link to nothing, expected a directory: choose another log_dir, or"):
        RunFiles(tmp_path / "link" / below)


def test_a_problem_of_one_file_keeps_no_other_from_being_written(tmp_path, held_back):
    run = RunFiles(tmp_path)
    run.add(b"")
    run.add_to("loss_train", b"")
    next(path for path in tmp_path.iterdir() if path.is_file()).unlink()
    with pytest.raises(FileNotFoundError, match="1 event is lost"):
        run.close()
    assert len(list(read_events(tmp_path / "loss_train"))) == 2


def test_of_problems_of_several_files_one_is_raised_and_the_others_are_warned_of(tmp_path, held_back):
    run = RunFiles(tmp_path)
    for name in "loss_train", "loss_test":
        run.add_to(name, b"")
        (tmp_path / name).write_text("a file where a directory must be")
    with (
        pytest.raises(FileExistsError, match=r"1 event is lost.*loss_train"),
        pytest.warns(RuntimeWarning, match=r"1 event is lost.*loss_test"),
    ):
        run.close()


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        ({"log_dir": 3}, TypeError, "SummaryWriter: log_dir must be a path, got int 3"),
        (
            {"log_dir": "s3:/bucket/run"},
            ValueError,
            "SummaryWriter: log_dir 's3:/bucket/run' is a URL that lost a slash, as pathlib does to them; "
            "give it as a string",
        ),
        (
            {"flush_secs": float("nan")},
            ValueError,
            "SummaryWriter: flush_secs must be a number of seconds, 0 or more, got float nan",
        ),
        (
            {"flush_secs": "1"},
            ValueError,
            "SummaryWriter: flush_secs must be a number of seconds, 0 or more, got str '1'",
        ),
        ({"max_queue": 1.5}, ValueError, "SummaryWriter: max_queue must be a number of events, got float 1.5"),
        ({"max_queue": -1}, ValueError, "SummaryWriter: max_queue must be a number of events, got int -1"),
        ({"comment": 3}, TypeError, "SummaryWriter: comment must be a string, got int 3"),
        ({"filename_suffix": 3}, TypeError, "SummaryWriter: filename_suffix must be a string, got int 3"),
        (
            {"filename_suffix": "\ud800"},
            ValueError,
            "SummaryWriter: filename_suffix must be the end of a name, got '\\ud800', which is not valid Unicode",
        ),
        (
            {"filename_suffix": "x" * 129},
            ValueError,
            f"SummaryWriter: filename_suffix str '{'x' * 56}... is too long: at most 128 bytes are possible",
        ),
        (
            {"log_dir": "run\ud800"},
            ValueError,
            "SummaryWriter: log_dir must be a path, got 'run\\ud800', which is not valid Unicode",
        ),
        (
            {"on_error": "ignore"},
            ValueError,
            "SummaryWriter: on_error must be 'raise' or 'warn', got str 'ignore'",
        ),
        (
            {"filename_suffix": "/../x"},
            ValueError,
            "SummaryWriter: filename_suffix '/../x' must not name another directory",
        ),
        (
            {"purge_step": 1.5},
            ValueError,
            "SummaryWriter: purge_step must be whole, got float 1.5; count batches or epochs, for example",
        ),
    ],
)
def test_arguments_that_cannot_be_are_refused(arguments, kind, message):
    with pytest.raises(kind) as caught:
        RunFiles(**arguments, write_to_disk=False)
    assert str(caught.value) == message
