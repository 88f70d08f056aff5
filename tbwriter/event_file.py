"""Event files: their names, and the one thread of a process that writes them all.

Callers append events to a file's batch, which costs them next to nothing; the thread frames a batch and hands it to
the operating system by one write. A batch goes out when it is ``flush_secs`` old, when it holds `BATCH_BYTES`, at
``flush()`` and ``close()``, and when the process ends. Between batches no file is held open, so that any number of
writers leaks no descriptor, and a file that was deleted under way is noticed.

Only whole records are appended. What cannot be written waits, and the next call on that file raises the reason, once.
A killed process loses at most what came after the last batch; the file stays readable.
"""

import atexit
import itertools
import math
import os
import socket
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path

from tbwriter.messages.event_pb2 import Event, SourceMetadata
from tbwriter.records import frame

BATCH_BYTES = 1 << 18  # a batch of this size does not wait for its time
LIMIT_BYTES = 1 << 26  # with this much waiting, callers wait for the disk
STALL_SECS = 60.0  # so long a caller waits for a disk that takes nothing, then gets an error

Deferred = Callable[[], bytes]  # makes an Event on the I/O thread, for what takes long to encode

_BINARY = getattr(os, "O_BINARY", 0)
_counter = itertools.count()


class EventFile:
    """One ``events.out.tfevents`` file.

    The methods may be called from any thread. In a forked child the object starts a file of its own at its first event,
    and what waited at the moment of the fork stays the parent's.

    Args:
        log_dir: the directory; it is made where it is missing.
        suffix: the end of the file's name.
        flush_secs: how long an event may wait in memory, in seconds.
        preamble: serialised Events that stand at the start, after the one that says the version.
        lazy: make the file with its first batch, not now.

    Raises:
        OSError: the directory or the file cannot be made or written; the message names it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     file = EventFile(log_dir)
        ...     file.add(Event(wall_time=1.0, step=1).SerializeToString())
        ...     file.close()
        ...     file.path.name.rpartition(str(os.getpid()))[0]
        'events.out.tfevents....'
    """

    path: Path | None  # None before the first batch of a lazy file, or of a forked child

    def __init__(
        self,
        log_dir: str | os.PathLike[str],
        suffix: str = "",
        flush_secs: float = 1.0,
        preamble: tuple[bytes, ...] = (),
        lazy: bool = False,
    ) -> None:
        self.log_dir = Path(log_dir).absolute()  # the working directory may change between two batches
        self.closed = False
        self._suffix, self._flush_secs, self._preamble = suffix, flush_secs, preamble
        self.start_empty()
        if not lazy:
            self.path = self._create()
        with _io.lock:
            _io.files.add(self)

    def start_empty(self) -> None:
        """Forget the file and all that waits for it, as a forked child must: both are its parent's."""
        self.path = None
        self._pending: list[bytes | Deferred] = []
        self._pending_bytes = 0
        self._unwritten = b""  # frames that the disk has refused, or taken in part
        self._added = self._taken = self._written = 0  # counts of events: by callers, by the thread, by the disk
        self._lost: Exception | None = None  # why an event could not be made
        self._failure: OSError | None = None  # why the last batch could not be written

    def add(self, event: bytes | Deferred, size: int = 0) -> None:
        """Append one event to the batch.

        Args:
            event: a serialised Event, or a function that the I/O thread calls to have one.
            size: about how many bytes a deferred event keeps in memory.

        Raises:
            ValueError: the file is closed.
            OSError: an earlier batch could not be written, or the disk takes nothing and the memory for it is full.
            RuntimeError: an earlier deferred event could not be made.
        """
        with _io.lock:
            self.check_open()
            if self._lost or self._failure:
                self._raise_problem()
            if self._waiting_bytes >= LIMIT_BYTES:
                self._wait(lambda: self._waiting_bytes < LIMIT_BYTES)
            self._pending.append(event)
            self._added += 1
            self._pending_bytes += len(event) if isinstance(event, bytes) else size
            if self._pending_bytes >= BATCH_BYTES:
                _io.write_by(self, 0.0)
            elif len(self._pending) == 1:
                _io.write_by(self, time.monotonic() + self._flush_secs)

    def check_open(self) -> None:
        """Raise ValueError if the file is closed."""
        if self.closed:
            raise ValueError(f"the writer of {self.log_dir} is closed; make a new SummaryWriter to go on")

    def flush(self) -> None:
        """Return once everything added so far is in the file.

        Raises:
            OSError: it cannot be; the message says why and how many bytes wait.
            RuntimeError: a deferred event could not be made.
        """
        with _io.lock:
            if not self.closed:
                target = self._added
                self._failure = None  # of an earlier attempt: this is a new one
                self._wait(lambda: self._written >= target)

    def close(self) -> None:
        """Flush, and take no more events. A second call does nothing.

        Raises:
            OSError: what waited cannot be written, and is lost; the message says why.
            RuntimeError: a deferred event could not be made.
        """
        try:
            self.flush()
        finally:
            self.closed = True

    @property
    def _waiting_bytes(self) -> int:
        return self._pending_bytes + len(self._unwritten)

    def _wait(self, done: Callable[[], bool]) -> None:
        """Have the batch written and wait for it, as long as the I/O thread gets anywhere; the lock is held."""
        if not done():
            _io.write_by(self, 0.0)
        while not done() and not self._failure:
            before = _io.progress
            if not _io.start():
                _io.write_next()
            elif not _io.changed.wait(STALL_SECS) and _io.progress == before:
                raise TimeoutError(f"{self.path}: the disk has taken nothing for {STALL_SECS:.0f} seconds")
        self._raise_problem()

    def _raise_problem(self) -> None:
        """Raise what went wrong on the I/O thread, once; the lock is held."""
        problem = self._failure or self._lost
        self._failure = self._lost = None
        if problem:
            raise problem

    def take_batch(self) -> list[bytes | Deferred]:
        """The batch that waits, leaving an empty one in its place; the lock is held."""
        batch, self._pending, self._pending_bytes = self._pending, [], 0
        self._taken = self._added
        return batch

    def write_batch(self, batch: list[bytes | Deferred]) -> None:
        """Frame a batch and append it to the file by one write. On the I/O thread, without the lock."""
        frames = [self._unwritten]
        for event in batch:
            try:
                frames.append(frame(event if isinstance(event, bytes) else event()))
            except Exception as error:  # the other events of the batch shall not be lost with this one
                self._lost = RuntimeError(f"an event for {self.log_dir} could not be made: {error}")
                self._lost.__cause__ = error
            _io.progress += 1
        self._unwritten = b"".join(frames)
        try:
            if self.path is None:
                self.path = self._create()
            self._append(self.path)
        except OSError as error:
            reason = f"{error.strerror}; {len(self._unwritten)} bytes of events are not on disk"
            self._failure = OSError(error.errno, reason, str(self.path or self.log_dir))
            self._failure.__cause__ = error
        else:
            self._failure = None
            self._written = self._taken

    def _append(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | _BINARY)  # no O_CREAT: a deleted file is an error
        try:
            while self._unwritten:
                self._unwritten = self._unwritten[os.write(descriptor, self._unwritten) :]
                _io.progress += 1
        finally:
            os.close(descriptor)

    def _create(self) -> Path:
        """Make the file, under a name that no other has, with its first events in it."""
        now = time.time()
        version = Event(wall_time=now, file_version="brain.Event:2", source_metadata=SourceMetadata(writer="tbwriter"))
        start = b"".join([frame(version.SerializeToString()), *map(frame, self._preamble)])
        stem = f"events.out.tfevents.{int(now):010d}.{socket.gethostname()}.{os.getpid()}"
        try:
            self.log_dir.mkdir(parents=True, exist_ok=True)
            while True:
                path = self.log_dir / f"{stem}.{next(_counter)}{self._suffix}"
                try:
                    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY, 0o666)
                    break
                except FileExistsError:  # another machine of this name, or a process of this number before us
                    continue
            with os.fdopen(descriptor, "wb") as file:
                file.write(start)
        except FileExistsError as error:
            advice = "is a file, and a directory is wanted: choose another log_dir, or remove the file"
            raise FileExistsError(error.errno, advice, str(self.log_dir)) from error
        except OSError as error:
            advice = f"{error.strerror}: events cannot be written here, choose another log_dir"
            raise OSError(error.errno, advice, str(self.log_dir)) from error
        self._preamble = ()  # once a run: a forked child's file goes on
        return path


class _Io:
    """The I/O thread of a process, and which files wait for it. It starts with the first event."""

    def __init__(self) -> None:
        self.files: weakref.WeakSet[EventFile] = weakref.WeakSet()
        self.forked = False
        self.start_empty()

    def start_empty(self) -> None:
        self.lock = threading.RLock()  # reentrant: a signal handler may log while its thread is in here
        self.changed = threading.Condition(self.lock)
        self.progress = 0  # rises with everything that gets done
        self._due: dict[EventFile, float] = {}  # file -> moment of the monotonic clock; keeps files alive until written
        self._thread: threading.Thread | None = None

    def write_by(self, file: EventFile, moment: float) -> None:
        """Have the file's batch written at that moment, or earlier; the lock is held."""
        if file not in self._due or moment < self._due[file]:
            self._due[file] = moment
            self.start()
            self.changed.notify_all()

    def start(self) -> bool:
        """Start the thread unless it runs; False when the interpreter, shutting down, lets no thread start."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._run, name="tbwriter", daemon=True)
            try:
                self._thread.start()
            except RuntimeError:
                return False
            if self.forked and "multiprocessing.util" in sys.modules:  # its children end without atexit
                sys.modules["multiprocessing.util"].Finalize(None, _flush_all, exitpriority=0)
        return True

    def _run(self) -> None:
        while True:
            self.write_next()

    def write_next(self) -> None:
        """Wait for the file that is due first, and write its batch."""
        with self.lock:
            while True:
                file = min(self._due, key=self._due.__getitem__, default=None)
                delay = math.inf if file is None else self._due[file] - time.monotonic()
                if file and delay <= 0:
                    break
                self.changed.wait(min(delay, threading.TIMEOUT_MAX))
            del self._due[file]
            batch = file.take_batch()
        file.write_batch(batch)
        with self.lock:
            self.changed.notify_all()


_io = _Io()


def _flush_all() -> None:
    """At the end of the process: write what waits. Nobody is left to catch an error, so it is printed."""
    for file in list(_io.files):
        try:
            file.flush()
        except (OSError, RuntimeError) as error:
            print(f"tbwriter: {error}", file=sys.stderr)


def _after_fork_in_child() -> None:
    """The thread and the lock's other users stayed in the parent."""
    _io.forked = True
    _io.start_empty()
    for file in list(_io.files):
        file.start_empty()


atexit.register(_flush_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: _io.lock.acquire(),
        after_in_parent=lambda: _io.lock.release(),
        after_in_child=_after_fork_in_child,
    )
