"""The writer that training code calls."""

import os
import time
from collections.abc import Mapping

from tbwriter.graph import graph
from tbwriter.histogram import DEFAULT_BINS, Bins, histogram
from tbwriter.image import image, pixels
from tbwriter.messages.encode import scalar_event, scalars_summary, summary_event
from tbwriter.messages.event_pb2 import Event
from tbwriter.run import Run
from tbwriter.scalar import described_scalar
from tbwriter.text import text
from tbwriter.values import INT64, check_step, check_tag, check_wall_time, describe, scalar


class SummaryWriter:
    """Writes one run for TensorBoard: an event file in a directory.

    The methods are those of ``torch.utils.tensorboard.SummaryWriter`` and of tensorboardX. Values are numbers, lists,
    NumPy arrays, or tensors of any library that has ``__array__`` or ``.numpy()``.

    A call returns at once; a thread writes. When `flush` returns, everything added before is in the file; so it is
    ``flush_secs`` after it was added, after `close`, and at every ordinary end of the process. A process that is killed
    leaves a readable file that lacks at most the events of its last ``flush_secs``. What goes wrong on the thread, such
    as a full disk, is raised once by the next call. Threads may share a writer; a forked child that uses one gets a
    file of its own in the same directory.

    Args:
        log_dir: the run's directory; ``runs/<date>_<host><comment>`` unless told.
        comment: the end of the default directory's name.
        purge_step: TensorBoard is to forget what an earlier file of the directory holds from this step on.
        max_queue: as other writers have it, and without effect: memory is bounded by bytes.
        flush_secs: how long an event may wait in memory, in seconds.
        filename_suffix: the end of the file's name.
        write_to_disk: False checks all arguments, and writes nothing.
        logdir: tensorboardX's name for ``log_dir``.

    Raises:
        OSError: the directory cannot be made or written.
        TypeError, ValueError: an argument is no path, step or time.

    References:
        https://pytorch.org/docs/stable/tensorboard.html

    Example:
        >>> import tempfile
        >>> from tbwriter.reader import read_scalars
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     with SummaryWriter(log_dir) as writer:
        ...         writer.add_scalar("loss", 0.5, 1)
        ...         writer.log(2, {"loss": 0.25, "accuracy": 0.875})
        ...     read_scalars(log_dir)["loss"]
        (array([1, 2]), array([0.5 , 0.25]))
    """

    def __init__(
        self,
        log_dir: str | os.PathLike[str] | None = None,
        comment: str = "",
        purge_step: int | None = None,
        max_queue: int = 10,
        flush_secs: float = 1.0,
        filename_suffix: str = "",
        write_to_disk: bool = True,
        *,
        logdir: str | os.PathLike[str] | None = None,
    ) -> None:
        self._run = Run(log_dir or logdir, comment, purge_step, flush_secs, filename_suffix, write_to_disk)

    @property
    def logdir(self) -> str:
        """The run's directory, by tensorboardX's name."""
        return self._run.log_dir

    @property
    def log_dir(self) -> str:
        """The run's directory, by torch's name."""
        return self._run.log_dir

    def get_logdir(self) -> str:
        """The run's directory.

        Returns:
            Its path, as it was given.

        Example:
            >>> SummaryWriter("runs/one", write_to_disk=False).get_logdir()
            'runs/one'
        """
        return self._run.log_dir

    def add_scalar(
        self,
        tag: str,
        scalar_value: object,
        global_step: int | None = None,
        walltime: float | None = None,
        display_name: str = "",
        summary_description: str = "",
    ) -> None:
        """Log one number.

        Args:
            tag: the chart's name; what stands before a "/" groups charts.
            scalar_value: a number, or an array of one element; stored as float32. NaN and infinities are kept.
            global_step: a whole number, None for 0; TensorBoard wants them to increase.
            walltime: seconds since 1970; now unless told.
            display_name: the chart's title instead of the tag.
            summary_description: Markdown, shown beside the title.

        Raises:
            TypeError, ValueError: an argument is not as it should be; nothing is written.
            OSError: an earlier event could not be written.

        Example:
            >>> SummaryWriter(write_to_disk=False).add_scalar("loss/train", 0.25, 1)
        """
        number = scalar("add_scalar", check_tag("add_scalar", tag), scalar_value)
        wall_time, step = _moment("add_scalar", tag, global_step, walltime)
        if display_name or summary_description:
            summary = described_scalar(tag, number, display_name, summary_description)
            self._run.add(summary_event(wall_time, step, summary))
        else:
            self._run.add(scalar_event(wall_time, step, tag, number))

    def add_scalars(
        self,
        main_tag: str,
        tag_scalar_dict: Mapping[str, object],
        global_step: int | None = None,
        walltime: float | None = None,
    ) -> None:
        """Log several numbers into one chart.

        TensorBoard draws a curve a run, so each series becomes a run of its own, in the sub-directory
        ``<main_tag>_<series>``. `log` writes many numbers at once without that.

        Args:
            main_tag: the chart's name.
            tag_scalar_dict: numbers by the name of their series.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument is not as it should be; nothing is written.
            OSError: an earlier event could not be written.

        Example:
            >>> SummaryWriter(write_to_disk=False).add_scalars("loss", {"train": 0.25, "test": 0.5}, 1)
        """
        numbers = _numbers("add_scalars", check_tag("add_scalars", main_tag), tag_scalar_dict)
        wall_time, step = _moment("add_scalars", main_tag, global_step, walltime)
        directories = self._run.series_directories(main_tag, [series for series, _ in numbers])
        for directory, (_, number) in zip(directories, numbers, strict=True):
            self._run.add_to_series(directory, scalar_event(wall_time, step, main_tag, number))

    def log(self, step: int, scalars: Mapping[str, object], walltime: float | None = None) -> None:
        """Log many numbers of one step, as one event.

        Args:
            step: as ``global_step`` of `add_scalar`.
            scalars: numbers by tag.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument is not as it should be; nothing is written.
            OSError: an earlier event could not be written.

        Example:
            >>> SummaryWriter(write_to_disk=False).log(1, {"loss": 0.25, "accuracy": 0.875})
        """
        numbers = _numbers("log", "", scalars)
        if numbers:
            wall_time, number_of_step = _moment("log", numbers[0][0], step, walltime)
            self._run.add(summary_event(wall_time, number_of_step, scalars_summary(numbers)))

    def add_histogram(
        self,
        tag: str,
        values: object,
        global_step: int | None = None,
        bins: Bins = DEFAULT_BINS,
        walltime: float | None = None,
        max_bins: int | None = None,
    ) -> None:
        """Log how values are distributed, for the dashboards histograms and distributions.

        Args:
            tag: the chart's name.
            values: numbers of any shape; those that are not finite are left out, with a warning.
            global_step: as for `add_scalar`.
            bins: a number of buckets, their edges, or a rule by name: see `tbwriter.histogram.histogram`.
            walltime: as for `add_scalar`.
            max_bins: at most so many buckets.

        Raises:
            TypeError, ValueError: an argument is not as it should be; nothing is written.
            OSError: an earlier event could not be written.

        Example:
            >>> SummaryWriter(write_to_disk=False).add_histogram("weights", [0.0, 0.5, 0.25], 1)
        """
        wall_time, step = _moment("add_histogram", check_tag("add_histogram", tag), global_step, walltime)
        self._run.add(summary_event(wall_time, step, histogram(tag, values, bins, max_bins)))

    def add_image(
        self,
        tag: str,
        img_tensor: object,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "CHW",
    ) -> None:
        """Log a picture, as PNG. It is copied at once and encoded later, on the I/O thread.

        Args:
            tag: the picture's name.
            img_tensor: floats from 0 to 1, integers from 0 to 255, or bools; what lies outside is clipped. One channel
                is grey, two grey and alpha, three RGB, four RGBA.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.
            dataformats: what the axes mean: "CHW", "HWC", "HW", or, for a batch as a grid, "NCHW", "NHWC".

        Raises:
            TypeError, ValueError: an argument is not as it should be; nothing is written.
            OSError: an earlier event could not be written.

        Example:
            >>> SummaryWriter(write_to_disk=False).add_image("digit", [[0.0, 0.5], [1.0, 0.0]], 1, dataformats="HW")
        """
        self._add_pixels("add_image", tag, img_tensor, global_step, walltime, dataformats)

    def add_images(
        self,
        tag: str,
        img_tensor: object,
        global_step: int | None = None,
        walltime: float | None = None,
        dataformats: str = "NCHW",
    ) -> None:
        """Log a batch of pictures of one size as one picture: a grid, eight to a row.

        Args:
            tag: the picture's name.
            img_tensor: a batch, or a list of pictures of one size; the values are as for `add_image`.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.
            dataformats: what the axes mean: "NCHW", "NHWC" or "NHW".

        Raises:
            TypeError, ValueError: an argument is not as it should be; nothing is written.
            OSError: an earlier event could not be written.

        Example:
            >>> SummaryWriter(write_to_disk=False).add_images("digits", [[[0.5]], [[1.0]]], 1, dataformats="NHW")
        """
        self._add_pixels("add_images", tag, img_tensor, global_step, walltime, dataformats)

    def add_text(
        self, tag: str, text_string: str, global_step: int | None = None, walltime: float | None = None
    ) -> None:
        """Log a text.

        Args:
            tag: the text's name.
            text_string: Markdown.
            global_step: as for `add_scalar`.
            walltime: as for `add_scalar`.

        Raises:
            TypeError, ValueError: an argument is not as it should be; nothing is written.
            OSError: an earlier event could not be written.

        Example:
            >>> SummaryWriter(write_to_disk=False).add_text("note", "**bold**", 1)
        """
        wall_time, step = _moment("add_text", check_tag("add_text", tag), global_step, walltime)
        self._run.add(summary_event(wall_time, step, text(tag, text_string)))

    def add_graph(self, model: object, input_to_model: object = None) -> None:
        """Log the graph of a model. A run has one; the newest is shown.

        Args:
            model: has a method ``graph_nodes(input_to_model)`` that names its nodes, as `tbwriter.DrawsItsGraph` says;
                any ``nn.Module`` does.
            input_to_model: what the model is to be run on.

        Raises:
            TypeError, ValueError: the model cannot name its nodes, or their names do not fit together.
            OSError: an earlier event could not be written.

        Example:
            >>> SummaryWriter(write_to_disk=False).add_graph("no model")
            Traceback (most recent call last):
            TypeError: add_graph: got an object of type str, wanted a model with a method graph_nodes...
        """
        event = Event(wall_time=time.time(), graph_def=graph(model, input_to_model))
        self._run.add(event.SerializeToString())

    def flush(self) -> None:
        """Return once everything added so far is in the files.

        Raises:
            OSError: it cannot be; the message says why and how many bytes wait. They are tried again later.

        Example:
            >>> SummaryWriter(write_to_disk=False).flush()
        """
        self._run.flush()

    def close(self) -> None:
        """Flush, and take no more values: any `add_scalar` and the like raises ValueError. A second call does nothing.

        Raises:
            OSError: what waited cannot be written, and is lost; the message says why.

        Example:
            >>> SummaryWriter(write_to_disk=False).close()
        """
        self._run.close()

    def __enter__(self) -> "SummaryWriter":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self.close()

    def _add_pixels(
        self, where: str, tag: str, value: object, global_step: object, walltime: object, dataformats: str
    ) -> None:
        wall_time, step = _moment(where, check_tag(where, tag), global_step, walltime)
        picture = pixels(where, tag, value, dataformats)
        self._run.add(lambda: summary_event(wall_time, step, image(tag, picture)), picture.nbytes)


def _moment(where: str, tag: str, global_step: object, walltime: object) -> tuple[float, int]:
    """Wall time and step of an event."""
    step = global_step if type(global_step) is int and global_step in INT64 else check_step(where, tag, global_step)
    return time.time() if walltime is None else check_wall_time(where, tag, walltime), step


def _numbers(where: str, main_tag: str, scalars: object) -> list[tuple[str, float]]:
    """Pairs of tag and number."""
    if not isinstance(scalars, Mapping):
        context = f"{where}: tag {main_tag!r}" if main_tag else where
        raise TypeError(f"{context}: got {describe(scalars)}; give a dictionary of numbers by name")
    return [(check_tag(where, tag), scalar(where, tag, value)) for tag, value in scalars.items()]
