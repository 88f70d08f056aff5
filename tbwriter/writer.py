"""The writer that training code calls."""

import os
from typing import Literal

from tbwriter.charts import Charts
from tbwriter.file_writer import FileWriter
from tbwriter.files.event_file import EventFile
from tbwriter.media import Media
from tbwriter.models import Models
from tbwriter.run import Run
from tbwriter.summaries.histogram import exponential_edges


class SummaryWriter(Charts, Media, Models):
    """Writes one run for TensorBoard: an event file in a directory.

    The methods are those of ``torch.utils.tensorboard.SummaryWriter`` and of tensorboardX. Values are numbers, lists,
    NumPy arrays, or tensors of any library that has ``__array__`` or ``.numpy()``.

    A call returns at once; a thread writes. What is promised:

    - When `flush` or `close` has returned, everything added before is in the file, in the hands of the operating
      system; with ``fsync`` on the disk. So it is ``flush_secs`` after it was added, and when the process ends without
      `close`: at its last line, by ``sys.exit``, by an exception.
    - A process that is killed, by SIGKILL or by a SIGTERM that it does not handle, leaves a readable file that lacks at
      most the events of its last ``flush_secs``. (A handler that calls ``sys.exit`` makes SIGTERM an ordinary end.)
    - Threads may share a writer. A forked child that uses one, and whoever unpickles one, goes on in a file of its own
      in the same directory. Two writers never share a file.
    - A call that refuses its arguments names the tag and what it expected, and writes nothing.
    - What goes wrong on the thread, such as a full disk or a deleted directory, is raised once, by the next call, whose
      event is not taken; the events before it wait in memory (64 MiB at most) and are tried again. No call blocks for
      longer than a minute without the disk taking anything.

    Args:
        log_dir: the run's directory, or a URL of any kind that fsspec knows (extra ``remote``), where every batch makes
            a file; ``runs/<date>_<host><comment>`` by default.
        comment: the end of the default directory's name.
        purge_step: from this step on TensorBoard should forget what earlier files of the directory and of the series of
            `add_scalars` hold; its default loader does so for a tag as soon as that is written to again.
        max_queue: so many events are written without a pause; by default memory is bounded by bytes alone.
        flush_secs: how long an event may wait in memory at most, in seconds. On a disk it waits 0.05 seconds at most,
            whatever is given here; behind a URL the default is 30.
        filename_suffix: the end of the file's name.
        write_to_disk: False checks all arguments, and writes nothing.
        logdir: tensorboardX's name for ``log_dir``.
        fsync: have the disk itself confirm what is written, so that it survives a loss of power; slow.
        on_error: "raise" what went wrong on the thread, or "warn" of it, once, and drop events when memory is full.

    Raises:
        OSError: the directory cannot be made or written.
        TypeError, ValueError: an argument is not a path, step, time or policy; or nothing here can write to the URL.

    References:
        https://pytorch.org/docs/stable/tensorboard.html

    Example:
        >>> import tempfile
        >>> from tbwriter.files.reader import read_scalars
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     with SummaryWriter(log_dir) as writer:
        ...         writer.add_scalar("loss", 0.5, 1)
        ...         writer.log(2, {"loss": 0.25, "accuracy": 0.875})
        ...     read_scalars(log_dir)["loss"]
        (array([1, 2]), array([0.5 , 0.25]))
    """

    _file_type = EventFile

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int | None = None,
        flush_secs: float | None = None,
        filename_suffix: str = "",
        write_to_disk: bool = True,
        *,
        logdir: str | os.PathLike[str] | None = None,
        fsync: bool = False,
        on_error: Literal["raise", "warn"] = "raise",
    ) -> None:
        self._run = Run(
            log_dir or logdir, comment, purge_step, max_queue, flush_secs, filename_suffix, write_to_disk, fsync,
            on_error, self._file_type,
        )  # fmt: skip
        self.purge_step, self.max_queue, self.flush_secs = purge_step, max_queue, flush_secs  # as torch keeps them
        self.filename_suffix = filename_suffix

    @property
    def logdir(self) -> str:
        """The run's directory, by tensorboardX's name."""
        return self._run.log_dir

    @property
    def log_dir(self) -> str:
        """The run's directory, by torch's name."""
        return self._run.log_dir

    @property
    def default_bins(self) -> list[float]:
        """The edges of ``bins="tensorflow"`` of `add_histogram`, as the other writers keep them."""
        return exponential_edges().tolist()

    @property
    def file_writer(self) -> FileWriter | None:
        """What writes whole Summaries and Events of any library into this run; None after `close`."""
        return None if self._run.closed else FileWriter(self._run)

    def _get_file_writer(self) -> FileWriter:
        """The same, and after `close` it goes on in a new file, as every other method does."""
        return FileWriter(self._run)

    @property
    def all_writers(self) -> dict[str, FileWriter] | None:
        """The file writers of the run and of its sub-runs, such as the series of `add_scalars`, by directory."""
        if self._run.closed:
            return None
        writers = [FileWriter(self._run, sub_run) for sub_run in ["", *self._run.sub_runs()]]
        return {writer.get_logdir(): writer for writer in writers}

    def get_logdir(self) -> str:
        """The run's directory.

        Returns:
            Its path, as it was given.

        Example:
            >>> SummaryWriter("runs/one", write_to_disk=False).get_logdir()
            'runs/one'
        """
        return self._run.log_dir

    def flush(self) -> None:
        """Return once everything added so far is in the files.

        Raises:
            OSError: it cannot be; the message says why and how many events wait. They are tried again later.

        Example:
            >>> SummaryWriter(write_to_disk=False).flush()
        """
        self._run.flush()

    def close(self) -> None:
        """Flush. What is added afterwards goes to a new file, with one warning. A second call does nothing.

        Raises:
            OSError: what waited cannot be written, and is lost; the message says why, and how many events.

        Example:
            >>> SummaryWriter(write_to_disk=False).close()
        """
        self._close(success=True)

    def __enter__(self) -> "SummaryWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._close(success=kind is None)

    def _close(self, success: bool) -> None:
        try:
            self._end_sessions(success)
        finally:
            self._run.close()
