"""The logging of a training: which values are kept, averaged and written (`Logbook`), and where to (`RunWriter`)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nn.training.records import Means, nearest, number, size_of

__all__: list[str] = []


class RunWriter:
    """The folder of a run and its writer, each made when it is first asked for.

    Args:
        logger: a writer, a class or function that makes one of a folder, or None or False for none.
        root: where runs are put.

    Attributes:
        folder: the folder of this run; None until it is made.
        purge_step: the step that a writer made next goes on from; None for a beginning.
        main: whether this process writes; others have no writer.
        written: the latest value that was written of each metric.
    """

    def __init__(self, logger: Any, root: Path) -> None:
        self._makes = logger if callable(logger) else None
        self._writer = None if callable(logger) else logger or None
        self.root = root
        self.folder: Path | None = None
        self.purge_step: int | None = None
        self.main = True
        self.written: dict[str, float] = {}

    @property
    def logger(self) -> Any:
        """The writer; None if there is none."""
        if not self.main:
            return None
        if self._writer is None and self._makes is not None:
            purge = {} if self.purge_step is None else {"purge_step": self.purge_step}
            self._writer = self._makes(str(self.log_dir), **purge)
            self.purge_step = None
        return self._writer

    @property
    def log_dir(self) -> Path:
        """The folder of this run, `version_N`; it is made when it is first asked for."""
        number = 0
        while self.folder is None:
            folder = self.root / f"version_{number}"
            number += 1
            if not folder.exists():
                try:
                    folder.mkdir(parents=True)
                except FileExistsError:  # another run was quicker
                    continue
                self.folder = folder
        return self.folder

    def write(self, name: str, value: float, step: int) -> None:
        """Write one number, if there is a writer."""
        writer = self.logger
        if writer is not None:
            self.require_open()
            self.written[name] = value
            writer.add_scalar(name, value, step)

    def write_hyperparameters(self, kept: Mapping[str, Any], ended: bool) -> None:
        """Write what the run was made with and, if it has ended, its result: the latest value of each metric."""
        writer: Any = self.logger if kept else None
        if hasattr(writer, "add_hparams") and not _is_closed(writer):
            result = {tag: value for tag, value in self.written.items() if not tag.endswith("_step")}
            writer.add_hparams(_flat(kept), result if ended else {})

    def require_open(self) -> None:
        """Refuse a writer that was closed.

        Raises:
            RuntimeError: it was.
        """
        if self._writer is not None and _is_closed(self._writer):
            kind = type(self._writer).__name__
            raise RuntimeError(
                f"Trainer: the logger is closed; give a {kind} that is open, or the class: logger={kind}"
            )

    def flush(self) -> None:
        """Leave what was written on the disk."""
        if self._writer is not None and hasattr(self._writer, "flush") and not _is_closed(self._writer):
            self._writer.flush()

    def end(self) -> None:
        """Leave everything on the disk; a writer that was made here is closed."""
        if self._writer is not None and not _is_closed(self._writer):
            end = "flush" if self._makes is None else "close"
            getattr(self._writer, end, lambda: None)()
        if self._makes is not None:
            self._writer = None


class Logbook:
    """The metrics of a training.

    Args:
        writer: takes what is written.
        add_up: the sums and counts of all processes.

    Attributes:
        latest: the latest value of every metric.
        fresh: the names of those that were logged in this epoch.
        means: the means that are being taken, of this process's batches.
        totals: those that were logged last, of all processes, and what was logged by itself since.
        step: the step under which values are written.
        batch: the batch that is at work; None between batches.
    """

    def __init__(
        self, writer: RunWriter, add_up: Callable[[dict[str, list[Any]]], dict[str, list[Any]]] = dict
    ) -> None:
        self.writer = writer
        self._add_up = add_up
        self.latest: dict[str, float] = {}
        self.fresh: set[str] = set()
        self.means = Means()
        self.totals: dict[str, float] = {}
        self.step = 0
        self.batch: Any = None
        self._bar_names: dict[str, None] = {}
        self._unwritten: set[str] = set()

    def log(
        self,
        name: str,
        value: Any,
        *,
        by_step: bool,
        by_epoch: bool,
        write_step: bool,
        prog_bar: bool = False,
        logger: bool = True,
        batch_size: int | None = None,
        reduce_fx: str = "mean",
    ) -> None:
        """Log a number of the batch at work: the value itself (`by_step`), its mean (`by_epoch`), or both."""
        plain = number(name, value)
        if prog_bar:
            self._bar_names[name] = None
        if by_step:
            tag = f"{name}_step" if by_epoch else name
            self.latest[name] = self.latest[tag] = plain
            self.fresh.add(name)
            if logger and write_step:
                self.writer.write(tag, plain, self.step)
        if by_epoch:
            tag = f"{name}_epoch" if by_step else name
            self.means.add(tag, plain, size_of(self.batch) if batch_size is None else batch_size, reduce_fx)
            if not logger:
                self._unwritten.add(tag)

    def log_scalar(self, name: str, value: Any, logger: bool = True) -> None:
        """Log one number now, whatever the moment."""
        self.latest[name] = self.totals[name] = plain = number(name, value)
        self.fresh.add(name)
        if logger:
            self.writer.write(name, plain, self.step)

    def log_means(self) -> None:
        """Log the means, after the last batch."""
        self.batch = None
        total = Means()
        total.sums = self._add_up(self.means.sums)
        means, self.totals = total.values(), {}
        for tag, value in means.items():
            self.log_scalar(tag, value, logger=tag not in self._unwritten)
            name = tag.removesuffix("_epoch")
            if name != tag and f"{name}_step" in self.latest:
                self.log_scalar(name, value, logger=False)

    def of_epoch(self) -> dict[str, float]:
        """The metrics that were logged in this epoch, each under its own name alone."""
        return {
            name: self.latest[name]
            for name in self.latest
            if name in self.fresh and not name.endswith(("_step", "_epoch"))
        }

    def of_progress_bar(self) -> dict[str, float]:
        """The metrics that were logged with `prog_bar=True`."""
        return {name: self.latest[name] for name in self._bar_names if name in self.latest}

    def monitored(self, name: str, owner: str, *, awaited: bool) -> float | None:
        """The value of a metric that was logged in this epoch; None if it is known, or awaited, and was not.

        Raises:
            ValueError: nothing logs it.
        """
        if name in self.fresh:
            return self.latest[name]
        if name in self.latest or awaited:
            return None
        raise ValueError(
            f"{owner}: monitor must be a metric that was logged, got {name!r}{nearest(name, self.latest)}; "
            f"logged are {sorted(self.latest)}"
        )


def _flat(kept: Mapping[str, Any], place: str = "") -> dict[str, Any]:
    """Hyperparameters as every writer takes them: numbers and texts, the entries of a dict by name/name."""
    flat: dict[str, Any] = {}
    for name, value in kept.items():
        if isinstance(value, Mapping):
            flat |= _flat(value, f"{place}{name}/")
        elif value is not None:
            flat[f"{place}{name}"] = value if isinstance(value, bool | int | float | str) else str(value)
    return flat


def _is_closed(writer: Any) -> bool:
    """Whether a writer was closed: TensorBoard's let go of their `file_writer`, others say `closed`."""
    return getattr(writer, "file_writer", writer) is None or bool(getattr(writer, "closed", False))
