"""Whole Events into a new file: runs rewritten."""

import itertools
import os
import socket
import time
from typing import Any

from tbwriter.files.records import frame
from tbwriter.files.storage import Directory, directory, of_file
from tbwriter.files.tree import PART
from tbwriter.messages.event_pb2 import Event, SourceMetadata
from tbwriter.messages.foreign import checked_bytes

_BATCH_BYTES = 1 << 20


class EventWriter:
    """Writes events into a new event file, each as it is: what `read_events` yields, changed or left out.

    To rename tags, cut steps off, or merge runs, read events and add those that are to stay. The first event of a file
    is its version; that of the events themselves is taken, or else made, and later ones are left out. TensorBoard reads
    a run in the order of its files' names and then of their events, and drops the points of a tag that it has when a
    step goes back: add what is merged in the order of its steps.

    Args:
        path: the file, whose name must hold "tfevents" as TensorBoard asks; any other path is a directory, where a file
            with a name of its own is made. What exists is never written to. Behind a URL the file is written whole at
            each `flush`.

    Attributes:
        path: the file.

    Raises:
        FileExistsError: the file exists.
        OSError: it cannot be made.

    Example:
        >>> import tempfile
        >>> from tbwriter import EventWriter, SummaryWriter, read_events, read_scalars
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     with SummaryWriter(f"{log_dir}/run") as writer:
        ...         for step in range(5):
        ...             writer.add_scalar("loss", 1 / 2**step, step)
        ...     with EventWriter(f"{log_dir}/shorter") as writer:
        ...         for event in read_events(f"{log_dir}/run"):
        ...             for value in event.summary.value:
        ...                 value.tag = value.tag.replace("loss", "train/loss")
        ...             if event.step < 3:
        ...                 writer.add_event(event)
        ...     read_scalars(f"{log_dir}/shorter")
        {'train/loss': (array([0, 1, 2]), array([1.  , 0.5 , 0.25]))}
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._folder, self._name = _create(path)
        self.path = self._folder.join(self._name)
        self._waiting: list[bytes] = []  # frames
        self._bytes = self._end = 0  # of those, and of the file
        self._versioned = self._closed = False

    def add_event(self, event: Any) -> None:
        """Write an event.

        Args:
            event: an Event of any library, or its bytes.

        Raises:
            TypeError, ValueError: it is not an Event; or the writer is closed.
            OSError: the file cannot be written.
        """
        if self._closed:
            raise ValueError(f"add_event: {self.path} is closed; make another EventWriter")
        data = checked_bytes("add_event", Event, event)
        parsed = Event.FromString(data)
        if parsed.file_version and self._versioned:
            return
        if not self._versioned:
            self._versioned = True
            if not parsed.file_version:
                self._put(_version(parsed.wall_time))
        self._put(data)

    def _put(self, data: bytes) -> None:
        framed = frame(data)
        self._waiting.append(framed)
        self._bytes += len(framed)
        if self._bytes >= _BATCH_BYTES and self._folder.grows:
            self.flush()

    def flush(self) -> None:
        """Return once everything added so far is in the file.

        Raises:
            OSError: it cannot be written; what waits is tried again.
        """
        data = b"".join(self._waiting)
        if not self._folder.grows:
            self._folder.write(self._name, data)
            return
        try:
            self._folder.append(self._name, data, self._end)
        except OSError as error:
            reason = f"{error.strerror or error}: the events are kept, and the next flush tries again"
            raise type(error)(error.errno, reason, error.filename or self.path) from error
        self._end += len(data)
        self._waiting, self._bytes = [], 0

    def close(self) -> None:
        """Flush, and take no more events. A second call does nothing.

        Raises:
            OSError: as `flush`.
        """
        if self._closed:
            return
        if not self._versioned:
            self._versioned = True
            self._put(_version(time.time()))
        self.flush()
        self._closed = True

    def __enter__(self) -> "EventWriter":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def _create(path: str | os.PathLike[str]) -> tuple[Directory, str]:
    """Make the file: its directory and its name."""
    folder, name = of_file(path)
    if PART in name and not directory(path).exists():
        try:
            folder.create(name, b"")
        except FileExistsError as error:
            advice = "the file exists, and an EventWriter writes a new one: choose another name"
            raise FileExistsError(error.errno, advice, error.filename) from error
        return folder, name
    folder = directory(path)
    for number in itertools.count():
        name = f"events.out.tfevents.{int(time.time()):010d}.{socket.gethostname()}.{os.getpid()}.rewritten{number}"
        try:
            folder.create(name, b"")
            break
        except FileExistsError as error:
            if str(error.filename) != folder.join(name):
                advice = "is no directory: choose another, or a name that holds 'tfevents' for a file"
                raise FileExistsError(error.errno, advice, error.filename) from error
    return folder, name


def _version(wall_time: float) -> bytes:
    version = Event(
        wall_time=wall_time, file_version="brain.Event:2", source_metadata=SourceMetadata(writer="tbwriter")
    )
    data: bytes = version.SerializeToString()
    return data
