"""The tags of a run: which dashboard shows each, its last step, and the step and time of a call that names none."""

import contextlib
import time
from collections.abc import Iterator

from tbwriter.values import INT64, check_step, check_tag, check_wall_time
from tbwriter.warn import warn


def tag_in(sub_run: str, tag: str) -> str:
    """The name under which `Tags` keeps a tag of a sub-run; no tag of the run itself has it.

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


class Tags:
    """The tags of a run and of its sub-runs.

    Example:
        >>> tags = Tags()
        >>> tags.moment("add_scalar", "scalars", "loss", 7, 1.5)
        (1.5, 7)
        >>> tags.newest_step("loss")
        7
    """

    def __init__(self) -> None:
        self._dashboards: dict[str, str] = {}  # by tag
        self._last_steps: dict[str, int] = {}  # by tag
        self._went_back: set[str] = set()  # tags
        self._step: object = None  # where a call names none
        self._wall_time: object = None

    def moment(
        self, where: str, dashboard: str, tag: str, global_step: object, walltime: object, *more_tags: str
    ) -> tuple[float, int]:
        """Wall time and step of an event, after a check that its tags may hold it.

        Args:
            where: the method at work, for messages.
            dashboard: the plugin that shows the event.
            tag: the tag of the event.
            global_step: as the caller gave it.
            walltime: as the caller gave it.
            more_tags: the other tags of an event that has several.

        Returns:
            Seconds since 1970, and a step of 64 bits.

        Raises:
            TypeError: a step or a time is not a number.
            ValueError: a step is not whole or a time not finite; or the tag belongs to another dashboard.
        """
        wall_time, step = self.when(where, tag, global_step, walltime)
        for one in (tag, *more_tags):
            owner = self._dashboards.get(one)
            if owner is None:
                self._dashboards[check_tag(where, one)] = dashboard
            elif owner != dashboard:
                advice = "TensorBoard shows one kind for each tag; choose another name"
                raise ValueError(f"{where}: tag {one!r} of this run already belongs to {owner}: {advice}")
            if step < self._last_steps.get(one, step):
                self._warn_of_a_step_back(where, one, step)
            self._last_steps[one] = step
        return wall_time, step

    def when(self, where: str, tag: str, global_step: object, walltime: object) -> tuple[float, int]:
        """Wall time and step, as `moment` gives them, of an event that belongs to no tag."""
        if global_step is None:
            global_step = self._step
        if walltime is None:
            walltime = self._wall_time
        step = global_step if type(global_step) is int and global_step in INT64 else check_step(where, tag, global_step)
        return time.time() if walltime is None else check_wall_time(where, tag, walltime), step

    def _warn_of_a_step_back(self, where: str, tag: str, step: int) -> None:
        """Warn once for each tag; a run that is resumed on purpose says so by ``purge_step``."""
        if tag not in self._went_back:
            self._went_back.add(tag)
            order = f"step {step} follows step {self._last_steps[tag]}"
            advice = "steps must not go back: TensorBoard drops the points that it already has from there on"
            warn(f"{where}: tag {tag!r}: {order}; {advice}")

    def newest_step(self, tag: str) -> object:
        """The step of what belongs to the newest event of a tag: that of `defaults`, or the tag's last; or None."""
        return self._last_steps.get(tag) if self._step is None else self._step

    @contextlib.contextmanager
    def defaults(self, global_step: object, walltime: object) -> Iterator[None]:
        """Within the block, the step and the time of events that name none; None leaves them as they were."""
        before = self._step, self._wall_time
        if global_step is not None:
            self._step = check_step("use_metadata", "", global_step)
        if walltime is not None:
            self._wall_time = check_wall_time("use_metadata", "", walltime)
        try:
            yield
        finally:
            self._step, self._wall_time = before
