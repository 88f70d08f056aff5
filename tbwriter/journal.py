"""The journal of a run: every event gets its moment, every tag the one dashboard that it belongs to."""

import contextlib
import time
from collections.abc import Iterator, Mapping

from tbwriter.custom_scalars import CustomScalars
from tbwriter.event_file import Deferred
from tbwriter.messages.encode import summary_event
from tbwriter.run import Run
from tbwriter.values import INT64, check_step, check_tag, check_wall_time
from tbwriter.warn import warn


def tag_in(sub_run: str, tag: str) -> str:
    """The name by which a journal knows a tag of a sub-run: not one that a tag of the run itself would have.

    Args:
        sub_run: its directory, "" for the run itself.
        tag: the tag there.

    Returns:
        A name.

    Example:
        >>> tag_in("", "loss"), tag_in("trial", "loss")
        ('loss', 'trial → loss')
    """
    return f"{sub_run} → {tag}" if sub_run else tag


class Journal:
    """Takes summaries by tag and writes them as events of a run.

    Args:
        run: where they are written.

    Attributes:
        run: the same.
        sessions: hyperparameters by the sub-run that was made with them; the run itself is "".
        custom_scalars: the charts that each draw several tags.

    Example:
        >>> journal = Journal(Run(write_to_disk=False))
        >>> journal.moment("add_scalar", "scalars", "loss", 7, 1.5)
        (1.5, 7)
    """

    def __init__(self, run: Run) -> None:
        self.run = run
        self.sessions: dict[str, Mapping[str, object]] = {}  # sub-run, "" for the run itself -> its hyperparameters
        self.custom_scalars = CustomScalars()
        self._dashboards: dict[str, str] = {}  # by tag
        self._last_steps: dict[str, int] = {}  # by tag
        self._went_back: set[str] = set()  # tags
        self._step: object = None  # where a call names none
        self._wall_time: object = None

    def moment(
        self, where: str, dashboard: str, tag: str, global_step: object, walltime: object, *more_tags: str
    ) -> tuple[float, int]:
        """Wall time and step of an event, once it is clear that its tags may hold it.

        Args:
            where: the method at work, for messages.
            dashboard: the plugin that shows the event.
            tag: the tag that it is about to be written to.
            global_step: as the caller gave it.
            walltime: as the caller gave it.
            more_tags: where the event has more than one.

        Returns:
            Seconds since 1970, and a step of 64 bits.

        Raises:
            TypeError: a step or a time is no number.
            ValueError: it is not whole, or not finite; or the tag belongs to another dashboard.
        """
        wall_time, step = self.when(where, tag, global_step, walltime)
        for one in (tag, *more_tags):
            owner = self._dashboards.get(one)
            if owner is None:
                self._dashboards[check_tag(where, one)] = dashboard
            elif owner != dashboard:
                advice = "TensorBoard shows one kind a tag: choose another name"
                raise ValueError(f"{where}: tag {one!r} of this run already belongs to {owner}; {advice}")
            if step < self._last_steps.get(one, step):
                self._warn_of_a_step_back(where, one, step)
            self._last_steps[one] = step
        return wall_time, step

    def when(self, where: str, tag: str, global_step: object, walltime: object) -> tuple[float, int]:
        """Wall time and step, whatever is to be written; as `moment`."""
        if global_step is None:
            global_step = self._step
        if walltime is None:
            walltime = self._wall_time
        step = global_step if type(global_step) is int and global_step in INT64 else check_step(where, tag, global_step)
        return time.time() if walltime is None else check_wall_time(where, tag, walltime), step

    def _warn_of_a_step_back(self, where: str, tag: str, step: int) -> None:
        """Once a tag; a run that is resumed on purpose says so by ``purge_step``."""
        if tag not in self._went_back:
            self._went_back.add(tag)
            order = f"step {step} comes after step {self._last_steps[tag]}"
            advice = "steps must not go back: TensorBoard drops the points that it has from there on"
            warn(f"{where}: tag {tag!r}: {order}; {advice}")

    def add(
        self,
        where: str,
        dashboard: str,
        tag: str,
        summary: bytes | Deferred,
        global_step: object,
        walltime: object,
        size: int = 0,
    ) -> None:
        """Write a summary of one tag.

        Args:
            where: as for `moment`.
            dashboard: as for `moment`.
            tag: as for `moment`.
            summary: a serialised Summary, or a function that the I/O thread calls to have one.
            global_step: as for `moment`.
            walltime: as for `moment`.
            size: about how many bytes a function keeps in memory.

        Raises:
            TypeError, ValueError: as `moment`, or the writer is closed.
            OSError: an earlier event could not be written.
        """
        wall_time, step = self.moment(where, dashboard, tag, global_step, walltime)
        if isinstance(summary, bytes):
            self.run.add(summary_event(wall_time, step, summary))
        else:
            self.run.add(lambda: summary_event(wall_time, step, summary()), size)

    def write(self, sub_run: str, event: bytes) -> None:
        """Write an event to a sub-run, or to the run itself, which is ""."""
        if sub_run:
            self.run.add_to_series(sub_run, event)
        else:
            self.run.add(event)

    def newest_step(self, tag: str) -> object:
        """The step of what belongs to the newest event of a tag: that of `defaults`, or the tag's last; or None."""
        return self._last_steps.get(tag) if self._step is None else self._step

    @contextlib.contextmanager
    def defaults(self, global_step: object, walltime: object) -> Iterator[None]:
        """Within the block, the step and the time of events that name none; None leaves them as they were."""
        before = self._step, self._wall_time
        if global_step is not None:
            self._step = check_step("use_metadata", "global_step", global_step)
        if walltime is not None:
            self._wall_time = check_wall_time("use_metadata", "walltime", walltime)
        try:
            yield
        finally:
            self._step, self._wall_time = before
