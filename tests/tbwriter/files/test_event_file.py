import errno
import gc
import io
import os
import re
import signal
import subprocess
import sys
import threading
import time
import weakref
from pathlib import Path

import pytest

from tbwriter.files import event_file, io_thread
from tbwriter.files.event_file import EventFile
from tbwriter.files.records import read_records
from tbwriter.messages.encode import scalar_event

LATER = 3600.0  # seconds: not within a test


def event(step):
    return scalar_event(1.0, step, "x", 0.5)


def place(file):
    return Path(file.directory.join(file.name))


def contents(path):
    """The records of a file without the one that says the version."""
    return [data for _, data in read_records(io.BytesIO(path.read_bytes()))][1:]


def wait_until(condition, seconds=20.0):
    """Bounded wait for another thread or process."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        threading.Event().wait(0.002)


def test_the_name_says_when_where_and_who(tmp_path):
    file = EventFile(tmp_path, suffix=".mine")
    assert re.fullmatch(rf"events\.out\.tfevents\.\d{{10}}\..+\.{os.getpid()}\.\d+\.mine", file.name)


def test_two_files_of_one_second_in_one_directory_are_two(tmp_path):
    assert EventFile(tmp_path).name != EventFile(tmp_path).name


def test_a_name_that_exists_is_never_taken_over(tmp_path, monkeypatch):
    numbers = iter([1, 1, 2])
    monkeypatch.setattr(event_file, "_counter", numbers)
    monkeypatch.setattr(event_file.time, "time", lambda: 1700000000.0)
    first, second = EventFile(tmp_path), EventFile(tmp_path)
    assert first.name.endswith(".000001")
    assert second.name.endswith(".000002")


def test_after_flush_everything_is_in_the_file_in_order(tmp_path, held_back):
    file = EventFile(tmp_path, pause=LATER)
    events = [event(step) for step in range(1000)]
    for one in events:
        file.add(one)
    file.flush()
    assert contents(place(file)) == events


def test_a_batch_is_one_write(tmp_path, monkeypatch, held_back):
    file = EventFile(tmp_path, pause=LATER)
    sizes = []
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: sizes.append(len(data)) or write(fd, data))
    for step in range(1000):
        file.add(event(step))
    file.flush()
    assert len(sizes) == 1


def test_the_first_event_goes_out_at_once_and_the_next_after_a_pause(tmp_path):
    file = EventFile(tmp_path, pause=LATER)
    file.add(event(1))
    wait_until(lambda: contents(place(file)) == [event(1)] and file._next > time.monotonic())
    file.add(event(2))
    assert io_thread.worker._due[file] > time.monotonic() + LATER / 2
    file._next = 0.0
    file.close()
    assert contents(place(file)) == [event(1), event(2)]


def test_a_batch_goes_out_when_its_time_has_come(tmp_path):
    file = EventFile(tmp_path, pause=0.01)
    for step in range(3):
        file.add(event(step))
        wait_until(lambda step=step: contents(place(file))[-1:] == [event(step)])


@pytest.mark.parametrize("most", [1, 3])
def test_a_full_queue_does_not_wait(tmp_path, held_back, most):
    file = EventFile(tmp_path, pause=LATER, max_queue=most)
    for step in range(most - 1):
        file.add(event(step))
    assert contents(place(file)) == []
    file.add(event(most - 1))
    wait_until(lambda: len(contents(place(file))) == most)


def test_a_writer_that_is_closed_by_a_garbage_collection_on_the_thread_waits_for_nobody(tmp_path, held_back):
    """A ``__del__`` may run there, and waiting for the thread would be waiting for itself."""
    other = EventFile(tmp_path / "other", pause=LATER)
    other.add(event(1))
    file = EventFile(tmp_path / "file", pause=LATER)

    def make():
        other.close()
        file.add(event(2))
        file.flush()
        return event(3)

    file.add(make)
    file.flush()
    file.close()
    assert contents(place(other)) == [event(1)]
    assert sorted(contents(place(file))) == [event(2), event(3)]


def test_a_full_batch_does_not_wait(tmp_path, monkeypatch, held_back):
    monkeypatch.setattr(event_file, "BATCH_BYTES", 100)
    file = EventFile(tmp_path, pause=LATER)
    for step in range(10):
        file.add(event(step))
    wait_until(lambda: len(contents(place(file))) >= 8)


def test_a_deferred_event_keeps_its_place_and_is_made_on_the_thread(tmp_path, held_back):
    file = EventFile(tmp_path, pause=LATER)
    makers = []
    file.add(event(1))
    file.add(lambda: makers.append(threading.current_thread().name) or event(2), size=10)
    file.add(event(3))
    file.flush()
    assert contents(place(file)) == [event(1), event(2), event(3)]
    assert makers == ["tbwriter"]


def test_a_deferred_event_that_fails_is_reported_once_and_takes_no_other_with_it(tmp_path, held_back):
    file = EventFile(tmp_path, pause=LATER)
    file.add(event(1))
    file.add(lambda: 1 // 0)
    file.add(event(3))
    with pytest.raises(RuntimeError, match="could not be made: integer division or modulo by zero") as caught:
        file.flush()
    assert isinstance(caught.value.__cause__, ZeroDivisionError)
    file.flush()
    assert contents(place(file)) == [event(1), event(3)]
    for _ in range(2):
        file.add(lambda: [][0])
    with pytest.raises(RuntimeError, match=r"^2 events for .* could not be made: list index out of range"):
        file.flush()


def test_threads_lose_nothing(tmp_path):
    file = EventFile(tmp_path)

    def work(start):
        for step in range(start, start + 2000):
            file.add(event(step))

    threads = [threading.Thread(target=work, args=(2000 * i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    file.close()
    assert sorted(contents(place(file))) == sorted(event(step) for step in range(16_000))


def test_a_closed_file_goes_on_in_a_new_one_with_one_warning(tmp_path):
    file = EventFile(tmp_path)
    file.add(event(1))
    file.close()
    file.close()
    file.flush()
    first = place(file)
    message = f"the writer of {tmp_path} was closed: what is added now goes to a new file; close it last"
    with pytest.warns(RuntimeWarning, match=f"^{message}$"):
        file.add(event(2))
    assert contents(place(file)) == [event(2)], "the first event does not wait"
    file.add(event(3))
    file.close()
    second = place(file)
    file.add(event(4))
    file.close()
    assert [contents(path) for path in (first, second, place(file))] == [[event(1)], [event(2), event(3)], [event(4)]]


def test_a_disk_that_fills_up_is_reported_once_and_loses_nothing_when_it_has_room_again(
    tmp_path, monkeypatch, held_back
):
    file = EventFile(tmp_path, pause=LATER)
    write = os.write
    calls = []

    def full(descriptor, data):
        calls.append(len(data))
        if len(calls) == 1:
            return write(descriptor, data[:30])  # part of a record
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    file.add(event(1))
    file.add(event(2))
    with pytest.raises(OSError, match=r"No space left on device; 2 events are not on disk: .*tfevents") as caught:
        file.flush()
    assert caught.value.errno == errno.ENOSPC
    assert contents(place(file)) == []
    file.add(event(3))  # reported once: this is taken
    monkeypatch.setattr(os, "write", write)
    file.flush()
    assert contents(place(file)) == [event(1), event(2), event(3)]


def test_a_failure_in_the_background_surfaces_at_the_next_call(tmp_path):
    file = EventFile(tmp_path, pause=0)
    place(file).unlink()
    file.add(event(1))
    wait_until(lambda: file._failure)
    with pytest.raises(FileNotFoundError, match=r"No such file or directory; 1 event is not on disk"):
        file.add(event(2))
    with pytest.raises(FileNotFoundError):
        file.close()


def test_a_flush_does_not_tell_of_an_attempt_that_began_before_it(tmp_path, monkeypatch):
    """Which of the failed ones are repaired by now, as when the disk got room in between."""
    file = EventFile(tmp_path, pause=0)
    begun, flushing = threading.Event(), threading.Event()
    write, wait = os.write, io_thread.worker.wait

    def fail_once(descriptor, data):
        monkeypatch.setattr(os, "write", write)
        begun.set()
        flushing.wait(20)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "write", fail_once)
    monkeypatch.setattr(io_thread.worker, "wait", lambda: flushing.set() or wait())
    file.add(event(1))
    assert begun.wait(20)
    file.flush()
    assert contents(place(file)) == [event(1)]


def test_later_attempts_of_an_outage_say_nothing_more(tmp_path, monkeypatch):
    monkeypatch.setattr(event_file, "RETRY_SECS", 0.0)
    file = EventFile(tmp_path, pause=0)
    place(file).unlink()
    file.add(event(1))
    for number in range(1, 5):
        wait_until(lambda number=number: file._tried >= number)
        if number == 1:
            with pytest.raises(FileNotFoundError):
                file.add(event(2))
        file.add(event(number))
    with pytest.raises(FileNotFoundError, match="5 events are lost"):
        file.close()


def test_an_event_that_comes_while_the_file_is_being_closed_is_not_lost(tmp_path, monkeypatch, held_back):
    file = EventFile(tmp_path, pause=LATER)
    file.add(event(1))
    wait = io_thread.worker.wait

    def add_meanwhile():
        waited = wait()
        file.add(event(2))
        return waited

    monkeypatch.setattr(io_thread.worker, "wait", add_meanwhile)
    file.close()
    assert contents(place(file)) == [event(1), event(2)]
    assert file.closed


def test_closing_after_the_directory_was_deleted_says_so_and_closes(tmp_path, held_back):
    file = EventFile(tmp_path / "run", pause=LATER)
    file.add(event(1))
    place(file).unlink()
    (tmp_path / "run").rmdir()
    with pytest.raises(FileNotFoundError, match="1 event is lost"):
        file.close()
    assert file.closed


def test_with_too_much_waiting_a_caller_waits_for_the_disk(tmp_path, monkeypatch, held_back):
    monkeypatch.setattr(event_file, "LIMIT_BYTES", 1000)
    monkeypatch.setattr(event_file, "BATCH_BYTES", 200)
    file = EventFile(tmp_path, pause=LATER)
    for step in range(500):
        file.add(event(step))
    file.close()
    assert len(contents(place(file))) == 500


def test_a_disk_that_takes_nothing_does_not_block_for_ever(tmp_path, monkeypatch, held_back):
    monkeypatch.setattr(io_thread, "STALL_SECS", 0.01)
    file = EventFile(tmp_path, pause=LATER)
    file.add(event(1))
    released = threading.Event()
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: released.wait(20) and write(fd, data))
    with pytest.raises(
        TimeoutError, match=r"the disk has taken nothing for .* seconds; 1 event is not on disk: .*tfevents"
    ):
        file.flush()
    released.set()
    monkeypatch.setattr(io_thread, "STALL_SECS", 20)
    file.flush()
    assert contents(place(file)) == [event(1)]


def test_with_memory_full_and_a_disk_that_takes_nothing_only_the_first_caller_waits(tmp_path, monkeypatch, held_back):
    monkeypatch.setattr(event_file, "LIMIT_BYTES", 10)
    monkeypatch.setattr(event_file, "BATCH_BYTES", 1)
    file = EventFile(tmp_path, pause=LATER)
    released = threading.Event()
    write = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: released.wait(20) and write(fd, data))
    file.add(event(1))
    for patience in 0.01, LATER:
        monkeypatch.setattr(io_thread, "STALL_SECS", patience)
        with pytest.raises(TimeoutError, match="the disk has taken nothing for"):
            file.add(event(2))
    released.set()
    file.flush()
    file.add(event(3))
    file.close()
    assert contents(place(file)) == [event(1), event(3)]


def test_where_no_thread_can_start_the_caller_writes(tmp_path, monkeypatch, held_back):
    monkeypatch.setattr(event_file, "worker", io_thread.IoThread())

    def refuse(self):
        raise RuntimeError("can't create new thread at interpreter shutdown")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    file = EventFile(tmp_path, pause=LATER)
    file.add(event(1))
    file.close()
    assert contents(place(file)) == [event(1)]


def test_a_thousand_files_leak_neither_threads_nor_descriptors_nor_memory(tmp_path):
    EventFile(tmp_path).close()
    threads = threading.active_count()
    descriptors = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0  # noqa: PTH112, PTH208
    alive = []
    for number in range(1000):
        file = EventFile(tmp_path / str(number % 10), lazy=number % 10 > 0)
        file.add(event(number))
        if number % 2:
            file.close()
        alive.append(weakref.ref(file))
    io_thread.worker.flush_all()
    del file
    gc.collect()
    assert threading.active_count() <= threads + 1
    if descriptors:
        assert len(os.listdir("/proc/self/fd")) <= descriptors + 1  # noqa: PTH208
    wait_until(lambda: not any(reference() for reference in alive))
    assert sum(len(contents(path)) for path in tmp_path.glob("*/*tfevents*")) == 1000


def test_the_preamble_stands_after_the_version(tmp_path):
    file = EventFile(tmp_path, preamble=(event(7),))
    assert contents(place(file)) == [event(7)]


def test_a_directory_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "log").write_text("a file")
    with pytest.raises(
        FileExistsError,
        match=r"is a file, expected a directory: choose another log_dir, or remove it: .*log'",
    ):
        EventFile(tmp_path / "log")
    with pytest.raises(
        NotADirectoryError, match="Not a directory: events cannot be written here, choose another log_dir"
    ):
        EventFile(tmp_path / "log" / "run")


def test_a_read_only_directory_is_refused(tmp_path, monkeypatch):
    def refuse(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)  # root, as tests in containers often are, may write everywhere
    with pytest.raises(
        PermissionError, match="Permission denied: events cannot be written here, choose another log_dir"
    ):
        EventFile(tmp_path)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_child_writes_a_file_of_its_own_and_nothing_of_its_parents(tmp_path, held_back):
    file = EventFile(tmp_path, pause=LATER)
    file.add(event(1))
    child = os.fork()
    if not child:
        try:
            file.add(event(2))
            file.flush()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    file.close()
    other = next(path for path in tmp_path.iterdir() if path != place(file))
    assert f".{child}." in other.name
    assert contents(place(file)) == [event(1)]
    assert contents(other) == [event(2)]


PROGRAM = """
import os, sys
from tbwriter.files.event_file import EventFile
from tbwriter.messages.encode import scalar_event
file = EventFile(sys.argv[1], pause=3600)
def add(*steps):
    for step in steps:
        file.add(scalar_event(1.0, step, "x", 0.5))
"""


def run(program, tmp_path, **options):
    command = [sys.executable, "-c", PROGRAM + program, str(tmp_path)]
    return subprocess.run(command, timeout=60, capture_output=True, text=True, **options)


@pytest.mark.parametrize(
    "ending", ["add(1, 2)", "add(1, 2); sys.exit(3)", "add(1, 2); 1 / 0", "import atexit; atexit.register(add, 1, 2)"]
)
def test_every_ordinary_end_of_the_process_writes_what_waits(tmp_path, ending):
    run(ending, tmp_path)
    assert contents(next(tmp_path.iterdir())) == [event(1), event(2)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_the_end_of_a_forked_process_of_multiprocessing_writes_what_waits(tmp_path):
    program = """
import multiprocessing, warnings
warnings.simplefilter("ignore")
add(1)
child = multiprocessing.get_context("fork").Process(target=add, args=(2, 3))
child.start()
child.join()
"""
    assert run(program, tmp_path).returncode == 0
    assert sorted(contents(path) for path in tmp_path.iterdir()) == [[event(1)], [event(2), event(3)]]


def test_what_cannot_be_written_at_the_end_is_said(tmp_path):
    done = run("file._next = float('inf'); add(1); os.unlink(file.path)", tmp_path)
    assert re.match(r"tbwriter: .*No such file or directory; 1 event is not on disk", done.stderr)
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no SIGKILL")
def test_a_killed_process_leaves_a_readable_file_with_all_that_was_flushed(tmp_path):
    run("import os, signal; add(1, 2); file.flush(); add(3); os.kill(os.getpid(), signal.SIGKILL)", tmp_path)
    assert contents(next(tmp_path.iterdir())) == [event(1), event(2)]
