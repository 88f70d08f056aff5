"""Events back from disk."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError

from tbwriter.messages.event_pb2 import Event
from tbwriter.messages.summary_pb2 import Summary
from tbwriter.messages.tensor_pb2 import DT_DOUBLE, DT_FLOAT
from tbwriter.records import DamagedRecordError, read_records

Series = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]

_REAL = {DT_FLOAT: ("<f4", "float_val"), DT_DOUBLE: ("<f8", "double_val")}


def read_events(path: str | os.PathLike[str]) -> Iterator[Event]:
    """The events of a file, or of all event files of a run's directory, as they are read.

    It waits for nothing: a file that is still written ends where it ends now, and a record that the end cuts off counts
    as the end. Memory is bounded by the largest record.

    Args:
        path: an event file; or a directory, whose files are read by name, thus by age, and whose sub-directories are
            runs of their own and not read.

    Yields:
        Events with ``wall_time`` (seconds since 1970), ``step`` and ``summary`` (tags and values in ``summary.value``);
        the first of a file has a ``file_version`` instead of a summary.

    Raises:
        FileNotFoundError: there is no such path.
        DamagedRecordError: a checksum does not fit, or a record is no Event; ``.path`` and ``.offset`` say where. All
            events before it have been yielded by then.

    Example:
        >>> import tempfile
        >>> from tbwriter.event_file import EventFile
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     EventFile(log_dir).close()
        ...     [event.file_version for event in read_events(log_dir)]
        ['brain.Event:2']
    """
    path = Path(path)
    files = sorted(f for f in path.iterdir() if "tfevents" in f.name and f.is_file()) if path.is_dir() else [path]
    for name in files:
        with name.open("rb") as file:
            for offset, record in read_records(file):
                try:
                    event = Event.FromString(record)
                except DecodeError as error:
                    raise DamagedRecordError(offset, "it is no Event", str(name)) from error
                yield event


def read_scalars(path: str | os.PathLike[str]) -> dict[str, Series]:
    """The curves of a run.

    Args:
        path: an event file or a run's directory.

    Returns:
        ``{tag: (steps, values)}``, int64 and float64 arrays in the order of writing.

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
        for value in event.summary.value:
            number = _scalar(value)
            if number is not None:
                steps, numbers = points.setdefault(value.tag, ([], []))
                steps.append(event.step)
                numbers.append(number)
    return {tag: (np.array(s, np.int64), np.array(v, np.float64)) for tag, (s, v) in points.items()}


def _scalar(value: Summary.Value) -> float | None:
    """The number of a scalar in the old style or the new one; None where there is something else."""
    if value.HasField("simple_value"):
        return float(value.simple_value)
    tensor = value.tensor
    if tensor.dtype not in _REAL or tensor.tensor_shape.dim:
        return None
    dtype, field = _REAL[tensor.dtype]
    numbers = np.frombuffer(tensor.tensor_content, dtype) if tensor.tensor_content else getattr(tensor, field)
    return float(numbers[0]) if len(numbers) == 1 else None
