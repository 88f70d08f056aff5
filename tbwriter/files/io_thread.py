"""The one thread of a process that writes all its event files. At the end of the process the callers write."""

import atexit
import contextlib
import math
import os
import signal
import sys
import threading
import time
import weakref
from pathlib import Path
from types import FrameType
from typing import Any, Protocol

STALL_SECS = 60.0  # so long a caller waits for a disk that takes nothing, then gets an error


class Batched(Protocol):
    """What the thread writes: something that collects a batch."""

    def take_batch(self) -> None:
        """Begin with what has been collected; the lock is held."""

    def write_batch(self) -> bool:
        """Write what was taken; False if it failed: the next caller gets the error. The lock is not held."""

    def written_by(self) -> int | None:
        """The thread that has taken a batch and not written it yet, if one has."""

    def flush(self) -> None:
        """Return once all is written."""

    def start_empty(self) -> None:
        """Forget everything that waits."""


class LastLock:
    """A lock for the end of the process, when a thread that holds the real one may have stopped for ever.

    While Python finalizes, only one thread is left, and it needs no lock.
    """

    def __init__(self, lock: Any) -> None:
        self._lock = lock
        self._held = 0

    def acquire(self) -> None:
        """Take the real lock, as long as others may hold it."""
        if not sys.is_finalizing():
            self._lock.acquire()
            self._held += 1

    def release(self) -> None:
        """Give back what `acquire` took."""
        if self._held:
            self._held -= 1
            with contextlib.suppress(RuntimeError):  # taken by a thread that is gone
                self._lock.release()

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *error: object) -> None:
        self.release()


class IoThread:
    """The thread, which starts with the first event, and the files that wait for it."""

    def __init__(self) -> None:
        self.files: weakref.WeakSet[Batched] = weakref.WeakSet()
        self.ended = False  # whether the process ends: then the thread has stopped, and callers write
        self.told_by: int | None = None  # the pipe by which a thread is told of signals
        self.dies_of: int | None = None  # a signal that interrupted a write and waits for its end
        self.start_empty()

    def start_empty(self) -> None:
        """Forget the thread and all that waits for it, as a forked child must: both are its parent's."""
        self._mutex = threading.RLock()  # reentrant: a signal handler may log while its thread is in here
        self.lock: Any = LastLock(self._mutex) if self.ended else self._mutex
        self.changed = threading.Condition(self._mutex)
        self.progress = 0  # rises with everything that gets done
        self._stalled_at = -1  # the progress when a caller gave up waiting
        self._due: dict[Batched, float] = {}  # file -> moment of the monotonic clock
        self._refused: set[Batched] = set()  # as those that are due, these are kept alive until they are written
        self._thread: threading.Thread | None = None
        self.prepared: int | None = None  # the process whose end has been prepared for
        self.dying = False  # whether a SIGTERM is being handled

    def write_by(self, file: Batched, moment: float) -> None:
        """Have a file's batch written at that moment, or earlier; the lock is held and the thread runs."""
        if file not in self._due or moment < self._due[file]:
            self._due[file] = moment
            self.changed.notify_all()

    @property
    def stalled(self) -> bool:
        """Whether a caller gave up waiting, and nothing has been written since."""
        return self._stalled_at == self.progress

    def forget(self, file: Batched) -> None:
        """Give up what a file could not write; the lock is held."""
        self._refused.discard(file)

    def wait(self) -> bool:
        """Wait until something has been written; False when nothing gets done any more. The lock is held."""
        before = self.progress
        if not self.changed.wait(STALL_SECS) and self.progress == before:
            self._stalled_at = before
            return False
        return True

    def serves(self) -> bool:
        """Whether a caller may leave the writing to the thread, which starts if need be; the lock is held.

        False when the process ends, when the system lets no thread start, and on the thread itself, where a garbage
        collection may run anybody's ``__del__``.
        """
        if self.ended or sys.is_finalizing():
            return False
        if self._thread is None or not self._thread.is_alive():
            thread = threading.Thread(target=self._run, name="tbwriter", daemon=True)
            _prepare_for_the_end_of_a_child(self)
            try:
                _start_deaf(thread)
            except RuntimeError:
                return False
            self._thread = thread
        return self._thread is not threading.current_thread()

    def _run(self) -> None:
        while not self.ended:
            self._write_due()

    def _write_due(self) -> None:
        """Wait until files are due, and write their batches."""
        with self._mutex:
            while not (due := self._take_due()):
                if self.ended:
                    return
                delay = min(self._due.values(), default=math.inf) - time.monotonic()
                self.changed.wait(min(max(delay, 0.0), threading.TIMEOUT_MAX))
        for file in due:
            self.write(file)

    def write(self, file: Batched) -> None:
        """Write the batch that a file took, and say so to those who wait; the caller may hold the lock."""
        written = file.write_batch()
        with self.lock:
            (self._refused.discard if written else self._refused.add)(file)
            self.progress += 1
            if not sys.is_finalizing():
                self.changed.notify_all()
        in_main_thread = threading.current_thread() is threading.main_thread()  # only there a handler is called
        if self.dies_of is not None and in_main_thread and not self.writes_here():
            _flush_and_die(self.dies_of, None)

    def writes_here(self) -> bool:
        """Whether a write of this very thread is under way, further down the stack."""
        here = threading.get_ident()
        return any(file.written_by() == here for file in list(self.files))

    def _take_due(self) -> list[Batched]:
        now = time.monotonic()
        due = [file for file, moment in self._due.items() if moment <= now]
        for file in due:
            del self._due[file]
            file.take_batch()
        return due

    def end(self) -> None:
        """At the end of the process: stop the thread, and write what waits. From here on, callers write.

        Nobody is left to catch an error, so it is printed.
        """
        with self._mutex:
            self.ended = True
            self.lock = LastLock(self._mutex)
            self.changed.notify_all()
            thread = self._thread
        if thread is not None and thread is not threading.current_thread():
            thread.join(STALL_SECS)
        self.flush_all()

    def flush_all(self) -> None:
        """Write what waits for any file; an error is printed."""
        with self.lock:
            files = list(self.files)
        for file in files:
            try:
                file.flush()
            except Exception as error:
                print(f"tbwriter: {error}", file=sys.stderr)
                if isinstance(error, TimeoutError):
                    return


worker = IoThread()


def _start_deaf(thread: threading.Thread) -> None:
    """Start a thread that no signal is delivered to: one that the other threads block must wait until they take it."""
    if not hasattr(signal, "pthread_sigmask"):
        thread.start()
        return
    faults = {signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}  # the thread's own
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals() - faults)  # a thread begins with our mask
        thread.start()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _prepare_for_the_end_of_a_child(thread: IoThread) -> None:
    """Children of multiprocessing end without atexit, and those of a pool by SIGTERM."""
    if "multiprocessing.util" not in sys.modules or thread.prepared == os.getpid():
        return
    thread.prepared = os.getpid()
    sys.modules["multiprocessing.util"].Finalize(None, thread.end, exitpriority=0)
    in_pool = sys.modules["multiprocessing.process"].current_process().daemon
    in_main_thread = threading.current_thread() is threading.main_thread()  # only there a handler can be set
    if in_pool and in_main_thread and _dies_of_sigterm():
        signal.signal(signal.SIGTERM, _on_sigterm)
        if hasattr(signal, "pthread_kill") and "gevent" not in sys.modules:  # a greenlet that reads would stop all
            _listen_for_sigterm()


def _dies_of_sigterm() -> bool:
    """Whether nobody handles SIGTERM; Python does not know of handlers in C, such as `faulthandler.register` sets."""
    caught = 0
    with contextlib.suppress(OSError, ValueError):  # other systems than Linux do not say
        status = Path("/proc/self/status").read_text("ascii", "replace")
        caught = int(status.partition("SigCgt:")[2].split(maxsplit=1)[0], 16)
    return signal.getsignal(signal.SIGTERM) == signal.SIG_DFL and not caught >> (signal.SIGTERM - 1) & 1


def _listen_for_sigterm() -> None:
    """Have a thread told of signals by Python itself, which writes their numbers into a pipe as they arrive."""
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    main = threading.main_thread().ident
    listener = threading.Thread(target=_repeat_sigterm, args=(reading, main), name="tbwriter-signals", daemon=True)
    try:
        if before != -1:
            raise RuntimeError("somebody else is told of signals")
        _start_deaf(listener)
    except RuntimeError:  # or no thread can start
        signal.set_wakeup_fd(before, warn_on_full_buffer=False)
        os.close(writing)
        while before != -1 and (missed := os.read(reading, 64)):  # what arrived meanwhile was theirs
            os.write(before, missed)
        os.close(reading)
    else:
        worker.told_by = writing


def _repeat_sigterm(reading: int, main: int) -> None:
    """A signal that arrives just before the main thread begins to wait for something does not end that wait: the
    handler would be called when the wait is over, which may be never. The same signal, sent again, ends it.
    """
    while os.read(reading, 1) != bytes([signal.SIGTERM]):
        pass
    while not worker.dying and signal.getsignal(signal.SIGTERM) is _on_sigterm:
        signal.pthread_kill(main, signal.SIGTERM)
        time.sleep(0.05)


def _on_sigterm(number: int, frame: FrameType | None) -> None:
    if not worker.dying:
        worker.dying = True
        _flush_and_die(number, frame)


def _flush_and_die(number: int, frame: FrameType | None) -> None:
    if worker.ended:  # the child ends by itself, and this may have interrupted its last write
        return
    worker.flush_all()
    if worker.writes_here():  # where callers write, the signal may have interrupted that: it dies when that is done
        worker.dies_of = number
        return
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)


def _after_fork_in_child() -> None:
    """The thread and the lock's other users stayed in the parent."""
    worker.start_empty()
    if worker.told_by is not None:  # the pipe is the parent's, who would end by our signals
        told = signal.set_wakeup_fd(-1)
        if told not in (-1, worker.told_by):  # somebody else's
            signal.set_wakeup_fd(told, warn_on_full_buffer=False)
        os.close(worker.told_by)
        worker.told_by = None
    for file in list(worker.files):
        file.start_empty()


atexit.register(worker.end)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: worker.lock.acquire(),
        after_in_parent=lambda: worker.lock.release(),
        after_in_child=_after_fork_in_child,
    )
