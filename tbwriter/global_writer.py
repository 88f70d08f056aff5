"""A writer for many processes that counts the steps itself."""

import os
from typing import Any, Literal

from tbwriter.file_writer import FileWriter
from tbwriter.files.shared_file import SharedFile
from tbwriter.summaries.histogram import DEFAULT_BINS, Bins
from tbwriter.writer import SummaryWriter

_newest: "GlobalSummaryWriter | None" = None


class GlobalSummaryWriter:
    """Writes one run from all threads and processes of a program: forked ones, and spawned ones that it is handed to.

    Nobody gives a step: the n-th event of a tag, whichever process adds it, has step n, counted from 0. All processes
    append to one file, so its steps are in the order that TensorBoard expects. The methods are those of tensorboardX's
    writer of this name and their siblings; their arguments are those of `SummaryWriter`, without ``global_step``. What
    `SummaryWriter` promises about flushing, ending and failing holds in each process.

    Args:
        logdir: the run's directory, as `SummaryWriter` takes it; no URL.
        comment: as for `SummaryWriter`.
        purge_step: as for `SummaryWriter`.
        max_queue: as for `SummaryWriter`.
        flush_secs: as for `SummaryWriter`.
        filename_suffix: as for `SummaryWriter`.
        write_to_disk: as for `SummaryWriter`.
        log_dir: torch's name for ``logdir``.
        coalesce_process: as tensorboardX has it, and without effect: all processes share one file.
        fsync: as for `SummaryWriter`.
        on_error: as for `SummaryWriter`.

    Raises:
        OSError: the directory cannot be made or written.
        TypeError, ValueError: an argument is not a path, time or policy.

    Example:
        >>> import tempfile
        >>> from tbwriter.files.reader import read_scalars
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     with GlobalSummaryWriter(log_dir) as writer:
        ...         writer.add_scalar("loss", 0.5)
        ...         GlobalSummaryWriter.getSummaryWriter().add_scalar("loss", 0.25)
        ...     read_scalars(log_dir)["loss"]
        (array([0, 1]), array([0.5 , 0.25]))
    """

    def __init__(
        self,
        logdir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int | None = None,
        flush_secs: float | None = None,
        filename_suffix: str = "",
        write_to_disk: bool = True,
        log_dir: str | os.PathLike[str] | None = None,
        coalesce_process: bool = True,
        *,
        fsync: bool = False,
        on_error: Literal["raise", "warn"] = "raise",
    ) -> None:
        self._writer = _SharingWriter(
            logdir or log_dir, comment, purge_step, max_queue, flush_secs, filename_suffix, write_to_disk,
            fsync=fsync, on_error=on_error,
        )  # fmt: skip
        self._closed = False
        self._become_newest()

    def _become_newest(self) -> None:
        global _newest
        _newest = self

    def __setstate__(self, state: dict[str, Any]) -> None:
        """In a spawned process, the writer that it was handed is the one that `getSummaryWriter` gives."""
        vars(self).update(state)
        self._become_newest()

    @staticmethod
    def getSummaryWriter() -> "GlobalSummaryWriter":
        """The writer that this program made last, or was handed; a new one if that is closed or there is none.

        Returns:
            The writer.

        Example:
            >>> writer = GlobalSummaryWriter(write_to_disk=False)
            >>> GlobalSummaryWriter.getSummaryWriter() is writer
            True
        """
        if _newest is None or _newest._closed:
            return GlobalSummaryWriter()
        return _newest

    @property
    def file_writer(self) -> FileWriter | None:
        """What writes into the file that all processes share; for example ``file_writer.get_logdir()``."""
        return self._writer.file_writer

    def get_logdir(self) -> str:
        """The run's directory, as it was given."""
        return self._writer.get_logdir()

    def add_scalar(self, tag: str, scalar_value: object, walltime: float | None = None) -> None:
        """As `SummaryWriter.add_scalar`, without a step."""
        self._writer.add_scalar(tag, scalar_value, walltime=walltime)

    def add_histogram(
        self,
        tag: str,
        values: object,
        bins: Bins = DEFAULT_BINS,
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """As `SummaryWriter.add_histogram`, without a step."""
        self._writer.add_histogram(tag, values, bins=bins, walltime=walltime, max_bins=max_bins)

    def add_image(self, tag: str, img_tensor: object, walltime: float | None = None, dataformats: str = "CHW") -> None:
        """As `SummaryWriter.add_image`, without a step."""
        self._writer.add_image(tag, img_tensor, walltime=walltime, dataformats=dataformats)

    def add_images(
        self, tag: str, img_tensor: object, walltime: float | None = None, dataformats: str = "NCHW"
    ) -> None:
        """As `SummaryWriter.add_images`, without a step."""
        self._writer.add_images(tag, img_tensor, walltime=walltime, dataformats=dataformats)

    def add_figure(self, tag: str, figure: object, close: bool = True, walltime: float | None = None) -> None:
        """As `SummaryWriter.add_figure`, without a step."""
        self._writer.add_figure(tag, figure, close=close, walltime=walltime)

    def add_video(
        self,
        tag: str,
        vid_tensor: object,
        fps: float = 4,
        walltime: float | None = None,
        dataformats: str = "NTCHW",
    ) -> None:
        """As `SummaryWriter.add_video`, without a step."""
        self._writer.add_video(tag, vid_tensor, fps=fps, walltime=walltime, dataformats=dataformats)

    def add_audio(self, tag: str, snd_tensor: object, sample_rate: int = 44100, walltime: float | None = None) -> None:
        """As `SummaryWriter.add_audio`, without a step."""
        self._writer.add_audio(tag, snd_tensor, sample_rate=sample_rate, walltime=walltime)

    def add_text(self, tag: str, text_string: str, walltime: float | None = None) -> None:
        """As `SummaryWriter.add_text`, without a step."""
        self._writer.add_text(tag, text_string, walltime=walltime)

    def add_pr_curve(
        self,
        tag: str,
        labels: object,
        predictions: object,
        num_thresholds: int = 127,
        weights: object = None,
        walltime: float | None = None,
    ) -> None:
        """As `SummaryWriter.add_pr_curve`, without a step."""
        self._writer.add_pr_curve(tag, labels, predictions, None, num_thresholds, weights, walltime)

    def flush(self) -> None:
        """As `SummaryWriter.flush`, for what this process has added."""
        self._writer.flush()

    def close(self) -> None:
        """As `SummaryWriter.close`, in this process; the others may go on."""
        self._closed = True
        self._writer.close()

    def __enter__(self) -> "GlobalSummaryWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.close()


class _SharingWriter(SummaryWriter):
    _file_type = SharedFile
