"""What the writer promises when threads, forked and spawned processes, copies and other writers log at once."""

import copy
import gc
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from tbwriter import SummaryWriter, read_events, read_scalars
from tbwriter.files import records

LATER = 3600.0  # seconds: not within a test

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
forks_with_threads = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


def files(directory):
    return sorted(path for path in Path(directory).iterdir() if "tfevents" in path.name)


def test_eight_threads_of_ten_thousand_scalars_each_lose_none(tmp_path):
    with SummaryWriter(tmp_path) as writer:

        def work(name):
            for step in range(10_000):
                writer.add_scalar(name, step, step)

        threads = [threading.Thread(target=work, args=(f"thread {i}",)) for i in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    curves = read_scalars(tmp_path)
    assert sorted(curves) == [f"thread {i}" for i in range(8)]
    assert all(np.array_equal(curve, np.arange(10_000)) for curve, _ in curves.values())


@needs_fork
@forks_with_threads
def test_a_child_forked_under_load_writes_a_file_of_its_own(tmp_path):
    """tensorboardX and torch deadlock here: the child waits for a thread that stayed in the parent."""
    with SummaryWriter(tmp_path, flush_secs=0) as writer:
        going = threading.Event()
        load = threading.Thread(target=lambda: [writer.add_scalar("load", 0) for _ in iter(going.is_set, True)])
        load.start()
        children = []
        for number in range(5):
            child = os.fork()
            if not child:
                try:
                    for step in range(30):
                        writer.add_scalar(f"child {number}", step, step)
                    writer.close()
                    os._exit(0)
                finally:
                    os._exit(1)
            children.append(child)
        assert [os.waitpid(child, 0)[1] for child in children] == [0] * 5
        going.set()
        load.join()
        writer.add_scalar("x", 1, 1)
    assert len(files(tmp_path)) == 6
    curves = read_scalars(tmp_path)
    assert all(curves[f"child {number}"][0].tolist() == list(range(30)) for number in range(5))


def _write_in_a_process(writer, name):
    writer.add_scalar(name, 1, 1)


@forks_with_threads
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_a_process_of_multiprocessing_writes_to_its_end_without_close(tmp_path, method, held_back):
    with SummaryWriter(tmp_path) as writer:
        writer.add_scalar("parent", 0, 0)
        context = multiprocessing.get_context(method)
        children = [context.Process(target=_write_in_a_process, args=(writer, f"child {i}")) for i in range(2)]
        for child in children:
            child.start()
        for child in children:
            child.join(60)
            assert child.exitcode == 0
    assert len(files(tmp_path)) == 3
    assert sorted(read_scalars(tmp_path)) == ["child 0", "child 1", "parent"]


@pytest.mark.parametrize("copied", [lambda w: pickle.loads(pickle.dumps(w)), copy.deepcopy])
def test_a_copy_goes_on_in_a_file_of_its_own(tmp_path, monkeypatch, copied):
    monkeypatch.chdir(tmp_path)
    with SummaryWriter("run", purge_step=5, filename_suffix=".mine") as writer:
        writer.add_scalar("x", 1, 7)
        monkeypatch.chdir("/")
        with copied(writer) as other:
            other.add_scalar("x", 2, 8)
            other.add_scalars("both", {"train": 1.0}, 1)
            assert other.get_logdir() == "run"
    first, second = files(tmp_path / "run")
    assert second.name.endswith(".mine")
    assert [event.step for event in read_events(first)] == [0, 5, 5, 7]
    assert [event.step for event in read_events(second)] == [0, 8]
    assert read_scalars(tmp_path / "run" / "both_train")["both"][0].tolist() == [1]


def test_a_copy_that_writes_nothing_makes_no_file_and_one_of_a_closed_writer_is_closed(tmp_path):
    writer = SummaryWriter(tmp_path)
    pickle.loads(pickle.dumps(writer)).close()
    writer.close()
    assert len(files(tmp_path)) == 1
    with pytest.warns(RuntimeWarning, match="was closed"):
        pickle.loads(pickle.dumps(writer)).add_scalar("x", 1)
    assert len(files(tmp_path)) == 2


def test_writers_of_several_processes_in_one_second_share_no_file(tmp_path):
    program = """
import sys, time
from tbwriter import SummaryWriter
time.time = lambda: 1700000000.5
SummaryWriter(sys.argv[1]).add_scalar(sys.argv[2], 1, 1)
"""
    command = [sys.executable, "-c", program, str(tmp_path)]
    processes = [subprocess.Popen([*command, str(number)]) for number in range(3)]
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert len(files(tmp_path)) == 3
    assert sorted(read_scalars(tmp_path)) == ["0", "1", "2"]


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="this system does not list its descriptors")
def test_a_thousand_writers_leak_neither_threads_nor_descriptors_nor_themselves(tmp_path, held_back):
    SummaryWriter(tmp_path / "first").close()
    threads, descriptors = threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))
    for number in range(1000):
        with SummaryWriter(tmp_path / str(number % 7)) as writer:
            writer.add_scalar("x", number, number)
    assert threading.active_count() <= threads + 1
    assert len(list(Path("/proc/self/fd").iterdir())) <= descriptors
    del writer
    gc.collect()
    assert not [one for one in gc.get_objects() if type(one) is SummaryWriter and str(tmp_path) in one.log_dir]
    assert sum(len(read_scalars(tmp_path / str(number))["x"][0]) for number in range(7)) == 1000


# --------------------------------------------------------------------------------- what keeps the caller from waiting


def test_ten_thousand_scalars_are_one_batch_one_open_and_one_write_and_none_by_the_caller(
    tmp_path, monkeypatch, held_back
):
    writer = SummaryWriter(tmp_path)
    calls = []

    def watched(name, call):
        return lambda *arguments: calls.append((name, threading.current_thread().name)) or call(*arguments)

    for name in "open", "write", "close":
        monkeypatch.setattr(os, name, watched(name, getattr(os, name)))
    for step in range(10_000):
        writer.add_scalar("x", 0.5, step)
    assert calls == []
    writer.flush()
    assert calls == [(name, "tbwriter") for name in ("open", "write", "close")]


def test_checksums_are_computed_by_the_c_library(tmp_path, monkeypatch):
    lengths = []
    crc32c = records.crc32c
    monkeypatch.setattr(records, "crc32c", lambda data, *start: lengths.append(len(data)) or crc32c(data, *start))
    assert type(crc32c).__name__ == "builtin_function_or_method"
    with SummaryWriter(tmp_path) as writer:
        writer.add_text("t", "x" * 1_000_000)
    assert max(lengths) > 1_000_000


@pytest.mark.parametrize("end", ["writer.close()", ""])
def test_greenlets_of_a_patched_program_lose_nothing_and_wait_for_nothing(tmp_path, end):
    """With gevent the thread is a greenlet, which runs when others wait."""
    pytest.importorskip("gevent", reason="patches threads (extra callers)")
    program = f"""
from gevent import monkey; monkey.patch_all()
import sys, gevent
from tbwriter import SummaryWriter, read_scalars
writer = SummaryWriter(sys.argv[1])
def work(name):
    for step in range(50):
        writer.add_scalar(name, step, step)
        gevent.sleep(0)
gevent.joinall([gevent.spawn(work, f"greenlet {{number}}") for number in range(4)])
writer.flush()
assert sum(len(steps) for steps, _ in read_scalars(sys.argv[1]).values()) == 200
writer.add_scalar("last", 1, 1)
{end}
"""
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, done.stderr
    assert sum(len(steps) for steps, _ in read_scalars(tmp_path).values()) == 201
