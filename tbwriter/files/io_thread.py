"""The one thread of a process that writes all its event files."""

import atexit
import math
import os
import sys
import threading
import time
import weakref
from typing import Protocol

STALL_SECS = 60.0  # so long a caller waits for a disk that takes nothing, then gets an error


class Batched(Protocol):
    """What the thread writes: something that collects a batch."""

    def take_batch(self) -> None:
        """Begin with what has been collected; the lock is held."""

    def write_batch(self) -> bool:
        """Write what was taken; False if it failed: the next caller gets the error. The lock is not held."""

    def flush(self) -> None:
        """Return once all is written."""

    def start_empty(self) -> None:
        """Forget everything that waits."""


class IoThread:
    """The thread, which starts with the first event, and the files that wait for it."""

    def __init__(self) -> None:
        self.files: weakref.WeakSet[Batched] = weakref.WeakSet()
        self.start_empty()

    def start_empty(self) -> None:
        """Forget the thread and all that waits for it, as a forked child must: both are its parent's."""
        self.lock = threading.RLock()  # reentrant: a signal handler may log while its thread is in here
        self.changed = threading.Condition(self.lock)
        self.progress = 0  # rises with everything that gets done
        self._stalled_at = -1  # the progress when a caller gave up waiting
        self._due: dict[Batched, float] = {}  # file -> moment of the monotonic clock
        self._refused: set[Batched] = set()  # as those that are due, these are kept alive until they are written
        self._thread: threading.Thread | None = None

    def write_by(self, file: Batched, moment: float) -> None:
        """Have a file's batch written at that moment, or earlier; the lock is held."""
        if file not in self._due or moment < self._due[file]:
            self._due[file] = moment
            self._start()
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
        if not self._start():
            self.write_due()
        elif not self.changed.wait(STALL_SECS) and self.progress == before:
            self._stalled_at = before
            return False
        return True

    def _start(self) -> bool:
        """Start the thread unless it runs; False when the interpreter, shutting down, lets no thread start."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="tbwriter", daemon=True)
            try:
                self._thread.start()
            except RuntimeError:
                return False
            if "multiprocessing.util" in sys.modules:  # its children end without atexit
                sys.modules["multiprocessing.util"].Finalize(None, self.flush_all, exitpriority=0)
        return True

    def _run(self) -> None:
        while True:
            self.write_due()

    def write_due(self) -> None:
        """Wait until files are due, and write their batches."""
        with self.lock:
            while not (due := self._take_due()):
                delay = min(self._due.values(), default=math.inf) - time.monotonic()
                self.changed.wait(min(max(delay, 0.0), threading.TIMEOUT_MAX))
        for file in due:
            written = file.write_batch()
            with self.lock:
                (self._refused.discard if written else self._refused.add)(file)
                self.progress += 1
                self.changed.notify_all()

    def _take_due(self) -> list[Batched]:
        now = time.monotonic()
        due = [file for file, moment in self._due.items() if moment <= now]
        for file in due:
            del self._due[file]
            file.take_batch()
        return due

    def flush_all(self) -> None:
        """At the end of the process: write what waits. Nobody is left to catch an error, so it is printed."""
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


def _after_fork_in_child() -> None:
    """The thread and the lock's other users stayed in the parent."""
    worker.start_empty()
    for file in list(worker.files):
        file.start_empty()


atexit.register(worker.flush_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: worker.lock.acquire(),
        after_in_parent=lambda: worker.lock.release(),
        after_in_child=_after_fork_in_child,
    )
