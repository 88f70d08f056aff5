"""What the writer promises when a process ends or a disk refuses; with whole processes where it can."""

import errno
import gc
import os
import random
import re
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import numpy as np
import pytest

from tbwriter import SummaryWriter, read_events, read_scalars
from tbwriter.files.io_thread import worker

LATER = 3600.0  # seconds: not within a test

needs_signals = pytest.mark.skipif(os.name != "posix", reason="this system has other signals")


def files(directory):
    return sorted(path for path in Path(directory).iterdir() if "tfevents" in path.name)


def steps(directory, tag="x"):
    """The steps of a tag, in the order of the files."""
    return [int(step) for step in read_scalars(directory).get(tag, [[]])[0]]


def run(program, *arguments):
    """A program in a process of its own, and its end."""
    return subprocess.run(command(program, *arguments), timeout=120, capture_output=True, text=True)


def start(program, *arguments):
    return subprocess.Popen(command(program, *arguments), stdout=subprocess.PIPE)


def command(program, *arguments):
    head = "import os, signal, sys, time\nfrom tbwriter import SummaryWriter\n"
    return [sys.executable, "-c", head + program, *map(str, arguments)]


# ---------------------------------------------------------------------------------------------- ends of a process

ENDS = {
    "the last line": "",
    "sys.exit": "sys.exit(3)",
    "an exception": "1 / 0",
    "SIGTERM with a handler": "signal.signal(15, lambda *_: sys.exit(143)); os.kill(os.getpid(), 15); time.sleep(60)",
    # A shell lets what it starts in the background ignore SIGINT, and children inherit that; here it counts again.
    "SIGINT": "signal.signal(2, signal.default_int_handler); os.kill(os.getpid(), 2); time.sleep(60)",
}


@needs_signals
@pytest.mark.parametrize("end", ENDS)
def test_an_ordinary_end_without_close_loses_nothing(tmp_path, end):
    program = """
writer = SummaryWriter(sys.argv[1], flush_secs=3600)
for step in range(1000): writer.add_scalar("x", step, step)
"""
    run(program + ENDS[end], tmp_path)
    assert steps(tmp_path) == list(range(1000))


@needs_signals
@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM", "os._exit"])
def test_a_sudden_end_loses_nothing_that_was_flushed(tmp_path, end):
    how = "os._exit(1)" if end == "os._exit" else f"os.kill(os.getpid(), signal.{end}); time.sleep(60)"
    program = f"""
writer = SummaryWriter(sys.argv[1], flush_secs=3600)
for step in range(500): writer.add_scalar("x", step, step)
writer.flush()
writer.add_scalar("x", 500, 500)
{how}
"""
    run(program, tmp_path)
    assert steps(tmp_path)[:500] == list(range(500))


@needs_signals
@pytest.mark.parametrize("end", ["SIGKILL", "SIGTERM"])
def test_a_sudden_end_loses_nothing_older_than_a_moment_whatever_flush_secs_says(tmp_path, end):
    program = """
writer = SummaryWriter(sys.argv[1], flush_secs=3600)
for step in range(300): writer.add_scalar("x", step, step)
print("added", flush=True)
time.sleep(60)
"""
    process = start(program, tmp_path)
    assert process.stdout.readline() == b"added\n"
    wait_until(lambda: steps(tmp_path) == list(range(300)))
    process.send_signal(getattr(signal, end))
    process.communicate(timeout=60)
    assert steps(tmp_path) == list(range(300))


def wait_until(condition, seconds=30.0):
    """Bounded wait for another thread or process."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        threading.Event().wait(0.002)


UNDER_LOAD = """
import numpy as np
writer = SummaryWriter(sys.argv[1], flush_secs=0.001)
picture = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
step = 0
while True:
    for _ in range(50):
        writer.add_scalar("x", step, step)
        step += 1
    writer.add_image("picture", picture, step, dataformats="HWC")
    writer.flush()
    os.write(1, b"%d\\n" % step)
"""


def kill_at_a_random_moment(tmp_path, seed):
    """Under load; the flushed steps that are missing, and what the file says."""
    process = start(UNDER_LOAD, tmp_path)
    flushed = [int(process.stdout.readline()) for _ in range(random.Random(seed).randrange(1, 200))]
    process.send_signal(signal.SIGKILL)
    flushed += [int(line) for line in process.communicate(timeout=60)[0].split(b"\n") if line]
    found = steps(tmp_path)
    assert found == list(range(len(found))), "a gap"
    assert len(found) >= flushed[-1], "a flushed event is lost"


@needs_signals
@pytest.mark.parametrize("trial", range(10))
def test_sigkill_under_load_loses_nothing_flushed_and_leaves_a_readable_file(tmp_path, trial):
    kill_at_a_random_moment(tmp_path, trial)


@needs_signals
@pytest.mark.slow
@pytest.mark.parametrize("trial", range(10, 110))
def test_sigkill_under_load_a_hundred_times(tmp_path, trial):
    kill_at_a_random_moment(tmp_path, trial)


# ------------------------------------------------------------------------------------------------- disks that refuse


@needs_signals
def test_a_disk_that_fills_up_is_named_once_and_training_goes_on(tmp_path):
    """A limit on the size of files stands for the disk, which is asked all the time; lifted, it has room again."""
    program = """
import resource
from tbwriter.files import event_file
event_file.RETRY_SECS = 0.0
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = SummaryWriter(sys.argv[1], flush_secs=0)
resource.setrlimit(resource.RLIMIT_FSIZE, (5000, resource.RLIM_INFINITY))
step, refused = 0, []
while not refused or step <= refused[0] + 1000:
    try:
        writer.add_scalar("x", step, step)
    except OSError as error:
        refused.append(step)
        print(error.errno, error)
    if step % 100 == 0:
        time.sleep(0.002)
    step += 1
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
writer.close()
print(*refused)
"""
    done = run(program, tmp_path)
    assert done.returncode == 0, done.stderr
    complaint, refused = done.stdout.splitlines()
    reason = rf"{errno.EFBIG} .*File too large; \d+ events? (is|are) not on disk: '.*tfevents.*'"
    assert re.fullmatch(reason, complaint)
    assert steps(tmp_path) == [step for step in range(int(refused) + 1001) if step != int(refused)]


def refusing_disk(monkeypatch, code=errno.ENOSPC):
    """Every write takes a part and then fails, until the returned function is called."""
    write = os.write

    def refuse(descriptor, data):
        if len(data) > 10:
            return write(descriptor, data[:10])
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "write", refuse)
    return lambda: monkeypatch.setattr(os, "write", write)


def test_a_full_disk_leaves_no_part_of_a_record_behind(tmp_path, monkeypatch, held_back):
    writer = SummaryWriter(tmp_path)
    writer.add_scalar("x", 1, 1)
    writer.flush()
    size = files(tmp_path)[0].stat().st_size
    recover = refusing_disk(monkeypatch)
    writer.add_scalar("x", 2, 2)
    with pytest.raises(OSError, match="No space left on device"):
        writer.flush()
    assert files(tmp_path)[0].stat().st_size == size
    recover()
    writer.close()
    assert steps(tmp_path) == [1, 2]


def test_to_warn_is_a_policy_and_what_is_dropped_is_counted(tmp_path, monkeypatch, held_back):
    monkeypatch.setattr("tbwriter.files.event_file.LIMIT_BYTES", 1000)
    monkeypatch.setattr("tbwriter.files.event_file.BATCH_BYTES", 100)
    writer = SummaryWriter(tmp_path, on_error="warn")
    recover = refusing_disk(monkeypatch)
    writer.add_scalar("x", 0, 0)
    with pytest.warns(RuntimeWarning, match="No space left on device; 1 event is not on disk") as caught:
        writer.flush()
    assert [warning.filename for warning in caught] == [__file__]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for step in range(1, 1000):
            writer.add_scalar("x", step, step)
    (warning,) = caught
    assert re.search("No space left.*; new events are dropped until there is room$", str(warning.message))
    with pytest.warns(RuntimeWarning, match="No space left on device; 1000 events are not on disk"):
        writer.flush()
    recover()
    with pytest.warns(RuntimeWarning) as caught:
        writer.close()
    found = steps(tmp_path)
    assert 0 < len(found) < 1000
    assert found == list(range(len(found)))
    (warning,) = caught
    lost = f"{1000 - len(found)} events for {tmp_path} found no room while the disk refused: lost"
    assert str(warning.message) == lost


def test_events_that_were_dropped_are_told_of_at_the_next_call_after_the_outage(tmp_path, monkeypatch, held_back):
    monkeypatch.setattr("tbwriter.files.event_file.LIMIT_BYTES", 1)
    monkeypatch.setattr("tbwriter.files.event_file.BATCH_BYTES", 1)
    monkeypatch.setattr("tbwriter.files.event_file.RETRY_SECS", 0.0)
    writer = SummaryWriter(tmp_path, on_error="warn")
    recover = refusing_disk(monkeypatch)
    writer.add_scalar("x", 0, 0)
    with pytest.warns(RuntimeWarning, match="new events are dropped until there is room"):
        writer.add_scalar("x", 1, 1)
    recover()
    wait_until(lambda: not writer._run._file._failure)
    with pytest.warns(RuntimeWarning, match="^1 event for .* found no room while the disk refused: lost$"):
        writer.add_scalar("x", 2, 2)
    writer.close()
    assert steps(tmp_path) == [0, 2]


def test_with_memory_full_and_the_disk_refusing_no_call_blocks_and_each_says_why(tmp_path, monkeypatch, held_back):
    monkeypatch.setattr("tbwriter.files.event_file.LIMIT_BYTES", 1000)
    monkeypatch.setattr("tbwriter.files.event_file.BATCH_BYTES", 100)
    monkeypatch.setattr("tbwriter.files.event_file.RETRY_SECS", LATER)
    writer = SummaryWriter(tmp_path)
    recover = refusing_disk(monkeypatch)
    taken, complaints, attempts = [], [], []
    wait = worker.wait
    monkeypatch.setattr(worker, "wait", lambda: attempts.append(1) or wait())
    for step in range(200):
        try:
            writer.add_scalar("x", step, step)
            taken.append(step)
        except OSError as error:
            complaints.append(error.strerror)
    assert 0 < len(taken) < 200
    assert all("No space left on device" in complaint for complaint in complaints)
    assert len(attempts) < 5, "only the first caller may wait for an attempt"
    recover()
    writer.close()
    assert steps(tmp_path) == taken


def test_a_directory_deleted_under_way_is_named(tmp_path, held_back):
    writer = SummaryWriter(tmp_path / "run")
    writer.add_scalar("x", 1, 1)
    files(tmp_path / "run")[0].unlink()
    (tmp_path / "run").rmdir()
    with pytest.raises(FileNotFoundError, match=r"No such file or directory; 1 event is not on disk.*run"):
        writer.flush()
    writer.add_scalar("x", 2, 2)
    with pytest.raises(FileNotFoundError, match=r"No such file or directory; 2 events are lost.*run"):
        writer.close()
    writer.close()


@needs_signals
def test_a_read_only_directory_is_refused_at_once(tmp_path):
    program = """
os.chmod(sys.argv[1], 0o555)
if os.getuid() == 0: os.setuid(65534)
try: SummaryWriter(sys.argv[1])
except PermissionError as error: print(error)
"""
    done = run(program, tmp_path)
    tmp_path.chmod(0o755)
    assert "Permission denied: events cannot be written here, choose another log_dir" in done.stdout, done.stderr


def test_a_lack_of_memory_on_the_thread_loses_no_batch(tmp_path, monkeypatch, held_back):
    writer = SummaryWriter(tmp_path)
    frames = sys.modules["tbwriter.files.event_file"].frames

    def fail(records):
        raise MemoryError

    monkeypatch.setattr("tbwriter.files.event_file.frames", fail)
    writer.add_scalar("x", 1, 1)
    writer.add_image("picture", np.zeros((2, 2), np.uint8), 1, dataformats="HW")
    with pytest.raises(RuntimeError, match=r"tfevents.*: MemoryError ; 2 events are not on disk") as caught:
        writer.flush()
    assert isinstance(caught.value.__cause__, MemoryError)
    monkeypatch.setattr("tbwriter.files.event_file.frames", frames)
    writer.close()
    assert len(list(read_events(tmp_path))) == 3


def test_a_writer_that_was_dropped_while_the_disk_refused_is_written_later(tmp_path, monkeypatch, held_back):
    writer = SummaryWriter(tmp_path)
    writer.add_scalar("x", 1, 1)
    recover = refusing_disk(monkeypatch)
    with pytest.raises(OSError, match="No space left"):
        writer.flush()
    del writer
    gc.collect()
    recover()
    worker.flush_all()
    assert steps(tmp_path) == [1]


def test_fsync_is_asked_for_and_only_then(tmp_path, monkeypatch, held_back):
    calls = []
    monkeypatch.setattr(os, "fsync", calls.append)
    monkeypatch.setattr("tbwriter.files.storage.fcntl", None)  # macOS has a request of its own
    for fsync in False, True:
        with SummaryWriter(tmp_path, fsync=fsync) as writer:
            writer.add_scalar("x", 1, 1)
        assert len(calls) == (2 + (os.name == "posix")) * fsync  # the file, its name in the directory, the batch
