"""A run: its directory, its event file, and the files of the series of `add_scalars` below it."""

import os
import re
import socket
import time
from collections.abc import Callable
from pathlib import Path

from tbwriter.event_file import Deferred, EventFile
from tbwriter.messages.event_pb2 import Event, SessionLog
from tbwriter.values import check_step, describe


class Run:
    """The event files of one run.

    Args:
        log_dir: the run's directory; ``runs/<date>_<host><comment>`` unless told.
        comment: the end of the default directory's name.
        purge_step: TensorBoard is to forget what earlier files hold from this step on.
        flush_secs: how long an event may wait in memory, in seconds.
        filename_suffix: the end of the files' names.
        write_to_disk: False makes no file, and drops every event.

    Raises:
        OSError: the directory cannot be made or written.
        TypeError, ValueError: an argument is no path, step or time.

    Example:
        >>> Run("runs/one", write_to_disk=False).log_dir
        'runs/one'
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        flush_secs: float = 1.0,
        filename_suffix: str = "",
        write_to_disk: bool = True,
    ) -> None:
        if not isinstance(flush_secs, (int, float)) or not flush_secs >= 0:
            came = describe(flush_secs)
            raise ValueError(f"SummaryWriter: flush_secs is {came}; it must be a number of seconds, 0 or more")
        if re.search(r"[\\/\0]", filename_suffix):
            raise ValueError(f"SummaryWriter: filename_suffix {filename_suffix!r} must not name another directory")
        self.log_dir = _directory(log_dir, comment)
        self._suffix, self._flush_secs = filename_suffix, flush_secs
        self._preamble = _purge(purge_step)
        self._file = EventFile(self.log_dir, filename_suffix, flush_secs, self._preamble) if write_to_disk else None
        self._series: dict[tuple[str, str], str] = {}  # (main tag, directory) -> the series that is written there
        self._series_files: dict[str, EventFile] = {}  # by directory

    def add(self, event: bytes | Deferred, size: int = 0) -> None:
        """Append an event to the run's file; as `EventFile.add`."""
        if self._file is not None:
            self._file.add(event, size)

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
            >>> Run(write_to_disk=False).series_directories("loss", ["train", "../x"])
            ['loss_train', 'loss_.._x']
        """
        names = [re.sub(r'[\x00-\x1f"*/:<>?\\|]', "_", f"{main_tag}_{one}") for one in series]
        for name, one in zip(names, series, strict=True):
            owner = self._series.setdefault((main_tag, name), one)
            if owner != one:
                both = f"the series {owner!r} and {one!r} of {main_tag!r}"
                raise ValueError(f"add_scalars: {both} would share the directory {name!r}; rename one")
        return names

    def add_to_series(self, directory: str, event: bytes) -> None:
        """Append an event to the file of a sub-directory."""
        if self._file is None:
            return
        self._file.check_open()
        if directory not in self._series_files:
            path = self._file.log_dir / directory
            file = EventFile(path, self._suffix, self._flush_secs, self._preamble, lazy=True)
            self._series_files.setdefault(directory, file)  # another thread may have been quicker
        self._series_files[directory].add(event)

    def flush(self) -> None:
        """Flush every file; as `EventFile.flush`."""
        self._for_each_file(EventFile.flush)

    def close(self) -> None:
        """Close every file; as `EventFile.close`."""
        self._for_each_file(EventFile.close)

    def _for_each_file(self, action: Callable[[EventFile], None]) -> None:
        """On every file, though one should fail; then raises the first problem."""
        problems: list[Exception] = []
        for file in [self._file, *self._series_files.values()]:
            try:
                if file is not None:
                    action(file)
            except (OSError, RuntimeError) as problem:
                problems.append(problem)
        if problems:
            raise problems[0]


def _directory(log_dir: str | os.PathLike[str] | None, comment: str) -> str:
    if not log_dir:
        return str(Path("runs", time.strftime("%b%d_%H-%M-%S_") + socket.gethostname() + comment))
    try:
        path = os.fspath(log_dir)
    except TypeError:
        raise TypeError(f"SummaryWriter: log_dir is {describe(log_dir)}; it must be a path") from None
    if "://" in path:
        raise ValueError(f"SummaryWriter: log_dir {path!r} is a URL; it must be a directory of this machine")
    return path


def _purge(purge_step: int | None) -> tuple[bytes, ...]:
    """Session starts at that step: two, since TensorBoard's Python loader takes no notice of a run's first."""
    if purge_step is None:
        return ()
    step = check_step("SummaryWriter", "purge_step", purge_step)
    start = Event(wall_time=time.time(), step=step, session_log=SessionLog(status=SessionLog.START))
    return (start.SerializeToString(),) * 2
