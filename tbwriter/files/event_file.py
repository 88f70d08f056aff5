"""Event files: their names, their batches, and what happens when a disk refuses them.

Callers append events to a file's batch, which costs them next to nothing; the I/O thread frames a batch and hands it to
the operating system by one write. The first event after a pause goes out at once, and what follows it with the next
batch, ``pause`` seconds later at most, or when it is large. Where no thread can run, as at the end of the process, the
caller writes. Between batches no file is held open, so that any number of writers leaks no descriptor, and a file that
was deleted under way is noticed.

A batch is written whole or not at all. What cannot be written waits, and is tried again together with what comes later:
an outage begins with the first attempt that fails and ends with the first that works, which leaves nothing behind. The
next call on that file says why, once an outage; a ``flush()`` or ``close()`` that does not do what it promises says so
each time. An outage that ends before such a call has done no harm and is not reported. A killed process
loses at most the events after its last batch; the file stays readable.
"""

import errno
import itertools
import os
import re
import socket
import sys
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any, cast

from tbwriter.files.io_thread import STALL_SECS, worker
from tbwriter.files.records import frames
from tbwriter.files.storage import Directory, directory
from tbwriter.messages.encode import Scalar, scalar_event, scalar_events
from tbwriter.messages.event_pb2 import Event, SourceMetadata
from tbwriter.observers import tell_opened, tell_written
from tbwriter.warn import warn

BATCH_BYTES = 1 << 22  # a batch of this size does not wait for its time
LIMIT_BYTES = 1 << 26  # with this much waiting, callers wait for the disk
RETRY_SECS = 1.0  # so often a disk that refuses is asked again, while events come

Deferred = Callable[[], bytes]  # makes an Event, for what takes long to encode
Waiting = bytes | Scalar | Deferred  # a serialised Event, or what the I/O thread makes one of

_counter = itertools.count()
_NOW = -1  # a mark that every batch is above


def _events(number: int) -> str:
    return "1 event" if number == 1 else f"{number} events"


class EventFile:
    """One ``events.out.tfevents`` file; or one a batch, in a directory whose files cannot grow.

    The methods may be called from any thread. In a forked child the object starts a file of its own at its first event,
    and what waited at the moment of the fork stays the parent's.

    Args:
        log_dir: the directory, which is made where it is missing.
        suffix: the end of the file's name.
        pause: seconds between a batch and the next; no event waits longer in memory.
        max_queue: so many events make a batch that does not wait; 0 for no such limit.
        preamble: serialised Events that stand at the start, after the one that says the version.
        lazy: make the file with its first batch, not now.
        on_error: "raise" what went wrong on the I/O thread, or "warn" and go on.

    Raises:
        OSError: the directory or the file cannot be made or written; the message names it.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     file = EventFile(log_dir)
        ...     file.add(Event(wall_time=1.0, step=1).SerializeToString())
        ...     file.close()
        ...     file.name.rpartition(str(os.getpid()))[0]
        'events.out.tfevents....'
    """

    name: str | None  # None before the first batch of a lazy file, or of a forked child
    _preamble: tuple[bytes, ...]
    _next = 0.0  # when the next batch may be written, by the monotonic clock

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | Directory,
        suffix: str = "",
        pause: float = 0.05,
        preamble: tuple[bytes, ...] = (),
        lazy: bool = False,
        on_error: str = "raise",
        max_queue: int = 0,
    ) -> None:
        self.directory = directory(log_dir) if isinstance(log_dir, (str, os.PathLike)) else log_dir
        self.closed = self._closing = False
        self._warned = lazy  # of being used after it was closed; a lazy file belongs to another, which warns
        self._seconds = 0  # in the name of the last file made
        self._suffix, self._pause, self._on_error, self._max_queue = suffix, pause, on_error, max_queue
        self.start_empty()
        self._preamble = preamble
        if not lazy:
            self._create(b"")
        with worker.lock:
            worker.files.add(self)

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy, in another process or in this one, goes on in a file of its own."""
        arguments = (self.directory, self._suffix, self._pause, (), True, self._on_error, self._max_queue)
        return type(self), arguments, {"closed": self.closed, "_warned": self._warned}

    def start_empty(self) -> None:
        """Forget the file and all that waits for it, as a forked child must: both are its parent's."""
        self.name = None
        self._end = 0  # bytes in the file
        self._preamble = ()
        self._pending: list[Waiting] = []
        self._pending_bytes = 0
        self._mark = _NOW  # with more bytes pending, `add` has something to see to
        self._batch: list[Waiting] = []  # the I/O thread's, until it is in the file
        self._batch_bytes = 0
        self._taken = self._tried = 0  # numbers of attempts: begun, and ended
        self._written_by: int | None = None  # the thread that writes a batch, if one does
        self._lost: list[Exception] = []  # why events could not be made
        self._failure: Exception | None = None  # why the last attempt failed: there is an outage
        self._told = False  # whether that has been reported
        self._dropped = 0  # events that found no room

    def add(self, event: Waiting, size: int = 128) -> None:
        """Append one event to the batch; a call that raises leaves its event out.

        Args:
            event: a serialised Event; or a scalar's time, step, tag and value; or a function that makes an Event. What
                is not serialised yet, the I/O thread serialises.
            size: about how many bytes that keeps in memory.

        Raises:
            ValueError: the file is closed.
            OSError: an earlier batch could not be written, or the disk takes nothing and the memory for it is full.
            RuntimeError: an earlier event could not be made or framed.
        """
        with worker.lock:
            if self._pending_bytes > self._mark and not self._attend(event, size):
                return
            self._pending.append(event)
            self._pending_bytes += len(event) if isinstance(event, bytes) else size

    def _attend(self, event: Waiting, size: int) -> bool:
        """See to what few calls of `add` meet; False if there is nothing left to append. The lock is held."""
        in_a_new_file = self.open_again()  # most likely something is being torn down: nothing waits for the thread
        self._report()
        if self._pending_bytes + self._batch_bytes >= LIMIT_BYTES and not self._make_room():
            return False
        if in_a_new_file or not worker.serves():
            self._pending.append(event)
            self._pending_bytes += len(event) if isinstance(event, bytes) else size
            self._write_here()
            self._report()
            return False
        now = time.monotonic()
        full = self._pending_bytes >= BATCH_BYTES or 0 < self._max_queue <= len(self._pending) + 1
        worker.write_by(self, now + RETRY_SECS if self._failure else now if full else max(now, self._next))
        self._mark = _NOW if self._max_queue else self._pending_bytes + BATCH_BYTES - 1
        return True

    def _write_here(self) -> None:
        """Write what waits on this very thread. The lock is held."""
        here = threading.get_ident()
        while self._written_by not in (None, here) and not sys.is_finalizing():  # then all other threads have stopped
            if not worker.wait():
                self._failure = self._stall()
                return
        if self._written_by == here:  # further down the stack, beneath a garbage collection or a signal
            worker.write_by(self, 0.0)
            return
        while self._pending or self._batch:
            self.take_batch()
            worker.write(self)
            if self._failure:
                return

    def _make_room(self) -> bool:
        """Block until the backlog is below the limit. During an outage do not block: drop (False) or raise."""
        while self._pending_bytes + self._batch_bytes >= LIMIT_BYTES and not self._failure:
            if not worker.serves():
                self._write_here()
                break
            worker.write_by(self, 0.0)
            if worker.stalled or not worker.wait():
                self._failure = self._stall()
        if not self._failure:
            return True
        if worker.serves():
            worker.write_by(self, time.monotonic() + RETRY_SECS)
        self._told = True
        if self._on_error == "raise":
            raise self._refusal(self._failure)
        self._dropped += 1
        if self._dropped == 1:
            warn(f"{self._refusal(self._failure)}; new events are dropped until there is room")
        return False

    def open_again(self) -> bool:
        """After `close` go on in a new file, with a warning the first time; whether this was so."""
        with worker.lock:
            if not self.closed:
                return False
            self.closed = False
            self.start_empty()
            warned, self._warned = self._warned, True
        if not warned:
            advice = "what is added now goes to a new file; close it last"
            warn(f"the writer of {self.directory.path} was closed: {advice}")
        return True

    def flush(self) -> None:
        """Return once everything added so far is in the file.

        Raises:
            OSError: it cannot be; the message says why and how many events are not.
            RuntimeError: an event could not be made or framed.
        """
        with worker.lock:
            waiting = bool(self._pending or self._batch)
            if waiting:
                self._attempt()
            self._report(again=waiting)

    def close(self) -> None:
        """Flush, and have the next event open a new file. A second call does nothing.

        Raises:
            OSError: what waited cannot be written, and is lost; the message says why, and how many events.
            RuntimeError: an event could not be made or framed.
        """
        with worker.lock:
            self._closing = True
            try:
                self.flush()
                if self._pending:  # another thread has added something meanwhile
                    self._write_here()
                    self._report(again=True)
            finally:
                self._closing = False
                self.closed, self._mark = True, _NOW
                if self._written_by != threading.get_ident():
                    self._pending, self._batch = [], []
                    self._pending_bytes = self._batch_bytes = 0
                    worker.forget(self)

    def _attempt(self) -> None:
        """Have the batch written and wait for that, as long as the I/O thread gets anywhere; the lock is held.

        An attempt that has already begun does not count: it may fail for a reason that is repaired by now.
        """
        number = self._taken + 1
        while self._tried < number:
            if not worker.serves():
                self._write_here()
                return
            if self._taken < number:
                worker.write_by(self, 0.0)
            if not worker.wait():
                self._failure = self._stall()
                return

    def _stall(self) -> TimeoutError:
        return TimeoutError(errno.ETIMEDOUT, f"the disk has taken nothing for {STALL_SECS:.0f} seconds")

    def _report(self, again: bool = False) -> None:
        """Raise or warn of what went wrong on the thread: an outage once, with ``again`` always. The lock is held."""
        if self._dropped and not self._failure:  # as only happens where problems are warned of
            number, self._dropped = _events(self._dropped), 0
            warn(f"{number} for {self.directory.path} found no room while the disk refused: lost")
        if self._failure and (again or not self._told):
            self._told = True
            problem = self._refusal(self._failure)
        elif self._lost:
            number = _events(len(self._lost))
            problem = RuntimeError(f"{number} for {self.directory.path} could not be made: {self._lost[0]}")
            problem.__cause__ = self._lost[0]
            self._lost = []
        else:
            return
        if self._on_error == "raise":
            raise problem
        warn(str(problem))

    def _refusal(self, failure: Exception) -> Exception:
        """The error that describes an outage; the lock is held."""
        number = len(self._pending) + len(self._batch) + self._dropped + len(self._lost)
        fate = f"{_events(number)} {'is' if number == 1 else 'are'} {'lost' if self._closing else 'not on disk'}"
        problem: Exception
        if isinstance(failure, OSError):
            problem = OSError(failure.errno, f"{failure.strerror or failure}; {fate}", self.path)
        else:  # such as MemoryError
            problem = RuntimeError(f"{self.path}: {type(failure).__name__} {failure}; {fate}")
        problem.__cause__ = failure
        return problem

    @property
    def path(self) -> str:
        """The file; or the directory, while there is none."""
        return self.directory.join(self.name) if self.name else self.directory.path

    def written_by(self) -> int | None:
        """The thread that has taken a batch and not written it yet, if one has."""
        return self._written_by

    def take_batch(self) -> None:
        """Begin with the batch that waits, leaving an empty one in its place; the lock is held."""
        self._batch += self._pending
        self._batch_bytes += self._pending_bytes
        self._pending, self._pending_bytes, self._mark = [], 0, _NOW
        self._taken += 1
        self._written_by = threading.get_ident()

    def write_batch(self) -> bool:
        """Write the batch that was taken; or keep it, and the reason. On the I/O thread, without the lock."""
        failure: Exception | None = None
        try:
            self._put(self._serialised())
        except Exception as error:
            traceback.clear_frames(error.__traceback__)  # they hold the batch once more, as long as the outage lasts
            failure = error
        with worker.lock:
            self._failure = failure
            self._tried = self._taken
            self._written_by = None
            self._next = time.monotonic() + self._pause
            if not failure:
                self._batch, self._batch_bytes, self._told = [], 0, False
            if failure or self._lost or self._dropped:
                self._mark = _NOW
        return not failure

    def _serialised(self) -> list[bytes]:
        """The batch as Events, leaving out the ones that fail, so that one bad event does not lose the batch."""
        kinds = set(map(type, self._batch))
        if kinds == {tuple}:
            self._batch = [*scalar_events(cast(list[Scalar], self._batch))]
        elif kinds != {bytes}:
            self._batch = [event for event in map(self._made, self._batch) if event is not None]
        return cast(list[bytes], self._batch)

    def _made(self, event: Waiting) -> bytes | None:
        if isinstance(event, bytes):
            return event
        worker.progress += 1
        try:
            return scalar_event(*event) if isinstance(event, tuple) else event()
        except Exception as error:
            self._lost.append(error)
            return None

    def _put(self, events: list[bytes]) -> None:
        """Append events to the file, all or none."""
        if not events:
            return
        data = frames(events)
        if self.name is None or not self.directory.grows:
            self._create(data)
        else:
            self.directory.append(self.name, data, self._end)
            self._end += len(data)
        tell_written(self.path, events)

    def _create(self, data: bytes) -> None:
        """Make the file, under a name that no other has, with its first events and these in it."""
        now = time.time()
        version = Event(wall_time=now, file_version="brain.Event:2", source_metadata=SourceMetadata(writer="tbwriter"))
        data = frames([version.SerializeToString(), *self._preamble]) + data
        try:
            self._seconds = max(self._seconds, int(now))
            if self._preamble:  # it speaks about what earlier files hold, and files are read by name
                self._seconds = max(self._seconds, self._newest() + 1)
            while True:
                process = f"{socket.gethostname()}.{os.getpid()}"
                name = f"events.out.tfevents.{self._seconds:010d}.{process}.{next(_counter):06d}{self._suffix}"
                try:
                    self.directory.create(name, data)
                    break
                except FileExistsError as error:
                    if str(error.filename) != self.directory.join(name):
                        raise
                    continue  # another machine of this name, or a process of this number before us
        except FileExistsError as error:
            what = "a link to nothing" if os.path.islink(error.filename) else "a file"  # noqa: PTH114
            advice = f"is {what}, expected a directory: choose another log_dir, or remove it"
            raise FileExistsError(error.errno, advice, error.filename) from error
        except OSError as error:
            advice = f"{error.strerror}: events cannot be written here, choose another log_dir"
            raise OSError(error.errno, advice, self.directory.path) from error
        self.name, self._end = name, len(data)
        self._preamble = ()
        tell_opened(self.path)

    def _newest(self) -> int:
        """The largest number of seconds in the name of an event file of the directory, 0 without any."""
        found = [re.search(r"tfevents\.(\d+)", name) for name in self.directory.names()]
        return max((int(match[1]) for match in found if match), default=0)
