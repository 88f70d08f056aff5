"""What an example says while it trains: a progress bar on a terminal, plain lines in a pipe, tables at the end."""

from __future__ import annotations

import os
import re
import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

__all__ = ["Console", "Options", "Report", "Table", "counted", "fitted"]


@dataclass(frozen=True)
class Options:
    """The options that every example has."""

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
    quick: bool = False
    """A small run of seconds, which shows that everything works."""
    resume: bool = False
    """Go on with the run in `log_dir`."""
    env: str | None = None
    """The environment to learn in; None for the usual one."""


@dataclass(frozen=True)
class Table:
    """A small table of results; where the columns do not fit side by side, each row becomes a block of its own."""

    title: str
    header: Sequence[str]
    rows: Sequence[Sequence[str]]

    def text(self, width: float = float("inf")) -> str:
        """The table in lines of at most `width` characters."""
        cells = [list(self.header), *([str(cell) for cell in row] for row in self.rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        if sum(widths) + 2 * len(widths) <= width:
            lines = ["  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in cells]
            lines.insert(1, "  ".join("-" * w for w in widths))
        else:
            lines = [line for row in cells[1:] for line in self._block(row, int(width) - 2)]
        return "\n".join([*_wrapped(self.title, width), *(f"  {line}".rstrip() for line in lines)])

    def _block(self, row: Sequence[str], width: int) -> list[str]:
        """One row, a line for each of its columns, with an empty line before it; a single column needs no name."""
        names = self.header if len(self.header) > 1 else [""]
        margin = min(max(map(len, names)) + 2, 2 * width // 3) if len(self.header) > 1 else 0
        lines = [""]
        for name, cell in zip(names, row, strict=True):
            if not cell and margin:  # nothing is said of it
                continue
            lines += _wrapped(cell, width, f"{name.ljust(margin - 2)}  " if margin else "", " " * margin)
        return lines

    def __str__(self) -> str:
        return self.text(_columns())


def _wrapped(text: str, width: float, first: str = "", others: str = "") -> list[str]:
    if len(first) + len(text) <= width:
        return [first + text]
    return textwrap.wrap(text, max(int(width), 1), initial_indent=first, subsequent_indent=others) or [first]


def fitted(text: str) -> str:
    """Lines that fit into the terminal: what goes on stands below where its column began, where there is room."""
    width = _columns()
    lines: list[str] = []
    for line in text.splitlines():
        column = re.match(r" *(\S+ {2,})?", line)
        begins = column.end() if column and column.end() <= width / 2 else 4
        lines += _wrapped(line, width, others=" " * begins)
    return "\n".join(lines)


def _columns() -> float:
    """The width of the terminal that the results go to, or what COLUMNS says; a file or a pipe has no width."""
    if os.environ.get("COLUMNS", "").isdigit() or (sys.stdout is not None and sys.stdout.isatty()):
        return shutil.get_terminal_size().columns
    return float("inf")


@dataclass(frozen=True)
class Report:
    """What an example ends with."""

    tables: list[Table]
    log_dir: Path
    figures: dict[str, Any] = field(default_factory=dict)
    """The numbers behind the tables, by name."""


def counted(count: int, noun: str) -> str:
    """A number and what it counts: `1 seed`, `2 seeds`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


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

    def progress(self, label: str, total: int, start: int = 0) -> Iterator[Progress]:
        """`for epoch in console.progress("xor", 100)`: counts, and shows what `epoch.note` was given."""
        bar = self._bar(label, total, start)
        for number in range(start, total):
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

    def _bar(self, label: str, total: int, start: int) -> Any:
        """tqdm's bar on a terminal, where it is installed; else None, and plain lines tell the same."""
        if self.quiet or not self.stream.isatty():
            return None
        try:
            from tqdm import tqdm
        except ImportError:
            return None
        return tqdm(total=total, initial=start, desc=label, unit="epoch", file=self.stream, leave=True)


class Progress:
    """One round of a progress loop."""

    def __init__(self, number: int, total: int) -> None:
        self.number = number
        self.last = number == total - 1
        self.text = ""

    def note(self, **figures: float) -> None:
        """Figures to be shown beside the bar."""
        self.text = ", ".join(f"{name} {value:.4g}" for name, value in figures.items())
