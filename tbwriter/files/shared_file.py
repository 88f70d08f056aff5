"""An event file that several processes append to, and that is itself the counter of their steps."""

import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from tbwriter.files.event_file import EventFile
from tbwriter.files.records import FRAME_BYTES, read_records
from tbwriter.messages.encode import step_field
from tbwriter.messages.event_pb2 import Event

if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 40  # no byte that is ever read: a lock there keeps no reader out

    def _lock(file: BinaryIO) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)

    def _unlock(file: BinaryIO) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)
else:
    import fcntl

    def _lock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_EX)

    def _unlock(file: BinaryIO) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)  # not by closing alone: a forked child may hold a copy of the descriptor


class SharedFile(EventFile):
    """An `EventFile` that is one file in all processes that inherit or unpickle it.

    The step of an event is the number of those with its first tag that the file holds already. So a process, before it
    appends, reads what the others have appended; a lock of the operating system, which ends with its holder, keeps them
    out meanwhile. What a killed process has written in part is cut off by the next.

    Example:
        >>> import pickle, tempfile
        >>> from tbwriter.files.reader import read_events
        >>> from tbwriter.messages.encode import scalar_event
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     file = SharedFile(log_dir)
        ...     other = pickle.loads(pickle.dumps(file))
        ...     for one in file, other, file:
        ...         one.add(scalar_event(1.5, 0, "loss", 0.5))
        ...         one.flush()
        ...     [event.step for event in read_events(log_dir) if event.summary.value]
        [0, 1, 2]
    """

    name = None  # until `start_empty` has been called for the first time

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy goes on in the same file."""
        make, arguments, state = super().__reduce__()
        return make, arguments, {**state, "name": self.name}

    def start_empty(self) -> None:
        """Forget what waits, which is the parent's, but not the file."""
        name = self.name
        super().start_empty()
        self.name = name
        self._counts: dict[str, int] = {}  # tag -> how many events of it the file holds up to `_end`

    def _create(self, data: bytes) -> None:
        if not self.directory.grows:
            raise ValueError(f"{self.directory.path}: processes can share a file only in a directory of this machine")
        super()._create(data)

    def _put(self, events: list[bytes]) -> None:
        with self._locked() as file:
            file.seek(self._end)
            for _, record in read_records(file, self.path):
                self._end += len(record) + FRAME_BYTES
                _next_step(self._counts, record)
            counts = self._counts.copy()
            super()._put([event + step_field(_next_step(counts, event)) for event in events])
            self._counts = counts

    @contextlib.contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        with Path(self.path).open("rb") as file:
            _lock(file)
            try:
                yield file
            finally:
                _unlock(file)


def _next_step(counts: dict[str, int], record: bytes) -> int:
    """How many events of this one's first tag there were, counting it for the next; 0 where it has no tag."""
    values = Event.FromString(record).summary.value
    if not values:
        return 0
    step = counts.get(values[0].tag, 0)
    counts[values[0].tag] = step + 1
    return step
