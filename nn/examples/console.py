"""What an example says while it trains: a progress bar on a terminal, plain lines in a pipe, tables at the end."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

__all__ = ["Console", "Options", "Report", "Table"]


@dataclass(frozen=True)
class Options:
    """What every example can be told."""

    log_dir: Path
    """The run's directory."""
    epochs: int | None = None
    """Passes over the data; None for the example's own number."""
    lr: float | None = None
    """The learning rate; None for the example's own."""
    seed: int = 0
    """Of the initial weights, the order of the data and the split."""
    seeds: int = 1
    """How many runs to judge by, with seeds from `seed` on; the first one is logged."""
    quiet: bool = False
    """Say nothing but the results."""


@dataclass(frozen=True)
class Table:
    """A small table of results."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        cells = [list(self.header), *([str(cell) for cell in row] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = [
            "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells
        ]
        return "\n".join(
            [self.title, *(f"  {line}" for line in [lines[0], "  ".join("-" * w for w in widths), *lines[1:]])]
        )


@dataclass(frozen=True)
class Report:
    """What an example ends with."""

    tables: list[Table]
    log_dir: Path
    figures: dict[str, Any] = field(default_factory=dict)
    """The numbers behind the tables, by name."""


class Console:
    """Where an example writes.

    Args:
        quiet: show no progress.
        stream: where to; standard error, so that the results alone go to standard output.
    """

    def __init__(self, quiet: bool = False, stream: TextIO | None = None) -> None:
        self.quiet = quiet
        self.stream = sys.stderr if stream is None else stream

    def say(self, text: str) -> None:
        """One line, unless quiet."""
        if not self.quiet:
            print(text, file=self.stream, flush=True)

    def progress(self, label: str, total: int) -> Iterator[Progress]:
        """`for epoch in console.progress("xor", 100)`: counts, and shows what `epoch.note` was given."""
        bar = self._bar(label, total)
        for number in range(total):
            step = Progress(number, total)
            yield step
            if bar is not None:
                if step.text:
                    bar.set_postfix_str(step.text, refresh=False)
                bar.update()
            elif (number + 1) % max(1, total // 5) == 0:
                self.say(f"{label}: epoch {number + 1} of {total}, {step.text}")
        if bar is not None:
            bar.close()

    def _bar(self, label: str, total: int) -> Any:
        """tqdm's bar on a terminal, where it is installed; else None, and plain lines tell the same."""
        if self.quiet or not self.stream.isatty():
            return None
        try:
            from tqdm import tqdm
        except ImportError:
            return None
        return tqdm(total=total, desc=label, unit="epoch", file=self.stream, leave=True)


class Progress:
    """One round of a progress loop."""

    def __init__(self, number: int, total: int) -> None:
        self.number = number
        self.last = number == total - 1
        self.text = ""

    def note(self, **figures: float) -> None:
        """Figures to be shown beside the bar."""
        self.text = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
