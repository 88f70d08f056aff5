"""The runs below a directory, and all that they hold."""

import errno
import os
from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from tbwriter.files.reader import OnDamage, read_events
from tbwriter.files.storage import Directory, directory, of_file
from tbwriter.messages.event_pb2 import SessionLog
from tbwriter.summaries.decoding import decode, kind_of

PART = "tfevents"  # of the name of every event file


class LoggedValue(NamedTuple):
    """A value, as it was logged.

    Attributes:
        run: the run's name, as in `list_runs`.
        tag: its tag; empty for a graph.
        kind: the dashboard that shows it, such as "scalars".
        step: its step.
        wall_time: when, in seconds since 1970.
        value: what was logged, as `decode` gives it; of a graph its bytes.
    """

    run: str
    tag: str
    kind: str
    step: int
    wall_time: float
    value: Any


def list_runs(path: str | os.PathLike[str]) -> dict[str, str]:
    """The runs of a tree: every directory at or below a path that holds an event file.

    Args:
        path: a directory, or its URL; or an event file, which is one run.

    Returns:
        The path of each run by its name, which is what TensorBoard calls it: its directory from there, with "/" between
        levels, and "." for the path itself. In the order of the names.

    Raises:
        FileNotFoundError: there is no such path.

    Example:
        >>> import tempfile
        >>> from tbwriter.writer import SummaryWriter
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     SummaryWriter(f"{log_dir}/seed/1").close()
        ...     SummaryWriter(f"{log_dir}/seed/0").close()
        ...     list(list_runs(log_dir))
        ['seed/0', 'seed/1']
    """
    root = directory(path)
    if not root.exists():
        folder, name = of_file(path)
        if name not in folder.names():
            raise FileNotFoundError(errno.ENOENT, "there is no such file or directory", os.fsdecode(path))
        return {".": os.fsdecode(path)}
    return dict(sorted(_runs_in(root, "")))


def _runs_in(folder: Directory, name: str) -> Iterator[tuple[str, str]]:
    if any(PART in file for file in folder.names()):
        yield name or ".", folder.path
    for child in folder.children():
        yield from _runs_in(folder.child(child), f"{name}/{child}" if name else child)


def read_values(
    path: str | os.PathLike[str], *, kinds: Collection[str] | str | None = None, on_damage: OnDamage = "raise"
) -> Iterator[LoggedValue]:
    """All values of the runs of a tree, decoded; run by run, each in the order of writing.

    What a later writer purged, by its ``purge_step``, is left out, so that a run is read whole before its first value
    is yielded.

    Args:
        path: as for `list_runs`.
        kinds: of these dashboards alone, such as ``{"scalars", "hparams"}``, or of one; None for all.
        on_damage: as for `read_events`.

    Yields:
        A `LoggedValue` for each.

    Raises:
        FileNotFoundError: there is no such path.
        DamagedRecordError: as `read_events`.

    Example:
        >>> import tempfile
        >>> from tbwriter.writer import SummaryWriter
        >>> with tempfile.TemporaryDirectory() as log_dir:
        ...     with SummaryWriter(log_dir) as writer:
        ...         writer.add_scalar("loss", 0.5, 3, walltime=1.5)
        ...         writer.add_text("note", "**bold**", 4, walltime=2.5)
        ...     for value in read_values(log_dir):
        ...         print(value)
        LoggedValue(run='.', tag='loss', kind='scalars', step=3, wall_time=1.5, value=0.5)
        LoggedValue(run='.', tag='note/text_summary', kind='text', step=4, wall_time=2.5, value='**bold**')
    """
    asked = {kinds} if isinstance(kinds, str) else kinds
    for run, place in list_runs(path).items():
        yield from _values_of(run, place, asked, on_damage)


def _values_of(run: str, path: str, asked: Collection[str] | None, on_damage: OnDamage) -> list[LoggedValue]:
    kinds: dict[str, str] = {}  # of a tag: what its first value says, as for TensorBoard
    found: list[LoggedValue] = []
    for event in read_events(path, on_damage=on_damage):
        if event.session_log.status == SessionLog.START:
            found = [value for value in found if value.step < event.step]
        if event.graph_def and (asked is None or "graphs" in asked):
            found.append(LoggedValue(run, "", "graphs", event.step, event.wall_time, event.graph_def))
        for value in event.summary.value:
            kind = kinds.setdefault(value.tag, kind_of(value))
            if asked is None or kind in asked:
                found.append(LoggedValue(run, value.tag, kind, event.step, event.wall_time, decode(value, kind)))
    return found
