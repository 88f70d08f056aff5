"""Writes what TensorBoard shows, and reads it back: no torch, no tensorflow.

Example:
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as log_dir:
    ...     with SummaryWriter(log_dir) as writer:
    ...         writer.add_scalar("loss", 0.5, global_step=1)
    ...     [event.step for event in read_events(log_dir) if event.summary.value]
    [1]
"""

from typing import TYPE_CHECKING as _TYPE_CHECKING

from tbwriter.files.event_writer import EventWriter
from tbwriter.files.reader import TagRow, list_tags, read_events, read_scalars
from tbwriter.files.records import DamagedRecordError
from tbwriter.files.tables import read_frame, write_csv, write_json
from tbwriter.files.tree import LoggedValue, list_runs, read_values
from tbwriter.global_writer import GlobalSummaryWriter
from tbwriter.observers import Observer, observe
from tbwriter.stand_in import stand_in
from tbwriter.summaries.decoding import Buckets, Picture, PrCurve, Sound
from tbwriter.summaries.graph import DrawsItsGraph, GraphNode
from tbwriter.trackers import MlflowRun, WandbRun, WandbSync
from tbwriter.writer import SummaryWriter

__all__ = [
    "Buckets",
    "DamagedRecordError",
    "DrawsItsGraph",
    "EventWriter",
    "GlobalSummaryWriter",
    "GraphNode",
    "LoggedValue",
    "MlflowRun",
    "Observer",
    "Picture",
    "PrCurve",
    "Sound",
    "SummaryWriter",
    "TagRow",
    "WandbRun",
    "WandbSync",
    "list_runs",
    "list_tags",
    "observe",
    "read_events",
    "read_frame",
    "read_scalars",
    "read_values",
    "stand_in",
    "write_csv",
    "write_json",
]

if _TYPE_CHECKING:
    __version__: str
else:

    def __getattr__(name: str) -> str:
        """`__version__`, as installed: `nn` and `tbwriter` come together. It takes milliseconds to look up."""
        if name != "__version__":
            raise AttributeError(f"module 'tbwriter' has no attribute {name!r}")
        from importlib.metadata import version

        return version("fromzero")
