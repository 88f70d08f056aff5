"""Nothing that was added is lost at an ordinary end of the process, whoever adds it, and no end waits for anything.

Each program adds steps 0 to 19 of the tag x, the last of them when the interpreter has begun to end.
"""

import multiprocessing
import os
import subprocess
import sys

import pytest

from tbwriter import SummaryWriter, list_tags, read_scalars

HEAD = """
import atexit, os, sys, threading, weakref

@atexit.register
def before_the_import():
    if at_the_end:
        at_the_end.pop()()

at_the_end = []
from tbwriter import GlobalSummaryWriter, SummaryWriter

def add(writer, *steps):
    for step in range(*steps):
        writer.add_scalar("x", step, step)

class Run:
    def __init__(self, last):
        self.writer, self.last = SummaryWriter(sys.argv[1]), last
    def __del__(self):
        self.last(self.writer)
"""

ENDS = {
    "__del__ adds": """
run = Run(lambda writer: add(writer, 10, 20))
add(run.writer, 10)
""",
    "__del__ adds and closes": """
run = Run(lambda writer: (add(writer, 10, 20), writer.close()))
add(run.writer, 10)
""",
    "__del__ in a cycle": """
run = Run(lambda writer: (add(writer, 10, 20), writer.flush(), writer.close()))
run.me = run
add(run.writer, 10)
""",
    "__del__ adds the first event": """
run = Run(lambda writer: (add(writer, 20), writer.add_text("t", "text"), writer.log(1, {"y": 1})))
""",
    "__del__ uses a closed writer": """
import warnings
warnings.simplefilter("ignore")
run = Run(lambda writer: add(writer, 10, 20))
add(run.writer, 10)
run.writer.close()
""",
    "__del__ of a global writer": """
class Shared:
    def __init__(self):
        self.writer = GlobalSummaryWriter(sys.argv[1])
    def __del__(self):
        for step in range(10): self.writer.add_scalar("x", step)
        self.writer.close()
shared = Shared()
for step in range(10): shared.writer.add_scalar("x", step)
""",
    "a suspended generator": """
def training():
    with SummaryWriter(sys.argv[1]) as writer:
        try:
            for step in range(10):
                add(writer, step, step + 1)
                yield
        finally:
            add(writer, 10, 20)
steps = training()
for _ in range(10): next(steps)
""",
    "atexit, registered before the import": """
writer = SummaryWriter(sys.argv[1])
add(writer, 10)
at_the_end.append(lambda: add(writer, 10, 20))
""",
    "atexit, registered before the import, closes": """
writer = SummaryWriter(sys.argv[1])
add(writer, 10)
at_the_end.append(lambda: (add(writer, 10, 20), writer.close()))
""",
    "atexit, registered after the import": """
writer = SummaryWriter(sys.argv[1])
add(writer, 10)
atexit.register(add, writer, 10, 20)
""",
    "atexit adds the first event": """
writer = SummaryWriter(sys.argv[1])
atexit.register(add, writer, 20)
""",
    "weakref.finalize": """
writer = SummaryWriter(sys.argv[1])
add(writer, 10)
class Trainer: pass
trainer = Trainer()
weakref.finalize(trainer, lambda: (add(writer, 10, 20), writer.close()))
""",
    "a daemon thread that goes on": """
writer = SummaryWriter(sys.argv[1])
add(writer, 20)
def load():
    going.set()
    while True: writer.add_scalar("load", 1)
going = threading.Event()
threading.Thread(target=load, daemon=True).start()
going.wait(20)
""",
    "a daemon thread that goes on, and __del__": """
run = Run(lambda writer: (add(writer, 10, 20), writer.close()))
add(run.writer, 10)
elsewhere = {}  # a frame that stops for ever keeps its globals, and they must not keep the run
exec('''
def load(writer, going):
    going.set()
    while True: writer.add_scalar("load", 1)
''', elsewhere)
going = threading.Event()
threading.Thread(target=elsewhere["load"], args=(run.writer, going), daemon=True).start()
going.wait(20)
""",
    "os._exit after flush": """
writer = SummaryWriter(sys.argv[1])
add(writer, 20)
writer.flush()
os._exit(0)
""",
    "sys.exit in an atexit handler": """
writer = SummaryWriter(sys.argv[1])
add(writer, 10)
at_the_end.append(lambda: (add(writer, 10, 20), sys.exit(3)))
""",
}


@pytest.mark.parametrize("end", ENDS)
def test_no_end_loses_an_event_or_waits(tmp_path, end):
    command = [sys.executable, "-c", HEAD + ENDS[end], str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50)  # less than a stalled disk is given
    assert sorted(read_scalars(tmp_path)["x"][0].tolist()) == list(range(20)), done.stderr
    assert "Traceback" not in done.stderr or "sys.exit" in end


def test_a_disk_that_refuses_at_the_very_end_is_said(tmp_path):
    program = """
run = Run(lambda writer: add(writer, 1))
(name,) = os.listdir(sys.argv[1])
os.unlink(os.path.join(sys.argv[1], name))
"""
    done = subprocess.run([sys.executable, "-c", HEAD + program, str(tmp_path)], capture_output=True, text=True)
    assert "No such file or directory; 1 event is not on disk" in done.stderr


def _task(directory, number):
    writer = SummaryWriter(f"{directory}/{number}", flush_secs=120)
    for step in range(20):
        writer.add_scalar("x", step, step)


@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
@pytest.mark.parametrize("method", multiprocessing.get_all_start_methods())
def test_the_tasks_of_a_pool_that_ends_by_sigterm_are_on_disk(tmp_path, method):
    with multiprocessing.get_context(method).Pool(2) as pool:
        pool.starmap(_task, [(str(tmp_path), number) for number in range(6)], chunksize=1)
    pool.join()
    assert [len(read_scalars(tmp_path / str(number))["x"][0]) for number in range(6)] == [20] * 6


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_sigterm_just_before_the_worker_of_a_pool_begins_to_wait_is_not_missed(tmp_path):
    """Python then notes the signal and tells the pipe, but nothing ends the wait. Here only the pipe is told."""
    program = """
import multiprocessing.process, multiprocessing.util, signal
from tbwriter.files.io_thread import worker

multiprocessing.process.current_process()._config["daemon"] = True  # as of a pool
writer = SummaryWriter(sys.argv[1], flush_secs=120)
add(writer, 20)
os.write(worker.told_by, bytes([signal.SIGTERM]))
multiprocessing.Semaphore(0).acquire()
"""
    command = [sys.executable, "-c", HEAD + program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert done.returncode == -15, done.stderr
    assert read_scalars(tmp_path)["x"][0].tolist() == list(range(20))


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_a_sigterm_that_interrupts_a_write_waits_for_its_end_where_no_thread_can_start(tmp_path):
    """As in the worker of a pool that may have no more threads: there the caller writes."""
    program = """
import multiprocessing.process, multiprocessing.util, signal
from tbwriter.files.storage import LocalDirectory

def start(thread):
    raise RuntimeError("can't start new thread")
threading.Thread.start = start
multiprocessing.process.current_process()._config["daemon"] = True  # as of a pool
append = LocalDirectory.append
def interrupted(folder, name, data, end):
    if writes.pop():
        os.kill(os.getpid(), signal.SIGTERM)  # its handler is called here, before a byte of this batch is written
    append(folder, name, data, end)
LocalDirectory.append = interrupted
other, writer = SummaryWriter(sys.argv[1] + "/other"), SummaryWriter(sys.argv[1])
writes = [True, *[False] * 20]
add(other, 1)
add(writer, 20)
print("still alive")
"""
    done = subprocess.run([sys.executable, "-c", HEAD + program, str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == -15, done.stderr
    assert "alive" not in done.stdout
    assert read_scalars(tmp_path)["x"][0].tolist() == list(range(20))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
@pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")
def test_a_pools_own_handler_of_sigterm_stays(tmp_path):
    with multiprocessing.get_context("fork").Pool(1, initializer=_ignore_sigterm) as pool:
        assert pool.apply(_handler_after_an_event, (str(tmp_path),))
        pool.close()
        pool.join()


def _ignore_sigterm():
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _handler_after_an_event(directory):
    import signal

    SummaryWriter(directory).add_scalar("x", 1, 1)
    return signal.getsignal(signal.SIGTERM) == signal.SIG_IGN


def test_every_method_works_in_a_del_although_nothing_can_be_imported_any_more(tmp_path):
    """NumPy imports parts of itself when they are first called; ours calls none of these so late."""
    program = """
import numpy as np
def last(w):
    w.add_scalar("scalar", np.float32(1))
    w.add_scalars("scalars", {"a": 1})
    w.add_image("image", np.zeros((3, 8, 8)))
    w.add_images("images", np.zeros((2, 3, 8, 8), np.uint8), as_grid=False)
    w.add_video("video", np.zeros((1, 2, 3, 4, 4)))
    w.add_audio("audio", np.zeros(10))
    w.add_text("text", "text")
    w.add_histogram("histogram", np.arange(10.0))
    w.add_pr_curve("curve", np.array([0, 1]), np.array([0.1, 0.9]))
    w.add_mesh("mesh", np.zeros((1, 3, 3)), np.zeros((1, 3, 3)))
    w.add_tensor("tensor", np.zeros(3))
    w.add_embedding(np.zeros((3, 2)))
    w.add_custom_scalars({"a": {"b": ["Multiline", ["c"]]}})
    w.add_hparams({"lr": np.float32(1)}, {"metric": 1})
    w.close()
run = Run(last)
"""
    command = [sys.executable, "-c", HEAD + program, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=50)
    assert done.stderr == ""
    assert len(list_tags(tmp_path)) == 15
    assert (tmp_path / "projector_config.pbtxt").is_file()
