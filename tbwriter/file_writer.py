"""The layer beneath the methods `add_*`: whole Summaries and Events, as other libraries hand them over."""

import os
import time
from typing import Any

from tbwriter.messages.encode import summary_event
from tbwriter.messages.event_pb2 import Event, TaggedRunMetadata
from tbwriter.messages.foreign import checked_bytes, message_bytes
from tbwriter.messages.summary_pb2 import Summary
from tbwriter.run import Run
from tbwriter.values import check_step, check_wall_time


class FileWriter:
    """Writes Summaries and Events into a run: what ``writer.file_writer`` is of tensorboardX's and torch's writers.

    A message may be of any library, such as ``tensorboard.compat.proto`` or ``tensorboardX.proto``, or its bytes. It is
    read once to see that it is one, and written as it is.

    Args:
        run: where it is written.
        sub_run: a directory below the run's, "" for the run itself.

    Example:
        >>> import tempfile
        >>> from tbwriter import SummaryWriter, read_scalars
        >>> with tempfile.TemporaryDirectory() as log_dir, SummaryWriter(log_dir) as writer:
        ...     summary = Summary(value=[Summary.Value(tag="loss", simple_value=0.5)])
        ...     writer.file_writer.add_summary(summary.SerializeToString(), global_step=3)
        ...     writer.flush()
        ...     read_scalars(log_dir)["loss"]
        (array([3]), array([0.5]))
    """

    def __init__(self, run: Run, sub_run: str = "") -> None:
        self._run, self._sub_run = run, sub_run

    def get_logdir(self) -> str:
        """The directory that is written to, as it was given.

        Returns:
            A path.
        """
        return os.path.join(self._run.log_dir, self._sub_run) if self._sub_run else self._run.log_dir  # noqa: PTH118

    @property
    def path(self) -> str:
        """The event file that is written now; the directory, as long as nothing made one."""
        return self._run.path(self._sub_run)

    event_writer = _ev_writer = property(lambda self: self)  # the names by which the other writers lead to
    _file_name = path  # the file: `writer.file_writer.event_writer._ev_writer._file_name`

    def add_summary(self, summary: Any, global_step: int | None = None, walltime: float | None = None) -> None:
        """Write a Summary as one event.

        Args:
            summary: a Summary of any library, or its bytes.
            global_step: the event's step, None for 0.
            walltime: seconds since 1970; now by default.

        Raises:
            TypeError, ValueError: it is not a Summary, or a step or a time is not one.
        """
        data = checked_bytes("add_summary", Summary, summary)
        wall_time, step = self._run.tags.when("add_summary", "", global_step, walltime)
        self._run.add_to(self._sub_run, summary_event(wall_time, step, data))

    def add_event(self, event: Any, step: int | None = None, walltime: float | None = None) -> None:
        """Write an Event.

        Args:
            event: an Event of any library, or its bytes.
            step: its step; by default the one that it has.
            walltime: seconds since 1970; by default its own wall time, or now where it has none.

        Raises:
            TypeError, ValueError: it is not an Event, or a step or a time is not one.
        """
        own = Event.FromString(checked_bytes("add_event", Event, event))
        if walltime is not None:
            own.wall_time = check_wall_time("add_event", "", walltime)
        elif not own.wall_time:
            own.wall_time = time.time()
        if step is not None:
            own.step = check_step("add_event", "", step)
        self._run.add_to(self._sub_run, own.SerializeToString())

    def add_graph(self, graph_profile: Any, walltime: float | None = None) -> None:
        """Write a graph, and what is known about a run of it.

        Args:
            graph_profile: a GraphDef and a RunMetadata of any library; or a GraphDef alone, or its bytes.
            walltime: seconds since 1970; now by default.

        Raises:
            TypeError, ValueError: it is not a graph, or the time is not one.
        """
        graph, profile = graph_profile if isinstance(graph_profile, (tuple, list)) else (graph_profile, None)
        self.add_event(Event(graph_def=message_bytes("add_graph", "GraphDef", graph)), walltime=walltime)
        if profile is not None:
            data = TaggedRunMetadata(tag="step1", run_metadata=message_bytes("add_graph", "RunMetadata", profile))
            self.add_event(Event(tagged_run_metadata=data), walltime=walltime)

    def add_onnx_graph(self, graph: Any, walltime: float | None = None) -> None:
        """Write a graph, as `add_graph` does without a profile."""
        self.add_graph(graph, walltime)

    add_openvino_graph = add_onnx_graph

    def flush(self) -> None:
        """As `SummaryWriter.flush`."""
        self._run.flush()

    def close(self) -> None:
        """As `SummaryWriter.close`, but that it says of no hyperparameters how their run ended."""
        self._run.close()

    def reopen(self) -> None:
        """Does nothing: what is added after `close` opens a new file."""
