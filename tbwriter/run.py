"""A run as the writer's methods see it: the one object that all of them reach through."""

from typing import Any

from tbwriter.files.event_file import Deferred
from tbwriter.files.run_files import RunFiles
from tbwriter.messages.encode import summary_event
from tbwriter.summaries.custom_scalars import CustomScalars
from tbwriter.summaries.hparams import Sessions
from tbwriter.tags import Tags


class Run(RunFiles):
    """The files of a run, and what the writer has to remember of what it wrote there.

    Args:
        arguments: as for `RunFiles`.
        options: as for `RunFiles`.

    Attributes:
        tags: which dashboard shows each tag, and its last step.
        sessions: the sets of hyperparameters.
        custom_scalars: the charts that each draw several tags.

    Example:
        >>> run = Run("runs/one", write_to_disk=False)
        >>> run.add_summary("add_text", "text", "note", b"", global_step=3, walltime=None)
        >>> run.tags.newest_step("note")
        3
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.tags = Tags()
        self.sessions = Sessions()
        self.custom_scalars = CustomScalars()

    def add_summary(
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
            where: the method at work, for messages.
            dashboard: the plugin that shows the summary.
            tag: the tag of the summary.
            summary: a serialised Summary, or a function that the I/O thread calls to get one.
            global_step: as the caller gave it.
            walltime: as the caller gave it.
            size: about how many bytes a function keeps in memory.

        Raises:
            TypeError, ValueError: as `Tags.moment`.
        """
        wall_time, step = self.tags.moment(where, dashboard, tag, global_step, walltime)
        if isinstance(summary, bytes):
            self.add(summary_event(wall_time, step, summary))
        else:
            self.add(lambda: summary_event(wall_time, step, summary()), size)
