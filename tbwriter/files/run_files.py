"""The files of a run: its directory, its event file, and those of the sub-runs below it."""

import contextlib
import os
import re
import socket
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tbwriter.files.event_file import EventFile, Waiting
from tbwriter.files.storage import directory
from tbwriter.messages.event_pb2 import Event, SessionLog
from tbwriter.values import check_step, describe, scalar
from tbwriter.warn import warn

PAUSE = 0.05  # seconds between a batch and the next
REMOTE_PAUSE = 30.0  # every batch makes an object there
MOST_BYTES = 255  # of a name, what the common file systems take
MOST_SUFFIX_BYTES = 128  # the rest of a file's name holds the host's
MOST_PATH_BYTES = 4095 if sys.platform == "linux" else 1023  # what the system takes; Windows has other limits yet

_NO_DIRECTORY_OF_WINDOWS = re.compile(r'[\x00-\x1f"*:<>?|]|^(con|prn|aux|nul|com\d|lpt\d) *(\.|$)', re.IGNORECASE)


class RunFiles:
    """The event files of one run and of its sub-runs.

    Args:
        log_dir: the run's directory; ``runs/<date>_<host><comment>`` by default.
        comment: the end of the default directory's name.
        purge_step: the step from which on TensorBoard should forget what earlier files hold.
        max_queue: so many events are written without a pause; None or 0 for no such limit.
        flush_secs: how long an event may wait in memory at most, in seconds; None is `PAUSE`, or `REMOTE_PAUSE`.
        filename_suffix: the end of the files' names.
        write_to_disk: False makes no file, and drops every event.
        fsync: have the disk itself confirm every batch.
        on_error: "raise" what went wrong on the I/O thread, or "warn" and go on.
        file_type: what the run's own file is.

    Attributes:
        log_dir: the directory as it was given.
        directory: the directory itself, also for files beside the events.
        add: appends an event to the run's file: `EventFile.add` itself, since every call in between costs.

    Raises:
        OSError: the directory cannot be made or written.
        TypeError, ValueError: an argument is not a path, step, time or policy.

    Example:
        >>> RunFiles("runs/one", write_to_disk=False).log_dir
        'runs/one'
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int | None = None,
        flush_secs: float | None = None,
        filename_suffix: str = "",
        write_to_disk: bool = True,
        fsync: bool = False,
        on_error: str = "raise",
        file_type: type[EventFile] = EventFile,
    ) -> None:
        self.log_dir = _path(log_dir, comment)
        try:
            self.directory = directory(self.log_dir, fsync)
        except ValueError as error:
            raise ValueError(f"SummaryWriter: log_dir {error}") from error
        seconds, events = _seconds(flush_secs), _events(max_queue)
        if self.directory.grows:
            pause = PAUSE if seconds is None else min(seconds, PAUSE)
        else:
            pause = REMOTE_PAUSE if seconds is None else seconds
        _check_suffix(filename_suffix)
        if on_error not in ("raise", "warn"):
            raise ValueError(f"SummaryWriter: on_error must be 'raise' or 'warn', got {describe(on_error)}")
        self._preamble = _purge(purge_step)
        self._options: dict[str, Any] = {
            "suffix": filename_suffix, "pause": pause, "on_error": on_error, "max_queue": events,
        }  # fmt: skip
        self._file = file_type(self.directory, preamble=self._preamble, **self._options) if write_to_disk else None
        self.add: Callable[..., None] = self._file.add if self._file is not None else _drop
        self._series: dict[tuple[str, str], str] = {}  # (main tag, directory) -> the series that is written there
        self._names: dict[str, str] = {}  # of sub-directories, by what the system takes for the same
        self._sub_runs: dict[str, EventFile] = {}  # by directory

    def series_directories(self, main_tag: str, series: list[str]) -> list[str]:
        """The sub-directories of the series of a chart: no tag leads out of the run's directory, and no two share one.

        Args:
            main_tag: the chart's name.
            series: the names of the curves.

        Returns:
            One name of a directory for each.

        Raises:
            ValueError: two series would share one.

        Example:
            >>> RunFiles(write_to_disk=False).series_directories("loss", ["train", "../x"])
            ['loss_train', 'loss_.._x']
        """
        names = [re.sub(r'[\x00-\x1f"*/:<>?\\|]', "_", f"{main_tag}_{one}") for one in series]
        for name, one in zip(names, series, strict=True):
            self.check_sub_run(f"add_scalars: tag {main_tag!r}: the series {describe(one)}", name)
            owner = self._series.setdefault((main_tag, name), one)
            if owner != one:
                both = f"the series {owner!r} and {one!r} of {main_tag!r}"
                raise ValueError(f"add_scalars: {both} would share the directory {name!r}; rename one")
        return names

    def check_sub_run(self, what: str, name: str) -> None:
        """See that a directory of this name can be made below the run's, and that it is not another's on any system.

        Args:
            what: whose directory it is, for the message.
            name: its name; "/" separates levels.

        Raises:
            ValueError: a level or all of it is too long, or holds a NUL character, or is a device of Windows; or a
                directory whose name differs in case or in trailing dots is used already, which some systems take for
                the same.
        """
        if "\0" in name:
            raise ValueError(f"{what} needs the directory {name!r}, which holds a NUL character; choose another name")
        system: str = sys.platform
        if system == "win32" and any(_NO_DIRECTORY_OF_WINDOWS.search(level) for level in re.split(r"[\\/]", name)):
            advice = "which Windows keeps for devices or for other uses; choose another name"
            raise ValueError(f"{what} needs the directory {name!r}, {advice}")
        longest = max(len(os.fsencode(level)) for level in name.split("/"))
        if longest > MOST_BYTES and self.directory.grows:
            limit = f"at most {MOST_BYTES} are possible; choose a shorter name"
            raise ValueError(f"{what} needs a directory whose name has {longest} bytes: {limit}")
        total = len(os.fsencode(self.directory.join(name))) + MOST_BYTES
        if total > MOST_PATH_BYTES and self.directory.grows:
            limit = f"at most {MOST_PATH_BYTES} are possible; choose a shorter name"
            raise ValueError(f"{what} needs files whose path has up to {total} bytes: {limit}")
        other = self._names.setdefault(_folded(name), name)
        if other != name:
            advice = "which is the same on this system; rename one"
            raise ValueError(f"{what} needs the directory {name!r}, and {other!r} is used already, {advice}")

    def add_to(self, sub_run: str, event: Waiting) -> None:
        """Append an event to the file of a sub-directory; or to the run's own, which is ""."""
        if not sub_run or self._file is None:
            self.add(event)
            return
        self._file.open_again()
        if sub_run not in self._sub_runs:
            file = EventFile(self.directory.child(sub_run), preamble=self._preamble, lazy=True, **self._options)
            self._sub_runs.setdefault(sub_run, file)  # another thread may have been quicker
        self._sub_runs[sub_run].add(event)

    def writes(self) -> bool:
        """Whether anything is written at all."""
        return self._file is not None

    def sub_runs(self) -> list[str]:
        """The sub-directories that events were added to."""
        return [*self._sub_runs]

    @property
    def closed(self) -> bool:
        """Whether the next event opens a new file."""
        return self._file is not None and self._file.closed

    def path(self, sub_run: str = "") -> str:
        """The file that is written now, of a sub-run or, "", of the run itself; its directory while there is none."""
        file = self._sub_runs.get(sub_run) if sub_run else self._file
        return file.path if file is not None else self.directory.join(sub_run) if sub_run else self.directory.path

    def written_series(self) -> list[str]:
        """The directories of the series of `add_scalars` that hold a file, in the order of their first event."""
        places = (self.directory.child(name) for name in dict.fromkeys(name for _, name in self._series))
        return [place.path for place in places if place.exists()]

    def flush(self) -> None:
        """Flush every file; as `EventFile.flush`."""
        self._for_each_file(EventFile.flush)

    def close(self) -> None:
        """Close every file; as `EventFile.close`. What is added later goes to new files."""
        self._for_each_file(EventFile.close)

    def _for_each_file(self, action: Callable[[EventFile], None]) -> None:
        """Call ``action`` on every file even if one fails; then raise the first problem and warn of the others."""
        problems: list[Exception] = []
        for file in [self._file, *self._sub_runs.values()]:
            try:
                if file is not None:
                    action(file)
            except (OSError, RuntimeError) as problem:
                problems.append(problem)
        for other in problems[1:]:
            warn(str(other))
        if problems:
            raise problems[0]


def _drop(event: Waiting, size: int = 0) -> None:
    """In place of `EventFile.add` where nothing is to be written."""


def _folded(name: str) -> str:
    """What Windows and macOS take for the same name; elsewhere the name itself."""
    system: str = sys.platform
    if system not in ("win32", "darwin"):
        return name
    levels = unicodedata.normalize("NFC", name).casefold().split("/")
    return "/".join(level.rstrip(". ") for level in levels)


def _path(log_dir: object, comment: str) -> str:
    if not isinstance(comment, str):
        raise TypeError(f"SummaryWriter: comment must be a string, got {describe(comment)}")
    if not log_dir:
        log_dir = str(Path("runs", time.strftime("%b%d_%H-%M-%S_") + socket.gethostname() + comment))
    if not isinstance(log_dir, (str, bytes, os.PathLike)):
        raise TypeError(f"SummaryWriter: log_dir must be a path, got {describe(log_dir)}")
    path = os.fsdecode(log_dir)
    _check_name("log_dir must be a path", path)
    return path


def _check_name(what: str, name: str) -> None:
    if "\0" in name:
        raise ValueError(f"SummaryWriter: {what}, got {name!r}, which holds a NUL character")
    try:
        os.fsencode(name)
    except UnicodeEncodeError as error:
        raise ValueError(f"SummaryWriter: {what}, got {name!r}, which is not valid Unicode") from error


def _check_suffix(suffix: object) -> None:
    if not isinstance(suffix, str):
        raise TypeError(f"SummaryWriter: filename_suffix must be a string, got {describe(suffix)}")
    if re.search(r"[\\/\0]", suffix):
        raise ValueError(f"SummaryWriter: filename_suffix {suffix!r} must not name another directory")
    _check_name("filename_suffix must be the end of a name", suffix)
    if len(os.fsencode(suffix)) > MOST_SUFFIX_BYTES:
        limit = f"at most {MOST_SUFFIX_BYTES} bytes are possible"
        raise ValueError(f"SummaryWriter: filename_suffix {describe(suffix)} is too long: {limit}")


def _seconds(flush_secs: object) -> float | None:
    if flush_secs is None:
        return None
    with contextlib.suppress(TypeError, ValueError):
        if not isinstance(flush_secs, str) and (seconds := scalar("SummaryWriter", "", flush_secs, "flush_secs")) >= 0:
            return seconds
    got = describe(flush_secs)
    raise ValueError(f"SummaryWriter: flush_secs must be a number of seconds, 0 or more, got {got}")


def _events(max_queue: object) -> int:
    with contextlib.suppress(TypeError, ValueError):
        if not isinstance(max_queue, str) and (number := check_step("SummaryWriter", "", max_queue, "max_queue")) >= 0:
            return number
    raise ValueError(f"SummaryWriter: max_queue must be a number of events, got {describe(max_queue)}")


def _purge(purge_step: int | None) -> tuple[bytes, ...]:
    """Session starts at that step: two, since TensorBoard's Python loader takes no notice of a run's first."""
    if purge_step is None:
        return ()
    step = check_step("SummaryWriter", "", purge_step, "purge_step")
    start = Event(wall_time=time.time(), step=step, session_log=SessionLog(status=SessionLog.START))
    return (start.SerializeToString(),) * 2
