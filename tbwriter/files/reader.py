"""Events back from disk."""

import os
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError

from tbwriter.files.records import DamagedRecordError, read_records
from tbwriter.files.storage import find_files
from tbwriter.messages.event_pb2 import Event, SessionLog
from tbwriter.messages.summary_pb2 import Summary
from tbwriter.messages.tensor_pb2 import DT_DOUBLE, DT_FLOAT

Series = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]

_REAL = {DT_FLOAT: ("<f4", "float_val"), DT_DOUBLE: ("<f8", "double_val")}


def read_events(path: str | os.PathLike[str]) -> Iterator[Event]:
    """The events of a file, or of all event files of a run's directory, as they are read.

    It waits for nothing: a file that is still written ends where it ends now, and a record that the end cuts off counts
    as the end. Memory is bounded by the largest record.

    Args:
        path: an event file, or its URL; or a directory, whose files are read by name, oldest first, and
            whose sub-directories are runs of their own and not read.

    Yields:
        Events with ``wall_time`` (seconds since 1970), ``step`` and ``summary`` (tags and values in ``summary.value``);
        the first of a file has a ``file_version`` instead of a summary.

    Raises:
        FileNotFoundError: there is no such path.
        DamagedRecordError: a checksum does not fit, or a record is not an Event; ``.path`` and ``.offset`` say where.
            All events before it have been yielded by then.

    Example:
        >>> import tempfile
        >>> from tbwriter.files.event_file import EventFile
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     EventFile(log_dir).close()
        ...     [event.file_version for event in read_events(log_dir)]
        ['brain.Event:2']
    """
    folder, names = find_files(path, "tfevents")
    for name in names:
        with folder.open(name) as file:
            for offset, record in read_records(file, folder.join(name)):
                try:
                    event = Event.FromString(record)
                except (DecodeError, ValueError) as error:  # ValueError: protobuf without its C extension
                    raise DamagedRecordError(offset, "it is not an Event", folder.join(name)) from error
                yield event


def read_scalars(path: str | os.PathLike[str]) -> dict[str, Series]:
    """The curves of a run.

    Args:
        path: an event file or a run's directory.

    Returns:
        ``{tag: (steps, values)}``, int64 and float64 arrays in the order of writing. What a later writer purged, by
        its ``purge_step``, is left out.

    Raises:
        FileNotFoundError: there is no such path.
        DamagedRecordError: as `read_events`.

    Example:
        >>> import tempfile
        >>> from tbwriter.writer import SummaryWriter
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     with SummaryWriter(log_dir) as writer:
        ...         for step in range(3):
        ...             writer.add_scalar("loss", 1 / 2**step, step)
        ...     read_scalars(log_dir)
        {'loss': (array([0, 1, 2]), array([1.  , 0.5 , 0.25]))}
    """
    points: dict[str, tuple[list[int], list[float]]] = {}
    for event in read_events(path):
        if event.session_log.status == SessionLog.START:
            points = {tag: _before(event.step, *series) for tag, series in points.items()}
        for value in event.summary.value:
            number = _scalar(value)
            if number is not None:
                steps, numbers = points.setdefault(value.tag, ([], []))
                steps.append(event.step)
                numbers.append(number)
    return {tag: (np.array(s, np.int64), np.array(v, np.float64)) for tag, (s, v) in points.items() if s}


def _before(end: int, steps: list[int], numbers: list[float]) -> tuple[list[int], list[float]]:
    kept = [(step, number) for step, number in zip(steps, numbers, strict=True) if step < end]
    return [step for step, _ in kept], [number for _, number in kept]


class TagRow(NamedTuple):
    """What a run holds of one tag.

    Attributes:
        tag: its name; empty for a graph, which has none.
        kind: the dashboard that shows it, such as "scalars" or "images".
        values: how many there are.
        first_step: the step of the first one in the order of writing.
        last_step: the step of the last one.
    """

    tag: str
    kind: str
    values: int
    first_step: int
    last_step: int


def list_tags(path: str | os.PathLike[str]) -> list[TagRow]:
    """What an event file or a run's directory holds.

    Args:
        path: as for `read_events`.

    Returns:
        A row for each tag, in the order of their first value.

    Raises:
        FileNotFoundError: there is no such path.
        DamagedRecordError: as `read_events`.

    Example:
        >>> import tempfile
        >>> from tbwriter.writer import SummaryWriter
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     with SummaryWriter(log_dir) as writer:
        ...         for step in range(3):
        ...             writer.add_scalar("loss", 1 / 2**step, step)
        ...     list_tags(log_dir)
        [TagRow(tag='loss', kind='scalars', values=3, first_step=0, last_step=2)]
    """
    rows: dict[str, TagRow] = {}
    for event in read_events(path):
        tags = [(value.tag, _kind(value)) for value in event.summary.value]
        if event.graph_def:
            tags.append(("", "graphs"))
        for tag, kind in tags:
            row = rows.get(tag, TagRow(tag, kind, 0, event.step, event.step))
            rows[tag] = row._replace(values=row.values + 1, last_step=event.step)
    return list(rows.values())


_KINDS = {"simple_value": "scalars", "histo": "histograms", "image": "images", "audio": "audio", "tensor": "tensor"}


def _kind(value: Summary.Value) -> str:
    plugin: str = value.metadata.plugin_data.plugin_name
    return plugin or _KINDS.get(value.WhichOneof("value") or "", "unknown")


def _scalar(value: Summary.Value) -> float | None:
    """The number of a scalar in the old style or the new one; None where there is something else."""
    if value.HasField("simple_value"):
        return float(value.simple_value)
    tensor = value.tensor
    if tensor.dtype not in _REAL or tensor.tensor_shape.dim:
        return None
    if len(tensor.double_val) == 1:  # where `add_scalar` keeps all digits, whatever the dtype
        return float(tensor.double_val[0])
    dtype, field = _REAL[tensor.dtype]
    numbers = np.frombuffer(tensor.tensor_content, dtype) if tensor.tensor_content else getattr(tensor, field)
    return float(numbers[0]) if len(numbers) == 1 else None
