"""Events back from disk."""

import os
from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt
from google.protobuf.message import DecodeError

from tbwriter.files.records import FRAME_BYTES, DamagedRecordError, read_records
from tbwriter.files.storage import find_files
from tbwriter.messages.event_pb2 import Event, SessionLog
from tbwriter.summaries.decoding import kind_of, number_of
from tbwriter.values import describe
from tbwriter.warn import warn

Series = tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]
OnDamage = Literal["raise", "warn"] | Callable[[DamagedRecordError], object]


def read_events(path: str | os.PathLike[str], *, on_damage: OnDamage = "raise") -> Iterator[Event]:
    """The events of a file, or of all event files of a run's directory, as they are read.

    It waits for nothing: a file that is still written ends where it ends now, and a record that the end cuts off counts
    as the end. Memory is bounded by the largest record.

    Args:
        path: an event file, or its URL; or a directory, whose files are read by name, oldest first, and
            whose sub-directories are runs of their own (`list_runs`) and not read.
        on_damage: "raise" the first damage; or "warn" of each and go on with the next record that is whole, which may
            be of the same file; or a function that is called with each, as a `DamagedRecordError`. TensorBoard's
            readers give a file up at its first damage and go on with the next one, without a word. (Its default one
            shows a record whose checksum is wrong, as long as it can be parsed; here it is damage.)

    Yields:
        Events with ``wall_time`` (seconds since 1970), ``step`` and ``summary`` (tags and values in ``summary.value``);
        the first of a file has a ``file_version`` instead of a summary.

    Raises:
        FileNotFoundError: there is no such path.
        DamagedRecordError: a checksum does not fit, or a record is not an Event; ``.path`` and ``.offset`` say where.
            All events before it have been yielded by then.
        ValueError: ``on_damage`` is none of these.

    Example:
        >>> import tempfile
        >>> from tbwriter.files.event_file import EventFile
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     EventFile(log_dir).close()
        ...     [event.file_version for event in read_events(log_dir)]
        ['brain.Event:2']
    """
    tell = _teller(on_damage)
    folder, names = find_files(path, "tfevents")
    for name in names:
        with folder.open(name) as file:
            for offset, record in read_records(file, folder.join(name), tell):
                try:
                    event = Event.FromString(record)
                except (DecodeError, ValueError) as error:  # ValueError: protobuf without its C extension
                    damage = DamagedRecordError(offset, "it is not an Event", folder.join(name))
                    if tell is None:
                        raise damage from error
                    damage.skipped = len(record) + FRAME_BYTES
                    tell(damage)
                    continue
                yield event


def _teller(on_damage: object) -> Callable[[DamagedRecordError], object] | None:
    """What is called with each damage; None to raise it."""
    if on_damage == "raise":
        return None
    if on_damage == "warn":
        return lambda damage: warn(str(damage))
    if not callable(on_damage):
        raise ValueError(f"on_damage must be 'raise', 'warn' or a function, got {describe(on_damage)}")
    return on_damage


def read_scalars(path: str | os.PathLike[str], *, on_damage: OnDamage = "raise") -> dict[str, Series]:
    """The curves of a run.

    Args:
        path: an event file or a run's directory.
        on_damage: as for `read_events`.

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
    for event in read_events(path, on_damage=on_damage):
        if event.session_log.status == SessionLog.START:
            points = {tag: _before(event.step, *series) for tag, series in points.items()}
        for value in event.summary.value:
            number = number_of(value)
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


def list_tags(path: str | os.PathLike[str], *, on_damage: OnDamage = "raise") -> list[TagRow]:
    """What an event file or a run's directory holds.

    Args:
        path: as for `read_events`.
        on_damage: as for `read_events`.

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
    for event in read_events(path, on_damage=on_damage):
        tags = [(value.tag, kind_of(value)) for value in event.summary.value]
        if event.graph_def:
            tags.append(("", "graphs"))
        for tag, kind in tags:
            row = rows.get(tag, TagRow(tag, kind, 0, event.step, event.step))
            rows[tag] = row._replace(values=row.values + 1, last_step=event.step)
    return list(rows.values())
